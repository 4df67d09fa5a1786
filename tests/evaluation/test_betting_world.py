"""The planted truth is what the generator says it is."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from domain.profiling.fair_prices import log_odds
from evaluation.worlds.betting import KNOWING, Plan, draw_world

PLAN = Plan(wallets=1500, events=2500)


def test_the_same_seed_draws_the_same_world() -> None:
    one, two, other = (draw_world(seed, replace(PLAN, wallets=100)) for seed in (1, 1, 2))
    assert one.bets.equals(two.bets)
    assert not one.bets.equals(other.bets)


def test_those_who_know_win_as_often_as_their_edge_says() -> None:
    """log-odds of winning = log-odds of the chance + edge, bet by bet."""
    knowing = draw_world(3, replace(PLAN, shares=dict.fromkeys(KNOWING, 0.3))).bets.filter((pl.col("edge") > 0) & pl.col("chosen"))
    odds = log_odds(knowing["chance"].to_numpy()) + knowing["edge"].to_numpy()
    expected = float((1 / (1 + np.exp(-odds))).mean())
    assert knowing["won"].mean() == pytest.approx(expected, abs=0.01)


def test_the_others_win_as_often_as_chance_says_and_less_than_they_pay_for() -> None:
    nulls = draw_world(4, PLAN).bets.filter((pl.col("edge") == 0) & ~pl.col("maker"))
    assert nulls["won"].mean() == pytest.approx(nulls["chance"].mean(), abs=0.01)
    assert nulls["chance"].mean() < nulls["price"].mean()  # takers pay the spread


def test_three_wallets_of_a_hundred_know() -> None:
    world = draw_world(5, PLAN)
    assert world.wallets["knows"].mean() == pytest.approx(0.03, abs=0.001)
    assert 0 < world.lucky().height < 0.1 * PLAN.wallets
