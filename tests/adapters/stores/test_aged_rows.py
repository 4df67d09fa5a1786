"""What has had its time leaves the stores for good, in slices, and nothing else does. Each test runs on the server and in memory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.stores.history import History
from adapters.stores.results import Results, Write
from data_contracts import BookSample, Delivery, Quarantined, TokenLook
from data_contracts.frames import frame_of, rows_of
from domain.ids import row_id

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def aside(a_row: Callable[..., Any]) -> Callable[[int, datetime], Quarantined]:
    return lambda number, at: a_row(Quarantined, quarantine_id=row_id(str(number)), seen_at=at)


def test_what_is_older_than_an_instant_goes_slice_by_slice_and_what_is_of_it_stays(results: Results, aside: Any) -> None:
    """Seven seconds before noon to one after, in slices of three: 3, 3, 1, and then nothing."""
    rows = [aside(number, NOON + timedelta(seconds=number)) for number in range(-7, 2)]
    results.write([Write(Quarantined, rows)])
    assert results.aged(Quarantined, "seen_at", NOON) == 7
    assert [results.forget(Quarantined, "seen_at", NOON, 3) for _ in range(4)] == [3, 3, 1, 0]
    assert {row.seen_at for row in results.rows(Quarantined)} == {NOON, NOON + timedelta(seconds=1)}
    assert results.aged(Quarantined, "seen_at", NOON) == 0


def test_what_went_may_come_again(results: Results, aside: Any) -> None:
    results.write([Write(Quarantined, [aside(1, NOON)])])
    assert results.forget(Quarantined, "seen_at", NOON + timedelta(days=1), 10) == 1
    results.write([Write(Quarantined, [aside(1, NOON + timedelta(days=2))])])
    assert [row.seen_at for row in results.rows(Quarantined)] == [NOON + timedelta(days=2)]


@pytest.mark.parametrize(("read_until", "left"), [(0, [1, 2, 3]), (2, [3]), (3, [])])
def test_what_was_posted_stays_until_a_cycle_has_read_it_however_old_it_is(
    results: Results, a_row: Callable[..., Any], read_until: int, left: list[int]
) -> None:
    results.receive([a_row(Delivery, delivery_id=row_id(str(number)), received_at=NOON) for number in range(3)])
    later = NOON + timedelta(days=365)
    assert results.aged(Delivery, "received_at", later, read_until) == 3 - len(left)
    assert results.forget(Delivery, "received_at", later, 10, read_until) == 3 - len(left)
    assert [row.sequence for row in results.arrived(Delivery, 0, 10)] == left


def test_no_number_is_given_twice_when_all_that_had_one_are_gone(results: Results, a_row: Callable[..., Any]) -> None:
    """A reader goes on after the highest number he has read: a new row below it would never be read."""
    results.receive([a_row(Delivery, delivery_id=row_id("old"), received_at=NOON)])
    results.forget(Delivery, "received_at", NOON + timedelta(days=1), 10, 1)
    (new,) = results.receive([a_row(Delivery, delivery_id=row_id("new"), received_at=NOON)])
    assert new.sequence == 2


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (datetime(2026, 11, 1, tzinfo=UTC), ["2026-11", "2026-12"]),
        (datetime(2026, 10, 31, 23, 59, tzinfo=UTC), ["2026-10", "2026-11", "2026-12"]),
    ],
)
def test_a_table_by_month_loses_months_that_ended_whole(
    history: History, a_row: Callable[..., Any], before: datetime, left: list[str]
) -> None:
    """On the first of November October goes; a minute before, it stays, and September with it is gone long ago."""
    days = [datetime(2026, month, day, 12, tzinfo=UTC) for month in (9, 10, 11, 12) for day in (1, 30)]
    history.append(frame_of([a_row(BookSample, token_id=str(day), taken_at=day) for day in days], BookSample), BookSample)
    assert history.aged(BookSample, before) == 2 * (4 - len(left))
    for _ in range(2):
        history.forget(BookSample, before)
        rows = rows_of(history.book_samples(days[0] - timedelta(days=1), days[-1]), BookSample)
        assert [f"{row.taken_at:%Y-%m}" for row in rows] == [month for month in left for _ in range(2)]
    assert history.aged(BookSample, before) == 0


def test_the_last_look_at_a_coin_stays_however_old_it_is(history: History, a_row: Callable[..., Any]) -> None:
    """A coin that died is not looked at again: without its last look it would count as one that nobody has seen yet."""
    ages = {"dead": (40, 50, 60), "lives": (0, 40, 50)}
    looks = [
        a_row(TokenLook, token_id=name, looked_at=NOON - timedelta(days=days), next_look_at=NOON)
        for name, all_of in ages.items()
        for days in all_of
    ]
    history.append(frame_of(looks, TokenLook), TokenLook)
    before = NOON - timedelta(days=30)
    assert history.aged(TokenLook, before) == 4  # dead: 50 and 60; lives: 40 and 50
    history.forget(TokenLook, before)
    assert history.aged(TokenLook, before) == 0
    found = rows_of(history.last_looks(), TokenLook)
    assert {row.token_id: row.looked_at for row in found} == {"dead": NOON - timedelta(days=40), "lives": NOON}
