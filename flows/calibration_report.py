"""Once a week: did what we said of wallets come true?"""

from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from tasks.backtesting.calibration import MOST_DAYS, calibrate_history, calibrate_recording, keep_calibration, report_calibration
from tasks.clock import instant_of, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf, PartOrDate, Recording


@flow(name="calibration-report", flow_run_name=run_name("calibration"))
def calibration_report(
    as_of: AsOf = None,
    days: Annotated[int, Field(ge=1, le=3650)] = MOST_DAYS,
    said_at: PartOrDate = "0.5",
    recording: Recording = None,
) -> None:
    """Holds what would have been said half-way through the last `days` days, or a recording, against what came after.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: How many days back are looked at
        said_at: When something would have been said: a part of these days, 0.5 is half-way, or a date
        recording: A directory of recorded trades that is looked at instead; empty: this house's own history
    """
    now, settings = instant_of(as_of), load_settings()
    found = calibrate_recording(recording, said_at) if recording else calibrate_history(settings, now, days, said_at)
    report_calibration(found)
    if recording is None:
        keep_calibration(found, settings, now)
