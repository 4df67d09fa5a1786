"""Both pools at work on one Prefect server: what the executor was given is nowhere else, in no form and in no part."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from deployments.local_stack import home as places
from deployments.local_stack import postgres
from deployments.local_stack.registration import EXECUTION
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import spawn
from tests.deployments.test_wall import KEY
from tests.key_forms import parts_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

OBSERVERS = "process-of-the-wall"
EXECUTES = ("deployments.warm_process", "--pool", EXECUTION, "--name", "executor", "--import", "wall_flows", "--grace", "5")
OBSERVES = ("deployments.process_worker", "--pool", OBSERVERS, "--name", "observer")


@pytest.fixture
def house(house_with: Callable[..., Any]) -> Iterator[Any]:
    """The worker of `house` judges and observes; beside it works the executor."""
    with house_with(OBSERVERS, "process", OBSERVES, flows=str(Path(__file__).parent / "wall_flows.py")) as found:
        yield found


@pytest.fixture
def executor(house: Any) -> Iterator[Any]:
    """With the key in its environment, as an operator starts it."""
    if house.api.get(f"/work_pools/{EXECUTION}").is_error:
        house.api.post("/work_pools/", json={"name": EXECUTION, "type": "walletflow-warm"}).raise_for_status()
    environment = {**house.worker.environment, "WALLETFLOW_LIVE_KEY": KEY, "WALLETFLOW_HOME": str(house.settings.home)}
    service = Service("executor", "", (sys.executable, "-m", *EXECUTES), is_ready=lambda: True, environment=environment)
    process = spawn(service, places.log_of(house.settings.home, "executor"))
    yield process
    process.stop(15)


def test_what_the_executor_was_given_is_nowhere_else(house: Any, executor: Any) -> None:
    ends = {name: house.final_state(run) for name, run in begun(house)}
    assert {name: end["type"] for name, end in ends.items()} == {
        "sign_well": "COMPLETED",
        "sign_badly": "FAILED",
        "look_around": "COMPLETED",
    }
    house.wait_until(lambda: is_signed(rows(house)), "the executor's log, which its worker sends in parts")
    shown = {
        **of_other_processes("environ", executor.pid),
        **of_other_processes("cmdline", executor.pid),
        **{str(path): path.read_bytes() for path in written(house)},
        **rows(house),
    }
    assert b"WALLETFLOW_LIVE_KEY=" in Path(f"/proc/{executor.pid}/environ").read_bytes()  # root sees it, and looks at the right process
    assert is_signed(shown)
    assert {name: parts_in(text, KEY) for name, text in shown.items() if parts_in(text, KEY)} == {}


def is_signed(shown: dict[str, bytes]) -> bool:
    """Whether the log tells that something was signed: the search looks at the right rows."""
    return any(b"signed" in text and b"0x" in text for name, text in shown.items() if name.startswith("rows of log"))


def begun(house: Any) -> list[tuple[str, str]]:
    """Runs of both pools. The executor's flows are in its process."""
    judged = [("look_around", house.start(house.deploy("look_around")))]
    house.pool, house.flows = EXECUTION, "wall_flows.py"
    return judged + [(name, house.start(house.deploy(name))) for name in ("sign_well", "sign_badly")]


def of_other_processes(what: str, executor: int) -> dict[str, bytes]:
    """Each process's by its path, read once: a process may end between two looks."""
    found = {}
    for path in Path("/proc").glob(f"[0-9]*/{what}"):
        if int(path.parent.name) != executor:
            with suppress(OSError):
                found[str(path)] = path.read_bytes()
    return found


def written(house: Any) -> Iterator[Path]:
    """Logs of server and workers, and results: all but the stores' own files."""
    for place in (house.settings.home / "logs", house.settings.home / "prefect"):
        yield from (path for path in place.rglob("*") if path.is_file())


def rows(house: Any) -> dict[str, bytes]:
    """Every table of the server: runs, parameters, states with what was raised, logs, artifacts, events."""
    address = postgres.url(house.settings, "prefect", "postgresql")
    with psycopg.connect(address) as connection:
        names = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {f"rows of {name}": text_of(connection, name) for name in names}


def text_of(connection: Any, table: str) -> bytes:
    """All rows of it."""
    asked = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
    return b"\n".join(text.encode() for (text,) in connection.execute(asked))
