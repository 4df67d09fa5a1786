"""Which cycles of a recording have anything to do, and writing out what they did.

Live, a cycle runs every 30 seconds whether or not anything happened. A cycle in which no leader traded, no held market resolved, no rule of
our own spoke and no exit waits changes nothing, so a replay leaves it out: the others run at the very seconds they would have run live.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import (
    Candidate,
    Consensus,
    Contradiction,
    Deferral,
    Equity,
    Exit,
    Fill,
    FillKind,
    JudgedTrade,
    Leader,
    Mark,
    Order,
    Peak,
    Position,
    RiskState,
    Settlement,
    Signal,
    Strategy,
    StrategyVersion,
    Watermark,
)
from domain.copying.marking import next_look
from tasks.backtesting.exit_calendar import ExitCalendar
from tasks.backtesting.recorded_trades import Recording
from tasks.quality import check, insist
from tasks.steps import step

ADDED = (Signal, JudgedTrade, Fill, Settlement, Equity, Contradiction, StrategyVersion)
REPLACED = (Strategy, Candidate, Leader, Deferral, Exit, Order, Position, Mark, Peak, RiskState, Consensus, Watermark)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What may call for a cycle: the trades of the wallets we watch, the ends of the markets (token → ended_at), and our own exits."""

    traded_at: list[datetime]
    ended_at: dict[str, datetime]
    exits: ExitCalendar
    cycle: timedelta

    def following(self, done: datetime, settings: Settings) -> datetime | None:
        """The next second of the grid at which a cycle has something to do; None when there is none."""
        exits = self.exits.following(done, settings, self.cycle)
        instants = [
            *self._trade(done),
            *self._resolution(done, settings),
            *self._waiting(done, settings),
            *self._doubted(done, settings),
            *exits,
        ]
        return on_grid(min(instants), self.cycle) if instants else None

    def _trade(self, done: datetime) -> Iterator[datetime]:
        place = bisect_right(self.traded_at, done)
        if place < len(self.traded_at):
            yield self.traded_at[place]

    def _resolution(self, done: datetime, settings: Settings) -> Iterator[datetime]:
        held = open_results(settings).read(Position, closed_at=None)["token_id"].to_list()
        yield from (self.ended_at[token_id] for token_id in held if self.ended_at.get(token_id, done) > done)

    def _doubted(self, done: datetime, settings: Settings) -> Iterator[datetime]:
        """What books say and nobody believes yet is looked at once more, when it will be believed or have gone."""
        results = open_results(settings)
        doubts = {mark.token_id: mark for mark in results.rows(Mark) if mark.doubt is not None}
        held = set(results.read(Position, only=["token_id"], closed_at=None)["token_id"]) if doubts else set()
        times = (next_look(mark) for token_id, mark in doubts.items() if token_id in held)
        yield from (at for at in times if at is not None and at > done)

    def _waiting(self, done: datetime, settings: Settings) -> Iterator[datetime]:
        if open_results(settings).read(Deferral, only=["trade_id"], ended_at=None).height:
            yield done + self.cycle


def calendar_of(recording: Recording, settings: Settings, cycle: timedelta) -> Calendar:
    """The calendar of the leaders followed now and of those whose positions we still hold."""
    trades, markets = recording.trades, recording.markets
    results = open_results(settings)
    leaders = results.read(Leader, dropped_at=None)["wallet"]
    watched = pl.concat([leaders, results.read(Position, closed_at=None)["leader"]]).unique().implode()
    ended = markets.filter(pl.col("ended_at").is_not_null()).select("token_id", "ended_at")
    return Calendar(
        trades.filter(pl.col("wallet").is_in(watched))["traded_at"].sort().to_list(),
        dict(ended.iter_rows()),
        ExitCalendar(recording.bids),
        cycle,
    )


def on_grid(instant: datetime, cycle: timedelta) -> datetime:
    """The first second of the grid at or after an instant; the grid starts at midnight."""
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - (midnight - instant) // cycle * cycle


@step
def write_out(memory: Settings, settings: Settings, as_of: datetime) -> None:
    """What a replay did, checked, into the stores it is to stay in. What is there already stays as it is."""
    results = open_results(memory)
    frames = {row_class: results.read(row_class) for row_class in (*ADDED, *REPLACED)}
    for row_class, frame in frames.items():
        insist(check(frame, row_class, settings, as_of), of=frame)
    added = [Write(row_class, frames[row_class]) for row_class in ADDED]
    replaced = [Write(row_class, frames[row_class], "put") for row_class in REPLACED]
    open_results(settings).write([*added, *replaced])


@step
def summarize_strategies(memory: Settings) -> list[dict[str, object]]:
    """One record per strategy: what it judged, copied and realized."""
    results = open_results(memory)
    signals, orders, fills = results.read(Signal), results.read(Order), results.read(Fill)
    settled, positions, states = results.read(Settlement), results.read(Position), results.read(RiskState)
    return [
        {
            "strategy": strategy.strategy_id,
            "kind": strategy.kind.value,
            "signals": _of(signals, strategy).height,
            "copied": _of(signals, strategy).filter(pl.col("verdict") == "COPY").height,
            "orders": _of(orders, strategy).height,
            "fills": _of(fills, strategy).filter(pl.col("kind") == FillKind.TRADE).height,
            "settled": _of(settled, strategy).height,
            "realized_pnl": str(_of(positions, strategy)["realized_pnl"].sum()),
            "fees": str(_of(positions, strategy)["fees"].sum()),
            "equity": str(next(iter(_of(states, strategy)["equity"]), strategy.balance)),
            "reasons": dict(_of(signals, strategy).group_by("reason").len().sort("len", "reason", descending=[True, False]).iter_rows()),
        }
        for strategy in results.rows(Strategy)
    ]


def _of(frame: pl.DataFrame, strategy: Strategy) -> pl.DataFrame:
    return frame.filter(pl.col("strategy_id") == strategy.strategy_id)
