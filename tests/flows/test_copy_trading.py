"""Whole cycles under Prefect on real stores, before a sandbox world over HTTP."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

import pytest
import sqlalchemy as sa
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, FlowRunFilter, FlowRunFilterId

from adapters.connect import open_history, open_results
from adapters.stores.postgres import engine_of
from data_contracts import (
    Deferral,
    Fill,
    JudgedTrade,
    Order,
    OrderStatus,
    Position,
    Quarantined,
    Reason,
    Settlement,
    Side,
    Signal,
    Trade,
    Verdict,
    Watermark,
    contract_of,
)
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import rows_of
from domain.copying.policy import FollowPolicy, OwrrPolicy, Policy, RiskPolicy, SizingPolicy
from tasks.copying.strategy_rows import read_strategies

STATUS, TRADES, BOOKS = "/data/v2/status", "/data/v2/trades", "/clob/books"
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("prefect_harness")]


@dataclass(frozen=True)
class Cycles:
    """A house after its first cycles, what each left in its tables, and the flow runs of the first and of the fourth."""

    home: Any
    begins_at: datetime
    first_run: Any
    quiet_run: Any
    dumps: list[dict[str, Any]]


@pytest.fixture(scope="module")
def copied(stack_settings: Any, sandbox_world: Any, prefect_harness: None, new_house: Callable[..., Any]) -> Cycles:
    """Wallets are profiled, one strategy of each kind is there; then four cycles of one second and one of 30 s later, by the real flows."""
    from flows.copy_trading import copy_trading
    from flows.wallet_profiling import wallet_profiling

    sandbox_world.door.reset()
    home, begins_at = new_house(stack_settings, sandbox_world), sandbox_world.world.origin + timedelta(seconds=60)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environment().items():
            patch.setenv(name, value)
        sandbox_world.set(begins_at - timedelta(seconds=60))
        put_strategies(home, list(sandbox_world.world.wallets))
        wallet_profiling(begins_at - timedelta(seconds=60), days=4)
        dumps, runs = [], []
        for second in (0, 0, 0, 0, 30):
            at = begins_at + timedelta(seconds=second)
            sandbox_world.set(at)
            runs.append(copy_trading(at, return_state=True))
            dumps.append(home.dump())
    first, quiet = (runs[place].state_details.flow_run_id for place in (0, 3))
    return Cycles(home, begins_at, first, quiet, dumps)


def put_strategies(home: Any, wallets: list[str]) -> None:
    risk = RiskPolicy(max_positions=20, max_positions_per_leader=20)
    mirror = SizingPolicy(kind="percentage", percent=Decimal(10), min_notional=Decimal(1), max_notional=Decimal(50))
    follow = FollowPolicy(wallets=tuple(wallets), top=0)
    home.put(
        home.strategy("consensus", "owrr", Policy(follow=follow, owrr=OwrrPolicy(min_confidence="low"), risk=risk)),
        home.strategy("mirror", "mirror", Policy(follow=follow, sizing=mirror, risk=risk)),
    )


def test_the_trades_of_the_world_are_in_clickhouse_each_once(copied: Cycles, sandbox_world: Any) -> None:
    until = copied.begins_at + timedelta(seconds=27)  # the sandbox's Data API is 3 s behind
    after = until - timedelta(minutes=10)
    stored = rows_of(open_history(copied.home.settings).trades(after, until), Trade)
    told = Counter((t.wallet, t.token_id, t.side.value, float(t.price), float(t.shares), t.traded_at.timestamp()) for t in stored)
    assert told == Counter(as_told(trade) for trade in sandbox_world.trades(after, until))


def as_told(trade: Any) -> tuple[object, ...]:
    side, token_id = "BUY" if trade.is_buy else "SELL", trade.market.token_ids[trade.outcome]
    return trade.wallet.address, token_id, side, trade.price_millis / 1000, trade.hundredths / 100, float(int(trade.at_s))


def test_every_trade_of_a_leader_has_one_verdict_of_each_strategy(copied: Cycles) -> None:
    """From the first look back (a minute and the overlap of two) up to the watermark; all wallets are leaders here.

    What one wallet did in one look is one intention: its trades share a signal, which counts them. A sale may wait for an answer.
    """
    end = copied.home.rows(Watermark, name="signals")[0].reached_at
    trades = open_history(copied.home.settings).trades(copied.begins_at - timedelta(seconds=180), end)
    judged = {(row.strategy_id, row.trade_id): row.signal_id for row in copied.home.rows(JudgedTrade)}
    waiting = {(row.strategy_id, row.trade_id) for row in copied.home.rows(Deferral) if row.ended_at is None}
    assert judged.keys() | waiting == {
        (strategy_id, trade_id) for strategy_id in ("consensus", "mirror") for trade_id in trades["trade_id"]
    }
    of_trades = [row for row in copied.home.rows(Signal) if row.reason is not Reason.STOP_LOSS]  # our own rule's is on no trade
    assert Counter(judged.values()) == {row.signal_id: row.fills for row in of_trades}


@pytest.mark.parametrize("strategy_id", ["consensus", "mirror"])
def test_each_kind_copied_something_and_skipped_something(copied: Cycles, strategy_id: str) -> None:
    verdicts = Counter(row.verdict for row in copied.home.rows(Signal, strategy_id=strategy_id))
    assert verdicts[Verdict.COPY] > 0 < verdicts[Verdict.SKIP]
    assert any(row.strategy_id == strategy_id for row in copied.home.rows(Fill))


def test_every_copied_signal_has_one_order_and_no_other_has_any(copied: Cycles) -> None:
    assert_one_order_per_copy(copied.home)


def assert_one_order_per_copy(home: Any) -> None:
    ordered = Counter(order.signal_id for order in home.rows(Order))
    assert ordered == {row.signal_id: 1 for row in home.rows(Signal) if row.verdict is Verdict.COPY}


def test_every_fill_is_of_an_order_at_its_limit_or_better_and_within_its_shares(copied: Cycles) -> None:
    orders = {order.order_id: order for order in copied.home.rows(Order)}
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for fill in copied.home.rows(Fill):
        order = orders[fill.order_id]
        assert fill.price <= order.limit_price if fill.side is Side.BUY else fill.price >= order.limit_price
        filled[fill.order_id] += fill.shares
    assert all(shares <= orders[order_id].shares for order_id, shares in filled.items())


def test_the_status_of_an_order_says_how_much_of_it_was_filled(copied: Cycles) -> None:
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for fill in copied.home.rows(Fill):
        filled[fill.order_id] += fill.shares
    for order in copied.home.rows(Order):
        got = filled[order.order_id]
        full = OrderStatus.FILLED if got == order.shares else OrderStatus.PARTIAL
        assert order.status in ((full,) if got else (OrderStatus.UNFILLED, OrderStatus.DENIED))


def test_positions_are_the_fold_of_the_fills(copied: Cycles) -> None:
    assert_positions_are_the_fold_of_the_fills(copied.home)


def assert_positions_are_the_fold_of_the_fills(home: Any) -> None:
    settled = {(row.strategy_id, row.leader, row.token_id): row.realized_pnl for row in home.rows(Settlement)}
    held = folded(home.rows(Fill), sent(home))
    positions = {(row.strategy_id, row.leader, row.token_id): row for row in home.rows(Position)}
    assert positions.keys() == held.keys()
    for key, (shares, realized) in held.items():
        position = positions[key]
        assert position.shares == (0 if key in settled else shares)
        assert position.realized_pnl == realized + settled.get(key, 0)


def sent(home: Any) -> dict[str, tuple[object, ...]]:
    """Order id → what puts orders that are filled at one instant in their order: what was left over comes first, then as leaders traded."""
    traded = {row.signal_id: (row.traded_at, row.trade_id) for row in home.rows(Signal)}
    return {order.order_id: (order.created_at, *traded[order.signal_id]) for order in home.rows(Order)}


def folded(fills: list[Any], sent: dict[str, tuple[object, ...]]) -> dict[tuple[str, str, str], tuple[Decimal, Decimal]]:
    """(strategy, leader, token) → shares left and USD realized, first in first out: the rule once more, written another way."""
    in_order = sorted(fills, key=lambda fill: fill.price if fill.side is Side.BUY else -fill.price)
    in_order.sort(key=lambda fill: (fill.filled_at, *sent[fill.order_id]))
    paid: dict[Any, list[list[Decimal]]] = defaultdict(list)
    realized: dict[Any, Decimal] = defaultdict(Decimal)
    for fill in in_order:
        key = (fill.strategy_id, fill.leader, fill.token_id)
        if fill.side is Side.BUY:
            paid[key].append([fill.shares, fill.notional + fill.fee])
            continue
        realized[key] += fill.notional - fill.fee
        left = fill.shares
        while left:
            lot = paid[key][0]
            part = min(left, lot[0])
            cost = lot[1] if part == lot[0] else (lot[1] * part / lot[0]).quantize(Decimal("0.000001"))
            realized[key] -= cost
            left, lot[0], lot[1] = left - part, lot[0] - part, lot[1] - cost
            if not lot[0]:
                paid[key].pop(0)
    return {key: (sum((lot[0] for lot in lots), Decimal(0)), realized[key]) for key, lots in paid.items()}


def test_no_millionth_of_a_dollar_comes_or_goes_but_by_a_fill_or_a_settlement(copied: Cycles) -> None:
    """10,000 - what was bought with its fees + what was sold less its fees + payouts is the cash the next cycle counts on."""
    for book in read_strategies(open_results(copied.home.settings)):
        fills = copied.home.rows(Fill, strategy_id=book.strategy.strategy_id)
        paid = sum(fill.notional + fill.fee for fill in fills if fill.side is Side.BUY)
        received = sum(fill.notional - fill.fee for fill in fills if fill.side is Side.SELL)
        payouts = sum(row.shares * row.payout for row in copied.home.rows(Settlement, strategy_id=book.strategy.strategy_id))
        assert book.portfolio.cash == 10_000 - paid + received + payouts


def steps_of(run_id: Any) -> set[str]:
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run_id])))
    return {run.name.rpartition("-")[0] for run in runs}


def test_the_steps_of_a_cycle_are_its_task_runs(copied: Cycles) -> None:
    assert {
        "observe_trades",
        "keep_trades",
        "judge_trades",
        "store_decisions",
        "post_orders",
        "book",
        "show_cycle",
    } <= steps_of(copied.first_run)


def artifacts_of(run_id: Any) -> set[str | None]:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id])))
    return {artifact.key for artifact in found}


def test_a_cycle_leaves_its_signals_and_the_positions_it_changed_under_the_run(copied: Cycles) -> None:
    """No row was set aside: its quality is no news."""
    assert artifacts_of(copied.first_run) == {"signals", "positions"}


def test_a_cycle_is_named_by_what_came_of_it_and_leads_to_the_page(copied: Cycles) -> None:
    """Every run was called `cycle` and its second. From the table one gets to the tab that shows its rows."""
    with get_client(sync_client=True) as client:
        assert re.fullmatch(r"cycle \d\d:\d\d:\d\d · \d+ copied of \d+", client.read_flow_run(copied.first_run).name)
        found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[copied.first_run])))
    (said,) = [artifact.description for artifact in found if artifact.key == "signals"]
    assert said is not None
    assert "[Signals on the results page](http://127.0.0.1:4215/?tab=Signals)" in said


def test_a_quiet_cycle_leaves_no_table_and_says_so_by_no_step(copied: Cycles) -> None:
    """The fourth found nothing left to do. There are 2,880 cycles a day."""
    assert artifacts_of(copied.quiet_run) == set()
    assert "show_cycle" not in steps_of(copied.quiet_run)


def test_a_cycle_once_more_at_its_as_of_takes_nothing_back_and_adds_only_exits_that_waited_for_their_buys(copied: Cycles) -> None:
    first, second = copied.dumps[:2]
    for table in ("trades", "signals", "orders", "fills", "settlements", "equity", "consensus", "quarantine"):
        assert set(first[table]) <= set(second[table]), table
    names = contract_of(Signal).names
    added = [dict(zip(names, row, strict=True)) for row in set(second["signals"]) - set(first["signals"])]
    assert {(row["side"], row["verdict"]) for row in added} == {("SELL", "COPY")}
    assert second["trades"] == first["trades"]


def test_a_cycle_at_an_as_of_that_has_nothing_left_to_do_changes_nothing_at_all(copied: Cycles) -> None:
    """Third and fourth: the second took the exits that had waited, the third looked at the marks once more."""
    assert copied.dumps[3] == copied.dumps[2]


@pytest.fixture
def cycle(house: Any, sandbox: Any, mirror: Policy) -> Callable[[int], Any]:
    """Runs the cycle of so many seconds after the world's origin, in a house that follows everybody."""
    from flows.copy_trading import copy_cycle

    house.follow(list(sandbox.world.wallets), mirror)
    run = flow(copy_cycle, name="cycle", validate_parameters=False)

    def at(second: int) -> Any:
        now = sandbox.world.origin + timedelta(seconds=second)
        sandbox.set(now)
        return run(house.settings, now)

    return at


