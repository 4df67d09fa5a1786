"""What a SOL was worth at any instant, by the rates on record: a walk asks for every dollar in it, and they are read once."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.stores.results import Results
from data_contracts import Currency, Rate
from domain.copying.account import FRESH_FOR

RateAt = Callable[[datetime], Decimal | None]  # USD for a SOL by what is on record of that instant


@dataclass
class RecordedRates:
    """Of one walk: what comes on record after it was read is not seen."""

    results: Callable[[], Results]
    _first_asked: datetime | None = None
    _since: datetime | None = None
    _seen_at: list[datetime] = field(default_factory=list)
    _usd: list[Decimal] = field(default_factory=list)

    def usd_per_sol(self, at: datetime) -> Decimal | None:
        """By the rate that was on record at that instant; None where it was older than an hour, or there was none."""
        self._reach(at)
        last = bisect_right(self._seen_at, at) - 1
        return self._usd[last] if last >= 0 and at - self._seen_at[last] <= FRESH_FOR else None

    def _reach(self, at: datetime) -> None:
        """Twice as far back each time: a walk goes from the newest to the oldest, and so it reads few times, however long it is."""
        self._first_asked = self._first_asked or at
        if self._since is None or at - FRESH_FOR < self._since:
            self._since = at - FRESH_FOR - max(self._first_asked - at, timedelta())
            rates = self.results().since(Rate, "seen_at", self._since, only=["currency", "seen_at", "usd"])
            of_sol = rates.filter(pl.col("currency") == Currency.SOL).drop_nulls("usd").sort("seen_at")
            self._seen_at, self._usd = of_sol["seen_at"].to_list(), of_sol["usd"].to_list()
