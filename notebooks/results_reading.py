"""One look at the stores: every frame the page shows, read through the adapters. Nothing is written, nothing is shaped."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_history, open_owners, open_results
from adapters.settings import Settings, load_settings
from adapters.stores.history import History
from adapters.stores.results import Results
from data_contracts import (
    CalibrationFigure,
    Equity,
    Leader,
    Mark,
    Order,
    Position,
    Quarantined,
    Rate,
    RiskState,
    Signal,
    Strategy,
    TradingState,
    WalletProfile,
    WalletSkill,
    Watermark,
)
from data_contracts.errors import WalletflowError
from data_contracts.frames import empty, rows_of
from domain.copying.account import usd_rate
from domain.polymarket.markets import SCHEMA
from tasks.copying.marks import marked_frame
from tasks.copying.permissions import permissions
from tasks.copying.sound_rows import readable_rows

CYCLES = "signals"  # the watermark that moves when a cycle has judged
BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
WINDOWS = {"1 hour": timedelta(hours=1), "24 hours": timedelta(days=1), "7 days": timedelta(days=7), "30 days": timedelta(days=30)}
EVERYTHING = "everything"
SIGNAL_COLUMNS = [
    "signal_id",
    "judged_at",
    "strategy_id",
    "verdict",
    "reason",
    "token_id",
    "side",
    "outcome",
    "leader",
    "leader_price",
    "leader_notional",
    "notional",
    "owrr",
    "confidence",
    "latency_s",
]
ORDER_COLUMNS = ["signal_id", "status", "reason", "created_at"]
EQUITY_COLUMNS = ["strategy_id", "as_of", "equity", "realized_pnl"]


@dataclass(frozen=True, slots=True)
class Look:
    """`now` is the clock of what is looked at: ours, or the end of a replay. `since` begins the window."""

    now: datetime
    since: datetime
    cycle_at: datetime | None
    strategies: pl.DataFrame
    risks: pl.DataFrame
    realized: dict[str, float]
    usd: dict[str, float]  # for one of what a strategy counts in; without a rate on record it is not among them
    rates: pl.DataFrame  # Rate rows, of the window and the last ones
    equity: pl.DataFrame
    signals: pl.DataFrame
    orders: pl.DataFrame
    open_positions: pl.DataFrame
    closed_positions: pl.DataFrame
    leaders: pl.DataFrame
    quarantined: pl.DataFrame
    watermarks: pl.DataFrame
    calibration: pl.DataFrame  # CalibrationFigure rows


@dataclass(frozen=True, slots=True)
class Context:
    """What history and the graph add: the names of markets, the lifetime records of leaders and what their bets say, who belongs to whom."""

    markets: pl.DataFrame  # token_id and question; of a coin its name
    profiles: pl.DataFrame
    skills: pl.DataFrame
    owners: dict[str, str]
    missing: tuple[str, ...]


def settings_for(replay: str) -> Settings:
    """The live house, or a replay's own schema and database. The name may be given with its prefix."""
    name = replay.strip().removeprefix("replay_")
    return load_settings().for_replay(name) if name else load_settings()


def look(settings: Settings, window: str, wall_clock: datetime, is_replay: bool) -> Look:
    """Raises Unavailable when Postgres does not answer, Unsafe when no address is set or the tables are not ours."""
    results = open_results(settings)
    watermarks = results.read(Watermark)
    reached = dict(watermarks.select("name", "reached_at").iter_rows())
    now = max(reached.values(), default=wall_clock) if is_replay else wall_clock
    since = now - WINDOWS[window] if window in WINDOWS else BEGINNING
    rates = _rates(results, since)
    return Look(
        now=now,
        since=since,
        cycle_at=reached.get(CYCLES),
        strategies=results.read(Strategy),
        risks=_risks(results, settings),
        usd=_usd(rates, results, now),
        rates=rates,
        realized={name: float(usd) for name, usd in results.totals(Position, "strategy_id", "realized_pnl").items()},
        equity=_equity(results, since),
        signals=results.since(Signal, "judged_at", since, only=SIGNAL_COLUMNS),
        orders=results.since(Order, "created_at", since, only=ORDER_COLUMNS),
        open_positions=marked_frame(results.read(Position, closed_at=None), results.read(Mark)),
        closed_positions=results.since(Position, "closed_at", since),
        leaders=results.read(Leader, dropped_at=None),
        quarantined=results.since(Quarantined, "seen_at", since, only=["table", "rules", "seen_at"]),
        watermarks=watermarks,
        calibration=results.read(CalibrationFigure),
    )


