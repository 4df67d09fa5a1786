"""The verdict on each trade: firewall, state, consensus, risk and size are asked from here only.

One pure fold over the trades of a cycle: each copy leaves less capital for the next.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from data_contracts import (
    AccountLimits,
    Awaited,
    Deferral,
    Exit,
    ExitPreset,
    Instrument,
    JudgedTrade,
    Kind,
    OperatorWord,
    Reason,
    Side,
    Signal,
    SignalScore,
    Trade,
    TradingState,
    Venue,
    Verdict,
)
from domain.copying import firewall, sizing
from domain.copying.account import Account, Exposed, Rates, account_of
from domain.copying.amounts import sized_down
from domain.copying.evidence import Evidence
from domain.copying.exits.leader import sold_fraction
from domain.copying.exits.ordered import ordered_exits
from domain.copying.exits.presets import exit_policy, preset_for
from domain.copying.exits.rule import OwnExit
from domain.copying.exits.rules import own_exits, strength
from domain.copying.exits.waiting import remaining, supersedes
from domain.copying.intentions import Intention, in_order, intentions, place_of
from domain.copying.kinds.kind import Conviction, Entry, Score, Unconvinced
from domain.copying.kinds.kinds import KINDS
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy, Policy
from domain.copying.portfolio import HoldingKey, Portfolio
from domain.copying.risk import limits
from domain.copying.risk.permission import UNLIMITED, Permission
from domain.ids import row_id

NOTHING = Decimal(0)
NO_LIMITS = Account()
WAITS_OUT = (Reason.TRADE_STALE, Reason.TRADE_FROM_THE_FUTURE, Reason.MARKET_UNKNOWN)  # no reasons to stay in


@dataclass(frozen=True, slots=True)
class Judge:
    """A strategy as it stands when the cycle begins. `judged` are the trades, and own exits, it has given its verdict on already.

    `portfolio` holds what no exit of `underway` has been promised.
    """

    strategy_id: str
    venue: Venue
    kind: Kind
    policy: Policy
    portfolio: Portfolio
    leaders: frozenset[str]
    judged: frozenset[str] = frozenset()
    permission: Permission = UNLIMITED
    positions: tuple[MarkedPosition, ...] = ()
    underway: tuple[Exit, ...] = ()
    size_factor: Decimal = Decimal(1)
    deferred: Mapping[str, Deferral] = field(default_factory=dict)  # by trade, not ended
    presets: Mapping[HoldingKey, ExitPreset] = field(default_factory=dict)  # of positions that were opened by a score
    ordered: tuple[OperatorWord, ...] = ()  # that ask for exits
    held_back: Mapping[str, Reason] = field(default_factory=dict)  # leaders behind whom nothing is entered, and why

    def own_exits(self, as_of: datetime) -> list[OwnExit]:
        """What a person and our own rules ask for now, the strongest first. While exits are held back nobody asks: later marks count."""
        if not self.permission.may_leave:
            return []
        found = [own for position in self.positions for own in own_exits(position, self.exits_of(position), as_of)]
        found += [own for position in self.positions for own in ordered_exits(position, self.ordered, as_of)]
        return sorted(found, key=lambda own: strength(own.reason))

    def exits_of(self, position: MarkedPosition) -> ExitPolicy:
        """The rules by which this position is left."""
        return exit_policy(self.policy.exits, self.presets.get((position.leader, position.token_id)))


@dataclass(frozen=True, slots=True)
class Opinion:
    """A verdict without the trade it is about."""

    reason: Reason
    notional: Decimal = NOTHING
    exit_fraction: Decimal = NOTHING
    score: Score | None = None

    @property
    def verdict(self) -> Verdict:
        return Verdict.COPY if self.notional > 0 or self.exit_fraction > 0 else Verdict.SKIP


@dataclass(frozen=True, slots=True)
class Judgement:
    """Signals in the order of the trades, the trades they are about, and the sales that wait because an exit cannot be sized yet."""

    signals: list[Signal] = field(default_factory=list)
    judged: list[JudgedTrade] = field(default_factory=list)
    deferred: list[Deferral] = field(default_factory=list)
    scores: list[SignalScore] = field(default_factory=list)


def judge(trades: Iterable[Trade], judges: Sequence[Judge], evidence: Evidence, as_of: datetime, account: Account = NO_LIMITS) -> Judgement:
    """One Signal per intention and strategy that follows its leader. What one strategy opens leaves less of the account for the next."""
    once = {trade.trade_id: trade for trade in trades}  # a trade that was read twice is judged, and paid for, once
    ordered, judgement = in_order(once.values()), Judgement()
    for one in judges:
        account = _judge_one(ordered, one, evidence, as_of, judgement, account)
    return judgement


def account_under(limits: AccountLimits | None, judges: Iterable[Judge], rates: Rates) -> Account:
    """The account as the strategies stand when a cycle begins."""
    return account_of(limits, ((one.venue, one.portfolio) for one in judges), rates)


def leave(judges: Iterable[Judge], evidence: Evidence, as_of: datetime) -> list[Signal]:
    """One Signal per exit that a rule of a strategy's own asks for, the strongest rules first. Nothing but our own rows speaks here."""
    judgement = Judgement()
    for one in judges:
        standing = one
        for own in one.own_exits(as_of):
            if own.trade.trade_id not in one.judged:
                standing = _leave(own, standing, evidence, as_of, judgement)
    return judgement.signals


