"""What happened before we came? An operator reads further back than a new house does: first as a dry run."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from flows.gap_filling import SLICES_A_RUN, work_off
from tasks.clock import instant_of, name_run
from tasks.copying.gap_filling import ask_further_back
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_lines

MOST_DAYS = 730


@flow(name="history-filling", flow_run_name="history, {days} days")
def fill_history(days: Annotated[float, Field(gt=0, le=MOST_DAYS, examples=[90])] = 90, dry_run: bool = True, as_of: AsOf = None) -> None:
    """Reads the trades of the last days of each source that tells of everybody, where its history begins later. Copying goes on meanwhile.

    What one run cannot read, gap-filling goes on with. Profiles know of it after the next wallet-profiling.

    Args:
        days: Days back from now, up to 730. A venue has no more than it has: what it ends with is kept, and said on the tab Feeds
        dry_run: Shows only which span of which source would be read
        as_of: The instant (UTC) that counts as now; empty: now
    """
    settings, now = load_settings(), instant_of(as_of)
    asked = ask_further_back(settings, now, days, dry_run)
    name_run(f"history · {len(asked)} spans of {days:g} days{', dry run' if dry_run else ''}")
    spans = [{"source": one.source, "from (UTC)": _minute(one.from_at), "to (UTC)": _minute(one.until_at)} for one in asked]
    report_lines(spans, "history-filling", "Spans that would be read" if dry_run else "Spans to read", "Feeds")
    if not dry_run and asked:
        work_off(settings, now, SLICES_A_RUN)


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
