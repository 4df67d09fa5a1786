"""A warm copy cycle with 500 followed wallets, about 100 new trades and 50 strategies: from the flow's start to its last row stored.

Each strategy follows 100 of the 500 wallets; `--leaders 500` makes every strategy follow all of them, 5,000 verdicts a cycle.
The stores and the Prefect server are those of the running stack, with a schema and a database of the benchmark's own. The feed is
a sandbox world over HTTP in a process of its own, whose clock jumps from cycle to cycle. Cycles begin `--pause-s` after the last one
ended: live they are 30 s apart, and back to back the Prefect server would still be busy with the events of the one before. The stack's
own schedules are paused meanwhile: two cycles never run at once, and a flow in a process of its own would take a core for seconds. The
process is as warm as the worker's, and starts a cycle as the worker does: its run exists, and waits. That start is a part of it.

Wall time is true on a quiet machine only, so two figures stand beside it. The CPU seconds of this process, all its threads, change
less with what else runs. The cores that others used in the last second before a cycle began tell whether the machine was quiet.
"""

import argparse
import multiprocessing
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_double
from datetime import UTC, datetime
from decimal import Decimal
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import uvicorn

from adapters.connect import open_results
from adapters.settings import Settings, load_settings
from adapters.stores.postgres import engine_of
from adapters.stores.results import Write
from data_contracts import Currency, Kind, Leader, Strategy, Venue
from data_contracts.frames import frame_of
from deployments import prefect_api
from deployments.local_stack import ports
from deployments.local_stack.prefect_server import point_prefect_here
from deployments.migrate import migrate
from deployments.terminal import out, show_table
from domain.copying.policy import Policy, RiskPolicy, SizingPolicy
from domain.ids import row_id
from sandbox.server import app_of
from sandbox.world import World

ORIGIN = datetime(2026, 11, 1, tzinfo=UTC)
HISTORY_DAYS = 10
MOST_S = 1.0  # what was promised of the 95th percentile, on two cores
WATCHED_S = 1.0  # before each cycle: how much of the machine others use


def main() -> None:
    options = _options()
    settings = load_settings()
    point_prefect_here(settings)
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    bench = settings.for_replay("bench-cycle")
    start_empty(settings, bench, "replay_bench_cycle")
    with _paused(settings), _world(options.wallets) as (urls, clock):
        bench = bench.model_copy(update=urls)
        cycles = list(_measured(bench, clock, options))
    _show(cycles[options.warm_up :], options)