def unjudged(trades: Iterable[Trade], judges: Iterable[Judge]) -> list[Trade]:
    """The trades that concern a strategy which has given no verdict on them yet. Found by wallet: most pairs do not concern each other."""
    trades = list(trades)
    traders, followers = {trade.wallet for trade in trades}, defaultdict[str, list[Judge]](list)
    for one in judges:
        for wallet in (traders & one.leaders) | {wallet for wallet, _ in one.portfolio.holdings if wallet in traders}:
            followers[wallet].append(one)
    return [trade for trade in trades if any(_awaits(trade, one, one.portfolio) for one in followers.get(trade.wallet, ()))]


def _awaits(trade: Trade, judge: Judge, portfolio: Portfolio) -> bool:
    """A leader that is no longer followed still takes us out of what we hold after it."""
    concerned = trade.wallet in judge.leaders or (trade.side is Side.SELL and (trade.wallet, trade.token_id) in portfolio.holdings)
    return concerned and trade.venue is judge.venue and trade.trade_id not in judge.judged


def _judge_one(
    trades: Sequence[Trade], judge: Judge, evidence: Evidence, as_of: datetime, judgement: Judgement, account: Account
) -> Account:
    """What the leaders did, one by one: each copy leaves less for the next. The account after it."""
    portfolio = judge.portfolio
    wallets = judge.leaders | {wallet for wallet, _ in portfolio.holdings}  # of most trades no more is asked
    looked_at = [trade for trade in trades if trade.wallet in wallets and _awaits(trade, judge, portfolio)]
    found = intentions(looked_at, lambda trade: _standing(trade, judge, evidence, as_of))
    for place, intention in enumerate(found):
        bought = _bought_after(intention, found[:place], judge)
        held = {name: None if (known := evidence.held_before.get(name)) is None else known + more for name, more in bought.items()}
        opinion = opinion_on(intention, judge, portfolio, held, evidence, as_of, account)
        if opinion is None:
            judgement.deferred.extend(_deferral(fill, judge, portfolio, bought[fill.trade_id], as_of) for fill in intention.fills)
            continue
        signal = _signal(intention.trade, judge, opinion, evidence, as_of, len(intention.fills))
        judgement.signals.append(signal)
        judgement.scores.extend([_score_row(opinion.score, signal, judge.policy)] if opinion.score else [])
        judgement.judged.extend(_record(fill, signal) for fill in intention.fills)
        portfolio = _after(portfolio, intention.trade, opinion, evidence)
        account = _account_after(account, intention.trade, opinion, evidence)
    return account


