"""The feed before the sandbox: what is traded there, for how much, and what a SOL is worth. Its trades: tests/sandbox/solana."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.solana_feed import SolanaFeed
from data_contracts import Instrument, Rate
from data_contracts.frames import rows_of
from tests.adapters.feeds.conftest import Unpaced
from tests.adapters.feeds.solana.test_solana_feed import Told
from tests.solana_sandbox import SolanaSandbox, solana_sandbox

__all__ = ["solana_sandbox"]


@pytest.fixture(scope="module")
def feed(solana_sandbox: SolanaSandbox) -> SolanaFeed:
    jupiter = Jupiter(JsonApi(f"{solana_sandbox.url}/jupiter", "jupiter", Unpaced()))
    return SolanaFeed(SolanaRpc(solana_sandbox.rpc_url, Unpaced(), 1_000), jupiter, Told())


def now_of(sandbox: SolanaSandbox) -> datetime:
    return datetime.fromtimestamp(sandbox.clock(), UTC)


def test_what_it_trades_is_an_instrument_with_a_book(solana_sandbox: SolanaSandbox, feed: SolanaFeed) -> None:
    now = now_of(solana_sandbox)
    named = solana_sandbox.solana.coins.newest(solana_sandbox.clock())[1:]  # of the last the node may not have a block yet
    coins = [coin.launch.mint for coin in named if coin.trades and not coin.is_honeypot]
    frames = feed.instruments(coins[:10], now)
    assert [row.share_decimals for row in rows_of(frames[Instrument], Instrument)] == [6] * 10
    books = feed.books(coins[:3], now)
    assert all(book.asks and book.bids and book.bids[0].price < book.asks[0].price for book in books.values())
    assert len(books) == 3


def test_what_a_sol_is_worth_there(solana_sandbox: SolanaSandbox, feed: SolanaFeed) -> None:
    (rate,) = rows_of(feed.rates(now_of(solana_sandbox)), Rate)
    assert Decimal(130) < rate.usd < Decimal(170)
