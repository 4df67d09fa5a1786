"""Telling what a wallet knows from what it was lucky with."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.fair_prices import fair_chances, log_odds
from domain.profiling.skill import Bets, Expected, luck_if_chosen, price_null, skill_of
from domain.statistics.mixture import EDGES, NOTHING, fit_mixture


def a_crowd(
    seed: int, wallets: int, bets: int, edge: float = 0.0, knowing: int = 0, low: float = 0.2, high: float = 0.8
) -> tuple[Bets, Any]:
    """`wallets` with `bets` each at prices between `low` and `high`, each bet in an event of its own; the first `knowing` have the edge."""
    rng = np.random.default_rng(seed)
    wallet = np.repeat(np.arange(wallets), bets)
    price = rng.uniform(low, high, wallet.size)
    odds = log_odds(price) + np.where(wallet < knowing, edge, 0.0)
    won = (rng.random(wallet.size) < 1 / (1 + np.exp(-odds))).astype(float)
    found = Bets(wallet, np.arange(wallet.size), won, wallets)
    return found, price_null(found, price, np.zeros(wallet.size, bool), wallet.size)


def test_those_who_know_stand_out_and_hardly_anybody_else() -> None:
    """20 of 400 wallets win 73 of 100 bets at even prices. A tenth of the 22 chosen may be luck: 2.2, and three deviations of 1.5 more."""
    skill = skill_of(*a_crowd(1, wallets=400, bets=150, edge=1.0, knowing=20))
    chosen = np.flatnonzero(luck_if_chosen(skill.mixture.luck) <= 0.10)
    assert (chosen < 20).sum() >= 18
    assert (chosen >= 20).sum() <= 6
    assert skill.mixture.prevalence == pytest.approx(0.05, abs=0.02)


def test_where_nobody_knows_nobody_is_chosen() -> None:
    """1,000 wallets of 20 bets: the luckiest wins 17 of 20, and there are a thousand of them."""
    skill = skill_of(*a_crowd(2, wallets=1000, bets=20))
    assert skill.mixture.prevalence == 0
    assert luck_if_chosen(skill.mixture.luck).min() == pytest.approx(1)


@pytest.mark.parametrize(("low", "high"), [(0.7, 0.95), (0.03, 0.2)])
def test_buying_favourites_or_longshots_is_no_skill(low: float, high: float) -> None:
    """A favourite buyer wins 83 of 100: a win rate that anybody can buy."""
    skill = skill_of(*a_crowd(3, wallets=300, bets=100, low=low, high=high))
    assert (luck_if_chosen(skill.mixture.luck) > 0.10).all()


def test_bets_that_are_one_bet_count_once() -> None:
    """Nine wallets out of ten bet 60 events once. The last puts eight bets on each of 8 events, all winning or losing together."""
    rng = np.random.default_rng(4)
    wallet = np.concatenate([np.repeat(np.arange(90), 60), np.repeat(np.arange(90, 100), 64)])
    event = np.concatenate([np.tile(np.arange(60), 90), np.tile(np.repeat(np.arange(8), 8), 10)])
    outcome = (rng.random((100, 60)) < 0.5).astype(float)
    _, cluster = np.unique(wallet * 60 + event, return_inverse=True)
    bets = Bets(wallet, cluster, outcome[wallet, event], 100)
    skill = skill_of(bets, lambda innocence: Expected(np.full(wallet.size, 0.5), np.full(wallet.size, 0.25)))
    assert skill.weight[wallet < 90].min() == 1
    assert skill.weight[wallet >= 90].max() < 0.3  # 1/8 is what one bet out of eight equal ones is worth


def test_the_null_may_be_anything_that_says_what_a_bet_pays_and_how_far_it_strays() -> None:
    """Ranks among peers, 0 to 1: half in the mean, and a variance of 1/12. Five wallets of 100 rank in the upper two thirds."""
    rng = np.random.default_rng(5)
    wallet = np.repeat(np.arange(100), 80)
    rank = np.where(wallet < 5, rng.uniform(0.3, 1.0, wallet.size), rng.uniform(0, 1, wallet.size))
    bets = Bets(wallet, np.arange(wallet.size), rank, 100)
    skill = skill_of(bets, lambda innocence: Expected(np.full(wallet.size, 0.5), np.full(wallet.size, 1 / 12)))
    assert set(np.flatnonzero(luck_if_chosen(skill.mixture.luck) <= 0.05)) >= {0, 1, 2, 3, 4}


def test_prices_that_promise_too_much_to_longshots_are_seen_through() -> None:
    """5 cents win 4 of 100 times: log-odds of -2.94 are -3.15, 1.07 times as far from even."""
    rng = np.random.default_rng(6)
    price = rng.uniform(0.03, 0.97, 200_000)
    won = (rng.random(price.size) < 1 / (1 + np.exp(-1.07 * log_odds(price)))).astype(float)
    nobody = np.zeros(price.size, bool)
    found = fair_chances(
        np.array([0.05, 0.95, *price]), np.array([0.0, 1.0, *won]), np.array([False, False, *nobody]), np.ones(price.size + 2)
    )
    assert found[:2] == pytest.approx([0.041, 0.959], abs=0.003)


@given(st.floats(0.005, 0.995), st.floats(0.01, 0.99), st.floats(2e5, 1e6))
def test_of_very_many_bets_at_one_price_the_results_are_believed(price: float, won: float, bets: float) -> None:
    """Half a million bets at 0.015 of which 68 % win: Newton's method overshot for ever, and 0.015 was worth 0.005."""
    chances = fair_chances(np.array([price, price]), np.array([0.0, 1.0]), np.zeros(2, bool), bets * np.array([1 - won, won]))
    assert chances == pytest.approx(won, abs=0.01)