def _standing(trade: Trade, judge: Judge, evidence: Evidence, as_of: datetime) -> tuple[Reason | None, bool, Decimal | None]:
    """Fills that the firewall sees differently are looked at one by one: the sum is denied only for what all of it breaks."""
    denied = firewall.denial(trade, evidence.instruments.get(trade.token_id), judge.policy.firewall, as_of)
    return denied, _takes_us_out(trade, judge.portfolio), evidence.limits.get(trade.trade_id)


def _bought_after(intention: Intention, before: Sequence[Intention], judge: Judge) -> dict[str, Decimal]:
    """Trade id → what its leader bought after that sale in the same look, of purchases that are judged, as a whole, before it."""
    one = intention.fills[0]
    bought = [fill for other in before if _is_bought(other, one) for fill in other.fills] if one.side is Side.SELL else []
    return {
        fill.trade_id: judge.deferred[fill.trade_id].bought_after
        if fill.trade_id in judge.deferred
        else sum((buy.shares for buy in bought if place_of(buy) > place_of(fill)), NOTHING)
        for fill in intention.fills
    }


def _is_bought(other: Intention, sale: Trade) -> bool:
    first = other.fills[0]
    return first.side is Side.BUY and (first.wallet, first.token_id) == (sale.wallet, sale.token_id)


def _deferral(fill: Trade, judge: Judge, portfolio: Portfolio, bought_after: Decimal, as_of: datetime) -> Deferral:
    waiting = judge.deferred.get(fill.trade_id)
    return Deferral(
        strategy_id=judge.strategy_id,
        trade_id=fill.trade_id,
        leader=fill.wallet,
        token_id=fill.token_id,
        traded_at=fill.traded_at,
        waits_for=Awaited.ORDER if (fill.wallet, fill.token_id) in portfolio.awaited else Awaited.HOLDING,
        bought_after=bought_after,
        deferred_at=waiting.deferred_at if waiting else as_of,
    )


def _score_row(score: Score, signal: Signal, policy: Policy) -> SignalScore:
    """What the verdict was made of, and the preset by which we would leave."""
    return SignalScore(
        signal_id=signal.signal_id,
        strategy_id=signal.strategy_id,
        leader=signal.leader,
        token_id=signal.token_id,
        **asdict(score),
        threshold=policy.score.threshold,
        exit_preset=preset_for(score.score),
        judged_at=signal.judged_at,
    )


def _record(fill: Trade, signal: Signal) -> JudgedTrade:
    return JudgedTrade(strategy_id=signal.strategy_id, trade_id=fill.trade_id, signal_id=signal.signal_id, judged_at=signal.judged_at)


def _leave(one: OwnExit, judge: Judge, evidence: Evidence, as_of: datetime, judgement: Judgement) -> Judge:
    """The judge after an exit of our own. What cannot be judged now, or has nothing to sell, is asked for again by its rule."""
    trade, key = one.trade, (one.trade.wallet, one.trade.token_id)
    instrument = evidence.instruments.get(trade.token_id)
    over = instrument is None or (instrument.ended_at is not None and instrument.ended_at <= as_of)
    bought = next(p.bought_shares or p.shares for p in judge.positions if (p.leader, p.token_id) == key)
    if over or key in judge.portfolio.awaited or key not in judge.portfolio.holdings:
        return judge
    after = _with_taken_over(one.reason, key, judge) if one.takes_over else judge
    free = after.portfolio.holdings[key].shares
    fraction = one.fraction_of(bought, free)
    if free <= 0 or fraction <= 0:
        return judge
    judgement.signals.append(_signal(trade, judge, Opinion(one.reason, exit_fraction=fraction), evidence, as_of))
    return replace(after, portfolio=after.portfolio.after_exit(key, fraction).promised(key, NOTHING))


def _with_taken_over(reason: Reason, key: HoldingKey, judge: Judge) -> Judge:
    """As if the weaker exits of a position had never been promised anything: a stronger one takes what they have left."""
    left = tuple(one for one in judge.underway if (one.leader, one.token_id) != key or not supersedes(reason, one))
    return replace(judge, underway=left, portfolio=judge.portfolio.promised(key, -_taken_over(reason, key, judge)))


