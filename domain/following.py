"""Which wallets are worth following, by their record. Until we can tell skill from luck this ranks by omega, and says so."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from data_contracts import Leader
from domain.policy import FollowPolicy
from domain.profiling import ALL_CATEGORIES


def chosen(profiles: pl.DataFrame, policy: FollowPolicy) -> dict[str, str]:
    """Wallet → why. Named wallets first; then the best lifetime records by category, each wallet by its best one.

    A wallet that lost money over all categories together does not qualify.
    """
    reasons = dict.fromkeys(policy.wallets, "named in the policy")
    ranked = _qualified(profiles, policy).sort(["omega", "realized_pnl", "wallet", "category"], descending=[True, True, False, False])
    best = ranked.unique("wallet", keep="first", maintain_order=True).head(policy.top)
    for row in best.to_dicts():
        reasons.setdefault(row["wallet"], _why(row))
    return reasons


def following(before: dict[str, Leader], reasons: dict[str, str], strategy_id: str, as_of: datetime) -> list[Leader]:
    """A strategy's Leader rows after a choice: the new are chosen now, the old keep their date, the rest is dropped now."""
    rows = []
    for wallet in sorted(before.keys() | reasons.keys()):
        known = before.get(wallet)
        if known is None or (known.dropped_at is not None and wallet in reasons):
            rows.append(Leader(strategy_id=strategy_id, wallet=wallet, why=reasons[wallet], chosen_at=as_of, dropped_at=None))
        elif wallet in reasons:
            rows.append(replace(known, why=reasons[wallet]))
        else:
            rows.append(replace(known, dropped_at=known.dropped_at or as_of))
    return rows


def _qualified(profiles: pl.DataFrame, policy: FollowPolicy) -> pl.DataFrame:
    overall = pl.col("category") == ALL_CATEGORIES  # a wallet that loses everywhere else was lucky in its best category
    losing = profiles.filter(overall & (pl.col("window_days") == 0) & (pl.col("realized_pnl") <= 0)).select("wallet")
    wanted = pl.col("category").is_in(list(policy.categories)) if policy.categories else pl.col("category") != ALL_CATEGORIES
    return profiles.join(losing, on="wallet", how="anti").filter(
        (pl.col("window_days") == 0)
        & wanted
        & (pl.col("closed_positions") >= policy.min_closed_positions)
        & (pl.col("omega") >= policy.min_omega)
        & (pl.col("roi") > policy.min_roi)
    )


def _why(row: dict[str, object]) -> str:
    return (
        f"omega {row['omega']:.2f} over {row['closed_positions']} closed positions in {row['category'] or 'markets without a category'}, "
        f"PnL {row['realized_pnl']:,.0f} USD, ROI {row['roi']:.1%}"
    )
