"""Who paid the wallets we watch on Polymarket, from the chain's own logs: where a node of Polygon is named, from thirty days back on."""

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from adapters.batches import batches
from adapters.connect import open_history, open_polygon, open_results
from adapters.feeds.polymarket.polygon import Block, Polygon
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Candidate, Funding, Leader, Venue
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from domain.polymarket.fundings import Transfer, fundings_of
from domain.wallet_addresses import ETHEREUM, is_of
from tasks.copying.watermarks import FUNDED_ON_POLYGON, move_watermark, read_by_wallet
from tasks.steps import step

LOOK_BACK, ASIDE = timedelta(days=30), timedelta(hours=1)
MOST_WALLETS, WALLETS_A_CALL = 1_000, 100
MOST_PARTS = 300  # calls for logs in one run; the next goes on
log = logging.getLogger("walletflow.owning")


@dataclass
class Paid:
    """Funding rows, unchecked, and how far the wallets' payments are known with them."""

    fundings: pl.DataFrame
    reached: dict[str, datetime] = field(default_factory=dict)


@step
def read_polygon_fundings(settings: Settings, as_of: datetime) -> Paid:
    """Since each wallet was read last. Nothing where no node is named; as far as it got where the node says no."""
    node = open_polygon(settings)
    if node is None:
        return Paid(frame_of([], Funding))
    transfers: list[Transfer] = []
    reached: dict[str, datetime] = {}
    try:
        _read(node, node.newest(), settings, as_of, transfers, reached)
    except (Unavailable, Refused) as error:
        log.warning("payments on Polygon go on in the next run: %s", error)
    rows = list(fundings_of(transfers, _traded(transfers, settings)))
    log.info("%d wallets on Polygon, %d calls: %d payments", len(reached), node.calls, len(rows))
    return Paid(frame_of(rows, Funding), reached)


@step
def keep_polygon_fundings(fundings: pl.DataFrame, reached: dict[str, datetime], settings: Settings) -> None:
    """Into ClickHouse first; then how far each wallet is known."""
    open_history(settings).append(fundings, Funding)
    open_results(settings).write([move_watermark(FUNDED_ON_POLYGON + wallet, at) for wallet, at in reached.items()])


def _read(
    node: Polygon, newest: Block, settings: Settings, as_of: datetime, transfers: list[Transfer], reached: dict[str, datetime]
) -> None:
    """Those who are known least far come first."""
    parts = 0
    for since, wallets in sorted(_by_watermark(settings, as_of).items()):
        first = node.first_after(since, newest)
        for some in batches(sorted(wallets), WALLETS_A_CALL):
            for found, end in node.transfers(some, first, newest.number):
                transfers += found
                reached |= dict.fromkeys(some, newest.at if end == newest.number else node.time_of(end))
                parts += 1
                if parts == MOST_PARTS:
                    return


def _by_watermark(settings: Settings, as_of: datetime) -> dict[datetime, list[str]]:
    results = open_results(settings)
    known = read_by_wallet(results, FUNDED_ON_POLYGON)
    groups: dict[datetime, list[str]] = defaultdict(list)
    for wallet in watched(results):
        groups[max(known.get(wallet, as_of - LOOK_BACK), as_of - LOOK_BACK)].append(wallet)
    return groups


def watched(results: Results) -> list[str]:
    """Followed wallets of Polymarket, then candidates, those seen last first."""
    here = is_of(Venue.POLYMARKET)
    followed = results.read(Leader, only=["wallet"], dropped_at=None).filter(here)["wallet"].to_list()
    found = results.read(Candidate, only=["wallet", "last_seen_at"], excluded=None).filter(here).sort("last_seen_at", descending=True)
    wallets = dict.fromkeys([*followed, *found["wallet"].to_list()])
    return [wallet for wallet in wallets if ETHEREUM.fullmatch(wallet)][:MOST_WALLETS]


def _traded(transfers: list[Transfer], settings: Settings) -> set[str]:
    """Transactions in which one of the paid wallets traded: what a fill brought came from whoever stood on the other side."""
    if not transfers:
        return set()
    times, wallets = [one.at for one in transfers], {one.paid for one in transfers}
    trades = open_history(settings).trades(min(times) - ASIDE, max(times) + ASIDE, wallets)
    return {tx.lower() for tx in trades["tx_hash"].drop_nulls().to_list()}
