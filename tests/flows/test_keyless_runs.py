"""In a simulated house nobody has a key. A form that asked for one waited "Late" for ever and said nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.states import Scheduled

from adapters.connect import in_memory
from adapters.settings import LIVE_WORD, Settings
from tasks.operating.keyless_runs import LIVE_ONLY, WITH_THE_KEY, end_keyless_runs

pytestmark = pytest.mark.usefixtures("prefect_harness")
SOON = timedelta(minutes=1)


@flow(name="position-redeeming")
def redeem() -> None: ...


@pytest.fixture
def client() -> SyncPrefectClient:
    return get_client(sync_client=True)


@pytest.fixture
def asked(client: SyncPrefectClient) -> Callable[..., UUID]:
    """A run that a form asked for, of a pool."""

    def made(pool: str, at: datetime | None = None) -> UUID:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"), overwrite=True)
        deployment = client.create_deployment(client.create_flow(redeem), f"asked-{uuid4()}", work_pool_name=pool)
        return client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=at)).id

    return made


def a_house(tmp_path: Path, **changed: object) -> Settings:
    with in_memory(tmp_path) as settings:
        return settings.model_copy(update=changed)


def said(client: SyncPrefectClient, run_id: UUID) -> tuple[str, str | None]:
    state = client.read_flow_run(run_id).state
    assert state is not None
    return state.type.value, state.message


def test_what_asks_for_the_key_is_told_that_nobody_has_one(client: SyncPrefectClient, asked: Callable[..., UUID], tmp_path: Path) -> None:
    run = asked(WITH_THE_KEY)
    assert end_keyless_runs(a_house(tmp_path), datetime.now(UTC) + SOON) == 1
    assert said(client, run) == ("CANCELLED", LIVE_ONLY)


def test_other_pools_and_what_is_not_due_wait_as_before(client: SyncPrefectClient, asked: Callable[..., UUID], tmp_path: Path) -> None:
    runs = asked("warm"), asked(WITH_THE_KEY, datetime.now(UTC) + 60 * SOON)
    assert end_keyless_runs(a_house(tmp_path), datetime.now(UTC) + SOON) == 0
    assert [said(client, run)[0] for run in runs] == ["SCHEDULED", "SCHEDULED"]


def test_where_something_is_live_it_waits_for_its_worker(client: SyncPrefectClient, asked: Callable[..., UUID], tmp_path: Path) -> None:
    run = asked(WITH_THE_KEY)
    assert end_keyless_runs(a_house(tmp_path, live=LIVE_WORD), datetime.now(UTC) + SOON) == 0
    assert said(client, run)[0] == "SCHEDULED"
    assert end_keyless_runs(a_house(tmp_path), datetime.now(UTC) + SOON) == 1
