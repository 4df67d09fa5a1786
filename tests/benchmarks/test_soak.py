"""What `make soak` calls flat, and what it sees of a process. The soak itself is a proof of its own, and no test."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from benchmarks.resources import Holding, descendants, holding_of
from benchmarks.soak import Grown, grown, thirds

A_HOLDING = Holding(1, 100.0, 100.0, 100.0, 1, 20, 5)


def holdings(*own_mib: float) -> list[Holding]:
    return [Holding(1, one, one, one, 1, 20, 5) for one in own_mib]


@pytest.mark.parametrize(("last", "is_flat"), [(105.0, True), (105.1, False), (90.0, True)])
def test_five_percent_more_is_flat_and_a_little_over_it_is_not(last: float, is_flat: bool) -> None:
    assert Grown("own MiB", 100.0, last, 4.0).is_flat is is_flat


@pytest.mark.parametrize(("last", "is_flat"), [(24.0, True), (24.1, False)])
def test_a_small_process_may_grow_by_a_few_pages(last: float, is_flat: bool) -> None:
    """20 MiB: five percent are one MiB, four are spared."""
    assert Grown("own MiB", 20.0, last, 4.0).is_flat is is_flat


def test_the_warm_up_does_not_count_and_the_middle_is_left_out() -> None:
    """12 looks: two warm up; of the ten after them the first three and the last three are compared."""
    first, last = thirds(holdings(*range(12)))
    assert ([one.own_mib for one in first], [one.own_mib for one in last]) == ([2, 3, 4], [9, 10, 11])


def test_a_leak_is_seen_and_a_start_is_none() -> None:
    """A mebibyte a look over 60 looks from 100: 117 to 152. What grows while it warms up, and then stands, is flat."""
    leaks, starts = holdings(*range(100, 160)), holdings(*(min(100 + look, 110) for look in range(60)))
    assert [one.name for one in grown(leaks) if not one.is_flat] == ["own MiB"]
    assert all(one.is_flat for one in grown(starts))


def test_handles_that_are_not_given_back_are_seen() -> None:
    looks = [Holding(1, 50, 50, 50, 1, 20 + look // 10, 5) for look in range(60)]
    assert [one.name for one in grown(looks) if not one.is_flat] == ["handles"]


@contextmanager
def a_child() -> Iterator[int]:
    """A process that holds fifty mebibytes."""
    hold = "import sys; kept = bytearray(b'x') * (50 * 1024 * 1024); print('ready', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-S", "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield child.pid
        child.communicate()


def test_memory_of_what_a_process_started_is_its_own() -> None:
    """What other tests started here comes and goes: it is measured while it does not."""
    for _ in range(20):
        others, before = set(descendants(os.getpid())), holding_of(os.getpid())
        with a_child() as pid:
            assert pid in descendants(os.getpid())
            after = holding_of(os.getpid())
        if set(descendants(os.getpid())) == others:
            break
    assert after.processes == before.processes + 1
    assert 45 < after.own_mib - before.own_mib < 80


def test_a_connection_that_stands_counts_and_one_that_listens_does_not() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        before = holding_of(os.getpid())
        with closing(socket.create_connection(server.getsockname())), closing(server.accept()[0]):
            after = holding_of(os.getpid())
    assert (after.connections - before.connections, after.handles - before.handles) == (2, 2)
    assert holding_of(os.getpid()).connections == before.connections


def test_of_a_process_that_is_gone_nothing_is_held() -> None:
    with a_child() as pid:
        pass
    assert holding_of(pid).own_mib == 0
