"""From the stores' frames to what a person reads: frame to frame, pure. Money becomes float here: it is shown, never booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl
import polars.selectors as cs

from data_contracts import OrderStatus, Verdict
from domain.profiling.wallet_profiling import ALL_CATEGORIES

MOST_POINTS = 1500  # of one curve; more than the page has pixels


def of_strategy(frame: pl.DataFrame, strategy_id: str | None) -> pl.DataFrame:
    """The rows of one strategy, or of all."""
    return frame if strategy_id is None else frame.filter(pl.col("strategy_id") == strategy_id)


def words(column: str) -> pl.Expr:
    """TRADE_STALE reads Trade stale."""
    text = pl.col(column).str.replace_all("_", " ").str.to_lowercase()
    return (text.str.slice(0, 1).str.to_uppercase() + text.str.slice(1)).alias(column)


def curve(equity: pl.DataFrame, risks: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """Points of each strategy's equity up to the last cycle, thinned evenly; the last one of each always stays."""
    now = risks.select("strategy_id", pl.lit(until).cast(equity.schema["as_of"]).alias("as_of"), "equity")
    points = pl.concat([equity.select(now.columns), now]).sort("strategy_id", "as_of").with_columns(pl.col("equity").cast(pl.Float64))
    place, count = pl.int_range(pl.len()).over("strategy_id"), pl.len().over("strategy_id")
    step = (count // MOST_POINTS).clip(1)
    return points.filter((place % step == 0) | (place == count - 1))


def with_orders(signals: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """What became of each copy, as `order`: Filled, Denied: slippage too high. Null where no order was made.

    An exit that was not done gets further orders: its last one is told, and how many there were.
    """
    why = pl.when(pl.col("reason").is_null()).then(pl.lit("")).otherwise(pl.concat_str(pl.lit(": "), words("reason").str.to_lowercase()))
    tries = pl.when(pl.len().over("signal_id") > 1).then(pl.format(", order {}", pl.len().over("signal_id"))).otherwise(pl.lit(""))
    last = orders.sort("created_at").with_columns(tries.alias("tries")).unique("signal_id", keep="last")
    said = last.select("signal_id", pl.concat_str(words("status"), why, "tries").alias("order"), "status")
    return signals.join(said, on="signal_id", how="left", maintain_order="left")


def signals_shown(signals: pl.DataFrame, markets: pl.DataFrame, verdict: str | None, reasons: list[str]) -> pl.DataFrame:
    """Newest first, with the market's name. Signals come with their orders."""
    wanted = signals if verdict is None else signals.filter(pl.col("verdict") == verdict)
    wanted = wanted.filter(pl.col("reason").is_in(reasons)) if reasons else wanted
    return (
        _with_question(wanted.sort("judged_at", "strategy_id", descending=[True, False]), markets)
        .with_columns(cs.decimal().cast(pl.Float64), words("reason"))
        .select(
            pl.col("judged_at").alias("Judged (UTC)"),
            pl.col("strategy_id").alias("Strategy"),
            pl.col("verdict").alias("Verdict"),
            pl.col("reason").alias("Reason"),
            pl.col("order").alias("Order"),
            pl.col("question").alias("Market"),
            _trade().alias("Trade"),
            pl.col("leader_price").alias("Price"),
            pl.when(pl.col("notional") > 0).then("notional").alias("Our USD"),
            *_own_amount(signals),
            pl.col("owrr").alias("OWRR"),
            pl.col("confidence").alias("Confidence"),
            pl.col("leader").alias("Leader"),
            pl.col("leader_notional").alias("Leader's USD"),
            pl.col("latency_s").alias("Delay"),
        )
    )


def reason_counts(signals: pl.DataFrame) -> pl.DataFrame:
    """How often each strategy gave each reason, as `signals` and as `share` of its verdicts."""
    counted = signals.group_by("strategy_id", "verdict", "reason").len("signals").with_columns(words("reason"))
    return counted.with_columns((pl.col("signals") / pl.col("signals").sum().over("strategy_id")).alias("share")).sort(
        "strategy_id", "signals", descending=[False, True]
    )


def open_shown(positions: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """What we hold, the largest first."""
    return (
        _with_question(positions, markets)
        .with_columns(cs.decimal().cast(pl.Float64))
        .sort("cost", descending=True)
        .select(
            pl.col("strategy_id").alias("Strategy"),
            pl.col("question").alias("Market"),
            _outcome().alias("Outcome"),
            pl.col("shares").alias("Shares"),
            (pl.col("cost") / pl.col("shares")).alias("Paid"),
            pl.col("mark_price").alias("Mark"),
            pl.col("cost").alias("Cost"),
            *_own_amount(positions),
            (pl.col("shares") * pl.col("mark_price")).alias("Worth"),
            pl.col("unrealized_pnl").alias("Unrealized PnL"),
            pl.col("realized_pnl").alias("Realized PnL"),
            pl.col("leader").alias("Leader"),
            pl.col("opened_at").alias("Opened (UTC)"),
        )
    )


def closed_shown(positions: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """What is over, newest first."""
    return (
        _with_question(positions, markets)
        .with_columns(cs.decimal().cast(pl.Float64))
        .sort("closed_at", descending=True)
        .select(
            pl.col("closed_at").alias("Closed (UTC)"),
            pl.col("strategy_id").alias("Strategy"),
            pl.col("question").alias("Market"),
            _outcome().alias("Outcome"),
            (pl.col("realized_pnl") - pl.col("realized_before")).alias("Realized PnL"),  # of this opening
            *_own_amount(positions),
            pl.col("fees").alias("Fees"),
            ((pl.col("closed_at") - pl.col("opened_at")).dt.total_seconds()).alias("Held"),
            words("exit_reason").alias("Why closed"),
            pl.col("leader").alias("Leader"),
        )
    )


def leaders_shown(leaders: pl.DataFrame, profiles: pl.DataFrame, skills: pl.DataFrame, owners: Mapping[str, str]) -> pl.DataFrame:
    """Whom we follow with their lifetime record over all categories, and how much it can show; `why` tells the record that chose them."""
    lifetime = profiles.filter((pl.col("category") == ALL_CATEGORIES) & (pl.col("window_days") == 0)).drop("category")
    owner = pl.col("wallet").replace_strict(dict(owners), default=None, return_dtype=pl.String)
    return (
        leaders.join(lifetime, on="wallet", how="left")
        .join(skills.select("wallet", "grade", "bets", "bets_needed"), on="wallet", how="left")
        .sort("strategy_id", "realized_pnl", descending=[False, True], nulls_last=True)
        .select(
            pl.col("strategy_id").alias("Strategy"),
            pl.col("wallet").alias("Leader"),
            pl.col("closed_positions").alias("Closed"),
            pl.col("win_rate").alias("Win rate"),
            pl.col("omega").alias("Omega"),
            pl.col("roi").alias("ROI"),
            (pl.col("realized_pnl") * pl.col("usd")).alias("PnL"),
            pl.col("excess_wins").alias("Wins above price"),
            pl.col("excess_wins_z").alias("z"),
            pl.col("grade").alias("Grade"),
            pl.col("bets").alias("Bets"),
            pl.col("bets_needed").alias("Bets needed"),
            pl.col("maker_share").alias("Maker"),
            pl.col("bot_likeness").alias("Bot"),
            pl.col("last_trade_at").alias("Last trade (UTC)"),
            pl.col("why").alias("Why we follow"),
            *([owner.alias("Owner")] if owners else []),
        )
    )


def quarantine_shown(quarantined: pl.DataFrame) -> pl.DataFrame:
    """Rows by table and rule; a row that breaks two rules counts in both."""
    each = quarantined.with_columns(pl.col("rules").str.split("; ")).explode("rules")
    return (
        each.group_by("table", "rules")
        .agg(pl.len().alias("Rows"), pl.col("seen_at").max().alias("Last seen (UTC)"))
        .sort("Rows", "table", "rules", descending=[True, False, False])
        .rename({"table": "Table", "rules": "Rule it broke"})
    )


def calibration_shown(figures: pl.DataFrame) -> pl.DataFrame:
    """The last report: what was said of wallets, and what came."""
    last = figures.filter(pl.col("as_of") == pl.col("as_of").max())
    return last.select(
        pl.col("what").alias("Said of"),
        pl.col("of").alias("Group"),
        pl.col("count").alias("Cases"),
        pl.col("said").alias("Said"),
        pl.col("came").alias("Came"),
        pl.col("low").alias("Came from"),
        pl.col("high").alias("Came to"),
        pl.col("verdict").alias("Verdict"),
        pl.col("missing").alias("Missing from the record"),
    )


@dataclass(frozen=True, slots=True)
class Day:
    """What one day's verdicts came to: COPY is our will, a fill is the venue's."""

    judged: int
    copied: int
    filled: int


def day_of(signals: pl.DataFrame, now: datetime) -> Day:
    """The day since midnight UTC, as far as the window reaches. Signals come with their orders."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    judged = signals.filter(pl.col("judged_at") >= midnight)
    copied = judged.filter(pl.col("verdict") == Verdict.COPY)
    filled = copied.filter(pl.col("status").is_in([OrderStatus.FILLED, OrderStatus.PARTIAL]))
    return Day(judged.height, copied.height, filled.height)


def _own_amount(frame: pl.DataFrame) -> list[pl.Expr]:
    """A column more where something is counted in another stake than USD (`results_usd.in_usd`)."""
    return [pl.col("in_stake").alias("In its stake")] if "in_stake" in frame.columns and frame["in_stake"].count() else []


def _outcome() -> pl.Expr:
    """A coin has none: its address stands in the row."""
    return pl.when(pl.col("outcome") != pl.col("token_id")).then("outcome").otherwise(pl.lit("coin"))


def _trade() -> pl.Expr:
    return pl.when(pl.col("outcome") != pl.col("token_id")).then(pl.concat_str("side", "outcome", separator=" ")).otherwise("side")


def _with_question(frame: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """With `question`; a market nobody has named yet goes by its id."""
    names = markets.select("token_id", "question").unique("token_id")
    named = frame.join(names, on="token_id", how="left", maintain_order="left")
    unnamed = pl.concat_str(pl.lit("token "), pl.col("token_id").str.slice(0, 8), pl.lit("…"))
    return named.with_columns(pl.when(pl.col("question").str.len_chars() > 0).then("question").otherwise(unnamed).alias("question"))
