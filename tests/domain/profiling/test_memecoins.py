"""How a wallet trades memecoins, and what a copy that comes later would have brought."""

from dataclasses import replace
from datetime import timedelta
from math import sqrt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import HoldStyle
from domain.profiling.memecoins import CURVE_PRODUCT, POOL_PRODUCT, CopyTerms, copied, hold_style, memecoin_profiles
from domain.solana.curve import Fees, new_pump_curve
from tests.domain.profiling.coins import COIN, T0, Line, after, together, trades

FREE = CopyTerms(delay_s=30, stake=0.5, fee=0.0, fee_of_the_young=0.0, impact=0.0)
LAUNCHES = pl.DataFrame({"token_id": [COIN], "launched_at": [T0 - timedelta(seconds=90)]})
# Bought at 0.01; after 30 s the price is 0.0125, at the sale 0.02, 30 s after the sale 0.015.
WAY: tuple[Line, ...] = (
    (0, "name:a", "BUY", "100", "1"),
    (20, "name:b", "BUY", "40", "0.5"),
    (100, "name:a", "SELL", "100", "2"),
    (120, "name:b", "SELL", "40", "0.6"),
)


def gain(terms: CopyTerms, pool: str = "") -> float:
    rows = copied(trades(*WAY, pool=pool), LAUNCHES, after(1_000), terms).filter(pl.col("wallet") == "name:a")
    return float(rows["gain"][0])


@pytest.mark.parametrize(
    ("held_s", "style"),
    [
        (3_600, HoldStyle.SCALPER),
        (3_601, HoldStyle.DAY),
        (86_400, HoldStyle.DAY),
        (86_401, HoldStyle.SWING),
        (604_800, HoldStyle.SWING),
        (604_801, HoldStyle.POSITION),
    ],
)
def test_each_style_ends_at_its_own_bound(held_s: float, style: HoldStyle) -> None:
    assert hold_style(held_s) is style


def test_a_copy_buys_and_sells_at_the_prices_of_its_own_time() -> None:
    """0.0125 and 0.015: a fifth gained where the leader doubled."""
    assert gain(FREE) == pytest.approx(0.015 / 0.0125 - 1)
    assert gain(replace(FREE, delay_s=0)) == pytest.approx(1.0)


def test_a_young_coin_pays_half_a_percent_each_way_and_an_old_one_a_tenth() -> None:
    """1.2 x 0.995 x 0.995; a coin of a day pays 10 basis points, and one whose launch nobody saw is taken for young."""
    fees = replace(FREE, fee=0.001, fee_of_the_young=0.005)
    assert gain(fees) == pytest.approx(1.2 * 0.995**2 - 1)
    old = LAUNCHES.with_columns(pl.lit(after(30) - timedelta(days=1)).alias("launched_at"))
    rows = copied(trades(*WAY), old, after(1_000), fees).filter(pl.col("wallet") == "name:a")
    assert rows["gain"][0] == pytest.approx(1.2 * 0.999**2 - 1)


@pytest.mark.parametrize(("pool", "product"), [("", CURVE_PRODUCT), ("Poo1L111111111111111111111111111", POOL_PRODUCT)])
def test_a_copy_moves_the_price_of_the_curve_or_pool_it_trades_with(pool: str, product: float) -> None:
    """In: 0.5 SOL against sqrt(product x price). Out: what the coins are worth then, against the reserve at that price."""
    coins = 0.5 / (0.0125 * (1 + 0.5 / sqrt(product * 0.0125)))
    worth = coins * 0.015
    expected = worth / (1 + worth / sqrt(product * 0.015)) / 0.5 - 1
    assert gain(replace(FREE, impact=1.0), pool) == pytest.approx(expected)


def test_the_impact_of_a_curve_is_that_of_its_own_formula() -> None:
    """A new curve of pump.fun sells for 0.5 SOL what 0.5 SOL buy at its price, less the impact: to a millionth."""
    price = 30 / 1_073e6
    exact = new_pump_curve(Fees()).tokens_for(500_000_000) / 1e6
    assert exact == pytest.approx(0.5 / (price * (1 + 0.5 / sqrt(CURVE_PRODUCT * price))), rel=1e-6)


@given(st.floats(0, 0.05), st.floats(0, 0.05), st.floats(0, 3), st.floats(0, 3))
def test_whatever_costs_more_brings_less(fee: float, more: float, impact: float, further: float) -> None:
    cheap = replace(FREE, fee_of_the_young=fee, impact=impact)
    assert gain(replace(cheap, fee_of_the_young=fee + more)) <= gain(cheap) + 1e-12
    assert gain(replace(cheap, impact=impact + further)) <= gain(cheap) + 1e-12


def test_what_the_leader_still_holds_the_copy_holds() -> None:
    """Half of it sold; the other half is worth the last price, 0.015, for both."""
    lines: list[Line] = [WAY[0], WAY[1], (100, "name:a", "SELL", "50", "1"), WAY[3]]
    rows = copied(trades(*lines), LAUNCHES, after(1_000), FREE).filter(pl.col("wallet") == "name:a")
    assert rows["gain"][0] == pytest.approx((0.5 * 0.015 + 0.5 * 0.015) / 0.0125 - 1)


def test_a_profile_says_how_early_how_long_and_what_a_copy_brings() -> None:
    """Bought 90 s after the launch and held for 100 s; the wallet doubled, a copy gained a fifth less its costs."""
    terms = CopyTerms()
    rows = memecoin_profiles(trades(*WAY), LAUNCHES, after(1_000), terms).filter(pl.col("wallet") == "name:a", pl.col("window_days") == 0)
    row = rows.to_dicts()[0]
    assert (row["coins"], row["entry_delay_s"], row["median_hold_s"], row["hold_style"]) == (1, 90.0, 100.0, "SCALPER")
    assert (row["copy_delay_s"], row["stake"], row["copied_coins"]) == (30, pytest.approx(0.5), 1)
    assert row["own_return"] == pytest.approx(1.0)
    assert row["copied_return"] == row["copied_median"] == pytest.approx(gain(terms))


@pytest.mark.parametrize(("days", "coins"), [(0, 2), (30, 1)])
def test_a_window_holds_the_coins_that_were_bought_in_it(days: int, coins: int) -> None:
    long_ago: Line = (-40 * 86_400, "name:a", "BUY", "100", "1")
    both = together([trades(*WAY), trades(long_ago, coin="Other111111111111111111111111111")])
    rows = memecoin_profiles(both, LAUNCHES, after(1_000)).filter(pl.col("wallet") == "name:a", pl.col("window_days") == days)
    assert rows["coins"].to_list() == [coins]


def test_of_a_coin_whose_launch_nobody_saw_no_delay_is_known() -> None:
    rows = memecoin_profiles(trades(*WAY), LAUNCHES.clear(), after(1_000))
    assert rows["entry_delay_s"].null_count() == rows.height
