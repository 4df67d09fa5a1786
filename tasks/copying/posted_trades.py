"""What was posted to us and taken in, as a cycle judges it; and what a feed shows later of the very same deeds."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.stores.results import Results
from data_contracts import JudgedTrade, Signal, TakenIntent, Trade, Verdict
from data_contracts.frames import rows_of
from domain.copying.judging import Judge
from domain.copying.posted import SEEN_WITHIN, SOURCE, seen_of, trades_of
from domain.ids import row_id


@dataclass(frozen=True, slots=True)
class Posted:
    """Trades that were posted: new ones, and those that were asked for again. By trade: what its leader held, and the sender's limit."""

    arrived: Sequence[Trade]
    recalled: Sequence[Trade]
    held_before: Mapping[str, Decimal]
    limits: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Told:
    """By strategy the trades it need not judge, and the rows that say with which signal each was judged."""

    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rows: Sequence[JudgedTrade] = ()


def read_posted(results: Results, start: datetime, waiting: Collection[str]) -> Posted:
    """Of what was taken in since `start`, and of the trades that `waiting` names."""
    new = rows_of(results.since(TakenIntent, "seen_at", start), TakenIntent)
    again = results.rows(TakenIntent, trade_id=sorted(waiting)) if waiting else []
    rows = [one for one in (*new, *again) if one.reason is None]
    held = {one.trade_id: one.held_before for one in rows if one.held_before is not None}
    limits = {one.trade_id: one.limit_price for one in rows if one.limit_price is not None}
    return Posted(trades_of(new), trades_of(again), held, limits)


def limits_of(trade_ids: Collection[str], results: Results) -> dict[str, Decimal]:
    """Trade → the worst price at which its sender would have it copied."""
    rows = results.rows(TakenIntent, trade_id=sorted(trade_ids)) if trade_ids else []
    return {row.trade_id: row.limit_price for row in rows if row.limit_price is not None}


def told_twice(new: Sequence[Trade], judges: Sequence[Judge], results: Results, as_of: datetime) -> Told:
    """What a feed shows now and somebody had posted before: a strategy that copied the one does not judge the other.

    One that skipped what was posted judges what the feed shows: that is the truth, and may be another size, or less old.
    """
    seen = [trade for trade in new if trade.source != SOURCE]
    of_token = defaultdict[tuple[str, str], list[Trade]](list)
    for trade in seen:
        of_token[trade.wallet, trade.token_id].append(trade)
    claims = claims_of(seen, results)
    pairs = [(trade, claim) for claim in claims for trade in seen_of(claim, of_token[claim.wallet, claim.token_id])]
    copied = _copied({claim.trade_id for _, claim in pairs}, results)
    known, rows = defaultdict[str, set[str]](set), list[JudgedTrade]()
    for one in judges:
        for trade, claim in pairs:
            signal_id = _signal_of(claim, one, copied)
            if signal_id and trade.trade_id not in one.judged | known[one.strategy_id]:
                known[one.strategy_id].add(trade.trade_id)
                rows.append(JudgedTrade(strategy_id=one.strategy_id, trade_id=trade.trade_id, signal_id=signal_id, judged_at=as_of))
    return Told({name: frozenset(trades) for name, trades in known.items()}, rows)


def claims_of(seen: Sequence[Trade], results: Results) -> list[Trade]:
    """What was taken in of these leaders since the first of these trades: nobody tells of a trade long before it happens."""
    if not seen:
        return []
    first = min(trade.traded_at for trade in seen) - SEEN_WITHIN
    taken = results.since(TakenIntent, "seen_at", first, leader=sorted({trade.wallet for trade in seen}), reason=None)
    return trades_of(rows_of(taken, TakenIntent))


def _copied(trade_ids: Collection[str], results: Results) -> dict[tuple[str, str], str]:
    """(strategy, trade) → the signal that copied it."""
    judged = results.rows(JudgedTrade, trade_id=sorted(trade_ids)) if trade_ids else []
    signals = results.rows(Signal, signal_id=sorted({one.signal_id for one in judged}), verdict=Verdict.COPY) if judged else []
    copies = {signal.signal_id for signal in signals}
    return {(one.strategy_id, one.trade_id): one.signal_id for one in judged if one.signal_id in copies}


def _signal_of(claim: Trade, judge: Judge, copied: Mapping[tuple[str, str], str]) -> str | None:
    """The signal that copied it, or will: a sale that waits for an answer is one deed as well."""
    waits = row_id(judge.strategy_id, claim.trade_id) if claim.trade_id in judge.deferred else None
    return copied.get((judge.strategy_id, claim.trade_id), waits)
