"""An outage, a feed that lags, one that lost its past: whole cycles over small tapes whose feed has pages, in memory."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.connect import open_history
from adapters.feeds.feed import Walk
from adapters.feeds.recorded import RecordedFeed
from data_contracts import Alert, Gap, GapEnd, Position, Reason, Signal, Watermark
from data_contracts.errors import Refused
from domain.copying.policy import Policy
from flows.gap_filling import work_off
from tasks.copying import gap_filling
from tasks.copying.gap_filling import give_up_gaps
from tasks.steps import bare_steps

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
HOUR_S = 3600
House = Callable[..., Any]


@dataclass
class Paged:
    """How the tape is told: ten rows a page, newest first, so many seconds late; `begins_s`: what is older is gone; cursors may expire."""

    page: int = 10
    lag_s: float = 0.0
    begins_s: float = float("-inf")
    generation: int = 0
    now: datetime = T0
    pages_read: int = 0

    def rows(self, recording: RecordedFeed) -> pl.DataFrame:
        first = T0 + timedelta(seconds=max(self.begins_s, -1e6))
        told = recording.trades(first - timedelta(microseconds=1), self.now - timedelta(seconds=self.lag_s))
        return told.reverse()

    def walk(self, recording: RecordedFeed, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        place, generation = map(int, cursor.split(",")) if cursor else (0, self.generation)
        if generation != self.generation:
            raise Refused("this cursor has expired")
        newest_first = self.rows(recording)
        left = newest_first.slice(newest_first.height - place if cursor else 0)  # counted from the oldest: new rows move nothing
        wanted = left.filter(pl.col("traded_at") > after)
        self.pages_read += min(max_pages, -(-(wanted.height + 1) // self.page))
        if wanted.height <= max_pages * self.page:
            return Walk(_within(wanted, until), after, has_ended=wanted.height == left.height)
        slice_ = wanted.head(max_pages * self.page)
        cut = slice_["traded_at"][-1]
        kept = slice_.filter(pl.col("traded_at") > cut)
        return Walk(_within(kept, until), cut, f"{left.height - kept.height},{self.generation}")


def _within(newest_first: pl.DataFrame, until: datetime) -> pl.DataFrame:
    return newest_first.reverse().filter(pl.col("traded_at") <= until)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Paged:
    paged = Paged()
    monkeypatch.setattr(RecordedFeed, "walk", lambda recording, *asked, **named: paged.walk(recording, *asked, **named))
    monkeypatch.setattr(RecordedFeed, "confirmed_until", lambda recording, as_of: as_of - timedelta(seconds=paged.lag_s))
    return paged


@pytest.fixture
def house(tape: Any, before_tape: House, mirror: Policy, told: Paged) -> House:
    """`house()`: follows LEADER, once the tape is complete; `cycle(at_s)` and `fill(at_s, slices)` move the feed's clock as well."""

    def made() -> Any:
        home = before_tape(tape)
        home.follow([LEADER], mirror)

        class Home:
            settings, rows = home.settings, home.rows

            def cycle(self, at_s: float) -> Any:
                told.now = T0 + timedelta(seconds=at_s)
                return home.cycle(at_s)

            def fill(self, at_s: float, slices: int) -> None:
                told.now = T0 + timedelta(seconds=at_s)
                with bare_steps():
                    work_off(home.settings, told.now, slices)

            def stored(self) -> int:
                return open_history(home.settings).trades(T0 - timedelta(days=9), T0 + timedelta(days=9)).height

        return Home()

    return made


def an_outage(tape: Any) -> None:
    """A BUY of the leader; sixty hours of others, 20 an hour; the leader sells after 30 hours; then it buys something else."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    for number in range(1200):
        tape.trade(60 + number * 180, OTHER, "BUY", "10", "0.40", market="other")
    tape.trade(30 * HOUR_S + 5, LEADER, "SELL", "1000", "0.40")
    tape.trade(60 * HOUR_S + 70, LEADER, "BUY", "1000", "0.40", market="new")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cycle reads 40 rows and a slice 50."""
    monkeypatch.setattr("tasks.copying.observing.PAGES_A_CYCLE", 4)
    monkeypatch.setattr("tasks.copying.gap_filling.PAGES_A_SLICE", 5)


