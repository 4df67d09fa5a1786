"""When a replay needs a cycle for our own exits: a bid crossed the price of a rule, time is up, or an exit is to be tried again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from data_contracts import Exit, Position, Strategy
from domain.copying.exits.take_profit import entry_plus
from domain.copying.policy import ExitPolicy, Policy
from domain.polymarket.amounts import HIGHEST_PAYOUT

WIDENING = timedelta(minutes=30)  # by then an exit has its widest price, and only another book can change its answer
CLOSE = 1e-9  # prices are floats here: a cycle too many finds nothing to do, one too few would miss an exit
Bids = tuple[pl.Series, pl.Series]  # instants in order, best bid since each


class ExitCalendar:
    """Over the best bids of a recording: `token_id`, `at`, `price`."""

    def __init__(self, bids: pl.DataFrame) -> None:
        self._bids = bids
        self._found: dict[tuple[object, ...], datetime | None] = {}

    @cached_property
    def _by_token(self) -> dict[str, Bids]:
        ordered = self._bids.sort("at", maintain_order=True)
        return {str(token_id): (frame["at"], frame["price"]) for (token_id,), frame in ordered.group_by("token_id", maintain_order=True)}

    def following(self, done: datetime, settings: Settings, cycle: timedelta) -> Iterator[datetime]:
        """The instants after `done` at which an exit of ours may be due, in no order."""
        results = open_results(settings)
        positions = results.rows(Position, closed_at=None)
        if not positions:
            return
        policies = {row.strategy_id: _policy(row.policy) for row in results.rows(Strategy)}
        for position in positions:
            yield from self._of_rules(position, policies[position.strategy_id], done)
        for waiting in results.rows(Exit, done_at=None):
            yield from self._of_waiting(waiting, done, cycle)

    def _of_rules(self, position: Position, policy: ExitPolicy, done: datetime) -> Iterator[datetime]:
        entry = position.cost / position.shares if position.shares > 0 else Decimal(0)
        for waited_s in (policy.max_hold_s, policy.stagnant_after_s):
            if waited_s is not None and (up := position.opened_at + timedelta(seconds=waited_s)) > done:
                yield up
        at_most = float(entry * (1 - policy.stop_loss)) if policy.stop_loss is not None else -1.0
        steps = [float(entry_plus(entry, step.gain, HIGHEST_PAYOUT)) for step in policy.take_profit]
        at_least = min(steps, default=2.0)
        if policy.trailing is not None or policy.stagnant_after_s is not None:  # their prices move with every mark, or lie in between
            at_most, at_least = 1.0, 0.0
        if (at := self._crossing(position.token_id, at_most, at_least, done)) is not None:
            yield at

    def _of_waiting(self, waiting: Exit, done: datetime, cycle: timedelta) -> Iterator[datetime]:
        """In every cycle while its price widens or its orders find something; then when the book has changed."""
        if done - waiting.asked_at <= WIDENING or waiting.held_back is None:
            yield done + cycle
        elif (at := self._crossing(waiting.token_id, 1.0, 0.0, done)) is not None:
            yield at

    def _crossing(self, token_id: str, at_most: float, at_least: float, done: datetime) -> datetime | None:
        """The first bid after `done` that is that low or that high. What was found stays true until it is past."""
        key = (token_id, at_most, at_least)
        if key in self._found and ((known := self._found[key]) is None or known > done):
            return known
        times, prices = self._by_token.get(token_id, (pl.Series([], dtype=pl.Datetime("us", "UTC")), pl.Series([], dtype=pl.Float64)))
        start = times.search_sorted(done, side="right")
        later = prices.slice(start)
        crossed = ((later <= at_most + CLOSE) | (later >= at_least - CLOSE)).fill_null(False).arg_true()
        self._found[key] = times[start + crossed[0]] if len(crossed) else None
        return self._found[key]


@lru_cache(maxsize=1000)
def _policy(text: str) -> ExitPolicy:
    return Policy.of_record(text).exits
