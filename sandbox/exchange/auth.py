"""API keys and who may use them. L1: the wallet signs a message. L2: the key's secret signs each request.

Source: https://docs.polymarket.com/api-reference/authentication"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from eth_utils.address import is_hex_address, to_checksum_address

from sandbox.exchange.refusals import BAD_KEY, BAD_LOGIN, Refusal
from sandbox.exchange.signing import login_signer
from sandbox.noise import hex_id

_MAX_SKEW_S = 300


class Key(NamedTuple):
    address: str  # of the signer, not of the wallet that pays
    nonce: int
    key: str
    secret: str
    passphrase: str


class Keys:
    """All keys given out. A key is a function of the seed, the address, the nonce and how often it was made anew."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._of_login: dict[tuple[str, int], Key] = {}
        self._by_key: dict[str, Key] = {}
        self.builders: dict[str, Key] = {}  # by key: these pay for relayed transactions
        self._deleted: dict[tuple[str, int], int] = {}

    def create(self, address: str, nonce: int) -> Key:
        """One live key per address and nonce. A second asks for the first: that is what `derive` is for."""
        if (address, nonce) in self._of_login:
            raise Refusal("Could not create api key")
        key = self._drawn(address, nonce)
        self._of_login[address, nonce] = self._by_key[key.key] = key
        return key

    def derive(self, address: str, nonce: int) -> Key:
        if (address, nonce) not in self._of_login:
            raise Refusal("Could not derive api key!")
        return self._of_login[address, nonce]

    def of(self, address: str) -> list[Key]:
        return [key for key in self._by_key.values() if key.address == address]

    def delete(self, key: Key) -> str:
        place = key.address, key.nonce
        self._deleted[place] = self._deleted.get(place, 0) + 1
        del self._by_key[key.key], self._of_login[place]
        return "OK"

    def logged_in(self, headers: Mapping[str, str], now_s: float) -> tuple[str, int]:
        """Address and nonce of an L1 request. Raises Refusal, 401."""
        try:
            address, nonce = to_checksum_address(headers["POLY_ADDRESS"]), int(headers["POLY_NONCE"])
            signature, timestamp = bytes.fromhex(headers["POLY_SIGNATURE"].removeprefix("0x")), headers["POLY_TIMESTAMP"]
            fresh = nonce >= 0 and _is_fresh(timestamp, now_s)
        except (KeyError, ValueError, TypeError) as error:
            raise Refusal(BAD_LOGIN, 401) from error
        if not fresh or login_signer(address, timestamp, nonce, signature) != address:
            raise Refusal(BAD_LOGIN, 401)
        return address, nonce

    def signed_in(self, headers: Mapping[str, str], now_s: float, method: str, path: str, body: bytes) -> Key:
        """The key an L2 request is signed with. Raises Refusal, 401, and does not say what was wrong."""
        key = self._by_key.get(headers.get("POLY_API_KEY", ""))
        timestamp = headers.get("POLY_TIMESTAMP", "")
        if key is None or not _is_fresh(timestamp, now_s):
            raise Refusal(BAD_KEY, 401)
        expected = request_signature(key.secret, timestamp, method, path, body)
        owned = is_hex_address(headers.get("POLY_ADDRESS", "")) and to_checksum_address(headers["POLY_ADDRESS"]) == key.address
        known = _same(headers.get("POLY_PASSPHRASE", ""), key.passphrase)
        if not (_same(headers.get("POLY_SIGNATURE", ""), expected) and known and owned):
            raise Refusal(BAD_KEY, 401)
        return key

    def relayer_key(self, address: str) -> str:
        """The venue's website gives one to each wallet's owner."""
        return hex_id(32, self._seed, "relayer", address.lower())[2:]

    def create_builder(self, address: str) -> Key:
        key = self._drawn(address, -1 - len(self.builders))
        self.builders[key.key] = key
        return key

    def builders_of(self, address: str) -> list[Key]:
        return [key for key in self.builders.values() if key.address == address]

    def opened_with(self, key: str, secret: str, passphrase: str) -> Key | None:
        """A websocket is told the key itself."""
        found = self._by_key.get(key)
        return found if found and _same(secret, found.secret) and _same(passphrase, found.passphrase) else None

    def _drawn(self, address: str, nonce: int) -> Key:
        def drawn(part: str) -> bytes:
            made = self._deleted.get((address, nonce), 0)
            return hashlib.sha256(f"{self._seed}:{part}:{address}:{nonce}:{made}".encode()).digest()

        secret = base64.urlsafe_b64encode(drawn("secret")).decode()
        return Key(address, nonce, str(UUID(bytes=drawn("key")[:16])), secret, drawn("passphrase").hex())


def request_signature(secret: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """What POLY_SIGNATURE must say: HMAC-SHA256 over time, method, path without query, and body as sent."""
    digest = hmac.new(base64.urlsafe_b64decode(secret), f"{timestamp}{method}{path}".encode() + body, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _is_fresh(timestamp: str, now_s: float) -> bool:
    return timestamp.isascii() and timestamp.isdecimal() and abs(int(timestamp) - now_s) <= _MAX_SKEW_S


def _same(one: str, other: str) -> bool:
    """In constant time: how long a no takes tells nothing about the secret."""
    return hmac.compare_digest(one.encode(), other.encode())