def test_an_old_as_of_on_empty_stores_gives_the_same_signals_orders_and_fills(
    house: Any, sandbox: Any, cycle: Any, new_house: Any, stack_settings: Any, mirror: Policy
) -> None:
    from flows.copy_trading import copy_cycle

    cycle(60)
    cycle(90)
    second = new_house(stack_settings, sandbox)
    second.follow(list(sandbox.world.wallets), mirror)
    for seconds in (60, 90):
        now = sandbox.world.origin + timedelta(seconds=seconds)
        sandbox.set(now)
        flow(copy_cycle, name="cycle", validate_parameters=False)(second.settings, now)
    first, again = house.dump(), second.dump()
    assert [again[table] for table in ("trades", "signals", "orders", "fills")] == [
        first[table] for table in ("trades", "signals", "orders", "fills")
    ]


def test_a_late_feed_is_on_record_and_buys_nothing(house: Any, sandbox: Any, cycle: Any) -> None:
    def late(answer: Any) -> Any:
        answer["data"]["serving"]["lag_seconds"] = 91  # 90 are allowed
        return answer

    sandbox.door.changes[STATUS] = late
    cycle(60)
    reasons = {signal.reason for signal in house.rows(Signal) if signal.side is Side.BUY}
    assert reasons == {Reason.FEED_LATE, Reason.TRADE_STALE, Reason.MARKET_RESOLVED}
    assert house.rows(Order) == []


