"""A strategy's numbers: refused when they make no sense, and the same after they were stored."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.copying.policy import OwrrPolicy, Policy, RiskPolicy, SizingPolicy, Tier, tiers_of

BRIEF = "1-100:2.0,100-500:1.0,500-1000:0.5,1000+:0.1"


def test_the_defaults_are_those_of_the_brief() -> None:
    policy = Policy()
    assert (policy.owrr.yes_above, policy.owrr.no_below, policy.owrr.min_confidence) == (60, 40, "medium")
    assert (policy.sizing.kind, policy.sizing.risk_fraction, policy.sizing.floor) == ("conviction", Decimal("0.02"), 0)
    assert (policy.sizing.min_notional, policy.sizing.max_notional) == (10, 500)
    assert (policy.firewall.max_age_s, policy.firewall.exit_max_age_s) == (60, 24 * 3600)
    assert (policy.risk.max_positions, policy.risk.max_positions_per_leader) == (10, 3)
    assert (policy.risk.max_token_fraction, policy.risk.max_leader_fraction) == (Decimal("0.25"), Decimal("0.5"))
    assert (policy.risk.max_position_notional, policy.risk.max_exposure) == (10_000, 100_000)
    assert (policy.risk.max_daily_loss, policy.risk.max_drawdown, policy.risk.min_win_rate) == tuple(map(Decimal, ("0.15", "0.30", "0.40")))
    assert policy.ordering.max_slippage == Decimal("0.05")


def test_nobody_is_followed_unless_chosen() -> None:
    assert Policy().follow.wallets == ()


def test_a_misspelt_number_is_an_error_and_not_a_default() -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"sizing": {"max_notionl": 5}})


def test_a_policy_cannot_change_under_a_running_cycle() -> None:
    with pytest.raises(ValidationError):
        Policy().sizing.max_notional = Decimal(5)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("group", "field", "good", "bad"),
    [
        (RiskPolicy, "max_positions", 20, 21),  # hard cap
        (RiskPolicy, "max_positions", 1, 0),
        (RiskPolicy, "max_position_notional", 10_000, "10000.01"),  # hard cap
        (RiskPolicy, "max_exposure", 100_000, "100000.01"),  # hard cap
        (RiskPolicy, "max_token_fraction", 1, "1.01"),
        (SizingPolicy, "risk_fraction", 1, "1.01"),
        (SizingPolicy, "floor", 0, "-0.01"),
        (SizingPolicy, "amount", "0.01", 0),
        (SizingPolicy, "max_notional", "0.01", 0),
        (OwrrPolicy, "yes_above", 50, 49.9),  # below even would copy YES where the consensus says NO
        (OwrrPolicy, "no_below", 50, 50.1),
    ],
)
def test_a_number_is_refused_just_past_its_bound(group: type, field: str, good: object, bad: object) -> None:
    group(**{field: good})
    with pytest.raises(ValidationError):
        group(**{field: bad})


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_no_number_of_a_policy_may_be_infinite_or_nan(value: str) -> None:
    """Any comparison with NaN is false: a cap of NaN would be no cap."""
    with pytest.raises(ValidationError):
        SizingPolicy(max_notional=value)


def test_tiers_of_the_brief_read_as_written() -> None:
    assert tiers_of(BRIEF) == (
        Tier(at_least=1, below=100, multiplier=2),
        Tier(at_least=100, below=500, multiplier=1),
        Tier(at_least=500, below=1000, multiplier=Decimal("0.5")),
        Tier(at_least=1000, below=None, multiplier=Decimal("0.1")),
    )


def test_no_text_is_no_tiers() -> None:
    assert tiers_of("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "1-100",  # no multiplier
        "100:2",  # neither an end nor a plus
        "1-100+:2",  # both
        "a-100:2",
        "1-b:2",
        "1-100:c",
        "1-100:",
        "-100:2",
        "-5-100:2",
        "1-100:-2",
        "NaN-100:2",
        "1-100:2:3",
    ],
)
def test_a_malformed_tier_is_a_value_error(text: str) -> None:
    """Decimal("a") raises InvalidOperation, which is no ValueError: whoever asked for a ValueError got a crash instead of a message."""
    with pytest.raises(ValueError):  # noqa: PT011
        tiers_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "1-100:2,99-500:1",  # overlap
        "100-500:1,1-100:2",  # out of order
        "1+:2,100-500:1",  # nothing comes after an open end
        "100-100:2",  # empty
        "100-50:2",  # backwards
        "1-100:2,1-100:2",
    ],
)
def test_tiers_that_overlap_or_are_out_of_order_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        SizingPolicy(tiers=tiers_of(text))


@pytest.mark.parametrize("text", [BRIEF, "1-100:2,200-500:1", "0+:1", " 1-100:2 , 100+:1 "])
def test_tiers_that_touch_or_leave_a_gap_are_taken(text: str) -> None:
    assert SizingPolicy(tiers=tiers_of(text)).tiers == tiers_of(text)


MONEY = st.decimals("0.01", "10000", places=4, allow_nan=False)


@given(amount=MONEY, floor=st.decimals(0, 1, places=6), risk=st.decimals("0.000001", 1, places=6))
def test_a_stored_policy_comes_back_to_the_digit(amount: Decimal, floor: Decimal, risk: Decimal) -> None:
    policy = Policy(sizing=SizingPolicy(amount=amount, max_notional=amount, floor=floor, risk_fraction=risk, tiers=tiers_of(BRIEF)))
    assert Policy.model_validate_json(policy.model_dump_json()) == policy
