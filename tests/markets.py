"""Rows of a market for tests: a plain open one of Polymarket, and what a test changes about it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import polars as pl

from data_contracts import Instrument, PolymarketMarket
from data_contracts.frames import frame_of, rows_of
from domain.polymarket.amounts import HIGHEST, LOWEST
from domain.polymarket.markets import DERIVED, SCHEMA, described, rows_by_class, with_terms
from tasks.fast_check import Breach, breaches

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
PLAIN: dict[str, Any] = {
    "token_id": "yes",
    "market_id": "market",
    "outcome": "Yes",
    "outcome_index": 0,
    "question": "Will it?",
    "category": "politics",
    "event": "it",
    "price_increment": Decimal("0.01"),
    "min_shares": Decimal(5),
    "fee_rate": Decimal(0),
    "fee_exponent": 1,
    "neg_risk": False,
    "version": "v1",
    "entry_denial": None,
    "ends_at": None,
    "ended_at": None,
    "ended_at_is_assumed": False,
    "payout": None,
    "updated_at": AS_OF,
}


def an_instrument(**changes: Any) -> Instrument:
    """The YES token of an open market without fees, on a tick of a cent, as the engine knows it."""
    tick = changes.get("price_increment")
    bounds = {} if tick is None else {"lowest_price": max(LOWEST, tick), "highest_price": min(HIGHEST, 1 - tick)}
    return replace(_plain()[0], **(bounds | changes))


def polymarket_words(**changes: Any) -> PolymarketMarket:
    """What only Polymarket says of it."""
    return replace(_plain()[1], **changes)


def market_frame(*changes: dict[str, Any]) -> pl.DataFrame:
    """Both, one described market a change."""
    schema = {name: dtype for name, dtype in SCHEMA.items() if name not in DERIVED}
    return with_terms(pl.DataFrame([PLAIN | change for change in changes], schema=schema))


def told(*changes: dict[str, Any]) -> dict[type, pl.DataFrame]:
    """The same as a feed answers."""
    return rows_by_class(market_frame(*changes))


def described_rows(*instruments: Instrument) -> pl.DataFrame:
    """Described rows of instruments nobody said anything else of."""
    return described(frame_of(instruments, Instrument), frame_of([], PolymarketMarket))


@cache
def _plain() -> tuple[Instrument, PolymarketMarket]:
    rows = told({})
    (instrument,), (words,) = rows_of(rows[Instrument], Instrument), rows_of(rows[PolymarketMarket], PolymarketMarket)
    return instrument, words


def market_breaches(frame: pl.DataFrame) -> list[Breach]:
    """What described rows break of either contract."""
    return [breach for row_class, rows in rows_by_class(frame).items() for breach in breaches(rows, row_class)]
