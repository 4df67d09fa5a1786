"""The log of fills is the truth: booked once by however many writers, whole or not at all, and derived again without a difference."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier, Event
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.known_rows import as_known
from adapters.stores.memory import MemoryResults
from adapters.stores.postgres import engine_of
from adapters.stores.results import Write
from data_contracts import Contradiction, Fill, FillKind, Order, Position, Quarantined, Settlement, Side, TradingState
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of
from deployments.findings import FAIL, OK
from deployments.health import ledger
from domain.copying.ledger import fold, settlement_of
from domain.copying.risk.permission import UNLIMITED
from domain.polymarket.amounts import CENT
from tasks.copying.booking import append, book
from tasks.copying.order_execution import Execution
from tasks.copying.permissions import permissions
from tasks.copying.rebuilding import find_differences, rebuild_positions
from tasks.steps import bare_steps
from tests.ledger_rows import LEADER, a_fill, an_order
from tests.markets import an_instrument
from tests.places import empty_schema, make_schema

pytestmark = pytest.mark.usefixtures("bare")

KEY = ("one", LEADER, "yes")


@pytest.fixture
def home(rooms: Callable[..., Any], t0: datetime) -> Any:
    return rooms()


@pytest.fixture
def postgres(postgres_url: str, t0: datetime) -> Settings:
    """A migrated schema of these tests' own, emptied."""
    place = Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Dbooking_tests", clickhouse_url="memory:none")  # type: ignore[arg-type]
    make_schema(place)
    empty_schema(place.required("postgres_url"))
    return place


def execution(*pairs: tuple[Order, Fill]) -> Execution:
    return Execution(frame_of([order for order, _ in pairs], Order), frame_of([fill for _, fill in pairs], Fill))


def filled(t0: datetime, name: str, *args: Any, side: Side = Side.BUY, strategy_id: str = "one", **changes: Any) -> tuple[Order, Fill]:
    order = an_order(t0, name, strategy_id=strategy_id, side=side)
    return order, a_fill(order, *args, **changes)


def settle(place: Settings, at: datetime, payout: str = "1") -> None:
    """What `settle_positions` appends, without its look at the market."""

    def end(store: Any, known: Any) -> Any:
        position = fold(known[KEY])
        return [settlement_of(position.position, Decimal(payout), at)] if position and position.position.shares else []

    append(open_results(place), [KEY], end, place, at)


def test_a_fill_its_order_and_its_position_are_written_together(home: Any, t0: datetime) -> None:
    order, fill = filled(t0, "buy")
    assert book(execution((order, fill)), home.settings, t0).height == 1
    assert (home.rows(Order), [row.fill_id for row in home.rows(Fill)]) == ([order], [fill.fill_id])
    assert [(row.shares, row.cost) for row in home.rows(Position)] == [(100, 40)]


def test_a_fill_told_twice_counts_once(home: Any, t0: datetime) -> None:
    for _ in range(2):
        book(execution(filled(t0, "buy")), home.settings, t0)
    assert [row.shares for row in home.rows(Position)] == [100]


def test_a_settlement_is_not_lost_to_a_merge_that_was_booked_while_it_waited(home: Any, t0: datetime) -> None:
    """A settlement read 100 shares, waited for the network, and wrote whole rows: the merge of 60 in between was undone, for ever."""
    book(execution(filled(t0, "buy")), home.settings, t0)
    merge = a_fill(an_order(t0, "merge", side=Side.SELL), "60", "0.50", 1, kind=FillKind.MERGE)
    read_before = home.rows(Position)[0]
    book(Execution(frame_of([], Order), frame_of([merge], Fill)), home.settings, t0)
    append(
        open_results(home.settings),
        [KEY],
        lambda store, known: [settlement_of(read_before, Decimal(1), t0 + timedelta(seconds=9))],
        home.settings,
        t0,
    )
    (position,), (settlement,) = home.rows(Position), home.rows(Settlement)
    assert (settlement.shares, settlement.realized_pnl, position.realized_pnl) == (40, 24, 30)  # 40 - 16, and 30 - 24 for the merge


def test_near_nothing_is_nothing(home: Any, t0: datetime) -> None:
    """Bought 100, sold 99.99: what is left is written off in the log, and the position is over."""
    home.put(as_known(an_instrument()))
    book(execution(filled(t0, "buy")), home.settings, t0)
    book(execution(filled(t0, "sell", "99.99", "0.50", 1, side=Side.SELL)), home.settings, t0)
    assert [(row.shares, row.closed_at is not None) for row in home.rows(Position)] == [(0, True)]
    assert [row.shares for row in home.rows(Fill, kind=FillKind.WRITE_OFF)] == [CENT]
    assert find_differences(home.settings) == []


