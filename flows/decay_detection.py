"""Do those who knew something still know it? Every watched wallet's latest bets are put to the test; who rang is dropped."""

from datetime import datetime

import polars as pl

from adapters.settings import Settings, load_settings
from data_contracts import EdgeState, Leader
from tasks.clock import instant_of, name_run, run_name
from tasks.decay.decay_detection import keep_edges, watch_edges
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_edges
from tasks.profiling.leaders import choose_leaders
from tasks.quality import check


@flow(name="decay-detection", flow_run_name=run_name("decay"))
def decay_detection(as_of: AsOf = None) -> None:
    """Watches on the bets the last profiling laid out, and chooses anew.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now = instant_of(as_of)
    settings = load_settings()
    states = watch(settings, now)
    name_run(f"decay · {states.filter(pl.col('form') == 'FADED').height} of {states.height} faded")
    check(choose_leaders(settings, now), Leader, settings, now)


def watch(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """From bets to states; profiling takes the same steps before it chooses."""
    states = check(watch_edges(settings, as_of), EdgeState, settings, as_of)
    keep_edges(states, settings)
    report_edges(states)
    return states
