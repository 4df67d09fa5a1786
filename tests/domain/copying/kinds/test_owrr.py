"""Which side the skilled holders favour, by hand and by what must always hold."""

from math import inf, isclose, nan, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Confidence
from domain.copying.kinds.owrr import Agreement, Holder, agreement, at_least, confidence_of, omega_of, slider, votes


def a_holder(wallet: str, **changes: Any) -> Holder:
    """100 USD at risk, twice as many gains as losses, on a record just long enough."""
    fields: dict[str, Any] = {
        "wallet": wallet,
        "owner": wallet,
        "money_at_risk": 100.0,
        "value": 100.0,
        "omega": 2.0,
        "resolved_positions": 10,
    }
    return Holder(**(fields | changes))


def side(count: int, name: str = "w", **changes: Any) -> list[Holder]:
    return [a_holder(f"{name}{number}", **changes) for number in range(count)]


@st.composite
def holders(draw: st.DrawFn, name: str = "w") -> list[Holder]:
    count = draw(st.integers(0, 30))
    return [
        a_holder(
            f"{name}{number}",
            owner=draw(st.sampled_from([f"{name}{number}", f"{name}-cluster"])),
            money_at_risk=draw(st.floats(0, 1e7)),
            value=draw(st.floats(0, 1e7)),
            omega=draw(st.none() | st.floats(0, 100)),
            resolved_positions=draw(st.integers(0, 30)),
        )
        for number in range(count)
    ]


def test_six_wallets_by_hand() -> None:
    """Each risks 100. For: (3 + 2 + 1) x 10 = 60. Against: (1 + 1 + 1) x 10 = 30. 60 / 90 = 0.6667."""
    found = agreement([a_holder(f"f{o}", omega=float(o)) for o in (3, 2, 1)], side(3, "a", omega=1.0))
    assert found == Agreement(60 / 90, 60.0, 30.0, 3, 3, Confidence.LOW)
    assert slider(found.owrr) == 67


def test_who_paid_more_risks_more() -> None:
    """100 shares each, bought at 0.80 against 0.20: sqrt(80) / (sqrt(80) + sqrt(20)) = 0.6667."""
    found = agreement(side(3, "f", money_at_risk=80.0, omega=1.0), side(3, "a", money_at_risk=20.0, omega=1.0))
    assert found.owrr == pytest.approx(sqrt(80) / (sqrt(80) + sqrt(20)))
    assert found.owrr == pytest.approx(0.6667, abs=1e-4)


@pytest.mark.parametrize(
    ("count_for", "count_against", "enough"), [(3, 3, True), (2, 3, False), (3, 2, False), (2, 20, False), (0, 0, False)]
)
def test_three_voters_are_needed_on_either_side(count_for: int, count_against: int, enough: bool) -> None:
    found = agreement(side(count_for, "f"), side(count_against, "a"))
    assert (found.confidence is not Confidence.INSUFFICIENT) == enough
    assert enough or (found.owrr, found.qualified_for, found.qualified_against) == (0.5, count_for, count_against)


@pytest.mark.parametrize(("resolved", "votes_given"), [(10, 1), (9, 0)])
def test_a_vote_takes_ten_resolved_positions(resolved: int, votes_given: int) -> None:
    assert len(votes([a_holder("w", resolved_positions=resolved)])) == votes_given


@pytest.mark.parametrize("omega", [None, nan])
def test_a_wallet_without_a_record_does_not_vote(omega: float | None) -> None:
    """The origin turned null and NaN into an omega of 1. A NaN that votes makes the whole market's consensus NaN."""
    assert votes([a_holder("w", omega=omega)]) == []


@pytest.mark.parametrize(("omega", "clamped"), [(0.0, 0.1), (0.1, 0.1), (0.11, 0.11), (4.99, 4.99), (5.0, 5.0), (5.01, 5.0), (inf, 5.0)])
def test_omega_votes_between_a_tenth_and_five(omega: float, clamped: float) -> None:
    (vote,) = votes([a_holder("w", omega=omega)])
    assert vote.omega == pytest.approx(clamped)


@pytest.mark.parametrize(
    ("gains", "losses", "expected"),
    [(30.0, 10.0, 3.0), (10.0, 0.0, 5.0), (0.0, 10.0, 0.1), (0.0, 0.0, None), (0.5, 10.0, 0.1), (1.0, 10.0, 0.1), (60.0, 10.0, 5.0)],
)
def test_omega_is_gains_per_loss(gains: float, losses: float, expected: float | None) -> None:
    assert omega_of(gains, losses) == expected


