"""What a person finds under a run: its verdicts with reasons, its positions with PnL, its quality report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from prefect.context import FlowRunContext, TaskRunContext

from adapters.connect import open_results
from adapters.settings import Settings
from data_contracts import BookSample, Candidate, Gap, Mark, Position, Venue, contract_of
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.marking import MarkedPosition, mark_of
from tasks.clock import name_run
from tasks.copying.marks import marked_frame
from tasks.copying.observing import Seen
from tasks.operating.artifacts import show_table
from tasks.operating.charts import histogram, price_against_wins, show_chart
from tasks.steps import is_bare, step

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
    "stake_currency",
    "consensus",
]
SHOWN = ["wallet", "category", "closed_positions", "win_rate", "omega", "realized_pnl", "roi", "max_drawdown", "last_trade_at"]
SHOWN += ["excess_wins", "excess_wins_z", "return_ratio", "maker_share", "bot_likeness", "top_percent_share", "median_hold_s"]
STALE_S = 300  # the age at which a consensus is asked for again: an older one is what was left
POSITIONS = ["strategy_id", "leader", "outcome", "category", "shares", "cost", "mark_price", "unrealized_pnl", "realized_pnl", "opened_at"]
POSITIONS += ["stake_currency", "exit_reason"]
STAKE = pl.col("venue").replace_strict({venue.value: STAKE_OF[venue].value for venue in Venue}).alias("stake_currency")
MOST_ROWS = 200  # a table a person reads, not an export
LATELY = timedelta(hours=1)
SHOWN_ROWS = 50  # of a cycle: there are thousands a day


@dataclass(frozen=True, slots=True)
class Done:
    """What was carried out: verdicts, their orders, their fills, the positions that changed, and the books that were looked at for it."""

    signals: pl.DataFrame
    orders: pl.DataFrame
    fills: pl.DataFrame
    booked: pl.DataFrame
    books: Sequence[BookSample] = ()


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one cycle saw and did: our own exits, then the rest. `seen` is before the checks, `trades` after; `held` before any of it."""

    as_of: datetime
    seen: Seen
    trades: pl.DataFrame
    held: Sequence[MarkedPosition]
    done: tuple[Done, ...]

    @property
    def signals(self) -> pl.DataFrame:
        return pl.concat([one.signals for one in self.done])

    @property
    def orders(self) -> pl.DataFrame:
        return pl.concat([one.orders for one in self.done])

    @property
    def fills(self) -> pl.DataFrame:
        return pl.concat([one.fills for one in self.done])

    @property
    def booked(self) -> pl.DataFrame:
        """The last of each position first."""
        return pl.concat([one.booked for one in reversed(self.done)])


def report_cycle(cycle: Cycle) -> None:
    """What happened in a cycle, as tables under its run. A quiet one leaves none, and no step."""
    if cycle.signals.height or cycle.booked.height or _set_aside(cycle):
        show_cycle(cycle)
    if cycle.signals.height:
        name_run(f"cycle {cycle.as_of:%H:%M:%S} · {_copied(cycle)} copied of {cycle.signals.height}")


@step
def show_cycle(cycle: Cycle) -> None:
    """Its verdicts, copies first; its positions, if a fill changed any; its quality, if a row was set aside."""
    if cycle.signals.height:
        copied_first = cycle.signals.sort("verdict", "reason").head(SHOWN_ROWS).with_columns(_consensus(), STAKE).select(SIGNALS)
        show_table(_records(copied_first), "signals", _summary(cycle), "Signals")
    if cycle.booked.height:
        changed_first = "Positions and their PnL, each in its stake_currency, those that changed first"
        show_table(_records(_held(cycle)), "positions", changed_first, "Positions")
    if _set_aside(cycle):
        show_table(_quality(cycle), "quality", f"Rows set aside; the feed is {cycle.seen.lag_s:.0f} s behind", "Data quality")


def _held(cycle: Cycle) -> pl.DataFrame:
    positions = pl.concat([cycle.booked, frame_of(cycle.held, Position)])
    marks = frame_of({one.token_id: mark_of(one) for one in cycle.held}.values(), Mark)
    each_once = positions.unique(contract_of(Position).key, keep="first", maintain_order=True)
    return marked_frame(each_once.head(SHOWN_ROWS), marks).with_columns(STAKE).select(POSITIONS)


def _set_aside(cycle: Cycle) -> bool:
    """Whether rows broke their contract on the way in."""
    return cycle.seen.trades.height > cycle.trades.height


