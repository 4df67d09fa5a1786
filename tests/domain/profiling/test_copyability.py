"""What a copier would have paid and got: by hand, trade by trade, and against a world whose law is known."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Copyability, Trap, TrapFlag
from data_contracts.frames import frame_of, schema_of
from domain.copying.policy import FollowPolicy
from domain.profiling.copied_trades import Frictions, copies, markets_known
from domain.profiling.copyability import candidates, rate_copies, remarks, top_share, with_cost
from domain.profiling.spreads import cost_of
from domain.statistics.resampling import Interval
from evaluation.worlds import copying
from tasks.fast_check import breaches
from tests.markets import market_frame

T0 = datetime(2026, 11, 3, 12, tzinfo=copying.BEGIN.tzinfo)
BARE = Frictions(half_spread=0, impact=0)
LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
Build = Callable[..., Any]


@pytest.fixture
def won() -> pl.DataFrame:
    """The token won an hour later; politics' fee of 4 %."""
    over = T0 + timedelta(hours=1)
    return market_frame({"ended_at": over, "payout": Decimal(1), "fee_rate": Decimal("0.04")})


def one(copied: pl.DataFrame, **where: Any) -> dict[str, Any]:
    (row,) = copied.filter(**where).to_dicts()
    return row


def test_we_buy_at_the_price_somebody_traded_at_after_our_delay(tape: Build, won: pl.DataFrame) -> None:
    """0.40 at once; after 30 s the next trade, 10 s later, is at 0.45. Fee: 0.04 x 0.45 x 0.55 = 0.0099. It won: 1 / 0.4599 - 1."""
    trades = tape((0, LEADER, "BUY", 100, "0.40"), (20, OTHER, "BUY", 10, "0.42"), (40, OTHER, "SELL", 10, "0.45"))
    copied = copies(trades, won, (0, 30), (100,), BARE, pl.Series([LEADER]))
    assert one(copied, delay_s=0)["paid"] == pytest.approx(0.40)
    late = one(copied, delay_s=30)
    assert (late["paid"], late["cost"], late["gain"]) == pytest.approx((0.45, 0.4599, 1 / 0.4599 - 1))


def test_half_the_spread_and_our_own_size_come_on_top(tape: Build, won: pl.DataFrame) -> None:
    """0.40 + 0.005 + 0.25 x 0.40 x 0.60 x 100 / (100 + 300 + 100) = 0.417: 300 USD were traded in the five minutes from the BUY on."""
    trades = tape((0, LEADER, "BUY", 250, "0.40"), (60, OTHER, "BUY", 500, "0.40"), (400, OTHER, "BUY", 900, "0.40"))
    assert one(copies(trades, won, (0,), (100,), Frictions(), pl.Series([LEADER])))["paid"] == pytest.approx(0.417)


@pytest.mark.parametrize("others", [1, 500_000])
def test_what_books_cost_does_not_vanish_with_volume(tape: Build, won: pl.DataFrame, others: int) -> None:
    """A category that was not recorded, 100 USD at 0.50: 0.009317 x 1.389 above the middle, however much others trade."""
    trades = tape((0, LEADER, "BUY", 100, "0.50"), (5, OTHER, "BUY", others, "0.50"))
    elsewhere = won.with_columns(pl.lit("weather").alias("category"))
    assert one(copies(trades, elsewhere, (0,), (100,), wallets=pl.Series([LEADER])))["paid"] == pytest.approx(0.50 + 0.009317 * 1.389)


def test_what_is_not_known_of_the_cost_makes_the_interval_wider() -> None:
    """Dear copies lose a tenth more: over 25 events, and with 14 markets behind the spread, that is 0.1 x sqrt(1/25 + 1/14) = 0.0334."""
    sure = Interval(np.array([0.2]), np.array([0.1]), np.array([0.25]))
    wider = with_cost(sure, np.array([0.1]), 25, np.array([1 / 14]))
    assert (wider.low[0], wider.high[0]) == pytest.approx((0.2 - np.hypot(0.1, 0.0334), 0.2 + np.hypot(0.05, 0.0334)), abs=1e-4)


