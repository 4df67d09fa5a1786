"""An operator states that wallets have one owner: one vote in the consensus, one counterparty in the risk book."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.settings import load_settings
from domain.wallet_addresses import TypedWallet, several
from tasks.clock import asked_name, name_run
from tasks.clustering.wallet_clustering import link_wallets
from tasks.flow_runs import flow
from tasks.form_fields import NOT_BLANK
from tasks.operating.run_reports import report_lines

Wallets = Annotated[
    tuple[TypedWallet, ...], Field(min_length=2, examples=[["0x" + "8b3e" * 10, "0x" + "51c7" * 10]]), AfterValidator(several)
]
Why = Annotated[str, Field(min_length=3, pattern=NOT_BLANK, examples=["one purse paid both, 2026-11-03"])]


@flow(name="cluster-editing", flow_run_name=asked_name("link {why}"))
def edit_clusters(wallets: Wallets, why: Why) -> None:
    """Adds the link; saying it again changes nothing.

    Args:
        wallets: Wallets of one owner, two or more: 0x and 40 hex digits at polymarket, base 58 at solana
        why: How we know it, in words that are kept with the link
    """
    clusters = link_wallets(list(wallets), why, load_settings(), datetime.now(UTC))
    owned = next(members for members in clusters.values() if wallets[0] in members)
    name_run(f"link · {len(owned)} wallets of one owner now")
    lines = [{"wallet": wallet, "stated now": "yes" if wallet in wallets else ""} for wallet in sorted(owned)]
    report_lines(lines, "cluster-editing", f"Wallets of one owner now: {why}", "Clusters")
