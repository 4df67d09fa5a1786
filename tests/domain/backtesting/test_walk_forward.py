"""Chosen on the past, copied in the future: nothing of the future may be chosen by, and who knows something must be found."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from data_contracts import Side, Trade, Venue
from data_contracts.frames import schema_of
from domain.backtesting.walk_forward import CHOICES, RANDOM, Past, Walk, by_skill, in_words, persistence, run_walk, summary
from domain.polymarket.markets import with_terms
from domain.profiling.copied_trades import Frictions
from evaluation.worlds.copying import BEGIN

WALK = Walk(fewest_closed=3, top=5, random_draws=100, frictions=Frictions(half_spread=0, impact=0))


def recording(seed: int, knowing: int, wallets: int = 40, markets: int = 60) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A market an hour, each over after half of it. Of twenty that buy at 0.50, those who know pick the winner eight times of ten."""
    chance = np.random.default_rng(seed)
    rows, ends = [], []
    for market in range(markets):
        won = int(chance.integers(2))
        ends.append({"market": market, "won": won})
        for place, wallet in enumerate(chance.choice(wallets, 20, replace=False)):
            right = chance.random() < (0.8 if wallet < knowing else 0.5)
            rows.append(
                {
                    "market": market,
                    "wallet": f"0x{int(wallet):040x}",
                    "picked": won if right else 1 - won,
                    "at_s": market * 3600 + place * 20,
                }
            )
    named = {
        "token_id": pl.format("m{}:{}", "market", "picked"),
        "market_id": pl.format("m{}", "market"),
        "outcome": pl.format("{}", "picked"),
    }
    trades = (
        pl.DataFrame(rows)
        .with_row_index("number")
        .with_columns(
            **named,
            trade_id=pl.col("number").cast(pl.String).str.zfill(32),
            source=pl.lit("world"),
            venue=pl.lit(Venue.POLYMARKET.value),
            side=pl.lit(Side.BUY.value),
            price=pl.lit(0.5),
            shares=pl.lit(10.0),
            notional=pl.lit(5.0),
            traded_at=pl.lit(BEGIN) + pl.duration(seconds="at_s"),
            tx_hash=pl.lit(""),
            ordinal=pl.lit(0),
            sequence=pl.lit(0),
            pool=pl.lit(""),
        )
        .with_columns(seen_at=pl.col("traded_at"))
    )
    both = (
        pl.DataFrame(ends)
        .join(pl.DataFrame({"picked": [0, 1]}), how="cross")
        .with_columns(
            **named,
            outcome_index=pl.col("picked"),
            question=pl.lit(""),
            category=pl.lit("politics"),
            event=pl.lit(""),
            price_increment=pl.lit(0.01),
            min_shares=pl.lit(5),
            fee_rate=pl.lit(0),
            fee_exponent=pl.lit(1),
            neg_risk=pl.lit(False),
            version=pl.lit("v1"),
            ends_at=pl.lit(BEGIN) + pl.duration(seconds=pl.col("market") * 3600 + 1800),
            payout=(pl.col("won") == pl.col("picked")).cast(pl.Int8),
        )
        .with_columns(ended_at=pl.col("ends_at"), updated_at=pl.col("ends_at"))
    )
    one = schema_of(Trade)
    return trades.select(list(one)).cast(dict(one.items())), with_terms(both)


def test_who_knows_something_is_found_and_copied_at_a_gain() -> None:
    """Five of forty are right 8 times of 10 at even odds: +60 % a copy. By skill most of the chosen are they; random ones gain far less."""
    result = run_walk(*recording(1, knowing=5), WALK)
    table = {row["way"]: row for row in summary(result).to_dicts()}
    assert table["skill"]["low"] > 0
    assert table["skill"]["mean"] > table[RANDOM]["high"]
    assert in_words("it", result, WALK)[0].startswith("An edge: it, copied 30 s later with 100 USD: our choice returned +")


def test_where_nobody_knows_anything_the_words_say_no_edge_and_the_cautious_follow_nobody() -> None:
    result = run_walk(*recording(2, knowing=0), WALK)
    assert in_words("it", result, WALK)[0].startswith("No edge: it")
    assert result.windows.filter(pl.col("way").str.contains("at most"))["leaders"].sum() == 0


def test_nothing_that_happens_later_changes_a_choice() -> None:
    trades, markets = recording(3, knowing=5)
    seen: list[Past] = []

    def spy(past: Past, walk: Walk) -> list[str]:
        seen.append(past)
        return by_skill(past, walk)

    run_walk(trades, markets, WALK, {"skill": spy})
    for past in seen:
        assert past.trades["traded_at"].max() <= past.as_of
        assert (past.markets["ended_at"].drop_nulls() <= past.as_of).all()
        cut = trades.filter(pl.col("traded_at") <= past.as_of + timedelta(days=1))
        assert by_skill(past, WALK) == by_skill(
            Past(cut.filter(pl.col("traded_at") <= past.as_of), past.markets, past.as_of, past.records), WALK
        )
    assert len({tuple(by_skill(past, WALK)) for past in seen}) > 1  # and yet it learns


@pytest.mark.parametrize("way", sorted(CHOICES))
def test_no_way_of_choosing_takes_more_than_the_top_or_who_has_too_few_closed_positions(way: str) -> None:
    trades, markets = recording(4, knowing=5)
    result = run_walk(trades, markets, WALK, {"skill": by_skill, way: CHOICES[way]})
    assert result.windows["leaders"].max() <= WALK.top
    assert run_walk(trades, markets, Walk(fewest_closed=1000)).copies.height == 0


def test_who_backs_one_side_all_along_is_right_twice_for_one_reason() -> None:
    """Thirty wallets, each in one event all the time: that their halves agree says nothing, so they are left out."""
    gains = np.repeat(np.random.default_rng(5).normal(size=30), 8)
    number = np.repeat(np.arange(30), 8)
    when = [BEGIN + timedelta(hours=int(hour)) for hour in np.tile(np.arange(8), 30)]
    frame = pl.DataFrame({"wallet": number.astype(str), "event": number.astype(str), "traded_at": when, "gain": gains})
    assert persistence(frame, seed=0).wallets == 0
    apart = frame.with_columns(event=pl.col("traded_at").cast(pl.String))
    assert persistence(apart, seed=0).correlation == pytest.approx(1)
