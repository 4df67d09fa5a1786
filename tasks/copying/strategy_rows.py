"""What a cycle knows of ourselves, read once: strategies, whom they follow, what they hold, what they wait for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Protocol, TypeVar

from adapters.stores.known_rows import read_known
from adapters.stores.results import Results
from data_contracts import (
    Exit,
    ExitPreset,
    Instrument,
    Leader,
    OperatorWord,
    Order,
    Position,
    Reason,
    RiskState,
    Side,
    SignalScore,
    Strategy,
    SwapReceipt,
    TradingState,
    Venue,
)
from data_contracts.words import OPEN_ORDERS
from domain.copying.exits.presets import exit_policy
from domain.copying.exits.waiting import remaining
from domain.copying.judging import Judge
from domain.copying.ledger import key_of
from domain.copying.marking import MarkedPosition, marked_as
from domain.copying.policy import ExitPolicy, Policy
from domain.copying.portfolio import HoldingKey, Portfolio, portfolio_of
from domain.copying.risk.permission import EVERY_STRATEGY, SILENCE, Permission, Spoken, permission, strictest
from domain.copying.risk.win_rate import WINDOW
from domain.operating.alerts import UnreadableRow
from tasks.copying.account import AccountRows, read_account, read_decided
from tasks.copying.exits import waiting_exits
from tasks.copying.leader_words import read_leader_words
from tasks.copying.marks import read_marked
from tasks.copying.permissions import read_computed, read_spoken
from tasks.copying.sound_rows import Broken, all_strategies, readable_rows, sound_rows, unreadable

RESULT = ["strategy_id", "closed_at", "realized_pnl", "realized_before", "exit_reason"]


@dataclass(frozen=True, slots=True)
class StrategyRows:
    """One strategy's own rows."""

    strategy: Strategy
    policy: Policy
    leaders: frozenset[str]
    open_positions: tuple[MarkedPosition, ...]
    realized_pnl: Decimal
    results: tuple[tuple[datetime, bool, bool], ...]  # (closed_at, won, stopped) of the last closed positions, the oldest first
    risk: RiskState | None
    open_orders: tuple[Order, ...]
    exits: tuple[Exit, ...] = ()  # not done
    spoken: Spoken = SILENCE
    unreadable: tuple[UnreadableRow, ...] = ()
    account: AccountRows = field(default_factory=AccountRows)
    presets: Mapping[HoldingKey, ExitPreset] = field(default_factory=dict)
    fee_rates: Mapping[str, Decimal] = field(default_factory=dict)  # by token of its purchases without an answer
    held_back: Mapping[str, Reason] = field(default_factory=dict)  # by leader an operator paused or blocked

    @property
    def portfolio(self) -> Portfolio:
        """Its capital now."""
        awaited = [(order.leader, order.token_id) for order in self.open_orders]
        return portfolio_of(self.open_positions, self.strategy.balance, self.realized_pnl, awaited)

    def exits_of(self, position: MarkedPosition) -> ExitPolicy:
        """The rules by which a position is left."""
        return exit_policy(self.policy.exits, self.presets.get((position.leader, position.token_id)))

    @property
    def ordered(self) -> tuple[OperatorWord, ...]:
        """An operator's words that ask for exits here, of this strategy and of all."""
        return (*self.spoken.exits, *self.account.spoken.exits)

    def permission(self, kill_switch: TradingState) -> Permission:
        """What it may do now: never more than all strategies together may."""
        own = permission(kill_switch, self.spoken, self.risk, not self.unreadable)
        return strictest([own, self.account.permission])

    def judge(self, judged: frozenset[str], kill_switch: TradingState) -> Judge:
        """The strategy as it stands for the fold."""
        return Judge(
            strategy_id=self.strategy.strategy_id,
            venue=self.strategy.venue,
            kind=self.strategy.kind,
            policy=self.policy,
            portfolio=self.reserved(),
            leaders=self.leaders,
            judged=judged,
            permission=self.permission(kill_switch),
            positions=self.open_positions,
            underway=self.exits,
            size_factor=self.risk.size_factor if self.risk else Decimal(1),
            presets=self.presets,
            ordered=self.ordered,
            held_back=self.held_back,
        )

    def reserved(self) -> Portfolio:
        """Its capital as if every BUY without an answer were filled at its limit, at the highest fee: that is not there for another copy.

        And its holdings without what exits that are not done have been promised.
        """
        portfolio = self.portfolio
        for order in self.open_orders:
            if order.side is Side.BUY:
                cost = order.shares * order.limit_price * (1 + self.fee_rates.get(order.token_id, Decimal(0)))
                portfolio = portfolio.after_buy((order.leader, order.token_id), order.market_id, cost)
        for one in self.exits:
            if (one.leader, one.token_id) in portfolio.holdings:
                portfolio = portfolio.promised((one.leader, one.token_id), remaining(one))
        return portfolio


