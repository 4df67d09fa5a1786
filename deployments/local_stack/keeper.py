"""Starts again what was started here and has died since. Nothing else: what hangs is alive, and what was stopped has no record."""

import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.local_stack import records
from deployments.local_stack.repository import ROOT, version_of
from deployments.local_stack.services import Service
from deployments.local_stack.supervisor import Supervisor

NAME = "keeper"
LOOK_S = 0.5
FIRST_AGAIN_S, LAST_AGAIN_S = 1.0, 30.0  # a service that dies at each start is started ever later
LIVED_S = 120.0  # one that stood so long begins with the shortest wait again


@dataclass
class Tries:
    """Of one service that died: when its next start is due, and how long the one after that would wait. By the machine's steady clock."""

    due: float = 0.0
    wait_s: float = FIRST_AGAIN_S
    started: float = 0.0


@dataclass
class Keeper:
    """One thread for each service that is being started: a Prefect server that waits for its Postgres holds up no other."""

    supervisor: Supervisor
    services: Iterable[Service]
    tries: dict[str, Tries] = field(default_factory=dict)
    starting: dict[str, threading.Thread] = field(default_factory=dict)

    def keep(self) -> None:
        """Until `supervisor.stopping` is set, and what is being started has a record."""
        while not self.supervisor.stopping.wait(LOOK_S):
            self.look()
        for thread in self.starting.values():
            thread.join()

    def look(self) -> None:
        now = time.monotonic()
        for service in self.services:
            thread = self.starting.get(service.name)
            if (thread is None or not thread.is_alive()) and self._is_dead(service) and self._is_due(service, now):
                self.starting[service.name] = threading.Thread(target=self._start, args=(service,), name=service.name)
                self.starting[service.name].start()

    def _is_dead(self, service: Service) -> bool:
        record = records.read(self.supervisor.home, service.name)
        return record is not None and not record.process.is_alive()

    def _is_due(self, service: Service, now: float) -> bool:
        tries = self.tries.setdefault(service.name, Tries())
        if tries.started and now - tries.started > LIVED_S:
            tries.due, tries.wait_s = 0.0, FIRST_AGAIN_S
        if now < tries.due:
            return False
        tries.started, tries.due, tries.wait_s = now, now + tries.wait_s, min(2 * tries.wait_s, LAST_AGAIN_S)
        return True

    def _start(self, service: Service) -> None:
        try:
            self.supervisor.say(f"{service.name}: had died")
            self.supervisor.start(service)
            service.finish()
        except Unavailable as error:
            self.supervisor.say(f"{service.name}: {error}")


def keeper(settings: Settings, needs: tuple[str, ...]) -> Service:
    """As a service: the newest of them, so that `down` stops it before it could start again what is being stopped."""
    return Service(
        name=NAME,
        address="starts again what died",
        command=(sys.executable, "-m", "deployments.command_line", "keep"),
        version=version_of("deployments/local_stack", "deployments/commands/keep.py"),
        needs=needs,
        environment={"WALLETFLOW_HOME": str(settings.home)},
        is_ready=lambda: True,
        directory=ROOT,
    )


def stop_keeper(supervisor: Supervisor) -> None:
    """Whoever starts services is alone with them."""
    record = records.read(supervisor.home, NAME)
    if record is not None:
        supervisor.stop(record)