def without_price(one_in: int) -> Callable[[Any], Any]:
    """The same rows whenever they are asked for."""

    def spoil(answer: Any) -> Any:
        for row in answer["data"]:
            if crc32(f"{row['transaction_hash']}{row['proxy_wallet']}".encode()) % one_in == 0:
                row["price"] = None
        return answer

    return spoil


def test_more_than_one_bad_row_in_twenty_stops_the_copying(house: Any, sandbox: Any, cycle: Any) -> None:
    sandbox.door.changes[TRADES] = without_price(one_in=10)
    with pytest.raises(Unsafe, match="copying stops"):
        cycle(60)
    assert house.rows(Signal) == []


def test_of_many_bad_rows_each_is_in_quarantine_and_the_good_ones_are_stored(house: Any, sandbox: Any, cycle: Any) -> None:
    sandbox.door.changes[TRADES] = without_price(one_in=10)
    with pytest.raises(Unsafe):
        cycle(60)
    now = sandbox.world.origin + timedelta(seconds=60)
    good = open_history(house.settings).trades(now - timedelta(days=1), now)
    true = len(sandbox.trades(now - timedelta(minutes=7), now - timedelta(seconds=3)))
    assert (good.height + len(house.rows(Quarantined)), good["price"].null_count()) == (true, 0)


