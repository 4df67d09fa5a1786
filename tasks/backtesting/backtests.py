"""What makes a replay a backtest: when training ends, what is assumed, who stands in for the leaders, and what came of the copies."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
from pydantic import ValidationError

from adapters.connect import open_history, open_results
from adapters.feeds.recorded_conditions import AS_RECORDED, CHARGED, Conditions
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Equity, Fill, Leader, Mark, Position, Side, Strategy
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from domain.backtesting.comparison import Finding, match_leaders
from domain.copying.policy import Policy
from domain.ids import row_id
from tasks.backtesting.recorded_trades import Recording
from tasks.copying.marks import marked_frame
from tasks.operating.strategy_versions import alone_with, put_strategies
from tasks.steps import step

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a recording is replayed. The defaults are the plain replay; where trades are the books, it charges what recorded books cost.

    `train_until`: a date, or a part of the recording between 0 and 1; until then leaders are only learnt about. `changes`: policy fields
    by their path, such as ("follow.min_omega", "2"), in both first strategies. `stand_ins`: a seed; every leader is replaced by a random
    wallet of like activity.
    """

    cycle_s: int = 30
    profile_every_days: int = 30
    train_until: str | None = None
    conditions: Conditions = CHARGED
    changes: tuple[tuple[str, str], ...] = ()
    stand_ins: int | None = None

    def begins_at(self, recording: Recording) -> datetime:
        """The first instant at which anything may be copied."""
        if self.train_until is None:
            return recording.begins_at
        return _instant(self.train_until, recording)

    def without_spread(self) -> "Plan":
        """The same where what recorded books cost says nothing: they were Polymarket's."""
        return replace(self, conditions=replace(self.conditions, spread="none"))

    def place(self, name: str) -> str:
        """The name its rows are stored under: replays with other assumptions get another one.

        What fills at the trades' own prices keeps the name that it always had: rows of both would be no replay of either.
        """
        plain = Plan(self.cycle_s, self.profile_every_days)
        if self == plain:
            return f"{name}_fitted"
        return name if self == replace(plain, conditions=AS_RECORDED) else f"{name}_{row_id(json.dumps(asdict(self), sort_keys=True))[:8]}"


