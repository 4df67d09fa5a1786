"""Books are kept as rows: those a cycle asked for, and hourly those of what is held, followed and traded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from prefect import flow

from adapters.connect import open_history
from data_contracts import BookSample, Fill, Order, Position
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.copying.policy import Policy
from tasks.fast_check import breaches

pytestmark = pytest.mark.usefixtures("prefect_harness")


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


def samples(house: Any, sandbox: Any) -> list[BookSample]:
    found: list[BookSample] = rows_of(open_history(house.settings).book_samples(sandbox.world.origin, sandbox.now()), BookSample)
    return found


def test_the_books_that_orders_were_made_from_are_kept(house: Any, sandbox: Any, cycle: Any) -> None:
    cycle(60)
    kept = samples(house, sandbox)
    assert {row.token_id for row in kept} <= {order.token_id for order in house.rows(Order)}
    assert {row.token_id for row in kept} >= {fill.token_id for fill in house.rows(Fill)} != set()
    assert {row.taken_at for row in kept} == {sandbox.now()}
    assert list(breaches(frame_of(kept, BookSample), BookSample)) == []


def test_a_cycle_that_cannot_keep_its_books_has_copied_all_the_same(
    house: Any, sandbox: Any, cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store goes away when all is done but this."""

    def away(*_: object) -> None:
        raise Unavailable("clickhouse: away")

    monkeypatch.setattr("tasks.profiling.book_samples.sorted_out", away)
    assert cycle(60).fills.height > 0
    assert house.rows(Position) != []
    assert samples(house, sandbox) == []


def test_a_run_keeps_books_of_what_is_held_first_one_a_market_and_no_more_than_it_may(
    house: Any, sandbox: Any, cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.book_sampling import book_sampling

    cycle(60)
    held = {position.market_id for position in house.rows(Position, closed_at=None)}
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tasks.profiling.book_samples.MOST", len(held) + 3)
    at = sandbox.world.origin + timedelta(seconds=90)
    sandbox.set(at)
    book_sampling(at)
    kept = [row for row in samples(house, sandbox) if row.taken_at == at]
    assert len({row.market_id for row in kept}) == len(kept) <= len(held) + 3
    with_books = {row.market_id for row in samples(house, sandbox)}
    assert held & with_books <= {row.market_id for row in kept}


def test_no_category_crowds_the_others_out(house: Any, sandbox: Any, cycle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from collections import Counter

    from flows.book_sampling import book_sampling

    cycle(60)
    for name, value in house.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tasks.profiling.book_samples.MOST_A_CATEGORY", 2)
    at = sandbox.world.origin + timedelta(seconds=90)
    sandbox.set(at)
    book_sampling(at)
    counts = Counter(row.category for row in samples(house, sandbox) if row.taken_at == at)
    assert len(counts) > 1
    assert max(counts.values()) <= 2


def test_a_recording_is_not_sampled(tape: Any, before_tape: Callable[[Any], Any]) -> None:
    """Its books are on record already, or made of trades: to learn from those would be to learn what we assumed."""
    from tasks.profiling.book_samples import take_books
    from tasks.steps import bare_steps

    wallet = "0x" + "a" * 40
    tape.trade(0, wallet, "BUY", "100", "0.50")
    home = before_tape(tape)
    home.follow([wallet], Policy())
    home.cycle(30)
    with bare_steps():
        assert take_books(home.settings, home.watermark("signals")).height == 0
    assert open_history(home.settings).book_samples(home.watermark("signals") - timedelta(days=1), home.watermark("signals")).height == 0
