"""From first purchases of coins to a grade per wallet: the science is in `peers` and `skill`, here are its frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from data_contracts import PeerBet, WalletSkill
from data_contracts.frames import empty, fitting, schema_of
from domain.profiling.bets_needed import COMMONEST, RAREST, USUAL_EDGE, USUAL_LUCK, wanted
from domain.profiling.first_purchases import USUAL as AS_USUAL
from domain.profiling.first_purchases import FollowingPolicy, followed
from domain.profiling.grading import graded
from domain.profiling.peers import USUAL, Ints, PeerPolicy, Peers, Purchases, peer_bets, peer_null, peers_of
from domain.profiling.skill import Floats, Skill, skill_of

YOUNGEST = timedelta(days=1)
ALONE: Mapping[str, str] = {}  # every wallet is its own


@dataclass(frozen=True, slots=True)
class PeerGrades:
    """PeerBet rows, and one WalletSkill row per wallet that has any."""

    bets: pl.DataFrame
    skills: pl.DataFrame


NOBODY = PeerGrades(empty(PeerBet), empty(WalletSkill))


def grade_purchases(
    trades: pl.DataFrame,
    as_of: datetime,
    following: FollowingPolicy = AS_USUAL,
    policy: PeerPolicy = USUAL,
    youngest: timedelta = YOUNGEST,
    owners: Mapping[str, str] = ALONE,
) -> PeerGrades:
    """Of all coins' trades in the order they happened. Purchases that are younger than that are not judged yet, whatever came of them.

    `owners`: wallet → cluster.
    """
    rows = followed(trades, as_of, following).filter(pl.col("bought_at") <= as_of - youngest)
    if not rows.height:
        return NOBODY
    names = rows["wallet"].unique().sort()
    bought = purchases(rows, names, owners)
    peers = peers_of(bought, policy)
    skill = skill_of(peer_bets(bought, peers), peer_null(bought, peers))
    skills = graded(peer_bets(bought, peers), skill, names, as_of).with_columns(pl.Series("bets_needed", _needed(bought, peers, skill)))
    return PeerGrades(_rows(rows, peers, skill, as_of), fitting(skills, schema_of(WalletSkill)))


def purchases(rows: pl.DataFrame, names: pl.Series, owners: Mapping[str, str] = ALONE) -> Purchases:
    """FOLLOWED rows as arrays."""
    numbers = rows.select(
        pl.col("wallet").cast(pl.Enum(names)).to_physical().cast(pl.Int64),
        (pl.col("token_id").rank("dense") - 1).cast(pl.Int64),
        pl.col("bought_at").dt.epoch("us") / 1e6,
    )
    wallet, token, at_s = (numbers[name].to_numpy() for name in numbers.columns)
    return Purchases(wallet, token, at_s, rows["got"].to_numpy(), rows["held_s"].to_numpy(), names.len(), _owner(names, owners)[wallet])


def _owner(names: pl.Series, owners: Mapping[str, str]) -> Ints:
    """For each wallet, by its place in the names, the first place of a wallet of its owner."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(owners.get(name, name), place) for place, name in enumerate(names.to_list())], dtype=np.int64)


def _rows(rows: pl.DataFrame, peers: Peers, skill: Skill, as_of: datetime) -> pl.DataFrame:
    reliability = peers.reliability
    expected = 0.5 + np.divide(skill.expected.payoff - 0.5, reliability, out=np.zeros_like(reliability), where=reliability > 0)
    columns = {"peers": peers.count, "rank": peers.rank, "expected": np.clip(expected, 0, 1), "weight": reliability * skill.weight}
    laid = rows.with_columns(*[pl.Series(name, values) for name, values in columns.items()], judged_at=pl.lit(as_of), as_of=pl.lit(as_of))
    return fitting(laid, schema_of(PeerBet))


def _needed(bought: Purchases, peers: Peers, skill: Skill) -> Floats:
    """How many coins like its own it takes until a usual edge is known: a rank among everybody says a twenty-fourth of the edge squared."""
    count = np.bincount(bought.wallet, minlength=bought.wallets)
    says = np.bincount(bought.wallet, peers.reliability * skill.weight, bought.wallets) / np.maximum(count, 1) * (2 * USUAL_EDGE) ** 2 / 24
    asked = wanted(float(np.clip(skill.mixture.prevalence, RAREST, COMMONEST)), USUAL_LUCK)
    return np.asarray(np.where(says > 1e-9, np.ceil(asked / np.maximum(says, 1e-9)), np.nan))
