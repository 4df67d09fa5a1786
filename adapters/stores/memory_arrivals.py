"""Trades in memory in the order in which they were added: what arrived since an instant is among the latest additions."""

from bisect import bisect_right, insort
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

import polars as pl

from data_contracts import Side, Trade
from data_contracts.frames import empty

ASKED = ("trade_id", "seen_at", "traded_at", "wallet", "token_id", "side")
Cells = tuple[str, datetime, datetime, str, str, str]


@dataclass(frozen=True)
class Addition:
    """Trade rows that were added at once, and when the last of them was seen."""

    number: int
    last_seen_at: datetime
    trades: pl.DataFrame

    @cached_property
    def cells(self) -> list[Cells]:
        return list(zip(*(self.trades[name].to_list() for name in ASKED), strict=True))

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(self.trades["trade_id"])


class Arrivals:
    """Every addition, by when the last of its trades was seen."""

    def __init__(self) -> None:
        self._additions: list[Addition] = []

    def add(self, trades: pl.DataFrame) -> None:
        last_seen_at = trades["seen_at"].max()
        if isinstance(last_seen_at, datetime):
            insort(self._additions, Addition(len(self._additions), last_seen_at, trades), key=attrgetter("last_seen_at"))

    def find(self, after: datetime, until: datetime, wallets: Collection[str], since: datetime, tokens: Collection[str]) -> pl.DataFrame:
        """The trades of these wallets that were seen in this time, in time order; of those from before `since` the sales of `tokens`."""

        wallets, tokens = frozenset(wallets), frozenset(tokens)

        def is_asked_for(cells: Cells) -> bool:
            _, seen_at, traded_at, wallet, token_id, side = cells
            return after < seen_at <= until and wallet in wallets and (traded_at > since or (side == Side.SELL and token_id in tokens))

        late = self._additions[bisect_right(self._additions, after, key=attrgetter("last_seen_at")) :]
        found, known = list[pl.DataFrame](), set[str]()
        for one in sorted(late, key=attrgetter("number"), reverse=True):  # a trade that was added again is as it was added last
            rows = [row for row, cells in enumerate(one.cells) if is_asked_for(cells) and cells[0] not in known]
            known |= one.ids
            if rows:
                found.append(one.trades[rows])
        return pl.concat(found).sort("traded_at", "sequence", "trade_id") if found else empty(Trade)
