"""Whoever observes holds no key: what every service of the stack is given, what the executor's memory shows, and what its file must be."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.settings import WITH_A_KEY, Settings, load_settings
from data_contracts.errors import Unsafe
from deployments import warm_process
from deployments.local_stack import stack, supervisor
from tests.key_forms import forms_of, parts_in

KEY = "0x" + "4f3edf983ac636a65a842ce7c78d9aa706d3b113bce9c46f30d7d21715b23b1d"  # public: of a test chain
PRINT_ALL = "import os, sys; sys.stdout.buffer.write(open('/proc/self/environ', 'rb').read() + open('/proc/self/cmdline', 'rb').read())"
STATE = "import ctypes, resource; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))"


@pytest.fixture
def keys_in_the_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An operator typed every key into the shell in which he says `make up`."""
    monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
    for name in WITH_A_KEY:
        monkeypatch.setenv(f"WALLETFLOW_{name.upper()}", KEY)


@pytest.mark.usefixtures("keys_in_the_shell")
def test_no_service_of_the_stack_is_given_a_key_whatever_the_shell_holds(tmp_path: Path) -> None:
    """Before, each inherited the whole environment, the sandbox and both workers too. Each is started here with another command."""
    found = stack.services(Settings(home=tmp_path, port_base=4200))
    names = {service.name for service in found}
    assert {"warm-worker", "process-worker", "sandbox", "inbox", "prefect", "postgres", "clickhouse", "graph"} <= names
    for service in found:
        with (tmp_path / "seen").open("wb") as seen:
            asked = replace(service, command=(sys.executable, "-c", PRINT_ALL), run_as=None, directory=None)
            assert supervisor.popen(asked, seen).wait(60) == 0
        shown = (tmp_path / "seen").read_bytes()
        assert b"PATH=" in shown
        assert parts_in(shown, KEY) == [], service.name


def test_the_search_for_a_key_finds_it_in_every_form_and_in_part() -> None:
    """A search that finds nothing anywhere would prove nothing."""
    for form in forms_of(KEY):
        assert parts_in(b"before " + form[5:25] + b" after", KEY)
    assert parts_in(b"0x" + b"ab" * 32, KEY) == []


@pytest.mark.parametrize(("call", "expected"), [("", "1"), ("from deployments.processes import keep_memory_private as k; k(); ", "0 0 0")])
def test_the_executors_memory_is_dumped_nowhere_and_shown_to_nobody_of_its_user(call: str, expected: str) -> None:
    """PR_GET_DUMPABLE, and the soft and the hard limit of a core file: 1 and whatever it was before, then 0, 0 and 0."""
    said = subprocess.run([sys.executable, "-c", call + STATE], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert said.stdout.strip().startswith(expected)


def test_an_executor_that_is_killed_by_a_fault_leaves_no_core_file(tmp_path: Path) -> None:
    code = "import resource as r; r.setrlimit(r.RLIMIT_CORE, r.getrlimit(r.RLIMIT_CORE)[1:] * 2); "
    code += "from deployments.processes import keep_memory_private as k; k(); import os; os.abort()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    assert ended.returncode == -6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("pool", "private"), [("execution", True), ("warm", False)])
def test_the_worker_of_the_pool_with_the_key_begins_by_it(monkeypatch: pytest.MonkeyPatch, pool: str, private: bool) -> None:
    done: list[str] = []
    monkeypatch.setattr(warm_process, "keep_memory_private", lambda: done.append("private"))
    monkeypatch.setattr(warm_process, "setup_logging", lambda: done.append("logging"))
    monkeypatch.setattr(warm_process.asyncio, "run", lambda work: work.close())
    monkeypatch.setattr(warm_process, "warm", nullcontext)
    monkeypatch.setattr(sys, "argv", ["warm_process", "--pool", pool, "--import", "json"])
    warm_process.main()
    assert done == (["private", "logging"] if private else ["logging"])


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int], Path]:
    def made(mode: int) -> Path:
        path = tmp_path / "key"
        path.write_text(f"{KEY}\n")
        path.chmod(mode)
        monkeypatch.setenv("WALLETFLOW_HOME", str(tmp_path))
        monkeypatch.setenv("WALLETFLOW_LIVE_KEY_FILE", str(path))
        return path

    return made


def test_a_key_in_a_file_of_its_owners_is_the_key(key_file: Any) -> None:
    key_file(0o600)
    assert load_settings().live_key == SecretStr(KEY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_in_a_file_that_others_may_touch_is_refused_and_not_shown(key_file: Any, mode: int) -> None:
    with pytest.raises(Unsafe, match=f"chmod 600 {key_file(mode)}") as caught:
        load_settings()
    assert parts_in(str(caught.value).encode(), KEY) == []


def test_make_up_makes_a_key_for_orders_that_its_owner_alone_may_read(tmp_path: Path) -> None:
    path = Path(stack.addresses(Settings(home=tmp_path, port_base=4200))["WALLETFLOW_ORDER_KEY_FILE"])
    assert (path.stat().st_mode & 0o777, len(path.read_text()) >= 32) == (0o600, True)
