"""What Helius tells of an address over REST: its transactions, read by Helius itself ("enhanced"), and who paid it first.

Transactions cost ten times what the stream of a node costs, and are on every plan.
Source: https://www.helius.dev/docs/api-reference/enhanced-transactions, https://www.helius.dev/docs/wallet-api
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from adapters.feeds.json_api import JsonApi, NotFound
from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.values import Fault, Json, digits, instant, items, table, text, text_or_empty
from data_contracts.errors import Unavailable
from domain.solana.first_funders import FirstFunder
from domain.solana.transactions import ChainTransaction, Unreadable

A_PAGE = 100  # transactions, the most it gives in one answer
CREDITS_A_CALL = 100
Page = list[ChainTransaction | Unreadable]


class HeliusHistory:
    """Of one account, by its key."""

    def __init__(self, api: JsonApi, key: SecretStr) -> None:
        self._api, self._key = api, key
        self.calls = 0

    @property
    def credits(self) -> int:
        """What was asked so far costs."""
        return self.calls * CREDITS_A_CALL

    def oldest_first(self, address: str) -> Iterator[Page]:
        """Page after page from the address' first transaction on, failed ones among them. Raises Unavailable, Refused."""
        return self._pages(address, {"sort-order": "asc"}, "after-signature")

    def newest_first(self, address: str, first: datetime, last: datetime) -> Iterator[Page]:
        """The same of what happened from `first` to `last`, the newest first."""
        bounds = {"gte-time": int(first.timestamp()), "lte-time": int(last.timestamp())}
        return self._pages(address, {"sort-order": "desc"} | bounds, "before-signature")

    def funded_by(self, wallet: str) -> FirstFunder | None:
        """None for a wallet that nobody paid as far as Helius' history goes back, which is nothing unusual. Raises Unavailable, Refused."""
        path = f"/v1/wallet/{wallet}/funded-by"
        try:
            return _first_funder(wallet, table(self._asked(path, {}), "the first payment"))
        except NotFound:
            return None
        except Fault as error:
            raise Unavailable(f"{path}: {error}") from error

    def _pages(self, address: str, asked: Mapping[str, Any], onward: str) -> Iterator[Page]:
        path, place = f"/v0/addresses/{address}/transactions", ""
        while True:
            rows = self._rows(path, {**asked, **({onward: place} if place else {})})
            yield [read_enhanced(row) for row in rows]
            if len(rows) < A_PAGE:
                return
            last = self._signature(path, rows[-1])
            if last == place:
                raise Unavailable(f"{path}: its next page is the one it has just given")
            place = last

    def _rows(self, path: str, asked: Mapping[str, Any]) -> list[Any]:
        try:
            return items(self._asked(path, {**asked, "limit": A_PAGE, "commitment": COMMITMENT}), "the transactions")
        except Fault as error:
            raise Unavailable(f"{path}: {error}") from error

    def _asked(self, path: str, parameters: Mapping[str, Any]) -> Any:
        self.calls += 1
        return self._api.get(path, {**parameters, "api-key": self._key.get_secret_value()})

    def _signature(self, path: str, row: Any) -> str:
        try:
            return text(table(row, "a transaction").get("signature"), "the signature")
        except Fault as error:
            raise Unavailable(f"{path}: {error}") from error


def _first_funder(wallet: str, row: Json) -> FirstFunder:
    return FirstFunder(
        wallet=wallet,
        funder=text(row.get("funder"), "funder"),
        name=text_or_empty(row.get("funderName"), "funderName"),
        kind=text_or_empty(row.get("funderType"), "funderType"),
        mint=text(row.get("mint"), "mint"),
        raw=digits(row.get("amountRaw"), "amountRaw"),
        at=instant(row.get("timestamp"), "timestamp"),
        signature=text(row.get("signature"), "signature"),
    )
