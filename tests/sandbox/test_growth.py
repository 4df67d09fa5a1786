"""What an hour of the world leaves in memory."""

import gc
import tracemalloc

import pytest

from sandbox.world import World
from tests.sandbox.conftest import ORIGIN

HOURS, MOST_BYTES = 2, 400_000  # an hour; it was 2,401,482 when trades and paths stayed in memory


def bytes_at(world: World, hours: float) -> int:
    world.at(ORIGIN.timestamp() + 3_600 * hours)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_an_hour_of_the_world_leaves_less_than_half_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    """With few of the newest trades in memory: how many of thousands are there just then would outweigh what an hour leaves."""
    monkeypatch.setattr("sandbox.world._RECENT_TRADES", 64)
    world = World(7, ORIGIN, wallets=30, history_days=1)
    tracemalloc.start()
    try:
        began = bytes_at(world, 1)
        assert 50_000 < (bytes_at(world, 1 + HOURS) - began) / HOURS < MOST_BYTES
    finally:
        tracemalloc.stop()
