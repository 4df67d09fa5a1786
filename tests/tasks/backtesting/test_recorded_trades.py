"""A recording is loaded as far as it can be read; what cannot is set aside and counted."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.connect import in_memory, open_results
from data_contracts import Quarantined
from tasks.backtesting.recorded_trades import read_recording, set_refused_aside, summarize_recording
from tests.tasks.conftest import T0

pytestmark = pytest.mark.usefixtures("bare")


def test_a_market_with_an_odd_winner_is_set_aside_and_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    """One of its three markets names a winner it never had: the whole recording was refused for it."""
    markets = ["m", "n", "o"]
    trade = {"wallet": "0x" + "a" * 40, "outcome": "Yes", "side": "BUY", "price": 0.4, "shares": 10.0}
    trades = [trade | {"market_id": market, "traded_at": T0 + timedelta(seconds=place)} for place, market in enumerate(markets)]
    pl.DataFrame(trades).write_parquet(tmp_path / "trades.parquet")
    pl.DataFrame({"market_id": markets, "winner": ["Yes", "Maybe", None]}).write_parquet(tmp_path / "markets.parquet")
    with in_memory(tmp_path) as settings:
        seen = read_recording(tmp_path)
        set_refused_aside(seen, settings)
        closed = pl.DataFrame(schema={"oversold": pl.Boolean, "realized_pnl": pl.Decimal(38, 9), "payout": pl.Decimal(38, 6)})
        closed = closed.with_columns(pl.lit("").alias(name) for name in ("wallet", "market_id", "outcome"))
        came = summarize_recording(seen, seen.trades, closed, settings)
        (row,) = open_results(settings).rows(Quarantined)
    assert seen.markets["market_id"].to_list() == ["m", "o"]
    assert (came["markets"], came["markets_left_out"], came["rows"]) == (2, 1, 3)
    assert ("Maybe" in row.row, row.table) == (True, "markets.parquet")
    assert came["quarantine_reasons"] == {row.rules: 1}
