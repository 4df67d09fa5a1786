"""Each trap beside what only looks like it."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from data_contracts import Trade, Trap
from data_contracts.frames import frame_of
from domain.profiling.traps import USUAL, Thresholds, baited, crowded, flags, hedged, washed
from evaluation.worlds import traps as worlds
from tests.markets import market_frame

T0 = worlds.BEGIN
WALLET, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
Build = Callable[..., Any]
Row = tuple[float, str, str, float, str]  # second, wallet, side, shares, price


@pytest.fixture
def markets() -> pl.DataFrame:
    """Four markets of one neg-risk event, of which at most one says Yes."""
    rows = [
        {
            "token_id": f"{market}:{outcome}",
            "market_id": market,
            "outcome": outcome,
            "outcome_index": place,
            "event": "race",
            "neg_risk": True,
        }
        for market in "wxyz"
        for place, outcome in enumerate(("Yes", "No"))
    ]
    return market_frame(*rows)


def score(frame: pl.DataFrame, wallet: str = WALLET) -> float:
    found: float = frame.filter(pl.col("wallet") == wallet)["score"].item()
    return found


def test_what_comes_back_at_the_same_price_is_washed(tape: Build) -> None:
    """Bought and sold 100 at 0.50 within minutes: 100 USD there and back, beside 50 USD that stayed: 100 / 150."""
    trades = tape((0, WALLET, "BUY", 100, "0.50"), (300, WALLET, "SELL", 100, "0.50"), (9000, WALLET, "BUY", 100, "0.50"))
    assert score(washed(trades)) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("price", "washes"), [("0.504", True), ("0.505", False), ("0.51", False)])
def test_who_earns_half_a_cent_on_the_way_washes_nothing(tape: Build, price: str, washes: bool) -> None:
    trades = tape((0, WALLET, "BUY", 100, "0.50"), (300, WALLET, "SELL", 100, price))
    assert (score(washed(trades)) > 0) == washes


def test_selling_to_itself_in_one_transaction_is_washing_at_any_price(tape: Build) -> None:
    trades = tape((0, WALLET, "BUY", 100, "0.50"), (0, WALLET, "SELL", 100, "0.60"), tx_hash="0x1")
    assert score(washed(trades)) == pytest.approx(1)


def entries(move: str, after: str, count: int) -> list[Row]:
    """Bought at 0.40, all sold two minutes later, and the price five minutes after that; an hour apart."""
    return [
        row
        for start in range(0, 3600 * count, 3600)
        for row in (
            (start, WALLET, "BUY", 100, "0.40"),
            (start + 120, WALLET, "SELL", 100, move),
            (start + 430, OTHER, "BUY", 1, after),
        )
    ]


def test_selling_into_a_bump_that_falls_back_is_bait_and_riding_a_rise_is_not(tape: Build, markets: pl.DataFrame) -> None:
    """Eight of eight: surely more than three in ten (Wilson: 8 / (8 + 1.645²) = 0.75). Nothing where the price went on or the sale lost."""
    assert score(baited(tape(*entries("0.45", "0.40", 8)), markets)) == pytest.approx(8 / (8 + 1.645**2))
    assert score(baited(tape(*entries("0.45", "0.50", 8)), markets)) == pytest.approx(0, abs=1e-9)
    assert score(baited(tape(*entries("0.38", "0.36", 8)), markets)) == pytest.approx(0, abs=1e-9)


def legs(tape: Build, *bought: tuple[str, str, float, str]) -> pl.DataFrame:
    """(market, outcome, shares, price) that WALLET bought."""
    frames = [
        tape((0, WALLET, "BUY", shares, price), market_id=market, token_id=f"{market}:{outcome}", outcome=outcome)
        for market, outcome, shares, price in bought
    ]
    return pl.concat(frames)


@pytest.mark.parametrize(
    ("bought", "locked"),
    [
        ([("w", "Yes", 100, "0.60"), ("w", "No", 50, "0.40")], 50 / 80),  # 50 pairs pay 50 of 60 + 20 USD, whoever wins
        ([("w", "Yes", 100, "0.60")], 0),
        ([("w", "Yes", 100, "0.30"), ("x", "Yes", 100, "0.30")], 0),  # two bets: y or z may win
        ([("w", "No", 100, "0.60"), ("x", "No", 100, "0.60")], 100 / 120),  # at most one of them can say Yes: one No pays for sure
        ([("w", "Yes", 100, "0.30"), ("x", "No", 100, "0.70")], 0),  # if x says Yes, both are lost
    ],
)
def test_money_that_comes_back_however_the_event_ends_is_hedged(
    tape: Build, markets: pl.DataFrame, bought: list[tuple[str, str, float, str]], locked: float
) -> None:
    assert score(hedged(legs(tape, *bought), markets)) == pytest.approx(locked)


def test_who_sold_the_one_outcome_before_it_bought_the_other_hedges_nothing(tape: Build, markets: pl.DataFrame) -> None:
    yes = tape((0, WALLET, "BUY", 100, "0.60"), (60, WALLET, "SELL", 100, "0.50"), market_id="w", token_id="w:Yes")
    no = tape((120, WALLET, "BUY", 100, "0.50"), market_id="w", token_id="w:No", outcome="No")
    assert score(hedged(pl.concat([yes, no]), markets)) == 0


def followed(after: int, before: int) -> list[Row]:
    """Eight entries an hour apart, and how many others buy in the minute after and before."""
    rows: list[Row] = []
    for start in range(3600, 3600 * 9, 3600):
        rows.append((start, WALLET, "BUY", 10, "0.40"))
        rows += [(start + 1 + number, f"0x{number:040x}", "BUY", 1, "0.40") for number in range(after)]
        rows += [(start - 30 - number, f"0x{number + 50:040x}", "BUY", 1, "0.40") for number in range(before)]
    return rows


@pytest.mark.parametrize(("after", "before", "more"), [(4, 0, 4), (4, 4, 0), (0, 0, 0)])
def test_a_crowd_is_who_comes_after_beyond_who_came_before(
    tape: Build, markets: pl.DataFrame, after: int, before: int, more: float
) -> None:
    assert score(crowded(tape(*followed(after, before)), markets)) == pytest.approx(more)


def test_one_observation_short_of_the_fewest_nobody_is_flagged(tape: Build, markets: pl.DataFrame) -> None:
    rows = [tape(*entries("0.45", "0.40", count)) for count in (4, 5)]
    found = [flags(one, markets, T0, pl.Series([WALLET]), Thresholds(fewest=5)).filter(pl.col("trap") == Trap.BAIT) for one in rows]
    assert [one["flagged"].item() for one in found] == [False, True]
    assert found[0]["score"].item() > USUAL.bait


def test_of_no_trade_nobody_is_suspected(markets: pl.DataFrame) -> None:
    assert flags(frame_of([], Trade), markets, T0).height == 0


def test_in_a_world_of_everybody_traps_are_found_and_look_alikes_are_not() -> None:
    """One world of `walletflow evaluate traps`, whose twenty say 0 to 0.4 % false and 0 to 7 % missed."""
    world = worlds.draw_world(2)
    found = flags(world.trades, world.markets, T0).filter("flagged")
    named = {(wallet, Trap(trap)) for wallet, trap in found.select("wallet", "trap").iter_rows() if wallet in world.traps}
    planted = {(wallet, trap) for wallet, trap in world.traps.items() if trap is not None}
    assert len(planted - named) <= 0.1 * len(planted)
    assert len(named - planted) <= 0.02 * len(world.traps)