def test_a_bad_row_in_fifty_does_not_stop_the_copying(house: Any, sandbox: Any, cycle: Any) -> None:
    sandbox.door.changes[TRADES] = without_price(one_in=50)
    cycle(60)
    assert house.rows(Quarantined) != [] != house.rows(Order)


def test_a_bad_row_counts_in_the_cycle_that_sees_it_first_not_in_each_that_reads_it_again(house: Any, sandbox: Any, cycle: Any) -> None:
    """Once a row in quarantine was new again for as long as the overlap lasts: the next quiet cycle had 11 bad rows of 11, and stopped."""
    sandbox.door.changes[TRADES] = without_price(one_in=50)
    cycle(60)
    again = cycle(61)
    assert (again.seen.trades["price"].null_count(), again.seen.trades.height > 0) == (0, True)


def test_an_order_whose_cycle_died_before_its_answer_is_asked_about_first_and_completed_once(house: Any, sandbox: Any, cycle: Any) -> None:
    sandbox.door.refuse(BOOKS, after=1)  # the guard still sees them, the venue does not
    with pytest.raises(Unavailable, match="clob"):
        cycle(60)
    left = {order.order_id for order in house.rows(Order, status="PENDING")}
    assert left
    assert house.rows(Fill) == []
    sandbox.door.reset()
    cycle(80)
    assert sandbox.door.asked[0] == BOOKS
    assert house.rows(Order, status="PENDING") == []
    assert left & {fill.order_id for fill in house.rows(Fill)}
    assert_one_order_per_copy(house)
    assert_positions_are_the_fold_of_the_fills(house)


