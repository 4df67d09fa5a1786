"""Sets what all strategies may do together, in USD. The Prefect UI draws the form from the types and the docstring."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from prefect import flow
from pydantic import Field

from adapters.settings import load_settings
from tasks.operating.account_limits import set_limits
from tasks.operating.run_reports import report_lines

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Loss = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Part = Annotated[float, Field(gt=0, le=1)]
Limit = Literal["max_open_usd", "max_cluster_usd", "max_leader_usd", "max_token_usd", "max_venue_usd", "max_daily_loss_usd", "max_drawdown"]


@flow(name="account-limits", flow_run_name="set what all strategies may do together")
def set_account_limits(
    max_open_usd: Usd | None = None,
    max_cluster_usd: Usd | None = None,
    max_daily_loss_usd: Loss | None = None,
    max_drawdown: Part | None = None,
    max_leader_usd: Usd | None = None,
    max_token_usd: Usd | None = None,
    max_venue_usd: Usd | None = None,
    lifted: list[Limit] | None = None,
) -> None:
    """From the next cycle on. What is left empty stays as it is; a strategy's own limits can only be stricter.

    Exits are never held back by any of them. While a currency has no rate on record, nothing is entered.

    Args:
        max_open_usd: USD at cost, fees included, in all positions of all strategies and venues together
        max_cluster_usd: USD at cost behind all wallets of one owner, at every venue
        max_daily_loss_usd: USD lost since midnight (UTC); from there on nothing is entered until the next
        max_drawdown: Part of the most the account was worth, 0.2 is 20 %; from there on nothing is entered until an operator resumes it
        max_leader_usd: USD at cost after one leader
        max_token_usd: USD at cost in one token, whoever is followed into it
        max_venue_usd: USD at cost at one venue
        lifted: Limits to take away
    """
    typed = {
        "max_open_usd": max_open_usd,
        "max_cluster_usd": max_cluster_usd,
        "max_daily_loss_usd": max_daily_loss_usd,
        "max_drawdown": max_drawdown,
        "max_leader_usd": max_leader_usd,
        "max_token_usd": max_token_usd,
        "max_venue_usd": max_venue_usd,
    }
    exact = {name: None if value is None else Decimal(str(value)) for name, value in typed.items()}
    report_lines(
        set_limits(exact, lifted or [], load_settings(), datetime.now(UTC)), "account-limits", "What all strategies may do together", "Risk"
    )
