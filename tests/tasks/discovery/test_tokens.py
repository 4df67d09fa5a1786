"""Tokens are found, looked at and probed by two quotes, against a server that answers as DexScreener and Jupiter do."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from adapters.connect import open_history
from adapters.feeds import pace
from adapters.settings import Settings
from data_contracts import FoundToken, SolanaToken, TokenFinding, TokenLook
from data_contracts.frames import frame_of, rows_of
from domain.solana.base58 import encode_base58
from domain.solana.programs import WSOL
from tasks.discovery import token_surveillance
from tasks.discovery.token_discovery import find_in_lists, find_recent, keep_new_tokens
from tasks.discovery.token_surveillance import due_tokens, keep_looks, look_at_tokens
from tasks.steps import bare_steps
from tests.adapters.feeds.conftest import serve  # noqa: F401 (a fixture)

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
GOOD, TRAP, NEW = (encode_base58(bytes([2, number]) + bytes(30)) for number in range(3))
numbers = count()


class Services:
    """What both say. `cannot_be_sold` are honeypots."""

    def __init__(self) -> None:
        self.cannot_be_sold = {TRAP}
        self.volume = {GOOD: 20_000.0, TRAP: 5_000.0}
        self.quotes = 0

    def __call__(self, path: str, asked: Any) -> Any:
        answer = self._answer(urlsplit(path).path, asked)
        return (
            (400, {}, json.dumps(answer).encode())
            if isinstance(answer, dict) and "error" in answer
            else (200, {}, json.dumps(answer).encode())
        )

    def _answer(self, path: str, asked: Any) -> Any:
        if path.startswith("/token-boosts/top"):
            return [{"chainId": "solana", "tokenAddress": TRAP, "totalAmount": 10}]
        if path.startswith("/token-profiles"):
            return [{"chainId": "solana", "tokenAddress": GOOD}]
        if path.startswith("/tokens/v1"):
            return [self._pair(mint) for mint in path.rsplit("/", 1)[1].split(",") if mint in self.volume]
        if path.startswith("/tokens/v2"):
            return [self._token(mint) for mint in (GOOD, TRAP, NEW)]
        if path.startswith("/swap/v2/order"):
            return self._quote(asked["inputMint"][0], asked["outputMint"][0], int(asked["amount"][0]))
        return []

    def _pair(self, mint: str) -> Any:
        return {
            "chainId": "solana",
            "pairAddress": f"pool of {mint}",
            "baseToken": {"address": mint, "symbol": "C"},
            "quoteToken": {"address": WSOL},
            "priceNative": "0.0000001",
            "priceUsd": "0.00002",
            "liquidity": {"usd": 30_000},
            "volume": {"h24": self.volume[mint]},
            "txns": {"h24": {"buys": 10, "sells": 5}},
        }

    def _token(self, mint: str) -> Any:
        audit = {"mintAuthorityDisabled": True, "freezeAuthorityDisabled": mint != TRAP, "topHoldersPercentage": 20}
        pool = {"id": "pool", "createdAt": (NOW - timedelta(days=1)).isoformat()}
        return {"id": mint, "symbol": "C", "decimals": 6, "audit": audit, "holderCount": 9, "firstPool": pool, "launchpad": "pump.fun"}

    def _quote(self, given: str, wanted: str, raw: int) -> Any:
        self.quotes += 1
        if given in self.cannot_be_sold:
            return {"requestId": "r", "error": "COULD_NOT_FIND_ANY_ROUTE"}
        return {"inAmount": str(raw), "outAmount": str(raw * 10_000 if given == WSOL else raw * 98 // 100 // 10_000)}


@pytest.fixture
def services() -> Services:
    return Services()


@pytest.fixture
def settings(serve: Any, services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:  # noqa: F811 (the fixture)
    """A house in memory and both services on one server, which may be asked as fast as anybody likes."""
    monkeypatch.setattr(pace, "LIMITS", pace.LIMITS | {"jupiter": {"": 10_000}, "dexscreener": {"": 10_000}})
    address = SecretStr(f"memory:tokens {next(numbers)}")
    with serve(services) as (url, _), bare_steps():
        yield Settings(postgres_url=address, clickhouse_url=address, dexscreener_url=url, jupiter_url=url)


def find(settings: Settings, as_of: datetime) -> None:
    recent, tokens = find_recent(settings, as_of)
    keep_new_tokens(find_in_lists(settings, as_of), tokens, settings)
    keep_new_tokens(recent, tokens, settings)


def look(settings: Settings, as_of: datetime) -> dict[str, TokenLook]:
    looks, tokens = look_at_tokens(due_tokens(settings, as_of), settings, as_of)
    keep_looks(looks, tokens, settings)
    return {row.token_id: row for row in rows_of(looks, TokenLook)}


def test_where_a_token_was_first_heard_of_is_kept(settings: Settings) -> None:
    find(settings, NOW)
    find(settings, NOW + timedelta(hours=1))
    found = rows_of(open_history(settings).findings(), TokenFinding)
    assert {(one.token_id, one.found_in) for one in found} == {
        (TRAP, FoundToken.BOOST),
        (GOOD, FoundToken.PROFILE),
        *((mint, FoundToken.RECENT) for mint in (GOOD, TRAP, NEW)),
    }
    assert {one.found_at for one in found} == {NOW}
    assert {row.launchpad for row in rows_of(open_history(settings).tokens(), SolanaToken)} == {"pump.fun"}


def test_a_look_says_what_a_score_asks(settings: Settings) -> None:
    """0.1 SOL buys a thousand million units; selling them brings 98 %."""
    find(settings, NOW)
    good = look(settings, NOW)[GOOD]
    assert (good.is_sellable, good.round_trip_loss) == (True, pytest.approx(0.02))
    assert (good.has_mint_authority, good.has_freeze_authority, good.top10_fraction) == (False, False, 0.2)
    assert (good.liquidity_usd, good.holders, good.next_look_at) == (30_000, 9, NOW + timedelta(minutes=5))


def test_a_honeypot_is_bought_by_a_quote_and_sold_by_none(settings: Settings) -> None:
    find(settings, NOW)
    trap = look(settings, NOW)[TRAP]
    assert (trap.is_sellable, trap.has_freeze_authority, trap.is_dead, trap.next_look_at) == (False, True, True, None)
    assert TRAP not in due_tokens(settings, NOW + timedelta(days=9))


def test_a_token_without_a_pool_is_looked_at_all_the_same(settings: Settings) -> None:
    find(settings, NOW)
    new = look(settings, NOW)[NEW]
    assert (new.price, new.liquidity_usd, new.holders) == (None, None, 9)


def test_looks_come_again_only_when_they_are_due(settings: Settings) -> None:
    find(settings, NOW)
    look(settings, NOW)
    assert look(settings, NOW + timedelta(minutes=4)) == {}
    assert GOOD in look(settings, NOW + timedelta(minutes=5))


def test_more_tokens_than_quotes_keep_what_the_last_probe_said(
    settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_surveillance, "MOST_PROBES", 1)
    history = open_history(settings)
    history.append(
        frame_of([TokenFinding(token_id=m, found_in="LAUNCH", detail="", found_at=NOW) for m in (GOOD, NEW)], TokenFinding), TokenFinding
    )
    first = look(settings, NOW)
    assert [one.is_sellable for one in first.values()].count(None) == 1
    again = look(settings, NOW + timedelta(minutes=5))
    assert all(again[mint].is_sellable for mint in (GOOD, NEW) if mint in again)
    assert services.quotes == 4  # two a round trip, one round trip a run


def test_a_service_that_will_not_say_leaves_it_unknown(settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_quote", lambda *asked: {"error": "amount is required"})
    find(settings, NOW)
    assert look(settings, NOW)[GOOD].is_sellable is None