@dataclass(frozen=True, slots=True)
class Underway:
    """How often purchases and sales had been decided, and the orders without an answer.

    Read it before positions: what is filled between the two stands in both then, and in the other order it would stand in none.
    """

    decided: Mapping[Side, int]
    orders: Sequence[Order]
    broken: Sequence[Broken]


def read_underway(results: Results) -> Underway:
    """Of all strategies."""
    decided = read_decided(results)
    return Underway(decided, *sound_rows(results, Order, status=OPEN_ORDERS))


def read_strategies(results: Results, held: Sequence[MarkedPosition] | None = None, underway: Underway | None = None) -> list[StrategyRows]:
    """Every strategy with its rows, in the order of their ids. What is closed counts by its sum and its last results only.

    `held` are its open positions, for whoever has read them just now, and `underway` what was before that.
    """
    underway = underway or read_underway(results)
    strategies, faults = all_strategies(results)
    if held is None:
        positions, broken = sound_rows(results, Position, closed_at=None)
        held = read_marked(results, positions)
        faults += unreadable(Position, broken)
    orders, broken_orders = underway.orders, underway.broken
    exits, broken_exits = waiting_exits(results)
    spoken, broken_words = read_spoken(results)
    account = read_account(results, spoken[EVERY_STRATEGY])
    account = replace(
        account,
        decided=underway.decided,
        unreadable=(*account.unreadable, *(row for row in broken_words if row.strategy_id == EVERY_STRATEGY)),
    )
    risks, broken_risks = read_computed(results, spoken)
    realized, broken_sums = _realized(results, strategies)
    faults += [*unreadable(Order, broken_orders), *broken_exits, *broken_words, *broken_risks, *broken_sums]
    leaders = results.grouped(Leader, "strategy_id", "wallet", dropped_at=None)
    wins = _last_results(results, [one.strategy_id for one in strategies])
    presets, fee_rates, words = _presets(results, held, strategies), _fee_rates(results, orders), read_leader_words(results)
    own_positions, own_orders, own_faults = by_strategy(held), by_strategy(orders), by_strategy(faults)
    return [
        StrategyRows(
            strategy=strategy,
            policy=_policy(strategy.policy),
            leaders=frozenset(leaders.get(strategy.strategy_id, ())) if strategy.enabled else frozenset(),
            open_positions=tuple(own_positions[strategy.strategy_id]),
            realized_pnl=realized.get(strategy.strategy_id, Decimal(0)),
            results=tuple(wins[strategy.strategy_id]),
            risk=risks.get(strategy.strategy_id),
            open_orders=tuple(own_orders[strategy.strategy_id]),
            exits=tuple(exits[strategy.strategy_id]),
            spoken=spoken[strategy.strategy_id],
            unreadable=tuple(own_faults[strategy.strategy_id]),
            account=account,
            presets=presets.get(strategy.strategy_id, {}),
            fee_rates=fee_rates,
            held_back=words.denials(strategy.strategy_id),
        )
        for strategy in strategies
    ]


def read_changed(strategies: Sequence[StrategyRows], touched: Collection[str], results: Results) -> list[StrategyRows]:
    """The same strategies a moment later, after orders of those `touched`: only what an order changes, and what was said, is read anew.

    Their positions stand at the marks they had.
    """
    mine = {"strategy_id": sorted(touched)}
    orders, broken_orders = sound_rows(results, Order, status=OPEN_ORDERS, **mine)  # before positions, as Underway says
    positions, broken = sound_rows(results, Position, closed_at=None, **mine)
    exits, broken_exits = waiting_exits(results, **mine)
    spoken, broken_words = read_spoken(results)
    realized, broken_sums = _realized(results, [own.strategy for own in strategies])
    faults = [*unreadable(Position, broken), *unreadable(Order, broken_orders), *broken_exits, *broken_words, *broken_sums]
    own_positions, own_orders, own_faults = by_strategy(positions), by_strategy(orders), by_strategy(faults)
    wins, fee_rates = _last_results(results, touched), _fee_rates(results, orders)

    def now(own: StrategyRows) -> StrategyRows:
        name = own.strategy.strategy_id
        told = replace(own, spoken=spoken[name], account=replace(own.account, spoken=spoken[EVERY_STRATEGY]))
        if name not in touched:
            return told
        return replace(
            told,
            open_positions=tuple(_marked_as_before(own_positions[name], own.open_positions, results)),
            realized_pnl=realized.get(name, Decimal(0)),
            results=tuple(wins[name]),
            open_orders=tuple(own_orders[name]),
            exits=tuple(exits[name]),
            unreadable=tuple(dict.fromkeys([*own.unreadable, *own_faults[name]])),
            fee_rates=fee_rates,
        )

    return [now(own) for own in strategies]


