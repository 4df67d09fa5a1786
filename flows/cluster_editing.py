"""An operator states that wallets have one owner: one vote in the consensus, one counterparty in the risk book."""

from datetime import UTC, datetime
from typing import Annotated

from prefect import flow
from pydantic import AfterValidator, Field

from adapters.settings import load_settings
from domain.wallet_addresses import TypedWallet, several
from tasks.clustering.wallet_clustering import link_wallets

Wallets = Annotated[tuple[TypedWallet, ...], AfterValidator(several), Field(min_length=2)]
Why = Annotated[str, Field(min_length=3, examples=["one purse paid both, 2026-11-03"])]


@flow(name="cluster-editing", flow_run_name="link {why}")
def edit_clusters(wallets: Wallets, why: Why) -> None:
    """Adds the link; saying it again changes nothing.

    Args:
        wallets: Wallets of one owner, two or more: 0x and 40 hex digits at polymarket, a base 58 address at solana
        why: How we know; it is kept with the link
    """
    link_wallets(list(wallets), why, load_settings(), datetime.now(UTC))
