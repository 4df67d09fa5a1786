"""A house in memory for the steps of one task, and what they read."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.connect import in_memory, open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import contract_of
from data_contracts.frames import frame_of
from tasks.steps import bare_steps

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Rooms:
    """Empty stores in memory before a recording."""

    settings: Settings

    def put(self, *rows: Any) -> None:
        for row in rows:
            kind = type(row)
            if contract_of(kind).store == "postgres":
                open_results(self.settings).write([Write(kind, frame_of([row], kind), "put")])
            else:
                open_history(self.settings).append(frame_of([row], kind), kind)

    def rows(self, row_class: type, **where: object) -> list[Any]:
        return open_results(self.settings).rows(row_class, **where)


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Callable[..., Rooms]]:
    """Makes rooms before a recording of these trades: (seconds after T0, wallet, market, outcome, side, shares, price)."""
    with ExitStack() as stack:

        def made(*trades: tuple[float, str, str, str, str, float, float]) -> Rooms:
            names = ("at_s", "wallet", "market_id", "outcome", "side", "shares", "price")
            rows = [dict(zip(names, trade, strict=True)) for trade in trades or ((0, "0x" + "f" * 40, "none", "Yes", "BUY", 1.0, 0.5),)]
            frame = pl.DataFrame([row | {"traded_at": T0 + timedelta(seconds=float(row.pop("at_s")))} for row in rows])
            frame.write_parquet(tmp_path / "trades.parquet")
            markets = frame.select("market_id").unique().with_columns(pl.lit("politics").alias("category"))
            markets.with_columns(pl.lit(None, pl.String).alias("winner")).write_parquet(tmp_path / "markets.parquet")
            return Rooms(stack.enter_context(in_memory(tmp_path)))

        yield made


@pytest.fixture
def bare() -> Iterator[None]:
    """Steps are plain functions."""
    with bare_steps():
        yield


@pytest.fixture
def t0() -> datetime:
    return T0
