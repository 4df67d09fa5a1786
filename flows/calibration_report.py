"""Once a week: did what we said of wallets come true?"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from adapters.settings import load_settings
from tasks.backtesting.calibration import MOST_DAYS, calibrate_history, calibrate_recording, keep_calibration, report_calibration
from tasks.clock import instant_of, run_name


@flow(name="calibration-report", flow_run_name=run_name("calibration"))
def calibration_report(
    as_of: datetime | None = None,
    days: Annotated[int, Field(ge=1, le=3650)] = MOST_DAYS,
    said_at: str = "0.5",
    recording: Path | None = None,
) -> None:
    """Holds what would have been said half-way through the last `days` days, or a recording, against what came after.

    Args:
        as_of: The instant that counts as now; empty: now, or the second it was scheduled for
        days: Days back that are looked at
        said_at: Where in them something is said: a part, 0.5 is half-way, or a date
        recording: A directory of recorded trades instead; empty: this house's own history
    """
    now, settings = instant_of(as_of), load_settings()
    found = calibrate_recording(recording, said_at) if recording else calibrate_history(settings, now, days, said_at)
    report_calibration(found)
    if recording is None:
        keep_calibration(found, settings, now)
