"""No column says USD and holds SOL: each stake is worth what the rate on record for its instant says, or nothing is said."""

import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from data_contracts import CalibrationFigure, Currency, Rate
from data_contracts.frames import empty

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def usd(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(NOTEBOOKS))
    import results_usd  # type: ignore[import-not-found]

    yield results_usd
    for name in ("results_usd", "results_reading", "results_formats"):
        sys.modules.pop(name, None)


def a_look(usd: ModuleType, rates: list[tuple[float, str]], currency: str = "SOL") -> Any:
    """Two strategies with one row of each kind; rates are (hours ago, USD for a SOL)."""
    both = {"strategy_id": ["dollars", "sols"]}

    def rows(**columns: list[Any]) -> pl.DataFrame:
        frame = pl.DataFrame(both | columns)
        return frame.with_columns(pl.col(name).cast(pl.Decimal(38, 9)) for name, dtype in frame.schema.items() if dtype == pl.Int64)

    known = {"currency": ["SOL"] * len(rates), "seen_at": [NOW - ago * HOUR for ago, _ in rates], "usd": [value for _, value in rates]}
    ago = [NOW - 2 * HOUR] * 2
    return usd.Look(
        now=NOW,
        since=NOW - 24 * HOUR,
        cycle_at=NOW,
        strategies=rows(balance=[1_000, 10], stake_currency=["USD", currency]),
        risks=rows(equity=[1_012, 12], cash=[5, 1]),
        realized={"dollars": 3.0, "sols": 2.0},
        usd={"dollars": 1.0} | ({"sols": float(rates[-1][1])} if rates else {}),
        rates=pl.DataFrame(known, schema={"currency": pl.String, "seen_at": pl.Datetime("us", "UTC"), "usd": pl.String}),
        equity=rows(as_of=ago, equity=[1_000, 10], realized_pnl=[0, 1]),
        signals=rows(judged_at=ago, leader_price=[1, 3], leader_notional=[100, 50], notional=[10, 5]),
        orders=empty(Rate),
        open_positions=rows(cost=[40, 4], mark_price=[1, 2], unrealized_pnl=[2, 1], realized_pnl=[0, 0], fees=[0, 1]),
        closed_positions=rows(closed_at=ago, cost=[0, 0], realized_pnl=[7, 2], realized_before=[0, 1], fees=[1, 1]),
        leaders=pl.DataFrame(both),
        quarantined=empty(Rate),
        watermarks=empty(Rate),
        calibration=empty(CalibrationFigure),
    )


def of_sols(frame: pl.DataFrame, column: str) -> Any:
    return frame.filter(pl.col("strategy_id") == "sols")[column][0]


def test_each_stake_is_worth_what_was_on_record_then(usd: ModuleType) -> None:
    """100 USD a SOL three hours ago, 200 an hour ago: what happened two hours ago counts at 100, what is held now at 200."""
    found = usd.in_usd(a_look(usd, [(3, "100"), (1, "200")]))
    assert [of_sols(found.signals, name) for name in ("leader_price", "leader_notional", "notional")] == [300, 5_000, 500]
    assert [of_sols(found.closed_positions, name) for name in ("realized_pnl", "realized_before", "fees")] == [200, 100, 100]
    assert of_sols(found.equity, "equity") == 1_000
    assert [of_sols(found.open_positions, name) for name in ("cost", "mark_price", "unrealized_pnl")] == [800, 400, 200]
    assert (of_sols(found.risks, "equity"), of_sols(found.strategies, "balance")) == (2_400, 2_000)
    assert found.realized == {"dollars": 3.0, "sols": 400.0}
    assert of_sols(found.leaders, "usd") == 200


def test_usd_are_usd_and_rows_stay_in_their_order(usd: ModuleType) -> None:
    found = usd.in_usd(a_look(usd, [(3, "100")]))
    assert found.signals["strategy_id"].to_list() == ["dollars", "sols"]
    assert found.signals["notional"][0] == 10
    assert found.risks["equity"][0] == 1_012


@pytest.mark.parametrize("rates", [[], [(1, "200")]])
def test_what_nobody_knew_then_is_said_of_nothing(usd: ModuleType, rates: list[tuple[float, str]]) -> None:
    """A rate of later is no answer for a signal of before."""
    found = usd.in_usd(a_look(usd, rates))
    assert of_sols(found.signals, "notional") is None
    assert (of_sols(found.risks, "equity") is None) is (not rates)
    assert ("sols" in found.realized) is bool(rates)


def test_where_all_count_in_usd_every_digit_stays(usd: ModuleType) -> None:
    look = a_look(usd, [], Currency.USD.value)
    assert usd.in_usd(look).risks is look.risks


@pytest.mark.usefixtures("usd")
def test_a_price_of_a_billionth_is_no_row_of_zeros() -> None:
    import results_formats  # type: ignore[import-not-found]

    assert [results_formats.price(value) for value in (0.4, 0.0065, 2.12e-7, None)] == ["0.40", "0.0065", "0.000000212", "–"]


def formats() -> Any:
    return importlib.import_module("results_formats")


@pytest.mark.usefixtures("usd")
@pytest.mark.parametrize(
    ("amount", "reads"),
    [
        ("0.412345", "0.4123 SOL"),
        ("0.000012345", "0.00001234 SOL"),
        ("1234.5", "1234 SOL"),
        ("50", "50 SOL"),
        ("0", "0 SOL"),
        ("-1e-9", "−0.000000001 SOL"),
    ],
)
def test_an_amount_of_sol_reads_with_its_unit_and_the_digits_that_tell(amount: str, reads: str) -> None:
    assert formats().sol_amount(Decimal(amount)) == reads


@pytest.mark.usefixtures("usd")
def test_a_price_of_a_trillionth_is_readable() -> None:
    assert formats().price(1e-12) == "0.000000000001"


def test_what_a_position_cost_stands_in_its_own_stake_beside_the_usd(usd: ModuleType) -> None:
    """What counts in USD says nothing twice."""
    found = usd.in_usd(a_look(usd, [(0, "10")]))
    assert of_sols(found.open_positions, "in_stake") == "4 SOL"
    assert found.open_positions.filter(pl.col("strategy_id") != "sols")["in_stake"].to_list() == [None]
