"""Calls the operator: a strategy stops with its reason on record, and what happened stands in the log and under the run."""

import logging
from datetime import datetime

from prefect.artifacts import create_markdown_artifact

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Reason, RiskState
from data_contracts.frames import frame_of
from domain.copying.risk import halted
from tasks.steps import is_bare

log = logging.getLogger("walletflow.alarm")


def halt_for(strategy_id: str, contradiction: str, settings: Settings, as_of: datetime) -> None:
    """The venue and our ledger disagree: nothing of this strategy trades on until an operator has looked and resumed it."""
    log.error("strategy %s is HALTED, the venue contradicts our ledger: %s", strategy_id, contradiction)
    results = open_results(settings)
    before = results.rows(RiskState, strategy_id=strategy_id)
    if before:
        after = halted(before[0], Reason.VENUE_CONTRADICTS_US, as_of)
        results.write([Write(RiskState, frame_of([after], RiskState), "put")])
    if not is_bare():
        create_markdown_artifact(_text(strategy_id, contradiction, as_of), key="alarm", description=f"{strategy_id} is HALTED")


def _text(strategy_id: str, contradiction: str, as_of: datetime) -> str:
    return (
        f"# {strategy_id} is HALTED\n\nThe venue contradicts our ledger, as of {as_of:%Y-%m-%d %H:%M:%S} UTC:\n\n> {contradiction}\n\n"
        "Nothing of it was booked. Compare the order with your account at the venue, then resume with the deployment `trading-state`."
    )
