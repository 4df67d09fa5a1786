"""What a look at a token comes to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.discovery.token_looks import round_trip_loss, scheduled
from tests.domain.discovery.test_token_surveillance import LOOK, NOW, QUIET


@pytest.mark.parametrize(
    ("paid", "back", "loss"), [(100, 98, 0.02), (100, 100, 0.0), (100, 101, 0.0), (100, 0, 1.0), (100, None, None), (0, 5, None)]
)
def test_what_a_round_trip_loses(paid: int, back: int | None, loss: float | None) -> None:
    found = round_trip_loss(paid, back)
    assert found == (None if loss is None else pytest.approx(loss))


def test_a_token_nobody_trades_dies_two_days_after_it_was_last_alive() -> None:
    alive = scheduled(replace(LOOK, looked_at=NOW - timedelta(days=2)), None, None)
    quiet = scheduled(replace(QUIET, buys_24h=0, looked_at=NOW - timedelta(hours=1)), alive, None)
    assert (quiet.last_alive_at, quiet.is_dead) == (alive.looked_at, False)
    dead = scheduled(replace(QUIET, buys_24h=0), quiet, None)
    assert (dead.is_dead, dead.next_look_at) == (True, None)


def test_a_first_look_is_the_last_time_it_was_alive() -> None:
    assert scheduled(replace(QUIET, buys_24h=0), None, None).last_alive_at == NOW


def test_what_a_service_leaves_out_this_time_stays_as_it_was_known() -> None:
    """An authority once known to be gone is not unknown because an answer lacked the word."""
    before = scheduled(replace(LOOK, looked_at=NOW - timedelta(minutes=5)), None, None)
    silent = scheduled(replace(LOOK, has_mint_authority=None, holders=None), before, None)
    assert (silent.has_mint_authority, silent.holders) == (False, 100)


def test_a_price_that_nobody_states_any_more_is_not_the_old_price() -> None:
    before = scheduled(replace(LOOK, looked_at=NOW - timedelta(minutes=5)), None, None)
    assert scheduled(replace(LOOK, price_usd=None, liquidity_usd=None), before, None).liquidity_usd is None
