"""`make bench-inbox`: 1,000 intents a second for a minute, and what p99 is at 200 deliveries a second. Accepted must be stored, counted.

In a house of its own: a PostgreSQL and an inbox on free ports. Answers are timed from the instant a request was due, so that a server that
stands still is not excused by a client that waits for it.
"""

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from adapters.settings import Settings
from adapters.stores.postgres import PostgresResults
from adapters.stores.results import Results
from benchmarks.machine import others_cores
from data_contracts import Delivery, TradeIntent
from deployments.local_stack import home, inbox, postgres, records
from deployments.local_stack.ports import free_base
from deployments.local_stack.stack import write_addresses
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate_postgres
from deployments.terminal import out, show_table

LINES = 64  # connections that stay open
Body = Callable[[int], bytes]


@dataclass
class Load:
    """What a load came to: answers by status, and how long each took, in milliseconds."""

    name: str
    rate: float
    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    took_ms: list[float] = field(default_factory=list)
    stored: int = 0
    cpu_s: float = 0.0
    grew_mib: float = 0.0

    def quantile(self, part: float) -> float:
        return sorted(self.took_ms)[min(len(self.took_ms) - 1, int(part * len(self.took_ms)))]

    def row(self) -> list[str]:
        answers = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        total = sum(self.statuses.values())
        times = [f"{self.quantile(part):.1f}" for part in (0.5, 0.95, 0.99)]
        return [
            self.name,
            f"{total / self.seconds:,.0f}",
            answers,
            f"{self.stored:,}",
            *times,
            f"{1e6 * self.cpu_s / total:,.0f}",
            f"{self.grew_mib:+.1f}",
        ]


@contextmanager
def inbox_house() -> Iterator[tuple[Settings, int]]:
    """Its settings, and the inbox's pid."""
    place = Path(tempfile.mkdtemp(prefix="walletflow-bench-"))
    place.chmod(0o755)  # as root, PostgreSQL runs as another user, who must get in
    given = Settings(home=place, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    supervisor = Supervisor(place, say=lambda line: None)
    try:
        supervisor.up([postgres.postgres(given)])
        settings = given.model_copy(update={"postgres_url": SecretStr(postgres.url(given))})
        migrate_postgres(settings)
        write_addresses(given)
        supervisor.up([inbox.inbox(given, ())])
        record = records.read(place, inbox.NAME)
        yield settings, record.pid if record else 0
    finally:
        supervisor.down()
        shutil.rmtree(place)


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
    """A transaction of some 10 KB, as Helius sends them one by one."""
    accounts = [{"account": f"{number:044d}", "nativeBalanceChange": 11_143_002_859, "tokenBalanceChanges": []} for _ in range(100)]
    transaction = {"signature": f"{number:088d}".replace("0", "1"), "type": "SWAP", "slot": number, "accountData": accounts}
    return json.dumps([transaction]).encode()


def numbered(body: Body, first: int) -> Body:
    """Signatures in base 58 have no 0: numbers are written in base 9."""
    return lambda number: body(int(_base9(first + number)))


def _base9(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 9)
        digits = str(digit + 1) + digits
    return digits or "1"


async def run(load: Load, port: int, path: str, secret: str, body: Body) -> None:
    """So many requests a second, whatever becomes of those before."""
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {secret}\r\nContent-Type: application/json\r\nContent-Length: "
    )
    lines = [asyncio.create_task(_line(load, port, head, due)) for _ in range(LINES)]
    began, total = time.perf_counter(), int(load.rate * load.seconds)
    for number in range(total):
        at = began + number / load.rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait((at, body(number)))
    for _ in lines:
        due.put_nowait(None)
    await asyncio.gather(*lines)
    load.seconds = time.perf_counter() - began


async def _line(load: Load, port: int, head: str, due: "asyncio.Queue[tuple[float, bytes] | None]") -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (one := await due.get()) is not None:
        at, body = one
        writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        load.statuses[int(answer[9:12])] += 1
        load.took_ms.append(1_000 * (time.perf_counter() - at))
    writer.close()


def measured(load: Load, settings: Settings, pid: int, path: str, secret: str, body: Body, row_class: type) -> Load:
    results = PostgresResults(settings.required("postgres_url"))
    before, cpu_s, memory = _stored(results, row_class), _cpu_s(pid), _memory_mib(pid)
    asyncio.run(run(load, settings.inbox_port, path, secret, body))
    load.stored = _stored(results, row_class) - before
    load.cpu_s, load.grew_mib = _cpu_s(pid) - cpu_s, _memory_mib(pid) - memory
    return load


def _stored(results: Results, row_class: type) -> int:
    """Rows, not what the counter says: duplicates count there."""
    return results.read(row_class, only=["sequence"]).height


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inbox", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of the thousand a second; of the others a third of it")
    seconds = parser.parse_args().seconds
    out.print(f"others use {others_cores(1):.2f} cores of {os.cpu_count()}")
    with inbox_house() as (settings, pid):
        sender, webhook = f"Bearer {home.secret(settings.home, inbox.NAME)}", home.secret(settings.home, inbox.WEBHOOKS)
        plans = [
            (Load("warming up", 200, 2), "/intents", sender, numbered(an_intent, 10**8), TradeIntent),
            (Load("intents, 200/s", 200, seconds / 3), "/intents", sender, numbered(an_intent, 1), TradeIntent),
            (Load("deliveries of 10 KB, 200/s", 200, seconds / 3), "/webhooks/helius", webhook, numbered(a_delivery, 1), Delivery),
            (Load("intents, 1,000/s", 1_000, seconds), "/intents", sender, numbered(an_intent, 10**6), TradeIntent),
            (Load("intents, 1,500/s", 1_500, seconds / 3), "/intents", sender, numbered(an_intent, 10**7), TradeIntent),
        ]
        loads = [measured(load, settings, pid, path, secret, body, kind) for load, path, secret, body, kind in plans]
    columns = ["load", "answers/s", "answers", "stored", "p50 ms", "p95 ms", "p99 ms", "CPU us each", "memory MiB"]
    show_table(columns, [load.row() for load in loads])
    lost = sum(load.statuses[202] + load.statuses[200] - load.stored for load in loads)
    out.print(f"accepted and not stored: {lost}")


if __name__ == "__main__":
    main()
