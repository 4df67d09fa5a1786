"""The table of what was said and what came, of a recording and of the same trades in store, and what a person sees of it."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.connect import open_history
from adapters.feeds.recorded import RecordedFeed
from data_contracts import Bet, CalibrationFigure, Censoring, Trade, WalletSkill
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.backtesting.calibration import COPY, GRADE, LUCK, SKILL
from domain.polymarket.markets import rows_by_class
from domain.profiling.bets import bets_of
from domain.profiling.grading import grade_bets
from domain.statistics.calibration import Bin
from evaluation.worlds.recordings import RecordingPolicy, complete, without_losers, write_recording
from tasks.backtesting import calibration as task_file
from tasks.backtesting.calibration import calibrate_history, calibrate_recording, instant_between, keep_calibration, plots, records, summary
from tasks.fast_check import breaches
from tasks.operating.charts import reliability_plot

pytestmark = pytest.mark.usefixtures("bare")
BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 11, tzinfo=UTC)
MANY = RecordingPolicy(wallets=150, markets=300, trades=12_000)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("calibrated") / "whole", complete(1, MANY))


@pytest.fixture(scope="module")
def censored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("calibrated") / "winners", without_losers(complete(1, MANY)))


@pytest.fixture
def house(rooms: Callable[..., Any]) -> Any:
    return rooms()


def test_a_recording_is_held_against_itself(recording: Path) -> None:
    """150 wallets, three hundred markets: enough for a share of who was ahead, not for any grade but the last ones."""
    found = calibrate_recording(recording, "0.5")
    assert found.wallets == 150
    told = [figure for figure in found.figures if figure.what == SKILL and figure.came is not None]
    assert told
    assert found.censoring == []
    assert found.overall is not None


def in_store(recording: Path, house: Any) -> None:
    """Its trades and markets, and its bets as profiling lays them out."""
    feed, history = RecordedFeed(recording), open_history(house.settings)
    for row_class, frame in rows_by_class(feed.all_markets).items():
        history.append(frame, row_class)
    history.append(feed.all_trades, Trade)
    bets, skills = grade_bets(bets_of(feed.all_trades, feed.all_markets, ENDS), ENDS)
    history.append(bets, Bet)
    history.append(skills, WalletSkill)


def test_the_last_report_is_kept_for_the_results_page(recording: Path, house: Any) -> None:
    found = replace(calibrate_recording(recording, "0.5"), censoring=[Censoring.LOSERS_MISSING])
    keep_calibration(found, house.settings, ENDS)
    kept = house.rows(CalibrationFigure)
    assert {(row.what, row.of): (row.count, row.came) for row in kept} == {
        (one.what, one.group): (one.count, one.came) for one in found.figures
    }
    assert {row.missing for row in kept if row.what == SKILL and row.came is not None} == {Censoring.LOSERS_MISSING}
    assert list(breaches(frame_of(kept, CalibrationFigure), CalibrationFigure)) == []


def test_the_same_bets_in_store_say_the_same_of_skill(recording: Path, house: Any) -> None:
    in_store(recording, house)
    ours = calibrate_history(house.settings, ENDS, 120, "2026-02-15")
    theirs = calibrate_recording(recording, "2026-02-15")
    of_skill = {SKILL, GRADE, LUCK}
    told, recorded = ([one for one in found.figures if one.what in of_skill] for found in (ours, theirs))
    assert [(one.what, one.group, one.count, one.verdict) for one in told] == [
        (one.what, one.group, one.count, one.verdict) for one in recorded
    ]
    for here, there in zip(told, recorded, strict=True):  # sums in another order differ in the last digit
        assert (here.said, here.came) == (pytest.approx(there.said), pytest.approx(there.came))


def test_our_own_history_is_no_record_that_was_cut(recording: Path, house: Any) -> None:
    """Of the trades only the last month is read: that it begins in the middle is our own doing."""
    in_store(recording, house)
    found = calibrate_history(house.settings, ENDS, 120, "0.5")
    assert found.trades < found.bets
    assert found.censoring == []


@pytest.mark.parametrize(("most", "wallets"), [(10**9, 150), (3_000, 1)])
def test_of_too_many_bets_those_of_some_wallets_are_read(
    most: int, wallets: int, recording: Path, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some, chosen by a hash of their names, not the busiest: a part of all, like all."""
    in_store(recording, house)
    monkeypatch.setattr(task_file, "MOST_BETS", most)
    found = calibrate_history(house.settings, ENDS, 120, "0.5")
    assert found.bets <= most
    assert wallets <= found.wallets <= (150 if most > 10**6 else 149)


def test_in_a_new_house_every_line_says_that_there_is_too_little(house: Any) -> None:
    """The weekly run comes, whether there is anything to look at or not."""
    found = calibrate_history(house.settings, ENDS, 120, "0.5")
    assert all(figure.came is None and figure.verdict.startswith("too few: 0 ") for figure in found.figures)
    assert summary(found).endswith("0 bets of 0 wallets, 0 trades.")


def test_what_is_missing_is_named_beside_each_figure_it_flatters(censored: Path) -> None:
    found = calibrate_recording(censored, "0.5")
    assert Censoring.LOSERS_MISSING in found.censoring
    rows = records(found)
    assert any(row["missing"].startswith("losers missing") for row in rows if row["what"] == SKILL and row["came"])
    assert all(row["missing"] == "" for row in rows if not row["came"])
    assert "This record is likely censored: losers missing" in summary(found)


def test_where_there_is_too_little_a_row_has_no_number(recording: Path) -> None:
    rows = records(calibrate_recording(recording, "0.02"))
    empty = [row for row in rows if row["what"] == COPY]
    assert all(row["came"] == "" and row["verdict"].startswith("too few: ") for row in empty)


def test_a_picture_has_a_dot_a_bin_and_a_hollow_one_where_too_few(recording: Path) -> None:
    (picture, *_) = plots(calibrate_recording(recording, "0.5"))
    assert picture.startswith("<svg")
    bin_ = Bin(0.4, 0.6, 50, 0.5, 0.6, 0.5, 0.7)
    drawn = reliability_plot("ahead", [asdict(bin_), asdict(replace(bin_, count=3, came=None, low=None, high=None))])
    assert drawn.count("<circle") == 2
    assert drawn.count('fill="none"') == 1
    assert "50: said 50.0%, came 60.0%" in drawn


@pytest.mark.parametrize(
    ("said_at", "expected"),
    [
        ("0.5", BEGINS + timedelta(days=50)),
        ("2026-02-01", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2026-02-01T12:00:00+02:00", datetime(2026, 2, 1, 10, tzinfo=UTC)),
    ],
)
def test_an_instant_is_a_date_or_a_part_of_the_time(said_at: str, expected: datetime) -> None:
    assert instant_between(said_at, BEGINS, ENDS) == expected


@pytest.mark.parametrize("said_at", ["1", "0", "-0.5", "yesterday", ""])
def test_what_is_neither_is_refused(said_at: str) -> None:
    with pytest.raises(Refused):
        instant_between(said_at, BEGINS, ENDS)
