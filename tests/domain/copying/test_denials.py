"""No Reason that is meant for entries ever keeps us in: each is classified, and none denies what its class does not let it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import OrderStatus, Reason, Side, TradingState, Venue, Verdict
from domain.copying.book import Book, Level
from domain.copying.denials import DENIES, Denies, may_deny
from domain.copying.judging import Evidence, judge, leave
from domain.copying.ordering import order_for
from domain.copying.policy import OrderPolicy
from domain.copying.portfolio import Holding, Portfolio
from domain.copying.risk.permission import Permission
from domain.copying.risk.rules import ACCOUNT_RULES, RULES

ACTIVE, REDUCING, HALTED = TradingState
UNSAFE = {Reason.OPERATOR, Reason.KILL_SWITCH, Reason.TRADING_HALTED, Reason.VENUE_CONTRADICTS_US, Reason.ORDER_FORGED}

# Why an exit does not go out now although nothing is unsafe: there is nothing to sell, nobody takes it, or it cannot be signed.
NO_EXIT_THERE = {
    *(Reason.NOTHING_HELD, Reason.EXIT_UNDERWAY, Reason.MARKET_RESOLVED, Reason.ORDER_BELOW_MINIMUM),
    *(Reason.TRADE_STALE, Reason.TRADE_FROM_THE_FUTURE),
    *(Reason.BOOK_MISSING, Reason.SLIPPAGE_TOO_HIGH, Reason.PRICE_BEYOND_LIMIT, Reason.LIMIT_NOT_KEPT),
    *(Reason.MARKET_UNKNOWN, Reason.MARKET_VERSION_UNKNOWN, Reason.MARKET_IS_COMBO, Reason.MARKET_CHANGED),
    *(reason for reason in Reason if reason.startswith("VENUE_") and reason not in (Reason.VENUE_CLOSED_ONLY, Reason.VENUE_UNSAFE)),
    Reason.SETTLEMENT_FAILED,
    *(Reason.QUOTE_STALE, Reason.NO_ROUTE, Reason.ROUTE_NOT_KNOWN, Reason.SIMULATION_FAILED),
    *(Reason.TRANSACTION_UNSAFE, Reason.TRANSACTION_EXPIRED, Reason.TRANSACTION_FAILED),
}


def test_every_reason_has_its_class() -> None:
    """Who adds a Reason says in `denials.DENIES` whether it may keep us in."""
    assert set(DENIES) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_what_may_deny_an_exit_may_deny_an_entry(reason: Reason) -> None:
    assert may_deny(reason, Side.BUY) >= may_deny(reason, Side.SELL)
    assert may_deny(reason, Side.SELL) == (DENIES[reason] is Denies.BOTH)


@pytest.mark.parametrize("reason", Reason)
def test_a_sale_is_denied_by_what_is_unsafe_or_where_there_is_none_to_be_made_and_by_no_other_reason(reason: Reason) -> None:
    assert may_deny(reason, Side.SELL) == (reason in UNSAFE | NO_EXIT_THERE)


@pytest.mark.parametrize("rule", [*RULES, *ACCOUNT_RULES], ids=lambda rule: rule.name)
def test_no_halt_by_a_rule_holds_an_exit(rule: Any) -> None:
    """A loss is no reason to stay in."""
    assert Permission(HALTED, rule.reason).may_leave


@pytest.fixture(scope="session")
def held(a_judge: Any, leader: str) -> Any:
    """A strategy that holds 100 shares after its leader; what else it has is changed."""

    def build(cash: Decimal = Decimal(0), others: int = 0, shares: Decimal = Decimal(100), policy: Any = None, **changes: Any) -> Any:
        holdings = {(leader, "yes"): Holding("market", shares, Decimal(40))}
        holdings |= {(f"other {n}", f"token {n}"): Holding("another", Decimal(1), Decimal(900)) for n in range(others)}
        return a_judge(policy=policy, portfolio=Portfolio(Decimal(10_000), cash, holdings), **changes)

    return build


@pytest.fixture(scope="session")
def known(a_market: Any) -> Any:
    """The market, and that the leader held 500 before its sale."""

    def build(trade: Any, **more: Any) -> Evidence:
        return Evidence({"yes": a_market()}, held_before={trade.trade_id: Decimal(500)}, **more)

    return build


@given(reason=st.sampled_from(Reason), state=st.sampled_from([REDUCING, HALTED]))
def test_a_state_lets_a_leaders_sale_through_unless_its_reason_is_unsafe(
    a_trade: Any, known: Any, held: Any, as_of: datetime, reason: Reason, state: TradingState
) -> None:
    """Judged it is always, so that nothing is forgotten; its order goes out unless a person or a contradiction said HALTED."""
    sale = a_trade(side=Side.SELL)
    one = held(state=state, reason=reason)
    (signal,) = judge([sale], [one], known(sale), as_of).signals
    assert (signal.verdict, signal.reason) == (Verdict.COPY, Reason.LEADER_EXITED)
    assert Permission(state, reason).may_leave or may_deny(reason, Side.SELL)
    if reason in UNSAFE:
        assert Permission(HALTED, reason).may_leave is False
    if DENIES[reason] is Denies.ENTRY:
        assert Permission(state, reason).may_leave


@given(
    cash=st.decimals(-100, 100, places=2),
    others=st.integers(0, 20),
    shares=st.decimals("0.01", 1_000, places=2),
    minimum=st.decimals(0, 1_000, places=2),
    most=st.integers(1, 20),
    exposure=st.integers(1, 100),
    late=st.booleans(),
    age_s=st.integers(-600, 200_000),
)
def test_no_number_of_ours_denies_a_sale_of_what_we_hold(
    a_trade: Any,
    known: Any,
    held: Any,
    as_of: datetime,
    cash: Decimal,
    others: int,
    shares: Decimal,
    minimum: Decimal,
    most: int,
    exposure: int,
    late: bool,
    age_s: int,
) -> None:
    """Minimum size, cash, exposure, a full book, a late feed, a sale as old as one likes or from a clock that runs ahead.

    nautilus_trader#4695 denied a closing order below the minimum notional, #2986 one for which there was no cash left to buy.
    """
    policy = {"risk": {"max_positions": most, "max_exposure": exposure}, "sizing": {"kind": "fixed", "amount": 1, "min_notional": minimum}}
    sale = a_trade(side=Side.SELL, traded_at=as_of - timedelta(seconds=age_s))
    one = held(cash, others, shares, policy)
    holdings = {key: replace(one_held, opened_at=as_of - timedelta(days=30)) for key, one_held in one.portfolio.holdings.items()}
    one = replace(one, portfolio=replace(one.portfolio, holdings=holdings))
    (signal,) = judge([sale], [one], known(sale, late=frozenset({Venue.POLYMARKET} if late else ())), as_of).signals
    assert (signal.verdict, signal.reason) == (Verdict.COPY, Reason.LEADER_EXITED)


@given(state=st.sampled_from(TradingState), reason=st.sampled_from(Reason), price=st.decimals("0.01", "0.19", places=2))
def test_a_stop_is_heard_whatever_a_rule_halted(
    a_marked_position: Any, known: Any, a_trade: Any, held: Any, as_of: datetime, state: TradingState, reason: Reason, price: Decimal
) -> None:
    """A circuit breaker once skipped the stops of all that was still open: go-trader#1046."""
    position = a_marked_position(mark_price=price, opened_at=as_of - timedelta(hours=1))
    one = replace(held(state=state, reason=reason), positions=(position,))
    signals = leave([one], known(a_trade()), as_of)
    assert [signal.reason for signal in signals] == ([Reason.STOP_LOSS] if Permission(state, reason).may_leave else [])


@given(shares=st.decimals("0.01", 1_000, places=2), bid=st.decimals("0.38", "0.99", places=2))
def test_an_order_for_what_we_hold_is_denied_by_no_minimum(
    a_signal: Any, a_market: Any, as_of: datetime, shares: Decimal, bid: Decimal
) -> None:
    signal = a_signal(side=Side.SELL, notional=Decimal(0), exit_fraction=Decimal(1), reason=Reason.LEADER_EXITED)
    book = Book("yes", (Level(bid, Decimal(1_000)),), ())
    order = order_for(signal, a_market(min_shares=Decimal(5)), book, shares, OrderPolicy(), True, as_of)
    assert (order.status, order.reason) == (OrderStatus.PENDING, None)