def _fee_rates(results: Results, orders: Iterable[Order]) -> dict[str, Decimal]:
    """By token of the purchases among these, as the ledger knew it when they were made."""
    bought = {order.token_id for order in orders if order.side is Side.BUY}
    return {token_id: one.fee_rate for token_id, one in read_known(results, Instrument, bought).items()} if bought else {}


def _marked_as_before(positions: Sequence[Position], before: Sequence[MarkedPosition], results: Results) -> list[MarkedPosition]:
    marked = {key_of(one): one for one in before}
    unseen = {key_of(one): one for one in read_marked(results, [one for one in positions if key_of(one) not in marked])}
    return [marked_as(position, marked[key]) if (key := key_of(position)) in marked else unseen[key] for position in positions]


def unreadable_rows(strategies: Sequence[StrategyRows]) -> list[UnreadableRow]:
    """Of each of them, and of the account above them."""
    above = strategies[0].account.unreadable if strategies else ()
    return [*above, *(row for own in strategies for row in own.unreadable)]


def _presets(results: Results, held: Sequence[Position], strategies: Sequence[Strategy]) -> dict[str, dict[HoldingKey, ExitPreset]]:
    """By strategy that leaves by score: how each of its positions is left, by the last score before it was opened."""
    scored = {one.strategy_id for one in strategies if _policy(one.policy).exits.preset == "by_score"}
    mine = [one for one in held if one.strategy_id in scored]
    found: dict[str, dict[HoldingKey, ExitPreset]] = defaultdict(dict)
    if not mine:
        return found
    opened = {key_of(one): one.opened_at for one in mine}
    rows = readable_rows(results, SignalScore, strategy_id=sorted(scored), token_id=sorted({one.token_id for one in mine}))
    for row in sorted(rows, key=lambda row: row.judged_at):
        if row.judged_at <= opened.get((row.strategy_id, row.leader, row.token_id), row.judged_at - timedelta(1)):
            found[row.strategy_id][row.leader, row.token_id] = row.exit_preset
    return found


class Owned(Protocol):
    """A row of a strategy's own."""

    @property
    def strategy_id(self) -> str: ...


O = TypeVar("O", bound=Owned)  # noqa: E741


def decided_by(strategies: Sequence[StrategyRows]) -> Mapping[Side, int]:
    """How often it had been decided on purchases and sales when these were read."""
    return strategies[0].account.decided if strategies else AccountRows().decided


def by_strategy(rows: Iterable[O]) -> dict[str, list[O]]:
    """The rows of each strategy, in their order."""
    grouped: dict[str, list[O]] = defaultdict(list)
    for row in rows:
        grouped[row.strategy_id].append(row)
    return grouped


def _last_results(results: Results, strategy_ids: Collection[str]) -> dict[str, list[tuple[datetime, bool, bool]]]:
    wins: dict[str, list[tuple[datetime, bool, bool]]] = defaultdict(list)
    recent = results.newest(Position, "strategy_id", "closed_at", WINDOW, only=RESULT, among=strategy_ids)
    for strategy_id, closed_at, pnl, before, exit_reason in recent.iter_rows():
        if pnl is not None and before is not None:
            wins[strategy_id].append((closed_at, pnl > before, exit_reason == Reason.STOP_LOSS))
    return wins


def _realized(results: Results, strategies: Iterable[Strategy]) -> tuple[dict[str, Decimal], list[UnreadableRow]]:
    """By strategy; and whose sum is no number, because a position that is over has none."""
    sums = results.totals(Position, "strategy_id", "realized_pnl")
    known = {strategy_id: pnl for strategy_id, pnl in sums.items() if pnl.is_finite()}
    for strategy_id, beside in _beside_fills(results, [one.strategy_id for one in strategies if one.venue is Venue.SOLANA]).items():
        if strategy_id in known or strategy_id not in sums:
            known[strategy_id] = known.get(strategy_id, Decimal(0)) + beside
    return known, [UnreadableRow(name, "positions", "realized_pnl adds up to no number") for name in sums if name not in known]


def _beside_fills(results: Results, strategy_ids: Sequence[str]) -> dict[str, Decimal]:
    """SOL that our transactions took or returned and no fill has: all of those that traded nothing, and the deposits of the others."""
    if not strategy_ids:
        return {}
    own = list(strategy_ids)
    rents = results.sums(SwapReceipt, ["strategy_id"], ["rent"], strategy_id=own)
    idle = results.sums(SwapReceipt, ["strategy_id"], ["sol_change", "rent"], strategy_id=own, traded=Decimal(0))
    beside: dict[str, Decimal] = dict(rents.select("strategy_id", "rent").iter_rows())
    for strategy_id, change, rent in idle.select("strategy_id", "sol_change", "rent").iter_rows():
        beside[strategy_id] += change - rent
    return beside


@lru_cache(maxsize=1000)
def _policy(text: str) -> Policy:
    """The same text is the same policy: fifty of them took 10 ms a cycle to validate."""
    return Policy.of_record(text)
