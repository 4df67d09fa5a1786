"""What is missing from a recording is found where it was taken out, and nowhere else."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from data_contracts import Censoring
from domain.profiling.censoring import missing_from_bets, missing_from_trades
from evaluation.worlds.betting import Kind as Bettor
from evaluation.worlds.betting import Plan, draw_world
from evaluation.worlds.recordings import KINDS, Recording, RecordingPolicy, complete

SEEDS = range(6)
Censor = Callable[[Recording], Recording]


@pytest.fixture(scope="module")
def worlds() -> list[Recording]:
    return [complete(seed) for seed in SEEDS]


def found(record: Recording) -> list[Censoring]:
    return missing_from_trades(record.trades, record.payouts)


def test_a_complete_record_is_called_complete(worlds: list[Recording]) -> None:
    """What a buyer wins, its seller loses: to the cent, in every market of every world."""
    assert [found(world) for world in worlds] == [[]] * len(worlds)


@pytest.mark.parametrize(("knowing", "edge"), [(0.0, 0.0), (0.3, 0.6), (0.05, 2.0)])
def test_wallets_that_really_know_are_not_taken_for_chosen_ones(knowing: float, edge: float) -> None:
    """Nobody knows; one in three wins 65 of 100 even bets; one in twenty wins 88."""
    policy = RecordingPolicy(knowing=knowing, edge=edge)
    assert [found(complete(seed, policy)) for seed in SEEDS] == [[]] * len(SEEDS)


@pytest.mark.parametrize(("censor", "kind"), KINDS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_what_was_taken_out_is_named(censor: Censor, kind: Censoring, worlds: list[Recording]) -> None:
    assert [kind in found(censor(world)) for world in worlds] == [True] * len(worlds)


def test_missing_losers_are_not_named_twice(worlds: list[Recording]) -> None:
    """Without losers every wallet looks chosen by its wins: one cause, one name."""
    without = next(censor for censor, kind in KINDS if kind is Censoring.LOSERS_MISSING)
    assert all(Censoring.WINNERS_CHOSEN not in found(without(world)) for world in worlds)


@pytest.mark.parametrize("seed", [0, 1])
def test_favourites_that_all_won_are_no_missing_losers(seed: int) -> None:
    """Forty wallets that buy at 0.97 once: with 1.2 losses to be expected, none is nothing strange."""
    tokens = [f"t{seed}-{number}" for number in range(40)]
    bets = pl.DataFrame(
        {"wallet": [f"w{number}" for number in range(40)], "token_id": tokens, "price": 0.97, "payoff": 1.0, "shares": 10.0}
    )
    assert missing_from_bets(bets) == []


def test_wallets_that_all_hold_one_token_win_together_and_were_not_chosen() -> None:
    """Two hundred wallets bought the winner of one market at 0.5: alike, because it is one outcome, seen two hundred times."""
    one = pl.DataFrame({"wallet": [f"w{number}" for number in range(200)], "token_id": "t", "price": 0.5, "payoff": 1.0, "shares": 10.0})
    others = pl.DataFrame(
        {
            "wallet": [f"w{number}" for number in range(200)],
            "token_id": [f"o{number % 2}" for number in range(200)],
            "price": 0.5,
            "payoff": [float(number % 2) for number in range(200)],
            "shares": 10.0,
        }
    )
    assert Censoring.WINNERS_CHOSEN not in missing_from_bets(pl.concat([one, others]))


def test_the_worlds_that_grades_are_measured_on_are_complete_as_far_as_bets_can_say() -> None:
    """4,000 wallets of eight kinds, and a world with three in ten who know."""
    for plan in (Plan(wallets=1_000, events=2_000), Plan(wallets=1_000, events=2_000, shares={Bettor.SKILLED: 0.3})):
        world = draw_world(1, plan)
        bets = world.bets.select(
            pl.col("wallet").cast(pl.String),
            pl.col("token").cast(pl.String).alias("token_id"),
            "price",
            pl.col("won").cast(pl.Float64).alias("payoff"),
            (pl.col("stake") / pl.col("price")).alias("shares"),
        )
        assert missing_from_bets(bets) == []


def test_of_next_to_nothing_nothing_is_said() -> None:
    """Three trades of one wallet, all purchases that won."""
    trades = pl.DataFrame(
        {"wallet": "w", "market_id": ["a", "b", "c"], "token_id": ["a", "b", "c"], "side": "BUY", "price": 0.5, "shares": 1.0}
    )
    payouts = pl.DataFrame({"token_id": ["a", "b", "c"], "payout": np.ones(3)})
    assert missing_from_trades(trades, payouts) == []