BROKEN = {
    "a negative fee": {"fee": Decimal(-1)},
    "a price above what a share can be worth": {"price": Decimal("1.2")},
    "no shares": {"shares": Decimal(0)},
    "a market of no name": {"market_id": ""},
    "a negative notional": {"notional": Decimal(-40)},
    "no id of ours": {"fill_id": "7"},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_a_fill_that_breaks_its_contract_halts_its_strategy_and_books_nothing_in_halves(home: Any, t0: datetime, change: Any) -> None:
    """It was stored with its order FILLED, and never booked: the ledger lacked shares that were bought. The other strategy goes on."""
    bad, good = filled(t0, "bad", **change), filled(t0, "good", strategy_id="two")
    with pytest.raises(Unsafe, match="one: Fill"):
        book(execution(bad, good), home.settings, t0)
    assert {row.strategy_id for name in (Order, Fill, Position) for row in home.rows(name)} == {"two"}
    allowed = permissions(open_results(home.settings), TradingState.ACTIVE)
    assert (allowed["one"].state, allowed["one"].may_leave, allowed["two"]) == (TradingState.HALTED, False, UNLIMITED)
    assert [(row.strategy_id, "Fill" in row.says) for row in home.rows(Contradiction)] == [("one", True)]
    assert [row.table for row in home.rows(Quarantined)] == ["fills"]


def test_the_operator_is_called_once_for_what_stays_broken(home: Any, t0: datetime) -> None:
    """The venue says the same each cycle: it must not keep every other strategy from its cycle for ever."""
    bad = filled(t0, "bad", fee=Decimal(-1))
    with pytest.raises(Unsafe):
        book(execution(bad), home.settings, t0)
    book(execution(bad), home.settings, t0 + timedelta(seconds=30))
    assert home.rows(Fill) == []


@pytest.mark.parametrize("damage", ["shares = 'NaN'", "notional = 'NaN'", "fee = 'NaN'", "filled_at = 'infinity'"])
def test_a_fill_of_which_a_cell_was_broken_in_store_stops_its_own_position_and_no_other(
    postgres: Settings, t0: datetime, damage: str
) -> None:
    """Postgres keeps NaN, and to compare with it is an error: it ended the booking of all that was filled in that cycle."""
    book(execution(filled(t0, "buy")), postgres, t0)
    with engine_of(postgres.required("postgres_url")).begin() as connection:
        connection.execute(sa.text(f"UPDATE fills SET {damage}"))
    with pytest.raises(Unsafe, match="one: "):
        book(
            execution(filled(t0, "sell", "40", "0.50", 1, side=Side.SELL), filled(t0, "good", strategy_id="two")),
            postgres,
            t0 + timedelta(seconds=1),
        )
    assert [row.shares for row in open_results(postgres).rows(Position, strategy_id="two")] == [100]
    assert permissions(open_results(postgres), TradingState.ACTIVE)["one"].may_leave is False


def test_a_position_that_would_break_its_contract_is_not_written_either(home: Any, t0: datetime) -> None:
    """Two good fills of which the second sells what nobody bought: neither order is called FILLED, and its strategy stops."""
    book(execution(filled(t0, "buy")), home.settings, t0)
    before = [home.rows(name) for name in (Order, Fill, Position)]
    with pytest.raises(Unsafe, match="more were sold"):
        book(execution(filled(t0, "half", "60", side=Side.SELL), filled(t0, "too much", "60", side=Side.SELL)), home.settings, t0)
    assert [home.rows(name) for name in (Order, Fill, Position)] == before


def test_what_a_death_leaves_is_whole(home: Any, t0: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that dies while it writes leaves the order without an answer, and no fill: the next cycle asks the venue."""
    monkeypatch.setattr(MemoryResults, "write", lambda store, writes: (_ for _ in ()).throw(ConnectionError))
    with pytest.raises(ConnectionError):
        book(execution(filled(t0, "buy")), home.settings, t0)
    assert (home.rows(Order), home.rows(Fill), home.rows(Position)) == ([], [], [])


# Two writers at the same time, on PostgreSQL.


def at_once(*acts: Callable[[], Any]) -> None:
    """All begin at the same moment; whoever fails, fails here."""
    start = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        start.wait(30)
        with bare_steps():  # of this thread
            return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(act, one) for one in acts]:
            done.result(60)


def test_writers_at_the_same_time_lose_and_double_no_fill(postgres: Settings, t0: datetime) -> None:
    """Four write a hundred fills of one position, each fill told by two of them, while a fifth derives and a sixth books elsewhere."""
    fills = [filled(t0, f"buy {number}", "1", "0.40", number) for number in range(100)]
    told = [fills[:50], fills[25:75], fills[50:], fills[75:] + fills[:25]]
    others = [filled(t0, f"other {number}", "1", "0.40", number, strategy_id="two") for number in range(20)]
    at_once(
        *[lambda mine=mine: [book(execution(pair), postgres, t0) for pair in mine] for mine in told],  # type: ignore[misc]
        lambda: [rebuild_positions(postgres, t0) for _ in range(5)],
        lambda: [book(execution(pair), postgres, t0) for pair in others],
    )
    results = open_results(postgres)
    assert {row.strategy_id: row.shares for row in results.rows(Position)} == {"one": 100, "two": 20}
    assert len(results.rows(Fill)) == 120
    assert find_differences(postgres) == []


def test_a_settlement_a_merge_and_a_late_fill_at_the_same_time_come_to_the_same_whoever_is_first(postgres: Settings, t0: datetime) -> None:
    """Bought 100 for 40. Merged 60 at 0.50, sold 10 at 0.90 before the end, which pays 1: 30 + 9 + 30 - 40 = 29, each of ten times."""
    results = open_results(postgres)
    for _ in range(10):
        with engine_of(postgres.required("postgres_url")).begin() as connection:
            connection.execute(sa.text("TRUNCATE fills, orders, positions, settlements"))
        book(execution(filled(t0, "buy")), postgres, t0)
        merge = a_fill(an_order(t0, "merge", side=Side.SELL), "60", "0.50", 1, kind=FillKind.MERGE)
        at_once(
            lambda: settle(postgres, t0 + timedelta(seconds=9)),
            lambda merge=merge: book(Execution(frame_of([], Order), frame_of([merge], Fill)), postgres, t0),  # type: ignore[misc]
            lambda: book(execution(filled(t0, "late", "10", "0.90", 2, side=Side.SELL)), postgres, t0),
            lambda: settle(postgres, t0 + timedelta(seconds=10)),
        )
        (position,) = results.rows(Position)
        assert (position.shares, position.realized_pnl) == (0, 29)
        assert sum(row.realized_pnl for row in results.rows(Settlement)) == 18  # 30 x (1 - 0.40)
        assert find_differences(postgres) == []


def test_whoever_wants_the_same_position_waits_until_the_other_is_done(postgres: Settings, t0: datetime) -> None:
    """The settlement decides what it settles after the fill that was being booked is in, not before."""
    results, inside, go_on = open_results(postgres), Event(), Event()

    def slow(store: Any) -> None:
        inside.set()
        assert go_on.wait(30)
        order, fill = filled(t0, "buy")
        known = [Write(Order, frame_of([order], Order), "put"), Write(Fill, frame_of([fill], Fill))]
        store.write(known)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(results.alone, [f"position {' '.join(KEY)}"], slow)
        assert inside.wait(30)
        second = pool.submit(settle, postgres, t0 + timedelta(seconds=9))
        go_on.set()
        first.result(30)
        second.result(30)
    assert [row.shares for row in results.rows(Settlement)] == [100]


# Derived again.


def test_a_position_somebody_wrote_over_is_named_and_derived_again(home: Any, t0: datetime) -> None:
    book(execution(filled(t0, "buy")), home.settings, t0)
    assert ledger(home.settings).verdict == OK
    home.put(replace(home.rows(Position)[0], shares=Decimal(90), realized_pnl=Decimal(3)))
    assert [(one.column, one.stored, Decimal(one.derived)) for one in find_differences(home.settings)] == [
        ("shares", "90.000000000000000000", 100),
        ("realized_pnl", "3.000000000", 0),
    ]
    assert (ledger(home.settings).verdict, "2 differences" in ledger(home.settings).seen) == (FAIL, True)
    assert rebuild_positions(home.settings, t0) == []
    assert [row.shares for row in home.rows(Position)] == [100]


def test_a_position_that_no_fill_made_is_named_and_left_alone(home: Any, t0: datetime) -> None:
    book(execution(filled(t0, "buy")), home.settings, t0)
    strange = replace(home.rows(Position)[0], token_id="no")
    home.put(strange)
    assert [(one.key[2], one.derived) for one in rebuild_positions(home.settings, t0)] == [("no", "none: no fill made it")]
    assert strange in home.rows(Position)


STEPS = st.lists(st.tuples(st.sampled_from(["buy", "sell", "settle"]), st.integers(1, 20_000), st.integers(1, 99)), min_size=1, max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example makes rooms of its own
@given(steps=STEPS)
def test_whatever_is_booked_is_derived_again_without_a_difference(rooms: Callable[..., Any], t0: datetime, steps: list[Any]) -> None:
    home = rooms()
    for number, (what, hundredths, cents) in enumerate(steps):
        held = sum((row.shares for row in home.rows(Position, strategy_id="one")), Decimal(0))
        shares = Decimal(hundredths) / 100 if what == "buy" else min(held, Decimal(hundredths) / 100)
        if what == "settle":
            settle(home.settings, t0 + timedelta(seconds=number), "0.5")
        elif shares:
            side = Side.BUY if what == "buy" else Side.SELL
            book(execution(filled(t0, f"{number}", str(shares), str(Decimal(cents) / 100), number, side=side)), home.settings, t0)
    assert find_differences(home.settings) == []
