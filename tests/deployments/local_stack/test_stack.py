"""What waits for what when the stack starts, and what a changed file starts anew."""

import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.settings import Settings
from deployments.local_stack import keeper, live_data, repository
from deployments.local_stack.order import Step, do_all
from deployments.local_stack.stack import DEPLOYMENTS, addresses, services
from deployments.local_stack.worker import PROCESS, WARM, worker_name
from deployments.preparation import PREPARATIONS, preparations


@pytest.fixture
def order(tmp_path: Path) -> list[str]:
    """The names of all steps of `up`, in an order in which they may be done."""
    given = Settings(home=tmp_path, port_base=10_000, postgres_url=None, clickhouse_url=None, graph_url=None)
    before_work = tuple(step.name for step in PREPARATIONS if step.before_work)
    needs = {service.name: service.needs for service in services(given, before_work)}
    needs |= {name: step.needs for name, step in preparations(given, lambda line: None, threading.Event()).items()}
    done: list[str] = []
    do_all({name: Step(lambda name=name: done.append(name), needed) for name, needed in needs.items()})  # type: ignore[misc]
    return done


def test_no_run_in_a_process_of_its_own_starts_before_the_deployments_name_today_s_code(order: list[str]) -> None:
    """A home made by another checkout: its late runs ran that checkout's code on tables that were just migrated, and a third of their
    rows went to quarantine."""
    assert order.index(DEPLOYMENTS) < order.index(worker_name(PROCESS))


def test_the_keeper_starts_when_every_service_runs_and_so_is_stopped_before_any(order: list[str], tmp_path: Path) -> None:
    """Started earlier it would start a second time what `up` is starting, and at `down` what was just stopped."""
    others = {service.name for service in services(Settings(home=tmp_path, port_base=10_000))} - {keeper.NAME}
    assert max(order.index(name) for name in others) < order.index(keeper.NAME)


def test_no_run_starts_before_the_tables_are_migrated(order: list[str]) -> None:
    assert order.index("migrations") < min(order.index(worker_name(pool)) for pool in (WARM, PROCESS))


def test_a_service_is_another_one_when_a_file_of_its_own_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    (tmp_path / "package").mkdir()
    for file in ("package/a.py", "guard.py", "other.py"):
        (tmp_path / file).write_text("before")
    before = repository.version_of("package", "guard.py")
    (tmp_path / "other.py").write_text("another, longer")
    assert repository.version_of("package", "guard.py") == before
    (tmp_path / "guard.py").touch()
    assert repository.version_of("package", "guard.py") != before


def test_solana_is_the_sandbox_s_unless_the_operator_names_a_node(tmp_path: Path) -> None:
    """With live data nobody's node is asked unasked: public ones answer a few calls a second."""
    given = Settings(home=tmp_path, port_base=10_000)
    assert addresses(given)["WALLETFLOW_SOLANA_RPC_URL"] == "http://127.0.0.1:10014/solana"
    live_data.begin(given)
    live = live_data.with_public_addresses(given)
    assert "WALLETFLOW_SOLANA_RPC_URL" not in addresses(live)
    named = live.model_copy(update={"solana_rpc_url": SecretStr("https://node/?api-key=1")})
    assert addresses(named)["WALLETFLOW_SOLANA_RPC_URL"] == "https://node/?api-key=1"
    assert "WALLETFLOW_HELIUS_URL" not in addresses(named)
