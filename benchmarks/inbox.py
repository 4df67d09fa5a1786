"""`make bench-inbox`: 1,000 intents a second for a minute, and what p99 is at 200 deliveries a second. Accepted must be stored, counted.

In a house of its own: a PostgreSQL and an inbox on free ports. Server, store and the client that asks share the machine's cores.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from adapters.settings import Settings
from adapters.stores.postgres import PostgresResults
from adapters.stores.results import Results
from benchmarks import http_load
from benchmarks.machine import others_cores
from benchmarks.own_house import own_home
from benchmarks.resources import cpu_s
from data_contracts import Delivery, TradeIntent
from deployments.local_stack import home, inbox, postgres, records
from deployments.local_stack.stack import write_addresses
from deployments.migrate import migrate_postgres
from deployments.terminal import out, show_table

Body = Callable[[int], bytes]
SOON_S = 0.5  # after the last answer, by when a store has written what it had begun


@dataclass(frozen=True)
class Load:
    """So many requests a second for so long, to one door; their numbers begin at `first`."""

    name: str
    per_s: float
    seconds: float
    path: str
    row_class: type
    body: Body
    first: int


@dataclass(frozen=True)
class Outcome:
    """What a load came to."""

    load: Load
    answers: http_load.Answers
    stored: int
    inbox_cpu_s: float
    postgres_cpu_s: float
    client_cpu_s: float
    grew_mib: float

    @property
    def accepted(self) -> int:
        return self.answers.statuses[202] + self.answers.statuses[200]

    def row(self) -> list[str]:
        statuses, total = self.answers.statuses, sum(self.answers.statuses.values())
        each = [1e6 * used_s / total for used_s in (self.inbox_cpu_s, self.postgres_cpu_s, self.client_cpu_s)]
        return [
            self.load.name,
            f"{self.accepted / self.answers.seconds:,.0f}",
            ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items())),
            f"{self.stored:,}",
            *(f"{self.answers.quantile(part):.1f}" for part in (0.5, 0.95, 0.99)),
            *(f"{cpu_us:,.0f}" for cpu_us in each),
            f"{self.grew_mib:+.1f}",
        ]


@contextmanager
def inbox_house() -> Iterator[tuple[Settings, int, int]]:
    """Its settings, and the pids of inbox and PostgreSQL."""
    with own_home() as (given, supervisor):
        supervisor.up([postgres.postgres(given)])
        settings = given.model_copy(update={"postgres_url": SecretStr(postgres.url(given))})
        migrate_postgres(settings)
        write_addresses(given)
        supervisor.up([inbox.inbox(given, ())])
        yield settings, _pid(given.home, inbox.NAME), _pid(given.home, postgres.NAME)


def _pid(place: Path, service: str) -> int:
    record = records.read(place, service)
    return record.pid if record else 0


def an_intent(number: int) -> bytes:
    said = {
        "intent_id": f"bench-{number}",
        "timestamp": datetime.now(UTC).isoformat(),
        "source_trader": "0x" + f"{number % 1_000:040x}",
        "market_id": "0x" + "1" * 64,
        "outcome": "YES",
        "side": "BUY",
        "size_usdc": 100.5,
        "metadata": {"price": 0.52, "best_bid": 0.51, "best_ask": 0.52, "detection_latency_ms": 900, "source_tx_hash": f"0x{number:064x}"},
    }
    return json.dumps(said).encode()


def a_delivery(number: int) -> bytes:
    """A transaction of some 10 KB, as Helius sends them one by one. Base 58 has no 0."""
    accounts = [{"account": f"{number:044d}", "nativeBalanceChange": 11_143_002_859, "tokenBalanceChanges": []} for _ in range(100)]
    transaction = {"signature": f"{number:088d}".replace("0", "A"), "type": "SWAP", "slot": number, "accountData": accounts}
    return json.dumps([transaction]).encode()


def requests_of(load: Load, port: int, secret: str) -> list[bytes]:
    """Whole, before the first is due."""
    head = f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {secret}\r\nContent-Type: application/json\r\n"
    bodies = (load.body(load.first + number) for number in range(int(load.per_s * load.seconds)))
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


def measured(load: Load, settings: Settings, inbox_pid: int, postgres_pid: int) -> Outcome:
    results = PostgresResults(settings.required("postgres_url"))
    requests = requests_of(load, settings.inbox_port, secrets_of(settings)[load.path])
    stored, memory = _stored(results, load.row_class), _memory_mib(inbox_pid)
    before = cpu_seconds(inbox_pid, postgres_pid)
    answers = http_load.run(settings.inbox_port, requests, load.per_s)
    in_inbox, in_postgres, in_client = (now - then for now, then in zip(cpu_seconds(inbox_pid, postgres_pid), before, strict=True))
    time.sleep(SOON_S)
    stored = _stored(results, load.row_class) - stored
    return Outcome(load, answers, stored, in_inbox, in_postgres, in_client, _memory_mib(inbox_pid) - memory)


def cpu_seconds(inbox_pid: int, postgres_pid: int) -> tuple[float, float, float]:
    """Of inbox, PostgreSQL and this process."""
    return cpu_s(inbox_pid), _family_cpu_s(postgres_pid), time.process_time()


def secrets_of(settings: Settings) -> dict[str, str]:
    """What must stand in Authorization at each door."""
    return {
        "/intents": f"Bearer {home.secret(settings.home, inbox.NAME)}",
        "/webhooks/helius": home.secret(settings.home, inbox.WEBHOOKS),
    }


def _stored(results: Results, row_class: type) -> int:
    """Rows, not what the counter says: duplicates count there."""
    return results.read(row_class, only=["sequence"]).height


def _family_cpu_s(pid: int) -> float:
    """Of a server and of those it serves by, who work as long as their connection stands."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return cpu_s(pid) + sum(cpu_s(int(child)) for child in children)


def _memory_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def plans(seconds: float) -> list[Load]:
    intents, delivered = ("/intents", TradeIntent, an_intent), ("/webhooks/helius", Delivery, a_delivery)
    third = seconds / 3
    return [
        Load("warming up", 200, 2, *intents, first=10**8),
        Load("intents, 200/s", 200, third, *intents, first=1),
        Load("deliveries of 10 KB, 200/s", 200, third, *delivered, first=1),
        Load("intents, 1,000/s", 1_000, seconds, *intents, first=10**6),
        Load("intents, 1,500/s", 1_500, third, *intents, first=10**7),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inbox", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of the thousand a second; of the others a third of it")
    seconds = parser.parse_args().seconds
    out.print(f"others use {others_cores(1):.2f} cores of {os.cpu_count()}")
    with inbox_house() as (settings, inbox_pid, postgres_pid):
        outcomes = [measured(load, settings, inbox_pid, postgres_pid) for load in plans(seconds)]
    cpu = [f"CPU us each: {name}" for name in ("inbox", "Postgres", "client")]
    columns = ["load", "accepted/s", "answers", "stored", "p50 ms", "p95 ms", "p99 ms", *cpu, "memory MiB"]
    show_table(columns, [one.row() for one in outcomes])
    out.print(f"accepted and not stored: {sum(one.accepted - one.stored for one in outcomes)}")


if __name__ == "__main__":
    main()
