"""The verdict of every strategy on every new trade of its leaders. The rules are in `domain/copying`; inputs are read here, once."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from adapters.connect import open_history, open_owners, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Deferral, JudgedTrade, Side, Signal, SignalScore, Trade, TradingState, Venue, Verdict
from data_contracts.frames import frame_of, rows_of
from domain.copying.evidence import Evidence
from domain.copying.judging import NO_LIMITS, Judge, judge, unjudged
from domain.ids import row_id
from tasks.copying.account import account_now
from tasks.copying.instruments import instruments_of
from tasks.copying.leader_holdings import holdings_before
from tasks.copying.needs import Asked, fetched
from tasks.copying.posted_trades import read_posted, told_twice
from tasks.copying.sound_rows import readable_rows
from tasks.copying.strategy_rows import StrategyRows
from tasks.copying.venues import tokens_of
from tasks.copying.watermarks import OVERLAP, SIGNALS, SIGNALS_BEFORE, is_lost, read_watermarks
from tasks.log_ids import ids
from tasks.quality import check, insist
from tasks.steps import step
from tasks.together import together

MAX_FEED_LAG_S = 90.0
FIRST_LOOK_BACK = timedelta(minutes=1)
LATEST = timedelta(days=1)  # what arrives later is not judged one by one, unless it takes us out of what we hold
CLOCKS_APART = timedelta(seconds=10)  # a venue's clock may run ahead of ours, and a trade be judged before it happened
MICROSECOND = timedelta(microseconds=1)
log = logging.getLogger("walletflow.judging")


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Signal rows, the JudgedTrade rows they are about, Deferral and SignalScore rows, and how far arrivals are judged, if they all are.

    `judged_before`: how far they were when this cycle began. What somebody stores while it judges is read from there again.
    """

    signals: pl.DataFrame
    judged: pl.DataFrame
    deferrals: pl.DataFrame
    scores: pl.DataFrame
    judged_until: datetime | None = None
    judged_before: datetime | None = None


@step
def judge_trades(
    strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, lags_s: Mapping[Venue, float], unsafe: Collection[Venue] = ()
) -> Verdicts:
    """One Signal per new intention of a leader and strategy that follows it.

    `lags_s` is how late each venue's feed is; at one that is `unsafe` nothing is bought.
    """
    results = open_results(settings)
    before, start = _since(results, as_of)
    # One that lies ahead of a clock that is slow waits for it: another cycle, whose clock was right, found it.
    waiting = [one for one in readable_rows(results, Deferral, ended_at=None) if one.traded_at <= as_of]
    wallets = {wallet for own in strategies for wallet in own.leaders} | {p.leader for own in strategies for p in own.open_positions}
    tokens = {position.token_id for own in strategies for position in own.open_positions}
    history = open_history(settings)
    arrived, recalled, judged = together(
        lambda: history.arrivals(start, as_of, wallets, as_of - LATEST, tokens),
        lambda: history.trades_by_id([one.trade_id for one in waiting], {one.leader for one in waiting}, {one.token_id for one in waiting}),
        lambda: results.grouped(JudgedTrade, "strategy_id", "trade_id", since=("judged_at", start)),
    )
    posted = read_posted(results, start, [one.trade_id for one in waiting])
    arrivals = [*rows_of(arrived, Trade), *posted.arrived]
    new_ids = {trade.trade_id for trade in arrivals}
    trades = [*arrivals, *(one for one in (*rows_of(recalled, Trade), *posted.recalled) if one.trade_id not in new_ids)]
    judges = [_judge(own, judged, waiting, settings) for own in strategies]
    judges = _remembering(judges, _old(trades, start), new_ids, results)
    new = unjudged(trades, judges)
    told = told_twice(new, judges, results, as_of)
    if told.known:
        judges = [replace(one, judged=one.judged | told.known.get(one.strategy_id, frozenset())) for one in judges]
        new = unjudged(new, judges)
    account = account_now(strategies[0].account.limits, judges, results, as_of) if new else NO_LIMITS
    evidence = replace(_evidence(new, judges, settings, as_of, lags_s, unsafe, posted.held_before), limits=posted.limits)
    judgement = judge(new, judges, evidence, as_of, account)
    log.info("%d trades, %d strategies: %d signals, %d sales wait", len(new), len(judges), len(judgement.signals), len(judgement.deferred))
    for one in judgement.signals:
        if one.verdict is Verdict.COPY:
            joined = ids(signal_id=one.signal_id, trade_id=one.trade_id, strategy_id=one.strategy_id)
            log.info("signal %s: %s copies %s, %s", one.signal_id, one.strategy_id, one.leader, one.reason, extra=joined)
    deferrals = after_look(waiting, judgement.deferred, as_of)
    signals, about = frame_of(judgement.signals, Signal), frame_of([*judgement.judged, *told.rows], JudgedTrade)
    scores = frame_of(judgement.scores, SignalScore)
    return Verdicts(signals, about, frame_of(deferrals, Deferral), scores, max(before, as_of), before)  # an old cycle moves nothing back


