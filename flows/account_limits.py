"""Sets what all strategies may do together, in USD. The Prefect UI draws the form from the types and the docstring."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import load_settings
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.operating.account_limits import set_limits
from tasks.operating.run_reports import report_lines

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False, examples=[5000])]
Loss = Annotated[float, Field(gt=0, allow_inf_nan=False, examples=[500])]
Part = Annotated[float, Field(gt=0, le=1, examples=[0.2])]
Limit = Literal["max_open_usd", "max_cluster_usd", "max_leader_usd", "max_token_usd", "max_venue_usd", "max_daily_loss_usd", "max_drawdown"]


@flow(name="account-limits", flow_run_name="limits")
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
        max_open_usd: At most this many USD, at cost with fees, in all positions of all strategies and venues together
        max_cluster_usd: At most this many USD, at cost, behind all wallets of one owner, at every venue
        max_daily_loss_usd: At the loss of this many USD since midnight (UTC) nothing is entered until the next
        max_drawdown: At the loss of this part of its peak, 0.2 is 20 %, the account enters nothing until an operator resumes it
        max_leader_usd: At most this many USD, at cost, behind one leader
        max_token_usd: At most this many USD, at cost, in one token, whoever is followed into it
        max_venue_usd: At most this many USD, at cost, at one venue
        lifted: Limits that are taken away
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
    lines = set_limits(exact, lifted or [], load_settings(), datetime.now(UTC))
    changed = [f"{line['limit']} {line['is']}" for line in lines if line["is"] != line["was"]]
    name_run(f"limits · {', '.join(changed) or 'nothing changed'}")
    report_lines(lines, "account-limits", "What all strategies may do together", "Risk")