def test_of_a_handful_of_bets_the_price_is_believed() -> None:
    """Three wins at 0.20 do not make a bias."""
    assert fair_chances(np.full(3, 0.2), np.ones(3), np.zeros(3, bool), np.ones(3)) == pytest.approx(0.2, abs=0.07)


def test_what_makers_get_for_waiting_is_no_skill() -> None:
    """Makers buy at 0.45 and takers at 0.55 what wins every other time: each has a line of his own."""
    rng = np.random.default_rng(7)
    maker = np.arange(40_000) % 2 == 0
    price, won = np.where(maker, 0.45, 0.55), (rng.random(40_000) < 0.5).astype(float)
    chances = fair_chances(price, won, maker, np.ones(40_000))
    assert chances[:2] == pytest.approx([0.5, 0.5], abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_choosing_up_to_a_share_of_luck_keeps_it(luck: list[float]) -> None:
    values = np.array(luck)
    chosen = luck_if_chosen(values) <= 0.10
    assert not chosen.any() or values[chosen].mean() <= 0.10 + 1e-12


def test_without_evidence_the_odds_are_those_of_everybody() -> None:
    found = fit_mixture(np.zeros((50, EDGES.size)))
    assert found.luck == pytest.approx(np.ones(50))
    assert found.odds[0] == pytest.approx(found.shares)
    assert EDGES[NOTHING] == 0


@pytest.mark.parametrize(("wins", "bets"), [(1_000, 1_000), (1_300, 1_300), (24_000, 40_000), (300_000, 500_000), (500_000, 500_000)])
def test_one_wallet_beyond_all_doubt_ruins_nobody_elses_grade(wins: int, bets: int) -> None:
    """From about 745 nats on its row of likelihoods became zeros, and a division made all 301 wallets NaN, which was grade A.

    And half a million bets that win six in ten taught everybody that 0.50 is worth 0.60: the sure wallet knew nothing, all others lost.
    """
    crowd, _ = a_crowd(8, wallets=300, bets=30, low=0.5, high=0.5)
    wallet = np.append(crowd.wallet, np.full(bets, 300))
    payoff = np.concatenate([crowd.payoff, np.ones(wins), np.zeros(bets - wins)])
    found = Bets(wallet, np.arange(wallet.size), payoff, 301)
    skill = skill_of(found, price_null(found, np.full(wallet.size, 0.5), np.zeros(wallet.size, bool), wallet.size))
    assert skill.mixture.luck[300] < 1e-6
    assert skill.mixture.luck[:300].min() > 0.2  # the luckiest of 300 is grade C at best
    assert skill.expected.payoff[0] == pytest.approx(0.5, abs=0.02)
