"""Takes away what has had its time: once a day by its schedule, and whenever somebody asks. The first look is a dry run."""

from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from domain.operating.retention import FEWEST, Retention
from tasks.clock import instant_of
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.retention import report_gone, require_enough, trim_history, trim_logs, trim_rows, trim_runs

DEFAULT = Retention()
LONGEST_RUN_DAYS = 90  # the server itself keeps no run longer


@flow(name="retention", flow_run_name="retention, dry run: {dry_run}")
def retention(
    dry_run: bool = True,
    quiet_run_days: Annotated[int, Field(ge=FEWEST["quiet_run_days"][0], le=LONGEST_RUN_DAYS)] = DEFAULT.quiet_run_days,
    run_days: Annotated[int, Field(ge=FEWEST["run_days"][0], le=LONGEST_RUN_DAYS)] = DEFAULT.run_days,
    quarantine_days: Annotated[int, Field(ge=FEWEST["quarantine_days"][0])] = DEFAULT.quarantine_days,
    delivery_days: Annotated[int, Field(ge=FEWEST["delivery_days"][0])] = DEFAULT.delivery_days,
    asked_days: Annotated[int, Field(ge=FEWEST["asked_days"][0])] = DEFAULT.asked_days,
    book_days: Annotated[int, Field(ge=FEWEST["book_days"][0])] = DEFAULT.book_days,
    holder_days: Annotated[int, Field(ge=FEWEST["holder_days"][0])] = DEFAULT.holder_days,
    look_days: Annotated[int, Field(ge=FEWEST["look_days"][0])] = DEFAULT.look_days,
    as_of: AsOf = None,
) -> None:
    """A dry run shows what would go. What money did and why, and trades, stay: docs/retention.md says what stays for ever.

    Args:
        dry_run: Shows only what would go, and takes nothing away
        quiet_run_days: Days that cycles stay which completed, and scheduled runs that left nothing to read, with their steps; at least 1
        run_days: Days that all other runs stay, with their artifacts; at least 8, as weekly reports stand under them
        quarantine_days: Days that rows stay which broke their contract; at least 30, as the results page shows so many
        delivery_days: Days that transactions stay which webhooks brought and a cycle has read; at least 2
        asked_days: Days that answers of a venue stay which a cycle would ask for again; at least 7
        book_days: Days that order books stay, then whole months go; at least 60, as spreads are fitted to so many
        holder_days: Days that it stays who held a token when it was asked, then whole months go
        look_days: Days that looks at a coin stay, but for its last
        as_of: The instant (UTC) that counts as now; empty: now
    """
    wanted = Retention(quiet_run_days, run_days, quarantine_days, delivery_days, asked_days, book_days, holder_days, look_days)
    require_enough(wanted)
    settings, now = load_settings(), instant_of(as_of)
    gone = [
        *trim_rows(wanted, settings, now, dry_run),
        *trim_history(wanted, settings, now, dry_run),
        *trim_runs(wanted, now, dry_run),
        *trim_logs(settings, dry_run),
    ]
    report_gone(gone, dry_run)