AS_LIVE = Plan()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`positions`: a row per copied position (strategy_id, event, invested, pnl, gain). `curve`: equity (strategy_id, as_of, equity)."""

    positions: pl.DataFrame
    curve: pl.DataFrame
    returns: dict[str, float]  # of the whole balance, by strategy

    def of(self, strategy_id: str) -> pl.DataFrame:
        return self.positions.filter(pl.col("strategy_id") == strategy_id)


def check_plan(plan: Plan) -> None:
    """Raises Refused for what no recording could make right: it is said at once, not after all of it was read."""
    _with_policy(Policy().model_dump_json(), plan.changes)
    if plan.train_until is not None:
        _part_or_date(plan.train_until)


@step
def change_strategies(settings: Settings, changes: Sequence[tuple[str, str]]) -> None:
    """Sets policy fields in every strategy. Raises Refused for a field that is not there or a value it cannot have."""
    results = open_results(settings)
    changed = [_with(row, changes) for row in results.rows(Strategy)]
    why = "of this replay: " + ", ".join(f"{name}={value}" for name, value in changes)
    alone_with([row.strategy_id for row in changed], results, partial(put_strategies, changed, why))


@step
def put_stand_ins(settings: Settings, as_of: datetime, seed: int, before: Mapping[str, str]) -> dict[str, str]:
    """Leader → stand-in, after every leader followed now was replaced by a random wallet of like activity."""
    results = open_results(settings)
    followed = results.rows(Leader, dropped_at=None)
    swapped = match_leaders(sorted({row.wallet for row in followed}), _activity(settings, as_of), seed, before)
    out = [_leader(row.strategy_id, row.wallet, "its stand-in is followed", as_of, as_of) for row in followed]
    stand_ins = [
        _leader(row.strategy_id, swapped[row.wallet], f"random, in place of {row.wallet}", as_of)
        for row in followed
        if row.wallet in swapped
    ]
    results.write([Write(Leader, frame_of([*out, *stand_ins], Leader), "put")])
    return swapped


@step
def outcome_of(settings: Settings, markets: pl.DataFrame) -> Outcome:
    """What the copies came to: closed ones by what they realized, open ones at their marks."""
    results = open_results(settings)
    fills, positions = results.read(Fill), marked_frame(results.read(Position), results.read(Mark))
    keys = ["strategy_id", "leader", "token_id"]
    spent = (pl.col("notional") + pl.col("fee")).cast(pl.Float64)
    invested = fills.filter(pl.col("side") == Side.BUY).group_by(keys).agg(spent.sum().alias("invested"))
    event = pl.when(pl.col("event") == "").then(pl.col("market_id")).otherwise(pl.col("event"))
    pnl = pl.col("realized_pnl").cast(pl.Float64) + pl.col("unrealized_pnl").cast(pl.Float64).fill_null(0)
    known = positions.join(invested, on=keys).join(markets.select("token_id", "event"), on="token_id", how="left")
    rows = known.with_columns(event.fill_null(pl.col("market_id")).alias("event"), pnl.alias("pnl")).sort(keys)
    shown = rows.select("strategy_id", "leader", "token_id", "event", "invested", "pnl", (pl.col("pnl") / pl.col("invested")).alias("gain"))
    curve = results.read(Equity).select("strategy_id", "as_of", pl.col("equity").cast(pl.Float64)).sort("strategy_id", "as_of")
    last = dict(curve.group_by("strategy_id", maintain_order=True).agg(pl.col("equity").last()).iter_rows())
    balances = {row.strategy_id: float(row.balance) for row in results.rows(Strategy)}
    return Outcome(shown, curve, {name: last.get(name, balance) / balance - 1 for name, balance in balances.items()})


def describe_backtest(strategy_id: str, found: Finding, curve: pl.DataFrame) -> dict[str, Any]:
    """A finding and its equity curve as plain values; what is not known is null."""
    own = curve.filter(pl.col("strategy_id") == strategy_id)
    points = [[at.isoformat(), equity] for at, equity in own.select("as_of", "equity").iter_rows()]
    plain = {name: None if isinstance(value, float) and value != value else value for name, value in asdict(found).items()}
    return {"strategy": strategy_id, **plain, "equity_curve": points}


def _part_or_date(text: str) -> float | datetime:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is neither a date nor a part of the recording between 0 and 1") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _instant(text: str, recording: Recording) -> datetime:
    found = _part_or_date(text)
    instant = found if isinstance(found, datetime) else recording.begins_at + found * (recording.ends_at - recording.begins_at)
    if not recording.begins_at <= instant < recording.ends_at:
        raise Refused(f"training until {text} leaves nothing to test: the recording goes from {recording.begins_at} to {recording.ends_at}")
    return instant.replace(microsecond=0) + timedelta(seconds=1 if instant.microsecond else 0)


def _with(strategy: Strategy, changes: Sequence[tuple[str, str]]) -> Strategy:
    return replace(strategy, policy=_with_policy(strategy.policy, changes))


def _with_policy(text: str, changes: Sequence[tuple[str, str]]) -> str:
    policy = json.loads(text)
    for path, value in changes:
        group, _, name = path.partition(".")
        if name not in policy.get(group, {}):
            raise Refused(f"{path} is no field of a policy, such as follow.min_omega")
        policy[group][name] = _value(value)
    try:
        return Policy.model_validate(policy).model_dump_json()
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"][:2]))
        raise Refused(f"{field}={dict(changes).get(field)}: {fault['msg'][:1].lower()}{fault['msg'][1:]}") from error


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _leader(strategy_id: str, wallet: str, why: str, as_of: datetime, dropped_at: datetime | None = None) -> Leader:
    return Leader(strategy_id=strategy_id, wallet=wallet, why=why, chosen_at=as_of, dropped_at=dropped_at)


def _activity(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """Per wallet the category it trades most, and how often it traded at all."""
    history = open_history(settings)
    trades = history.trades(BEGINNING, as_of).select("wallet", "token_id")
    counted = trades.join(history.markets().select("token_id", "category"), on="token_id", how="left").with_columns(
        pl.col("category").fill_null("")
    )
    most = counted.group_by("wallet", "category").len().sort("len", "category", descending=[True, False])
    main = most.unique("wallet", keep="first", maintain_order=True).select("wallet", "category")
    return main.join(trades.group_by("wallet").len(name="trades"), on="wallet").sort("wallet")
