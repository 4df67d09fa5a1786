"""Closed positions in coins that never end, by the same code as outcomes' that do."""

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import ClosedPosition, Instrument, PolymarketMarket
from data_contracts.frames import empty, frame_of, rows_of
from domain.polymarket.markets import described
from domain.profiling.wallet_profiling import closed_positions
from domain.solana.holdings import Deed, HoldingPolicy, fold
from domain.solana.instruments import Mint, instrument_of
from tests.domain.profiling.coins import COIN, T0, Line, after, trades

WALLET = "name:a"


def markets(died_at: datetime | None = None) -> pl.DataFrame:
    row = instrument_of(Mint(COIN, 6, "", False, False), T0, T0)
    assert row is not None
    died = pl.lit(died_at, pl.Datetime("us", "UTC")).alias("died_at")
    return described(frame_of([row], Instrument), empty(PolymarketMarket)).with_columns(died)


def closed(*lines: Line, died_at: datetime | None = None) -> list[ClosedPosition]:
    return rows_of(closed_positions(trades(*lines), markets(died_at), after(1_000)), ClosedPosition)


def test_a_position_is_over_when_all_was_sold() -> None:
    (one,) = closed((0, WALLET, "BUY", "100", "1"), (60, WALLET, "SELL", "100", "3"))
    assert (one.realized_pnl, one.hold_s, one.oversold, one.payout) == (Decimal(2), 60.0, False, None)


@pytest.mark.parametrize(("sold", "over"), [("98", True), ("97.9", False)])
def test_a_fiftieth_that_is_left_is_nothing(sold: str, over: bool) -> None:
    """Fees of a transfer, or a sale that was rounded, leave dust: on Solana hardly any position is ever sold to the last unit."""
    assert bool(closed((0, WALLET, "BUY", "100", "1"), (60, WALLET, "SELL", sold, "3"))) is over


def test_what_died_was_lost() -> None:
    """Who never sells what died would else have no losses on record."""
    (one,) = closed((0, WALLET, "BUY", "100", "1"), (60, WALLET, "SELL", "40", "0.3"), died_at=after(500))
    assert (one.realized_pnl, one.closed_at, one.payout) == (Decimal("-0.7"), after(500), None)


def test_what_dies_later_is_still_open() -> None:
    assert closed((0, WALLET, "BUY", "100", "1"), died_at=after(1_001)) == []


def test_what_came_by_transfer_has_no_known_cost() -> None:
    """100 bought, 150 sold: 50 came from elsewhere, and no statistic uses it."""
    (one,) = closed((0, WALLET, "BUY", "100", "1"), (60, WALLET, "SELL", "150", "3"))
    assert one.oversold


def test_a_sale_of_nothing_that_was_bought_is_no_gain() -> None:
    (one,) = closed((60, WALLET, "SELL", "150", "3"))
    assert one.oversold


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**9), st.integers(10**7, 10**10)), min_size=1, max_size=12))
def test_what_is_sold_out_realized_what_its_lots_did_first_in_first_out(moves: list[tuple[bool, int, int]]) -> None:
    """Purchases and sales of what is held, then a sale of all: proceeds less cost, to the lamport that rounding leaves with the lots."""
    deeds, lines, held = [], [], 0
    for number, (buys, raw, lamports) in enumerate([*moves, (False, 10**12, 10**9)]):
        raw = raw if buys else min(raw, held)
        if not raw:
            continue
        held += raw if buys else -raw
        deeds.append(Deed(None, 0, COIN, raw, lamports) if buys else Deed(COIN, raw, None, 0, lamports))
        amounts = str(Decimal(raw).scaleb(-6)), str(Decimal(lamports).scaleb(-9))
        lines.append((float(number), WALLET, "BUY" if buys else "SELL", *amounts))
    if not any(line[2] == "BUY" for line in lines):
        return
    (one,) = closed(*lines)
    holding = fold(deeds, HoldingPolicy(least_spent=0))[COIN]
    assert not one.oversold
    assert not holding.is_unbacked
    assert int(one.realized_pnl.scaleb(9)) == holding.realized_first_in == holding.realized_pnl
