"""What would copying each wallet bring at our delay, size and fee, and which wallets are traps?"""

from datetime import datetime
from typing import Annotated

import polars as pl
from pydantic import Field

from adapters.settings import Settings, load_settings
from data_contracts import Copyability, SpreadFit, TrapFlag
from tasks.clock import instant_of, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_ratings, report_spreads
from tasks.profiling.copyability_rating import DAYS, find_traps, keep_flags, keep_ratings, rate_copyability
from tasks.profiling.spread_fits import fit_own_spreads, keep_spreads
from tasks.quality import check, check_all


@flow(name="copyability-rating", flow_run_name=run_name("copyability"))
def copyability_rating(as_of: AsOf = None, days: Annotated[int, Field(ge=1, le=730)] = DAYS) -> None:
    """Rates the wallets worth a look from the trades of the last `days` days; the next choice of leaders reads it.

    What buying costs is fitted anew first, to the books that `book-sampling` and the cycles saw.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: Days of trades that are copied in thought
    """
    now, settings = instant_of(as_of), load_settings()
    fits = check_all(fit_own_spreads(settings, now), SpreadFit, settings, now)
    keep_spreads(fits, settings)
    report_spreads(fits)
    report_ratings(*rate(settings, now, days))


def rate(settings: Settings, as_of: datetime, days: int = DAYS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The steps; a replay takes the very same ones before it chooses leaders by them."""
    rated = check(rate_copyability(settings, as_of, days), Copyability, settings, as_of)
    keep_ratings(rated, settings)
    return rated, suspect(settings, as_of, days)


def suspect(settings: Settings, as_of: datetime, days: int = DAYS) -> pl.DataFrame:
    """The traps alone: no choice of leaders is made without having looked for them."""
    flags = check(find_traps(settings, as_of, days), TrapFlag, settings, as_of)
    keep_flags(flags, settings)
    return flags
