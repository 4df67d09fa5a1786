"""One signal told in sentences: what the leader did, what we knew, what we said and why, what became of it. Pure: rows in, lines out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from data_contracts import Fill, LeaderWord, Order, Position, Reason, Side, Signal, SignalScore, Venue, Verdict
from data_contracts.words import STAKE_OF, Kind
from domain.copying.exits.rules import RULES
from domain.copying.reason_words import REASON_WORDS
from domain.copying.risk.permission import EVERY_STRATEGY

DAY_AND_TIME = "%Y-%m-%d %H:%M:%S"
OUR_OWN = RULES.keys() - {Reason.LEADER_EXITED}  # exits that have no trade


@dataclass(frozen=True, slots=True)
class Line:
    """`what` it is about, and what is said of it."""

    what: str
    said: str


@dataclass(frozen=True, slots=True)
class Record:
    """All that is on record of one signal; `position` is that of its strategy, leader and token now."""

    signal: Signal
    score: SignalScore | None
    orders: Sequence[Order]
    fills: Sequence[Fill]
    position: Position | None
    question: str = ""
    word: LeaderWord | None = None  # that held the leader back when it was judged


def explanation(record: Record) -> list[Line]:
    """In the order in which it happened."""
    return [
        *_happened(record.signal, record.question),
        *_known(record.signal, record.score),
        *_judged(record.signal),
        *_said(record.word),
        *(line for order in record.orders for line in _ordered(order, record.fills)),
        *_held(record.position, record.signal),
    ]


def in_words(reason: Reason) -> str:
    """TRADE_STALE: its sentence, and what changes it."""
    words = REASON_WORDS[reason]
    return f"{reason}: {words.says}" + (f". What changes it: {words.cure}" if words.cure else "")


def _happened(signal: Signal, question: str) -> Iterator[Line]:
    stake = STAKE_OF[signal.venue].value
    if question:
        yield Line("market", question)
    if signal.reason in OUR_OWN:
        yield Line("we hold", f"{_plain(signal.leader_shares)} shares of {signal.outcome} after {signal.leader}")
        return
    fills = f" in {signal.fills} trades" if signal.fills > 1 else ""
    verb = "bought" if signal.side is Side.BUY else "sold"
    yield Line(
        "leader",
        f"{signal.leader} {verb} {_plain(signal.leader_shares)} shares of {signal.outcome} at {_price(signal.leader_price)}"
        f" ({_plain(signal.leader_notional)} {stake}){fills}, {signal.traded_at:{DAY_AND_TIME}} UTC",
    )


def _known(signal: Signal, score: SignalScore | None) -> Iterator[Line]:
    if signal.kind is Kind.OWRR and signal.owrr is not None:
        yield Line(
            "consensus",
            f"{100 * signal.owrr:.1f} of 100 for it: score {signal.score_for or 0:,.1f} of {signal.qualified_for or 0} holders,"
            f" against it {signal.score_against or 0:,.1f} of {signal.qualified_against or 0};"
            f" confidence {signal.confidence.value if signal.confidence else 'none'}, {signal.consensus_age_s or 0:.0f} s old",
        )
    if score is not None:
        yield Line(
            "score",
            f"{score.score:.2f}, from {score.threshold:.2f} on it is copied: wallet {score.wallet_score:.2f}, other owners"
            f" {score.cluster_score:.2f} ({score.other_owners}), token {score.token_score:.2f}, timing {score.timing_score:.2f}",
        )


def _said(word: LeaderWord | None) -> Iterator[Line]:
    if word:
        whose = "every strategy" if word.strategy_id == EVERY_STRATEGY else word.strategy_id
        yield Line("a person said", f"{word.standing} in {whose} since {word.ordered_at:{DAY_AND_TIME}} UTC: {word.why}")


def _judged(signal: Signal) -> Iterator[Line]:
    when = f"{signal.judged_at:{DAY_AND_TIME}} UTC, {signal.latency_s:.0f} s after it"
    yield Line("verdict", f"{signal.verdict.value} by {signal.strategy_id}, {when}")
    yield Line("why", in_words(signal.reason))
    if signal.verdict is Verdict.COPY:
        stake = STAKE_OF[signal.venue].value
        smaller = "" if signal.size_factor == 1 else f", {signal.size_factor:.0%} of the usual after a row of stops"
        part = f"{signal.exit_fraction:.1%} of what we hold" if signal.side is Side.SELL else f"{_plain(signal.notional)} {stake}{smaller}"
        yield Line("size", part)


def _ordered(order: Order, fills: Sequence[Fill]) -> Iterator[Line]:
    spends = order.side is Side.BUY and order.venue is Venue.SOLANA  # a swap gives so much stake away, for what it then gets
    kind, asked = "simulated" if order.is_simulated else "real", f"{_plain(order.shares)} shares{' or more' if spends else ''}"
    limit = f"{_price(order.limit_price)} or better"
    yield Line("order", f"{order.order_id}: {order.side.value} {asked} at {limit}, {kind}: {order.status.value}")
    if order.reason is not None:
        yield Line("why", in_words(order.reason))
    own = [fill for fill in fills if fill.order_id == order.order_id]
    if own:
        shares, stake = sum((one.shares for one in own), Decimal()), sum((one.notional for one in own), Decimal())
        fee, money = sum((one.fee for one in own), Decimal()), STAKE_OF[order.venue].value
        yield Line(
            "filled",
            f"{_plain(shares)} shares at {_price(stake / shares)} in the mean: {_plain(stake)} {money}, fee {_plain(fee)} {money}",
        )


def _held(position: Position | None, signal: Signal) -> Iterator[Line]:
    if position is None:
        return
    stake = STAKE_OF[signal.venue].value
    state = (
        f"closed {position.closed_at:{DAY_AND_TIME}} UTC"
        if position.closed_at
        else f"{_plain(position.shares)} shares, cost {_plain(position.cost)} {stake}"
    )
    yield Line("position", f"{state}; realized {_plain(position.realized_pnl)} {stake}, fees {_plain(position.fees)} {stake}")


def _plain(number: Decimal, places: int = 9) -> str:
    """Without an exponent and without zeros at its end."""
    text = f"{number:,.{places}f}"
    return text.rstrip("0").rstrip(".")


def _price(number: Decimal) -> str:
    """Six digits that tell something, however small it is: 0.42, 0.000000117056."""
    return _plain(number, max(6, 5 - number.adjusted()))
