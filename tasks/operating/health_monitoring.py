"""What a person should be told: the house is looked at as a whole, alerts are stored and shown."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType

from adapters.connect import feed_of, open_history, open_owners, open_results
from adapters.feeds.feed import lag_s
from adapters.settings import Settings
from adapters.stores.known_rows import read_known
from adapters.stores.results import Results
from data_contracts import (
    Alert,
    Gap,
    Instrument,
    Leader,
    Order,
    OrderStatus,
    RiskState,
    Severity,
    Signal,
    Strategy,
    Venue,
)
from data_contracts.errors import Unsafe, WalletflowError
from data_contracts.frames import rows_of
from domain.copying.risk.daily_loss import DailyLoss
from domain.copying.risk.rules import rules_of
from domain.operating.alerts import FAILED_CYCLES, NEVER_SEEN, SILENCE, House, StrategyMoney, findings, update_alerts
from domain.operating.fitting import cut
from domain.solana.programs import USDC
from tasks.clock import name_run
from tasks.copying.consensus import FRESH_FOR
from tasks.copying.open_gaps import read_open_gaps
from tasks.copying.sound_rows import readable_rows
from tasks.copying.strategy_rows import read_strategies, unreadable_rows
from tasks.copying.venues import venues_in_use
from tasks.operating.alerting import store_and_tell
from tasks.operating.artifacts import show_table
from tasks.operating.chain_accounting import unaccounted_trades
from tasks.operating.run_history import CYCLE, last_runs
from tasks.operating.standing import findings_of_standing
from tasks.steps import step
from tasks.together import within

RECENT = timedelta(hours=1)
ALIVE = defaultdict(lambda: "0", {Venue.SOLANA: USDC})  # what a venue is asked for: an outcome nobody has, a coin everybody knows
PATIENCE_S = 20.0  # with a part that is asked
MOST_ASKED = 200  # letters of what it answers instead
FAILED = (OrderStatus.REFUSED, OrderStatus.UNKNOWN)
LOST_FOR = timedelta(days=2)  # what nobody can fill any more is shown so long
WORST_FIRST = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
ABOUT = 24  # letters that are shown
CONSENSUS = ["token_id", "judged_at", "consensus_age_s"]
log = logging.getLogger("walletflow.alerts")


@step
def watch_house(settings: Settings, as_of: datetime) -> list[Alert]:
    """The alerts that are new, that last, and that ended now; stored. Raises Unavailable when Postgres cannot be asked."""
    results = open_results(settings)
    unsettled = results.rows(Alert, cleared_at=None)
    found = [*findings(_house(settings, results, unsettled, as_of), as_of), *findings_of_standing(settings, unsettled, as_of)]
    alerts = update_alerts(found, unsettled, as_of)
    ended = [one for one in _ended(results, as_of) if one.alert_id not in {alert.alert_id for alert in alerts}]
    store_and_tell([*alerts, *ended], [*unsettled, *ended], results, as_of)
    return alerts


def _ended(results: Results, as_of: datetime) -> list[Alert]:
    """Those that were told, and whose end was not."""
    late = results.since(Alert, "seen_at", as_of - timedelta(days=1))
    return rows_of(
        late.filter(pl.col("cleared_at").is_not_null() & pl.col("told_as").is_not_null() & pl.col("over_told_at").is_null()), Alert
    )


@step
def report_alerts(now: Sequence[Alert], settings: Settings, as_of: datetime) -> None:
    """Under the run, if any is open or ended `now`: those that are open, the worst and newest first; then what was over within a day."""
    lasting = [alert for alert in now if alert.cleared_at is None]
    name_run(f"health {as_of:%H:%M} · {', '.join(sorted({alert.what for alert in lasting})) or 'nothing is open'}")
    if not now:
        return
    alerts = readable_rows(open_results(settings), Alert, cleared_at=None)
    ended = rows_of(open_results(settings).since(Alert, "cleared_at", as_of - timedelta(days=1)), Alert)
    said = f"{len(alerts)} open, {len(ended)} over within a day. Each says what to do"
    alerts.sort(key=lambda alert: (WORST_FIRST.index(alert.severity), -alert.raised_at.timestamp()))
    ended.sort(key=lambda alert: alert.raised_at, reverse=True)
    show_table([_in_line(alert) for alert in (*alerts, *ended)], "alerts", said, "Overview")


def _in_line(alert: Alert) -> dict[str, str]:
    """An outcome token has 77 digits: its first tell it from the others."""
    about = alert.about if len(alert.about) <= ABOUT else f"{alert.about[:ABOUT]}…"
    until = f"{alert.cleared_at:%m-%d %H:%M}" if alert.cleared_at else "open"
    return {
        "until (UTC)": until,
        "severity": alert.severity.value,
        "what": alert.what,
        "about": about,
        "says": alert.message,
        "since (UTC)": f"{alert.raised_at:%m-%d %H:%M}",
    }


def asked_again(asked: pl.DataFrame) -> pl.DataFrame:
    """Of CONSENSUS, the questions for a token whose last answer was still good, a cycle once: what is asked first stands in no cache."""
    once = asked.unique(["token_id", "judged_at"]).sort("token_id", "judged_at")
    answered_at = pl.col("judged_at") - pl.duration(microseconds=pl.col("consensus_age_s") * 1e6)
    return once.filter(pl.col("judged_at") - answered_at.shift().over("token_id") < FRESH_FOR)


def _house(settings: Settings, results: Results, unsettled: Iterable[Alert], as_of: datetime) -> House:
    parts = ask_parts(settings, as_of)
    orders = results.since(Order, "created_at", as_of - RECENT, only=["status"])["status"]
    asked = results.since(Signal, "judged_at", as_of - RECENT, only=CONSENSUS).drop_nulls("consensus_age_s")
    again = asked_again(asked)
    strategies = read_strategies(results)
    return House(
        cycles=_cycles(),
        down=parts.down,
        unsafe=parts.unsafe,
        down_since={alert.about: alert.raised_at for alert in unsettled if alert.what == "down"},
        feed_lags_s=parts.lags_s,
        gaps=[gap for gap in readable_rows(results, Gap) if gap.closed_at is None or gap.closed_at >= as_of - LOST_FOR],
        left_out=read_open_gaps(results)[1],
        orders=orders.len(),
        orders_failed=orders.filter(orders.is_in(FAILED)).len(),
        consensus_asked=again.height,
        consensus_missed=again.filter(pl.col("consensus_age_s") == 0).height,
        money=[_money_of(own.strategy, own.risk) for own in strategies if own.risk and not own.unreadable],
        unreadable=unreadable_rows(strategies),
        ends=_ends(results, [position.token_id for own in strategies for position in own.open_positions]),
        positions=[position for own in strategies for position in own.open_positions],
        last_signal_at=_last_signal_at(results, as_of),
        unseen=[leader for leader in results.rows(Leader, dropped_at=None) if NEVER_SEEN in leader.why],
        account=strategies[0].account.state if strategies else None,
        unaccounted=unaccounted_trades(settings, as_of),
        follows_since=results.read(Leader, only=["chosen_at"], dropped_at=None)["chosen_at"].min(),  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """Of stores and venues: who does not answer, or not safely, and what it says instead; and how late each feed is, in seconds."""

    down: dict[str, str] = field(default_factory=dict)
    unsafe: dict[str, str] = field(default_factory=dict)
    lags_s: dict[str, float] = field(default_factory=dict)


def ask_parts(settings: Settings, as_of: datetime) -> Parts:
    """Every store, and of every venue in use its trades, its instruments and its books; each is waited for by itself, and not for ever."""
    parts = Parts()
    questions: dict[str, Callable[[], object]] = {
        "clickhouse": lambda: open_history(settings).instruments(["0"]),
        "graph": lambda: open_owners(settings).owners(),
    }
    for venue in venues_in_use(settings):
        questions |= _questions(venue, parts, settings, as_of)
    for name, ask in questions.items():
        try:
            within(PATIENCE_S, ask)
        except WalletflowError as error:
            said = cut(str(error).splitlines()[0], MOST_ASKED)
            parts.down[name] = said
            if isinstance(error, Unsafe):
                parts.unsafe[name.partition(" ")[0]] = said
    return parts


def _questions(venue: Venue, parts: Parts, settings: Settings, as_of: datetime) -> dict[str, Callable[[], object]]:
    def look() -> None:
        parts.lags_s[venue.value] = lag_s(feed_of(venue, settings), as_of)

    return {
        f"{venue} trades": look,
        f"{venue} instruments": lambda: feed_of(venue, settings).instruments([ALIVE[venue]], as_of),
        f"{venue} books": lambda: feed_of(venue, settings).books([ALIVE[venue]], as_of),
    }


def _cycles() -> list[tuple[bool, float]]:
    """Of the last cycles that ended, the newest first: whether it completed, and its seconds."""
    with get_client(sync_client=True) as client:
        runs = last_runs(client, CYCLE, [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED], FAILED_CYCLES)
    return [(run.state_type is StateType.COMPLETED, run.total_run_time.total_seconds()) for run in runs]


def _ends(results: Results, token_ids: Sequence[str]) -> dict[str, datetime]:
    """As the ledger remembers it: nobody else has to answer."""
    known = read_known(results, Instrument, token_ids).items()
    return {token_id: one.ends_at for token_id, one in known if one.ends_at is not None and one.payout is None}


def _money_of(strategy: Strategy, risk: RiskState) -> StrategyMoney:
    return StrategyMoney(strategy.strategy_id, strategy.balance, risk.equity, _day_started_equity(risk), strategy.stake_currency)


def _day_started_equity(risk: RiskState) -> Decimal:
    """Kept by the rule that halts by it."""
    rule = rules_of(risk.rules).get(DailyLoss.name)
    return rule.day_started_equity if isinstance(rule, DailyLoss) else risk.equity


def _last_signal_at(results: Results, as_of: datetime) -> datetime | None:
    """The last hour first: two days of signals are read only when it had none."""
    for span in (RECENT, SILENCE):
        last = results.since(Signal, "judged_at", as_of - span, only=["judged_at"])["judged_at"].max()
        if isinstance(last, datetime):
            return last
    return None
