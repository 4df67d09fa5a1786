"""What a day or a week came to: under the run, as a file, and told once. A time that is over is reported once and stays as it was said."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Period
from domain.operating.reports.span import last_span, span_on
from tasks.clock import instant_of, name_run, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.reports import kept_report, make_report, publish_report


@flow(name="daily-report", flow_run_name=run_name("report"))
def daily_report(
    period: Literal["daily", "weekly"] = "daily",
    day: Annotated[date | None, Field(examples=["2026-11-27"])] = None,
    anew: bool = False,
    as_of: AsOf = None,
) -> None:
    """PnL with intervals, costs, skips and what they would have earned, latency, whom we follow, limits, data quality, alerts.

    Args:
        period: What is reported: a day, or a week from Monday on (UTC)
        day: The day or week with this day (UTC) in it is reported; empty: the last that is over
        anew: Makes the report again from today's rows, in place of what was kept
        as_of: The instant (UTC) that counts as now; empty: now
    """
    settings, now = load_settings(), instant_of(as_of)
    span = span_on(Period(period), day, now) if day else last_span(Period(period), now)
    report = (None if anew else kept_report(span, settings)) or make_report(span, settings, now)
    publish_report(report, span, settings)
    name_run(f"{period} · {report.summary}")
