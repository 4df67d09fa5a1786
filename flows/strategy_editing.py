"""Creates or changes a strategy. The Prefect UI draws the form from the types."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from prefect import flow
from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Kind
from domain.policy import Policy
from tasks.following import choose_leaders
from tasks.strategies import put_strategy


@flow(name="strategy-editing", flow_run_name="edit {strategy_id}", validate_parameters=True)
def edit_strategy(
    strategy_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", description="Its name: small letters, digits and dashes"),
    kind: Literal["owrr", "mirror"] = Field("owrr", description="owrr: consensus of the skilled holders. mirror: firewall and sizing only"),
    balance: float = Field(10_000, gt=0, description="USD it starts with"),
    enabled: bool = True,
    policy: Policy = Policy(),  # noqa: B008 (the form shows the defaults)
) -> None:
    """Stores the strategy; the next cycle trades by it. Simulation unless the house was started live."""
    settings, now = load_settings(), datetime.now(UTC)
    put_strategy(strategy_id, Kind(kind), policy, Decimal(str(balance)), enabled, settings, now)
    choose_leaders(settings, now)