@pytest.mark.parametrize("risk", [0.0, -1.0])
def test_nothing_at_risk_is_no_vote(risk: float) -> None:
    assert votes([a_holder("w", money_at_risk=risk)]) == []


def test_the_twenty_most_valuable_holders_are_asked_and_not_the_first_twenty() -> None:
    crowd = [a_holder(f"w{number:02}", value=float(number)) for number in range(21)]
    assert {vote.owner for vote in votes(crowd)} == {f"w{number:02}" for number in range(1, 21)}


def test_a_place_among_the_twenty_is_not_handed_on_by_those_who_may_not_vote() -> None:
    crowd = [*side(20, "big", value=200.0, resolved_positions=0), a_holder("small")]
    assert votes(crowd) == []


def test_a_cluster_has_one_vote_with_its_members_risk_summed_and_omega_weighted_by_risk() -> None:
    """300 at omega 1 and 100 at omega 5: (300 x 1 + 100 x 5) / 400 = 2, weight 2 x sqrt(400) = 40."""
    (vote,) = votes(
        [a_holder("one", owner="cluster", money_at_risk=300.0, omega=1.0), a_holder("two", owner="cluster", money_at_risk=100.0, omega=5.0)]
    )
    assert (vote.owner, vote.omega, vote.money_at_risk, vote.weight) == ("cluster", 2.0, 400.0, 40.0)


def test_one_owner_with_three_wallets_cannot_make_a_consensus_alone() -> None:
    assert agreement(side(3, "f", owner="one"), side(3, "a")).confidence is Confidence.INSUFFICIENT
    assert agreement(side(3, "f"), side(3, "a")).confidence is Confidence.LOW


@pytest.mark.parametrize(
    ("qualified", "expected"), [(20, Confidence.HIGH), (19, Confidence.MEDIUM), (12, Confidence.MEDIUM), (11, Confidence.LOW)]
)
def test_confidence_counts_voters(qualified: int, expected: Confidence) -> None:
    assert confidence_of(qualified) is expected
    assert agreement(side(3, "f"), side(qualified - 3, "a")).confidence is expected


def test_confidence_is_ordered_from_insufficient_to_high() -> None:
    order = [Confidence.INSUFFICIENT, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]
    assert [[at_least(one, other) for other in order] for one in order] == [[place <= row for place in range(4)] for row in range(4)]


@pytest.mark.parametrize(("owrr", "shown"), [(0.405, 41), (0.4049, 40), (0.0, 0), (1.0, 100), (0.5, 50), (0.595, 60)])
def test_half_a_point_goes_up_on_the_slider(owrr: float, shown: int) -> None:
    assert slider(owrr) == shown  # Python's round(40.5) is 40


@given(holders("f"), holders("a"))
def test_a_side_and_the_other_side_make_one(one: list[Holder], other: list[Holder]) -> None:
    here, there = agreement(one, other), agreement(other, one)
    assert isclose(here.owrr + there.owrr, 1, abs_tol=1e-12)
    assert (here.confidence, here.qualified_for, here.score_for) == (there.confidence, there.qualified_against, there.score_against)


@given(holders("f"), holders("a"), st.randoms())
def test_the_order_of_holders_changes_nothing(one: list[Holder], other: list[Holder], random: Any) -> None:
    shuffled = [*one]
    random.shuffle(shuffled)
    here, there = agreement(one, other), agreement(shuffled, other)
    assert isclose(here.owrr, there.owrr, abs_tol=1e-9)
    assert here.confidence is there.confidence


@given(holders("f"), holders("a"))
def test_owrr_is_between_nought_and_one_and_even_when_insufficient(one: list[Holder], other: list[Holder]) -> None:
    found = agreement(one, other)
    assert 0 <= found.owrr <= 1
    assert (found.confidence is Confidence.INSUFFICIENT) == (min(found.qualified_for, found.qualified_against) < 3)
    assert found.confidence is not Confidence.INSUFFICIENT or found.owrr == 0.5


@given(holders("f"), st.floats(1, 1e6))
def test_a_skilled_voter_more_never_lowers_its_own_side(others: list[Holder], risk: float) -> None:
    against, few = side(5, "a"), others[:15]  # there is room among the twenty
    before = agreement(few, against)
    after = agreement([*few, a_holder("new", money_at_risk=risk)], against)
    assert before.confidence is Confidence.INSUFFICIENT or after.owrr >= before.owrr
