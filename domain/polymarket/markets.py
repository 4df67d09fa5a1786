"""Polymarket's markets as people and profiles read them: what the engine knows of each token, beside what only this venue says of it."""

import polars as pl

from data_contracts import Currency, FeeFormula, Instrument, PolymarketMarket, Venue
from data_contracts.frames import fitted, fitting, notes_in, schema_of
from domain.polymarket.amounts import CENT, HIGHEST, HIGHEST_PAYOUT, LOWEST, MIN_MARKETABLE_NOTIONAL, SHARE_DECIMALS

SCHEMA = pl.Schema(schema_of(PolymarketMarket) | schema_of(Instrument))
ROWS = (Instrument, PolymarketMarket)
ALIKE = {
    "venue": Venue.POLYMARKET.value,
    "stake_currency": Currency.USD.value,
    "share_decimals": SHARE_DECIMALS,
    "share_increment": CENT,
    "min_notional": MIN_MARKETABLE_NOTIONAL,
    "fee_formula": FeeFormula.BINARY.value,
    "highest_payout": HIGHEST_PAYOUT,
}
UNLESS_SAID = {"ended_at_is_assumed": False, "entry_denial": None}
DERIVED = {*ALIKE, "lowest_price", "highest_price"}


def described(instruments: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Instrument rows with the words of their PolymarketMarket rows; where there are none, no event and no question."""
    both = instruments.join(words.drop("updated_at"), on="token_id", how="left", maintain_order="left")
    return both.select(list(SCHEMA)).with_columns(pl.col("event", "question").fill_null(""))


def rows_by_class(described: pl.DataFrame) -> dict[type, pl.DataFrame]:
    """The rows of either table."""
    return {row_class: described.select(*schema_of(row_class), *notes_in(described)) for row_class in ROWS}


def with_terms(markets: pl.DataFrame) -> pl.DataFrame:
    """Rows as described, of rows that have all but what is alike for every market of this venue, or follows from its tick."""
    tick = fitted("price_increment", markets.schema["price_increment"], SCHEMA["price_increment"])
    assumed = {name: value for name, value in UNLESS_SAID.items() if name not in markets.columns}
    whole = markets.with_columns(
        *[pl.lit(value).alias(name) for name, value in (ALIKE | assumed).items()],
        pl.when(tick.is_not_null()).then(pl.max_horizontal(tick, pl.lit(LOWEST))).alias("lowest_price"),
        pl.when(tick.is_not_null()).then(pl.min_horizontal(1 - tick, pl.lit(HIGHEST))).alias("highest_price"),
    )
    return fitting(whole, SCHEMA)