def check_verdicts(verdicts: Verdicts, settings: Settings, as_of: datetime) -> Verdicts:
    """Those whose signals keep their contract. Raises Unsafe when too many do not."""
    signals = check(verdicts.signals, Signal, settings, as_of)
    insist(signals, of=verdicts.signals)
    return replace(verdicts, signals=signals)


def after_look(waiting: Sequence[Deferral], deferred: Sequence[Deferral], as_of: datetime) -> list[Deferral]:
    """The Deferral rows to write: what waits now, and what waited until now and does so no more."""
    now = {(one.strategy_id, one.trade_id): one for one in deferred}
    over = [replace(one, ended_at=as_of) for one in waiting if (one.strategy_id, one.trade_id) not in now]
    known = set(waiting)
    return [*(one for one in deferred if one not in known), *over]


def _since(results: Results, as_of: datetime) -> tuple[datetime, datetime]:
    """How far arrivals are judged, and from where they are read: what was stored while the last cycle judged may lie before its mark.

    Where that cannot be read, all that arrived within a day is looked at again: what was judged is judged once.
    """
    marks = read_watermarks(results, [SIGNALS, SIGNALS_BEFORE])
    lost = [name for name in (SIGNALS, SIGNALS_BEFORE) if name not in marks and is_lost(results, name, as_of)]
    judged_until = marks.get(SIGNALS, as_of - (LATEST if lost else FIRST_LOOK_BACK))
    judged_before = as_of - LATEST if lost else marks.get(SIGNALS_BEFORE, judged_until)
    return judged_until, min(judged_until, judged_before) - OVERLAP


def _judge(own: StrategyRows, judged: Mapping[str, Collection[str]], waiting: Sequence[Deferral], settings: Settings) -> Judge:
    strategy_id = own.strategy.strategy_id
    one = own.judge(frozenset(judged.get(strategy_id, ())), TradingState(settings.trading_state))
    return replace(one, deferred={row.trade_id: row for row in waiting if row.strategy_id == strategy_id})


def _old(trades: Sequence[Trade], start: datetime) -> list[str]:
    """Trades that somebody may have judged before `start`: nobody judges one before it happens."""
    return [trade.trade_id for trade in trades if trade.traded_at <= start + CLOCKS_APART]


def _remembering(judges: Sequence[Judge], old: Sequence[str], arrived: Collection[str], results: Results) -> list[Judge]:
    """The judges with what they judged of `old` trades, however long ago; and each recalls its own deferred ones only."""
    if not old:
        return list(judges)
    judged = results.grouped(JudgedTrade, "strategy_id", "trade_id", trade_id=list(old))
    others = [trade_id for trade_id in old if trade_id not in arrived]
    return [
        replace(one, judged=one.judged | judged.get(one.strategy_id, set()) | {name for name in others if name not in one.deferred})
        for one in judges
    ]


def knowing_own_exits(judges: Sequence[Judge], results: Results, as_of: datetime) -> list[Judge]:
    """The same judges, each knowing which of its own exits it asked for already, however long ago."""
    signal_ids = [row_id(one.strategy_id, own.trade.trade_id) for one in judges for own in one.own_exits(as_of)]
    if not signal_ids:
        return list(judges)
    asked = results.grouped(Signal, "strategy_id", "trade_id", signal_id=signal_ids)
    return [replace(one, judged=one.judged | frozenset(asked.get(one.strategy_id, ()))) for one in judges]


def _evidence(
    new: Sequence[Trade],
    judges: Sequence[Judge],
    settings: Settings,
    as_of: datetime,
    lags_s: Mapping[Venue, float],
    unsafe: Collection[Venue],
    told: Mapping[str, Decimal],
) -> Evidence:
    """What the fold needs to know of the new trades. `told`: what leaders held before a trade, where whoever posted it said so."""
    owners = open_owners(settings).owners() if new else {}
    instruments = instruments_of(tokens_of(new), settings, as_of)
    bought = [trade for trade in new if trade.side is Side.BUY and trade.token_id in instruments]
    tokens = sorted({trade.token_id for trade in bought})
    asked = Asked(judges, [instruments[token_id] for token_id in tokens], owners, settings, as_of, bought)
    held = {key for one in judges for key in one.portfolio.holdings}
    exits = [trade for trade in new if trade.side is Side.SELL and (trade.wallet, trade.token_id) in held and trade.trade_id not in told]
    needed, held_before = together(lambda: fetched(asked), lambda: holdings_before(exits, settings, as_of))
    late = frozenset(venue for venue, lag_s in lags_s.items() if lag_s > MAX_FEED_LAG_S)
    return Evidence(
        instruments=instruments, held_before={**held_before, **told}, owners=owners, late=late, unsafe=frozenset(unsafe), **needed
    )
