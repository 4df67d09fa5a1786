"""What has had its time is taken away, in slices: whoever is stopped in between has made progress, and running again goes on from there.

Runs go by Prefect's API, so a server of others' is kept as well as our own. It has no door for events, nor for single log lines: those go
by the server's own settings (`deployments/local_stack/prefect_server.py`).
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.connect import open_history, open_results
from adapters.service_logs import cut_long_logs, long_logs
from adapters.settings import Settings
from adapters.stores.results import Results, read_count
from data_contracts import Counter, Delivery, Trade, contract_of
from data_contracts.errors import Refused
from domain.operating.retention import AGED_HISTORY, AGED_ROWS, Retention, before, too_short
from tasks.clock import name_run
from tasks.operating.run_history import forget_runs
from tasks.operating.run_reports import report_lines
from tasks.steps import step

A_SLICE = 5_000  # rows in one transaction
MOST_ROWS = 2_000_000  # of a table in one run: the next goes on
log = logging.getLogger("walletflow.retention")


@dataclass(frozen=True, slots=True)
class Gone:
    """What went, or would go: `what` it was, and what is older than `before` of it."""

    what: str
    before: datetime | None
    count: int

    def in_words(self) -> dict[str, str]:
        return {"what": self.what, "older than": f"{self.before:%Y-%m-%d %H:%M}" if self.before else "", "gone": f"{self.count:,}"}


def require_enough(wanted: Retention) -> None:
    """Raises Refused where less would stay than is read."""
    if faults := list(too_short(wanted)):
        raise Refused("; ".join(faults))


@step
def trim_rows(wanted: Retention, settings: Settings, as_of: datetime, dry_run: bool) -> list[Gone]:
    """Of Postgres. Of what was posted to us only what a cycle has read."""
    return [
        _trim_table(row_class, column, before(as_of, getattr(wanted, name)), settings, dry_run) for row_class, column, name in AGED_ROWS
    ]


@step
def trim_history(wanted: Retention, settings: Settings, as_of: datetime, dry_run: bool) -> list[Gone]:
    """Of ClickHouse. Trades go only where the operator set WALLETFLOW_KEEP_DAYS."""
    ends = [(row_class, before(as_of, getattr(wanted, name))) for row_class, name in AGED_HISTORY]
    if settings.keep_days:
        ends.append((Trade, before(as_of, settings.keep_days)))
    return [_trim_months(row_class, end, settings, dry_run) for row_class, end in ends]


@step
def trim_runs(wanted: Retention, as_of: datetime, dry_run: bool) -> list[Gone]:
    """Of the Prefect server."""
    old, quiet = before(as_of, wanted.run_days), before(as_of, wanted.quiet_run_days)
    return [
        Gone("runs", old, forget_runs(old, dry_run, only_quiet=False)),
        Gone("cycles, and runs that left nothing to read", quiet, forget_runs(quiet, dry_run, only_quiet=True)),
    ]


@step
def trim_logs(settings: Settings, dry_run: bool) -> list[Gone]:
    """Of this machine's services: what is too long is put aside once, in place of what was put aside before."""
    return [Gone("logs of services", None, len(long_logs(settings.home) if dry_run else cut_long_logs(settings.home)))]


def report_gone(gone: Sequence[Gone], dry_run: bool) -> None:
    """Under the run, if anything went; a dry run answers in any case."""
    name_run(f"retention · {sum(one.count for one in gone):,} {'would go, dry run' if dry_run else 'gone'}")
    lines = [one.in_words() for one in gone if one.count]
    if lines or dry_run:
        report_lines(lines, "retention", "kinds that would go" if dry_run else "kinds of which something went")


def _trim_table(row_class: type, column: str, end: datetime, settings: Settings, dry_run: bool) -> Gone:
    results = open_results(settings)
    until, gone = _read_until(row_class, results), 0
    if dry_run:
        gone = results.aged(row_class, column, end, until)
    else:
        while gone < MOST_ROWS and (taken := results.forget(row_class, column, end, A_SLICE, until)):
            gone += taken
    return _told(Gone(contract_of(row_class).table, end, gone), dry_run)


def _read_until(row_class: type, results: Results) -> int | None:
    """Of numbered rows: up to which a cycle has read them."""
    if row_class is not Delivery:
        return None
    counted = results.rows(Counter, name=read_count(row_class))
    return counted[0].reached if counted else 0


def _trim_months(row_class: type, end: datetime, settings: Settings, dry_run: bool) -> Gone:
    history = open_history(settings)
    gone = history.aged(row_class, end)
    if gone and not dry_run:
        history.forget(row_class, end)
    return _told(Gone(contract_of(row_class).table, end, gone), dry_run)


def _told(gone: Gone, dry_run: bool) -> Gone:
    if gone.count:
        log.info("%s: %d older than %s %s", gone.what, gone.count, gone.before, "would go" if dry_run else "are gone")
    return gone