def _rates(results: Results, since: datetime) -> pl.DataFrame:
    within = results.since(Rate, "seen_at", max(BEGINNING, since - timedelta(days=1)))
    return pl.concat([within, results.newest(Rate, "currency", "seen_at", 1, only=within.columns)]).unique(["currency", "seen_at"])


def _usd(rates: pl.DataFrame, results: Results, now: datetime) -> dict[str, float]:
    known = rows_of(rates, Rate)
    found = {one.strategy_id: usd_rate(one.stake_currency, now, known) for one in readable_rows(results, Strategy)}
    return {strategy_id: float(usd) for strategy_id, usd in found.items() if usd is not None}


def _risks(results: Results, settings: Settings) -> pl.DataFrame:
    """The computed figures with what holds: state, reason and since when of the strictest voice, and whether exits go on."""
    risks = results.read(RiskState)
    allowed = permissions(results, TradingState(settings.trading_state))
    holds = [allowed[strategy_id] for strategy_id in risks["strategy_id"]]
    return risks.with_columns(
        pl.Series("state", [one.state.value for one in holds], pl.String),
        pl.Series("reason", [one.reason and one.reason.value for one in holds], pl.String),
        pl.Series("changed_at", [one.since for one in holds], risks.schema["changed_at"]),
        pl.Series("may_leave", [one.may_leave for one in holds], pl.Boolean),
    )


def context_of(found: Look, settings: Settings) -> Context:
    """Each part that cannot be had is left empty and named in `missing`, with why."""
    missing: list[str] = []
    frames = (found.signals, found.open_positions, found.closed_positions)
    token_ids = pl.concat([frame["token_id"] for frame in frames]).unique().to_list()
    wallets = found.leaders["wallet"].unique().to_list()
    markets, profiles, skills, owners = SCHEMA.to_frame().select("token_id", "question"), empty(WalletProfile), empty(WalletSkill), {}
    try:
        history = open_history(settings)
        markets, profiles, skills = _names(history, token_ids), history.profiles(wallets), history.skills(wallets)
    except WalletflowError as error:
        missing.append(f"The names of markets and the records of leaders are missing. {_first_line(error)}")
    try:
        owners = open_owners(settings).owners()
    except WalletflowError as error:
        missing.append(f"Who owns which wallet is not known just now. {_first_line(error)}")
    return Context(markets, profiles, skills, owners, tuple(missing))


def of_venue(found: Look, venue: str | None) -> Look:
    """What strategies of one venue did, or of all. Frames that speak of no strategy stay."""
    if venue is None:
        return found
    names = found.strategies.filter(pl.col("venue") == venue)["strategy_id"].to_list()
    frames = {field.name: getattr(found, field.name) for field in fields(found)}
    own = {
        name: frame.filter(pl.col("strategy_id").is_in(names))
        for name, frame in frames.items()
        if isinstance(frame, pl.DataFrame) and "strategy_id" in frame.columns
    }
    realized = {name: stake for name, stake in found.realized.items() if name in names}
    return replace(found, realized=realized, **own)


def _names(history: History, token_ids: list[str]) -> pl.DataFrame:
    """`token_id` and `question`; a coin goes by its name: Golden Cat (GOLCAT)."""
    coins = history.tokens(token_ids).filter(pl.col("name") != "")
    questions = history.markets(token_ids).select("token_id", "question").filter(pl.col("question") != "")
    return pl.concat([questions, coins.select("token_id", pl.format("{} ({})", "name", "symbol").alias("question"))])


def strategy_names(settings: Settings) -> list[str]:
    """Empty while the stores cannot be reached: the page says so elsewhere."""
    try:
        return open_results(settings).read(Strategy, only=["strategy_id"])["strategy_id"].to_list()
    except WalletflowError:
        return []


def _equity(results: Results, since: datetime) -> pl.DataFrame:
    """A strategy without a point in the window stood still: its last point before it is its equity."""
    within = results.since(Equity, "as_of", since, only=EQUITY_COLUMNS)
    last = results.newest(Equity, "strategy_id", "as_of", 1, only=EQUITY_COLUMNS)
    still = last.join(within, on="strategy_id", how="anti").with_columns(pl.lit(since).cast(last.schema["as_of"]).alias("as_of"))
    return pl.concat([within, still])


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:300]