def test_a_venue_that_is_away_when_orders_are_made_loses_no_copy(house: Any, sandbox: Any, cycle: Any) -> None:
    """Once the verdicts were on record by then: no later cycle judged these trades again, and none ordered what had been decided."""
    sandbox.door.refuse(BOOKS)
    with pytest.raises(Unavailable, match="clob"):
        cycle(60)
    sandbox.door.reset()
    cycle(70)
    assert house.rows(Fill) != []
    assert_one_order_per_copy(house)


def test_a_store_that_fails_when_fills_are_booked_leaves_the_order_open_and_the_next_cycle_books_it_once(
    house: Any, sandbox: Any, cycle: Any
) -> None:
    with postgres_that_takes_no_fills(house):
        with pytest.raises(Unavailable, match="postgres"):
            cycle(60)
        assert house.rows(Fill) == house.rows(Position) == []
        left = {order.order_id for order in house.rows(Order, status="PENDING")}
    cycle(80)
    cycle(90)
    booked = {fill.order_id for fill in house.rows(Fill)}
    assert left & booked
    assert_one_order_per_copy(house)
    assert_positions_are_the_fold_of_the_fills(house)


@contextmanager
def postgres_that_takes_no_fills(house: Any) -> Iterator[None]:
    """As if the server were shut down just then."""
    with engine_of(house.settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text(SHUT_DOWN))
    yield
    with engine_of(house.settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text("DROP FUNCTION shut_down CASCADE"))


SHUT_DOWN = """
CREATE FUNCTION shut_down() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'terminating connection due to administrator command' USING ERRCODE = '57P01'; END $$;
CREATE TRIGGER shut_down BEFORE INSERT ON fills FOR EACH ROW EXECUTE FUNCTION shut_down();
"""
