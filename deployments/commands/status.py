"""Which services run, who is held back by what, and which trades were missed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from adapters.connect import open_results
from adapters.settings import Settings, load_settings
from data_contracts import Gap, GapEnd
from data_contracts.errors import WalletflowError
from deployments.local_stack import records
from deployments.local_stack.records import Record
from deployments.local_stack.services import Service
from deployments.local_stack.stack import services, started_settings
from deployments.terminal import Json, out, show_json, show_table
from tasks.copying.intent_records import count_intents
from tasks.copying.sound_rows import readable_rows
from tasks.operating.trading_state import Hold, who_is_held


def command(as_json: Json = False) -> None:
    """One line a service: name, pid, address, since when, and whether it answers (runs, silent, ended).

    Then who may not do all that it could, by whose word, and what was missed. Ends with 1 unless all that was started runs.
    """
    given = started_settings()
    found = records.read_all(given.home)
    if not found:
        show_json({}) if as_json else out.print(records.nothing_runs(given.home))
        raise typer.Exit(1)
    tables = list(_tables(found, given))
    if as_json:
        show_json({head[0]: [dict(zip(head, row, strict=True)) for row in rows] for head, rows in tables})
    else:
        for head, rows in tables:
            show_table(head, rows)
    if any(health != "runs" for *_, health in tables[0][1]):
        raise typer.Exit(1)


def _tables(found: Sequence[Record], given: Settings) -> Iterator[tuple[list[str], list[tuple[str, ...]]]]:
    """The services, then what is not as usual; each with its head."""
    known, settings = known_services(given), load_settings()
    yield ["service", "pid", "address", "since (UTC)", "health"], [row(record, known.get(record.name)) for record in found]
    if counted := posted(settings):
        yield ["intents of 24 hours", "how many"], [(became, str(number)) for became, number in counted.items()]
    if held := holds(settings):
        yield ["may not do all", "state", "by", "since (UTC)", "said"], [hold_row(one) for one in held]
    if missed := gaps(settings):
        yield ["missed trades of", "from (UTC)", "to (UTC)", "filled down to", "state"], [gap_row(gap) for gap in missed]


def posted(settings: Settings) -> dict[str, int]:
    """What became of what was posted in the last 24 hours; nothing where Postgres cannot be asked."""
    if settings.postgres_url is None:
        return {}
    try:
        return count_intents(settings, datetime.now(UTC) - timedelta(days=1))
    except WalletflowError:
        return {}


def holds(settings: Settings) -> list[Hold]:
    """Who is held back by what; none where Postgres cannot be asked."""
    try:
        return who_is_held(settings)
    except WalletflowError:
        return []


def hold_row(one: Hold) -> tuple[str, ...]:
    since = f"{one.since:%Y-%m-%d %H:%M:%S}" if one.since else ""
    return one.strategy_id, one.state.value, one.reason or "", since, one.says


def gaps(settings: Settings) -> list[Gap]:
    """Holes in what the sources told us that are open or were closed unfilled; none where Postgres cannot be asked."""
    try:
        rows = readable_rows(open_results(settings), Gap)
    except WalletflowError:
        return []
    return [gap for gap in rows if gap.closed_by is not GapEnd.FILLED and not (gap.is_history and gap.closed_at)]


def gap_row(gap: Gap) -> tuple[str, ...]:
    part = (gap.until_at - gap.filled_to_at) / max(gap.until_at - gap.from_at, timedelta(seconds=1))
    state = gap.closed_by.value if gap.closed_by else f"{part:.0%} read; gap-filling goes on"
    return gap.source, *(f"{instant:%Y-%m-%d %H:%M:%S}" for instant in (gap.from_at, gap.until_at, gap.filled_to_at)), state


def known_services(given: Settings) -> dict[str, Service]:
    return {service.name: service for service in services(given)} if Path(given.home / "stack.env").exists() else {}


def row(record: Record, service: Service | None) -> tuple[str, ...]:
    return record.name, str(record.pid), record.address, record.since.removesuffix("+00:00").replace("T", " "), health(record, service)


def health(record: Record, service: Service | None) -> str:
    if not record.process.is_alive():
        return "ended"
    return "runs" if service is not None and service.is_ready() else "silent"
