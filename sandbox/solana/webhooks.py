"""Webhooks at Helius: made, listed, replaced, switched and deleted, as its API has them.

Source: https://www.helius.dev/docs/api-reference/webhooks"""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.solana.keys import address, key
from sandbox.wire import Json

MOST_ADDRESSES = 100_000
HERE = ("127.0.0.1", "localhost")  # a world that is made up posts to nobody else
KINDS = ("enhanced", "raw", "discord", "enhancedDevnet", "rawDevnet", "discordDevnet")
STATUSES = ("all", "success", "failed")
TYPES = ("ANY", "SWAP", "TRANSFER", "UNKNOWN")


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, error: str, details: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.row: Json = {"error": error, "code": status} | ({"details": details} if details else {})


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    url: str
    types: tuple[str, ...]
    addresses: frozenset[str]
    kind: str
    auth_header: str
    status: str
    encoding: str
    active: bool = True

    def row(self) -> Json:
        return {
            "webhookID": self.id,
            "wallet": address("helius", "wallet"),
            "project": "sandbox",
            "webhookURL": self.url,
            "transactionTypes": list(self.types),
            "accountAddresses": sorted(self.addresses),
            "webhookType": self.kind,
            "authHeader": self.auth_header,
            "txnStatus": self.status,
            "encoding": self.encoding,
            "active": self.active,
        }


class Webhooks:
    """By id, in the order in which they were made."""

    def __init__(self) -> None:
        self.all: dict[str, Webhook] = {}
        self._made = 0

    def create(self, body: Any, most: int) -> Webhook:
        if len(self.all) >= most:
            raise Refused(400, "reached webhook limit", f"the plan allows {most}")
        webhook = _read(body, address("webhook", self._made)[:36].lower())
        self._made += 1
        self.all[webhook.id] = webhook
        return webhook

    def get(self, id_: str) -> Webhook:
        if id_ not in self.all:
            raise Refused(404, f"webhook not found: {id_}")
        return self.all[id_]

    def put(self, id_: str, body: Any) -> Webhook:
        """Replaces all of it: what is not named is not kept."""
        self.all[id_] = replace(_read(body, id_), active=self.get(id_).active)
        return self.all[id_]

    def switch(self, id_: str, body: Any) -> Webhook:
        if not isinstance(body, dict) or not isinstance(body.get("active"), bool):
            raise Refused(400, "active must be true or false")
        self.all[id_] = replace(self.get(id_), active=body["active"])
        return self.all[id_]

    def delete(self, id_: str) -> None:
        self.get(id_)
        del self.all[id_]


def _read(body: Any, id_: str) -> Webhook:
    if not isinstance(body, dict):
        raise Refused(400, "invalid request body")
    return Webhook(
        id=id_,
        url=_url(body.get("webhookURL")),
        types=tuple(_listed(body, "transactionTypes", TYPES)),
        addresses=frozenset(_addresses(body.get("accountAddresses"))),
        kind=_one_of(body, "webhookType", KINDS),
        auth_header=str(body.get("authHeader") or ""),
        status=_one_of(body, "txnStatus", STATUSES),
        encoding=str(body.get("encoding") or "jsonParsed"),
    )


def _url(value: Any) -> str:
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in ("http", "https") or parts.hostname not in HERE:
        raise Refused(400, "webhookURL must be an address on this machine", "the sandbox posts to nobody else")
    return str(value)


def _listed(body: Json, name: str, known: tuple[str, ...]) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise Refused(400, f"{name} must be an array of strings")
    if unknown := [one for one in value if one not in known]:
        raise Refused(400, f"invalid {name}: {unknown[0]}")
    return value


def _addresses(value: Any) -> list[str]:
    if not isinstance(value, list) or not value or len(value) > MOST_ADDRESSES:
        raise Refused(400, f"accountAddresses must be an array of 1 to {MOST_ADDRESSES} addresses")
    for one in value:
        try:
            key(one)
        except (ValueError, TypeError):
            raise Refused(400, f"invalid account address: {one!r:.60}") from None
    return value


def _one_of(body: Json, name: str, choices: tuple[str, ...]) -> str:
    """The first is the default."""
    value = body.get(name) or choices[0]
    if value not in choices:
        raise Refused(400, f"{name} must be one of {', '.join(choices)}")
    return str(value)
