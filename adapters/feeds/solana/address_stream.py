"""Many transactions of one address in one call, where the node has it: read ahead of those who ask for them one by one.

`getTransactionsForAddress` is Helius' and not on every plan. Where a node does not have it, Helius' enhanced history brings a hundred in
one call as well, if a key is set: it costs as much as asking for a hundred one by one, so it is for wallets with many. What neither brings,
for whatever reason, is asked for as everywhere else.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.listing import COMMITMENT, Seen
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.rpc_transactions import MOST_RECENT_VERSION, read_page
from adapters.feeds.solana.values import Fault
from data_contracts.errors import Refused, Unavailable
from domain.solana.transactions import ChainTransaction

METHOD = "getTransactionsForAddress"
A_PAGE = 100  # whole transactions, for ten credits: some plans grant 1,000, every plan this
MANY = 10  # from so many on one page is cheaper than asking for each
MANY_OF_HISTORY = 50  # for a hundred credits: asked one by one they would take five of the ten seconds of a look
UNSUPPORTED_VERSION = -32015  # one transaction that is newer than we are loses its page: each by itself tells which one
log = logging.getLogger("walletflow.solana")


class AddressStream:
    """Of one node, and of Helius where a key of it is set. Whether the node has the method is learned once."""

    def __init__(self, rpc: SolanaRpc, transactions: Transactions, history: HeliusHistory | None = None) -> None:
        self._rpc, self._transactions, self._history = rpc, transactions, history
        self.is_there = True

    @property
    def credits(self) -> int:
        """What Helius' history has cost so far; what the node's own stream costs, the node counts."""
        return self._history.credits if self._history else 0

    def read_ahead(self, wanted: Sequence[Seen], is_over: Callable[[], bool]) -> None:
        """Of wallets with many transactions that nobody has read, until the time is over. Never raises."""
        unread: dict[str, list[datetime]] = {}
        for seen in wanted:
            if seen.error is None and seen.at is not None and not self._transactions.knows(seen.signature):
                unread.setdefault(seen.wallet, []).append(seen.at)
        for wallet, times in unread.items():
            first, last = min(times), max(times)
            if self.is_there and len(times) > MANY:
                self._read(wallet, first, last, is_over)
            if not self.is_there and self._history is not None and len(times) >= MANY_OF_HISTORY:
                self._read_history(self._history, wallet, first, last, is_over)

    def _read(self, wallet: str, first: datetime, last: datetime, is_over: Callable[[], bool]) -> None:
        try:
            self._learn(self._pages(wallet, first, last), is_over)
        except Unavailable as error:
            log.warning("%s is asked for one by one: %s", wallet, error)
        except (Refused, Fault) as error:
            self.is_there = getattr(error, "code", None) == UNSUPPORTED_VERSION
            log.warning("%s: transactions are asked for otherwise", error)

    def _read_history(self, history: HeliusHistory, wallet: str, first: datetime, last: datetime, is_over: Callable[[], bool]) -> None:
        try:
            read = ([one for one in page if isinstance(one, ChainTransaction)] for page in history.newest_first(wallet, first, last))
            self._learn(read, is_over)
        except (Refused, Unavailable) as error:
            log.warning("%s is asked for one by one: %s", wallet, error)

    def _learn(self, pages: Iterator[list[ChainTransaction]], is_over: Callable[[], bool]) -> None:
        for page in pages:
            self._transactions.learn(page)
            if is_over():
                return

    def _pages(self, wallet: str, first: datetime, last: datetime) -> Iterator[list[ChainTransaction]]:
        """The newest first."""
        bounds = {"blockTime": {"gte": int(first.timestamp()), "lte": int(last.timestamp())}, "status": "succeeded"}
        options: dict[str, Any] = {
            "transactionDetails": "full",
            "sortOrder": "desc",
            "limit": A_PAGE,
            "encoding": "json",
            "commitment": COMMITMENT,
            "maxSupportedTransactionVersion": MOST_RECENT_VERSION,
            "filters": bounds,
        }
        token: str | None = None
        while True:
            read, following = read_page(self._rpc.ask(METHOD, wallet, options | ({"paginationToken": token} if token else {})))
            yield [one for one in read if isinstance(one, ChainTransaction)]
            if following in (None, token) or not read:
                return
            token = following
