"""What the doctor asks of our own doing: are tables of this version, secrets private, strategies able to copy, cycles completed?"""

import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from data_contracts import Alert, Leader, Severity, Strategy
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.findings import FAIL, OK, WARN, Finding, Limits
from deployments.waking import CYCLE
from domain.copying.policy import Policy
from tasks.copying.sound_rows import all_strategies

VERSIONS = Path(__file__).parent / "migrations" / "versions"
CYCLE_AGE_S = Limits(90, 300)  # it begins every 30 s
RANK = list(Severity)  # the gravest first
EDIT = "The form of strategy-editing (docs/settings.md)"


def tables(settings: Settings) -> Finding:
    """Whether the tables in Postgres are those of this version."""
    newest = newest_version()
    try:
        with engine_of(settings.required("postgres_url")).begin() as connection:
            here = str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one())
    except sa.exc.SQLAlchemyError as error:
        raise Unavailable(f"tables: {str(getattr(error, 'orig', None) or error).splitlines()[0]}") from error
    if here != newest:
        older = here < newest
        cure = "`make up` carries them over; back up first: walletflow backup DIR" if older else "Take the newer Walletflow that made them"
        return Finding(FAIL, f"of version {here}, this Walletflow needs {newest}", cure)
    return Finding(OK, f"of version {here}")


def newest_version() -> str:
    """The name of the last migration."""
    return max(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def secrets(settings: Settings) -> Finding:
    """Files with secrets that others may read."""
    named = [path for name in type(settings).model_fields if name.endswith("_file") and (path := getattr(settings, name))]
    kept = (path for path in (settings.home / "secrets").glob("*") if path.is_file())
    private = [*kept, settings.home / "stack.env", *(path for path in named if path != settings.intents_file)]
    open_to_all = [path for path in private if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_all:
        more = f" and {len(open_to_all) - 1} more" if open_to_all[1:] else ""
        cure = f"chmod 600 {' '.join(map(str, open_to_all))}; if others use this machine, make new ones"
        return Finding(FAIL, f"others may read {open_to_all[0]}{more}", cure)
    return Finding(OK, f"{len(private)} files, their owner's alone")


def strategies(settings: Settings) -> Finding:
    """Whether each can copy at all: it follows somebody, and its numbers leave room for an order."""
    results = open_results(settings)
    found, broken = all_strategies(results)
    if broken:
        cure = "The form of strategy-editing writes it anew, once everything is given; what it holds is still led out of"
        return Finding(FAIL, "; ".join(f"{one.strategy_id} cannot be read: {one.faults}" for one in broken), cure)
    rows = [one for one in found if one.enabled]
    if not rows:
        return Finding(WARN, "no strategy is enabled: nothing is copied", EDIT)
    follows = Counter(results.read(Leader, only=["strategy_id"], dropped_at=None)["strategy_id"].to_list())
    faults = [fault for one in rows for fault in _faults(one, follows[one.strategy_id])]
    if faults:
        return Finding(WARN, "; ".join(faults), EDIT)
    return Finding(OK, ", ".join(f"{one.strategy_id} follows {follows[one.strategy_id]}" for one in rows))


def _faults(one: Strategy, follows: int) -> Iterator[str]:
    policy = Policy.of_record(one.policy)
    sizes, risk, least = policy.sizing, policy.risk, f"sizing.min_notional {policy.sizing.min_notional.normalize():f}"
    if not follows:
        hint = "wallet-profiling has not found anybody sure enough yet" if policy.follow.top else "follow.wallets and follow.top are empty"
        yield f"{one.strategy_id} follows nobody: {hint}"
    if sizes.min_notional > sizes.max_notional:
        yield f"{one.strategy_id} orders nothing: {least} is above max_notional {sizes.max_notional.normalize():f}"
    elif sizes.min_notional > min(risk.max_position_notional, risk.max_exposure, one.balance):
        yield f"{one.strategy_id} orders nothing: {least} is above its balance or a limit of risk"


def cycles(settings: Settings) -> Finding:
    """Whether cycles begin, and end well."""
    ours = [one for one in prefect_api.deployments(settings) if one["name"] == CYCLE]
    if any(one["paused"] for one in ours):
        cure = f"In the Prefect UI: Deployments, {CYCLE}, and resume it by its switch"
        return Finding(WARN, f"{CYCLE} is paused: nothing is copied, and no exit leaves", cure)
    done = prefect_api.runs(settings, CYCLE, ("COMPLETED",), limit=1)
    if not done:
        return Finding(WARN, "no cycle has completed yet", "Wait a minute; then `walletflow logs warm-worker`")
    age_s = (datetime.now(UTC) - datetime.fromisoformat(done[0]["end_time"])).total_seconds()
    cure = "The runs of copy-trading in the Prefect UI say why; `walletflow logs warm-worker`"
    return CYCLE_AGE_S.judge(age_s, f"the last completed {age_s:.0f} s ago", cure)


def alerts(settings: Settings) -> Finding:
    """What health-monitoring found and is not over; each says its cure."""
    lasting = sorted(open_results(settings).rows(Alert, cleared_at=None), key=lambda one: (RANK.index(one.severity), one.raised_at))
    if not lasting:
        return Finding(OK, "none is open")
    first = lasting[0]
    more = f" ({len(lasting) - 1} more: the results page)" if lasting[1:] else ""
    verdict = {Severity.CRITICAL: FAIL, Severity.WARNING: WARN}.get(first.severity, OK)
    return Finding(verdict, f"{len(lasting)} open, the gravest: {first.what} {first.about}", f"{first.message}{more}")
