"""What runs."""

from pathlib import Path

from adapters.settings import Settings
from deployments.local_stack import records
from deployments.local_stack.records import Record
from deployments.local_stack.services import Service
from deployments.local_stack.stack import given_settings, services
from deployments.terminal import out, show_table


def command() -> None:
    """One line a service: name, pid, address, since when, and whether it answers (runs, silent, ended)."""
    given = given_settings()
    found = records.read_all(given.home)
    if not found:
        out.print(f"Nothing of {given.home} runs. Start it: make up")
        return
    known = known_services(given)
    show_table(["service", "pid", "address", "since (UTC)", "health"], [row(record, known.get(record.name)) for record in found])


def known_services(given: Settings) -> dict[str, Service]:
    return {service.name: service for service in services(given)} if Path(given.home / "stack.env").exists() else {}


def row(record: Record, service: Service | None) -> tuple[str, ...]:
    return record.name, str(record.pid), record.address, record.since.removesuffix("+00:00").replace("T", " "), health(record, service)


def health(record: Record, service: Service | None) -> str:
    if not record.process.is_alive():
        return "ended"
    return "runs" if service is not None and service.is_ready() else "silent"
