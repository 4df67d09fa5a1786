"""Every row of `owrr_vectors.json`, made by running the code the OWRR brief came from: ours gives the same, or differs on purpose.

The vectors are other people's work and stay outside: WALLETFLOW_ORACLES names the directory with `polymarket/owrr_vectors.json` in it.
Each purpose is quoted from `facts/copying.md`.
"""

import json
import os
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Confidence, Currency, Kind, Reason, Signal, Verdict
from domain.copying.amounts import sized_down
from domain.copying.evidence import Evidence
from domain.copying.judging import judge
from domain.copying.kinds.owrr import Holder, agreement, clamp, slider, votes
from domain.copying.policy import SizingPolicy
from domain.copying.portfolio import Holding, Portfolio
from domain.copying.sizing import conviction_notional, copy_notional, kelly_fraction

if "WALLETFLOW_ORACLES" not in os.environ:
    pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory of the oracles", allow_module_level=True)

VECTORS = json.loads((Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket" / "owrr_vectors.json").read_text())
DOLLAR, CENT = Decimal(1), Decimal("0.01")


def exact(number: float) -> Decimal:
    return Decimal(str(number))


def numbered(rows: list[Any], chosen: list[bool] | None = None) -> list[Any]:
    return [pytest.param(row, id=str(number)) for number, row in enumerate(rows) if chosen is None or chosen[number]]


# owrr


def holders(row: dict[str, Any], side: str) -> list[Holder]:
    """A side's wallets with what they hold open. The origin stores the YES price for both sides: a NO holder risks shares x (1 - price)."""
    records = {record["wallet_address"]: record for record in row["metrics"]}
    risk: dict[str, float] = defaultdict(float)
    value: dict[str, float] = defaultdict(float)
    for trade in row["trades"]:
        if trade["side"] == side and not trade["is_closed"]:
            price = trade["entry_price"] if side == "YES" else 1 - trade["entry_price"]
            risk[trade["wallet"]] += trade["shares"] * price
            value[trade["wallet"]] += trade["usd_value"]
    return [
        Holder(
            wallet=wallet,
            owner=wallet,
            money_at_risk=risk[wallet],
            value=value[wallet],
            omega=records.get(wallet, {}).get("metric_2_omega_net"),
            resolved_positions=records.get(wallet, {}).get("metric_22_resolved_bets", 0),
        )
        for wallet in risk
    ]


def as_the_origin_reads(side: list[Holder]) -> list[Holder]:
    """An omega of 0, null or NaN is 1."""
    return [holder if holder.omega or holder.resolved_positions < 10 else replace(holder, omega=1.0) for holder in side]


def reads_an_omega_otherwise(row: dict[str, Any]) -> bool:
    return any(as_the_origin_reads(holders(row, side)) != holders(row, side) for side in ("YES", "NO"))


OTHERWISE = [reads_an_omega_otherwise(row) for row in VECTORS["owrr"]]


def assert_as_expected(row: dict[str, Any], yes: list[Holder], no: list[Holder]) -> None:
    expected, found = row["expected"], agreement(yes, no)
    assert found.owrr == pytest.approx(expected["owrr"], abs=1e-12)
    assert slider(found.owrr) == expected["slider"]
    assert (found.score_for, found.score_against) == pytest.approx((expected["yes_score"], expected["no_score"]))
    assert (found.qualified_for, found.qualified_against) == (expected["yes_qualified"], expected["no_qualified"])
    assert found.confidence == expected["confidence"].removesuffix("_data")
    assert agreement(no, yes).owrr == pytest.approx(1 - expected["owrr"], abs=1e-12)
    for side, name in ((yes, "yes_votes"), (no, "no_votes")):
        given = {vote.owner: (vote.omega, vote.money_at_risk, vote.weight) for vote in votes(side)}
        wanted = {vote["wallet"]: (vote["omega"], vote["open_risk"], vote["vote"]) for vote in expected["breakdown"][name]}
        if found.confidence is not Confidence.INSUFFICIENT:  # the origin lists no votes then
            assert given.keys() == wanted.keys()
            assert all(given[wallet] == pytest.approx(wanted[wallet]) for wallet in wanted)


@pytest.mark.parametrize("row", numbered(VECTORS["owrr"], [not otherwise for otherwise in OTHERWISE]))
def test_owrr_is_that_of_the_origin(row: dict[str, Any]) -> None:
    assert_as_expected(row, holders(row, "YES"), holders(row, "NO"))


@pytest.mark.parametrize("row", numbered(VECTORS["owrr"], OTHERWISE))
def test_owrr_differs_on_purpose_by_what_an_omega_of_nought_or_null_means(row: dict[str, Any]) -> None:
    """copying.md: "The origin turns 0, null and NaN into 1.0. **Ours**: no record → not qualified; 0 → 0.1" """
    yes, no = holders(row, "YES"), holders(row, "NO")
    assert_as_expected(row, as_the_origin_reads(yes), as_the_origin_reads(no))  # that, and nothing else, is the difference
    for side, count in ((yes, "yes_qualified"), (no, "no_qualified")):
        ours = {vote.owner: vote.omega for vote in votes(side)}
        theirs = {vote.owner for vote in votes(as_the_origin_reads(side))}
        without_record = {holder.wallet for holder in side if holder.omega is None}
        assert len(theirs) == row["expected"][count]
        assert ours.keys() == theirs - without_record
        assert all(ours[holder.wallet] == pytest.approx(clamp(0.0)) for holder in side if holder.omega == 0 and holder.wallet in ours)
    ours_changed = votes(yes) != votes(as_the_origin_reads(yes)) or votes(no) != votes(as_the_origin_reads(no))
    assert ours_changed
    assert agreement(yes, no).owrr != pytest.approx(row["expected"]["owrr"], abs=1e-6) or row["name"].startswith("hand3")


# decision


CONFIDENCE = {"high": "high", "medium": "medium", "low": "low", "insufficient_data": "insufficient"}
MIN_POSITION = 50  # the origin's own: "$49.99 available, need $50.00"


def owrr_of_side(given: dict[str, Any]) -> Decimal:
    """The vectors tell YES's OWRR; ours is that of the copied outcome."""
    return exact(given["ow"]) if given["side"] == "YES" else 1 - exact(given["ow"])


def verdict(row: dict[str, Any], floor: str, build: dict[str, Any], as_of: datetime) -> Signal:
    """The row as a cycle would meet it: a leader's buy, the market's consensus, and a portfolio with `open` positions."""
    given = row["input"]
    outcome = given["side"].capitalize()
    trade = build["trade"](outcome=outcome, notional=exact(given["tusd"]))
    market = build["market"](category=given["cat"] or "")
    consensus = build["consensus"](owrr=float(owrr_of_side(given)), confidence=Confidence(CONFIDENCE[given["conf"]]))
    holdings = {(f"leader {number}", f"token {number}"): Holding("other", Decimal(1), Decimal(0)) for number in range(given["open"])}
    policy = {
        "owrr": {"yes_above": given["ty"], "no_below": given["tn"]},
        "risk": {"max_positions": given["maxpos"]},
        "sizing": {
            "kind": "conviction",
            "risk_fraction": exact(given["risk"]) / 100,
            "floor": floor,
            "max_notional": given["max"],
            "min_notional": MIN_POSITION,
        },
    }
    one = build["judge"](policy=policy, kind=Kind.OWRR, portfolio=Portfolio(exact(given["bal"]), exact(given["bal"]), holdings))
    evidence = Evidence({"yes": market}, {("yes", "cluster"): consensus})
    (signal,) = judge([trade], [one], evidence, as_of).signals
    return signal


@pytest.fixture
def build(a_trade: Any, a_market: Any, a_consensus: Any, a_judge: Any) -> dict[str, Any]:
    return {"trade": a_trade, "market": a_market, "consensus": a_consensus, "judge": a_judge}


def copies(row: dict[str, Any]) -> bool:
    return str(row["expected"]["decision"]).startswith("copy")


def is_past_its_threshold(given: dict[str, Any]) -> bool:
    """Strictly, on the unrounded number."""
    ow = exact(given["ow"]) * 100
    return ow > given["ty"] if given["side"] == "YES" else ow < given["tn"]


ON_THE_THRESHOLD = [copies(row) and not is_past_its_threshold(row["input"]) for row in VECTORS["decision"]]
REDUCED = [row["expected"]["decision"] == "copy_reduced" for row in VECTORS["decision"]]
PLAIN = [not (one or other) for one, other in zip(ON_THE_THRESHOLD, REDUCED, strict=True)]


def reason_of(row: dict[str, Any]) -> Reason:
    """The origin's words in ours. Where two rules forbid a copy, ours names the first of the seven steps it fails."""
    text, given = str(row["expected"]["reason"]), row["input"]
    if copies(row):
        return Reason.CONSENSUS_FAVOURS
    if given["conf"] == "insufficient_data":
        return Reason.CONSENSUS_INSUFFICIENT  # copying.md: "fewer than **3** qualified on **either** side → OWRR 0.5, never copied"
    if "threshold" in text or not is_past_its_threshold(given):
        return Reason.CONSENSUS_BELOW_THRESHOLD
    words = {
        "confidence too low": Reason.CONFIDENCE_TOO_LOW,
        "Max positions reached": Reason.MAX_POSITIONS_REACHED,
        "Insufficient capital": Reason.CAPITAL_TOO_LOW,
    }
    return next(reason for word, reason in words.items() if word in text)


@pytest.mark.parametrize("row", numbered(VECTORS["decision"], PLAIN))
def test_the_decision_is_that_of_the_origin(row: dict[str, Any], build: dict[str, Any], as_of: datetime) -> None:
    """With the later code's floor of a half, its size too; with the plan's floor of 0, which is ours, the plan's."""
    later, ours = verdict(row, "0.5", build, as_of), verdict(row, "0", build, as_of)
    assert (later.verdict is Verdict.COPY) == copies(row)
    assert (later.reason, ours.reason) == (reason_of(row), reason_of(row))
    assert later.notional == exact(row["expected"]["size"] or 0)
    assert ours.notional == (exact(row["plan_doc_size"]) if copies(row) else 0)


@pytest.mark.parametrize("row", numbered(VECTORS["decision"], ON_THE_THRESHOLD))
def test_the_decision_differs_on_purpose_on_the_threshold(row: dict[str, Any], build: dict[str, Any], as_of: datetime) -> None:
    """copying.md: "**Ours**: strictly, as the brief says, on the unrounded 100 × OWRR (the origin compares the rounded slider with ≥ and
    ≤, so 0.5964 passed)" """
    given = row["input"]
    assert (given["side"], given["ow"]) in (("YES", 0.595), ("NO", 0.4))
    assert slider(given["ow"]) == (given["ty"] if given["side"] == "YES" else given["tn"])
    signal = verdict(row, "0", build, as_of)
    assert (signal.verdict, signal.reason) == (Verdict.SKIP, Reason.CONSENSUS_BELOW_THRESHOLD)


@pytest.mark.parametrize("row", numbered(VECTORS["decision"], REDUCED))
def test_the_decision_differs_on_purpose_where_the_origin_reduces_a_copy(
    row: dict[str, Any], build: dict[str, Any], as_of: datetime
) -> None:
    """copying.md: "Size: … `balance × risk_fraction × (floor + (1 − floor) × strength)`, then caps …, rounded down to cents." A medium
    confidence is in step 3 and has no part in the size."""
    later, ours = verdict(row, "0.5", build, as_of), verdict(row, "0", build, as_of)
    assert (later.verdict, ours.verdict) == (Verdict.COPY, Verdict.COPY)
    assert later.notional == 2 * exact(row["expected"]["size"])
    assert ours.notional == exact(row["plan_doc_size"])


@pytest.mark.parametrize("row", numbered(VECTORS["decision"]))
def test_the_plans_size_is_ours_whether_copied_or_not(row: dict[str, Any]) -> None:
    """The plan's table is in whole dollars; ours is in cents, rounded down. Against the consensus it is 0."""
    given = row["input"]
    policy = SizingPolicy(kind="conviction", risk_fraction=exact(given["risk"]) / 100, max_notional=given["max"])
    wanted = copy_notional(exact(given["tusd"]), Decimal("0.4"), float(owrr_of_side(given)), exact(given["bal"]), policy)
    size = sized_down(wanted, Currency.USD)
    assert size.quantize(DOLLAR, ROUND_HALF_UP) == row["plan_doc_size"]
    assert size == min(conviction_notional(float(owrr_of_side(given)), exact(given["bal"]), policy), policy.max_notional).quantize(
        CENT, "ROUND_DOWN"
    )


# kelly


def kelly_price(row: dict[str, Any]) -> Decimal:
    return exact(row["entry_price"]) if row["side"] == "YES" else 1 - exact(row["entry_price"])


def kelly_usd(row: dict[str, Any]) -> Decimal:
    given = row["cfg"]
    policy = SizingPolicy(
        kind="kelly",
        kelly_fraction=exact(given["kelly_fraction"]),
        max_notional=min(exact(given["max_bet_usd"]), exact(given["max_position_pct"]) * given["portfolio_size_usd"]),
    )
    wanted = copy_notional(Decimal(1), kelly_price(row), row["win_prob"], exact(given["portfolio_size_usd"]), policy)
    return sized_down(wanted, Currency.USD)


def loses_a_cent(row: dict[str, Any]) -> bool:
    """Full Kelly has more digits than cents, and the origin rounded them up."""
    given = row["cfg"]
    full = kelly_fraction(kelly_price(row), exact(row["win_prob"])) * exact(given["kelly_fraction"]) * given["portfolio_size_usd"]
    return 0 < full < min(given["max_bet_usd"], 1_000) and full.quantize(CENT, ROUND_HALF_UP) > full


ROUNDED_UP = [loses_a_cent(row) for row in VECTORS["kelly"]]


@pytest.mark.parametrize("row", numbered(VECTORS["kelly"], [not up for up in ROUNDED_UP]))
def test_kelly_is_that_of_the_origin(row: dict[str, Any]) -> None:
    full = kelly_fraction(kelly_price(row), exact(row["win_prob"]))
    assert float(full) == pytest.approx(row["expected"]["kelly"], abs=1e-9)
    assert float(full * exact(row["cfg"]["kelly_fraction"])) == pytest.approx(row["expected"]["fractional"], abs=1e-9)
    assert kelly_usd(row) == exact(row["expected"]["usd"])


@pytest.mark.parametrize("row", numbered(VECTORS["kelly"], ROUNDED_UP))
def test_kelly_differs_on_purpose_by_a_cent_that_was_rounded_up(row: dict[str, Any]) -> None:
    """copying.md: "then caps (…), rounded down to cents" """
    assert float(kelly_fraction(kelly_price(row), exact(row["win_prob"]))) == pytest.approx(row["expected"]["kelly"], abs=1e-9)
    assert kelly_usd(row) == exact(row["expected"]["usd"]) - CENT