def test_a_rating_carries_what_its_copies_cost_and_between_what_that_lies(tape: Build, won: pl.DataFrame) -> None:
    """Ten BUYs at 0.50 in ten markets of crypto whose ends nobody knows: the mean and the bounds that recorded books have for 100 USD."""
    trades = tape(*((60 * number, LEADER, "BUY", 100, "0.50") for number in range(10)))
    tokens = pl.format("yes {}", pl.int_range(10))
    own = trades.with_columns(token_id=tokens, market_id=tokens)
    markets = pl.concat([won] * 10).with_columns(token_id=tokens, market_id=tokens, event=tokens, category=pl.lit("crypto"), ends_at=None)
    (row,) = rate_copies(copies(own, markets.cast({"ends_at": won.schema["ends_at"]}), (0,), (100,)), T0 + timedelta(days=1)).to_dicts()
    recorded = cost_of(np.array(["crypto"], object), np.array([0.5]), 100)
    assert (row["spread"], row["spread_low"], row["spread_high"]) == pytest.approx((recorded.mean[0], recorded.low[0], recorded.high[0]))
    assert list(breaches(pl.DataFrame([row], schema=schema_of(Copyability)), Copyability)) == []


def test_a_copy_is_dearer_shortly_before_the_end(tape: Build, won: pl.DataFrame) -> None:
    """In crypto, where books were recorded to their ends: a minute and a half before it, against half an hour."""
    ends_at = T0 + timedelta(seconds=1_800)
    crypto = won.with_columns(pl.lit("crypto").alias("category"), pl.lit(ends_at, won.schema["ends_at"]).alias("ends_at"))
    trades = tape((0, LEADER, "BUY", 100, "0.50"), (1_710, OTHER, "BUY", 100, "0.50"))
    early, late = copies(trades, crypto, (0,), (100,)).sort("traded_at")["paid"]
    assert late - 0.5 == pytest.approx((early - 0.5) * (1771 / 90) ** 0.2051, rel=1e-3)


@pytest.mark.parametrize(("wait_s", "price"), [(120, 0.50), (121, 0.40)])
def test_a_price_is_waited_for_two_minutes_then_the_last_one_stands(tape: Build, won: pl.DataFrame, wait_s: int, price: float) -> None:
    trades = tape((0, LEADER, "BUY", 100, "0.40"), (30 + wait_s, OTHER, "BUY", 10, "0.50"))
    assert one(copies(trades, won, (30,), (100,), BARE, pl.Series([LEADER])))["paid"] == pytest.approx(price)


def test_we_sell_what_part_the_leader_sells_as_late_and_hold_the_rest_to_the_end(tape: Build, won: pl.DataFrame) -> None:
    """A quarter at 0.60 (sold 30 s late), three quarters pay 1: 0.25 x (0.60 - 0.04 x 0.24) + 0.75 = 0.8976 a share."""
    trades = tape(
        (0, LEADER, "BUY", 100, "0.40"),
        (31, OTHER, "BUY", 1, "0.40"),
        (600, LEADER, "SELL", 25, "0.55"),
        (631, OTHER, "BUY", 1, "0.60"),
    )
    row = one(copies(trades, won, (30,), (10,), BARE, pl.Series([LEADER])))
    assert row["worth"] == pytest.approx(0.8976)
    assert row["ended_at"] == T0 + timedelta(hours=1)


def test_what_was_bought_after_a_sale_is_not_sold_by_it(tape: Build, won: pl.DataFrame) -> None:
    """All out at 0.50, in again at 0.30: the first share brought 0.49, the second 1."""
    trades = tape((0, LEADER, "BUY", 100, "0.40"), (600, LEADER, "SELL", 100, "0.50"), (900, LEADER, "BUY", 100, "0.30"))
    copied = copies(trades, won, (0,), (10,), BARE, pl.Series([LEADER])).sort("traded_at")
    assert copied["worth"].to_list() == pytest.approx([0.50 - 0.04 * 0.25, 1.0])
    assert copied["ended_at"].to_list() == [T0 + timedelta(seconds=600), T0 + timedelta(hours=1)]


