"""What a day or a week came to."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from adapters.settings import load_settings
from data_contracts import Period
from data_contracts.errors import Refused

DAY = Annotated[
    str | None, typer.Option("--day", metavar="YYYY-MM-DD", help="The one with this day in it (UTC); without, the last that is over")
]
WEEKLY = Annotated[bool, typer.Option("--weekly", help="A week, from Monday on, in place of a day")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object")]


def command(day: DAY = None, weekly: WEEKLY = False, as_json: JSON = False) -> None:
    """Show the report of a day or a week: as it was made when that was over, or from today's rows. Markdown; nothing is stored."""
    asked = None if day is None else day_of(day)
    from domain.operating.reports.span import last_span, span_on
    from tasks.operating.reports import as_text, kept_report, make_report  # the drivers take a second to import
    from tasks.steps import bare_steps

    settings, now = load_settings(), datetime.now(UTC)
    period = Period.WEEKLY if weekly else Period.DAILY
    span = last_span(period, now) if asked is None else span_on(period, asked, now)
    if span.begins_at > now:
        raise Refused(f"{span.name} has not begun")
    with bare_steps():
        report = kept_report(span, settings) or make_report(span, settings, now)
    typer.echo(report.figures if as_json else as_text(report), nl=as_json)


def day_of(typed: str) -> date:
    """Raises Refused for what is no date."""
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise Refused(f"--day takes a date such as 2026-11-27, not {typed!r}") from error
