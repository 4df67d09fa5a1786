"""What the curve and the pool of a coin saw, from its launch on, by the cheapest way there is; what it cost is said in credits.

The stream of a node (`getTransactionsForAddress`) is Helius' and not on every plan. Where it is missing, Helius' enhanced history is read
from its first page on, if a key is set; without one, all signatures are listed down to the oldest, and the first are asked for one by one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.listing import COMMITMENT, list_signatures
from adapters.feeds.solana.rpc import NodeRefused, SolanaRpc
from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION, read_page
from adapters.feeds.solana.values import Fault
from data_contracts.errors import Refused, Unavailable
from domain.solana.transactions import ChainTransaction

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
A_PAGE = 100  # of whole transactions: some plans grant 1,000, every plan this
MOST_PAGES = 30  # of 1,000 signatures each, on the way back to a launch
STREAM = "getTransactionsForAddress"
BY_STREAM, BY_HISTORY, BY_PAGING = "one stream", "Helius' history", "paging back to the launch"
Found = tuple[list[ChainTransaction], bool, int]  # the transactions, whether the first is among them, and how many could not be read
log = logging.getLogger("walletflow.launches")


@dataclass(frozen=True, slots=True)
class Stream:
    """The first transactions of some addresses in the chain's order. `has_begin`: the very first are among them."""

    transactions: tuple[ChainTransaction, ...]
    has_begin: bool
    unread: int
    way: str
    credits: int

    @property
    def in_words(self) -> str:
        """How it was read, and what that cost."""
        missing = "" if self.has_begin else "; its launch lies further back than that"
        unread = f", {self.unread} could not be read" if self.unread else ""
        return f"{len(self.transactions)} transactions by {self.way} for {self.credits} credits{unread}{missing}"


class LaunchStreams:
    """Of one node, and of Helius where a key of it is set. Which ways there are is learned once."""

    def __init__(self, rpc: SolanaRpc, history: HeliusHistory | None = None) -> None:
        self._rpc, self._history, self._transactions = rpc, history, Transactions(rpc)
        self._has_stream = True

    def first_of(self, addresses: Sequence[str], most: int) -> Stream:
        """At most so many of each address. Raises Unavailable."""
        before = self._credits
        found = {address: self._one(address, most) for address in dict.fromkeys(addresses)}
        merged = {read.signature: read for (rows, _, _), _ in found.values() for read in rows}
        ordered = sorted(merged.values(), key=lambda read: (read.slot or 0, read.index or 0))
        ways = ", then ".join(dict.fromkeys(way for _, way in found.values()))
        has_begin, unread = all(begun for (_, begun, _), _ in found.values()), sum(lost for (_, _, lost), _ in found.values())
        return Stream(tuple(ordered), has_begin, unread, ways, self._credits - before)

    @property
    def _credits(self) -> int:
        return self._rpc.credits + (self._history.credits if self._history else 0)

    def _one(self, address: str, most: int) -> tuple[Found, str]:
        if self._has_stream:
            try:
                return self._streamed(address, most), BY_STREAM
            except NodeRefused as error:
                log.warning("no stream here (%s)", error)
                self._has_stream = False
        if self._history is not None:
            try:
                return self._told(self._history, address, most), BY_HISTORY
            except (Refused, Unavailable) as error:
                log.warning("no history of %s (%s): paging back instead", address, error)
        return self._paged(address, most), BY_PAGING

    def _told(self, history: HeliusHistory, address: str, most: int) -> Found:
        rows: list[ChainTransaction] = []
        unread = 0
        for page in history.oldest_first(address):
            rows += [one for one in page if isinstance(one, ChainTransaction) and one.error is None]
            unread += sum(not isinstance(one, ChainTransaction) for one in page)
            if len(rows) >= most:
                break
        return rows[:most], True, unread

    def _streamed(self, address: str, most: int) -> Found:
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

    def _paged(self, address: str, most: int) -> Found:
        listed = list_signatures(self._rpc, [address], BEGINNING, MOST_PAGES, {}, None)
        seen = [one for one in reversed(listed.rows.get(address, [])) if one.error is None][:most]
        read: dict[str, object] = {}
        for some in self._transactions.some([one.signature for one in seen]):
            read |= some
        rows = [one for one in read.values() if isinstance(one, ChainTransaction)]
        return rows, address not in listed.unread, len(read) - len(rows)
