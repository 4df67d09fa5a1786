"""What a monitor is told, against the rows it stands on; and that the dashboard asks for nothing else."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from adapters.connect import in_memory, open_results
from adapters.inbox.metrics import in_prometheus_words
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Kind, OrderStatus, Reason, Side, Signal, Verdict
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of
from deployments import metrics as metrics_file
from deployments.local_stack import metrics_page
from deployments.local_stack.guard import Guard
from deployments.local_stack.metrics_page import PLACE, MetricsPage
from deployments.metrics import House
from domain.copying.policy import Policy
from domain.ids import row_id
from flows.copy_trading import copy_trading
from flows.order_execution import execute_orders
from tasks.operating.metrics import SETTLED
from tasks.operating.strategies import put_strategy
from tasks.steps import bare_steps
from tests.domain.operating.reports.test_figures import a_signal
from tests.ledger_rows import a_point, a_position, an_order

DASHBOARD = Path(__file__).parents[2] / "deployments" / "grafana" / "walletflow.json"
T0 = datetime.fromisoformat("2026-11-03T12:00:00+00:00")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def clock() -> list[datetime]:
    return [T0]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A house in memory with a strategy."""
    with in_memory(tmp_path) as found, bare_steps():
        put_strategy("one", Kind.MIRROR, Policy(), Decimal(1_000), True, found, T0 - timedelta(days=1))
        yield found


@pytest.fixture
def house(settings: Settings, clock: list[datetime], monkeypatch: pytest.MonkeyPatch) -> House:
    """Prefect has seen three cycles since counting began, and one before."""
    runs = [run("COMPLETED", 1, 0.4), run("FAILED", 2, 9), run("COMPLETED", 3, 3), run("COMPLETED", -1, 77)]
    monkeypatch.setattr(metrics_file.prefect_api, "runs", lambda *asked: runs)
    return House(settings, lambda: clock[0])


def run(state: str, after_min: int, seconds: float) -> dict[str, Any]:
    return {"state_type": state, "end_time": (T0 + after_min * MINUTE).isoformat(), "total_run_time": seconds}


def put(settings: Settings, *rows: Any) -> None:
    open_results(settings).write([Write(type(row), frame_of([row], type(row)), "put") for row in rows])


class Scraped(dict[tuple[str, ...], float]):
    """Name and the values of its labels, in any order → value."""

    def __getitem__(self, key: tuple[str, ...]) -> float:
        return super().__getitem__((key[0], *sorted(key[1:])))


def scraped(house: House) -> Scraped:
    """As a Prometheus server would read it."""
    registry: Any = CollectorRegistry(auto_describe=False)
    registry.register(house)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return Scraped({(sample.name, *sorted(sample.labels.values())): sample.value for family in families for sample in family.samples})


def skipped(name: str, at: datetime) -> Signal:
    return replace(a_signal(name, at), verdict=Verdict.SKIP, reason=Reason.TRADE_STALE)


def test_verdicts_are_counted_once_and_none_is_left_out_between_two_looks(settings: Settings, house: House, clock: list[datetime]) -> None:
    """A cycle stores what it judged up to two minutes later: what is younger is counted by the next look."""
    put(settings, skipped("a", T0), skipped("b", T0 + MINUTE), a_signal("c", T0 + MINUTE))
    clock[0] = T0 + SETTLED + MINUTE / 2
    assert scraped(house)["walletflow_signals_total", "one", "SKIP", "TRADE_STALE"] == 1
    clock[0] = T0 + 5 * MINUTE
    for _ in range(2):
        found = scraped(house)
        assert found["walletflow_signals_total", "one", "SKIP", "TRADE_STALE"] == 2
        assert found["walletflow_signals_total", "one", "COPY", "LEADER_TRADED"] == 1


def test_what_the_slowest_cycle_judged_is_counted_as_well(settings: Settings, house: House, clock: list[datetime]) -> None:
    """Its rows carry the instant it began. Whoever looked a minute and a half later had counted on, and never counted them."""
    longest = timedelta(seconds=float(max(copy_trading.timeout_seconds or 0, execute_orders.timeout_seconds or 0)))
    assert longest < SETTLED
    clock[0] = T0 + longest - MINUTE / 2
    scraped(house)
    put(settings, skipped("slow", T0))
    clock[0] = T0 + longest + 2 * MINUTE
    assert scraped(house)["walletflow_signals_total", "one", "SKIP", "TRADE_STALE"] == 1


def test_the_wait_from_trade_to_order_is_a_histogram(settings: Settings, house: House, clock: list[datetime]) -> None:
    """12 s and 45 s: one within 20 s, both within a minute. A stop follows no trade."""
    for name, wait_s in (("a", 12), ("b", 45)):
        put(settings, a_signal(name, T0, wait_s), an_order(T0, name))
    put(settings, replace(a_signal("stop", T0), reason=Reason.STOP_LOSS), an_order(T0, "stop"))
    clock[0] = T0 + 5 * MINUTE
    found = scraped(house)
    name = "walletflow_trade_to_order_seconds"
    assert [found[f"{name}_bucket", bound] for bound in ("10.0", "20.0", "60.0", "+Inf")] == [0, 1, 2, 2]
    assert (found[f"{name}_sum",], found[f"{name}_count",]) == (57, 2)


