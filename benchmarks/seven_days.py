"""`make seven-days`: a house that nobody looks after for seven days of the sandbox's world, as fast as this machine goes.

At the end there must be a report of each day, no alert that nothing explains, and no run that failed. How much the home grew is said day by
day, and at the end table by table, to be held against docs/retention.md. The world goes in steps: each ends with cycles 30 s apart, and
with all that was due. `--step-s 30 --in-a-row 1` is life, and takes many hours.
"""

import argparse
import os
import sys
import time
from datetime import datetime, timedelta

from adapters.connect import open_results
from benchmarks.driven_house import DrivenHouse, driven_house, warm_worker_for_all
from benchmarks.growth import CYCLE_S, DAY_S, by_store, drive, grown_by, show
from data_contracts import Alert, Period, Reason, Report, Severity
from deployments.sizes import Sizes, sizes_of
from deployments.terminal import out, show_table

# The house does what it should, and tells of it.
OF_THE_WORLD = {
    "position_losing": "its leader was wrong",
    "token_dead": "nobody trades that coin any more",
    "exits_without_buyer": "nobody trades that coin any more",
    "daily_loss": "copies lost that day",
    "strategy_halved": "copies lost half of what it had",
}
OF_THE_MARKET = {  # most copies of an hour came to nothing, by a reason that is no fault of the house
    Reason.SLIPPAGE_TOO_HIGH: "prices moved before its copies",
    Reason.PRICE_BEYOND_LIMIT: "prices moved before its copies",
    Reason.VENUE_NO_MATCH: "nobody sold at its price",
    Reason.BOOK_MISSING: "nobody trades that market any more",
    Reason.NO_ROUTE: "nobody trades that coin any more",
}
OF_LONG_STEPS = {"cycle_slow": "the first cycle of a step reads hours of trades at once"}
OF_LONG_STEPS_ONCE_OVER = {"trades_missing": "a step brings more trades than the venue lists, and the hour's gap-filling reads the rest"}


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with driven_house(warm_worker_for_all) as house:
        to_midnight(house)
        began, first = house.now, sizes_of(house.settings)
        last = first
        for number in range(1, options.days + 1):
            last = a_day(house, number, last, options.step_s, options.in_a_row)
        house.run("daily-report")  # the last day's: it is over
        house.cycle(CYCLE_S)  # what the last step's other flows mended is looked at, and that took minutes without a cycle
        house.run("health-monitoring")
        show(first, last, 1 / options.days)
        code = verdict(house, began, options.days, options.step_s)
    sys.exit(code)


def to_midnight(house: DrivenHouse) -> None:
    """Days begin and end there, so that each is whole."""
    tomorrow = house.now.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    house.cycle((tomorrow - house.now).total_seconds())


def a_day(house: DrivenHouse, number: int, before: Sizes, step_s: float, in_a_row: int) -> Sizes:
    """What everything measures at its end; `before`: at its beginning."""
    began = time.monotonic()
    cycles = in_a_row * drive(house, round(DAY_S / step_s), step_s, besides=True, in_a_row=in_a_row)
    after = sizes_of(house.settings)
    grown = ", ".join(f"{name} {size / 1e6:+.1f} MB" for name, size in by_store(grown_by(before, after)).items())
    out.print(f"day {number}: {cycles} cycles in {(time.monotonic() - began) / 60:.0f} minutes; {grown}")
    return after


def verdict(house: DrivenHouse, began: datetime, days: int, step_s: float) -> int:
    """What there is of reports and alerts, and the exit code: 1 if a report is missing, a run failed, or nothing explains an alert."""
    results = open_results(house.settings)
    reports = [row for row in results.rows(Report, period=Period.DAILY) if row.begins_at >= began]
    alerts = [row for row in results.rows(Alert) if row.raised_at > began and row.severity is not Severity.INFO]
    unexplained = [alert for alert in alerts if not explanation(alert, step_s)]
    show_table(["alert", "about", "raised", "over", "message", "explained by"], [_row(alert, step_s) for alert in alerts])
    counted = f"{len(reports)} daily reports of {days} days; {len(alerts)} alerts, {len(unexplained)} of them unexplained"
    out.print(f"{counted}; runs not completed: {house.not_completed or 'none'}")
    return int(len(reports) < days or bool(unexplained) or bool(house.failed))


def explanation(alert: Alert, step_s: float) -> str:
    """In words; nothing where nobody expects it."""
    explained = dict(OF_THE_WORLD)
    if step_s > CYCLE_S:
        explained |= OF_LONG_STEPS
        explained |= {} if alert.cleared_at is None else OF_LONG_STEPS_ONCE_OVER
    if alert.what == "copies_not_filled":
        return next((why for reason, why in OF_THE_MARKET.items() if reason in alert.message), "")
    return explained.get(alert.what, "")


def _row(alert: Alert, step_s: float) -> list[str]:
    over = "" if alert.cleared_at is None else f"{alert.cleared_at:%m-%d %H:%M}"
    return [alert.what, alert.about, f"{alert.raised_at:%m-%d %H:%M}", over, alert.message, explanation(alert, step_s)]


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
