"""What each sale, merge, write-off and settlement of the log realized: what came of a day, a leader or a market is a sum of these.

A Position row adds up all openings of it; here each opening has its own. The lots are the ledger's, sold by the ledger's own function.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts import Fill, FillKind, Reason, Side, Venue
from data_contracts.errors import Unsafe
from data_contracts.frames import schema_of, series_of, values_of
from domain.copying.amounts import in_units
from domain.copying.ledger import ZERO, Lot, sell_lots

POSITION = ["strategy_id", "leader", "token_id"]
OPENING = [*POSITION, "opening"]
OF_A_POSITION = ["strategy_id", "venue", "leader", "market_id", "token_id", "outcome", "category"]  # as its first fill says it
OF_A_FILL = ["side", "kind", "shares", "notional", "fee", "filled_at", "sent_at", "sequence", "level", "fill_id", "reason"]
FILL_COLUMNS = [*OF_A_POSITION, *OF_A_FILL]
SETTLEMENT_COLUMNS = [*POSITION, "payout", "settled_at"]
END = "END"
STAKE, SHARES = schema_of(Fill)["fee"], schema_of(Fill)["shares"]


@dataclass(slots=True)
class _Held:
    """What is open of a position. `fees` are the same lots, each with the fee that is in its cost."""

    venue: Venue
    lots: list[Lot] = field(default_factory=list)
    fees: list[Lot] = field(default_factory=list)
    opening: int = 0
    opened_at: datetime | None = None

    @property
    def shares(self) -> Decimal:
        return sum((lot.shares for lot in self.lots), ZERO)

    def buy(self, shares: Decimal, notional: Decimal, fee: Decimal, at: datetime) -> None:
        """The first purchase opens it, and so does the first after all was gone."""
        if not self.lots:
            self.opening, self.opened_at = self.opening + 1, at
        self.lots.append(Lot(shares, notional + fee))
        self.fees.append(Lot(shares, fee))

    def let_go(self, shares: Decimal) -> tuple[Decimal, Decimal]:
        """What these had cost, and the fees in that. Raises Unsafe when more goes than is held."""
        self.lots, cost = sell_lots(self.lots, shares, self.venue)
        self.fees, fees = sell_lots(self.fees, shares, self.venue)
        return cost, fees


def realized(fills: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """One row per entry of the log that realized something, in stake: its `gain`, and the `fees` in that, of the purchase and of the sale.

    All fills and settlements of the positions that are asked about, in any order. `opening` counts how often a position was opened,
    `is_last` closes it. Of a log that sells more than was held, what it says until then: `walletflow rebuild-positions` names it.
    """
    log = _in_order(fills, settlements)
    numbers = (values_of(log[name], Decimal) for name in ("shares", "notional", "fee", "payout"))
    steps = zip(log["of"].to_list(), log["venue"].to_list(), log["what"].to_list(), log["at"].to_list(), *numbers, strict=True)
    return _frame(log, list(_realizations(steps)))


def openings(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per opening that is over, of rows of `realized`: its `gain`, `fees` and `reason` to leave, the last closed first."""
    first = [pl.col(name).first() for name in ("venue", "market_id", "outcome", "category", "opened_at")]
    found = rows.group_by(OPENING, maintain_order=True).agg(
        *first,
        pl.col("shares", "gain", "fees").sum(),
        pl.col("reason").drop_nulls().last().alias("exit_reason"),
        pl.col("realized_at").last().alias("closed_at"),
        pl.col("is_last").last(),
    )
    return found.filter("is_last").drop("is_last").sort("closed_at", *OPENING, descending=[True, *(False for _ in OPENING)])


def _in_order(fills: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """As `ledger.in_order` has it, position by position; `of` is the place of each one's first fill, from which its columns are taken."""
    what = pl.when(pl.col("kind") == FillKind.WRITE_OFF.value).then(pl.col("kind")).otherwise(pl.col("side"))
    traded = fills.select(*FILL_COLUMNS, what.alias("what"), pl.col("filled_at").alias("at"))
    ended = settlements.select(
        *SETTLEMENT_COLUMNS,
        pl.lit(END).alias("what"),
        pl.col("settled_at").alias("at"),
        pl.lit(Reason.MARKET_RESOLVED.value).alias("reason"),
    )
    is_end = pl.col("what") == END
    log = pl.concat([traded, ended], how="diagonal").filter((~is_end).any().over(POSITION))
    ordered = log.sort(*POSITION, "at", is_end, "sent_at", "sequence", "level", "fill_id").with_row_index("row")
    return ordered.with_columns(pl.col("row").filter(~is_end).first().over(POSITION).alias("of"))


def _realizations(steps: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """`row`, `of`, opening, since when, shares, gain, fees, and whether nothing is left."""
    held, known, is_sound = _Held(Venue.POLYMARKET), None, True
    for row, (of, venue, what, at, shares, notional, fee, payout) in enumerate(steps):
        if of != known:
            held, known, is_sound = _Held(Venue(venue)), of, True
        if what == Side.BUY:
            held.buy(shares, notional, fee, at)
            continue
        try:
            came = _came(held, what, shares, notional, fee, payout) if is_sound else None
        except Unsafe:
            came, is_sound = None, False
        if came is not None:
            yield row, of, held.opening, held.opened_at, *came, not held.lots


def _came(held: _Held, what: str, shares: Any, notional: Any, fee: Any, payout: Any) -> tuple[Decimal, Decimal, Decimal] | None:
    """Shares that went, the gain, and the fees in it; None where nothing was there to go."""
    if what == Side.SELL:
        cost, fees = held.let_go(shares)
        return shares, notional - fee - cost, fee + fees
    if not held.lots:
        return None
    gone = held.shares if what == END else min(shares, held.shares)
    cost, fees = held.let_go(gone)
    return gone, (in_units(gone * payout, held.venue) if what == END else ZERO) - cost, fees


def _frame(log: pl.DataFrame, found: list[tuple[Any, ...]]) -> pl.DataFrame:
    row, of, opening, opened_at, shares, gain, fees, is_last = zip(*found, strict=True) if found else [()] * 8
    entries, firsts = (log.select(pl.all().gather(pl.Series(places, dtype=pl.UInt32))) for places in (row, of))
    return firsts.select(OF_A_POSITION).with_columns(
        pl.Series("opening", opening, dtype=pl.Int64),
        series_of("opened_at", pl.Datetime("us", "UTC"), opened_at),
        entries["at"].alias("realized_at"),
        entries["reason"],
        series_of("shares", SHARES, shares),
        series_of("gain", STAKE, gain),
        series_of("fees", STAKE, fees),
        pl.Series("is_last", is_last, dtype=pl.Boolean),
    )
