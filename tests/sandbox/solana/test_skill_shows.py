"""Who knows in the sandbox's Solana is found by what the other buyers of the same minutes got, already in a house that has just begun."""

from datetime import UTC, datetime

import polars as pl

from domain.profiling.peer_grading import grade_purchases
from sandbox.solana.app import Solana
from sandbox.solana.people import SKILLED, Person
from sandbox.solana.slots import block_time
from tests.solana_sandbox import StandingClock

PICKED_AT = 0.10  # the luck we allow among those we pick


def trades_of(solana: Solana) -> pl.DataFrame:
    """What all wallets traded, as it truly was, in the chain's order."""
    rows = [
        {
            "wallet": truth.wallet,
            "token_id": truth.mint,
            "side": truth.kind.upper(),
            "shares": truth.tokens / 1e6,
            "notional": truth.lamports / 1e9,
            "price": truth.lamports / truth.tokens / 1e3,
            "traded_at": datetime.fromtimestamp(block_time(placed.slot), UTC),
            "sequence": place,
            "pool": "",
        }
        for place, placed in enumerate(solana.chain.blocks.all)
        for truth in placed.did.truths()  # type: ignore[union-attr]  # nothing came from outside
        if truth.kind in ("buy", "sell")
    ]
    return pl.DataFrame(rows).with_columns(pl.col("traded_at").cast(pl.Datetime("us", "UTC")))


def test_a_new_house_finds_those_who_know_and_hardly_anybody_else() -> None:
    """Of 15 who know or knew, with about 38 purchases each that are a day old, at least ten; of 580 others at most five, at 10 % luck."""
    clock = StandingClock()
    solana = Solana.of(7, clock, clock.now_s)
    solana.prepare()
    now = datetime.fromtimestamp(clock.now_s, UTC)
    skills = grade_purchases(trades_of(solana), now).skills
    knowing = {Person("wallet", place).address(7) for place in range(SKILLED)}
    picked = set(skills.filter(pl.col("luck_if_chosen") <= PICKED_AT)["wallet"])
    assert len(picked & knowing) >= 10
    assert len(picked - knowing) <= 5
