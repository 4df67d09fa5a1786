"""The report of a day or a week: read from the rows, kept as one, left under the run, in a file, and told."""

import json
from collections import Counter as Counts
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterStartTime

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import (
    Alert,
    Counterfactual,
    EdgeState,
    Equity,
    Fill,
    Gap,
    Leader,
    Order,
    Position,
    Quarantined,
    Report,
    RiskState,
    Severity,
    Side,
    Signal,
)
from data_contracts.frames import frame_of, rows_of
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.ids import row_id
from domain.operating.alerts import Finding, alert_of
from domain.operating.notices import Notice, NoticeKind
from domain.operating.reports.figures import Facts, as_json, figures_of
from domain.operating.reports.span import Span
from domain.operating.reports.text import markdown, message, summary
from tasks.clustering.known_owners import known_owners
from tasks.copying.account import read_account, read_rates
from tasks.copying.permissions import spoken_of
from tasks.copying.realizing import read_realized
from tasks.copying.sound_rows import all_strategies, readable_rows
from tasks.operating.alerting import send
from tasks.operating.artifacts import link_to
from tasks.operating.run_history import CYCLE, DONE, in_state, of_deployment
from tasks.operating.standing import trades_seen
from tasks.operating.trading_state import who_is_held
from tasks.steps import is_bare, step

LOOKS_BACK = timedelta(days=1)  # for the last point before a time; whoever has none there is asked for alone


def kept_report(span: Span, settings: Settings) -> Report | None:
    """What was made of that time when it was over."""
    rows = open_results(settings).rows(Report, period=span.period.value, begins_at=span.begins_at)
    return rows[0] if rows else None


@step
def make_report(span: Span, settings: Settings, as_of: datetime) -> Report:
    """From the rows as they are now; nothing is kept. A time in which nothing happened has a report as well."""
    figures = as_json(figures_of(read_facts(span, settings, as_of), span, as_of))
    return Report(
        period=span.period,
        begins_at=span.begins_at,
        ends_at=span.ends_at,
        summary=summary(figures),
        figures=json.dumps(figures),
        as_of=as_of,
    )


@step
def publish_report(report: Report, span: Span, settings: Settings) -> None:
    """Kept, as a file below WALLETFLOW_HOME, as an artifact, and told once. One of a time that is not over is only shown."""
    text = as_text(report)
    if span.is_over(report.as_of):
        results = open_results(settings)
        results.write([Write(Report, [report], "put")])
        write_file(text, span, settings.home)
        _tell_once(report, span, results)
    if not is_bare():
        create_markdown_artifact(f"{text}\n{link_to('Performance')}\n", key=f"{span.period}-report", description=report.summary)


def write_file(text: str, span: Span, home: Path) -> Path:
    """reports/daily-2026-11-27.md there: whole, or as it was."""
    place = home.expanduser() / "reports" / f"{span.name.replace(' ', '-')}.md"
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(".part")
    unfinished.write_text(text)
    unfinished.replace(place)
    return place


def read_facts(span: Span, settings: Settings, as_of: datetime) -> Facts:
    """All that is on record of a time; a part that does not answer is left out of what it says."""
    results = open_results(settings)
    strategies = all_strategies(results)[0]
    fills = _within(results, Fill, "filled_at", span)
    orders = _with_those_behind(_orders(results, span), Order, "order_id", fills, results)
    signals = _with_those_behind(_within(results, Signal, "judged_at", span), Signal, "signal_id", orders, results)
    account = read_account(results, spoken_of(results)[EVERY_STRATEGY])
    return Facts(
        strategies=strategies,
        equity=_equity(results, span, {one.strategy_id for one in strategies}),
        signals=signals,
        orders=orders,
        fills=fills,
        realized=read_realized(results, span.begins_at).filter(pl.col("realized_at") < span.ends_at),
        open_positions=results.read(Position, closed_at=None),
        owners=known_owners(settings),
        followed_up=_within(results, Counterfactual, "ended_at", span),
        quarantined=_within(results, Quarantined, "seen_at", span),
        gaps=readable_rows(results, Gap),
        leaders=readable_rows(results, Leader),
        edges=rows_of(_within(results, EdgeState, "changed_at", span), EdgeState),
        alerts=rows_of(results.since(Alert, "seen_at", span.begins_at), Alert),
        risks=readable_rows(results, RiskState),
        held=[(one.strategy_id, one.state.value, one.says or one.reason or "") for one in who_is_held(settings)],
        limits=account.limits,
        account=account.state,
        rates=read_rates(results, {one.stake_currency for one in strategies}, as_of),
        trades_seen=trades_seen(settings, span.begins_at, span.ends_at),
        cycles={} if is_bare() else _cycles(span),
    )


