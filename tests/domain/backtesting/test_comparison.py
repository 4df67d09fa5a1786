"""An edge is claimed only when copies surely gained and random leaders did not; the best of many is held to more."""

import math

import polars as pl
import pytest

from domain.backtesting.comparison import corrected, finding, match_leaders


def positions(gains: list[float], events: int | None = None) -> pl.DataFrame:
    """One position of 100 USD each, in so many events."""
    rows = [{"event": f"e{number % (events or len(gains))}", "gain": gain, "pnl": 100 * gain} for number, gain in enumerate(gains)]
    return pl.DataFrame(rows, schema={"event": pl.String, "gain": pl.Float64, "pnl": pl.Float64})


GOOD = [0.3, 0.2, 0.25, 0.4, 0.3, 0.35, 0.2, 0.3]
MIXED = [0.9, -1.0, 0.8, -0.9, 1.0, -0.8, 0.7, -0.9]


@pytest.mark.parametrize(
    ("gains", "events", "random", "says"),
    [
        (GOOD, None, [0.0] * 19, "An edge"),  # p = 1 / 20
        (GOOD, None, [0.0] * 18, "No edge"),  # p = 1 / 19: too few draws to say
        (GOOD, None, [0.2] + [0.0] * 19, "No edge"),  # one random draw of twenty did better: 2 / 21
        (GOOD, None, [], "An edge"),
        (MIXED, None, [-0.5] * 40, "No edge"),  # better than random leaders, but that may be luck
        (GOOD, 4, [0.0] * 40, "No edge"),  # four events
        ([], None, [0.0] * 40, "No edge"),
    ],
)
def test_the_sentence_claims_an_edge_only_when_all_of_it_holds(
    gains: list[float], events: int | None, random: list[float], says: str
) -> None:
    found = finding("mirror", positions(gains, events), 0.1, random)
    assert found.sentence.startswith(f"{says}: mirror")
    assert ("copied nothing" in found.sentence) == (not gains)


def test_what_was_not_tried_is_said() -> None:
    found = finding("mirror", positions(GOOD), 0.1, [])
    assert found.sentence.endswith("Random leaders were not tried.")
    assert math.isnan(found.chance)


ACTIVITY = pl.DataFrame(
    {
        "wallet": ["lead", "near", "far", *[f"p{number:02}" for number in range(12)], "sport"],
        "category": [*["politics"] * 15, "sports"],
        "trades": [100, 101, 5000, *range(90, 114, 2), 100],
    }
)


def test_a_stand_in_trades_about_as_much_in_the_same_category_and_is_no_leader() -> None:
    drawn = {match_leaders(["lead", "near"], ACTIVITY, seed, {})["lead"] for seed in range(40)}
    assert len(drawn) > 3  # by chance
    assert drawn <= {f"p{number:02}" for number in range(12)}


def test_a_stand_in_stays_as_long_as_its_leader_is_followed_and_serves_once() -> None:
    first = match_leaders(["lead"], ACTIVITY, 1, {})
    later = match_leaders(["lead", "near"], ACTIVITY, 1, first)
    assert later["lead"] == first["lead"]
    assert len(set(later.values())) == 2


def test_without_another_wallet_of_its_kind_a_leader_has_no_stand_in() -> None:
    assert match_leaders(["sport"], ACTIVITY, 1, {}) == {}


def test_the_best_of_many_useless_variants_is_corrected_away_and_an_idle_one_shows_nothing() -> None:
    """Variant 0 gains in 8 of 8 events; the others swing. Alone 0 is sure; corrected it stays so; who copied nothing has p = 1."""
    alone, together = corrected([positions(GOOD), positions(MIXED), positions(MIXED[::-1]), positions([])])
    assert alone[0] < 0.05
    assert together[0] < 0.05
    assert (alone[3], together[3]) == (1, 1)
    assert (together >= alone - 1e-12).all()