def _taken_over(reason: Reason, key: HoldingKey, judge: Judge) -> Decimal:
    """Shares promised to weaker exits, which a stronger one of everything takes over."""
    mine = (one for one in judge.underway if (one.leader, one.token_id) == key)
    return sum((remaining(one) for one in mine if supersedes(reason, one)), NOTHING)


def opinion_on(
    intention: Intention,
    judge: Judge,
    portfolio: Portfolio,
    held: Mapping[str, Decimal | None],
    evidence: Evidence,
    as_of: datetime,
    account: Account = NO_LIMITS,
) -> Opinion | None:
    """What this strategy makes of it, with what its leader `held` before each sale; None when an exit must wait for an answer."""
    trade = intention.trade
    if trade.side is Side.BUY and (said := judge.held_back.get(trade.wallet)):
        return Opinion(said)
    instrument = evidence.instruments.get(trade.token_id)
    denied = firewall.denial(trade, instrument, judge.policy.firewall, as_of)
    if _takes_us_out(trade, portfolio) and denied in WAITS_OUT:
        return _exit_opinion(intention, judge, portfolio, held) if instrument else None
    if denied or instrument is None:
        return Opinion(denied or Reason.MARKET_UNKNOWN)
    if trade.side is Side.SELL:
        return _exit_opinion(intention, judge, portfolio, held)
    if judge.permission.state is TradingState.HALTED:
        return Opinion(judge.permission.reason or Reason.TRADING_HALTED)
    return _entry_opinion(trade, instrument, judge, portfolio, evidence, as_of, account)


def _takes_us_out(trade: Trade, portfolio: Portfolio) -> bool:
    """Its leader sold after we bought: such a trade is never too old, or a long wait for an answer would keep us in."""
    held = portfolio.holdings.get((trade.wallet, trade.token_id))
    return trade.side is Side.SELL and held is not None and held.opened_at is not None and held.opened_at <= trade.traded_at


def _exit_opinion(intention: Intention, judge: Judge, portfolio: Portfolio, held_before: Mapping[str, Decimal | None]) -> Opinion | None:
    """While exits are held back one is on record at once all the same; it is the order that waits for the operator."""
    key = (intention.fills[0].wallet, intention.fills[0].token_id)
    if key in portfolio.awaited:
        return None
    held = portfolio.holdings.get(key)
    if held is None:
        return Opinion(Reason.NOTHING_HELD)
    fraction = sold_fraction(intention.fills, held_before)
    if fraction is None:
        return None if held.shares > 0 or key in portfolio.leaving else Opinion(Reason.NOTHING_HELD)
    taken_over = _taken_over(Reason.LEADER_EXITED, key, judge) if fraction == 1 else NOTHING
    if held.shares + taken_over <= 0:
        return Opinion(Reason.EXIT_UNDERWAY if key in portfolio.leaving else Reason.NOTHING_HELD)
    return Opinion(Reason.LEADER_EXITED, exit_fraction=fraction)


def _entry_opinion(
    trade: Trade, instrument: Instrument, judge: Judge, portfolio: Portfolio, evidence: Evidence, as_of: datetime, account: Account
) -> Opinion:
    if instrument.venue in evidence.unsafe:
        return Opinion(Reason.VENUE_UNSAFE)
    if instrument.venue in evidence.late:
        return Opinion(Reason.FEED_LATE)
    if judge.permission.state is TradingState.REDUCING:
        return Opinion(judge.permission.reason or Reason.TRADING_REDUCING)
    conviction = KINDS[judge.kind].answer(Entry(trade, instrument, judge.policy, evidence, as_of))
    if isinstance(conviction, Reason):
        return Opinion(conviction)
    if isinstance(conviction, Unconvinced):
        return Opinion(conviction.reason, score=conviction.score)
    opinion = _sized_opinion(trade, instrument, judge, portfolio, conviction, evidence.owner_of, account)
    return replace(opinion, score=conviction.score) if conviction.score else opinion


