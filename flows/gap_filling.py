"""What did we miss? Holes that an outage or a slow feed left are read in slices, while copying goes on."""

from datetime import datetime

from adapters.settings import Settings, load_settings
from data_contracts import Gap
from tasks.clock import instant_of, run_name
from tasks.copying.gap_filling import fill_slice, give_up_gaps, next_gap
from tasks.copying.lost_deliveries import look_beyond
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.progress import Progress
from tasks.operating.run_reports import report_gaps

SLICES_A_RUN = 120  # six million rows: sixty busy hours


@flow(name="gap-filling", flow_run_name=run_name("gaps"))
def gap_filling(as_of: AsOf = None, give_up: bool = False) -> None:
    """Works off what is open, a slice after the other, while copying goes on.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now
        give_up: Leaves every open gap as it is, as your decision on record: its trades are in no statistic, and no exit is found there
    """
    settings, now = load_settings(), instant_of(as_of)
    if give_up:
        give_up_gaps(settings, now)
    look_beyond(settings, now)
    work_off(settings, now, SLICES_A_RUN)
    report_gaps(settings, now)


def work_off(settings: Settings, as_of: datetime, slices: int) -> None:
    """So many slices, or until nothing is left to fill; of a gap that takes long it is shown how far it is."""
    progress = Progress("Of the gap that is read now")
    for _ in range(slices):
        gap = next_gap(settings, as_of)
        if gap is None:
            break
        progress.at(done_of(fill_slice(gap, settings, as_of)))
    progress.end()


def done_of(gap: Gap) -> float:
    """Percent of its span; all of one that is closed."""
    return 100.0 if gap.closed_at else round(100 * (gap.until_at - gap.filled_to_at) / (gap.until_at - gap.from_at), 1)
