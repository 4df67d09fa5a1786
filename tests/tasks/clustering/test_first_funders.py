"""The wallets we watch on Solana, asked about once at the sandbox's Helius: insiders get their mother, and exchanges their name."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from adapters import connect
from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Candidate, FoundIn, Funding, LabelKind, WalletLabel
from data_contracts.frames import frame_of, rows_of
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover
from evaluation.owners import NO_TRADES
from sandbox.solana.funders import first_funding
from sandbox.solana.launches import Fate
from sandbox.solana.people import INSIDERS, Person, exchange_of, house_of, mother_of
from tasks.clustering.first_funders import Told, ask_first_funders, due_wallets, keep_first_funders
from tests.solana_sandbox import SolanaSandbox, solana_sandbox

__all__ = ["solana_sandbox"]
pytestmark = pytest.mark.usefixtures("bare")
numbers = count()


@pytest.fixture
def house(solana_sandbox: SolanaSandbox) -> Iterator[Settings]:
    """A house in memory whose candidates are the insiders of a rug, two customers of an exchange and a wallet nobody paid."""
    address = SecretStr(f"memory:first funders {next(numbers)}")
    helius: dict[str, Any] = {"helius_url": solana_sandbox.helius_url, "helius_key": SecretStr("sandbox")}
    settings = Settings(postgres_url=address, clickhouse_url=address, **helius)
    chain, now = solana_sandbox.solana.chain.at(solana_sandbox.clock()), now_of(solana_sandbox)
    rugged = next(coin for coin in chain.launches.values() if coin.fate is Fate.RUGGED)
    insiders = [Person("insider", house_of(rugged.number), part).address(7) for part in range(INSIDERS)]
    wallets = [*insiders, *customers(solana_sandbox)[:2], Person("nobody").address(7)]
    seen: dict[str, Any] = {"found_in": FoundIn.EARLY_BUYERS, "detail": "", "excluded": None, "first_seen_at": now, "last_seen_at": now}
    rows = [Candidate(wallet=wallet, **seen) for wallet in wallets]
    open_results(settings).write([Write(Candidate, frame_of(rows, Candidate), "put")])
    yield settings
    connect._results.pop(address.get_secret_value(), None)
    connect._histories.pop(address.get_secret_value(), None)


def now_of(sandbox: SolanaSandbox) -> datetime:
    return datetime.fromtimestamp(sandbox.clock(), UTC)


def customers(sandbox: SolanaSandbox) -> list[str]:
    """Wallets that one exchange paid first."""
    chain, exchange = sandbox.solana.chain.at(sandbox.clock()), exchange_of(0).address(7)
    crowd = [Person("wallet", place).address(7) for place in range(60)]
    return [wallet for wallet in crowd if (found := first_funding(chain, wallet)) and found[1] == exchange]


def asked(house: Settings, now: datetime) -> Told:
    told = ask_first_funders(house, now)
    keep_first_funders(told.fundings, told.labels, told.asked, house, now)
    return told


def test_insiders_have_one_purse_and_customers_of_an_exchange_have_none(house: Settings, solana_sandbox: SolanaSandbox) -> None:
    now = now_of(solana_sandbox)
    told = asked(house, now)
    paid = rows_of(told.fundings, Funding)
    by_funder = {row.funder: row.source_known for row in paid}
    rugged = next(coin for coin in solana_sandbox.solana.chain.launches.values() if coin.fate is Fate.RUGGED)
    mother = mother_of(house_of(rugged.number)).address(7)
    assert by_funder == {mother: None, exchange_of(0).address(7): "Sandbox Exchange 1"}
    assert {(row.wallet, row.label, row.name) for row in rows_of(told.labels, WalletLabel)} == {
        (exchange_of(0).address(7), LabelKind.EXCHANGE, "Sandbox Exchange 1")
    }
    kept = open_history(house).fundings(now)
    found = discover(NO_TRADES, kept, [], {}, DiscoveryPolicy(), open_history(house).of_wallets(WalletLabel))
    (owner,) = found.clusters.values()
    assert set(owner) == {mother, *kept.filter(pl.col("funder") == mother)["wallet"]}
    assert len(owner) == INSIDERS + 1


def test_nobody_is_asked_about_twice_and_not_even_who_was_paid_by_nobody(house: Settings, solana_sandbox: SolanaSandbox) -> None:
    first = asked(house, now_of(solana_sandbox))
    assert len(first.asked) == INSIDERS + 3
    assert first.fundings.height == INSIDERS + 2  # a 404 is an answer
    assert due_wallets(house) == []
    assert asked(house, now_of(solana_sandbox)).asked == []


def test_a_key_that_is_refused_leaves_everybody_for_the_next_run(house: Settings, solana_sandbox: SolanaSandbox) -> None:
    solana_sandbox.solana.helius.faults.key = "another"
    try:
        assert asked(house, now_of(solana_sandbox)).asked == []
    finally:
        solana_sandbox.solana.helius.faults.key = ""
    assert len(due_wallets(house)) == INSIDERS + 3


def test_without_a_key_nobody_is_asked(house: Settings, solana_sandbox: SolanaSandbox) -> None:
    told = ask_first_funders(house.model_copy(update={"helius_key": None}), now_of(solana_sandbox))
    assert (told.asked, told.fundings.height, told.labels.height) == ([], 0, 0)