def test_an_exit_that_is_tried_for_twenty_minutes_waited_once(settings: Settings, house: House, clock: list[datetime]) -> None:
    """Asked for 5 s after its leader's sale, and each minute again: the dashboard's p95 was 20 minutes, the report's 5 s."""
    put(settings, a_signal("exit", T0, 5), an_order(T0, "exit", side=Side.SELL))
    name, times = "walletflow_trade_to_order_seconds", {"side": Side.SELL, "signal_id": row_id("signal", "exit")}
    for minute in range(1, 21):
        put(settings, an_order(T0 + minute * MINUTE, f"again {minute}", **times))
        clock[0] = T0 + (minute - 0.5) * MINUTE + SETTLED
        found = scraped(house)
        assert (found[f"{name}_sum",], found[f"{name}_count",]) == (5, 1)


def test_cycles_are_counted_since_the_first_look_by_how_they_ended(house: House, clock: list[datetime]) -> None:
    clock[0] = T0 + 5 * MINUTE
    for _ in range(2):
        found = scraped(house)
        assert [found["walletflow_cycles_total", state] for state in ("completed", "failed", "crashed")] == [2, 1, 0]
        assert [found["walletflow_cycle_seconds_bucket", bound] for bound in ("0.5", "2.0", "5.0", "+Inf")] == [1, 1, 2, 2]


def test_what_stands_is_as_the_rows_say(settings: Settings, house: House) -> None:
    put(settings, a_position(T0), a_position(T0, "5", "7.5", token_id="other"), a_position(T0, "0", "0", token_id="over", closed_at=T0))
    put(settings, an_order(T0), an_order(T0, "denied", status=OrderStatus.DENIED, reason=Reason.SLIPPAGE_TOO_HIGH))
    put(settings, a_point(T0, "1001"), a_point(T0 - 90 * DAY, "900"), replace(a_point(T0, "7"), strategy_id="nobody's"))
    found = scraped(house)
    assert {name: value for name, value in found.items() if name[0] == "walletflow_equity"} == {("walletflow_equity", "USD", "one"): 1001}
    assert found["walletflow_open_usd", "one"] == 47.5  # 40 + 7.50
    assert found["walletflow_open_positions", "one"] == 2
    assert found["walletflow_orders_last_hour", "one", "DENIED", "SLIPPAGE_TOO_HIGH"] == 1
    assert found["walletflow_orders_last_hour", "one", "FILLED", ""] == 1


def test_a_part_that_is_away_is_named_and_the_other_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*asked: object) -> None:
        raise Unavailable("nobody there")

    monkeypatch.setattr(metrics_file.prefect_api, "runs", away)
    found = scraped(house)
    assert (found["walletflow_up", "postgres"], found["walletflow_up", "prefect"]) == (1, 0)
    assert not [name for name, *_ in found if name.startswith("walletflow_cycle")]


def told_of(house: House) -> set[str]:
    """Every name that is exposed, whether it has a value just now or not."""
    declared = {metric.name for metric in house.collect()} | {"walletflow_signals_total", "walletflow_cycles_total"}
    histograms = {f"{name}_{part}" for name in declared if name.endswith("_seconds") for part in ("bucket", "sum", "count")}
    inbox = set(re.findall(r"walletflow_\w+", in_prometheus_words(Counter(), Counter(), 0)))
    return declared | histograms | inbox


def test_every_query_of_the_dashboard_names_a_metric_that_exists(house: House) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {name for panel in panels for target in panel["targets"] for name in re.findall(r"walletflow_\w+", target["expr"])}
    assert asked
    assert asked - told_of(house) == set()


def test_every_metric_of_ours_is_on_the_dashboard(house: House) -> None:
    text = DASHBOARD.read_text()
    assert [metric.name for metric in house.collect() if metric.name not in text] == []


def answer(path: str, token: str) -> int:
    """The status behind the guard."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    headers = [(b"host", b"127.0.0.1:4215"), (b"authorization", f"Bearer {token}".encode())]
    guard = Guard(MetricsPage(behind), 4215, locked=(PLACE,), secret="open sesame")
    asyncio.run(guard({"type": "http", "method": "GET", "path": path, "headers": headers}, receive, send))
    return int(sent[0]["status"])


def test_metrics_are_for_whoever_knows_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_page.MetricsPage, "_page", lambda self: b"walletflow_up 1\n")
    assert [answer(PLACE, "guess"), answer(PLACE, "open sesame"), answer("/", "guess")] == [401, 200, 204]
