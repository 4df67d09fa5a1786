import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from deployments.processes import Process, identity, is_running, process_of, started_ticks


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield child
    child.kill()
    child.wait()


def test_a_pid_with_another_start_time_is_another_process(sleeper: "subprocess.Popen[bytes]") -> None:
    started = started_ticks(sleeper.pid)
    assert started is not None
    assert Process(sleeper.pid, started).is_alive()
    assert not Process(sleeper.pid, started - 1).is_alive()


def test_a_reused_pid_is_never_signalled(sleeper: "subprocess.Popen[bytes]") -> None:
    started = started_ticks(sleeper.pid)
    assert started is not None
    assert Process(sleeper.pid, started - 1).stop(grace_s=1)
    assert sleeper.poll() is None


def test_a_dead_child_that_nobody_reaped_is_gone(sleeper: "subprocess.Popen[bytes]") -> None:
    process = process_of(sleeper.pid)
    assert process is not None
    process.send(signal.SIGKILL)
    assert process.wait_gone(5)


def test_a_process_that_ignores_sigterm_is_killed_after_the_grace() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        process = process_of(child.pid)
        assert process is not None
        assert not process.stop(grace_s=0.2)
        assert child.wait(5) == -signal.SIGKILL


def test_we_know_whether_the_one_who_called_itself_so_still_runs() -> None:
    host, pid, started = identity().rsplit(":", 2)
    assert int(pid) == os.getpid()
    assert is_running(identity()) is True
    assert is_running(f"{host}:{pid}:{int(started) - 1}") is False
    assert is_running(f"elsewhere:{pid}:{started}") is None
