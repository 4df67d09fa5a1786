"""Addresses of Prefect's forms that open filled in.

Prefect shows a deployment's own values, and there is one deployment for all strategies; but either of its UIs takes those of a run from
`?parameters=`, as its own "Copy to new run" does. A page beside it finds the form by its name (`deployments/local_stack/prefect_app.py`).
"""

import json
from typing import Any
from urllib.parse import quote

from adapters.connect import open_results
from adapters.settings import Settings
from data_contracts import Strategy
from domain.copying.policy import Policy
from tasks.copying.sound_rows import readable_rows


def edit_form_of(strategy_id: str, settings: Settings) -> str:
    """The form of `strategy-editing` with what is stored of the strategy; of one that cannot be read with its name alone."""
    stored = next(iter(readable_rows(open_results(settings), Strategy, strategy_id=strategy_id)), None)
    return form_of("strategy-editing", values_of(stored) if stored else {"strategy_id": strategy_id}, settings)


def values_of(strategy: Strategy) -> dict[str, Any]:
    """As a person would type them; what it does without is left empty, as in the form."""
    policy = Policy.of_record(strategy.policy).model_dump(mode="json", exclude_none=True)
    cells = {"venue": strategy.venue.value, "kind": strategy.kind.value, "balance": float(strategy.balance), "enabled": strategy.enabled}
    return {"strategy_id": strategy.strategy_id, **cells, "policy": policy}


def form_of(deployment: str, values: dict[str, Any], settings: Settings) -> str:
    """On this machine. Either UI of Prefect takes such JSON, so long as no % is in it: the older one decodes it twice."""
    written = json.dumps(values, separators=(",", ":")).replace("%", "\\u0025")
    return f"http://127.0.0.1:{settings.prefect_port}/form/{deployment}?parameters={quote(written, safe='')}"
