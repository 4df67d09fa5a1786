"""Trades laid out by hand."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import Side, Trade
from data_contracts.frames import frame_of

Build = Callable[..., Any]


@pytest.fixture
def tape(a_trade: Build, request: pytest.FixtureRequest) -> Build:
    """Trade rows of (second after the module's `T0`, wallet, side, shares, price); changes go to all of them."""
    begins_at = request.module.T0

    def build(*rows: tuple[float, str, str, float, str], **changes: Any) -> pl.DataFrame:
        trades = [
            a_trade(
                f"{number}{changes}",
                wallet=wallet,
                side=Side(side),
                shares=Decimal(str(shares)),
                price=Decimal(price),
                notional=Decimal(str(shares)) * Decimal(price),
                traded_at=begins_at + timedelta(seconds=at_s),
                **{"tx_hash": "", **changes},
            )
            for number, (at_s, wallet, side, shares, price) in enumerate(rows)
        ]
        return frame_of(trades, Trade)

    return build
