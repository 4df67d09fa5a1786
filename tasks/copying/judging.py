"""The verdict of every strategy on every new trade of its leaders. The rules are in `domain/copying`; inputs are read here, once."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.connect import open_feed, open_history, open_owners, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Side, Signal, Trade, TradingState
from data_contracts.frames import frame_of, rows_of
from domain.copying.evidence import Evidence
from domain.copying.judging import Judge, judge, unjudged
from domain.ids import row_id
from tasks.copying.instruments import instruments_of
from tasks.copying.needs import Asked, fetched
from tasks.copying.strategy_rows import StrategyRows
from tasks.copying.watermarks import OVERLAP, SIGNALS, reached
from tasks.steps import step
from tasks.together import together

MAX_FEED_LAG_S = 90.0
FIRST_LOOK_BACK = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
log = logging.getLogger("walletflow.judging")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Signal rows, and up to when every trade has its verdict: not past an exit that still waits for an answer."""

    signals: pl.DataFrame
    judged_until: datetime


@step
def judge_trades(strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, lag_s: float) -> Verdicts:
    """One Signal per new trade and strategy that follows its leader."""
    results = open_results(settings)
    judged_until = reached(results, SIGNALS) or as_of - FIRST_LOOK_BACK
    start = judged_until - OVERLAP
    wallets = {wallet for own in strategies for wallet in own.leaders} | {p.leader for own in strategies for p in own.open_positions}
    seen, judged = together(
        lambda: open_history(settings).trades(start, as_of, wallets),
        lambda: results.grouped(Signal, "strategy_id", "trade_id", since=("traded_at", start)),
    )
    trades = rows_of(seen, Trade)
    judges = _judges(strategies, judged, TradingState(settings.trading_state))
    new = unjudged(trades, judges)
    judgement = judge(new, judges, _evidence(new, trades, judges, start, settings, as_of, lag_s), as_of)
    waiting = min((trade.traded_at - MICROSECOND for trade in judgement.deferred), default=as_of)
    log.info("%d trades, %d strategies: %d signals, %d exits wait", len(new), len(judges), len(judgement.signals), len(judgement.deferred))
    return Verdicts(frame_of(judgement.signals, Signal), max(judged_until, waiting))  # an old cycle moves nothing back


def _judges(strategies: Sequence[StrategyRows], judged: Mapping[str, Collection[str]], kill_switch: TradingState) -> list[Judge]:
    return [own.judge(frozenset(judged.get(own.strategy.strategy_id, ())), kill_switch) for own in strategies]


def knowing_own_exits(judges: Sequence[Judge], results: Results, as_of: datetime) -> list[Judge]:
    """The judges with those of their own exits that they asked for already, however long ago."""
    signal_ids = [row_id(one.strategy_id, own.trade.trade_id) for one in judges for own in one.own_exits(as_of)]
    if not signal_ids:
        return list(judges)
    asked = results.grouped(Signal, "strategy_id", "trade_id", signal_id=signal_ids)
    return [replace(one, judged=one.judged | frozenset(asked.get(one.strategy_id, ()))) for one in judges]


def _evidence(
    new: Sequence[Trade],
    trades: Sequence[Trade],
    judges: Sequence[Judge],
    start: datetime,
    settings: Settings,
    as_of: datetime,
    lag_s: float,
) -> Evidence:
    """What the fold needs to know of the new trades; what a leader held before is counted from all `trades` since `start`."""
    owners = open_owners(settings).owners() if new else {}
    instruments = instruments_of({trade.token_id for trade in new}, settings, as_of)
    bought = sorted({trade.token_id for trade in new if trade.side is Side.BUY and trade.token_id in instruments})
    asked = Asked(judges, [instruments[token_id] for token_id in bought], owners, settings, as_of)
    held = {key for one in judges for key in one.portfolio.holdings}
    exits = [trade for trade in new if trade.side is Side.SELL and (trade.wallet, trade.token_id) in held]
    needed, held_before = together(lambda: fetched(asked), lambda: _held_before(exits, trades, start, settings, as_of))
    late = lag_s > MAX_FEED_LAG_S
    return Evidence(instruments=instruments, held_before=held_before, owners=owners, feed_late=late, **needed)


def _held_before(
    exits: Sequence[Trade], trades: Sequence[Trade], start: datetime, settings: Settings, as_of: datetime
) -> dict[str, Decimal | None]:
    """Trade id → what the leader held just before it: from its trades as far as we saw them, else from the venue."""
    if not exits:
        return {}
    keys = {(trade.wallet, trade.token_id) for trade in exits}
    net = open_history(settings).net_shares({wallet for wallet, _ in keys}, {token_id for _, token_id in keys}, start)
    running: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    running.update({(wallet, token_id): Decimal(shares) for wallet, token_id, shares in net.iter_rows()})
    before: dict[str, Decimal | None] = {}
    for trade in sorted(trades, key=lambda trade: (trade.traded_at, trade.sequence, trade.trade_id)):
        key = (trade.wallet, trade.token_id)
        if key in keys:
            before[trade.trade_id] = running[key]
            running[key] += trade.shares if trade.side is Side.BUY else -trade.shares
    wanted = {trade.trade_id: before[trade.trade_id] for trade in exits}
    unseen = [trade for trade in exits if (wanted[trade.trade_id] or 0) < trade.shares]
    return wanted | {trade.trade_id: asked_at_venue(trade, settings, as_of) for trade in unseen}


def asked_at_venue(trade: Trade, settings: Settings, as_of: datetime) -> Decimal | None:
    """We saw it sell more than we saw it buy: the venue knows what is left, and what was sold comes on top."""
    left = open_feed(settings).held_shares(trade.wallet, trade.token_id, as_of)
    return None if left is None else Decimal(str(max(left, 0.0))) + trade.shares