def _is_no_run() -> bool:
    """Nor is a replay: what it put under the live house's keys would take the place of that house's own tables."""
    return is_bare() or (FlowRunContext.get() is None and TaskRunContext.get() is None)


def _summary(cycle: Cycle) -> str:
    signals, orders, fills = cycle.signals.height, cycle.orders.height, cycle.fills.height
    return f"{_copied(cycle)} of {signals} signals copied, {orders} orders, {fills} fills, as of {cycle.as_of}"


def _copied(cycle: Cycle) -> int:
    return cycle.signals.filter(pl.col("verdict") == "COPY").height


def _consensus() -> pl.Expr:
    """`0.72 medium, 40 s old`; what could not be asked for again is marked stale. Null where no consensus was asked."""
    age, stale = pl.col("consensus_age_s"), pl.when(pl.col("consensus_age_s") > STALE_S).then(pl.lit(", stale")).otherwise(pl.lit(""))
    return pl.format("{} {}, {} s old{}", pl.col("owrr").round(2), "confidence", age.round(0).cast(pl.Int64), stale).alias("consensus")


def _quality(cycle: Cycle) -> list[dict[str, Any]]:
    checked: Sequence[tuple[str, int, int]] = [
        ("trades", cycle.seen.trades.height, cycle.trades.height),
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
def report_candidates(found: Sequence[pl.DataFrame], settings: Settings) -> None:
    """Who is new or was seen again, where, and who is excluded as what."""
    places = open_results(settings).read(Candidate, only=["wallet", "found_in"])
    counts = ", ".join(f"{count} {place.lower()}" for place, count in places.group_by("found_in").len().sort("found_in").iter_rows())
    said = f"{places['wallet'].n_unique()} candidates: {counts}. Shown: new, or seen again after a day"
    newest = pl.concat(found).sort("first_seen_at", "excluded", "wallet", descending=[True, True, False], nulls_last=True)
    show_table(_records(newest), "candidates", said, "Wallets")
    name_run(f"discovery · {places['wallet'].n_unique()} candidates, {newest.height} new or seen again")


@step
def report_profiles(profiles: pl.DataFrame, leaders: pl.DataFrame) -> None:
    """The best lifetime records, and whom the strategies follow and why."""
    if _is_no_run():
        return
    best = profiles.filter(pl.col("category") != "all").sort("realized_pnl", descending=True)
    said = f"{profiles['wallet'].n_unique()} wallets profiled. `bets_needed`: bets like its own until a usual edge is told from luck"
    show_table(_records(best), "wallets", said, "Wallets")
    name_run(f"profiles · {profiles['wallet'].n_unique()} wallets, {leaders['wallet'].n_unique()} followed")
    if leaders.height:
        show_table(_records(leaders), "leaders", "Whom each strategy follows, and why", "Wallets")


@step
def report_gaps(settings: Settings, as_of: datetime) -> None:
    """What we missed of each source, and how far it is filled; the newest first. Nothing where none is open and none ended lately."""
    gaps = open_results(settings).read(Gap).sort("until_at", descending=True)
    open_now = gaps["closed_at"].null_count()
    name_run(f"gaps · {open_now} open, {gaps.height - open_now} closed")
    if open_now or gaps.filter(pl.col("closed_at") > as_of - LATELY).height:
        show_table(_records(gaps.drop("cursor")), "gaps", f"{open_now} open, {gaps.height - open_now} closed", "Feeds")


@step
def report_lines(lines: Sequence[dict[str, str]], key: str, description: str, tab: str = "Overview", **asked: str) -> None:
    """What an operator's flow did, or would do. Nothing to do is an answer as well. `tab` of the results page shows what came of it."""
    show_table(lines[:MOST_ROWS], key, f"{description}: {len(lines)}", tab, **asked)


@step
def report_skill(bets: pl.DataFrame, skills: pl.DataFrame) -> None:
    """The surest wallets with their grades, and two pictures: what prices were worth, and how sure we are of whom."""
    if not skills.height or _is_no_run():
        return
    grades = ", ".join(f"{count} {grade}" for grade, count in skills.group_by("grade").len().sort("grade").iter_rows())
    surest = skills.sort(["skilled", "wallet"], descending=[True, False]).drop("as_of")
    show_table(_records(surest), "grades", f"{skills.height} wallets graded: {grades}", "Wallets")
    sure = histogram(skills["skilled"], "Wallets, by the probability that they know something (log scale)", "probability")
    show_chart("skill", f"{bets.height} bets of {skills.height} wallets", "Wallets", price_against_wins(bets), sure)


@step
def report_edges(states: pl.DataFrame) -> None:
    """The faded first, then those a rule of the brief names."""
    if states.height and not _is_no_run():
        shown = states.with_columns((pl.col("form") == "FADED").alias("faded"), (pl.col("brief") != "GOOD").alias("flagged"))
        first = shown.sort(["faded", "flagged", "wallet"], descending=[True, True, False]).drop("faded", "flagged")
        said = f"{states.height} wallets watched, {shown['faded'].sum()} faded; the rules of the brief name {shown['flagged'].sum()}"
        show_table(_records(first), "edges", said, "Wallets")


@step
def report_ratings(rated: pl.DataFrame, flags: pl.DataFrame) -> None:
    """What copying the best wallets brings at one cycle's delay and 100 USD, all cells of the grid, and who is a trap."""
    usual = rated.filter((pl.col("delay_s") == 30) & (pl.col("notional") == 100)).sort("mean", descending=True)
    said = f"{usual.height} wallets rated; return of a copied BUY after 30 s with 100 USD, interval 90 %"
    show_table(_records(usual), "copyability", said, "Wallets")
    by_cell = rated.group_by("delay_s", "notional").agg(
        pl.col("mean").median().alias("median_wallet"), (pl.col("low") > 0).sum().alias("surely_above_0"), pl.len().alias("wallets")
    )
    show_table(_records(by_cell.sort("delay_s", "notional")), "copyability-grid", "The grid over all wallets", "Performance")
    name_run(f"copyability · {usual.height} wallets rated, {flags.filter('flagged')['wallet'].n_unique()} traps")
    flagged = flags.filter("flagged").sort("trap", "score", descending=[False, True])
    show_table(_records(flagged), "traps", f"{flagged.height} flags over {flags['wallet'].n_unique()} wallets", "Wallets")


@step
def report_spreads(fits: pl.DataFrame) -> None:
    """What buying costs by category and USD, what it rests on, and how well the fit before foresaw the books that came after it."""
    told = (
        pl.when(pl.col("ending_power").is_null()).then(pl.lit("not supported")).otherwise(pl.col("ending_power").round(2).cast(pl.String))
    )
    bands = pl.concat_list("from_0h", "from_6h", "from_12h", "from_18h")
    shown = fits.select(
        pl.when(pl.col("category") == "").then(pl.lit("any other")).otherwise("category").alias("category"),
        pl.col("notional").alias("USD"),
        *((pl.col("even") * pl.col(name)).round(4).alias(f"{name}, USD a share at 0.50") for name in ("mean", "low", "high")),
        told.alias("dearer towards the end, power"),
        pl.when(bands.list.n_unique() == 1)
        .then(pl.lit("not supported"))
        .otherwise(bands.cast(pl.List(pl.String)).list.join(" "))
        .alias("by hours"),
        pl.col("rests_on").alias("markets (any other: categories)"),
        pl.col("own_markets").alias("of our own feed"),
        pl.col("covered").round(3).alias("of newer markets in the interval before"),
        pl.col("new_markets").alias("newer markets"),
    )
    show_table(_records(shown), "spreads", "What buying at once costs above the middle; interval 90 %", "Performance")


@step
def report_counterfactuals(by_reason: pl.DataFrame, days: int) -> None:
    """Rule by rule: what its signals came to."""
    said = f"What 100 USD behind each entry signal of the last {days} days came to, by verdict and reason; interval 90 %, over events"
    show_table(_records(by_reason), "counterfactual-report", said, "Performance")
    name_run(f"counterfactuals · {by_reason.height} rules over {days} days")


@step
def report_replay(came: Mapping[str, Any], place: str) -> None:
    """What each strategy of a replay did, and why it did not more. The link leads to the rows in their place."""
    kept = ("strategy", "kind", "signals", "copied", "orders", "fills", "settled", "realized_pnl", "fees", "equity")
    whys = [", ".join(f"{reason} {count}" for reason, count in row["reasons"].items()) for row in came["strategies"]]
    rows = [{name: row[name] for name in kept} | {"reasons": why} for row, why in zip(came["strategies"], whys, strict=True)]
    said = f"{came['accepted']} of {came['rows']} rows taken, {came['quarantined']} set aside; kept in replay_{place}"
    sentences = [found["sentence"] for found in came.get("backtest", [])]
    show_table(rows, "recording-replay", "\n\n".join([said, *sentences]), "Performance", replay=place)


@step
def report_sweep(records: Sequence[dict[str, Any]]) -> None:
    """The variants, those to believe first."""
    said = f"{len(records)} variants; p_corrected allows for having tried them all (Romano and Wolf, over events)"
    show_table(list(records), "parameter-sweep", said, "Performance")
