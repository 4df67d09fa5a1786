"""Who somebody says an address is, and what follows for owners. An exchange or a contract is a hub that is nobody's wallet.

Of an exchange equal amounts within minutes still count as a split (`funding.py`); a contract or a service that touches everybody says
nothing.
Wallets that one source gives one owner's name are one, as if an operator had stated it; an address that anybody calls an exchange or a
service is in no owner, whoever says so.
"""

from collections.abc import Iterator
from itertools import pairwise

import polars as pl

from data_contracts import LabelKind, WalletLabel
from data_contracts.frames import empty

NO_LABELS = empty(WalletLabel)
MOST_WALLETS = 500  # of one name: more are no owner's, but what somebody called a kind of wallets


def exchanges(labels: pl.DataFrame) -> pl.Series:
    """The addresses that are one."""
    return _called(labels, LabelKind.EXCHANGE)


def without_infrastructure(payments: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Payments neither from nor to a contract or a service."""
    services = _called(labels, LabelKind.INFRASTRUCTURE).implode()
    return payments.filter(~pl.col("funder").is_in(services), ~pl.col("wallet").is_in(services))


def of_somebody(trades: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Without what exchanges, contracts and services did: that was their customers."""
    return trades.filter(~pl.col("wallet").is_in(_public(labels).implode()))


def owner_links(labels: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Pairs that make the wallets of each owner's name one, source by source; a name of one wallet or of too many makes none."""
    own = labels.filter(pl.col("label") == LabelKind.OWNER, ~pl.col("wallet").is_in(_public(labels).implode()))
    for (wallets,) in own.group_by("source", "name", maintain_order=True).agg(pl.col("wallet").sort()).select("wallet").iter_rows():
        if len(wallets) <= MOST_WALLETS:
            yield from pairwise(wallets)


def public_names(labels: pl.DataFrame) -> dict[str, str]:
    """Address → whose it is, of all that are called an exchange or a service."""
    named = labels.filter(pl.col("label") != LabelKind.OWNER).sort("wallet", "label", "source")
    return dict(named.select("wallet", pl.format("{}: {}", "label", "name")).iter_rows())


def _called(labels: pl.DataFrame, kind: LabelKind) -> pl.Series:
    return labels.filter(pl.col("label") == kind)["wallet"].unique().sort()


def _public(labels: pl.DataFrame) -> pl.Series:
    return labels.filter(pl.col("label") != LabelKind.OWNER)["wallet"].unique()
