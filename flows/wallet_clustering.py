"""Which wallets have one owner? From who trades with whom and who paid whom; what an operator stated wins."""

from typing import Annotated

from pydantic import Field

from adapters.settings import load_settings
from data_contracts import Funding, WalletLabel
from tasks.clock import instant_of, run_name
from tasks.clustering.cluster_report import report_owners
from tasks.clustering.first_funders import ask_first_funders, keep_first_funders
from tasks.clustering.polygon_fundings import keep_polygon_fundings, read_polygon_fundings
from tasks.clustering.wallet_clustering import discover_owners, keep_owners, read_fundings
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.quality import check


@flow(name="wallet-clustering", flow_run_name=run_name("clusters"))
def wallet_clustering(as_of: AsOf = None, days: Annotated[int, Field(ge=1, le=730)] = 30) -> None:
    """Clusters from the trades of the last `days` days and all payments. A cluster keeps its id while most of its wallets stay.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
        days: Days of trades in which wallets are seen to trade together
    """
    now, settings = instant_of(as_of), load_settings()
    told = ask_first_funders(settings, now)
    paid, named = check(told.fundings, Funding, settings, now), check(told.labels, WalletLabel, settings, now)
    keep_first_funders(paid, named, told.asked, settings, now)
    sent = read_polygon_fundings(settings, now)
    keep_polygon_fundings(check(sent.fundings, Funding, settings, now), sent.reached, settings)
    fundings = check(read_fundings(settings, now), Funding, settings, now)
    found = discover_owners(fundings, settings, now, days)
    report_owners(found, keep_owners(found, settings, now))
