"""First purchases of coins as results that the test of decay can hear."""

import numpy as np
import polars as pl
import pytest

from domain.decay.peer_results import LEAST_PEERS, TILT, as_bets, edge_of
from tests.domain.profiling.coins import T0


def rows(rank: list[float], expected: float = 0.5, peers: float = 10.0) -> pl.DataFrame:
    count = len(rank)
    return pl.DataFrame(
        {
            "wallet": ["name:a"] * count, "token_id": [f"{number:03}" for number in range(count)], "bought_at": [T0] * count,
            "rank": rank, "expected": [expected] * count, "peers": [peers] * count,
        }
    )  # fmt: skip


def test_above_the_middle_is_won_and_below_lost() -> None:
    assert as_bets(rows([0.9, 0.51, 0.49, 0.0]))["payoff"].to_list() == [1, 1, 0, 0]


def test_the_middle_itself_says_nothing() -> None:
    assert as_bets(rows([0.5, 0.6])).height == 1


@pytest.mark.parametrize(("peers", "heard"), [(LEAST_PEERS, 1), (LEAST_PEERS - 0.1, 0)])
def test_too_few_peers_are_not_heard(peers: float, heard: int) -> None:
    assert as_bets(rows([0.9], peers=peers)).height == heard


@pytest.mark.parametrize("edge", [0.5, 1.0, 2.0])
def test_half_an_edge_is_the_log_odds_of_beating_the_middle(edge: float) -> None:
    """The density e^(edge u) on 0 to 1 lies above 1/2 with (e^edge - e^(edge/2)) / (e^edge - 1) = 1 / (1 + e^(-edge/2))."""
    above = (np.exp(edge) - np.exp(edge / 2)) / (np.exp(edge) - 1)
    assert above == pytest.approx(1 / (1 + np.exp(-TILT * edge)))


def test_the_chance_is_that_of_its_way_of_trading() -> None:
    """A mean rank of 0.55 is a tilt of about 0.6, which beats the middle in 1 / (1 + e^-0.3) = 0.574."""
    assert as_bets(rows([0.9]))["fair_chance"].to_list() == pytest.approx([0.5])
    assert as_bets(rows([0.9], expected=0.55))["fair_chance"].to_list() == pytest.approx([0.574], abs=0.002)


@pytest.mark.parametrize("edge", [0.7, 1.5, 2.1])
@pytest.mark.parametrize("peers", [3, 9])
def test_among_few_an_edge_shows_less_by_the_root_of_what_is_no_chance(edge: float, peers: int) -> None:
    """Drawn: of so many peers a share as large as the rank lies below. The weight of a rank among m is m / (m + 2)."""
    rng = np.random.default_rng(3)
    rank = rng.binomial(peers, np.log1p(rng.random(200_000) * np.expm1(edge)) / edge) / peers
    won = float((rank[rank != 0.5] > 0.5).mean())
    assert won == pytest.approx(1 / (1 + np.exp(-edge_of(edge, peers / (peers + 2)))), abs=0.006)
