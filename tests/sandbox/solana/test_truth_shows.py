"""The truth of the sandbox's Solana is found by our own methods, in a house that has just begun: who knows, and who is one owner."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from data_contracts import Funding, Trade
from data_contracts.frames import empty, frame_of
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover
from domain.profiling.peer_grading import grade_purchases
from sandbox.solana import truth
from sandbox.solana.app import Solana
from sandbox.solana.people import EXCHANGES, SKILLED, Person, exchange_of
from sandbox.solana.slots import block_time
from sandbox.solana.transfers import payments_of
from tests.solana_sandbox import StandingClock

PICKED_AT = 0.10  # the luck we allow among those we pick
NO_TRADES = empty(Trade).select("wallet", "token_id", "side", "traded_at").with_columns(pl.lit("").alias("topic"))
Pairs = set[tuple[str, str]]


@pytest.fixture(scope="module")
def solana() -> Solana:
    """Four days of history, as `make up` has them."""
    clock = StandingClock()
    solana = Solana.of(7, clock, clock.now_s)
    solana.prepare()
    return solana


def at(slot: int) -> datetime:
    return datetime.fromtimestamp(block_time(slot), UTC)


def trades_of(solana: Solana) -> pl.DataFrame:
    """What all wallets traded, as it truly was, in the chain's order."""
    rows = [
        {
            "wallet": one.wallet,
            "token_id": one.mint,
            "side": one.kind.upper(),
            "shares": one.tokens / 1e6,
            "notional": one.lamports / 1e9,
            "price": one.lamports / one.tokens / 1e3,
            "traded_at": at(placed.slot),
            "sequence": place,
            "pool": "",
        }
        for place, placed in enumerate(solana.chain.blocks)
        for one in placed.did.truths()  # type: ignore[union-attr]  # nothing came from outside
        if one.kind in ("buy", "sell")
    ]
    return pl.DataFrame(rows).with_columns(pl.col("traded_at").cast(pl.Datetime("us", "UTC")))


def fundings_of(solana: Solana) -> pl.DataFrame:
    """Who paid whom, dust left out; exchanges are known by name."""
    exchanges = {exchange_of(place).address(solana.chain.seed): f"exchange {place}" for place in range(EXCHANGES)}
    rows = [
        Funding(
            wallet=wallet,
            funder=payer,
            amount=Decimal(lamports).scaleb(-9),
            funded_at=at(placed.slot),
            tx=f"{solana.chain.blocks.signature(placed)} {number}",
            source_known=exchanges.get(payer),
        )
        for placed in solana.chain.blocks
        for number, (payer, wallet, lamports) in enumerate(payments_of(placed.did))
        if wallet not in exchanges
    ]
    return frame_of(rows, Funding)


def test_those_who_know_are_found_and_hardly_anybody_else(solana: Solana) -> None:
    """Of 15 who know or knew, with about 38 purchases each that are a day old, at least ten; of 580 others at most five, at 10 % luck."""
    skills = grade_purchases(trades_of(solana), datetime.fromtimestamp(solana.clock(), UTC)).skills
    knowing = {Person("wallet", place).address(7) for place in range(SKILLED)}
    picked = set(skills.filter(pl.col("luck_if_chosen") <= PICKED_AT)["wallet"])
    assert len(picked & knowing) >= 10
    assert len(picked - knowing) <= 5


def test_rug_pullers_their_insiders_and_who_paid_them_are_found_to_be_one(solana: Solana) -> None:
    """By payments alone: 95 of 100 pairs that are joined have one owner, and 90 of 100 that have one are joined."""
    owners = {str(row["address"]): str(row["owner"]) for row in truth.wallets(solana.chain)}
    clusters = discover(NO_TRADES, fundings_of(solana), [], {}, DiscoveryPolicy()).clusters.values()
    joined = pairs_of([wallet for wallet in cluster if wallet in owners] for cluster in clusters)
    one = pairs_of(by_owner(owners).values())
    assert len(joined & one) >= 0.95 * len(joined)
    rugging = {pair for pair in one if owners[pair[0]].startswith("mother")}
    assert len(joined & rugging) >= 0.90 * len(rugging) > 1_000


def pairs_of(groups: Iterable[Iterable[str]]) -> Pairs:
    return {(one, other) for group in map(sorted, groups) for place, one in enumerate(group) for other in group[place + 1 :]}


def by_owner(owners: Mapping[str, str]) -> Mapping[str, list[str]]:
    wallets: dict[str, list[str]] = defaultdict(list)
    for wallet, owner in owners.items():
        wallets[owner].append(wallet)
    return wallets
