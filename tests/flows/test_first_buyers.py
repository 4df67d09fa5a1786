"""Wallet discovery on the sandbox's chain: who bought its coins first, and who of them was no stranger."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import httpx
import pytest
from pydantic import SecretStr

from adapters import connect
from adapters.connect import open_history
from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.launch_stream import BY_PAGING, LaunchStreams
from adapters.feeds.solana.pool_addresses import curve_address, launchlab_curve, pool_address
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.settings import Settings
from data_contracts import EarlyBuyer, SolanaToken, Trade
from data_contracts.frames import frame_of, rows_of
from domain.discovery import wallet_discovery as discovery
from domain.solana.programs import WSOL
from tasks.discovery.first_buyers import curves_elsewhere, due_launches, find_early_buyers, keep_early_buyers
from tasks.steps import bare_steps
from tests.adapters.feeds.conftest import Unpaced
from tests.solana_sandbox import SolanaSandbox, solana_sandbox

__all__ = ["solana_sandbox"]
numbers = count()
WORTH = ["trade_id", "wallet", "token_id", "side", "shares", "notional", "price", "traded_at"]


@pytest.fixture
def home(solana_sandbox: SolanaSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A house in memory that knows the coins launched one to two hours ago, and asks the sandbox's node."""
    address = SecretStr(f"memory:first buyers {next(numbers)}")
    streams = LaunchStreams(SolanaRpc(solana_sandbox.rpc_url, Unpaced(), 1_000))
    monkeypatch.setattr("tasks.discovery.first_buyers.open_launch_streams", lambda settings: streams)
    settings = Settings(postgres_url=address, clickhouse_url=address, solana_rpc_url=solana_sandbox.rpc_url)
    now = now_of(solana_sandbox)
    tokens = [coin_of(row, now) for row in told(solana_sandbox)["coins"]]
    recent = [row for row in tokens if row.launched_at and timedelta(hours=1) <= now - row.launched_at < timedelta(hours=2)]
    with bare_steps():
        open_history(settings).append(frame_of(recent[-3:], SolanaToken), SolanaToken)
        yield settings
    connect._histories.pop(address.get_secret_value(), None)


def told(sandbox: SolanaSandbox) -> Any:
    return httpx.get(f"{sandbox.url}/truth/solana", timeout=60).json()


def now_of(sandbox: SolanaSandbox) -> datetime:
    return datetime.fromtimestamp(sandbox.clock(), UTC)


def coin_of(row: Any, now: datetime) -> SolanaToken:
    nothing = dict.fromkeys(("name", "symbol", "launchpad", "creator", "launched_by", "token_program", "quote_token_id"), "")
    at = datetime.fromtimestamp(row["launched_at"], UTC)
    return SolanaToken(
        **nothing, token_id=row["mint"], pool=row["pool"] or "", decimals=6, is_mayhem=False, launched_at=at, launch_slot=None,
        graduated_at=at if row["pool"] else None, updated_at=now,
    )  # fmt: skip


