"""From trades of coins to a grade per wallet."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from data_contracts import PeerBet, WalletSkill
from domain.profiling.peer_grading import grade_purchases
from tests.domain.profiling.coins import Line, after, together, trades

DAY = 86_400.0


def market(seed: int, coins: int, knowing: int, wallets: int = 40) -> pl.DataFrame:
    """The wallets buy every coin within two minutes and sell at some price; the first few know when it is good more often."""
    rng = np.random.default_rng(seed)
    frames = []
    for coin in range(coins):
        lines: list[Line] = []
        begin = coin * 3_600.0
        for wallet in range(wallets):
            place = rng.random()
            place = np.log1p(place * np.expm1(2.5)) / 2.5 if wallet < knowing else place
            bought, sold = begin + rng.random() * 120, begin + 200 + rng.random() * 600
            lines += [(bought, f"name:{wallet}", "BUY", "100", "1"), (sold, f"name:{wallet}", "SELL", "100", f"{0.1 + 5 * place:.6f}")]
        frames.append(trades(*sorted(lines), coin=f"Coin{chr(65 + coin // 8)}{chr(97 + coin % 8)}".ljust(32, "1")))
    return together(frames)


def test_those_who_know_are_graded_above_the_others() -> None:
    found = grade_purchases(market(1, coins=60, knowing=3, wallets=120), after(30 * DAY))
    best = found.skills.sort("skilled", descending=True).head(3)
    assert set(best["wallet"]) == {"name:0", "name:1", "name:2"}
    assert set(best["grade"]) <= {"A", "B"}
    assert (found.skills["skilled"] > 0.5).sum() <= 4  # one in 117 may look so


def test_rows_are_those_of_the_contracts_and_say_what_they_are_made_of() -> None:
    found = grade_purchases(market(2, coins=5, knowing=0), after(30 * DAY))
    assert set(found.bets.columns) == set(PeerBet.__annotations__)
    assert set(found.skills.columns) == set(WalletSkill.__annotations__)
    assert found.bets.height == 5 * 40
    assert found.bets.select(pl.col("rank", "expected", "weight").is_between(0, 1).all()).row(0) == (True, True, True)
    assert found.skills["bets"].to_list() == [5] * 40


@pytest.mark.parametrize(("age_s", "rows"), [(DAY - 1, 0), (DAY, 2)])
def test_a_purchase_is_judged_when_it_is_a_day_old_sold_or_not(age_s: float, rows: int) -> None:
    """Whoever sells winners sooner than losers would else be judged by his winners."""
    both = trades((0, "name:a", "BUY", "100", "1"), (0, "name:b", "BUY", "100", "1"), (5, "name:a", "SELL", "100", "2"))
    assert grade_purchases(both, after(age_s)).bets.height == rows


def test_a_cluster_of_the_graph_is_one_peer_of_those_who_bought_beside_it() -> None:
    """c sold at 2 beside a and b, who sold at 1 and are one owner's, and d, who sold at 4: 1 of 2 instead of 2 of 3."""
    sold = {"name:a": "1", "name:b": "1", "name:c": "2", "name:d": "4"}
    lines: list[Line] = [(number, wallet, "BUY", "100", "1") for number, wallet in enumerate(sold)]
    lines += [(60 + number, wallet, "SELL", "100", price) for number, (wallet, price) in enumerate(sold.items())]
    alone, owned = (
        dict(grade_purchases(trades(*lines), after(2 * DAY), owners=owners).bets.select("wallet", "rank").iter_rows())
        for owners in ({}, {"name:a": "c1", "name:b": "c1"})
    )
    assert (alone["name:c"], owned["name:c"]) == (pytest.approx(2 / 3, abs=0.01), pytest.approx(1 / 2, abs=0.01))


def test_no_trades_no_grades() -> None:
    assert grade_purchases(trades(), after(0)).skills.height == 0


def test_what_happens_later_changes_no_grade_of_then() -> None:
    whole = market(3, coins=12, knowing=2)
    as_of = after(8 * 3_600)
    known = whole.filter(pl.col("traded_at") <= as_of)
    early = timedelta(hours=1)
    assert grade_purchases(whole, as_of, youngest=early).bets.equals(grade_purchases(known, as_of, youngest=early).bets)
