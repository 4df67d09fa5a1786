"""Creates or changes a strategy. The Prefect UI draws the form from the types."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from prefect import flow
from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Kind
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from tasks.operating.strategies import put_strategy
from tasks.profiling.leaders import choose_leaders

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="Its name: small letters, digits and dashes")]
Style = Annotated[str, Field(description=". ".join(kind.says for kind in KINDS.values()), json_schema_extra={"enum": [*KINDS]})]
Usd = Annotated[float, Field(gt=0, allow_inf_nan=False, description="USD it starts with")]
DEFAULTS = Policy()


@flow(name="strategy-editing", flow_run_name="edit {strategy_id}")
def edit_strategy(strategy_id: Id, kind: Style = "owrr", balance: Usd = 10_000, enabled: bool = True, policy: Policy = DEFAULTS) -> None:
    """Stores the strategy; the next cycle trades by it. Simulation unless the house was started live."""
    settings, now = load_settings(), datetime.now(UTC)
    put_strategy(strategy_id, Kind(kind), policy, Decimal(str(balance)), enabled, settings, now)
    choose_leaders(settings, now)
