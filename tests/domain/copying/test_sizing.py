"""How much to put behind a copy: the brief's numbers, the caps, and rounding that never costs more."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Currency
from domain.copying.amounts import sized_down
from domain.copying.policy import SizingPolicy, tiers_of
from domain.copying.sizing import conviction_notional, copy_notional, kelly_fraction, kelly_notional, tiered_notional

TIERS = tiers_of("1-100:2.0,100-500:1.0,500-1000:0.5,1000+:0.1")
USD = st.decimals(0, 10_000_000, places=6)
PRICES = st.decimals(0, 1, places=4)


def policy(**changes: Any) -> SizingPolicy:
    return SizingPolicy(**changes)


@pytest.mark.parametrize(
    ("leader_usd", "ours"),
    [
        ("0.50", "0.50"),  # below the first tier: x 1
        ("0.99", "0.99"),
        ("1", "2"),
        ("5", "10"),
        ("99.99", "199.98"),
        ("100", "100"),
        ("250", "250"),
        ("499.99", "499.99"),
        ("500", "250"),
        ("750", "375"),
        ("999.99", "499.995"),
        ("1000", "100"),
        ("5000", "500"),
    ],
)
def test_a_tier_begins_at_its_own_boundary(leader_usd: str, ours: str) -> None:
    assert tiered_notional(Decimal(leader_usd), TIERS) == Decimal(ours)


def test_a_gap_between_tiers_copies_one_to_one() -> None:
    tiers = tiers_of("1-100:2,200-500:3")
    assert [tiered_notional(Decimal(usd), tiers) for usd in (99, 100, 199, 200, 500)] == [198, 100, 199, 600, 500]


def test_no_tiers_copy_nothing() -> None:
    assert tiered_notional(Decimal(100), ()) == 0


@pytest.mark.parametrize(
    ("owrr", "floor", "usd"), [(0.72, "0", "220"), (0.72, "0.5", "360"), (0.5, "0", "0"), (1.0, "0", "500"), (1.0, "0.5", "500")]
)
def test_conviction_is_the_risk_budget_times_its_strength(owrr: float, floor: str, usd: str) -> None:
    """10,000 x 5 % = 500. At 0.72 the strength is 0.22 / 0.5 = 0.44: 220; with a floor of a half 500 x (0.5 + 0.5 x 0.44) = 360."""
    assert conviction_notional(owrr, Decimal(10_000), policy(risk_fraction="0.05", floor=floor)) == Decimal(usd)


@pytest.mark.parametrize("owrr", [0.0, 0.28, 0.4999])
def test_a_consensus_against_the_copied_side_is_no_conviction(owrr: float) -> None:
    """The distance from even was once taken without its sign: a mirror strategy put 220 USD where nearly three in four were against."""
    assert conviction_notional(owrr, Decimal(10_000), policy(risk_fraction="0.05")) == 0


@pytest.mark.parametrize(
    ("price", "win", "fraction"),
    [
        ("0.5", "0.6", "0.2"),  # odds 1: (1 x 0.6 - 0.4) / 1
        ("0.1", "0.2", "0.1111"),  # odds 9: (9 x 0.2 - 0.8) / 9
        ("0.5", "0.5", "0"),
        ("0.6", "0.5", "-0.25"),  # odds 2/3: (0.3333 - 0.5) / 0.6667
    ],
)
def test_kelly_by_hand(price: str, win: str, fraction: str) -> None:
    assert kelly_fraction(Decimal(price), Decimal(win)).quantize(Decimal("0.0001")) == Decimal(fraction)


@pytest.mark.parametrize(("win", "usd"), [("0.5", "0"), ("0.49", "0"), ("0.52", "100")])
def test_a_bet_without_an_edge_is_nothing_and_never_raised_to_a_minimum(win: str, usd: str) -> None:
    """At 0.50 full Kelly of 0.52 is 0.04; a quarter of it of 10,000 is 100."""
    assert kelly_notional(Decimal("0.5"), Decimal(win), Decimal(10_000), policy(min_notional=50)) == Decimal(usd)


@pytest.mark.parametrize("price", ["0", "1"])
def test_a_certain_price_is_no_bet(price: str) -> None:
    assert kelly_notional(Decimal(price), Decimal("0.9"), Decimal(10_000), policy()) == 0


@pytest.mark.parametrize("kind", ["conviction", "kelly"])
def test_without_a_consensus_there_is_nothing_to_size_by(kind: str) -> None:
    assert copy_notional(Decimal(100), Decimal("0.4"), None, Decimal(10_000), policy(kind=kind, floor=1)) == 0


@pytest.mark.parametrize(("amount", "expected"), [("500", "500"), ("500.01", "500"), ("499.999", "499.99")])
def test_one_copy_is_capped_and_rounded_down_to_the_cent(amount: str, expected: str) -> None:
    notional = copy_notional(Decimal(1), Decimal("0.4"), None, Decimal(1), policy(kind="fixed", amount=amount, max_notional=500))
    assert sized_down(notional, Currency.USD) == Decimal(expected)


def test_the_cap_is_on_the_copy_and_not_on_the_leaders_trade() -> None:
    """The origin's own tiers of $250, $750 and $5,000 were refused under its own cap of 100, which it put on the leader's trade."""
    capped = policy(kind="tiered", tiers=TIERS, max_notional=100)
    assert [copy_notional(Decimal(usd), Decimal("0.4"), None, Decimal(1), capped) for usd in (250, 750, 5000, 20)] == [100, 100, 100, 40]


@given(USD)
def test_rounding_takes_less_than_a_cent_and_never_adds(usd: Decimal) -> None:
    assert 0 <= usd - sized_down(usd, Currency.USD) < Decimal("0.01")


@given(
    kind=st.sampled_from(["conviction", "kelly", "fixed", "percentage", "tiered"]),
    leader_usd=USD,
    price=PRICES,
    owrr=st.none() | st.floats(0, 1),
    balance=USD,
    cap=st.decimals("0.01", 10_000, places=2),
    floor=st.decimals(0, 1, places=2),
)
def test_no_copy_is_above_its_cap_or_below_nothing(
    kind: str, leader_usd: Decimal, price: Decimal, owrr: float | None, balance: Decimal, cap: Decimal, floor: Decimal
) -> None:
    sized = policy(kind=kind, max_notional=cap, tiers=TIERS, floor=floor)
    notional = copy_notional(leader_usd, price, owrr, balance, sized)
    assert 0 <= notional <= cap


@given(st.floats(0, 1), st.floats(0, 1), st.decimals(0, 1, places=2))
def test_more_agreement_is_never_less_money(one: float, other: float, floor: Decimal) -> None:
    less, more = sorted([one, other])
    sized = policy(floor=floor)
    assert conviction_notional(less, Decimal(10_000), sized) <= conviction_notional(more, Decimal(10_000), sized)


@given(st.decimals("0.01", "0.99", places=2), st.decimals(0, 1, places=4))
def test_kelly_bets_exactly_when_the_chance_is_better_than_the_price(price: Decimal, win: Decimal) -> None:
    assert (kelly_notional(price, win, Decimal(10_000), policy()) > 0) == (win > price)