def test_a_copy_after_the_end_cannot_be_made_and_a_late_exit_is_paid_by_the_resolution(tape: Build, won: pl.DataFrame) -> None:
    """The market ends at 3,600 s. A BUY 10 s before comes too late after 30 s; a SELL 10 s before is, after 30 s, the payout."""
    trades = tape((0, LEADER, "BUY", 100, "0.40"), (3590, LEADER, "SELL", 50, "0.50"), (3590, OTHER, "BUY", 10, "0.90"))
    copied = copies(trades, won, (30,), (10,), BARE)
    assert one(copied, wallet=OTHER)["cost"] is None
    assert one(copied, wallet=LEADER)["worth"] == pytest.approx(1.0)


def test_until_its_end_is_known_a_copy_has_no_gain(tape: Build, won: pl.DataFrame) -> None:
    open_ = markets_known(won, T0 + timedelta(minutes=59))
    row = one(copies(tape((0, LEADER, "BUY", 100, "0.40")), open_, (0,), (10,), BARE))
    assert (row["worth"], row["gain"], row["ended_at"]) == (None, None, None)


def test_the_fills_of_one_minute_are_one_entry(tape: Build, won: pl.DataFrame) -> None:
    trades = tape((0, LEADER, "BUY", 5, "0.40"), (60, LEADER, "BUY", 5, "0.41"), (121, LEADER, "BUY", 5, "0.42"))
    assert copies(trades, won, (0,), (10,), BARE).sort("traded_at")["is_entry"].to_list() == [True, False, True]


def test_a_book_on_record_says_what_our_size_costs(tape: Build, won: pl.DataFrame) -> None:
    """76 USD: 100 shares at 0.50 and 50 at 0.52, on average 76 / 150. A thin book says nothing: 200 USD are not there."""
    levels = pl.DataFrame({"price": ["0.50", "0.52"], "shares": ["100", "100"]}).with_columns(
        pl.lit("yes").alias("token_id"), pl.lit(False).alias("is_bid"), pl.lit(T0).alias("as_of")
    )
    copied = copies(tape((0, LEADER, "BUY", 100, "0.40")), won, (30,), (76, 200), BARE, books=levels)
    assert one(copied, notional=76)["paid"] == pytest.approx(76 / 150)
    assert one(copied, notional=200)["paid"] == pytest.approx(0.40)


@settings(max_examples=15)
@given(st.floats(0, 3), st.floats(0.01, 1))
def test_a_higher_fee_never_makes_a_copy_better(multiplier: float, more: float) -> None:
    trades, markets = copying.recording(1, 1)
    gains = [
        copies(trades, markets, (30,), (100,), Frictions(fee_multiplier=fee), pl.Series([copying.LEADER]))["gain"].to_numpy()
        for fee in (multiplier, multiplier + more)
    ]
    assert (gains[1] < gains[0]).all()


def test_the_grid_agrees_with_the_law_of_the_world_it_looks_at() -> None:
    """The same entries, valued by the law and from the trades: what is left is only how well others' trades tell the price."""
    trades, markets = copying.recording(3, 40)
    copied = copies(trades, markets, (0, 60, 300), (100,), copying.FRICTIONS, pl.Series([copying.LEADER])).filter("is_entry")
    entries = copying.draw_entries(np.random.default_rng(3), 40, copying.LAW)
    for delay in (0, 60, 300):
        expected = copying.gains(entries, copying.LAW, delay, 100)
        assert copied.filter(delay_s=delay)["gain"].mean() == pytest.approx(expected.mean(), abs=0.02)


def test_the_world_is_that_of_the_published_gap() -> None:
    """Luo et al., WWW 2026: the leader +14 %, its copier +3 % a trade."""
    entries = copying.draw_entries(np.random.default_rng(0), 50_000, copying.LAW)
    assert copying.leader_gains(entries, copying.LAW).mean() == pytest.approx(0.14, abs=0.005)
    assert copying.truth(copying.LAW, 60, 100) == pytest.approx(0.03, abs=0.005)