def test_the_first_buyers_of_every_due_launch_are_found_with_what_it_cost(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    found = find_early_buyers(home, now_of(solana_sandbox))
    assert found.launches == open_history(home).tokens().height > 0
    assert found.credits >= 10 * found.launches  # a page each
    rows = rows_of(found.early, EarlyBuyer)
    assert {row.token_id for row in rows} == set(open_history(home).tokens()["token_id"])
    assert all(row.spent > 0 for row in rows)


def test_nobody_who_launched_it_is_a_candidate_and_every_maker_is_known(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    rows = rows_of(find_early_buyers(home, now_of(solana_sandbox)).early, EarlyBuyer)
    makers = {row["mint"]: row["creator"] for row in told(solana_sandbox)["coins"]}
    deployers = {(row.token_id, row.wallet) for row in rows if row.is_deployer}
    assert deployers == {(row.token_id, row.wallet) for row in rows if makers[row.token_id] == row.wallet}
    assert deployers
    assert not [row for row in rows if row.is_candidate and (row.is_deployer or row.is_bundled or row.is_funded_by_deployer)]


def test_what_the_stream_saw_of_a_wallet_is_what_its_own_history_says(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    """Ids are of the transaction, the wallet and the coin: whoever is watched as well has each trade once."""
    now = now_of(solana_sandbox)
    found = find_early_buyers(home, now)
    keep_early_buyers(found.early, found.trades, found.tokens, home)
    trades = rows_of(found.trades, Trade)
    assert len({trade.trade_id for trade in trades}) == len(trades) > 30
    buyers = {(row.token_id, row.wallet) for row in rows_of(found.early, EarlyBuyer)}
    assert buyers <= {(trade.token_id, trade.wallet) for trade in trades}
    assert open_history(home).tokens()["launch_slot"].null_count() == 0


def without_stream(sandbox: SolanaSandbox, key: str | None) -> LaunchStreams:
    """Of a node that does not have the method; with a key of Helius, of its history as well."""
    history = HeliusHistory(JsonApi(sandbox.helius_url, "helius", Unpaced()), SecretStr(key)) if key else None
    streams = LaunchStreams(SolanaRpc(sandbox.rpc_url, Unpaced(), 1_000), history)
    streams._has_stream = False
    return streams


def test_a_node_without_the_stream_is_paged_back_and_finds_the_same(
    solana_sandbox: SolanaSandbox, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = now_of(solana_sandbox)
    streamed = find_early_buyers(home, now)
    paging = without_stream(solana_sandbox, None)
    monkeypatch.setattr("tasks.discovery.first_buyers.open_launch_streams", lambda settings: paging)
    paged = find_early_buyers(home, now)
    assert paged.early.equals(streamed.early)
    assert paged.credits > 0


def test_with_a_key_helius_history_finds_the_same_and_says_what_it_cost(
    solana_sandbox: SolanaSandbox, home: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """100 credits for each page of a hundred. The same buyers in the same order, although a row of it has no place in its block."""
    now = now_of(solana_sandbox)
    streamed = find_early_buyers(home, now)
    told = without_stream(solana_sandbox, "sandbox")
    monkeypatch.setattr("tasks.discovery.first_buyers.open_launch_streams", lambda settings: told)
    with caplog.at_level("INFO"):
        found = find_early_buyers(home, now)
    assert found.early.equals(streamed.early)
    assert found.trades.sort("trade_id").select(WORTH).equals(streamed.trades.sort("trade_id").select(WORTH))
    assert found.credits == 100 * cast(HeliusHistory, told._history).calls >= 100 * found.launches
    assert "by Helius' history for" in caplog.text


def test_a_key_that_is_refused_costs_no_first_buyer(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    token = due_launches(home, now_of(solana_sandbox))[0].token_id
    solana_sandbox.solana.helius.faults.key = "another"
    try:
        refused = without_stream(solana_sandbox, "sandbox").first_of([curve_address(token)], 50)
    finally:
        solana_sandbox.solana.helius.faults.key = ""
    assert (refused.way, refused.has_begin) == (BY_PAGING, True)
    assert refused.transactions == without_stream(solana_sandbox, None).first_of([curve_address(token)], 50).transactions


def test_a_launch_is_looked_at_once_an_hour_and_once_a_day_old(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    now = now_of(solana_sandbox)
    due = due_launches(home, now)
    found = find_early_buyers(home, now)
    keep_early_buyers(found.early, found.trades, found.tokens, home)
    assert due
    assert due_launches(home, now) == []
    assert {row.token_id for row in due_launches(home, now + timedelta(days=1))} == {row.token_id for row in due}


def test_candidates_say_where_they_were_found(solana_sandbox: SolanaSandbox, home: Settings) -> None:
    early = find_early_buyers(home, now_of(solana_sandbox)).early
    found = discovery.early(early)
    assert found.height == early.filter("is_candidate")["wallet"].n_unique()
    assert all("after" in detail and "gained" in detail for detail in found["detail"])


@pytest.mark.parametrize(
    ("launchpad", "is_graduated", "asked"),
    [
        ("pump.fun", False, "pump"),
        ("", False, "pump"),
        ("letsbonk.fun", False, "launchlab"),
        ("letsbonk.fun", True, "launchlab"),  # its curve follows from its mint, wherever it trades now
        ("met-dbc", False, "pool"),
        ("met-dbc", True, None),  # the pool it trades in now is not where it began
        ("moonshot", False, None),  # nobody reads that program's events
    ],
)
def test_a_launch_is_looked_at_where_its_launchpad_keeps_its_curve(
    solana_sandbox: SolanaSandbox, home: Settings, launchpad: str, is_graduated: bool, asked: str | None
) -> None:
    """Coins of other launchpads were asked for at pump.fun's curve of their mint, found nothing there, and stayed due for two days."""
    now = now_of(solana_sandbox)
    mint, pool = pool_address(WSOL), curve_address(WSOL)  # any two addresses
    coin = rows_of(open_history(home).tokens(), SolanaToken)[0]
    coin = replace(coin, token_id=mint, pool=pool, launchpad=launchpad, graduated_at=now if is_graduated else None)
    open_history(home).append(frame_of([coin], SolanaToken), SolanaToken)
    due = [row for row in due_launches(home, now) if row.token_id == mint]
    assert bool(due) is (asked is not None)
    wanted = {"pump": [], "launchlab": [launchlab_curve(mint)], "pool": [pool]}
    assert not due or curves_elsewhere(due[0]) == wanted[str(asked)]
