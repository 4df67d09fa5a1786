"""Trades of coins, written as they are read in a test."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from data_contracts import Side, Trade, Venue
from data_contracts.frames import frame_of
from domain.ids import row_id

T0 = datetime.fromisoformat("2026-06-28T12:00:00+00:00")
COIN = "Coin1111111111111111111111111111"
Line = tuple[float, str, str, str, str]  # seconds, wallet, side, shares, SOL


def trades(*lines: Line, coin: str = COIN, pool: str = "") -> pl.DataFrame:
    return frame_of([trade(number, line, coin, pool) for number, line in enumerate(lines)], Trade)


def trade(number: int, line: Line, coin: str = COIN, pool: str = "") -> Trade:
    at_s, wallet, side, shares, sol = line
    at = T0 + timedelta(seconds=at_s)
    return Trade(
        trade_id=row_id(coin, number), source="test", venue=Venue.SOLANA, wallet=wallet, market_id=coin, token_id=coin, outcome=coin,
        side=Side(side), price=(Decimal(sol) / Decimal(shares)).quantize(Decimal("1e-18")), shares=Decimal(shares), notional=Decimal(sol),
        traded_at=at, seen_at=at, tx_hash=f"tx {number}", ordinal=0, sequence=number, pool=pool,
    )  # fmt: skip


def together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(list(frames)).sort("traded_at", "sequence")


def after(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)
