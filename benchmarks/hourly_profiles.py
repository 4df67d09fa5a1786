"""Hourly profiling over a long history: does its cost follow the new rows or the old ones?

A ClickHouse of its own gets 10 million trades of 100,000 wallets, is profiled once, and then ten times more, each time after 100,000 new
trades and after some markets ended. The same begins with a quarter of the history. Each run is a process of its own; the engine is another.
An hour does not pass between the runs: what was written in the last five minutes is not read once more, as it is in a house.
`--trades 1000000 --hourly 10000 --wallets 10000 --markets 2000` takes a minute or two of CPU instead of a quarter of an hour.
"""

import argparse
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import polars as pl
from pydantic import SecretStr

from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores import clickhouse_totals
from benchmarks.profiles import GIB, NOW, draw_house
from benchmarks.resources import cpu_s
from data_contracts import Trade
from deployments.local_stack import clickhouse
from deployments.local_stack import home as places
from deployments.local_stack.ports import free_base
from deployments.local_stack.supervisor import Supervisor
from deployments.migrate import migrate_clickhouse
from deployments.terminal import out
from domain.polymarket.markets import rows_by_class
from flows.wallet_profiling import close
from tasks.discovery.wallet_discovery import find_traders
from tasks.profiling.skill import keep_skill, tell_skill
from tasks.profiling.wallet_profiling import due_wallets, keep_profiles, profile_wallets
from tasks.steps import bare_steps

