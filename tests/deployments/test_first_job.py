"""What a new house runs before its first copies."""

import threading
from typing import Any

import pytest

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments import first_job, prefect_api


class Server:
    """Prefect's answers: one state after the other of each run we start, and what it finds of others' runs by the first state asked for."""

    def __init__(self, states: list[list[str]], others: dict[str, list[list[dict[str, Any]]]] | None = None) -> None:
        self.states, self.others, self.started = states, others or {}, list[dict[str, object]]()

    def start(self, given: Settings, deployment_id: str, parameters: dict[str, object]) -> str:
        self.started.append({"deployment": deployment_id, **parameters})
        return str(len(self.started) - 1)

    def run(self, given: Settings, run_id: str) -> dict[str, Any]:
        left = self.states[int(run_id)]
        state = left.pop(0) if len(left) > 1 else left[0]
        return {"id": run_id, "state_type": state, "state_name": state.title(), "state": {"message": "no room"}}

    def runs(self, given: Settings, name: str, states: tuple[str, ...], limit: int) -> list[dict[str, Any]]:
        left = self.others.get(states[0], [])
        return left.pop(0) if left else []


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(server: Server) -> list[str]:
        said = list[str]()
        monkeypatch.setattr(prefect_api, "start_run", server.start)
        monkeypatch.setattr(prefect_api, "run", server.run)
        monkeypatch.setattr(prefect_api, "runs", server.runs)
        monkeypatch.setattr(first_job, "POLL_S", 0.001)
        first_job.run_once(Settings(), "token-discovery", "id", said.append, threading.Event())
        return said

    return run


def test_a_first_run_is_awaited(ask: Any) -> None:
    assert ask(Server([["RUNNING", "COMPLETED"]]))[-1].startswith("token-discovery: completed in ")


def test_a_first_run_that_failed_says_why(ask: Any) -> None:
    with pytest.raises(Unavailable, match="token-discovery: Failed: no room"):
        ask(Server([["FAILED"]]))


def test_a_run_that_gave_way_to_its_schedule_is_no_failure(ask: Any) -> None:
    """A schedule of every 15 minutes began the same flow a second earlier: ours was cancelled, and `make up` would have failed."""
    server = Server([["CANCELLED"]], {"COMPLETED": [[], [{}]], "PENDING": [[{}]]})

    assert ask(server) == ["token-discovery: running", "token-discovery: completed by its schedule"]
    assert len(server.started) == 1


def test_a_run_that_gave_way_to_one_that_failed_is_started_anew(ask: Any) -> None:
    server = Server([["CANCELLED"], ["COMPLETED"]])

    assert "completed in" in ask(server)[-1]
    assert len(server.started) == 2


def test_a_new_house_knows_what_copying_each_wallet_brings_and_owners_and_candidates_from_its_first_day() -> None:
    """ "Copied at 30 s" was empty until 04:37 UTC. Wallets are rated as soon as they have profiles."""
    assert {"wallet-discovery", "wallet-profiling", "wallet-clustering", "copyability-rating"} <= set(first_job.RUN_FIRST)
    assert first_job.RUN_FIRST.index("copyability-rating") == first_job.RUN_FIRST.index("wallet-profiling") + 1
