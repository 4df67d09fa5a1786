"""What a person finds under a run: its verdicts with reasons, its positions with PnL, its quality report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from prefect.artifacts import create_table_artifact

from adapters.connect import open_results
from adapters.settings import Settings
from data_contracts import Candidate
from tasks.steps import step

SIGNALS = [
    "strategy_id",
    "verdict",
    "reason",
    "side",
    "outcome",
    "leader",
    "leader_price",
    "leader_notional",
    "notional",
    "consensus",
]
STALE_S = 300  # the age at which a consensus is asked for again: an older one is what was left
POSITIONS = ["strategy_id", "leader", "outcome", "category", "shares", "cost", "mark_price", "unrealized_pnl", "realized_pnl", "opened_at"]
POSITIONS += ["exit_reason"]
MOST_ROWS = 200  # a table a person reads, not an export


@dataclass(frozen=True, slots=True)
class Cycle:
    """The frames of one cycle. `seen` is before the checks, `trades` after."""

    as_of: datetime
    lag_s: float
    seen: pl.DataFrame
    trades: pl.DataFrame
    signals: pl.DataFrame
    orders: pl.DataFrame
    fills: pl.DataFrame
    positions: pl.DataFrame
    booked: pl.DataFrame


@step
def report_cycle(cycle: Cycle) -> None:
    """Three tables under the run; none for what did not happen."""
    if cycle.signals.height:
        copied_first = cycle.signals.sort("verdict", "reason").with_columns(_consensus()).select(SIGNALS)
        create_table_artifact(_records(copied_first), key="signals", description=_summary(cycle))
    held = pl.concat([cycle.booked, cycle.positions]).unique(["strategy_id", "leader", "token_id"], keep="first", maintain_order=True)
    if held.height:
        create_table_artifact(_records(held.select(POSITIONS)), key="positions", description="Open positions and their PnL in USD")
    create_table_artifact(_quality(cycle), key="quality", description=f"Rows seen and set aside; the feed is {cycle.lag_s:.0f} s behind")


def _summary(cycle: Cycle) -> str:
    copied = cycle.signals.filter(pl.col("verdict") == "COPY").height
    return (
        f"{copied} of {cycle.signals.height} signals copied, {cycle.orders.height} orders, {cycle.fills.height} fills, as of {cycle.as_of}"
    )


def _consensus() -> pl.Expr:
    """`0.72 medium, 40 s old`; what could not be asked for again is marked stale. Null where no consensus was asked."""
    age, stale = pl.col("consensus_age_s"), pl.when(pl.col("consensus_age_s") > STALE_S).then(pl.lit(", stale")).otherwise(pl.lit(""))
    return pl.format("{} {}, {} s old{}", pl.col("owrr").round(2), "confidence", age.round(0).cast(pl.Int64), stale).alias("consensus")


def _quality(cycle: Cycle) -> list[dict[str, Any]]:
    checked: Sequence[tuple[str, int, int]] = [
        ("trades", cycle.seen.height, cycle.trades.height),
        ("signals", cycle.signals.height, cycle.signals.height),
        ("orders", cycle.orders.height, cycle.orders.height),
        ("fills", cycle.fills.height, cycle.fills.height),
    ]
    return [{"table": table, "rows": rows, "good": good, "quarantined": rows - good} for table, rows, good in checked]


def _records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Plain values: the UI shows text and numbers."""
    return [{name: _plain(value) for name, value in record.items()} for record in frame.head(MOST_ROWS).to_dicts()]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float, str, bool)) else str(value)


@step
def report_candidates(candidates: pl.DataFrame, settings: Settings) -> None:
    """Who is new or was seen again, where, and who is excluded as what."""
    places = open_results(settings).read(Candidate, only=["wallet", "found_in"])
    counts = ", ".join(f"{count} {place.lower()}" for place, count in places.group_by("found_in").len().sort("found_in").iter_rows())
    said = f"{places['wallet'].n_unique()} candidates: {counts}. Shown: new, or seen again after a day"
    newest = candidates.sort("first_seen_at", "excluded", "wallet", descending=[True, True, False], nulls_last=True)
    create_table_artifact(_records(newest), key="candidates", description=said)


@step
def report_profiles(profiles: pl.DataFrame, leaders: pl.DataFrame) -> None:
    """The best lifetime records, and whom the strategies follow and why."""
    best = profiles.filter((pl.col("window_days") == 0) & (pl.col("category") != "all")).sort("realized_pnl", descending=True)
    columns = ["wallet", "category", "closed_positions", "win_rate", "omega", "realized_pnl", "roi", "max_drawdown", "last_trade_at"]
    columns += ["excess_wins", "excess_wins_z", "return_ratio", "maker_share", "bot_likeness", "top_percent_share", "median_hold_s"]
    create_table_artifact(_records(best.select(columns)), key="wallets", description=f"{profiles['wallet'].n_unique()} wallets profiled")
    if leaders.height:
        create_table_artifact(_records(leaders), key="leaders", description="Whom each strategy follows, and why")


@step
def report_lines(lines: Sequence[dict[str, str]], key: str, description: str) -> None:
    """What an operator's flow did, or would do. Nothing to do is an answer as well."""
    create_table_artifact(list(lines[:MOST_ROWS]), key=key, description=f"{description}: {len(lines)}")
