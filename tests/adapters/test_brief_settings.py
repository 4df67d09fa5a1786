"""The brief's names, its defaults, and the strategy they make."""

from decimal import Decimal

import pytest

from adapters.brief_settings import BriefSettings, load_brief
from data_contracts.errors import Unsafe
from domain.copying.policy import Policy
from domain.copying.sizing import copy_notional

LEADER, OTHER = "0x" + "aB" * 20, "0x" + "c" * 40
TIERS = "1-100:2.0,100-500:1.0,500-1000:0.5,1000+:0.1"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BriefSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_defaults_are_the_brief_s() -> None:
    """MAX_INTENT_SIZE_USDC 100, MAX_INTENT_AGE_SECONDS 60, MAX_SLIPPAGE_PERCENT 5, PERCENTAGE 10; an empty list follows nobody."""
    policy = load_brief().policy()
    assert (policy.follow.wallets, policy.follow.top) == ((), 0)
    assert (policy.firewall.max_age_s, policy.firewall.markets) == (60, ())
    assert (policy.sizing.kind, policy.sizing.percent, policy.sizing.max_notional) == ("percentage", Decimal(10), Decimal(100))
    assert policy.ordering.max_slippage == Decimal("0.05")


def test_each_name_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "FOLLOW_TRADERS": f" {LEADER}, {OTHER},{LEADER.lower()} ",
        "MARKET_ALLOWLIST": "0x" + "1" * 64,
        "MAX_INTENT_SIZE_USDC": "250",
        "MAX_INTENT_AGE_SECONDS": "30",
        "MAX_SLIPPAGE_PERCENT": "2",
        "COPY_SIZING_STRATEGY": "FIXED",
        "COPY_SIZE": "12.5",
        "MONITORED_TRADERS": OTHER,
        "OUTPUT_MODE": "http",
        "POLL_INTERVAL": "0.5",
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    brief = load_brief()
    policy = brief.policy()
    assert policy.follow.wallets == (LEADER.lower(), OTHER)
    assert (policy.firewall.markets, policy.firewall.max_age_s) == (("0x" + "1" * 64,), 30)
    assert (policy.sizing.kind, policy.sizing.amount, policy.sizing.max_notional) == ("fixed", Decimal("12.5"), Decimal(250))
    assert policy.ordering.max_slippage == Decimal("0.02")
    assert (brief.watched, brief.output_mode, brief.poll_interval) == ((OTHER,), "http", 0.5)
    assert Policy.of_record(policy.model_dump_json()) == policy


def test_whom_nobody_names_to_be_watched_are_those_that_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOW_TRADERS", OTHER)
    assert load_brief().watched == (OTHER,)


@pytest.mark.parametrize(
    ("leader_usd", "ours"),
    [
        ("0.5", "0.5"),
        ("5", "10"),
        ("99.99", "199.98"),
        ("100", "100"),
        ("499.99", "499.99"),
        ("500", "250"),
        ("1000", "100"),
        ("5000", "500"),
    ],
)
def test_tiers_multiply_as_the_brief_says_and_the_cap_comes_after(monkeypatch: pytest.MonkeyPatch, leader_usd: str, ours: str) -> None:
    """copying.md: "MAX_INTENT_SIZE_USDC caps the copy after sizing": the origin capped the leader's trade, and refused its own examples."""
    monkeypatch.setenv("COPY_SIZING_STRATEGY", "TIERED")
    monkeypatch.setenv("TIERED_MULTIPLIERS", TIERS)
    monkeypatch.setenv("MAX_INTENT_SIZE_USDC", "1000")
    sizing = load_brief().policy().sizing
    assert copy_notional(Decimal(leader_usd), Decimal("0.5"), None, Decimal(10_000), sizing) == Decimal(ours)
    monkeypatch.setenv("MAX_INTENT_SIZE_USDC", "100")
    capped = copy_notional(Decimal(leader_usd), Decimal("0.5"), None, Decimal(10_000), load_brief().policy().sizing)
    assert capped == min(Decimal(ours), Decimal(100))


@pytest.mark.parametrize(
    "tiers", ["", "1-100:2.0,50-500:1.0", "100-500:1.0,1-100:2.0", "1-100", "1-100:x", "500-100:1.0", "1000+:0.1,2000+:0.2"]
)
def test_tiers_that_overlap_or_are_no_tiers_are_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, tiers: str) -> None:
    monkeypatch.setenv("COPY_SIZING_STRATEGY", "TIERED")
    monkeypatch.setenv("TIERED_MULTIPLIERS", tiers)
    with pytest.raises(Unsafe, match="TIERED_MULTIPLIERS"):
        load_brief().policy()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_INTENT_SIZE_USDC", "0"),
        ("MAX_INTENT_SIZE_USDC", "NaN"),
        ("MAX_INTENT_AGE_SECONDS", "inf"),
        ("MAX_SLIPPAGE_PERCENT", "100"),
        ("COPY_SIZING_STRATEGY", "percentage"),
        ("COPY_SIZE", "-1"),
        ("COPY_SIZE", "1e400"),
        ("MAX_INTENT_SIZE_USDC", "1e13"),
        ("OUTPUT_MODE", "kafka"),
        ("PYTHON_ENDPOINT", "ftp://elsewhere"),
        ("POLL_INTERVAL", "0"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Unsafe, match=f"{name} says"):
        load_brief()


def test_what_is_no_wallet_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOW_TRADERS", f"{LEADER},{'a' * 40}")
    with pytest.raises(Unsafe, match=r"FOLLOW_TRADERS: .* lacks its beginning"):
        load_brief().policy()
