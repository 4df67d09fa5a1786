"""A replay in memory: cycles a second, CPU seconds, and a hash of all it came to.

Without `--recording` over 6,702 made-up trades of 40 wallets in 224 markets, three of which know what happens and are followed. The same
trades, the same code and the same policy give the same hash, whatever the machine: every row of every table it made and the report are in
it. CPU seconds change less with what else runs than the others do.
"""

import argparse
import json
import logging
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from adapters.connect import in_memory, open_recording, open_results
from adapters.settings import Settings
from data_contracts import ROW_CLASSES, Equity, Fill, Signal, contract_of
from deployments.terminal import out, show_table
from flows.recording_replay import walk
from tasks.backtesting.backtests import Plan, outcome_of
from tasks.backtesting.recorded_trades import Recording
from tasks.backtesting.recording_replay import summarize_strategies
from tasks.steps import bare_steps, timed_steps

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)
TRADES, A_MARKET, WALLETS, KNOWING = 6_702, 30, 40, 3


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as directory:
        recording = options.recording or _make_recording(Path(directory) / "made-up")  # ids are made of its name, too
        plan = Plan(profile_every_days=options.profile_every_days, changes=tuple(tuple(one.split("=", 1)) for one in options.set))
        _show(_replayed(recording, plan))


def _replayed(directory: Path, plan: Plan) -> list[tuple[str, str]]:
    feed = open_recording(directory, plan.conditions)
    recording = Recording(feed.all_trades, feed.all_markets, feed.best_bids)
    logging.getLogger("walletflow.replay").setLevel(logging.WARNING)
    with bare_steps(), in_memory(directory, plan.conditions) as memory, timed_steps() as timings:
        open_recording(directory, plan.conditions).accept(recording.trades)
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        walk(recording, memory, plan)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        cycles = sum(name == "observe_trades" for name, _ in timings)
        counts = [(contract_of(one).table, str(open_results(memory).read(one).height)) for one in (Signal, Fill, Equity)]
        digest = _digest(memory, recording.markets)
    measured = [("cycles", f"{cycles}"), ("seconds", f"{wall_s:.2f}"), ("CPU seconds", f"{cpu_s:.2f}")]
    return [("trades", f"{recording.trades.height}"), *counts, *measured, ("cycles a second", f"{cycles / wall_s:.0f}"), ("result", digest)]


def _digest(memory: Settings, markets: pl.DataFrame) -> str:
    """Of every row of every table the replay made, by its key, and of what it comes to."""
    digest, outcome = sha256(), outcome_of(memory, markets)
    for row_class in ROW_CLASSES:
        if contract_of(row_class).store == "postgres":
            digest.update(repr(open_results(memory).read(row_class).rows()).encode())
    said = asdict(outcome) | {"positions": outcome.positions.to_dicts(), "curve": outcome.curve.to_dicts()}
    digest.update(json.dumps([summarize_strategies(memory), said], default=str, sort_keys=True).encode())
    return digest.hexdigest()[:32]


def _make_recording(directory: Path) -> Path:
    directory.mkdir()
    trades = list(_trades(Random(7)))  # noqa: S311 (a benchmark must be the same each time)
    pl.DataFrame(trades).drop("winner", "ended_at").write_parquet(directory / "trades.parquet")
    markets = pl.DataFrame(trades).select(
        "market_id", "winner", pl.col("ended_at").alias("resolved_at"), pl.lit("politics").alias("category")
    )
    markets.unique("market_id", maintain_order=True).write_parquet(directory / "markets.parquet")
    return directory


def _trades(random: Random) -> Iterator[dict[str, Any]]:
    """A market every six hours. Whoever knows buys what wins three times in four; the others toss a coin, and half of them sell again."""
    for number in range(TRADES):
        market, place = divmod(number, A_MARKET)
        begins_at = ORIGIN + timedelta(hours=6 * market)
        winner = "Yes" if market % 3 else "No"
        wallet = random.randrange(WALLETS)
        right = random.random() < (0.75 if wallet < KNOWING else 0.5)
        outcome = winner if right else {"Yes": "No", "No": "Yes"}[winner]
        yield {
            "traded_at": begins_at + timedelta(minutes=10 * place, seconds=random.randrange(600)),
            "wallet": f"0x{wallet:040x}",
            "market_id": f"market-{market}",
            "outcome": outcome,
            "side": "SELL" if place > A_MARKET / 2 and random.random() < 0.5 else "BUY",
            "shares": float(random.randrange(20, 2_000)),
            "price": round(0.5 + random.uniform(-0.1, 0.1), 3),
            "winner": winner,
            "ended_at": begins_at + timedelta(hours=5, minutes=59),
        }


def _show(rows: list[tuple[str, str]]) -> None:
    show_table(("replay in memory", ""), rows)
    out.print()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recording", type=Path, help="a directory with trades.parquet and markets.parquet")
    parser.add_argument("--profile-every-days", type=int, default=7)
    parser.add_argument("--set", action="append", default=[], help="a policy field, such as follow.min_closed_positions=3")
    return parser.parse_args()


if __name__ == "__main__":
    main()
