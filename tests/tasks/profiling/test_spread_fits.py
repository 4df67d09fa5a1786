"""Books of our own become fits on record, and the fits on record what a copy is charged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_history
from adapters.settings import Settings
from data_contracts import BookSample, SpreadFit
from data_contracts.frames import frame_of, rows_of
from domain.profiling.spread_texts import spreads_from
from domain.profiling.spreads import ANY, FITTED, SIZES
from tasks.fast_check import breaches
from tasks.profiling.spread_fits import fit_own_spreads, keep_spreads, known_spreads, own_fit, rows_of_spreads, spreads_of

pytestmark = pytest.mark.usefixtures("bare")


def sample(market: int, taken_at: datetime, cost: float) -> BookSample:
    costs = {f"{side}_{size}": cost for side in ("buy", "sell") for size in (10, 100, 1000)}
    half = Decimal(str(cost)).quantize(Decimal("0.0001"))
    return BookSample(
        token_id=f"token {market}",
        market_id=f"market {market}",
        category="politics",
        taken_at=taken_at,
        to_end_s=None,
        bid=Decimal("0.5") - half,
        ask=Decimal("0.5") + half,
        price=Decimal("0.5"),
        bid_depth=10_000.0,
        ask_depth=10_000.0,
        **costs,
    )


def fit(rooms: Any, as_of: datetime) -> list[SpreadFit]:
    fits = fit_own_spreads(rooms.settings, as_of)
    assert list(breaches(fits, SpreadFit)) == []
    keep_spreads(fits, rooms.settings)
    found: list[SpreadFit] = rows_of(fits, SpreadFit)
    return found


def test_what_is_kept_is_what_was_fitted(t0: datetime) -> None:
    fits = rows_of_spreads(FITTED, {}, {}, t0)
    assert spreads_of(fits) == {category: dict(sizes) for category, sizes in FITTED.items()}


def test_a_house_without_books_is_charged_what_is_shipped(rooms: Callable[..., Any], t0: datetime) -> None:
    home = rooms()
    assert known_spreads(home.settings)["crypto"] == FITTED["crypto"]
    fits = fit(home, t0)
    assert {(row.category, row.notional) for row in fits} == {(category, int(size)) for category in FITTED for size in SIZES}
    assert {(row.own_markets, row.covered, row.new_markets) for row in fits} == {(0, None, 0)}


def test_our_own_books_move_what_a_copy_is_charged(rooms: Callable[..., Any], t0: datetime) -> None:
    """Twenty markets of politics at 4 to 6 cents, of which nothing is shipped: they count 20 against 4 of what is said of any other."""
    home = rooms()
    open_history(home.settings).append(frame_of([sample(n, t0, 0.04 + 0.001 * n) for n in range(20)], BookSample), BookSample)
    row = next(row for row in fit(home, t0 + timedelta(hours=1)) if (row.category, row.notional) == ("politics", 100))
    assert (row.rests_on, row.own_markets) == (20, 20)
    charged = known_spreads(home.settings)["politics"][100.0]
    assert charged.even == pytest.approx(0.049 ** (20 / 24) * FITTED[ANY][100].even ** (4 / 24), rel=0.03)
    assert known_spreads(home.settings)[ANY] == FITTED[ANY]


def test_a_replay_is_charged_by_our_own_fit_where_there_is_one(rooms: Callable[..., Any], t0: datetime) -> None:
    """None where no book was seen, where nothing was fitted yet, and where nobody can be asked."""
    home = rooms()
    assert own_fit(home.settings) == ""
    fit(home, t0)
    assert own_fit(home.settings) == ""
    open_history(home.settings).append(frame_of([sample(n, t0, 0.04 + 0.001 * n) for n in range(20)], BookSample), BookSample)
    fit(home, t0 + timedelta(hours=1))
    assert spreads_from(own_fit(home.settings)) == known_spreads(home.settings)
    assert own_fit(Settings(postgres_url=None)) == ""


@pytest.mark.parametrize(("cost", "covered"), [(0.05, 1.0), (0.2, 0.0)])
def test_the_fit_before_is_held_against_markets_that_came_after_it(
    rooms: Callable[..., Any], t0: datetime, cost: float, covered: float
) -> None:
    """Markets it was fitted to do not count again, however often they are seen."""
    home, later = rooms(), t0 + timedelta(hours=2)
    history = open_history(home.settings)
    history.append(frame_of([sample(n, t0, 0.04 + 0.001 * n) for n in range(20)], BookSample), BookSample)
    fit(home, t0 + timedelta(hours=1))
    again, new = [sample(n, later, 0.001) for n in range(20)], [sample(n, later, cost) for n in range(20, 25)]
    history.append(frame_of([*again, *new], BookSample), BookSample)
    row = next(row for row in fit(home, later) if (row.category, row.notional) == ("politics", 100))
    assert (row.covered, row.new_markets) == (covered, 5)
