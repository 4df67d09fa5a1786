"""How much of each limit is used: of each strategy by its policy, of the account by what an operator set."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from domain.copying.policy import Policy
from notebooks.queries.house import House, total
from notebooks.queries.overview import account, strategies
from notebooks.queries.trading import open_positions


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


def limits(house: House) -> list[Limit]:
    """The account's, where any are set, then those of each strategy."""
    held, rows = open_positions(house), strategies(house).filter("counts")
    return [*_of_account(house, held, rows), *_of_strategies(house, held, rows)]


def frame(house: House) -> pl.DataFrame:
    """The same as a frame, with `share`."""
    rows = [(one.strategy, one.name, one.about, one.used, one.most, one.unit, one.share) for one in limits(house)]
    schema = {
        "strategy": pl.String,
        "limit": pl.String,
        "about": pl.String,
        "used": pl.Float64,
        "most": pl.Float64,
        "unit": pl.String,
        "share": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _of_account(house: House, held: pl.DataFrame, rows: pl.DataFrame) -> Iterator[Limit]:
    state, most = account(house)
    if most is None:
        return
    owner = pl.col("leader").replace_strict(house.owners, default=pl.col("leader"), return_dtype=pl.String)
    yield Limit("account", "open in all", total(held, "cost_usd"), _number(most.max_open_usd), "USD")
    for name, key, cap in (
        ("open behind one owner", owner, most.max_cluster_usd),
        ("open after one leader", pl.col("leader"), most.max_leader_usd),
        ("open in one token", pl.col("token_id"), most.max_token_usd),
        ("open at one venue", pl.col("venue"), most.max_venue_usd),
    ):
        who, used = _largest(held, key, "cost_usd")
        yield Limit("account", name, used, _number(cap), "USD", who)
    yield Limit("account", "below its peak", state.drawdown * 100 if state else None, _percent(most.max_drawdown), "%")
    yield Limit("account", "lost today (UTC)", _lost_today(rows), _number(most.max_daily_loss_usd), "USD")


def _of_strategies(house: House, held: pl.DataFrame, rows: pl.DataFrame) -> Iterator[Limit]:
    policies = dict(house.strategies.select("strategy_id", "policy").iter_rows())
    for row in rows.to_dicts():
        risk, name, unit = Policy.of_record(policies[row["strategy_id"]]).risk, row["strategy_id"], row["currency"]
        own, balance = held.filter(pl.col("strategy_id") == name), float(row["balance"])
        yield Limit(name, "positions", own.height, risk.max_positions, "positions")
        cap = min(float(risk.max_exposure), balance * float(risk.max_allocated_fraction))
        yield Limit(name, "open in all", float(own["cost"].sum() or 0), cap, unit)
        leader, used = _largest(own, pl.col("leader"), "cost")
        yield Limit(name, "open after one leader", used, balance * float(risk.max_leader_fraction), unit, leader)
        token, used = _largest(own, pl.col("token_id"), "cost")
        yield Limit(name, "open in one token", used, balance * float(risk.max_token_fraction), unit, token)
        yield Limit(name, "below its peak", None if row["drawdown"] is None else row["drawdown"] * 100, float(risk.max_drawdown) * 100, "%")
        began = row["day_started_equity"]
        lost = None if began is None or not began else max(0.0, float((began - row["equity"]) / began) * 100)
        yield Limit(name, "lost today (UTC)", lost, float(risk.max_daily_loss) * 100, "%")


def _largest(held: pl.DataFrame, key: pl.Expr, cost: str) -> tuple[str, float]:
    """Who or what has the most of it open."""
    sums = held.group_by(key.alias("key")).agg(pl.col(cost).cast(pl.Float64).sum()).sort(cost, descending=True)
    return (str(sums["key"][0]), float(sums[cost][0] or 0)) if sums.height else ("", 0.0)


def _lost_today(rows: pl.DataFrame) -> float | None:
    known = rows.drop_nulls("day_started_equity_usd")
    return max(0.0, total(known, "day_started_equity_usd") - total(known, "equity_usd")) if known.height else None


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def _percent(value: object) -> float | None:
    return None if value is None else float(value) * 100  # type: ignore[arg-type]
