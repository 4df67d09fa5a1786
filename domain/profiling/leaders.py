"""Which wallets are worth following: those that know something and still do, or those with the best record."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import polars as pl

from data_contracts import Leader
from data_contracts.frames import empty
from data_contracts.skill import WalletSkill
from domain.copying.policy import FollowPolicy
from domain.profiling.wallet_profiling import ALL_CATEGORIES
from domain.solana.base58 import is_key


def choose(profiles: pl.DataFrame, policy: FollowPolicy, skills: pl.DataFrame | None = None, faded: Collection[str] = ()) -> dict[str, str]:
    """Wallet → why. Named wallets first; then the best `top`: by what they know (WalletSkill rows; not the faded) or by their record."""
    reasons = dict.fromkeys(policy.wallets, "named in the policy")
    if policy.choose_by == "skill":
        return reasons | _by_skill(profiles, policy, empty(WalletSkill) if skills is None else skills, faded, reasons)
    return reasons | _by_omega(profiles, policy, reasons)


def update_leaders(
    before: dict[str, Leader],
    reasons: dict[str, str],
    strategy_id: str,
    as_of: datetime,
    farewells: Mapping[str, str] = MappingProxyType({}),
) -> list[Leader]:
    """A strategy's Leader rows after a choice: the new are chosen now, the old keep their date, the rest is dropped now.

    `farewells` says why somebody may have been dropped; it stands in place of why the wallet was followed.
    """
    rows = []
    for wallet in sorted(before.keys() | reasons.keys()):
        known = before.get(wallet)
        if known is None or (known.dropped_at is not None and wallet in reasons):
            rows.append(Leader(strategy_id=strategy_id, wallet=wallet, why=reasons[wallet], chosen_at=as_of, dropped_at=None))
        elif wallet in reasons:
            rows.append(replace(known, why=reasons[wallet]))
        elif known.dropped_at is None:
            rows.append(replace(known, dropped_at=as_of, why=farewells.get(wallet, known.why)))
        else:
            rows.append(known)
    return rows


def _by_skill(
    profiles: pl.DataFrame, policy: FollowPolicy, skills: pl.DataFrame, faded: Collection[str], named: Collection[str]
) -> dict[str, str]:
    """The surest first, as long as the expected share of luck among them stays within `max_luck`.

    Of those who may be chosen: surer ones that may not, traps among them, make nobody else less lucky.
    """
    active = profiles.filter(_lifetime(policy)).select("wallet").unique()
    known = skills.join(active, on="wallet", how="semi")
    heard = known.filter(~pl.col("wallet").is_in(list(faded))) if policy.drop_faded else known
    ranked = heard.sort(["skilled", "edge", "wallet"], descending=[True, True, False])
    luck = (1 - pl.col("skilled")).cum_sum() / pl.int_range(1, pl.len() + 1)
    best = ranked.with_columns(luck.alias("luck_if_chosen")).filter(pl.col("luck_if_chosen") <= policy.max_luck).head(policy.top)
    return {row["wallet"]: _why_skilled(row) for row in best.to_dicts() if row["wallet"] not in named}


def _by_omega(profiles: pl.DataFrame, policy: FollowPolicy, named: Collection[str]) -> dict[str, str]:
    """The best lifetime records by category, each wallet by its best one. Who lost money over all categories does not qualify."""
    ranked = _qualified(profiles, policy).sort(["omega", "realized_pnl", "wallet", "category"], descending=[True, True, False, False])
    best = ranked.unique("wallet", keep="first", maintain_order=True).head(policy.top)
    return {row["wallet"]: _why(row) for row in best.to_dicts() if row["wallet"] not in named}


def _lifetime(policy: FollowPolicy) -> pl.Expr:
    """Records long enough to count, in the categories that do."""
    wanted = pl.col("category").is_in(list(policy.categories)) if policy.categories else pl.col("category") != ALL_CATEGORIES
    return (pl.col("window_days") == 0) & wanted & (pl.col("closed_positions") >= policy.min_closed_positions)


def _qualified(profiles: pl.DataFrame, policy: FollowPolicy) -> pl.DataFrame:
    overall = pl.col("category") == ALL_CATEGORIES  # a wallet that loses everywhere else was lucky in its best category
    losing = profiles.filter(overall & (pl.col("window_days") == 0) & (pl.col("realized_pnl") <= 0)).select("wallet")
    return profiles.join(losing, on="wallet", how="anti").filter(
        _lifetime(policy) & (pl.col("omega") >= policy.min_omega) & (pl.col("roi") > policy.min_roi)
    )


def _why(row: dict[str, object]) -> str:
    """A wallet of Solana counts in SOL, of which a whole one is much."""
    on_solana = is_key(str(row["wallet"]))
    among = "coins" if on_solana else row["category"] or "markets without a category"
    pnl = f"{row['realized_pnl']:,.3f} SOL" if on_solana else f"{row['realized_pnl']:,.0f} USD"
    return f"omega {row['omega']:.2f} over {row['closed_positions']} closed positions in {among}, PnL {pnl}, ROI {row['roi']:.1%}"


def _why_skilled(row: dict[str, Any]) -> str:
    brought = (
        f"{row['bets']} bets in {row['events']} events paid {100 * row['surplus']:+.1f} cents a share more than their prices were worth"
    )
    if is_key(row["wallet"]):
        brought = (
            f"{row['bets']} coins brought more than {50 + 100 * row['surplus']:.0f} of 100 others got who bought them in the same minutes"
        )
    return (
        f"grade {row['grade']}: knows something with {row['skilled']:.1%}; {brought}, "
        f"edge {row['edge']:.2f} ({row['edge_low']:.2f} to {row['edge_high']:.2f}); "
        f"of it and all surer ones {row['luck_if_chosen']:.1%} are luck"
    )
