"""What each entry of the log realized adds up to what the ledger says of its position, to the unit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Fill, Settlement, Side
from data_contracts.frames import frame_of
from domain.copying.ledger import Entry
from domain.copying.realizing import FILL_COLUMNS, SETTLEMENT_COLUMNS, openings, realized
from domain.ids import row_id
from tests.random_logs import MOVES, ledger_of, log_of

SECOND = timedelta(seconds=1)


def realized_of(entries: Sequence[Entry]) -> pl.DataFrame:
    fills = [entry for entry in entries if isinstance(entry, Fill)]
    ends = [entry for entry in entries if isinstance(entry, Settlement)]
    return realized(frame_of(fills, Fill).select(FILL_COLUMNS), frame_of(ends, Settlement).select(SETTLEMENT_COLUMNS))


@given(moves=MOVES, data=st.data())
@settings(max_examples=30)
def test_the_gains_of_a_position_are_what_the_ledger_says_it_realized(as_of: datetime, moves: list[Any], data: st.DataObject) -> None:
    """Over all openings and of the last one alone; fees as well, once nothing is left of it. At each instant, so over each window."""
    log = log_of(moves, as_of)
    rows = realized_of(data.draw(st.permutations(log)))
    for until in sorted({_at(entry) for entry in log}):
        for derived in ledger_of(entry for entry in log if _at(entry) <= until):
            position = derived.position
            is_own = (pl.col("leader") == position.leader) & (pl.col("token_id") == position.token_id)
            own = rows.filter(is_own & (pl.col("realized_at") <= until))
            assert _sum(own, "gain") == position.realized_pnl
            if position.closed_at is None:
                continue
            last = own.filter(pl.col("opening") == own["opening"].max())
            assert _sum(last, "gain") == position.realized_pnl - position.realized_before
            assert (_sum(own, "fees"), last["opened_at"][0]) == (position.fees, position.opened_at)
            assert _sum(openings(own), "gain") == position.realized_pnl  # all that was opened is over


def test_fees_and_gain_are_those_of_one_opening(a_fill: Any, as_of: datetime) -> None:
    """The ledger's row of a position that was opened twice says fees 4 of both, beside a gain of 8 that is the second's alone.

    Each time 100 bought at 0.40 and sold, with a fee of 1 each way: first at 0.50, 50 - 1 - 41 = 8; then at 0.52, 52 - 1 - 41 = 10.
    """
    log = [
        a_fill(row_id(number), side=side, notional=Decimal(usd), fee=Decimal(1), filled_at=as_of + number * SECOND, category="sports")
        for number, (side, usd) in enumerate([(Side.BUY, 40), (Side.SELL, 50), (Side.BUY, 40), (Side.SELL, 52)])
    ]
    over = openings(realized_of(log))
    assert over.select("opening", "gain", "fees").rows() == [(2, 10, 2), (1, 8, 2)]
    (derived,) = ledger_of(log)
    assert (derived.position.fees, derived.position.realized_pnl) == (4, 18)


def test_a_position_that_is_still_open_has_realized_what_was_sold_of_it(a_fill: Any, as_of: datetime) -> None:
    """A quarter of 100 bought for 40 + 2 is sold for 15 with a fee of 1: 15 - 1 - 10.50 = 3.50, and 0.50 + 1 of fees are in it."""
    bought = a_fill(row_id(1), notional=Decimal(40), fee=Decimal(2))
    sold = a_fill(row_id(2), side=Side.SELL, shares=Decimal(25), notional=Decimal(15), fee=Decimal(1), filled_at=as_of + SECOND)
    rows = realized_of([bought, sold])
    assert rows.select("gain", "fees", "is_last").rows() == [(Decimal("3.5"), Decimal("1.5"), False)]
    assert openings(rows).height == 0


def test_a_log_that_sells_more_than_was_held_says_what_it_realized_until_then(a_fill: Any, as_of: datetime) -> None:
    """One broken position must not take the page of all others away; `walletflow rebuild-positions` names it."""
    log = [
        a_fill(row_id(number), side=side, shares=Decimal(shares), notional=Decimal(usd), filled_at=as_of + number * SECOND, leader=leader)
        for number, (leader, side, shares, usd) in enumerate(
            [("a", Side.BUY, 100, 40), ("a", Side.SELL, 50, 25), ("a", Side.SELL, 60, 30), ("b", Side.BUY, 10, 4), ("b", Side.SELL, 10, 6)]
        )
    ]
    assert realized_of(log).select("leader", "gain").rows() == [("a", 5), ("b", 2)]


def test_no_log_realized_nothing(a_fill: Any) -> None:
    assert realized_of([]).height == realized_of([a_fill()]).height == openings(realized_of([])).height == 0


def _at(entry: Entry) -> datetime:
    return entry.filled_at if isinstance(entry, Fill) else entry.settled_at


def _sum(frame: pl.DataFrame, name: str) -> Decimal:
    return sum(frame[name].to_list(), Decimal(0))
