"""A strategy's numbers: refused when they make no sense, and the same after they were stored."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.copying.policy import ExitPolicy, FirewallPolicy, OwrrPolicy, Policy, RiskPolicy, SizingPolicy, Tier, policy_of_record, tiers_of
from domain.copying.policy_changes import PolicyChanges, differences

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


WALLET = "0x" + "a" * 40


def stored(group: str, **changes: Any) -> str:
    """A policy that follows a wallet and stops at 30 %, with something else in one group."""
    record = {"follow": {"wallets": [WALLET], "top": 0}, "exits": {"stop_loss": 0.3}}
    return json.dumps(record | {group: record.get(group, {}) | changes})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "NaN", "abc", None, -1, [], {}])
@pytest.mark.parametrize(
    ("group", "field"), [("sizing", "percent"), ("risk", "max_drawdown"), ("firewall", "max_age_s"), ("owrr", "yes_above")]
)
def test_a_stored_number_that_is_none_costs_its_group_only_and_follows_nobody(group: str, field: str, value: Any) -> None:
    """It raised, and no strategy of the house copied or left anything any more. Its other groups stand: it leaves as it was told to."""
    policy, faults = policy_of_record(stored(group, **{field: value}))
    assert faults == (group,)
    assert (policy.follow.wallets, policy.follow.top, policy.exits.stop_loss) == ((), 0, Decimal("0.3"))


@pytest.mark.parametrize("text", ["", "null", "[]", "{", "5", "[" * 100_000])
def test_a_stored_policy_that_is_none_is_the_defaults_and_follows_nobody(text: str) -> None:
    policy, faults = policy_of_record(text)
    assert faults
    assert (policy.follow.top, policy.exits) == (0, ExitPolicy())


@pytest.mark.parametrize("wallets", [None, 5, "0x", [[WALLET]], {"a": 1}])
def test_stored_wallets_that_are_no_list_of_texts_follow_nobody(wallets: Any) -> None:
    assert policy_of_record(stored("follow", wallets=wallets))[0].follow.wallets == ()


def test_a_stored_group_nobody_knows_is_named() -> None:
    assert policy_of_record(json.dumps({"sizes": {}}))[1] == ("sizes",)


@pytest.mark.parametrize("number", [float("inf"), 1e400, float("nan")])
def test_infinity_is_refused_where_it_is_typed(number: float) -> None:
    """It was taken, stored as null, and no policy could be read again."""
    with pytest.raises(ValidationError):
        FirewallPolicy(max_age_s=number)
    with pytest.raises(ValidationError):
        ExitPolicy(max_hold_s=number)


@pytest.mark.parametrize("number", ["1e400", "1e309", "1e20", "1e-400", "1e-19"])
def test_a_number_that_would_not_come_back_from_its_record_is_refused_where_it_is_typed(number: str) -> None:
    """COPY_SIZE=1e400 is a Decimal; it was stored as null, and a strategy that nobody could read followed nobody."""
    with pytest.raises(ValidationError, match="must be 0, or at least 1e-18 and below 1e20"):
        SizingPolicy(kind="fixed", amount=Decimal(number))
    with pytest.raises(ValidationError, match="1e20"):
        PolicyChanges.model_validate({"sizing": {"amount": number}})


@pytest.mark.parametrize("number", ["9e19", "1e-18"])
def test_a_number_at_its_bounds_comes_back(number: str) -> None:
    policy = Policy(sizing=SizingPolicy(kind="fixed", amount=Decimal(number)))
    assert policy_of_record(policy.model_dump_json()) == (policy, ())


def test_a_number_that_is_kept_as_60_or_as_60_0_is_the_same_number() -> None:
    """Configuration listed every round number of a new house as differing from its default: 60.0 against 60."""
    kept = Policy.of_record(Policy().model_dump_json())
    assert list(differences(Policy(), kept)) == []
    other = Policy.of_record('{"firewall": {"max_age_s": 90.0}}')
    assert list(differences(Policy(), other)) == [("firewall.max_age_s", "60", "90")]