@pytest.mark.usefixtures("small")
def test_after_sixty_hours_new_trades_are_copied_at_once_and_the_gap_is_filled_behind_them(tape: Any, house: House, told: Paged) -> None:
    """Cycle and backfill raised TooFarBack for ever; no exit and no stop happened meanwhile. The leader sold in the dark: we follow."""
    an_outage(tape)
    home = house()
    home.cycle(10)
    home.cycle(60 * HOUR_S + 75)  # back from the weekend
    held = {position.market_id: position.shares for position in home.rows(Position)}
    assert held == {"m": Decimal("95.23"), "new": Decimal("95.23")}
    (gap,) = home.rows(Gap)
    assert (gap.closed_at, gap.from_at) == (None, T0 + timedelta(seconds=10 - 120))
    marks = []
    for slice_ in range(40):
        at_s = 60 * HOUR_S + 76 + slice_
        home.fill(at_s, slices=1)
        marks.append(home.rows(Gap)[0].filled_to_at)
        home.cycle(at_s)
        if home.rows(Gap)[0].closed_at:
            break
    assert marks == sorted(marks, reverse=True)
    assert len(marks) == 24  # 1,161 of 1,203 rows are missing, 49 of 50 come with a slice: the last second waits for the next
    assert home.rows(Gap)[0].closed_by is GapEnd.FILLED
    assert home.stored() == 1203
    assert {position.market_id: position.shares for position in home.rows(Position)} == {"m": 0, "new": Decimal("95.23")}


@pytest.mark.usefixtures("small")
def test_a_slice_goes_on_from_its_cursor_and_not_from_the_newest_page(tape: Any, house: House, told: Paged) -> None:
    an_outage(tape)
    home = house()
    home.cycle(10)
    home.cycle(60 * HOUR_S + 75)
    for number in range(10):
        before = told.pages_read
        home.fill(60 * HOUR_S + 76 + number, slices=1)
        assert told.pages_read - before <= 5


@pytest.mark.usefixtures("small")
def test_when_the_cursor_expired_it_walks_down_again_without_storing_and_loses_nothing(tape: Any, house: House, told: Paged) -> None:
    an_outage(tape)
    home = house()
    home.cycle(10)
    home.cycle(60 * HOUR_S + 75)
    home.fill(60 * HOUR_S + 76, slices=6)
    mark, stored = home.rows(Gap)[0].filled_to_at, home.stored()
    told.generation += 1
    home.fill(60 * HOUR_S + 77, slices=3)  # the first meets the Refused, two walk over what is there
    assert (home.rows(Gap)[0].filled_to_at, home.stored()) == (mark, stored)
    home.fill(60 * HOUR_S + 78, slices=60)
    assert home.rows(Gap)[0].closed_by is GapEnd.FILLED
    assert home.stored() == 1203


