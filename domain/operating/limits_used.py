"""How much of each limit is used as it stands: of the account by what an operator set, of a strategy by its policy.

The tab Risk and the report show the same list. What was used at most within a time the report takes from the equity curve.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from data_contracts import AccountLimits, Strategy
from domain.copying.policy import Policy

ACCOUNT = "account"
HELD = ["strategy_id", "venue", "leader", "token_id", "cost"]  # and `cost_usd`; each row is an open position


@dataclass(frozen=True, slots=True)
class Limit:
    """`used` of `most`, in `unit` ("USD", "SOL", "positions" or "%"); `most` is None where nobody set a limit. `about`: whom or what."""

    strategy: str
    name: str
    used: float | None
    most: float | None
    unit: str
    about: str = ""

    @property
    def share(self) -> float | None:
        """1 is all of it."""
        return self.used / self.most if self.used is not None and self.most else None


def account_limits(limits: AccountLimits, held: pl.DataFrame, owners: Mapping[str, str]) -> Iterator[Limit]:
    """What is open, in all and of whom it is the most. `owners`: wallet → owner, of those of whom one is known."""
    open_usd = float(held["cost_usd"].sum() or 0)
    yield Limit(ACCOUNT, "open in all", open_usd, number(limits.max_open_usd), "USD")
    for name, key, most in (
        ("open behind one owner", _owner(owners), limits.max_cluster_usd),
        ("open after one leader", pl.col("leader"), limits.max_leader_usd),
        ("open in one token", pl.col("token_id"), limits.max_token_usd),
        ("open at one venue", pl.col("venue"), limits.max_venue_usd),
    ):
        who, used = _largest(held, key, "cost_usd")
        yield Limit(ACCOUNT, name, used, number(most), "USD", who)


def strategy_limits(strategy: Strategy, held: pl.DataFrame, owners: Mapping[str, str]) -> Iterator[Limit]:
    """The same of one strategy, in its own stake. A leader is one with all the wallets of its owner, as where copies are judged."""
    risk, name, unit = Policy.of_record(strategy.policy).risk, strategy.strategy_id, strategy.stake_currency.value
    own, balance = held.filter(pl.col("strategy_id") == name), strategy.balance
    yield Limit(name, "positions", own.height, risk.max_positions, "positions")
    who, most = _most_positions(own, _owner(owners))
    yield Limit(name, "positions after one leader", most, risk.max_positions_per_leader, "positions", who)
    token, dearest = _dearest(own)
    yield Limit(name, "open in one position", dearest, float(risk.max_position_notional), unit, token)
    cap = min(risk.max_exposure, balance * risk.max_allocated_fraction)
    yield Limit(name, "open in all", float(own["cost"].sum() or 0), float(cap), unit)
    for what, key, part in (
        ("open after one leader", _owner(owners), risk.max_leader_fraction),
        ("open in one token", pl.col("token_id"), risk.max_token_fraction),
    ):
        who, used = _largest(own, key, "cost")
        yield Limit(name, what, used, float(balance * part), unit, who)


def number(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)


def percent(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value) * 100


def _owner(owners: Mapping[str, str]) -> pl.Expr:
    return pl.col("leader").replace_strict(dict(owners), default=pl.col("leader"), return_dtype=pl.String)


def _dearest(held: pl.DataFrame) -> tuple[str, float]:
    first = held.sort("cost", "token_id", descending=[True, False]).head(1)
    return next(first.select("token_id", pl.col("cost").cast(pl.Float64)).iter_rows(), ("", 0.0))


def _largest(held: pl.DataFrame, key: pl.Expr, cost: str) -> tuple[str, float]:
    """Who or what has the most of it open."""
    sums = held.group_by(key.alias("key")).agg(pl.col(cost).cast(pl.Float64).sum()).sort(cost, "key", descending=[True, False])
    return (str(sums["key"][0]), float(sums[cost][0] or 0)) if sums.height else ("", 0.0)


def _most_positions(held: pl.DataFrame, key: pl.Expr) -> tuple[str, int]:
    counts = held.group_by(key.alias("key")).len("count").sort("count", "key", descending=[True, False])
    return (str(counts["key"][0]), int(counts["count"][0])) if counts.height else ("", 0)
