"""What Helius tells of an address over REST: its transactions, read by Helius itself ("enhanced"), either way in time.

It costs ten times what the stream of a node costs, and is on every plan. Source:
https://www.helius.dev/docs/api-reference/enhanced-transactions/gettransactionsbyaddress
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.values import Fault, items, table, text
from data_contracts.errors import Unavailable
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
        self.calls += 1
        options = {"limit": A_PAGE, "commitment": COMMITMENT, "api-key": self._key.get_secret_value()}
        try:
            return items(self._api.get(path, {**asked, **options}), "the transactions")
        except Fault as error:
            raise Unavailable(f"{path}: {error}") from error

    def _signature(self, path: str, row: Any) -> str:
        try:
            return text(table(row, "a transaction").get("signature"), "the signature")
        except Fault as error:
            raise Unavailable(f"{path}: {error}") from error
