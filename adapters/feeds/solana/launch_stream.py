"""What the curve and the pool of a coin saw, from its launch on: one ascending stream, or page by page from the newest back to the first.

The stream (`getTransactionsForAddress`) is Helius' and not on every plan; where a node does not have it, all signatures are listed down to
the oldest, and the first are asked for one by one. Either way it is said what it cost, in Helius' credits.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.listing import COMMITMENT, list_signatures
from adapters.feeds.solana.rpc import NodeRefused, SolanaRpc
from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION, read_page
from adapters.feeds.solana.values import Fault
from data_contracts.errors import Unavailable
from domain.solana.transactions import ChainTransaction

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
A_PAGE = 100  # of whole transactions: some plans grant 1,000, every plan this
MOST_PAGES = 30  # of 1,000 signatures each, on the way back to a launch
STREAM = "getTransactionsForAddress"
log = logging.getLogger("walletflow.launches")


@dataclass(frozen=True, slots=True)
class Stream:
    """The first transactions of some addresses in the chain's order. `has_begin`: the very first are among them."""

    transactions: tuple[ChainTransaction, ...]
    has_begin: bool
    unread: int
    by_stream: bool
    credits: int

    @property
    def in_words(self) -> str:
        """How it was read, and what that cost."""
        way = "one stream" if self.by_stream else "paging back to the launch"
        missing = "" if self.has_begin else "; its launch lies further back than that"
        unread = f", {self.unread} could not be read" if self.unread else ""
        return f"{len(self.transactions)} transactions by {way} for {self.credits} credits{unread}{missing}"


class LaunchStreams:
    """Of one node. Whether it has the method is learned once."""

    def __init__(self, rpc: SolanaRpc) -> None:
        self._rpc, self._transactions = rpc, Transactions(rpc)
        self._has_stream = True

    def first_of(self, addresses: Sequence[str], most: int) -> Stream:
        """At most so many of each address. Raises Unavailable."""
        before = self._rpc.credits
        found = [self._one(address, most) for address in dict.fromkeys(addresses)]
        merged = {read.signature: read for rows, _, _ in found for read in rows}
        ordered = sorted(merged.values(), key=lambda read: (read.slot or 0, read.index or 0))
        unread = sum(lost for _, _, lost in found)
        return Stream(tuple(ordered), all(begun for _, begun, _ in found), unread, self._has_stream, self._rpc.credits - before)

    def _one(self, address: str, most: int) -> tuple[list[ChainTransaction], bool, int]:
        if self._has_stream:
            try:
                return self._streamed(address, most)
            except NodeRefused as error:
                log.warning("no stream here (%s): paging back instead", error)
                self._has_stream = False
        return self._paged(address, most)

    def _streamed(self, address: str, most: int) -> tuple[list[ChainTransaction], bool, int]:
        options: dict[str, Any] = {
            "transactionDetails": "full",
            "sortOrder": "asc",
            "encoding": "json",
            "commitment": COMMITMENT,
            "maxSupportedTransactionVersion": MOST_RECENT_VERSION,
            "filters": {"status": "succeeded"},
        }
        rows: list[ChainTransaction] = []
        unread, token = 0, None
        while len(rows) < most:
            page = {"limit": min(A_PAGE, most - len(rows))} | ({"paginationToken": token} if token else {})
            read, following = self._page(address, options | page)
            rows += [one for one in read if isinstance(one, ChainTransaction)]
            unread += sum(not isinstance(one, ChainTransaction) for one in read)
            if following is None or not read:
                break
            if following == token:
                raise Unavailable(f"{STREAM}: its next page is the one it has just given")
            token = following
        return rows, True, unread

    def _page(self, address: str, asked: dict[str, Any]) -> tuple[Sequence[object], str | None]:
        try:
            return read_page(self._rpc.ask(STREAM, address, asked))
        except Fault as error:
            raise Unavailable(f"{STREAM}: {error}") from error

    def _paged(self, address: str, most: int) -> tuple[list[ChainTransaction], bool, int]:
        listed = list_signatures(self._rpc, [address], BEGINNING, MOST_PAGES, {}, None)
        seen = [one for one in reversed(listed.rows.get(address, [])) if one.error is None][:most]
        read: dict[str, object] = {}
        for some in self._transactions.some([one.signature for one in seen]):
            read |= some
        rows = [one for one in read.values() if isinstance(one, ChainTransaction)]
        return rows, address not in listed.unread, len(read) - len(rows)
