"""Tokens of the sandbox are found and looked at by the flows' own steps: traps are known before anybody buys."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount

from adapters.connect import open_history
from adapters.feeds import pace
from adapters.settings import Settings
from data_contracts import TokenFinding, TokenLook
from data_contracts.frames import rows_of
from flows.token_discovery import token_discovery
from flows.token_surveillance import token_surveillance
from sandbox.solana.coins import Coins
from sandbox.solana.dexscreener_api import dexscreener_routes
from sandbox.solana.jupiter_api import jupiter_routes
from tasks.steps import bare_steps
from tests.flows.conftest import served

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
numbers = count()


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Settings, list[datetime]]]:
    """Settings of a house in memory beside a sandbox of coins, and the instant both live in."""
    clock = [NOW]
    coins = Coins(7)
    routes = [
        Mount("/dexscreener", routes=dexscreener_routes(coins, lambda: clock[0].timestamp())),
        Mount("/jupiter", routes=jupiter_routes(coins, lambda: clock[0].timestamp())),
    ]
    monkeypatch.setattr(pace, "LIMITS", pace.LIMITS | {"jupiter": {"": 10_000}, "dexscreener": {"": 10_000}})
    address = SecretStr(f"memory:token flows {next(numbers)}")
    with contextmanager(served)(Starlette(routes=routes)) as url, bare_steps():
        settings = Settings(
            postgres_url=address, clickhouse_url=address, dexscreener_url=f"{url}/dexscreener", jupiter_url=f"{url}/jupiter"
        )
        for module in ("token_discovery", "token_surveillance"):
            monkeypatch.setattr(f"flows.{module}.load_settings", lambda: settings)
        yield settings, clock


def test_every_trap_that_was_probed_is_known_and_nothing_else_is_called_one(home: tuple[Settings, list[datetime]]) -> None:
    settings, clock = home
    token_discovery.fn(as_of=NOW)
    for minutes in range(0, 30, 5):
        clock[0] = NOW + timedelta(minutes=minutes)
        token_surveillance.fn(as_of=clock[0])
    history = open_history(settings)
    looks = rows_of(history.last_looks(), TokenLook)
    truth = {coin.launch.mint for coin in Coins(7).newest(clock[0].timestamp()) if coin.is_honeypot}
    probed = [look for look in looks if look.is_sellable is not None]
    assert len(probed) == len(looks) > 30
    assert {look.token_id for look in probed if not look.is_sellable} == truth & {look.token_id for look in probed}
    assert all(look.is_dead for look in probed if not look.is_sellable)


def test_a_list_that_is_paid_for_is_told_from_what_is_new(home: tuple[Settings, list[datetime]]) -> None:
    settings, _ = home
    token_discovery.fn(as_of=NOW)
    places = {row.found_in for row in rows_of(open_history(settings).findings(), TokenFinding)}
    assert places == {"BOOST", "PROFILE", "RECENT"}
