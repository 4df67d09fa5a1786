"""`make seven-days`: a house that nobody looks after for seven days of the sandbox's world, as fast as this machine goes.

At the end there must be a report of each day, no alert, and no run that failed; how much the home grew is said day by day, and at the end
table by table, to be held against docs/retention.md. The world goes in steps; each ends with some cycles 30 s apart, and with all that was
due. `--step-s 30 --in-a-row 1` is life, and takes ten hours.
"""

import argparse
import os
import sys
import time
from datetime import datetime, timedelta

from adapters.connect import open_results
from benchmarks.driven_house import DrivenHouse, driven_house, warm_worker_for_all
from benchmarks.growth import DAY_S, by_store, drive, grown_by, show
from data_contracts import Alert, Period, Report, Severity
from deployments.sizes import sizes_of
from deployments.terminal import out, show_table


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with driven_house(warm_worker_for_all) as house:
        to_midnight(house)
        began, before = house.now, sizes_of(house.settings)
        for number in range(1, options.days + 1):
            a_day(house, number, options.step_s, options.in_a_row)
        house.run("daily-report")  # the last day's: it is over
        show(before, sizes_of(house.settings), 1 / options.days)
        code = verdict(house, began, options.days)
    sys.exit(code)


def to_midnight(house: DrivenHouse) -> None:
    """Days begin and end there, so that each is whole."""
    tomorrow = house.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    house.cycle((tomorrow - house.now).total_seconds())


def a_day(house: DrivenHouse, number: int, step_s: float, in_a_row: int) -> None:
    before, began = sizes_of(house.settings), time.monotonic()
    cycles = in_a_row * drive(house, round(DAY_S / step_s), step_s, besides=True, in_a_row=in_a_row)
    grown = ", ".join(f"{name} {size / 1e6:+.1f} MB" for name, size in by_store(grown_by(before, sizes_of(house.settings))).items())
    out.print(f"day {number}: {cycles} cycles in {(time.monotonic() - began) / 60:.0f} minutes; {grown}")


def verdict(house: DrivenHouse, began: datetime, days: int) -> int:
    """What there is of reports and alerts, and the exit code."""
    results = open_results(house.settings)
    reports = [row for row in results.rows(Report, period=Period.DAILY) if row.begins_at >= began]
    alerts = [row for row in results.rows(Alert) if row.raised_at > began and row.severity is not Severity.INFO]
    show_table(["alert", "about", "raised", "over", "message"], [_row(alert) for alert in alerts])
    out.print(f"{len(reports)} daily reports of {days} days; {len(alerts)} alerts; runs not completed: {house.not_completed or 'none'}")
    return int(len(reports) < days or bool(alerts) or bool(house.failed))


def _row(alert: Alert) -> list[str]:
    over = "" if alert.cleared_at is None else f"{alert.cleared_at:%m-%d %H:%M}"
    return [alert.what, alert.about, f"{alert.raised_at:%m-%d %H:%M}", over, alert.message]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.seven_days", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--step-s", type=float, default=3600, help="seconds of the sandbox world in a step")
    parser.add_argument(
        "--in-a-row", type=int, default=3, help="cycles at the end of a step, 30 s of that world apart: exits get their second try"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
