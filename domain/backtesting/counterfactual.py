"""What our refusals would have earned: every entry signal, skipped or copied, is followed to its end under one valuation.

The same stake for all, bought as late as the verdict was, at the price the token then had or in its book where one is on record, with fee;
sold when the leader sold, as late, or held to the resolution. Past our own limit there is no copy and no gain. A copied signal is valued
the same way, whatever its fill was: rules are compared, not luck with books.
"""

from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import Counterfactual, CounterfactualEnd, Side, Verdict
from data_contracts.frames import schema_of
from domain.profiling.copied_trades import OURS, Frictions, copies, markets_known
from domain.statistics.resampling import interval, numbered

STAKE = 100.0  # USD: what a usual copy is
USUAL_DELAY_S = 30.0  # of an exit: one cycle
ENDED = [end.value for end in CounterfactualEnd if end is not CounterfactualEnd.OPEN]  # what is counted: UNFILLED, which brought 0, as well


def followed(
    signals: pl.DataFrame,
    trades: pl.DataFrame,
    markets: pl.DataFrame,
    slippages: dict[str, float],
    as_of: datetime,
    frictions: Frictions = OURS,
    books: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Counterfactual rows of these signals' entries, as far as their trades are among `trades`.

    `slippages`: how much worse than the leader's price, as a part of it, each strategy accepts.
    """
    schema = schema_of(Counterfactual)
    entries = signals.filter(pl.col("side") == Side.BUY)
    past = trades.filter(pl.col("traded_at") <= as_of)
    if not entries.height or not past.height:
        return pl.DataFrame(schema=schema)
    delays = entries.group_by("trade_id").agg(pl.col("latency_s").first().alias("own_delay_s"))
    leaders = entries["leader"].unique()
    known = markets_known(markets, as_of)
    copied = copies(past, known, (USUAL_DELAY_S,), (STAKE,), frictions, leaders, books, delays)
    ends = copied.join(known.select("token_id", pl.col("ended_at").alias("resolved_at")), on="token_id", how="left")
    valued = entries.join(ends.select("trade_id", "event", "paid", "gain", "ended_at", "resolved_at"), on="trade_id")
    limit = pl.col("leader_price").cast(pl.Float64) * (1 + pl.col("strategy_id").replace_strict(slippages, default=0.05))
    never = pl.col("paid").is_null() | (pl.col("paid") > limit)
    sold = pl.col("resolved_at").is_null() | (pl.col("ended_at") < pl.col("resolved_at"))
    end = (
        pl.when(never)
        .then(pl.lit(CounterfactualEnd.UNFILLED.value))
        .when(pl.col("gain").is_null())
        .then(pl.lit(CounterfactualEnd.OPEN.value))
        .when(sold)
        .then(pl.lit(CounterfactualEnd.LEADER.value))
        .otherwise(pl.lit(CounterfactualEnd.RESOLUTION.value))
    )
    gain = pl.when(never).then(0.0).otherwise(pl.col("gain"))
    over = end != CounterfactualEnd.OPEN
    frame = valued.with_columns(
        pl.col("paid").alias("price"),
        pl.col("latency_s").alias("delay_s"),
        pl.lit(STAKE).alias("stake"),
        end.alias("end"),
        gain.alias("gain"),
        (gain * STAKE).alias("pnl"),
        pl.when(never).then(pl.col("judged_at")).when(over).then(pl.col("ended_at")).alias("ended_at"),
        pl.lit(as_of).alias("as_of"),
    )
    return frame.select(list(schema)).cast(dict(schema.items())).sort("signal_id")


def summarize_by_reason(counterfactuals: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """One row per strategy, verdict and reason: what such signals came to, and what to think of the rule.

    A skip earns when what it kept us from surely loses (the whole 90 % interval below 0), and costs when that surely gains.
    """
    done = counterfactuals.filter(pl.col("end").is_in(ENDED))
    by = ["strategy_id", "verdict", "reason"]
    rows = [
        _summary_of(dict(zip(by, key, strict=True)), own, seed) for key, own in done.sort("signal_id").group_by(by, maintain_order=True)
    ]
    frame = pl.DataFrame(rows, schema=_RECKONED)
    return frame.sort("strategy_id", "verdict", "signals", "reason", descending=[False, False, True, False])


_RECKONED = {
    "strategy_id": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
    "signals": pl.Int64,
    "unfilled": pl.Int64,
    "events": pl.Int64,
    "mean": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "median": pl.Float64,
    "pnl": pl.Float64,
    "the_rule": pl.String,
}


def _summary_of(named: dict[str, object], own: pl.DataFrame, seed: int) -> dict[str, object]:
    gains, events = own["gain"].to_numpy(), numbered(own["event"].to_list())
    sure = interval(gains[:, None], events, seed=seed)
    low, high = (None if np.isnan(bound[0]) else float(bound[0]) for bound in (sure.low, sure.high))
    return {
        **named,
        "signals": own.height,
        "unfilled": own.filter(pl.col("end") == CounterfactualEnd.UNFILLED).height,
        "events": int(events.max()) + 1,
        "mean": float(sure.mean[0]),
        "low": low,
        "high": high,
        "median": float(np.median(gains)),
        "pnl": float(own["pnl"].cast(pl.Float64).sum()),
        "the_rule": _judgement(str(named["verdict"]), low, high),
    }


def _judgement(verdict: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "too few events to say"
    if low <= 0 <= high:
        return "cannot be told from luck"
    return "earns" if (low > 0) == (verdict == Verdict.COPY.value) else "costs"