def _within(results: Results, row_class: type, column: str, span: Span) -> pl.DataFrame:
    return results.since(row_class, column, span.begins_at).filter(pl.col(column) < span.ends_at)


def _orders(results: Results, span: Span) -> pl.DataFrame:
    """Those of the time, with the earlier ones of exits that went on."""
    own = _within(results, Order, "created_at", span)
    tried = own.filter(pl.col("side") == Side.SELL.value)["signal_id"].unique().sort().to_list()
    every = results.read(Order, signal_id=tried) if tried else own.clear()
    return pl.concat([own, every.filter(pl.col("created_at") < span.begins_at)])


def _with_those_behind(own: pl.DataFrame, row_class: type, key: str, of: pl.DataFrame, results: Results) -> pl.DataFrame:
    """With the rows that others name and that were made before."""
    missing = sorted(set(of[key]) - set(own[key]))
    return pl.concat([own, results.read(row_class, **{key: missing})]) if missing else own


def _equity(results: Results, span: Span, names: set[str]) -> list[Equity]:
    """The points of the time, and of each strategy the last before it: an idle week has none."""
    points = results.since(Equity, "as_of", span.begins_at - LOOKS_BACK)
    is_before = pl.col("as_of") < span.begins_at
    before, later = points.filter(is_before), points.filter(~is_before)
    last = before.sort("as_of").unique("strategy_id", keep="last", maintain_order=True)
    counts = Counts(later["strategy_id"])
    silent = [
        results.latest(Equity, "as_of", counts[name] + 1, strategy_id=name).filter(is_before)
        for name in sorted(names - {*last["strategy_id"]})
    ]
    return rows_of(pl.concat([last, *silent, later.filter(pl.col("as_of") < span.ends_at)]), Equity)


def _cycles(span: Span) -> dict[str, int]:
    """How those that began in the time ended, as far as Prefect still has them."""
    began = FlowRunFilterStartTime(after_=span.begins_at, before_=span.ends_at)
    with get_client(sync_client=True) as client:
        found = {
            state.value: client.count_flow_runs(
                deployment_filter=of_deployment(CYCLE), flow_run_filter=FlowRunFilter(start_time=began, state=in_state(state))
            )
            for state in DONE
        }
    return {ended: count for ended, count in found.items() if count}


def _tell_once(report: Report, span: Span, results: Results) -> None:
    alert_id = row_id("report", span.name)
    if results.read(Alert, only=["alert_id"], alert_id=alert_id).height:
        return
    finding = Finding(Severity.INFO, f"{span.period}_report", f"{span.begins_at:%Y-%m-%d}", report.summary)
    alert = replace(alert_of(finding, report.as_of), alert_id=alert_id, cleared_at=report.as_of)
    results.write([Write(Alert, frame_of([alert], Alert))])
    send(Notice(NoticeKind(span.period.value), f"{span.period.capitalize()} report", message(as_figures(report))))


def as_text(report: Report) -> str:
    """As Markdown."""
    return markdown(as_figures(report))


def as_figures(report: Report) -> Any:
    """As JSON has it."""
    return json.loads(report.figures)
