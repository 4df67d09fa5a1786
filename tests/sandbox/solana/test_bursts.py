"""A clock that jumps makes thousands of deliveries due at once."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.solana.deliveries import AT_ONCE, POSTS_AT_ONCE, Deliveries, Delivery
from sandbox.solana.helius_faults import HeliusFaults

MANY = 700


class Burst(Deliveries):
    """All due now, for one webhook."""

    def look(self, now_s: float) -> None: ...

    def payload(self, webhook: object, place: int) -> Any:
        return {"place": place}


class Client:
    """Counts who waits for an answer at once."""

    def __init__(self) -> None:
        self.asking = self.most = 0
        self.told: list[int] = []

    async def post(self, url: str, json: list[dict[str, int]], headers: dict[str, str]) -> SimpleNamespace:
        self.asking += 1
        self.most = max(self.most, self.asking)
        await asyncio.sleep(0)
        self.asking -= 1
        self.told += [one["place"] for one in json]
        return SimpleNamespace(status_code=200)


@pytest.fixture
def burst() -> Burst:
    hook = SimpleNamespace(id="hook", url="http://receiver", auth_header="", active=True)
    faults = HeliusFaults(late=0, twice=0, lost=0)
    found = Burst(None, None, SimpleNamespace(all={"hook": hook}), faults, lambda: 100.0)  # type: ignore[arg-type]
    for place in range(MANY):
        found._push(99.0, Delivery("hook", place))
    return found


def test_thousands_that_are_due_at_once_are_told_a_few_at_a_time(burst: Burst) -> None:
    """In a week that was simulated, most of what three hours brought waited longer for a connection than for an answer, and was lost."""
    client = Client()
    asyncio.run(burst.deliver(client))  # type: ignore[arg-type]
    assert sorted(client.told) == list(range(MANY))
    assert client.most == POSTS_AT_ONCE < MANY / AT_ONCE
