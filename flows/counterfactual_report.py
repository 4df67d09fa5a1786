"""Once a day: what would our refusals have earned, and which rule earns, which costs?"""

from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Counterfactual
from tasks.backtesting.counterfactual import follow_signals, keep_counterfactuals, summarize_counterfactuals
from tasks.clock import instant_of, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.operating.run_reports import report_counterfactuals
from tasks.quality import check


@flow(name="counterfactual-report", flow_run_name=run_name("counterfactuals"))
def counterfactual_report(as_of: AsOf = None, days: Annotated[int, Field(ge=1, le=730)] = 90) -> None:
    """Follows the entry signals of the last `days` days to their end, skipped and copied ones alike, and reckons rule by rule.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: Days back whose entry signals are followed to their end
    """
    now, settings = instant_of(as_of), load_settings()
    rows = check(follow_signals(settings, now, days), Counterfactual, settings, now)
    keep_counterfactuals(rows, settings)
    report_counterfactuals(summarize_counterfactuals(settings, now, days), days)
