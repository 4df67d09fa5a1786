"""How many bets it takes to know."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.bets_needed import bets_needed, bets_needed_by


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


def needed_by(prices: list[float], weight: float = 1.0, prevalence: float = 0.03) -> float:
    """Of one wallet that paid these prices."""
    price = np.array(prices)
    return float(bets_needed_by(np.zeros(price.size, np.int64), price, np.full(price.size, weight), 1, prevalence)[0])


def test_of_a_wallet_it_is_bets_like_those_it_made() -> None:
    """Half at 0.05 and half at 0.95 are not bets at 0.50: they say 0.0080 and 0.0044 nats, in the mean 0.0062 instead of 0.0303."""
    assert needed_by([0.5, 0.5]) == 188
    assert needed_by([0.05, 0.95]) == pytest.approx(5.67 / 0.0062, rel=0.01)


def test_bets_that_are_one_bet_take_as_many_times_more() -> None:
    assert needed_by([0.5, 0.5], weight=0.5) == pytest.approx(2 * 188, abs=1)


@pytest.mark.parametrize(("prevalence", "like"), [(0.0, 0.01), (0.01, 0.01), (0.5, 0.5), (0.9, 0.5)])
def test_where_nobody_or_everybody_seems_to_know_the_odds_to_begin_with_are_bounded(prevalence: float, like: float) -> None:
    assert needed_by([0.5], prevalence=prevalence) == needed_by([0.5], prevalence=like) < np.inf


def test_a_wallet_without_bets_has_no_number_and_disturbs_nobody() -> None:
    found = bets_needed_by(np.array([1]), np.array([0.5]), np.ones(1), 2, 0.03)
    assert np.isnan(found[0])
    assert found[1] == 188


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 1))
def test_it_is_a_number_at_every_price(prices: list[float], prevalence: float) -> None:
    assert 1 <= needed_by(prices, prevalence=prevalence) < np.inf