def _measured(settings: Settings, clock: "Synchronized[float]", options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.states import Pending

    from deployments.warm_process import warm
    from deployments.warm_runs import WarmRun, without_result
    from flows.copy_trading import copy_cycle
    from flows.wallet_profiling import backfill, profile
    from tasks.operating.run_reports import report_cycle
    from tasks.steps import timed_steps

    def now() -> datetime:
        return datetime.fromtimestamp(int(clock.value), UTC)

    @flow(name="bench-profiles")
    def prepare() -> None:
        backfill(settings, now(), HISTORY_DAYS)
        profile(settings, now())

    came: list[tuple[float, float, Any]] = []

    @without_result
    @flow(name="bench-cycle")
    def cycle() -> None:
        done = copy_cycle(settings, now())
        came.append((time.perf_counter(), time.process_time(), done))
        report_cycle(done)

    def one() -> dict[str, Any]:
        clock.value += options.step_s
        time.sleep(max(0.0, options.pause_s - WATCHED_S))
        with get_client(sync_client=True) as client:
            run = WarmRun(client.create_flow_run(cycle, state=Pending()))  # a schedule made it long before
        others = _others_cores(WATCHED_S)
        with timed_steps() as timings:
            began, cpu_began = time.perf_counter(), time.process_time()
            run.execute(cycle)
            whole_s = time.perf_counter() - began
        if not came:
            with get_client(sync_client=True) as client:
                state = client.read_flow_run(run.flow_run.id).state
            raise SystemExit(f"the cycle failed: {state and state.message}")
        stored_at, stored_cpu, done = came.pop()
        stored_s, cpu_s = stored_at - began, stored_cpu - cpu_began
        copied = f"{done.trades.height} trades, {done.signals.height} signals, {done.fills.height} fills"
        out.print(f"{copied}: {stored_s:.3f} s, {cpu_s:.3f} s of CPU, others used {others:.2f} cores before")
        return {
            "stored_s": stored_s,
            "whole_s": whole_s,
            "cpu_s": cpu_s,
            "others": others,
            "steps": timings,
            "trades": done.trades.height,
            "signals": done.signals.height,
        }

    prepare()
    _put_strategies(settings, options)
    with warm():
        yield from (one() for _ in range(options.warm_up + options.cycles))


def _show(cycles: list[dict[str, Any]], options: argparse.Namespace) -> None:
    out.print(
        f"\n{options.wallets} followed wallets, {options.strategies} strategies of {options.leaders} leaders, {len(cycles)} warm cycles"
    )
    rows = [
        (name, f"{statistics.median(values):.3f}", f"{_p95(values):.3f}")
        for name, key in (
            ("flow start to last row stored", "stored_s"),
            ("CPU of this process in it", "cpu_s"),
            ("with artifacts and final state", "whole_s"),
        )
        for values in [[cycle[key] for cycle in cycles]]
    ]
    show_table(("seconds", "p50", "p95"), rows)
    others = [cycle["others"] for cycle in cycles]
    busy = f"{statistics.median(others):.2f} (p50) to {_p95(others):.2f} (p95) of {os.cpu_count()} cores"
    out.print(f"before each cycle other processes used {busy}; the load average is {os.getloadavg()[0]:.1f} now")
    mean = {key: statistics.mean(cycle[key] for cycle in cycles) for key in ("trades", "signals")}
    out.print(f"a cycle had {mean['trades']:.0f} new trades and {mean['signals']:.0f} signals in the mean\n")
    spent: dict[str, list[float]] = defaultdict(list)
    for cycle in cycles:
        per_step: dict[str, float] = defaultdict(float)
        for name, seconds in cycle["steps"]:
            per_step[name] += seconds
        for name, seconds in per_step.items():
            spent[name].append(seconds)
    slowest = sorted(spent.items(), key=lambda item: -statistics.median(item[1]))
    show_table(("step", "p50 s", "p95 s"), [(name, f"{statistics.median(values):.3f}", f"{_p95(values):.3f}") for name, values in slowest])
    p95 = _p95([cycle["stored_s"] for cycle in cycles])
    out.print(f"at most {MOST_S:.0f} s at p95: {'yes' if p95 <= MOST_S else 'NO'} ({p95:.3f} s)")


def _others_cores(seconds: float) -> float:
    """Cores that other processes use, the stack's own servers among them, over the next `seconds`."""
    began, busy = time.perf_counter(), _busy_s() - time.process_time()
    time.sleep(seconds)
    return (_busy_s() - time.process_time() - busy) / (time.perf_counter() - began)


def _busy_s() -> float:
    """CPU seconds the machine has worked since it started: all but idle and waiting for a disk. Source: proc(5), /proc/stat."""
    user, nice, system, _idle, _waiting, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def start_empty(settings: Settings, bench: Settings, place: str) -> None:
    """A schema and a database of that name, with tables and no row."""
    with engine_of(settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {place} CASCADE"))
    import clickhouse_connect

    with clickhouse_connect.get_client(dsn=settings.required("clickhouse_url")) as client:
        client.command(f"DROP DATABASE IF EXISTS {place}")
    migrate(bench)


def _put_strategies(settings: Settings, options: argparse.Namespace) -> None:
    now = ORIGIN
    wallets = list(World(7, ORIGIN, options.wallets, HISTORY_DAYS).wallets)
    sizing = SizingPolicy(kind="percentage", percent=Decimal(5), min_notional=Decimal(5), max_notional=Decimal(50))
    mirror = Policy(sizing=sizing, risk=RiskPolicy(max_positions=20))
    rows = [
        Strategy(
            venue=Venue.POLYMARKET,
            stake_currency=Currency.USD,
            strategy_id=f"bench-{number:02}",
            kind=Kind.OWRR if number % 2 else Kind.MIRROR,
            policy=(Policy() if number % 2 else mirror).model_dump_json(),
            balance=Decimal(10_000),
            enabled=True,
            created_at=now,
            updated_at=now,
        )
        for number in range(options.strategies)
    ]
    open_results(settings).write([Write(Strategy, frame_of(rows, Strategy))])
    open_results(settings).write([Write(Leader, _leaders(rows, wallets, options.leaders, now), "put")])


def _leaders(strategies: list[Strategy], wallets: list[str], leaders: int, now: datetime) -> Any:
    rows = [
        Leader(strategy_id=strategy.strategy_id, wallet=wallet, why="benchmark", chosen_at=now, dropped_at=None)
        for number, strategy in enumerate(strategies)
        for wallet in sorted(wallets, key=lambda wallet: row_id(number, wallet))[:leaders]
    ]
    return frame_of(rows, Leader)


@contextmanager
def _paused(settings: Settings) -> Iterator[None]:
    """No deployment starts a run by itself within; runs that are on their way may end first."""
    going = [one for one in prefect_api.deployments(settings) if not one["paused"]]
    for one in going:
        prefect_api.call(settings, f"/deployments/{one['id']}/pause_deployment", {})
    try:
        while any(prefect_api.runs(settings, one["name"], ("PENDING", "RUNNING"), limit=1) for one in going):
            time.sleep(0.5)
        yield
    finally:
        for one in going:
            prefect_api.call(settings, f"/deployments/{one['id']}/resume_deployment", {})


@contextmanager
def _world(wallets: int) -> Iterator[tuple[dict[str, str], "Synchronized[float]"]]:
    context = multiprocessing.get_context("spawn")
    clock = context.Value(c_double, ORIGIN.timestamp())
    port = ports.free_base()
    server = context.Process(target=_serve, args=(port, wallets, clock), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port}"
    _wait_for(f"{url}/healthz")
    try:
        yield {"data_api_url": f"{url}/data", "gamma_url": f"{url}/gamma", "clob_url": f"{url}/clob"}, clock
    finally:
        server.terminate()
        server.join()


def _serve(port: int, wallets: int, clock: "Synchronized[float]") -> None:
    world = World(7, ORIGIN, wallets, HISTORY_DAYS)
    uvicorn.run(app_of(world, lambda: clock.value), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wallets", type=int, default=500)
    parser.add_argument("--strategies", type=int, default=50)
    parser.add_argument("--leaders", type=int, default=100, help="of the wallets, followed by each strategy")
    parser.add_argument("--cycles", type=int, default=40)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--pause-s", type=float, default=2.0)
    parser.add_argument("--step-s", type=float, default=48, help="seconds of the sandbox world between two cycles")
    return parser.parse_args()


if __name__ == "__main__":
    main()
