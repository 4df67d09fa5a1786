"""The run history is trimmed by Prefect's API: cycles and what left nothing to read go soon, the rest later, and nothing that runs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.exceptions import ParameterTypeError
from prefect.states import Completed, Failed, Running, State

from adapters.connect import in_memory, open_results
from adapters.stores.results import Write
from data_contracts import Quarantined
from domain.ids import row_id
from flows.data_retention import retention
from tasks.operating import run_history
from tasks.operating.run_history import forget_runs

pytestmark = pytest.mark.usefixtures("prefect_harness")
LATER = timedelta(days=15)


@flow(name="copy-trading")
def cycle() -> None: ...


@flow(name="asked-for")
def asked_for() -> None: ...


@flow(name="watched")
def watched() -> None: ...


@pytest.fixture
def client() -> SyncPrefectClient:
    return get_client(sync_client=True)


@pytest.fixture
def a_run(client: SyncPrefectClient) -> Callable[..., UUID]:
    """One that ended just now, or runs; with an artifact, if it is given a key."""

    def made(of: Any, state: State[Any], key: str = "") -> UUID:
        run: FlowRun = client.create_flow_run(of)
        return turned(client, run.id, state, key)

    return made


@pytest.fixture
def planned(client: SyncPrefectClient) -> Callable[..., UUID]:
    """The same of a run that a schedule planned."""
    hourly = [DeploymentScheduleCreate(schedule=IntervalSchedule(interval=timedelta(hours=1)), active=True)]
    deployment_id = client.create_deployment(client.create_flow(watched), f"watch-{uuid4()}", schedules=hourly)
    client.request("POST", "/deployments/{id}/schedule", path_params={"id": deployment_id}, json={})
    runs = iter(client.read_flow_runs(deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))))

    def made(state: State[Any], key: str = "") -> UUID:
        return turned(client, next(runs).id, state, key)

    return made


def turned(client: SyncPrefectClient, run_id: UUID, state: State[Any], key: str) -> UUID:
    client.set_flow_run_state(run_id, state, force=True)
    if key:
        client.create_artifact(ArtifactCreate(key=key, type="markdown", data="read me", flow_run_id=run_id))
    return run_id


def left(client: SyncPrefectClient, names: dict[str, UUID]) -> set[str]:
    there = {run.id for run in client.read_flow_runs()}
    return {name for name, run_id in names.items() if run_id in there}


def test_cycles_and_what_left_nothing_go_first_and_all_others_when_they_are_old(
    client: SyncPrefectClient, a_run: Callable[..., UUID], planned: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages of two, so that what stays is walked past. A dry run counts what the run after it takes, and a second finds nothing."""
    monkeypatch.setattr(run_history, "A_PAGE", 2)
    names = {
        "quiet cycle": a_run(cycle, Completed()),
        "scheduled, with a table": planned(Completed(), "retention-test"),
        "scheduled, and quiet": planned(Completed()),
        "scheduled, and failed": planned(Failed()),
        "failed cycle": a_run(cycle, Failed()),
        "cycle with a table": a_run(cycle, Completed(), "retention-test"),
        "asked for by a person": a_run(asked_for, Completed()),
        "cycle at work": a_run(cycle, Running()),
    }
    now = datetime.now(UTC)
    assert forget_runs(now - timedelta(hours=1), dry_run=False, only_quiet=True) == 0  # none is older than an hour
    assert forget_runs(now + LATER, dry_run=True, only_quiet=True) >= 3
    assert left(client, names) == set(names)
    forget_runs(now + LATER, dry_run=False, only_quiet=True)
    stay = {"scheduled, with a table", "scheduled, and failed", "failed cycle", "asked for by a person", "cycle at work"}
    assert left(client, names) == stay
    assert forget_runs(now + LATER, dry_run=False, only_quiet=True) == 0
    assert forget_runs(now + LATER, dry_run=True, only_quiet=False) >= 4
    forget_runs(now + LATER, dry_run=False, only_quiet=False)
    assert left(client, names) == {"cycle at work"}
    assert forget_runs(now + LATER, dry_run=False, only_quiet=False) == 0


def test_no_run_of_ours_takes_more_than_its_share(a_run: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_history, "A_PAGE", 2)
    monkeypatch.setattr(run_history, "MOST_RUNS", 2)
    now = datetime.now(UTC)
    forget_all = [a_run(cycle, Completed()) for _ in range(5)]
    taken = [forget_runs(now + LATER, dry_run=False, only_quiet=True) for _ in range(4)]
    assert (taken, len(forget_all)) == ([2, 2, 1, 0], 5)


def test_the_form_refuses_fewer_days_than_are_read() -> None:
    with pytest.raises(ParameterTypeError, match="book_days"):
        retention(book_days=59)


def test_a_dry_run_of_all_changes_nothing_and_answers(client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    old = Quarantined(quarantine_id=row_id("old"), table="trades", source="", rules="one", row="{}", seen_at=now - timedelta(days=31))
    with in_memory(tmp_path) as memory:
        settings = memory.model_copy(update={"home": tmp_path})
        monkeypatch.setattr("flows.data_retention.load_settings", lambda: settings)
        open_results(settings).write([Write(Quarantined, [old])])
        retention(as_of=now)
        assert open_results(settings).rows(Quarantined) == [old]
        (shown,) = [artifact for artifact in client.read_artifacts() if artifact.key == "retention"]
        assert '"what": "quarantine"' in str(shown.data)
        retention(dry_run=False, as_of=now)
        assert open_results(settings).rows(Quarantined) == []
        retention(dry_run=False, as_of=now)  # nothing is old any more: it leaves no table
    assert len([artifact for artifact in client.read_artifacts() if artifact.key == "retention"]) == 2
