"""Where in a recording an instant stands: found by halving and not by looking at all of it, as every cycle of a replay asks."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection
from datetime import datetime

import polars as pl

from data_contracts.frames import with_instant
from domain.copying.book import Book

MOST_CUTS = 10_000


class Tape:
    """Trade rows in time order."""

    def __init__(self, trades: pl.DataFrame) -> None:
        self.trades = trades
        self._undated = trades["traded_at"].null_count()  # they stand first
        self._instants: list[datetime] = trades["traded_at"].slice(self._undated).to_list()
        self._markets: dict[str, Tape] = {}

    def between(self, after: datetime, until: datetime) -> pl.DataFrame:
        """Those with `after` < traded_at <= `until`."""
        first, last = bisect_right(self._instants, after), bisect_right(self._instants, until)
        return self.trades.slice(self._undated + first, max(0, last - first))

    def of_market(self, market_id: str) -> "Tape":
        """The trades in one market."""
        if market_id not in self._markets:
            self._markets[market_id] = Tape(self.trades.filter(pl.col("market_id") == market_id))
        return self._markets[market_id]


class Books:
    """The books of each token, each from its instant on. One is made when it is first asked for."""

    def __init__(self, rows: pl.DataFrame, at: str, make: Callable[[str, pl.DataFrame], Book]) -> None:
        """`rows`: what books are made of, token by token in time order; `at`: the column of their instants."""
        self._rows = {str(key[0]): own for key, own in rows.group_by("token_id", maintain_order=True)}
        self._at, self._make = at, make
        self._instants: dict[str, list[datetime]] = {}
        self._made: dict[tuple[str, int], Book] = {}

    def last(self, token_id: str, as_of: datetime) -> Book | None:
        """Made of the rows of the last instant up to `as_of`; None before the first."""
        if token_id not in self._rows:
            return None
        if token_id not in self._instants:
            self._instants[token_id] = self._rows[token_id][self._at].to_list()
        instants = self._instants[token_id]
        count = bisect_right(instants, as_of)
        if count and (token_id, count) not in self._made:
            first = bisect_left(instants, instants[count - 1])
            self._made[token_id, count] = self._make(token_id, self._rows[token_id].slice(first, count - first))
        return self._made[token_id, count] if count else None


class Markets:
    """Market rows as they were known at an instant, for a set of tokens. What is known changes only when one of their markets ends."""

    def __init__(self, markets: pl.DataFrame, know: Callable[[pl.DataFrame, datetime], dict[type, pl.DataFrame]]) -> None:
        """`know`: the rows by class, as known at an instant."""
        self._markets, self._know = markets, know
        self._of: dict[frozenset[str], tuple[pl.DataFrame, list[datetime]]] = {}
        self._cuts: dict[tuple[frozenset[str], int], dict[type, pl.DataFrame]] = {}

    def known(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """Of every token of the markets these belong to, dated `as_of`."""
        wanted = frozenset(token_ids)
        if wanted not in self._of:
            self._of[wanted] = self._cut(wanted)
        markets, ends = self._of[wanted]
        cut = (wanted, bisect_right(ends, as_of))
        if cut not in self._cuts:
            if len(self._cuts) >= MOST_CUTS:
                self._cuts.clear()
            self._cuts[cut] = self._know(markets, as_of)
        return {row_class: with_instant(frame, "updated_at", as_of) for row_class, frame in self._cuts[cut].items()}

    def _cut(self, wanted: frozenset[str]) -> tuple[pl.DataFrame, list[datetime]]:
        """Their rows, and when their markets end, in order."""
        market_ids = self._markets.filter(pl.col("token_id").is_in(list(wanted)))["market_id"].unique().implode()
        markets = self._markets.filter(pl.col("market_id").is_in(market_ids))
        return markets, sorted(markets["ended_at"].drop_nulls().to_list())
