"""Once an hour: did the rows of the last day keep their contracts? The readable suites are asked, and what they say is left as a report.

Nothing is set aside here: the cycle's own check does that, row by row, before anything is stored. This finds what a store, a migration or
a hand changed afterwards, and shows the rules to whoever wants to see them at work.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
from prefect.artifacts import create_link_artifact

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import ROW_CLASSES, Trade, Watermark, contract_of
from data_contracts.frames import frame_of
from tasks.copying.watermarks import read_watermark
from tasks.operating.artifacts import show_table
from tasks.steps import step

if TYPE_CHECKING:
    from tasks.contract_suites import Suites

REPORTED = "contract-report"  # the watermark of the last one
EVERY, DAY = timedelta(hours=1), timedelta(days=1)
TRADE_SPANS = (timedelta(minutes=10), timedelta(hours=1), DAY)
MOST_ROWS = 20_000  # of one table, the newest: Great Expectations takes about a second for so many


@dataclass(frozen=True, slots=True)
class TableReport:
    """What the suite of one table found; `broken` are its rules that were broken, and in how many rows."""

    table: str
    rows: int
    broken: Sequence[tuple[str, int]]


@step
def report_contracts(settings: Settings, as_of: datetime) -> list[TableReport]:
    """Empty when the last report is not an hour old. Its pages are under WALLETFLOW_HOME, its summary under the run."""
    results = open_results(settings)
    reported_at = read_watermark(results, REPORTED)
    if reported_at is not None and reported_at >= as_of - EVERY:
        return []
    from tasks.contract_suites import Suites  # takes seconds to import, which the other runs of the hour should not pay
    from tasks.operating.data_docs import build_pages

    suites = Suites(ROW_CLASSES)
    reports = [_report(suites, frame, row_class) for row_class, frame in _last_day(settings, as_of)]
    build_pages(settings.home, suites)
    _show(reports)
    create_link_artifact(
        link=f"http://127.0.0.1:{settings.results_port}/checks/",
        link_text="Every check in words, and this report table by table",
        key="data-docs",
    )
    results.write([Write(Watermark, frame_of([Watermark(name=REPORTED, reached_at=as_of)], Watermark), "put")])
    return reports


def _report(suites: "Suites", frame: pl.DataFrame, row_class: type) -> TableReport:
    found = suites.validate(frame, row_class)
    broken = [(f"{result.rule.name}: {result.rule.says}", len(result.rows)) for result in found if result.rows]
    return TableReport(contract_of(row_class).table, frame.height, broken)


def _last_day(settings: Settings, as_of: datetime) -> Iterator[tuple[type, pl.DataFrame]]:
    """The newest rows of each table that has any; of ClickHouse's the trades, from which all others there are computed."""
    yield Trade, _last_trades(settings, as_of)
    results = open_results(settings)
    for row_class in ROW_CLASSES:
        if contract_of(row_class).store == "postgres":
            instant = _instant_of(row_class)
            frame = results.since(row_class, instant, as_of - DAY) if instant else results.read(row_class)
            if frame.height:
                yield row_class, (frame.sort(instant) if instant else frame).tail(MOST_ROWS)


def _last_trades(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Of live data a day is millions of rows: the shortest span that has enough."""
    history = open_history(settings)
    for span in TRADE_SPANS:
        frame = history.trades(as_of - span, as_of)
        if frame.height >= MOST_ROWS:
            break
    return frame.tail(MOST_ROWS)


def _instant_of(row_class: type) -> str | None:
    """The last instant a row always has: when it was judged, filled, computed. None for the few that need not have any: a mark."""
    always = [field.name for field in contract_of(row_class).fields if field.kind is datetime and not field.nullable]
    return always[-1] if always else None


def _show(reports: Sequence[TableReport]) -> None:
    """The broken rules first; a table that kept all of them has a line as well."""
    lines = [(one, rule, count) for one in reports for rule, count in one.broken] + [(one, "none", 0) for one in reports if not one.broken]
    rows = [{"table": one.table, "rows": one.rows, "broken rule": rule, "broken rows": count} for one, rule, count in lines]
    broken, looked = sum(len(one.broken) for one in reports), sum(one.rows for one in reports)
    said = f"{looked} rows of the last day against their contracts: {broken} rules were broken"
    show_table(rows, "checks", said, "Data quality")
