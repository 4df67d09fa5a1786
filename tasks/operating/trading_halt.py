"""Calls the operator: a strategy stops with its reason on record, and what happened stands in the log and under the run."""

import logging
from datetime import datetime

from prefect.artifacts import create_markdown_artifact

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Contradiction
from data_contracts.frames import frame_of
from domain.ids import row_id
from tasks.copying.permissions import spoken_of
from tasks.operating.artifacts import link_to
from tasks.steps import is_bare

log = logging.getLogger("walletflow.alarm")


def halt_for(strategy_id: str, contradiction: str, settings: Settings, as_of: datetime) -> bool:
    """The venue and our ledger disagree: nothing of this strategy trades on until an operator has looked and resumed it.

    What still stands is not said again; what an operator cleared and is so again, is. False for what still stands.
    """
    results = open_results(settings)
    if any(one.says == contradiction for one in spoken_of(results)[strategy_id].standing):
        return False
    log.error("strategy %s is HALTED, the venue contradicts our ledger: %s", strategy_id, contradiction)
    row = Contradiction(
        contradiction_id=row_id("contradiction", strategy_id, contradiction, as_of.isoformat()),
        strategy_id=strategy_id,
        says=contradiction,
        seen_at=as_of,
    )
    results.write([Write(Contradiction, frame_of([row], Contradiction))])
    if not is_bare():
        create_markdown_artifact(_text(strategy_id, contradiction, as_of), key="alarm", description=f"{strategy_id} is HALTED")
    return True


def _text(strategy_id: str, contradiction: str, as_of: datetime) -> str:
    return (
        f"# {strategy_id} is HALTED\n\nThe venue contradicts our ledger, as of {as_of:%Y-%m-%d %H:%M:%S} UTC:\n\n> {contradiction}\n\n"
        "Nothing of it was booked. Compare the order with your account at the venue, then "
        f"`walletflow resume {strategy_id} --reason TEXT`, or the deployment `trading-state`.\n\n{link_to('Risk')}"
    )
