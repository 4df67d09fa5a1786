"""Our own feed reads the sandbox over its node and gets exactly what happened: each trade, and what became of every signature."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import polars as pl
import pytest
from pydantic import SecretStr

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.address_stream import MANY_OF_HISTORY, AddressStream
from adapters.feeds.solana.chain_transactions import Transactions
from adapters.feeds.solana.helius_history import HeliusHistory
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.listing import list_signatures
from adapters.feeds.solana.recorded_rates import RateAt
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.solana_feed import SolanaFeed
from data_contracts import ChainReading, Funding, ReadAs, SolanaToken, Trade, Venue
from data_contracts.errors import Unavailable
from data_contracts.frames import rows_of
from domain.solana.fundings import LEAST
from domain.solana.swaps import read_swaps
from domain.solana.transactions import ChainTransaction
from sandbox.solana.chain import Chain
from sandbox.solana.deeds import Truth
from sandbox.solana.funders import first_funding
from sandbox.solana.people import SNIPERS, Person
from sandbox.solana.slots import block_time
from tasks.operating.health_monitoring import ALIVE
from tests.adapters.feeds.conftest import Unpaced
from tests.solana_sandbox import SolanaSandbox

WALLETS = [Person("wallet", place).address(7) for place in range(25)] + [Person("sniper", place).address(7) for place in range(SNIPERS)]
HOUR, MOST_CYCLES = timedelta(hours=1), 40
READ_AS = {"buy": ReadAs.TRADE, "sell": ReadAs.TRADE, "none": ReadAs.NOT_A_TRADE, "failed": ReadAs.FAILED}


class Watched:
    """On record: these wallets, and no rate."""

    def wallets(self) -> list[str]:
        return WALLETS

    def rates(self) -> RateAt:
        return lambda at: None

    def tokens(self, token_ids: Collection[str]) -> dict[str, SolanaToken]:
        return {}


@pytest.fixture
def feed(solana_sandbox: SolanaSandbox) -> SolanaFeed:
    return SolanaFeed(
        SolanaRpc(solana_sandbox.rpc_url, Unpaced()), Jupiter(JsonApi(f"{solana_sandbox.url}/jupiter", "jupiter", Unpaced())), Watched()
    )


def happened(chain: Chain, after: datetime, until: datetime) -> Iterator[tuple[str, list[Truth]]]:
    """By signature, what it was for each watched wallet, by the seconds of blocks."""
    for placed in chain.blocks:
        if after.timestamp() < block_time(placed.slot) <= until.timestamp():
            mine = [truth for truth in placed.did.truths() if truth.wallet in WALLETS]  # type: ignore[union-attr]  # all is the world's own
            if mine:
                yield chain.blocks.signature(placed), mine


def walked(feed: SolanaFeed, after: datetime, until: datetime) -> tuple[list[Trade], list[ChainReading], datetime]:
    """Cycle after cycle, as often as the node says no: what came is kept by its key, until all of it did."""
    trades: dict[str, Trade] = {}
    readings: dict[tuple[str, str], ChainReading] = {}
    for _ in range(MOST_CYCLES):
        try:
            confirmed = feed.confirmed_until(until)
            assert confirmed is not None
            walk = feed.walk(after, confirmed, 400)
        except Unavailable:
            continue
        trades |= {row.trade_id: row for row in rows_of(walk.trades, Trade)}
        readings |= {(row.signature, row.wallet): row for row in rows_of(walk.besides[ChainReading], ChainReading)}
        if walk.complete_from <= after and all(row.read_as is not ReadAs.GAP for row in readings.values()):
            return list(trades.values()), list(readings.values()), confirmed
    raise AssertionError("it was never complete")


@pytest.mark.parametrize("busy_every", [0, 3])
def test_the_feed_gets_each_trade_and_what_became_of_every_signature(
    solana_sandbox: SolanaSandbox, feed: SolanaFeed, busy_every: int
) -> None:
    """An hour of 33 wallets: to the lamport and to the last digit of a coin, also where the node is too busy for every third question."""
    now = datetime.fromtimestamp(solana_sandbox.clock(), UTC)
    after = now - HOUR
    solana_sandbox.solana.node.faults.ask({"busy_every": busy_every, "retry_after_s": 0})
    try:
        trades, readings, until = walked(feed, after, now)
    finally:
        solana_sandbox.solana.node.faults.ask({"busy_every": 0, "retry_after_s": 1})
    truths = dict(happened(solana_sandbox.solana.chain, after, until))
    wanted = Counter(
        (signature, truth.wallet, truth.kind, truth.mint, truth.tokens, truth.lamports)
        for signature, mine in truths.items()
        for truth in mine
        if truth.kind in ("buy", "sell")
    )
    told = Counter(
        (trade.tx_hash, trade.wallet, trade.side.value.lower(), trade.token_id, int(trade.shares.scaleb(6)), int(trade.notional.scaleb(9)))
        for trade in trades
    )
    assert told == wanted
    assert len(wanted) > 100
    seen = {(reading.signature, reading.wallet): reading.read_as for reading in readings}
    assert {place: read_as for place, read_as in seen.items() if place[0] in truths} == {
        (signature, truth.wallet): READ_AS[truth.kind] for signature, mine in truths.items() for truth in mine
    }
    assert set(seen.values()) == {ReadAs.TRADE, ReadAs.NOT_A_TRADE, ReadAs.FAILED}


def test_a_wallet_of_many_trades_is_read_from_helius_history_where_its_node_has_no_stream(solana_sandbox: SolanaSandbox) -> None:
    """The same transactions that the node tells one by one: a hundred in a call, for a hundred credits."""
    rpc = SolanaRpc(solana_sandbox.rpc_url, Unpaced(), 1_000)
    now = datetime.fromtimestamp(solana_sandbox.clock(), UTC)
    counts = Counter({wallet: len(solana_sandbox.solana.chain.blocks.places_of(wallet)) for wallet in WALLETS})
    busiest = counts.most_common(1)[0][0]
    listed = [one for one in list_signatures(rpc, [busiest], now - 6 * HOUR, 5, {}, None).all if one.error is None]
    history = HeliusHistory(JsonApi(solana_sandbox.helius_url, "helius", Unpaced()), SecretStr("sandbox"))
    told, by_node = Transactions(rpc), Transactions(rpc)
    stream = AddressStream(rpc, told, history)
    stream.is_there = False
    stream.read_ahead(listed[: MANY_OF_HISTORY - 1], lambda: False)
    assert history.calls == 0  # so few are asked for one by one
    stream.read_ahead(listed, lambda: False)
    assert stream.credits == 100 * history.calls > 0
    assert all(told.knows(one.signature) for one in listed)
    some = [one.signature for one in listed][::9]
    by_both = [{name: read for part in source.some(some) for name, read in part.items()} for source in (told, by_node)]
    for name in some:
        first, second = (read_swaps(cast(ChainTransaction, read[name]), busiest) for read in by_both)
        assert first.swaps == second.swaps


def test_who_paid_a_wallet_first_is_whom_the_chain_says(solana_sandbox: SolanaSandbox, feed: SolanaFeed) -> None:
    """Payments come beside the trades, as everything that was read for a wallet tells them; what a sale brought is none."""
    now = datetime.fromtimestamp(solana_sandbox.clock(), UTC)
    frames, cursor = [], ""
    source = feed.unhurried()
    for _ in range(MOST_CYCLES):  # a walk ends when its time is up, and says where the next goes on
        source.confirmed_until(now)
        walk = source.walk(now - timedelta(hours=7), now, 100, cursor)
        frames.append(walk.besides[Funding])
        cursor = walk.cursor
        if not cursor:
            break
    paid = pl.concat(frames).unique(["wallet", "funder", "tx"]).sort("funded_at")
    first = dict(
        paid.filter(pl.col("wallet").is_in(WALLETS)).group_by("wallet", maintain_order=True).agg(pl.col("funder").first()).iter_rows()
    )
    chain = solana_sandbox.solana.chain
    known = {wallet: found[1] for wallet in WALLETS if (found := first_funding(chain, wallet)) and found[2] >= LEAST}
    assert len(known) > 3
    assert {wallet: first.get(wallet) for wallet in known} == known
    assert paid.filter(pl.col("amount").cast(pl.Float64) < LEAST / 1e9).height == 0


def test_a_text_that_is_no_address_is_no_reason_to_answer_nothing(feed: SolanaFeed) -> None:
    """The health check asked for "0": the node refused, and two critical alerts stood in every house with a Solana strategy."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert not any(frame.height for frame in feed.instruments(["0"], at).values())
    assert feed.books(["0", ALIVE[Venue.SOLANA]], at) == {}
