"""Who speaks last must not silence who spoke before: operator, venue and cycle write at once, on a real Postgres; the strictest holds."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
import sqlalchemy as sa

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from data_contracts import Kind, Reason, RiskState, Strategy, StrategyVersion, TradingState
from domain.copying.policy import Policy
from domain.copying.risk.assessment import assess
from domain.copying.risk.permission import EVERY_STRATEGY, Permission
from tasks.copying.permissions import permissions
from tasks.copying.risk_assessment import assess_risk
from tasks.operating.following import name_wallet
from tasks.operating.strategies import put_strategy
from tasks.operating.strategy_editing import StrategyChanges, change_strategy
from tasks.operating.trading_halt import halt_for
from tasks.operating.trading_state import order_state
from tests.places import make_schema

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
ACTIVE, REDUCING, HALTED = TradingState
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def house(postgres_url: str) -> Iterator[Settings]:
    """One strategy of 1,000 USD in a schema of its own; a cycle has assessed it."""
    settings = Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Drace_tests")  # type: ignore[arg-type]
    make_schema(settings)
    put_strategy("one", Kind.MIRROR, Policy(), Decimal(1_000), True, settings, T0)
    assess_risk([], settings, T0)
    yield settings
    engine_of(settings.required("postgres_url")).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA race_tests CASCADE"))


def test_of_two_who_change_a_strategy_at_once_neither_is_lost_nor_what_was_before(house: Settings) -> None:
    """Both read the row and wrote all of it: of two wallets named at once one was gone, and so was a number changed beside them."""
    wallets = [f"0x{number:040x}" for number in range(1, 9)]
    begin = threading.Barrier(3)

    def name(mine: list[str]) -> None:
        begin.wait()
        for wallet in mine:
            name_wallet("one", wallet, True, house, T0)

    def pay_in() -> None:
        begin.wait()
        for balance in range(2_001, 2_005):
            change_strategy("one", StrategyChanges(balance=Decimal(balance)), house, T0)

    with ThreadPoolExecutor(3) as threads:
        runs = [threads.submit(copy_context().run, act) for act in (partial(name, wallets[:4]), partial(name, wallets[4:]), pay_in)]
        for run in runs:
            run.result()
    (row,), versions = open_results(house).rows(Strategy), open_results(house).rows(StrategyVersion)
    assert set(Policy.of_record(row.policy).follow.wallets) == set(wallets)
    assert row.balance == 2_004
    assert [one.version for one in versions] == list(range(1, 1 + 1 + 8 + 4))  # as it was made, and each change
    assert [len(Policy.of_record(one.policy).follow.wallets) for one in versions] == sorted(
        len(Policy.of_record(one.policy).follow.wallets) for one in versions
    )


def holds(house: Settings) -> Permission:
    return permissions(open_results(house), ACTIVE)["one"]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch, house: Settings) -> Callable[[Callable[[], object]], None]:
    """Runs a cycle's assessment with something that happens after it read and before it writes."""

    def run(happens: Callable[[], object]) -> None:
        def late(*args: object, **kwargs: object) -> RiskState:
            happens()
            return assess(*args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr("tasks.copying.risk_assessment.assess", late)
        assess_risk([], house, T0 + timedelta(seconds=30))
        monkeypatch.setattr("tasks.copying.risk_assessment.assess", assess)

    return run


def test_a_cycle_that_read_before_an_operators_halt_and_writes_after_it_leaves_it_standing(
    house: Settings, between: Callable[..., None]
) -> None:
    """One row for all three facts: the cycle put ACTIVE back over a HALT that was two seconds old, and copying went on."""
    between(lambda: order_state("one", HALTED, house, T0 + timedelta(seconds=31)))
    assert (holds(house).state, holds(house).reason) == (HALTED, Reason.OPERATOR)


def test_a_cycle_that_read_before_a_contradiction_and_writes_after_it_leaves_it_standing(
    house: Settings, between: Callable[..., None]
) -> None:
    between(lambda: halt_for("one", "it sold 5, the ledger holds 3", house, T0 + timedelta(seconds=31)))
    assert (holds(house).state, holds(house).reason) == (HALTED, Reason.VENUE_CONTRADICTS_US)


def test_a_contradiction_that_comes_while_an_operator_resumes_is_not_cleared_by_it(
    house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He cleared what he had seen. The worker wrote another one in between, with the earlier instant of its own run."""
    halt_for("one", "the first", house, T0)

    def late(*args: object) -> dict[str, Reason]:
        from domain.copying.risk.permission import halts

        seen = halts(*args)  # type: ignore[arg-type]
        halt_for("one", "the second", house, T0 - timedelta(seconds=5))
        return seen

    monkeypatch.setattr("tasks.operating.trading_state.halts", late)
    order_state("one", ACTIVE, house, T0 + timedelta(seconds=10))
    assert holds(house).reason is Reason.VENUE_CONTRADICTS_US
    monkeypatch.undo()
    assert order_state("one", ACTIVE, house, T0 + timedelta(seconds=20)).now.state is ACTIVE


def test_a_word_that_is_given_during_a_cycle_counts_at_the_next_order_not_at_the_next_cycle(
    house: Settings, between: Callable[..., None]
) -> None:
    between(lambda: order_state("one", REDUCING, house, T0 + timedelta(seconds=31)))
    assert (holds(house).state, holds(house).may_leave) == (REDUCING, True)


def test_a_hundred_cycles_beside_an_operator_never_undo_his_word(house: Settings) -> None:
    """The cycle writes its state as fast as it can; after each HALT the strategy is halted, whenever one looks."""
    ended, wrong = threading.Event(), []

    def cycles() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            assess_risk([], house, T0 + number * timedelta(seconds=30))

    beside = threading.Thread(target=copy_context().run, args=(cycles,))
    beside.start()
    try:
        for number in range(25):
            order_state("one", HALTED, house, T0 + timedelta(hours=number))
            wrong += [number for _ in range(4) if holds(house).state is not HALTED]
            order_state("one", ACTIVE, house, T0 + timedelta(hours=number, minutes=30))
            wrong += [number for _ in range(4) if holds(house).state is not ACTIVE]
    finally:
        ended.set()
        beside.join()
    assert wrong == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE strategies SET balance = 'NaN'",
        "UPDATE risk_states SET equity = 'NaN'",
        "UPDATE risk_states SET drawdown = 'NaN'",
        "UPDATE risk_states SET rules = 'gone'",
    ],
)
def test_what_a_server_can_keep_and_nobody_can_read_stops_its_own_strategy_only(house: Settings, damage: str) -> None:
    """Postgres keeps numbers that are none."""
    put_strategy("two", Kind.MIRROR, Policy(), Decimal(1_000), True, house, T0)
    with engine_of(house.required("postgres_url")).begin() as connection:
        connection.execute(sa.text(f"{damage} WHERE strategy_id = 'one'"))
    states = {own.strategy.strategy_id: own.permission(ACTIVE).reason for own in assess_risk([], house, T0 + timedelta(seconds=30))}
    assert states == {"one": Reason.STRATEGY_UNREADABLE, "two": None}
    assert {name: one.reason for name, one in permissions(open_results(house), ACTIVE).items() if name != EVERY_STRATEGY} == states
