"""Which wallets have one owner? From who trades with whom and who paid whom; what an operator stated wins."""

from datetime import datetime

from prefect import flow

from adapters.settings import load_settings
from data_contracts import Funding
from tasks.clock import instant_of, run_name
from tasks.clustering.cluster_report import report_owners
from tasks.clustering.wallet_clustering import discover_owners, keep_owners, read_fundings
from tasks.quality import check


@flow(name="wallet-clustering", flow_run_name=run_name("clusters"))
def wallet_clustering(as_of: datetime | None = None, days: int = 30) -> None:
    """Clusters from the trades of the last `days` days and all payments. A cluster keeps its id while most of its wallets stay."""
    now, settings = instant_of(as_of), load_settings()
    fundings = check(read_fundings(settings, now), Funding, settings, now)
    found = discover_owners(fundings, settings, now, days)
    report_owners(found, keep_owners(found, settings, now))
