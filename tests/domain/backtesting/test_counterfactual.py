"""A signal followed to its end: what it would have paid and got, and what that says of the rule."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import Counterfactual, CounterfactualEnd, Reason, Side, Signal, Trade, Verdict
from data_contracts.frames import frame_of
from domain.backtesting.counterfactual import followed, summarize_by_reason
from domain.ids import row_id
from domain.profiling.copied_trades import Frictions
from tests.markets import market_frame

BARE = Frictions(half_spread=0, impact=0)
Build = Callable[..., Any]


@pytest.fixture
def followed_to(a_signal: Build, a_trade: Build, as_of: Any) -> Build:
    """What becomes of one skipped BUY at 0.40, judged 10 s later. `then`: (second, side, price, wallet or None for the leader)."""

    def follow(
        *then: tuple[float, str, str, str | None], ends_s: float | None = 3600, asked_s: float = 7200, slippage: float = 0.05
    ) -> Any:
        start = as_of - timedelta(seconds=10)
        leader = a_trade().wallet
        later = [
            a_trade(f"{at_s}", side=Side(side), price=Decimal(price), traded_at=start + timedelta(seconds=at_s), wallet=wallet or leader)
            for at_s, side, price, wallet in then
        ]
        over = {} if ends_s is None else {"ended_at": start + timedelta(seconds=ends_s), "payout": Decimal(1)}
        signal = a_signal(verdict="SKIP", reason="TOKEN_ALREADY_HELD", notional=Decimal(0))
        rows = followed(
            frame_of([signal], Signal),
            frame_of([a_trade(), *later], Trade),
            market_frame(over),
            {"strategy": slippage},
            start + timedelta(seconds=asked_s),
            BARE,
        )
        (row,) = rows.to_dicts()
        return row

    return follow


SOMEBODY = "0x" + "c" * 40


def test_a_skip_is_bought_as_late_as_it_was_judged_and_held_to_the_resolution(followed_to: Build) -> None:
    """At 10 s the token trades at 0.41, within the limit of 0.42: 100 USD would have won 100 / 0.41 - 100 = 143.90 USD."""
    row = followed_to((10, "BUY", "0.41", SOMEBODY))
    assert (row["end"], float(row["price"])) == (CounterfactualEnd.RESOLUTION, pytest.approx(0.41))
    assert float(row["pnl"]) == pytest.approx(143.90, abs=0.005)
    assert float(row["gain"]) == pytest.approx(1.43902, abs=1e-4)


@pytest.mark.parametrize(("price", "end"), [("0.42", "resolution"), ("0.4201", "unfilled")])
def test_past_our_limit_there_is_no_copy_and_no_gain(followed_to: Build, price: str, end: str) -> None:
    """5 % above 0.40 is 0.42."""
    row = followed_to((10, "BUY", price, SOMEBODY))
    assert row["end"] == end
    assert (row["gain"] == 0) == (end == "unfilled")


def test_it_ends_with_its_leader_one_cycle_late(followed_to: Build) -> None:
    """The leader sells all at 0.50; 30 s later the token trades at 0.48: 0.48 / 0.40 - 1 = 20 %."""
    row = followed_to((600, "SELL", "0.50", None), (630, "BUY", "0.48", SOMEBODY))
    assert (row["end"], row["gain"]) == (CounterfactualEnd.LEADER, pytest.approx(0.2))


@pytest.mark.parametrize(("asked_s", "end"), [(3599, "open"), (3600, "resolution")])
def test_until_its_market_is_over_it_is_open(followed_to: Build, asked_s: float, end: str) -> None:
    row = followed_to(asked_s=asked_s)
    assert (row["end"], row["gain"] is None, row["ended_at"] is None) == (end, end == "open", end == "open")


def test_what_happens_after_the_question_is_asked_is_not_known(followed_to: Build) -> None:
    assert followed_to((600, "SELL", "0.50", None), ends_s=None, asked_s=500)["end"] == CounterfactualEnd.OPEN


def ledger(as_of: Any, reason: Reason, verdict: Verdict, gains: list[float]) -> pl.DataFrame:
    """One signal an event."""
    rows = [
        Counterfactual(
            signal_id=row_id(reason, number),
            strategy_id="strategy",
            verdict=verdict,
            reason=reason,
            leader=SOMEBODY,
            market_id=f"m{number}",
            token_id="yes",
            event=f"e{number}",
            category="",
            leader_price=Decimal("0.4"),
            price=Decimal("0.4"),
            delay_s=10.0,
            stake=Decimal(100),
            end=CounterfactualEnd.RESOLUTION,
            gain=gain,
            pnl=Decimal(str(round(gain * 100, 6))),
            judged_at=as_of,
            ended_at=as_of,
            as_of=as_of,
        )
        for number, gain in enumerate(gains)
    ]
    return frame_of(rows, Counterfactual)


@pytest.mark.parametrize(
    ("verdict", "gains", "the_rule"),
    [
        (Verdict.SKIP, [-0.3, -0.2, -0.4, -0.3, -0.1, -0.3], "earns"),  # it kept us from losses
        (Verdict.SKIP, [0.3, 0.2, 0.4, 0.3, 0.1, 0.3], "costs"),
        (Verdict.COPY, [0.3, 0.2, 0.4, 0.3, 0.1, 0.3], "earns"),
        (Verdict.COPY, [-0.3, -0.2, -0.4, -0.3, -0.1, -0.3], "costs"),
        (Verdict.SKIP, [1.0, -1.0, 1.0, -1.0, 1.0, -1.0], "cannot be told from luck"),
        (Verdict.SKIP, [1.0, 1.0, 1.0, 1.1], "too few events to say"),
    ],
)
def test_a_rule_earns_or_costs_only_when_its_whole_interval_says_so(
    as_of: Any, verdict: Verdict, gains: list[float], the_rule: str
) -> None:
    (row,) = summarize_by_reason(ledger(as_of, Reason.EXPOSURE_REACHED, verdict, gains)).to_dicts()
    assert row["the_rule"] == the_rule
    assert row["pnl"] == pytest.approx(100 * sum(gains))
