"""What only a recording of Solana has: first buyers of its launches, payments, owners; and how many of its groups we find."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import combinations

import polars as pl

from adapters.connect import open_history, open_results
from adapters.feeds.solana.recorded_rows import Groups
from adapters.settings import Settings
from data_contracts import EarlyBuyer, Kind, SolanaToken, Strategy, Trade, Venue
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import STAKE_OF
from domain.clustering.bundles import bundled
from domain.clustering.wallet_clustering import Discovery, DiscoveryPolicy, discover
from domain.copying.policy import FollowPolicy, Policy, RiskPolicy, SizingPolicy
from domain.discovery.first_buyers import EarlyBuyerPolicy, early_buyers, launch_of, placed
from tasks.operating.strategy_versions import alone_with, put_strategies
from tasks.profiling.memecoins import Purchases
from tasks.steps import step

EVERYBODY = EarlyBuyerPolicy(first=100)
# Recordings of minutes: whoever closed two positions with a gain is as good a leader as they have.
MIRROR = Policy(
    follow=FollowPolicy(top=200, choose_by="omega", min_closed_positions=3),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(25), max_notional=Decimal(2), min_notional=Decimal("0.05")),
    risk=RiskPolicy(max_positions=20, scale_in=True),
)


@step
def put_recorded_strategy(settings: Settings, as_of: datetime) -> None:
    """One strategy in SOL that mirrors the best so far, in simulation."""
    row = Strategy(
        strategy_id="mirror-on-solana",
        venue=Venue.SOLANA,
        stake_currency=STAKE_OF[Venue.SOLANA],
        kind=Kind.MIRROR,
        policy=MIRROR.model_dump_json(),
        balance=Decimal(100),
        enabled=True,
        created_at=as_of,
        updated_at=as_of,
    )
    alone_with([row.strategy_id], open_results(settings), partial(put_strategies, [row], "what a replay of Solana starts with"))


@step
def find_first_buyers(trades: pl.DataFrame, tokens: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """EarlyBuyer rows of every launch that is on record, unchecked."""
    launches = {token.token_id: launch for token in rows_of(tokens, SolanaToken) if (launch := launch_of(token)) is not None}
    own = trades.filter(pl.col("token_id").is_in(list(launches)))
    found: list[EarlyBuyer] = []
    for (token_id,), rows in own.group_by("token_id", maintain_order=True):
        launch = launches[str(token_id)]
        found += early_buyers(launch, [placed(trade, launch.decimals) for trade in rows_of(rows, Trade)], as_of, EVERYBODY)
    return frame_of(found, EarlyBuyer)


@step
def keep_chain(rows: Mapping[type, pl.DataFrame], settings: Settings) -> None:
    """Into ClickHouse."""
    for row_class, frame in rows.items():
        open_history(settings).append(frame, row_class)


@step
def find_recorded_owners(trades: pl.DataFrame, fundings: pl.DataFrame, tokens: pl.DataFrame) -> Discovery:
    """Owners by who trades with whom, who paid whom, and who bought launches in one bundle."""
    seen = trades.select("wallet", "token_id", "side", "traded_at", "sequence").with_columns(pl.lit("").alias("topic"))
    together = bundled(seen, tokens.select("token_id", "launch_slot"))
    return discover(seen, fundings, [], {}, DiscoveryPolicy(), bundles=together)


def describe_chain(early: pl.DataFrame, fundings: pl.DataFrame, found: Discovery, groups: Groups) -> dict[str, object]:
    """In numbers: first buyers, payments, owners, and the recorded groups that we found."""
    clusters = [frozenset(wallets) for wallets in found.clusters.values()]
    said = {pair for whole in clusters for known in groups.judged for pair in combinations(sorted(whole & known), 2)}
    right = said & groups.pairs
    seen = frozenset(early["wallet"]) | frozenset(fundings["wallet"]) | frozenset(fundings["funder"])
    return {
        "first_buyers": early.height,
        "first_buyers_bundled": int(early["is_bundled"].sum()),
        "snipers": int(early["is_sniper"].sum()),
        "wallet_candidates": early.filter("is_candidate")["wallet"].n_unique(),
        "payments": fundings.height,
        "funding_edges": found.funded_by.height,
        "co_trading_edges": found.co_traded.height,
        "clusters": len(clusters),
        "groups": {
            "recorded": len(groups.named),
            "in_view": sum(len(wallets & seen) > 1 for wallets in groups.named.values()),
            "found": sum(any(2 * len(wallets & whole) > len(wallets) for whole in clusters) for wallets in groups.named.values()),
            "pairs": len(groups.pairs),
            "pairs_joined": len(said),
            "precision": len(right) / len(said) if said else None,
            "recall": len(right) / len(groups.pairs) if groups.pairs else None,
            "joined_that_are_apart": len(said & groups.apart),
        },
    }


def describe_purchases(found: Purchases) -> dict[str, object]:
    """In numbers: whose first purchases were judged, how they hold, and what a copy would have brought."""
    lifetime = found.profiles.filter(pl.col("window_days") == 0)
    styles = lifetime.group_by("hold_style").len().sort("hold_style")
    return {
        "memecoin_profiles": found.profiles.height,
        "hold_styles": dict(styles.iter_rows()),
        "wallets_graded": found.grades.skills.height,
        "wallets_with_grade_a": int((found.grades.skills["grade"] == "A").sum()),
        "median_own_return": lifetime["own_median"].median(),
        "median_copied_return": lifetime["copied_median"].median(),
    }
