"""How the house stands: each strategy, the account, the equity of a window, what happened today, and what somebody should look at."""

from datetime import datetime, timedelta

import polars as pl

from data_contracts import AccountLimits, AccountState, Alert, Equity, Order, Position, RiskState, Signal, TradingState
from domain.copying.risk.daily_loss import DailyLoss, midnight
from domain.copying.risk.rules import rules_of
from notebooks.queries.house import BEGINNING, House
from notebooks.queries.trading import open_positions
from tasks.copying.account import read_limits
from tasks.copying.permissions import permissions
from tasks.copying.sound_rows import readable_rows

MOST_POINTS = 300  # of one curve; more than the page has pixels for
MONEY = ["balance", "equity", "cash", "day_started_equity", "open_cost", "unrealized_pnl", "realized_pnl"]
SEVERITIES = ["critical", "warning", "info"]
GOT_SOME = pl.col("status").is_in(["FILLED", "PARTIAL"])  # orders that bought or sold


def strategies(house: House) -> pl.DataFrame:
    """A row per strategy: what it is, what it may do and why not more, its money in its own stake and in USD, and its day.

    `counts`: whether its money is the account's: it is enabled, or still holds something.
    """
    rows = house.strategies.drop("policy").join(_risks(house), on="strategy_id", how="left")
    rows = rows.join(_held(house), on="strategy_id", how="left").join(_day(house), on="strategy_id", how="left")
    leaders = house.followed.group_by("strategy_id").len("leaders")
    zero = ["open_positions", "leaders", "judged_today", "copied_today", "orders_today", "filled_today"]
    whole = rows.join(leaders, on="strategy_id", how="left").with_columns(pl.col(zero).fill_null(0).cast(pl.Int64))
    whole = whole.with_columns((pl.col("enabled") | (pl.col("open_positions") > 0)).alias("counts"))
    return house.priced(whole.with_columns(pl.col("equity").fill_null(pl.col("balance"))), MONEY).sort("strategy_id")


def account(house: House) -> tuple[AccountState | None, AccountLimits | None]:
    """How the account stands, and the last limits an operator set; None where nobody ever set any, or nobody can read them."""
    return next(iter(readable_rows(house.results, AccountState)), None), read_limits(house.results)[0]


def equity(house: House, since: datetime = BEGINNING, strategies: list[str] | None = None) -> pl.DataFrame:
    """Points of each strategy's equity, evenly thinned, with `equity_usd`. One that stood still has its last point at the beginning."""
    span = max((house.now - max(since, house.now - timedelta(days=90))).total_seconds(), 60.0)
    only = ["strategy_id", "as_of", "equity", "realized_pnl"]
    within = house.results.thinned(Equity, "strategy_id", "as_of", span / MOST_POINTS, since, only)
    wanted = house.strategies["strategy_id"].to_list() if strategies is None else strategies
    silent = sorted({*wanted} - {*within["strategy_id"].to_list()})
    still = [house.results.latest(Equity, "as_of", 1, only=only, strategy_id=name) for name in silent]
    begun = [one.with_columns(pl.lit(since).cast(one.schema["as_of"]).alias("as_of")) for one in still]
    points = pl.concat([within, *begun]).filter(pl.col("strategy_id").is_in(wanted))
    return house.priced(points, ["equity"], "as_of")


def alerts(house: House) -> pl.DataFrame:
    """What lasts, the gravest and the newest first. `message` says the cure."""
    rank = pl.col("severity").replace_strict({name: place for place, name in enumerate(SEVERITIES)}, default=9, return_dtype=pl.Int64)
    return house.results.read(Alert, cleared_at=None).sort(rank, pl.col("raised_at"), descending=[False, True])


def why_not_filled(house: House) -> pl.DataFrame:
    """Orders since midnight (UTC) that bought or sold nothing, by `status` and `reason`, the most frequent first."""
    ended = house.results.sums(Order, ["status", "reason"], since=("created_at", midnight(house.now)))
    return ended.filter(~GOT_SOME).sort("rows", descending=True)


def _risks(house: House) -> pl.DataFrame:
    """What the rules computed, and what holds: the strictest voice, its reason and since when."""
    risks = house.results.read(RiskState, only=["strategy_id", "equity", "cash", "drawdown", "size_factor", "rules"])
    allowed = permissions(house.results, TradingState(house.settings.trading_state))
    names = house.strategies["strategy_id"].to_list()
    holds = pl.DataFrame(
        {
            "strategy_id": names,
            "state": [allowed[name].state.value for name in names],
            "reason": [reason.value if (reason := allowed[name].reason) else None for name in names],
            "since": [allowed[name].since for name in names],
            "may_leave": [allowed[name].may_leave for name in names],
        },
        schema={
            "strategy_id": pl.String,
            "state": pl.String,
            "reason": pl.String,
            "since": pl.Datetime("us", "UTC"),
            "may_leave": pl.Boolean,
        },
    )
    began = [_day_started(text) for text in risks["rules"].to_list()]
    figures = risks.drop("rules").with_columns(pl.Series("day_started_equity", began, risks.schema["equity"]))
    return holds.join(figures.with_columns(pl.lit(True).alias("is_assessed")), on="strategy_id", how="left")


def _day_started(rules: str) -> object:
    """What the rule of the daily loss compares with; None where it cannot be read."""
    try:
        rule = rules_of(rules).get(DailyLoss.name)
    except ValueError:
        return None
    return rule.day_started_equity if isinstance(rule, DailyLoss) else None


def _held(house: House) -> pl.DataFrame:
    realized = house.results.sums(Position, ["strategy_id"], ["realized_pnl", "fees"]).drop("rows")
    held = (
        open_positions(house)
        .group_by("strategy_id")
        .agg(pl.len().alias("open_positions"), pl.col("cost").sum().alias("open_cost"), pl.col("unrealized_pnl").sum())
    )
    return realized.join(held, on="strategy_id", how="left")


def _day(house: House) -> pl.DataFrame:
    begun = midnight(house.now)
    judged = house.results.sums(Signal, ["strategy_id", "verdict"], since=("judged_at", begun))
    ordered = house.results.sums(Order, ["strategy_id", "status"], since=("created_at", begun))
    filled = pl.col("rows").filter(GOT_SOME).sum()
    of_orders = ordered.group_by("strategy_id").agg(pl.col("rows").sum().alias("orders_today"), filled.alias("filled_today"))
    copied = pl.col("rows").filter(pl.col("verdict") == "COPY").sum().alias("copied_today")
    of_signals = judged.group_by("strategy_id").agg(pl.col("rows").sum().alias("judged_today"), copied)
    return of_signals.join(of_orders, on="strategy_id", how="full", coalesce=True)  # an exit of yesterday is tried again without a verdict
