"""What was judged, why, and what came of it: of a copy its order, of any verdict what following it would have brought."""

from datetime import datetime

import polars as pl

from data_contracts import Counterfactual, Order, Signal, SignalScore
from notebooks.queries.house import BEGINNING, House, asked

MOST = 100


def signals(
    house: House,
    strategies: list[str] | None = None,
    leader: str | None = None,
    reasons: list[str] | None = None,
    verdict: str | None = None,
    venue: str | None = None,
    since: datetime = BEGINNING,
    count: int = MOST,
    signal_id: str | None = None,
) -> pl.DataFrame:
    """Signal rows, the last first, with money in USD, the name of what was traded, what became of each order (`order`, `order_reason`,
    `orders`) and what following it would have brought (`would_gain`, `would_end`)."""
    where = asked(
        strategy_id=strategies,
        leader=leader or None,
        reason=reasons or None,
        verdict=verdict or None,
        venue=venue or None,
        signal_id=signal_id or None,
    )
    found = house.results.latest(Signal, "judged_at", count, since=since, **where)
    ids = found["signal_id"].to_list()
    rows = found.join(_orders(house, ids), on="signal_id", how="left", maintain_order="left")
    rows = rows.join(_followed_up(house, ids), on="signal_id", how="left", maintain_order="left")
    return house.named(house.priced(rows, ["notional", "leader_notional", "leader_price"], "judged_at"))


def scores(house: House, signal_ids: list[str] | None = None) -> pl.DataFrame:
    """SignalScore rows of these signals, or the last ones: what a weighted score was made of."""
    if signal_ids is None:
        return house.results.latest(SignalScore, "judged_at", MOST)
    return house.results.read(SignalScore, signal_id=signal_ids)


def reasons(house: House, since: datetime = BEGINNING, strategies: list[str] | None = None) -> pl.DataFrame:
    """How often each strategy gave each reason, the most frequent first: `rows`, and `share` of its verdicts."""
    where = asked(strategy_id=strategies)
    counted = house.results.sums(Signal, ["strategy_id", "verdict", "reason"], since=("judged_at", since), **where)
    return counted.with_columns((pl.col("rows") / pl.col("rows").sum().over("strategy_id")).alias("share")).sort(
        "strategy_id", "rows", descending=[False, True]
    )


def _orders(house: House, signal_ids: list[str]) -> pl.DataFrame:
    """An exit that was not done gets further orders: its last one is told, and how many there were."""
    found = house.results.read(Order, only=["signal_id", "status", "reason", "created_at"], signal_id=signal_ids)
    tries = found.group_by("signal_id").len("orders")
    last = found.sort("created_at").unique("signal_id", keep="last")
    return last.select("signal_id", pl.col("status").alias("order"), pl.col("reason").alias("order_reason")).join(tries, on="signal_id")


def _followed_up(house: House, signal_ids: list[str]) -> pl.DataFrame:
    found = house.results.read(Counterfactual, only=["signal_id", "gain", "end", "stake"], signal_id=signal_ids)
    return found.select(
        "signal_id", pl.col("gain").alias("would_gain"), pl.col("end").alias("would_end"), pl.col("stake").alias("would_stake")
    )
