"""The fourteen numbers of pmwallets' configuration contract: ours means the same by one of them, or another on purpose, with the line of
`facts/copying.md` that says why.

Source: the package pmwallets_copytrade 0.4.1 (MIT, (c) 2026 PMWallets), testdata/config-contract.yaml and config-contract.expected.json;
what each means is in its config.example.yaml. The rows below are written anew.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from adapters.brief_settings import BriefSettings
from data_contracts import Reason, Side
from domain.copying.book import Book, Level
from domain.copying.ordering import guard
from domain.copying.policy import FirewallPolicy, Policy, RiskPolicy, SizingPolicy

SAME: list[tuple[str, Any, Callable[[], object]]] = [
    ("orderSizeUsdc", 20, lambda: BriefSettings(copy_sizing_strategy="FIXED", copy_size=Decimal("20")).policy().sizing.amount),
    ("maxOpenPositions", 20, lambda: RiskPolicy(max_positions=20).max_positions),
    ("maxOpenPositionsPerTarget", 5, lambda: RiskPolicy(max_positions_per_leader=5).max_positions_per_leader),
    ("maxFillAgeSec", 90, lambda: BriefSettings(max_intent_age_seconds=90.0).policy().firewall.max_age_s),
]
# Their name, their value, what is other with us, and the line of copying.md that says so.
OTHER = [
    ("roles", ["taker"], "a leader's fills count whoever gave the price", "Firewall, in order: leader followed → market allowed"),
    (
        "maxBuysPerOutcome",
        3,
        "one, unless scale_in; then what stands in a token is capped, not counted",
        "no second position in the same token",
    ),
    ("minTargetNotionalUsdc", 25, "there is no least size of the leader's trade, but of our copy", "7. size ≥ $10, else skip"),
    ("minPrice", 0.1, "no band of prices", "BUY > 0.99 and SELL < 0.01 are refused"),
    ("maxPrice", 0.9, "no band of prices", "BUY > 0.99 and SELL < 0.01 are refused"),
    ("maxSlippage", 0.03, "a part of the price, not dollars", "slippage = (ask − observed)/observed"),
    ("minBookDepthUsdc", 50, "a thin book fills in part; an empty one is refused", "an empty side → refuse"),
    ("minSecondsToEndDate", 60, "no time to the end is asked", "market allowed (empty = all) → not stale (60 s; exits 24 h)"),
    ("maxSecondsToEndDate", 0, "no time to the end is asked: 0 is their word for that", "market allowed (empty = all)"),
    ("sellMode", "none", "a leader's exit is followed, always", "exits follow the leader (below) and our own rules"),
]


def test_there_are_fourteen_and_each_is_said() -> None:
    assert len({name for name, *_ in SAME} | {name for name, *_ in OTHER}) == len(SAME) + len(OTHER) == 14
    assert all(line for *_, line in OTHER)


@pytest.mark.parametrize(("name", "value", "ours"), SAME, ids=[name for name, *_ in SAME])
def test_a_number_means_the_same(name: str, value: Any, ours: Callable[[], object]) -> None:
    assert ours() == value


@pytest.mark.parametrize("name", [name for name, *_ in OTHER])
def test_a_number_that_means_something_else_is_no_name_of_ours(name: str) -> None:
    """Who brings his file along is told so: a name that is none is refused, not passed over."""
    for group in ("firewall", "sizing", "risk", "ordering", "exits"):
        with pytest.raises(ValueError, match="Extra inputs are not permitted"):
            Policy.model_validate({group: {name: 1}})


def test_twenty_positions_are_the_most() -> None:
    """copying.md: "max_positions 10 (hard cap 20)" """
    with pytest.raises(ValueError, match="less than or equal to 20"):
        RiskPolicy(max_positions=21)


def test_three_cents_above_thirty_are_ten_percent() -> None:
    """Theirs passes at 0.30 + 0.03. copying.md: "slippage = (ask − observed)/observed": 0.03 / 0.30 = 10 % of at most 3."""
    book = Book("yes", (), (Level(Decimal("0.33"), Decimal(100)),))
    assert guard(Side.BUY, Decimal("0.30"), None, book, Decimal("0.03")) is Reason.SLIPPAGE_TOO_HIGH
    assert guard(Side.BUY, Decimal("0.33"), None, book, Decimal("0.03")) is None


@pytest.mark.parametrize(
    "given",
    [{"copy_size": "ten"}, {"copy_sizing_strategy": "copy"}, {"max_intent_age_seconds": "maybe"}, {"copy_size": "0"}, {"copy_size": "NaN"}],
)
def test_a_word_in_a_number_s_place_is_refused_at_the_start(given: dict[str, Any]) -> None:
    """As theirs: config-invalid.json, "numeric text" and its like."""
    with pytest.raises(ValueError, match="validation error"):
        BriefSettings(**given)


@pytest.mark.parametrize("group", [FirewallPolicy, SizingPolicy, RiskPolicy])
def test_a_misspelt_name_is_refused(group: Any) -> None:
    """As theirs: config-invalid.json, "typo: risk.maxDailySpendUSDc" and its like."""
    with pytest.raises(ValueError, match="Extra inputs"):
        group(max_age_seconds=1, maxnotional=1)
