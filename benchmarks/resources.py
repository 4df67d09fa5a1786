"""What a service of the house holds: memory, handles, connections, of its process and all its children. Linux (/proc) only."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MIB = 1024 * 1024
ESTABLISHED = "01"


@dataclass(frozen=True, slots=True)
class Holding:
    """`rss_mib` counts what processes share once for each of them, `pss_mib` by their shares; `own_mib` is neither file nor shared memory.

    `own_mib` is what leaks: pages of files come and go as the machine likes, and shared memory (Postgres' buffers) has a bound.
    """

    processes: int
    rss_mib: float
    pss_mib: float
    own_mib: float
    threads: int
    handles: int
    connections: int


def holding_of(pid: int) -> Holding:
    """Of that process and those that came of it. One that ends meanwhile counts as far as it was read."""
    family = [pid, *descendants(pid)]
    memory = [memory_of(one) for one in family]
    established = _established()
    handles = [_handles(one) for one in family]
    return Holding(
        processes=len(family),
        rss_mib=_mib(memory, "Rss"),
        pss_mib=_mib(memory, "Pss"),
        own_mib=_mib(memory, "Pss_Anon"),
        threads=sum(_threads(one) for one in family),
        handles=sum(len(found) for found in handles),
        connections=len(established & {name for found in handles for name in found}),
    )


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for path in PROC.glob("[0-9]*"):
        if (parent := _parent(path)) is not None:
            children[parent].append(int(path.name))
    return list(_below(pid, children))


def memory_of(pid: int) -> dict[str, int]:
    """Bytes by the names of proc(5), smaps_rollup."""
    lines = _text(PROC / str(pid) / "smaps_rollup").splitlines()[1:]
    return {name: 1024 * int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}


def cpu_s(pid: int) -> float:
    """Seconds of a processor that it has used so far, for itself and by the kernel. Raises FileNotFoundError where it is gone."""
    fields = _fields((PROC / str(pid) / "stat").read_text())
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fields(stat: str) -> list[str]:
    """From the third on: the second is a name, which may hold blanks. Source: proc(5)."""
    return stat.rpartition(")")[2].split()


def _mib(memory: Iterable[dict[str, int]], name: str) -> float:
    return sum(one.get(name, 0) for one in memory) / MIB


def _below(pid: int, children: dict[int, list[int]]) -> Iterator[int]:
    for child in children[pid]:
        yield child
        yield from _below(child, children)


def _parent(path: Path) -> int | None:
    fields = _fields(_text(path / "stat"))
    return int(fields[1]) if fields else None


def _threads(pid: int) -> int:
    fields = _fields(_text(PROC / str(pid) / "stat"))
    return int(fields[17]) if fields else 0


def _handles(pid: int) -> list[str]:
    """What each of its handles is: a path, or socket:[number]."""
    found = []
    for link in (PROC / str(pid) / "fd").glob("*"):
        try:
            found.append(str(link.readlink()))
        except OSError:
            continue
    return found


def _established() -> set[str]:
    """socket:[number] of every TCP connection that stands. Source: proc(5), /proc/net/tcp."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in _text(PROC / "net" / name).splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[3] == ESTABLISHED}


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""
