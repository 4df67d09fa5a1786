"""`make bench-growth`: how many bytes a day a home grows by, store by store and table by table, measured on a house that trades.

Cycles are 30 s of the sandbox's world apart, as in life, and what else is scheduled runs when it is due in that world. What grew in them is
taken for a day. What the server drops by itself within the hours of the measurement counts as it is.
"""

import argparse
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from benchmarks.driven_house import DrivenHouse, driven_house, warm_worker_for_all
from benchmarks.schedules import due, schedules
from deployments.sizes import FILES, Size, Sizes, sizes_of
from deployments.terminal import out, show_table

DAY_S, CYCLE_S = 24 * 3600, 30
SMALL = 100_000  # bytes a day: below, a table is counted among the rest


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with driven_house(warm_worker_for_all) as house:
        drive(house, options.warm_up, options.step_s, besides=False)
        before, began = sizes_of(house.settings), time.monotonic()
        done = drive(house, options.cycles, options.step_s, not options.cycles_only, 60 * options.minutes)
        out.print(f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores: {done} cycles in {(time.monotonic() - began) / 60:.0f} minutes")
        show(before, sizes_of(house.settings), DAY_S / (done * options.step_s))
        if house.failed:
            out.print(f"not completed: {house.not_completed}")


def drive(house: DrivenHouse, steps: int, step_s: float, besides: bool, most_s: float = float("inf"), in_a_row: int = 1) -> int:
    """How many steps it went. A step ends with so many cycles in a row. `besides`: with whatever else of the house is due."""
    wanted, deadline = schedules(), time.monotonic() + most_s
    for number in range(steps):
        if time.monotonic() > deadline:
            return number
        last = house.now
        house.cycle(step_s - (in_a_row - 1) * CYCLE_S)
        for _ in range(in_a_row - 1):
            house.cycle(CYCLE_S)
        for one in due(wanted, last, house.now) if besides else ():
            house.run(one.deployment, **one.parameters)
    return steps


def show(before: Sizes, after: Sizes, a_day: float) -> None:
    """`a_day`: by how much a day is longer than what was measured."""
    grown = grown_by(before, after)
    rows = [
        (store, name, f"{size.size / 1e6:.2f}", _count(size.rows), *_a_day(size, a_day))
        for (store, name), size in sorted(grown.items(), key=lambda item: -item[1].size)
        if abs(size.size) * a_day >= SMALL
    ]
    show_table(["store", "table or directory", "MB", "rows", "MB a day", "rows a day"], rows)
    for store, total in by_store(grown).items():
        out.print(f"{store}: {total / 1e6:.2f} MB, {total * a_day / 1e6:.1f} MB a day")


def grown_by(before: Sizes, after: Sizes) -> Sizes:
    return {key: _minus(size, before.get(key, Size(0, 0))) for key, size in after.items()}


def _minus(size: Size, before: Size) -> Size:
    return Size(size.size - before.size, None if size.rows is None else size.rows - (before.rows or 0))


def _a_day(size: Size, a_day: float) -> tuple[str, str]:
    rows = None if size.rows is None else round(size.rows * a_day)
    return f"{size.size * a_day / 1e6:.1f}", _count(rows)


def _count(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,}"


def by_store(grown: Mapping[tuple[str, str], Size]) -> dict[str, int]:
    """Files hold the stores as well: their sum is the home's."""
    totals: dict[str, int] = {}
    for (store, _), size in grown.items():
        name = "the whole home, with what Postgres writes ahead" if store == FILES else store
        totals[name] = totals.get(name, 0) + size.size
    return totals


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cycles", type=int, default=360, help="measured: three hours of the world")
    parser.add_argument("--warm-up", type=int, default=10, help="cycles before: the first look back")
    parser.add_argument("--step-s", type=float, default=30)
    parser.add_argument("--minutes", type=float, default=240, help="after so many it ends, and shows what there is")
    parser.add_argument("--cycles-only", action="store_true", help="nothing else that is scheduled")
    return parser.parse_args()


if __name__ == "__main__":
    main()
