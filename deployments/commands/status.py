"""Which services run, who is held back by what, and which trades were missed."""

from collections.abc import Callable, Sequence
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

Rows = list[tuple[str, ...]]
SERVICES = ["service", "pid", "address", "since (UTC)", "health"]


def command(as_json: Json = False) -> None:
    """One line a service: name, pid, address, since when, and whether it answers (runs, silent, ended).

    Then who may not do all that it could, by whose word, and what was missed. Ends with 1 unless all that was started runs and all of this
    could be asked; with --json that is null where nobody can say.
    """
    given = started_settings()
    found = records.read_all(given.home)
    if not found and not as_json:
        out.print(records.nothing_runs(given.home))
        raise typer.Exit(1)
    known = known_services(given)
    running = [row(record, known.get(record.name)) for record in found]
    tables = [(SERVICES, running), *((head, _asked(ask)) for head, ask in ASKED)]
    show_json(dict(map(_in_json, tables))) if as_json else _show(tables)
    if not found or any(health != "runs" for *_, health in running) or any(rows is None for _, rows in tables):
        raise typer.Exit(1)


def _in_json(table: tuple[list[str], Rows | None]) -> tuple[str, list[dict[str, str]] | None]:
    head, rows = table
    return head[0], None if rows is None else [dict(zip(head, row, strict=True)) for row in rows]


def _show(tables: Sequence[tuple[list[str], Rows | None]]) -> None:
    """What there is, and what nobody can say: a halt that cannot be read is none that is not there."""
    for head, rows in tables:
        if rows:
            show_table(head, rows)
    if unknown := [head[0] for head, rows in tables if rows is None]:
        out.print(f"Postgres cannot be asked, so nobody can say: {', '.join(unknown)}", markup=False)


def _asked(ask: Callable[[Settings], Rows]) -> Rows | None:
    """None where Postgres is not named, or away."""
    try:
        return ask(load_settings())
    except WalletflowError:
        return None


def posted(settings: Settings) -> Rows:
    """What became of what was posted in the last 24 hours."""
    return [(became, str(number)) for became, number in count_intents(settings, datetime.now(UTC) - timedelta(days=1)).items()]


def holds(settings: Settings) -> Rows:
    """Who is held back by what."""
    return [hold_row(one) for one in who_is_held(settings)]


def hold_row(one: Hold) -> tuple[str, ...]:
    since = f"{one.since:%Y-%m-%d %H:%M:%S}" if one.since else ""
    return one.strategy_id, one.state.value, one.reason or "", since, one.says


def gaps(settings: Settings) -> Rows:
    """Holes in what the sources told us that are open or were closed unfilled."""
    rows = readable_rows(open_results(settings), Gap)
    return [gap_row(gap) for gap in rows if gap.closed_by is not GapEnd.FILLED and not (gap.is_history and gap.closed_at)]


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


ASKED: tuple[tuple[list[str], Callable[[Settings], Rows]], ...] = (
    (["intents of 24 hours", "how many"], posted),
    (["may not do all", "state", "by", "since (UTC)", "said"], holds),
    (["missed trades of", "from (UTC)", "to (UTC)", "filled down to", "state"], gaps),
)