HOUR = timedelta(hours=1)
HOURS = 10
AT_ONCE = 1_000_000
ENDING = 50  # one open market in so many ends in each hour
STEPS = ("positions", "profiles", "candidates", "grades")


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds on the clock; CPU seconds of our process and the engine by step; the most GiB of each."""

    name: str
    seconds: float
    steps: Mapping[str, float]
    engine_cpu_s: float
    gib: float
    engine_gib: float
    wallets: int

    @property
    def cpu_s(self) -> float:
        return sum(self.steps.values())


def main() -> None:
    options = _options()
    logging.disable(logging.INFO)
    sizes = [options.trades // 4, options.trades] if options.compare else [options.trades]
    means = [_measured(size, options) for size in sizes]
    if options.compare:
        (few, many), (less, more) = sizes, means
        old = (more - less) / (many - few)
        new = (more - old * many) / options.hourly
        out.print(
            f"an hourly run over {many:,} trades takes {more / less:.2f} times the CPU of one over {few:,}: "
            f"{1e6 * old:.2f} us a trade of old, {1e6 * new:.0f} us a new one"
        )


def _measured(trades: int, options: argparse.Namespace) -> float:
    """Prints each run. CPU seconds of an hourly run, the mean of the ten: some learn what prices are worth anew, most need not."""
    with _engine() as (settings, engine):
        markets = _fill(settings, trades, options)
        out.print(f"{trades:,} trades of {options.wallets:,} wallets in {options.markets:,} markets, then {HOURS} x {options.hourly:,}")
        costs = [_run("first", settings, engine, NOW)]
        _show(costs)
        for hour in range(1, HOURS + 1):
            _hour(hour, settings, markets, options)
            costs.append(_run(f"hour {hour}", settings, engine, NOW + hour * HOUR))
            _show(costs[-1:])
    mean = sum(cost.cpu_s for cost in costs[1:]) / HOURS
    out.print(f"mean of the ten hours: {mean:.1f} CPU seconds")
    return mean


@contextmanager
def _engine() -> Iterator[tuple[Settings, int]]:
    """A ClickHouse of our own, and its process."""
    home = Path(tempfile.mkdtemp(prefix="walletflow-bench-"))
    settings = Settings(home=home, port_base=free_base(), postgres_url=None, clickhouse_url=None, graph_url=None)
    places.make(home)
    supervisor = Supervisor(home, say=lambda line: None)
    try:
        supervisor.up([clickhouse.clickhouse(settings)])
        found = settings.model_copy(
            update={"clickhouse_url": SecretStr(clickhouse.url(settings)), "postgres_url": SecretStr("memory:bench")}
        )
        migrate_clickhouse(found)
        yield found, _process(home)
    finally:
        supervisor.down()
        shutil.rmtree(home)


def _fill(settings: Settings, trades: int, options: argparse.Namespace) -> pl.DataFrame:
    """The history, as if it had come over half a year."""
    for number, start in enumerate(range(0, trades, AT_ONCE), start=1):
        rows, markets = draw_house(options.wallets, min(AT_ONCE, trades - start), options.markets, number)
        open_history(settings).append(rows, Trade)
    _put(markets, settings)
    return markets


def _put(markets: pl.DataFrame, settings: Settings) -> None:
    for row_class, frame in rows_by_class(markets).items():
        open_history(settings).append(frame, row_class)


def _hour(hour: int, settings: Settings, markets: pl.DataFrame, options: argparse.Namespace) -> None:
    """New trades, and some of the open markets end."""
    begins = NOW + (hour - 1) * HOUR
    rows, _ = draw_house(options.wallets, options.hourly, options.markets, 1_000 + hour, begins, HOUR)
    ends = markets.filter(pl.col("payout").is_null()).filter(pl.col("market_id").rank("dense") % ENDING == hour % ENDING)
    paid = pl.when(pl.col("outcome_index") == 0).then(1).otherwise(0).cast(markets.schema["payout"])
    ended = ends.with_columns(pl.lit(begins).cast(markets.schema["ended_at"]).alias("ended_at"), paid.alias("payout"))
    open_history(settings).append(rows, Trade)
    _put(ended, settings)


def _run(name: str, settings: Settings, engine: int, as_of: datetime) -> Cost:
    with get_context("spawn").Pool(1) as fresh:  # the peak of memory is a process's
        return fresh.apply(_profile, (name, settings, engine, as_of))


def _profile(name: str, settings: Settings, engine: int, as_of: datetime) -> Cost:
    """The steps of wallet-profiling between the venue's answers and the choice of leaders."""
    logging.disable(logging.INFO)
    clickhouse_totals.UNDERWAY = timedelta(0)
    Path(f"/proc/{engine}/clear_refs").write_text("5")  # its peak of memory begins anew
    began, engine_cpu = time.perf_counter(), cpu_s(engine)
    steps, wallets = dict.fromkeys(STEPS, 0.0), 0

    @contextmanager
    def step(of: str) -> Iterator[None]:
        before = time.process_time() + cpu_s(engine)
        yield
        steps[of] += time.process_time() + cpu_s(engine) - before

    with bare_steps():
        with step("positions"):
            close(settings, as_of)
        with step("profiles"):
            for part in due_wallets(settings, as_of):
                wallets += len(part)
                keep_profiles(profile_wallets(part, settings, as_of), part, settings)
        with step("candidates"):
            find_traders(settings, as_of)
        with step("grades"):
            keep_skill(*tell_skill(settings, as_of), settings)
    # Not getrusage: its peak is that of the process that drew the trades, too.
    return Cost(name, time.perf_counter() - began, steps, cpu_s(engine) - engine_cpu, _peak_gib(os.getpid()), _peak_gib(engine), wallets)


def _show(costs: Sequence[Cost]) -> None:
    columns = ("run", "CPU seconds", *STEPS, "engine's", "GiB at most: ours", "engine's", "wallets profiled", "seconds")
    if costs[0].name == "first":
        out.print("  ".join(columns))
    for cost in costs:
        spent = (cost.cpu_s, *cost.steps.values(), cost.engine_cpu_s, cost.gib, cost.engine_gib)
        out.print("  ".join([cost.name, *(f"{value:.1f}" for value in spent), f"{cost.wallets:,}", f"{cost.seconds:.1f}"]))


def _peak_gib(process: int) -> float:
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / GIB


def _process(home: Path) -> int:
    """The engine's: the one that has its data directory on its command line."""
    data = str(home / clickhouse.NAME).encode()
    return next(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and data in _command(entry))


def _command(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:  # it has ended
        return b""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wallets", type=int, default=100_000)
    parser.add_argument("--trades", type=int, default=10_000_000)
    parser.add_argument("--hourly", type=int, default=100_000)
    parser.add_argument("--markets", type=int, default=20_000)
    parser.add_argument("--no-compare", dest="compare", action="store_false", help="not with a quarter of the history as well")
    return parser.parse_args()


if __name__ == "__main__":
    main()
