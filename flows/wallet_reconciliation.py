"""Did we see everything the followed wallets did? Their own accounts are read, and what the feed had missed is stored."""

from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Activity, Trade
from tasks.clock import instant_of, name_run, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.profiling.wallet_reconciliation import keep_accounts, read_accounts, report_accounts
from tasks.quality import check


@flow(name="wallet-reconciliation", flow_run_name=run_name("reconciliation"))
def wallet_reconciliation(as_of: AsOf = None, days: Annotated[float, Field(gt=0, le=730)] = 2) -> None:
    """Trades, sets made and unmade, redemptions and rewards of the last `days` days; 90 or more is a backfill.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: Days back that each followed wallet's own account is read; 90 or more is a backfill
    """
    settings, now = load_settings(), instant_of(as_of)
    account = read_accounts(settings, now, days)
    activities = check(account.activities, Activity, settings, now)
    missing = check(account.missing, Trade, settings, now)
    keep_accounts(activities, missing, settings, now)
    report_accounts(account, missing)
    name_run(f"reconciliation · {account.wallets} wallets, {missing.height} trades were missing")
