"""How often a token is looked at, and when it counts as dead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data_contracts import TokenLook
from domain.discovery.token_surveillance import is_alive, is_dead, next_look_at
from tests.token_rows import a_look

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=3)
LOOK = a_look(NOW)
QUIET = replace(LOOK, volume_24h_usd=999.99)


def before(minutes: float) -> TokenLook:
    return replace(QUIET, looked_at=NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("look", "earlier", "launched_at", "minutes"),
    [
        (LOOK, before(60), OLD, 5),  # traded
        (replace(LOOK, volume_24h_usd=1000.0), before(60), OLD, 5),  # just traded enough
        (QUIET, before(60), OLD, 120),  # quiet: twice as late
        (QUIET, before(300), OLD, 480),  # at most 8 hours
        (QUIET, before(1), OLD, 5),  # at least 5 minutes
        (QUIET, None, OLD, 5),  # the first look
        (QUIET, before(60), NOW - timedelta(minutes=59), 5),  # young
        (QUIET, before(60), NOW - timedelta(minutes=60), 120),  # not young any more
        (replace(QUIET, volume_24h_usd=None), before(60), None, 120),  # nobody states a volume, nobody saw the launch
    ],
)
def test_looks_grow_rarer_as_a_token_grows_quiet(look, earlier, launched_at, minutes):
    assert next_look_at(look, earlier, launched_at) == NOW + timedelta(minutes=minutes)


def test_what_no_route_sells_is_dead_at_once():
    assert is_dead(replace(LOOK, is_sellable=False), NOW)
    assert not is_dead(replace(LOOK, is_sellable=None), NOW)  # not known is not dead


def test_a_rugged_pool_is_dead_however_much_it_trades():
    """Recorded: liquidity 0 beside 64.9 million USD of volume in 24 hours."""
    rugged = replace(LOOK, liquidity_usd=0.0, volume_24h_usd=64.9e6)
    assert not is_alive(rugged)
    assert is_dead(rugged, NOW - timedelta(days=2))
    assert not is_dead(rugged, NOW - timedelta(days=2) + timedelta(seconds=1))


def test_a_curve_states_no_liquidity_and_lives():
    assert is_alive(replace(LOOK, liquidity_usd=None))


def test_a_quiet_token_that_somebody_still_buys_lives():
    assert is_alive(replace(QUIET, buys_24h=1))
    assert not is_alive(replace(QUIET, buys_24h=0))
    assert not is_alive(replace(QUIET, buys_24h=None))
