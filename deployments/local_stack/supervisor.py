"""Starts services, sees that they are ready, and stops exactly what it started. It keeps no process of its own."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from adapters.settings import WITH_A_KEY
from data_contracts.errors import Unavailable
from deployments.local_stack import home as places
from deployments.local_stack import ports, records
from deployments.local_stack.order import Step, do_all
from deployments.local_stack.records import Record
from deployments.local_stack.services import LOOPBACK, Service
from deployments.processes import Process, process_of

SHOWN_LINES = 12  # of the log of a process that died
KEYS = frozenset(f"WALLETFLOW_{name.upper()}" for name in WITH_A_KEY)
LARGE_LOG = 20_000_000  # bytes; a larger one is put aside at the next start
Say = Callable[[str], None]


@dataclass
class Supervisor:
    """`stopping` makes every wait end: set it from a signal handler."""

    home: Path
    say: Say = print
    stopping: threading.Event = field(default_factory=threading.Event)
    begun: list[str] = field(default_factory=list)

    def up(self, services: Iterable[Service]) -> None:
        """Everything healthy stays as it is, everything else is started. Raises Unavailable with the cure."""
        do_all(self.steps(services))

    def steps(self, services: Iterable[Service]) -> dict[str, Step]:
        """Raises Unavailable before anything is started where somebody else holds a port of theirs."""
        places.make(self.home)
        wanted = list(services)
        for service in wanted:
            if not self._is_alive(service):
                require_free_ports(service)
        return {service.name: Step(lambda service=service: self.ensure(service), service.needs) for service in wanted}  # type: ignore[misc]

    def _is_alive(self, service: Service) -> bool:
        record = records.read(self.home, service.name)
        return record is not None and record.process.is_alive()

    def ensure(self, service: Service) -> None:
        record = records.read(self.home, service.name)
        if record is None or not self._keeps(service, record):
            self.start(service)
        service.finish()

    def start(self, service: Service) -> None:
        began = time.monotonic()
        require_free_ports(service)
        service.prepare()
        process = spawn(service, places.log_of(self.home, service.name))
        before, record = records.read(self.home, service.name), records.record_of(service, process)
        # What died and is started again keeps its place: others still lean on it, and are stopped before it.
        records.save(self.home, replace(record, order=before.order) if before else record)
        self.begun.append(service.name)
        self._wait_until_ready(service, process)
        self.say(f"{service.name}: started in {time.monotonic() - began:.1f} s, {service.address}")

    def down(self) -> list[Record]:
        """Stop what this home's records name, last started first. Returns what it stopped."""
        found = list(reversed(records.read_all(self.home)))
        for record in found:
            self.stop(record)
        return found

    def undo(self) -> None:
        """Stop what this `up` began, and only that."""
        for name in reversed(self.begun):
            if (record := records.read(self.home, name)) is not None:
                self.stop(record)

    def stop(self, record: Record) -> None:
        if not record.process.is_alive():
            self.say(f"{record.name}: was not running any more")
        elif record.process.stop(record.grace_s, record.stop_signal):
            self.say(f"{record.name}: stopped")
        else:
            self.say(f"{record.name}: did not stop within {record.grace_s:.0f} s and was killed")
        records.forget(self.home, record.name)

    def _keeps(self, service: Service, record: Record) -> bool:
        """Whether the recorded process goes on serving. What does not is stopped, and said."""
        if not record.process.is_alive():
            self.say(f"{service.name}: had ended (its log: {places.log_of(self.home, service.name)}); starting it again")
        elif record.address != service.address:
            self.say(f"{service.name}: moves from {record.address} to {service.address}")
            self.stop(record)
        elif record.version != service.version:
            self.say(f"{service.name}: its code changed; starting it again")
            self.stop(record)
        elif self._becomes_ready(service, record.process, min(service.timeout_s, 10)):
            self.say(f"{service.name}: runs since {record.since}, {service.address}")
            return True
        elif self.stopping.is_set():
            raise Unavailable(f"{service.name}: interrupted while it was asked")
        else:
            self.say(f"{service.name}: runs but does not answer; starting it again")
            self.stop(record)
        return False

    def _wait_until_ready(self, service: Service, process: Process) -> None:
        if self._becomes_ready(service, process, service.timeout_s):
            return
        if self.stopping.is_set():
            raise Unavailable(f"{service.name}: interrupted while it started")
        log = places.log_of(self.home, service.name)
        happened = f"is not ready after {service.timeout_s:.0f} s" if process.is_alive() else "ended while it started"
        raise Unavailable(f"{service.name} {happened}. The last lines of {log}:\n{last_lines(log)}\n{cure(log)}")

    def _becomes_ready(self, service: Service, process: Process, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while process.is_alive() and not self.stopping.is_set():
            if service.is_ready():
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return False


def require_free_ports(service: Service) -> None:
    for port in service.ports:
        if not ports.becomes_free(port):
            raise Unavailable(
                f"{service.name}: port {port} is taken by {ports.holder(port)}. "
                "Stop that, or move the whole stack: WALLETFLOW_PORT_BASE=4300 make up"
            )


def spawn(service: Service, log: Path) -> Process:
    """Start it in a session of its own: a Ctrl-C here does not reach it, and it outlives us."""
    if log.exists() and log.stat().st_size > LARGE_LOG:
        log.replace(log.with_suffix(".log.old"))
    with log.open("ab") as output:
        child = popen(service, output)
    threading.Thread(target=child.wait, daemon=True).start()  # reaped at once, so that a dead one does not look alive
    process = process_of(child.pid)
    if process is None:
        raise Unavailable(f"{service.name} ended at once. The last lines of {log}:\n{last_lines(log)}\n{cure(log)}")
    return process


def popen(service: Service, output: IO[bytes]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=service.directory,
            env=environment_of(service.environment),
            start_new_session=True,
            **identity_of(service),
        )
    except OSError as error:
        raise Unavailable(f"{service.name}: {service.command[0]} cannot be started: {error.strerror}") from error


def environment_of(own: Mapping[str, str]) -> dict[str, str]:
    """Ours without the keys that sign, with the service's own on top: only the executor has them, and none of these is the executor.

    A proxy that reaches the world does not reach this machine's loopback.
    """
    direct = ",".join(filter(None, [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), LOOPBACK, "localhost"]))
    keyless = {name: value for name, value in os.environ.items() if name.upper() not in KEYS}
    return {**keyless, "NO_PROXY": direct, "no_proxy": direct, **own}


def identity_of(service: Service) -> dict[str, Any]:
    if service.run_as is None:
        return {}
    user, group = service.run_as
    return {"user": user, "group": group, "extra_groups": []}


def last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
    return "\n".join(f"  | {line}" for line in lines) or "  | (nothing)"


def cure(log: Path) -> str:
    """What to do, read off the log where it is plain."""
    said = last_lines(log)
    if "No space left" in said:
        return "The disk is full: free some space, then `make up` again."
    if "ermission denied" in said:
        return "It may not write where its data lives: give this directory to your user, or set WALLETFLOW_HOME to another one."
    if "ddress already in use" in said:
        return "Its port was taken meanwhile: WALLETFLOW_PORT_BASE=4300 make up"
    return "When it is repaired, `make up` goes on from here."
