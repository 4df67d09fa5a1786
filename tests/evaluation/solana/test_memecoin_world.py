"""The world of memecoins keeps what it promises, and skill is told from luck in it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from domain.profiling.peers import peer_bets, peer_null, peers_of
from domain.profiling.skill import luck_if_chosen, skill_of
from evaluation.solana.skill import purchases_of
from evaluation.worlds.memecoins import CHOICES, Kind, Plan, World, draw_world

SMALL = Plan(wallets=1200, tokens=400)


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(5, SMALL)


def test_a_seed_is_a_world(world: World) -> None:
    assert draw_world(5, SMALL).bets.equals(world.bets)
    assert not draw_world(6, SMALL).bets.equals(world.bets)


def test_gains_have_a_tail_of_about_1_3(world: World) -> None:
    """Hill's estimate over the best 2 % of what was got for a SOL; means of such tails do not settle."""
    best = np.sort(world.bets["got"].to_numpy())[-world.bets.height // 50 :]
    hill = 1 / np.log(best[1:] / best[0]).mean()
    assert 0.8 < hill < 1.9


def test_most_tokens_die(world: World) -> None:
    """Of those who held for a day or longer most have lost half."""
    late = world.bets.filter(pl.col("held_s") >= 86_400)["got"]
    assert (late < 0.5).sum() > late.len() / 2


def test_only_those_who_know_take_better_choices(world: World) -> None:
    """The mean rank of a choice is 1/2 for who knows nothing; for a tilt of e about 1/2 + e/12: more than 0.55 for 0.7 and above."""
    known = world.bets.join(world.wallets.select("wallet", "kind"), on="wallet")
    place = dict(known.group_by("kind").agg(pl.col("place").mean()).iter_rows())
    assert place[Kind.UNSKILLED.value] == pytest.approx(0.5, abs=0.5 / CHOICES)
    assert place[Kind.SKILLED.value] > 0.55


def test_one_owner_s_wallets_buy_and_sell_together(world: World) -> None:
    bundled = world.bets.join(world.wallets.filter(pl.col("kind") == Kind.BUNDLER.value).select("wallet"), on="wallet", how="semi")
    assert bundled.height
    assert (bundled["age_s"] == 0.0).all()


def test_snipers_and_bundlers_are_no_more_chosen_than_luck_allows() -> None:
    """Three worlds without anybody who knows: with q = 25 % no more than one of them may have any pick."""
    plan = replace(SMALL, shares={Kind.SNIPER: 0.15, Kind.BUNDLER: 0.1, Kind.CHASER: 0.1})
    with_picks = 0
    for seed in range(3):
        bought = purchases_of(draw_world(seed, plan))
        peers = peers_of(bought)
        luck = skill_of(peer_bets(bought, peers), peer_null(bought, peers)).mixture.luck
        with_picks += bool((luck_if_chosen(luck) <= 0.25).any())
    assert with_picks <= 1
