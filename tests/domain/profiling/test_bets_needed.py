"""How many bets it takes to know."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.bets_needed import bets_needed


def test_it_is_the_way_from_the_odds_of_anybody_to_those_of_the_surest() -> None:
    """At 0.50 and edge 0.5 a bet wins 62.2 % and says 0.0303 nats; from 3 % to 90 % is log(97 / 3) + log(9) = 5.67: 188 bets."""
    wins = 1 / (1 + np.exp(-0.5))
    says = wins * 0.5 - np.log((1 + np.exp(0.5)) / 2)
    assert says == pytest.approx(0.0303, abs=1e-4)
    assert bets_needed(np.array([0.5]))[0] == np.ceil((np.log(97 / 3) + np.log(9)) / says) == 188


def test_without_an_edge_no_number_of_bets_is_enough() -> None:
    assert bets_needed(np.array([0.5]), edge=0.0)[0] == np.inf


@given(st.floats(0.02, 0.98), st.floats(0.1, 2.0), st.floats(0.01, 0.4))
def test_more_edge_and_more_who_know_need_fewer_bets(price: float, edge: float, prevalence: float) -> None:
    here = bets_needed(np.array([price]), edge, prevalence)[0]
    assert bets_needed(np.array([price]), edge * 1.5, prevalence)[0] <= here
    assert bets_needed(np.array([price]), edge, prevalence * 1.5)[0] <= here


def test_longshots_and_favourites_tell_less_than_even_prices() -> None:
    needed = bets_needed(np.array([0.05, 0.5, 0.95]))
    assert needed[1] < min(needed[0], needed[2])