@pytest.mark.usefixtures("small")
def test_a_slice_that_was_killed_before_its_mark_moved_is_read_again_and_doubles_nothing(
    tape: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_outage(tape)
    home = house()
    home.cycle(10)
    home.cycle(60 * HOUR_S + 75)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(gap_filling, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            home.fill(60 * HOUR_S + 76, slices=1)
    home.fill(60 * HOUR_S + 77, slices=60)
    assert home.rows(Gap)[0].closed_by is GapEnd.FILLED
    assert home.stored() == 1203


@pytest.mark.usefixtures("small")
def test_what_the_feed_no_longer_has_is_closed_on_record_and_an_operator_is_told(tape: Any, house: House, told: Paged) -> None:
    """It keeps the last ten hours. Three looks, ten minutes apart: an answer that ended too early may be a hiccup."""
    an_outage(tape)
    home = house()
    home.cycle(10)
    told.begins_s = 50 * HOUR_S
    home.cycle(60 * HOUR_S + 75)
    for number, closed in enumerate((False, False, True)):
        home.fill(60 * HOUR_S + 76 + number * 601, slices=60)
        assert (home.rows(Gap)[0].closed_by is GapEnd.FEED_ENDED) is closed
    (gap,) = home.rows(Gap)
    assert T0 + timedelta(seconds=50 * HOUR_S) <= gap.filled_to_at < T0 + timedelta(seconds=50 * HOUR_S + 180)
    alerts = {alert.what: alert for alert in home.rows(Alert)}
    assert "wallet-reconciliation" in alerts["trades_lost"].message
    assert "gap-filling" in alerts["trades_missing"].message


def test_a_feed_that_lost_what_lies_between_two_looks_leaves_a_gap_on_record(tape: Any, house: House, told: Paged) -> None:
    """It ended before the walk came to anything we know: that was taken for a world without a past."""
    an_outage(tape)
    home = house()
    home.cycle(10)
    told.begins_s = 59 * HOUR_S
    home.cycle(60 * HOUR_S + 75)
    (gap,) = home.rows(Gap)
    assert gap.from_at == T0 + timedelta(seconds=10 - 120)
    assert gap.until_at == T0 + timedelta(seconds=59 * HOUR_S + 60, microseconds=-1)  # the first that is left: 60 + 1180 x 180 s


def test_an_operator_may_give_up_a_gap_and_it_stays_on_record(tape: Any, house: House, told: Paged, monkeypatch: Any) -> None:
    monkeypatch.setattr("tasks.copying.observing.PAGES_A_CYCLE", 4)
    an_outage(tape)
    home = house()
    home.cycle(10)
    home.cycle(60 * HOUR_S + 75)
    with bare_steps():
        give_up_gaps(home.settings, told.now)
    assert home.rows(Gap)[0].closed_by is GapEnd.GIVEN_UP
    home.fill(60 * HOUR_S + 80, slices=5)
    assert home.stored() < 60


# A feed that lags


def test_a_feed_that_is_ten_minutes_behind_loses_nothing(tape: Any, house: House, told: Paged) -> None:
    """The watermark moved to `as_of` whatever the feed had: a SELL told 600 s late was never seen in 60 cycles."""
    told.lag_s = 600
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(700, LEADER, "SELL", "1000", "0.40")
    home = house()
    told.lag_s = 0
    home.cycle(10)
    told.lag_s = 600
    for at_s in range(40, 1500, 30):
        home.cycle(at_s)
    assert [(s.side, s.reason) for s in home.rows(Signal, side="SELL")] == [("SELL", Reason.LEADER_EXITED)]
    assert home.rows(Position)[0].shares == 0


@pytest.mark.parametrize("lag_s", [0, 45, 600, 7200])
def test_a_watermark_never_passes_what_its_source_confirms(tape: Any, house: House, told: Paged, lag_s: float) -> None:
    told.lag_s = lag_s
    an_outage(tape)
    home = house()
    for at_s in (10, 40, 700, 8000, 8030):
        home.cycle(at_s)
        (mark,) = [row for row in home.rows(Watermark) if row.name.startswith("trades:")]
        assert mark.reached_at == T0 + timedelta(seconds=at_s - lag_s)


def test_a_feed_that_cannot_say_how_far_it_is_moves_no_watermark(
    tape: Any, house: House, told: Paged, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_outage(tape)
    home = house()
    home.cycle(10)
    monkeypatch.setattr(RecordedFeed, "confirmed_until", lambda recording, as_of: None)
    home.cycle(40)
    (mark,) = [row for row in home.rows(Watermark) if row.name.startswith("trades:")]
    assert mark.reached_at == T0 + timedelta(seconds=10)
