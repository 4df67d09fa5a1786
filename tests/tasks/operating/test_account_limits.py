"""What an operator sets for all strategies: what is left empty stays, and each word for every strategy is a fact of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from prefect.exceptions import ParameterTypeError

from adapters.connect import open_results
from data_contracts import AccountLimits, AccountState, Alert, Kind, OperatorWord, Position, Quarantined, Reason, TradingState, Venue
from data_contracts.errors import Refused
from domain.copying.policy import Policy
from domain.copying.risk.permission import EVERY_STRATEGY, Permission
from flows.account_limits import set_account_limits
from flows.trading_state import set_trading_state
from tasks.copying.permissions import permissions
from tasks.copying.risk_assessment import assess_risk
from tasks.operating.account_limits import set_limits
from tasks.operating.strategies import put_strategy
from tasks.operating.trading_state import order_state

ACTIVE, REDUCING, HALTED = TradingState
CYCLE = timedelta(seconds=30)
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def house(rooms: Callable[..., Any], t0: datetime) -> Any:
    """Two strategies of 2,000 USD each."""
    found = rooms()
    for name in ("one", "two"):
        put_strategy(name, Kind.MIRROR, Policy(), Decimal(2_000), True, found.settings, t0)
    return found


def holds(house: Any, name: str = "one") -> Permission:
    return permissions(open_results(house.settings), ACTIVE)[name]


def test_what_is_left_empty_stays_and_what_is_lifted_goes(house: Any, t0: datetime) -> None:
    set_limits({"max_open_usd": Decimal(500), "max_drawdown": Decimal("0.2")}, [], house.settings, t0)
    lines = set_limits({"max_open_usd": Decimal("400.50")}, ["max_drawdown"], house.settings, t0 + CYCLE)
    assert lines == [
        {"limit": "max_open_usd", "was": "500", "is": "400.5"},
        {"limit": "max_cluster_usd", "was": "none", "is": "none"},
        {"limit": "max_daily_loss_usd", "was": "none", "is": "none"},
        {"limit": "max_drawdown", "was": "0.2", "is": "none"},
        *({"limit": f"max_{what}_usd", "was": "none", "is": "none"} for what in ("leader", "token", "venue")),
    ]
    assert [row.max_open_usd for row in house.rows(AccountLimits)] == [500, Decimal("400.5")]  # what held before stays on record


def test_a_limit_cannot_be_set_and_lifted_at_once(house: Any, t0: datetime) -> None:
    with pytest.raises(Refused, match="max_open_usd"):
        set_limits({"max_open_usd": Decimal(1)}, ["max_open_usd"], house.settings, t0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_open_usd", -1), ("max_open_usd", float("inf")), ("max_daily_loss_usd", 0), ("max_drawdown", 0), ("max_drawdown", 1.01)],
)
def test_a_limit_that_is_none_is_refused_where_it_is_typed(field: str, value: float) -> None:
    with pytest.raises(ParameterTypeError, match=field):
        set_account_limits.validate_parameters({field: value})


@pytest.mark.parametrize(("lost", "state"), [("299.99", ACTIVE), ("300", HALTED)])
def test_what_all_strategies_lost_together_halts_each_of_them(house: Any, t0: datetime, lost: str, state: TradingState) -> None:
    """Neither lost 15 % of its own; exits go on. A balance that is raised by what was lost is no way around it."""
    set_limits({"max_daily_loss_usd": Decimal(300)}, [], house.settings, t0)
    assess_risk([], house.settings, t0)
    assess_risk([], house.settings, t0 + CYCLE)
    lose(house, Decimal(lost), t0)
    for look in range(2, 5):
        assess_risk([], house.settings, t0 + look * CYCLE)
    assert {holds(house, name).state for name in ("one", "two")} == {state}
    assert (holds(house).reason, holds(house).may_leave) == (None if state is ACTIVE else Reason.ACCOUNT_DAILY_LOSS, True)
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(2_000) + Decimal(lost), True, house.settings, t0)
    assess_risk([], house.settings, t0 + 5 * CYCLE)
    assert holds(house).state is state


def lose(house: Any, usd: Decimal, at: datetime) -> None:
    """Half of it each, in a position that is closed."""
    for name in ("one", "two"):
        house.put(
            Position(
                strategy_id=name,
                venue=Venue.POLYMARKET,
                leader="0x" + "a" * 40,
                market_id="m",
                token_id="t",
                outcome="Yes",
                category="",
                shares=Decimal(0),
                cost=Decimal(0),
                realized_pnl=-usd / 2,
                fees=Decimal(0),
                lots="[]",
                opened_at=at,
                updated_at=at,
                closed_at=at,
            )
        )


def test_a_halt_for_every_strategy_holds_each_of_them_and_their_exits(house: Any, t0: datetime) -> None:
    """And a word for one of them does not undo it."""
    assert order_state(EVERY_STRATEGY, HALTED, house.settings, t0).now.state is HALTED
    told = order_state("one", ACTIVE, house.settings, t0 + CYCLE)
    assert (told.now.state, told.now.reason) == (HALTED, Reason.OPERATOR)
    assert [(holds(house, name).state, holds(house, name).may_leave) for name in ("one", "two", "unknown")] == [(HALTED, False)] * 3
    order_state(EVERY_STRATEGY, ACTIVE, house.settings, t0 + 2 * CYCLE)
    assert holds(house).state is ACTIVE


def test_an_end_of_the_halt_for_every_strategy_leaves_the_halt_of_one(house: Any, t0: datetime) -> None:
    order_state("one", HALTED, house.settings, t0)
    order_state(EVERY_STRATEGY, HALTED, house.settings, t0)
    order_state(EVERY_STRATEGY, ACTIVE, house.settings, t0 + CYCLE)
    assert (holds(house).state, holds(house, "two").state) == (HALTED, ACTIVE)
    assert {row.strategy_id for row in house.rows(OperatorWord)} == {"one", EVERY_STRATEGY}


def test_an_operator_resumes_the_account_by_the_word_for_every_strategy(house: Any, t0: datetime) -> None:
    set_limits({"max_drawdown": Decimal("0.05")}, [], house.settings, t0)
    assess_risk([], house.settings, t0)
    lose(house, Decimal(250), t0)
    for look in range(1, 5):
        assess_risk([], house.settings, t0 + look * CYCLE)
    assert holds(house).reason is Reason.ACCOUNT_DRAWDOWN
    told = order_state(EVERY_STRATEGY, ACTIVE, house.settings, t0 + 5 * CYCLE)
    assert [*told.cleared.values()] == [Reason.ACCOUNT_DRAWDOWN]
    assert holds(house).state is ACTIVE
    assess_risk([], house.settings, t0 + 6 * CYCLE)
    assert holds(house).state is ACTIVE


@pytest.mark.parametrize(
    "change", [{"rules": "{"}, {"rules": "[]"}, {"looks": "x"}, {"capital": "3"}, {"capital": '{"USD": "many"}'}, {"state": "PAUSED"}]
)
def test_a_state_of_the_account_that_cannot_be_read_halts_entries_until_an_operator_has_looked(
    house: Any, t0: datetime, change: dict[str, str]
) -> None:
    """Begun anew by itself it would forget a drawdown it had halted for."""
    set_limits({"max_drawdown": Decimal("0.05")}, [], house.settings, t0)
    assess_risk([], house.settings, t0)
    house.put(replace(house.rows(AccountState)[0], **change))
    assess_risk([], house.settings, t0 + CYCLE)
    assert (holds(house).reason, holds(house).may_leave) == (Reason.STRATEGY_UNREADABLE, True)
    assert [alert.about for alert in house.rows(Alert)] == [EVERY_STRATEGY]
    told = order_state(EVERY_STRATEGY, ACTIVE, house.settings, t0 + 2 * CYCLE)
    assert [*told.cleared.values()] == [Reason.STRATEGY_UNREADABLE]
    assess_risk([], house.settings, t0 + 3 * CYCLE)
    assert (holds(house).state, [row.table for row in house.rows(Quarantined)]) == (ACTIVE, ["account_states"])


def test_limits_that_cannot_be_read_are_no_reason_to_enter_until_they_are_set_again(house: Any, t0: datetime) -> None:
    set_limits({"max_drawdown": Decimal("0.05")}, [], house.settings, t0)
    house.put(replace(house.rows(AccountLimits)[0], set_at=t0 + CYCLE, max_open_usd=Decimal(-1)))
    assess_risk([], house.settings, t0 + CYCLE)
    assert holds(house).reason is Reason.STRATEGY_UNREADABLE
    set_limits({"max_open_usd": Decimal(1)}, [], house.settings, t0 + 2 * CYCLE)
    assess_risk([], house.settings, t0 + 3 * CYCLE)
    assert holds(house).state is ACTIVE


def test_where_nobody_limited_it_the_account_is_not_assessed(house: Any, t0: datetime) -> None:
    assess_risk([], house.settings, t0)
    assert house.rows(AccountState) == []


def test_both_forms_say_what_a_field_is_for() -> None:
    """Prefect takes the form's help from the docstring: what stands in an annotation it drops."""
    assert set_trading_state.parameters.properties["strategy_id"]["description"] == "The strategy's name, or * for every strategy"
    assert all(field.get("description") for field in set_account_limits.parameters.properties.values())
