"""Exits that need only the ledger, a price and the venue: by our own rules, and leaders' sales where the cycle failed to judge them."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

import polars as pl

from adapters.connect import open_history, open_results
from adapters.feeds.feed import TradeSource
from adapters.settings import Settings
from data_contracts import Deferral, JudgedTrade, Side, Signal, SignalScore, Trade, TradingState
from data_contracts.frames import frame_of, rows_of
from domain.copying.evidence import Evidence
from domain.copying.exits.ordered import ordered_exits
from domain.copying.exits.rules import own_exits
from domain.copying.judging import Judge, Judgement, judge, leave
from domain.copying.marking import MarkedPosition
from tasks.copying.instruments import remembered
from tasks.copying.judging import Verdicts, knowing_own_exits
from tasks.copying.leader_holdings import held_before_by_venue
from tasks.copying.strategy_rows import StrategyRows
from tasks.copying.venues import sources_in_use
from tasks.copying.watermarks import OVERLAP, SIGNALS, is_lost, read_watermark
from tasks.quality import check
from tasks.steps import step
from tasks.together import within

PATIENCE_S = 10.0  # with whoever may know more of a leader's sale
LOOK_BACK = timedelta(minutes=10)  # where the feed alone is asked
OLDEST = timedelta(days=1)
T = TypeVar("T")
log = logging.getLogger("walletflow.leaving")


def judge_own_exits(strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Signal rows: what a person and our own rules ask for now. Where nobody asks there is no step."""
    speaking = [own for own in strategies if any(_is_asked_for(position, own, as_of) for position in own.open_positions)]
    return check(judge_exit_rules(speaking, settings, as_of), Signal, settings, as_of) if speaking else frame_of([], Signal)


def _is_asked_for(position: MarkedPosition, own: StrategyRows, as_of: datetime) -> bool:
    return bool(own_exits(position, own.exits_of(position), as_of) or ordered_exits(position, own.ordered, as_of))


@step
def judge_exit_rules(strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """The same as a run shows it."""
    judges = knowing_own_exits(_judges(strategies, settings), open_results(settings), as_of)
    token_ids = {own.trade.token_id for one in judges for own in one.own_exits(as_of)}
    return frame_of(leave(judges, Evidence(remembered(token_ids, settings)), as_of), Signal)


@step
def judge_sales(strategies: Sequence[StrategyRows], seen: pl.DataFrame | None, settings: Settings, as_of: datetime) -> Verdicts:
    """The verdicts on the leaders' sales of what we hold, as far as anybody knows them: judged when the cycle could not judge all.

    `seen` are the trades this cycle saw; None when it saw none, and the feed is asked once more, for itself.
    """
    judges = _judges(strategies, settings)
    held = {key for one in judges for key in one.portfolio.holdings}
    if not held:
        return _verdicts(Judgement())
    trades = [*_stored(held, settings, as_of), *(rows_of(seen, Trade) if seen is not None else _read_sales(settings, as_of))]
    of_held = {trade.trade_id: trade for trade in trades if (trade.wallet, trade.token_id) in held}
    judged = open_results(settings).grouped(JudgedTrade, "strategy_id", "trade_id", trade_id=sorted(of_held)) if of_held else {}
    sales = _sales(of_held.values(), judges, judged, as_of)
    judges = [replace(one, leaders=frozenset(), judged=frozenset(judged.get(one.strategy_id, ()))) for one in judges]
    instruments = remembered({sale.token_id for sale in sales}, settings)
    evidence = Evidence(instruments, held_before={sale.trade_id: _held_before(sale, sales, settings, as_of) for sale in sales})
    found = judge(sales, judges, evidence, as_of)
    log.warning("%d sales of leaders judged by what is known without the others", len(found.signals))
    return _verdicts(found)


def _verdicts(found: Judgement) -> Verdicts:
    """A sale that waits has no row: it is judged anew with all the others."""
    return Verdicts(frame_of(found.signals, Signal), frame_of(found.judged, JudgedTrade), frame_of([], Deferral), frame_of([], SignalScore))


def _judges(strategies: Sequence[StrategyRows], settings: Settings) -> list[Judge]:
    return [own.judge(frozenset(), TradingState(settings.trading_state)) for own in strategies]


def _sales(of_held: Collection[Trade], judges: Sequence[Judge], judged: Mapping[str, Collection[str]], as_of: datetime) -> list[Trade]:
    """Sales of what we hold. One after a purchase that may still be copied waits for that: it may mean what we do not hold yet."""
    fresh_s = max(one.policy.firewall.max_age_s for one in judges)
    fresh = [one for one in of_held if one.side is Side.BUY and (as_of - one.traded_at).total_seconds() <= fresh_s]
    bought = [
        buy for buy in fresh if any(buy.trade_id not in judged.get(one.strategy_id, ()) for one in judges if buy.wallet in one.leaders)
    ]
    first_bought = {(one.wallet, one.token_id): one.traded_at for one in sorted(bought, key=lambda one: one.traded_at, reverse=True)}
    sales = [trade for trade in of_held if trade.side is Side.SELL]
    return [one for one in sales if one.traded_at <= first_bought.get((one.wallet, one.token_id), one.traded_at)]


def _stored(held: set[tuple[str, str]], settings: Settings, as_of: datetime) -> list[Trade]:
    wallets, tokens = {wallet for wallet, _ in held}, {token_id for _, token_id in held}
    results = open_results(settings)
    judged_until = read_watermark(results, SIGNALS)  # it stays while cycles fail
    if judged_until is None:
        judged_until = as_of - OLDEST if is_lost(results, SIGNALS, as_of) else as_of
    start = max(judged_until - OVERLAP, as_of - OLDEST)
    return _or(lambda: rows_of(open_history(settings).arrivals(start, as_of, wallets, as_of - OLDEST, tokens), Trade), [])


def _read_sales(settings: Settings, as_of: datetime) -> list[Trade]:
    nothing: list[Trade] = []
    shown = [_or(partial(_latest, source, as_of), nothing) for source in sources_in_use(settings).values()]
    return [trade for trades in shown for trade in trades]


def _latest(source: TradeSource, as_of: datetime) -> list[Trade]:
    return rows_of(source.walk(as_of - LOOK_BACK, as_of, 10).trades, Trade)


def _held_before(sale: Trade, sales: Sequence[Trade], settings: Settings, as_of: datetime) -> Decimal | None:
    """The venue says what is left; None when nobody can, and the sale waits."""
    return _or(lambda: held_before_by_venue(sale, sales, settings, as_of), None)


def _or(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return within(PATIENCE_S, ask)
    except Exception as error:  # noqa: BLE001 (somebody who is away is why we are here: nothing of it may stop an exit)
        log.warning("not known for an exit: %s", error)
        return otherwise
