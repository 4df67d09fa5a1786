"""Webhooks at Helius: listed, made, replaced as a whole, switched on and off, deleted. What for: domain/solana/webhook_plan.py.

Source: https://www.helius.dev/docs/api-reference/webhooks
"""

from typing import Any

from pydantic import SecretStr

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.values import Fault, Json, items, table, text
from data_contracts.errors import Unavailable
from domain.solana.webhook_plan import Change, Webhook

PATH = "/v0/webhooks"


class HeliusWebhooks:
    """Of one account, by its key. Each call costs 100 credits."""

    def __init__(self, api: JsonApi, key: SecretStr) -> None:
        self._api, self._key = api, key

    def listed(self) -> list[Webhook]:
        """All of the account's, whoever made them. Raises Unavailable, Refused."""
        answer = self._api.get(PATH, self._parameters)
        try:
            return [_webhook(table(row, "a webhook")) for row in items(answer, "the webhooks")]
        except Fault as error:
            raise Unavailable(f"{self._api.base_url}{PATH}: {error}") from error

    def carry_out(self, change: Change) -> None:
        """One call. A creation whose answer is lost is not tried again: the next look shows whether it is there."""
        one = change.webhook
        match change.call:
            case "create":
                self._api.send_once("POST", PATH, _body(one), self._parameters)
            case "replace":
                self._api.send("PUT", f"{PATH}/{one.id}", _body(one), self._parameters)
            case "switch on":
                self.switch(one.id, True)
            case "delete":
                self._api.send("DELETE", f"{PATH}/{one.id}", None, self._parameters)

    def switch(self, id_: str, is_active: bool) -> None:
        self._api.send("PATCH", f"{PATH}/{id_}", {"active": is_active}, self._parameters)

    @property
    def _parameters(self) -> Json:
        return {"api-key": self._key.get_secret_value()}


def _body(webhook: Webhook) -> Json:
    """The whole of it: what is left out would be lost."""
    return {
        "webhookURL": webhook.url,
        "transactionTypes": list(webhook.types),
        "accountAddresses": sorted(webhook.addresses),
        "webhookType": webhook.kind,
        "txnStatus": webhook.status,
        "authHeader": webhook.auth_header,
        "encoding": "json",
    }


def _webhook(row: Json) -> Webhook:
    return Webhook(
        id=text(row.get("webhookID"), "webhookID"),
        url=text(row.get("webhookURL"), "webhookURL"),
        addresses=frozenset(_texts(row.get("accountAddresses"), "accountAddresses")),
        kind=text(row.get("webhookType"), "webhookType"),
        types=tuple(_texts(row.get("transactionTypes"), "transactionTypes")),
        status=str(row.get("txnStatus") or "all"),
        auth_header=str(row.get("authHeader") or ""),
        is_active=row.get("active") is not False,
    )


def _texts(value: Any, name: str) -> list[str]:
    return [text(one, name) for one in items(value, name)]
