"""Asks who paid the wallets we watch on Solana first: cheaper than their history, and further back than what was read of it."""

import logging
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from adapters.connect import on_record, open_helius_history, open_history, open_results
from adapters.settings import Settings
from data_contracts import Funding, WalletLabel
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from domain.solana.first_funders import FirstFunder, funding_of, label_of
from tasks.copying.watermarks import FUNDED_BY, move_watermark, read_by_wallet
from tasks.steps import step

WALLETS_A_RUN = 25  # for 100 credits each; four runs a day take a third of a free plan's million a month
log = logging.getLogger("walletflow.owning")


@dataclass(frozen=True, slots=True)
class Told:
    """Funding and WalletLabel rows, unchecked, and the wallets that they are the answers for."""

    fundings: pl.DataFrame
    labels: pl.DataFrame
    asked: list[str] = field(default_factory=list)


@step
def ask_first_funders(settings: Settings, as_of: datetime) -> Told:
    """Of wallets that were not asked about yet, whoever matters most first. Without a key of Helius, and where it says no, of none."""
    helius = open_helius_history(settings)
    if helius is None:
        return Told(frame_of([], Funding), frame_of([], WalletLabel))
    found: list[FirstFunder] = []
    asked: list[str] = []
    before = helius.credits
    for wallet in due_wallets(settings):
        try:
            first = helius.funded_by(wallet)
        except (Unavailable, Refused) as error:
            log.warning("who paid first is asked again in the next run: %s", error)
            break
        asked.append(wallet)
        found += [] if first is None else [first]
    log.info("%d wallets: who paid them first is known of %d, for %d credits", len(asked), len(found), helius.credits - before)
    fundings = [row for one in found if (row := funding_of(one, as_of)) is not None]
    labels = {name.wallet: name for one in found if (name := label_of(one, as_of)) is not None}
    return Told(frame_of(fundings, Funding), frame_of(list(labels.values()), WalletLabel), asked)


@step
def keep_first_funders(fundings: pl.DataFrame, labels: pl.DataFrame, asked: list[str], settings: Settings, as_of: datetime) -> None:
    """Into ClickHouse first; then who needs not be asked about again."""
    history = open_history(settings)
    history.append(fundings, Funding)
    history.append(labels, WalletLabel)
    open_results(settings).write([move_watermark(FUNDED_BY + wallet, as_of) for wallet in asked])


def due_wallets(settings: Settings) -> list[str]:
    """Followed and candidate wallets on Solana, each once."""
    asked = read_by_wallet(open_results(settings), FUNDED_BY)
    return [wallet for wallet in on_record(settings).wallets() if wallet not in asked][:WALLETS_A_RUN]
