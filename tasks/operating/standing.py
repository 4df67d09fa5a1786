"""How trading stands, read for whoever calls a person: halts, exits, the ledger, runs that completed, rows that were set aside."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import polars as pl
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Alert, Exit, Order, Quarantined, Reason, Side
from data_contracts.errors import WalletflowError
from domain.operating.alerts import Finding
from domain.operating.copy_alerts import EntryOrders
from domain.operating.standing_alerts import Held, Standing, standing_findings
from tasks.copying.rebuilding import find_differences
from tasks.copying.sound_rows import readable_rows
from tasks.operating.run_history import CYCLE, last_runs
from tasks.operating.trading_state import who_is_held

HOUR = timedelta(hours=1)
LEDGER_LOOKED = timedelta(minutes=5)  # of each hour: deriving every position reads every fill
EXECUTING = "order-execution"


def findings_of_standing(settings: Settings, unsettled: Iterable[Alert], as_of: datetime) -> list[Finding]:
    """Every rule that holds now; of the ledger, in between, what held when it was last looked at."""
    results = open_results(settings)
    looks_now = as_of - as_of.replace(minute=0, second=0, microsecond=0) < LEDGER_LOOKED
    standing = Standing(
        held=[Held(one.strategy_id, one.state, Reason(one.reason), one.says) for one in who_is_held(settings) if one.reason],
        exits=[one for one in readable_rows(results, Exit, done_at=None) if one.asked_at <= as_of],
        entries=entry_orders(results, as_of),
        differences=_differences(settings) if looks_now else (),
        completed_at=completed_at(settings, as_of),
        set_aside=_set_aside(results, as_of),
        arrived=trades_seen(settings, as_of - HOUR, as_of),
    )
    found = standing_findings(standing, as_of)
    return found if looks_now else [*found, *(_as_it_was(one) for one in unsettled if one.what == "ledger_differs")]


def entry_orders(results: Results, as_of: datetime) -> list[EntryOrders]:
    """Those of the last hour, counted by how they stand. Only what is entered is bought."""
    counted = results.sums(Order, ["strategy_id", "status", "reason"], since=("created_at", as_of - HOUR), side=Side.BUY.value)
    return [EntryOrders(*row) for row in counted.select("strategy_id", "status", "reason", "rows").iter_rows()]


def completed_at(settings: Settings, as_of: datetime) -> dict[str, datetime]:
    """When runs of what must run last completed; one that never did is a new house."""
    needed = (CYCLE, EXECUTING) if settings.is_live else (CYCLE,)
    with get_client(sync_client=True) as client:
        found = {deployment: last_completed(client, deployment, as_of) for deployment in needed}
    return {deployment: last for deployment, last in found.items() if last is not None}


def last_completed(client: SyncPrefectClient, deployment: str, as_of: datetime) -> datetime | None:
    """As long before `as_of` as it is by the clock of Prefect's server, which may go otherwise than ours, or than a simulated world's."""
    runs = last_runs(client, deployment, [StateType.COMPLETED], 1)
    if not runs or runs[0].end_time is None:
        return None
    servers_now = parsedate_to_datetime(client.request("GET", "/health").headers["date"])
    return as_of - (servers_now - datetime.fromtimestamp(runs[0].end_time.timestamp(), UTC))


def _differences(settings: Settings) -> Sequence[str]:
    return [f"{one.column} of {' '.join(one.key)} is {one.stored}, not {one.derived}" for one in find_differences(settings)]


def _set_aside(results: Results, as_of: datetime) -> dict[str, int]:
    rows = results.since(Quarantined, "seen_at", as_of - HOUR, only=["table", "seen_at"]).filter(pl.col("seen_at") <= as_of)
    return dict(rows.group_by("table").len().iter_rows())


def trades_seen(settings: Settings, after: datetime, until: datetime) -> int | None:
    """Trades that came to us between; None where ClickHouse cannot say: that it is away is another alert."""
    try:
        return open_history(settings).trades_seen(after, until)
    except WalletflowError:
        return None


def _as_it_was(alert: Alert) -> Finding:
    return Finding(alert.severity, alert.what, alert.about, alert.message)