def _sized_opinion(
    trade: Trade,
    instrument: Instrument,
    judge: Judge,
    portfolio: Portfolio,
    conviction: Conviction,
    owner_of: Callable[[str], str],
    account: Account,
) -> Opinion:
    key, policy = (trade.wallet, trade.token_id), judge.policy
    denied = limits.denial(portfolio, key, owner_of, policy.risk)
    if denied:
        return Opinion(denied)
    spendable = (portfolio.cash - policy.risk.reserve) / with_fee(instrument)
    if spendable < policy.sizing.min_notional:
        return Opinion(Reason.CAPITAL_TOO_LOW)
    room = limits.room(portfolio, key, owner_of, policy.risk) / with_fee(instrument)
    if room < policy.sizing.min_notional:
        return Opinion(Reason.EXPOSURE_REACHED)
    in_account, reached = account.room(Exposed(trade.wallet, trade.token_id, trade.venue), owner_of)
    spare = in_account / with_fee(instrument)
    if spare < policy.sizing.min_notional or spare <= 0:
        return Opinion(reached)
    score = conviction.score.score if conviction.score else None
    sized = sizing.copy_notional(trade.notional, _odds(trade, instrument), conviction.chance, portfolio.balance, policy.sizing, score)
    notional = sized_down(min(sized * judge.size_factor, spendable, room, spare), instrument.stake_currency)
    if notional < policy.sizing.min_notional or notional <= 0:
        return Opinion(Reason.SIZE_BELOW_MINIMUM)
    return Opinion(conviction.reason, notional=notional)


def _odds(trade: Trade, instrument: Instrument) -> Decimal | None:
    """The price as a part of what a share pays at most."""
    return trade.price / instrument.highest_payout if instrument.highest_payout else None


def with_fee(instrument: Instrument) -> Decimal:
    """The most that one of notional can cost: the taker fee comes on top and is at most rate x notional."""
    return 1 + instrument.fee_rate


def _after(portfolio: Portfolio, trade: Trade, opinion: Opinion, evidence: Evidence) -> Portfolio:
    key = (trade.wallet, trade.token_id)
    if opinion.notional > 0:
        return portfolio.after_buy(key, trade.market_id, opinion.notional * with_fee(evidence.instruments[trade.token_id]))
    return portfolio.after_exit(key, opinion.exit_fraction) if opinion.exit_fraction > 0 else portfolio


def _account_after(account: Account, trade: Trade, opinion: Opinion, evidence: Evidence) -> Account:
    if opinion.notional <= 0:
        return account
    instrument = evidence.instruments[trade.token_id]
    return account.after_buy(Exposed(trade.wallet, trade.token_id, trade.venue), opinion.notional * with_fee(instrument))


def _signal(trade: Trade, judge: Judge, opinion: Opinion, evidence: Evidence, as_of: datetime, fills: int = 1) -> Signal:
    instrument = evidence.instruments.get(trade.token_id)
    consensus = evidence.consensus.get((trade.token_id, judge.policy.owrr.votes_by))
    return Signal(
        signal_id=row_id(judge.strategy_id, trade.trade_id),
        strategy_id=judge.strategy_id,
        venue=trade.venue,
        kind=judge.kind,
        trade_id=trade.trade_id,
        leader=trade.wallet,
        market_id=trade.market_id,
        token_id=trade.token_id,
        outcome=trade.outcome,
        category=instrument.category if instrument else "",
        side=trade.side,
        verdict=opinion.verdict,
        reason=opinion.reason,
        leader_price=trade.price,
        leader_shares=trade.shares,
        leader_notional=trade.notional,
        notional=opinion.notional,
        exit_fraction=opinion.exit_fraction,
        owrr=consensus.owrr if consensus else None,
        score_for=consensus.score_for if consensus else None,
        score_against=consensus.score_against if consensus else None,
        qualified_for=consensus.qualified_for if consensus else None,
        qualified_against=consensus.qualified_against if consensus else None,
        confidence=consensus.confidence if consensus else None,
        consensus_age_s=max(0.0, (as_of - consensus.computed_at).total_seconds()) if consensus else None,
        traded_at=trade.traded_at,
        judged_at=as_of,
        latency_s=max(0.0, (as_of - trade.traded_at).total_seconds()),
        size_factor=judge.size_factor if opinion.notional > 0 else Decimal(1),
        fills=fills,
    )