def test_a_rating_has_a_row_a_cell_and_returns_that_fall_with_delay_and_size() -> None:
    trades, markets = copying.recording(5, 30)
    rows = rate_copies(copies(trades, markets, (0, 60), (10, 1000), wallets=pl.Series([copying.LEADER])), copying.BEGIN)
    assert rows.select("delay_s", "notional").rows() == [(0, 10), (0, 1000), (60, 10), (60, 1000)]
    fast, fast_large, late, late_large = rows["mean"].to_list()
    assert fast > late > late_large
    assert fast > fast_large > late_large
    assert rows["round_trips"].to_list() == [60] * 4
    assert rows["events"].to_list() == [30] * 4
    assert (rows["low"] < rows["mean"]).all()
    assert (rows["mean"] < rows["high"]).all()


@pytest.mark.parametrize(("fewest", "wallets"), [(8, 1), (9, 0)])
def test_a_wallet_is_rated_from_its_fewest_copies_on(fewest: int, wallets: int) -> None:
    trades, markets = copying.recording(5, 4)  # two markets an event
    copied = copies(trades, markets, (0,), (10,), wallets=pl.Series([copying.LEADER]))
    assert rate_copies(copied, copying.BEGIN, fewest).height == wallets


def test_the_best_one_percent_of_two_hundred_copies_are_two() -> None:
    """198 gained 1 %, two 99 %: 1.98 of 3.96. Losses are no part of what was gained."""
    assert top_share(np.array([0.01] * 198 + [0.99] * 2)) == pytest.approx(0.5)
    assert top_share(np.array([-1.0, 0.0])) is None


# Whom to follow by it.


@pytest.fixture
def ratings() -> pl.DataFrame:
    def row(wallet: str, mean: float, low: float) -> Copyability:
        figures = {"median": 0.0, "trimmed_mean": 0.0, "top_share": None, "round_trips": 20, "events": 9, "high": 0.5}
        return Copyability(wallet=wallet, delay_s=30, notional=100, mean=mean, low=low, as_of=T0, **figures)  # type: ignore[arg-type]

    return frame_of([row(LEADER, 0.03, -0.01), row(OTHER, 0.01, 0.005)], Copyability)


@pytest.fixture
def flagged() -> pl.DataFrame:
    flag = TrapFlag(wallet=OTHER, trap=Trap.CROWD, score=3.2, threshold=2.0, flagged=True, observations=9, as_of=T0)
    return frame_of([flag], TrapFlag)


NOBODY_FLAGGED = frame_of([], TrapFlag)


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ({}, ["a", "b", "c"]),  # nothing is asked for
        ({"min_copy_return": 0.0}, ["a", "b"]),  # c has no rating: it has not shown anything
        ({"min_copy_return": 0.03}, ["a"]),
        ({"min_copy_return": 0.031}, []),
        ({"min_copy_return": 0.0, "copy_certainty": "low"}, ["b"]),
        ({"min_copy_return": 0.0, "copy_delay_s": 60}, []),  # nobody is rated at this delay
    ],
)
def test_a_policy_may_ask_what_copying_brings(ratings: pl.DataFrame, policy: dict[str, Any], left: list[str]) -> None:
    profiles = pl.DataFrame({"wallet": [LEADER, OTHER, "0x" + "c" * 40]})
    found = candidates(profiles, ratings, NOBODY_FLAGGED, FollowPolicy(**policy))
    assert [wallet[-1] for wallet in found["wallet"]] == left


@pytest.mark.parametrize(("traps", "left"), [((Trap.WASH, Trap.BAIT), 2), ((Trap.CROWD,), 1), ((), 2)])
def test_a_policy_names_the_traps_it_keeps_away_from(
    flagged: pl.DataFrame, ratings: pl.DataFrame, traps: tuple[Trap, ...], left: int
) -> None:
    profiles = pl.DataFrame({"wallet": [LEADER, OTHER]})
    assert candidates(profiles, ratings, flagged, FollowPolicy(without_traps=traps)).height == left


def test_followers_are_told_what_copies_brought_and_every_flag(ratings: pl.DataFrame, flagged: pl.DataFrame) -> None:
    said = remarks(ratings, flagged, FollowPolicy())
    assert said[LEADER] == "copies +3.0% (-1.0% to +50.0%) over 20"
    assert said[OTHER] == "copies +1.0% (+0.5% to +50.0%) over 20, flagged crowd: 3.20 from 2.00 on"
