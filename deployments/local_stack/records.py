"""What runs, written down: HOME/run/NAME.json. A record names its process by pid and start time, so a reused pid is never taken for it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from deployments.local_stack.home import write_private
from deployments.local_stack.services import Service
from deployments.processes import Process


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: int
    address: str
    since: str  # UTC
    order: float  # what was started later is stopped earlier
    stop_signal: int
    grace_s: float
    version: str

    @property
    def process(self) -> Process:
        return Process(self.pid, self.started)


def record_of(service: Service, process: Process) -> Record:
    now = datetime.now(UTC)
    since = now.isoformat(timespec="seconds")
    return Record(
        name=service.name,
        pid=process.pid,
        started=process.started,
        address=service.address,
        since=since,
        order=now.timestamp(),
        stop_signal=service.stop_signal,
        grace_s=service.grace_s,
        version=service.version,
    )


def save(home: Path, record: Record) -> None:
    write_private(home / "run" / f"{record.name}.json", json.dumps(asdict(record), indent=1))


def read(home: Path, name: str) -> Record | None:
    path = home / "run" / f"{name}.json"
    return Record(**json.loads(path.read_text())) if path.exists() else None


def read_all(home: Path) -> list[Record]:
    """In the order in which they were started."""
    found = [Record(**json.loads(path.read_text())) for path in (home / "run").glob("*.json")]
    return sorted(found, key=lambda record: record.order)


def runs(home: Path) -> bool:
    """Whether anything of it is alive."""
    return any(record.process.is_alive() for record in read_all(home))


def nothing_runs(home: Path) -> str:
    """That, and the cure."""
    return f"Nothing of {home} runs. Start it: make up"


def forget(home: Path, name: str) -> None:
    (home / "run" / f"{name}.json").unlink(missing_ok=True)
