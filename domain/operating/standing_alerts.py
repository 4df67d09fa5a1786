"""When to call a person by how trading stands: halts, failing exits, a ledger that differs, missing runs, rows set aside. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from data_contracts import Exit, Reason, Severity, TradingState
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.operating.alerts import MOST_SAID, Finding
from domain.operating.copy_alerts import EntryOrders, unfilled_findings
from domain.operating.fitting import cut

EXIT_WAITS = timedelta(minutes=10)
EXIT_TRIES = 3
MISSING_FOR = timedelta(minutes=5)  # ten cycles
MAX_SET_ASIDE = 0.01  # of what arrived within an hour
FEWEST_SET_ASIDE = 10
TOLD_ELSEWHERE = (  # by rules of their own
    Reason.ACCOUNT_DAILY_LOSS,
    Reason.ACCOUNT_DRAWDOWN,
    Reason.RATE_MISSING,
    Reason.STRATEGY_UNREADABLE,
)
BY_A_PERSON = (Reason.OPERATOR, Reason.KILL_SWITCH)
NOBODY_BUYS = (Reason.BOOK_MISSING, Reason.NO_ROUTE)


class Held(NamedTuple):
    """Who may not do all that it could, and by what; `says` is what a person or the venue said of it."""

    strategy_id: str
    state: TradingState
    reason: Reason
    says: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How trading stands at one instant; what could not be asked is left at its default and raises nothing."""

    held: Sequence[Held] = ()
    exits: Sequence[Exit] = ()  # not done
    entries: Sequence[EntryOrders] = ()  # of the last hour
    differences: Sequence[str] = ()  # between positions and what their fills come to
    completed_at: Mapping[str, datetime] = field(default_factory=dict)  # deployment that must run → when a run of it last completed
    set_aside: Mapping[str, int] = field(default_factory=dict)  # table → rows within an hour
    arrived: int | None = None  # trades within it


def standing_findings(standing: Standing, as_of: datetime) -> list[Finding]:
    """Every rule that holds now."""
    return [
        *(_halt(one) for one in standing.held if _is_a_halt(one)),
        *_exits(standing, as_of),
        *unfilled_findings(standing.entries),
        *_ledger(standing),
        *_missing_runs(standing, as_of),
        *_set_aside(standing),
    ]


def _is_a_halt(held: Held) -> bool:
    """A rule that reduces by one look is no evidence yet; what a person said is told whatever it is, so that nobody forgets it."""
    return held.reason not in TOLD_ELSEWHERE and (held.state is TradingState.HALTED or held.reason in BY_A_PERSON)


def _halt(held: Held) -> Finding:
    whoever, whom = ("Every strategy", "--all") if held.strategy_id == EVERY_STRATEGY else (held.strategy_id, held.strategy_id)
    resume = f"`walletflow resume {whom} --reason TEXT`"
    said = f" ({held.says})" if held.says else ""
    if held.reason is Reason.KILL_SWITCH:
        cure = "WALLETFLOW_TRADING_STATE says so: take it back and restart with `walletflow up`"
        severity = Severity.CRITICAL if held.state is TradingState.HALTED else Severity.WARNING
        return Finding(severity, "kill_switch", held.strategy_id, f"{whoever} is {held.state} by the kill switch: {cure}")
    if held.reason is Reason.OPERATOR:
        cure = f"{resume} when it is time"
        return Finding(
            Severity.WARNING, "stopped_by_operator", held.strategy_id, f"{whoever} is {held.state} by an operator's word{said}: {cure}"
        )
    cure = f"look into it, then {resume}; a daily loss ends at midnight (UTC) by itself"
    return Finding(Severity.CRITICAL, "strategy_halted", held.strategy_id, f"{whoever} is {held.state}, {held.reason}{said}: {cure}")


def _exits(standing: Standing, as_of: datetime) -> Iterator[Finding]:
    """One for each strategy, and kind: what a halt of a person holds back is meant to wait."""
    meant = {one.strategy_id for one in standing.held if one.state is TradingState.HALTED and one.reason in BY_A_PERSON}
    late = [one for one in standing.exits if one.orders >= EXIT_TRIES or as_of - one.asked_at >= EXIT_WAITS]
    failing = [one for one in late if not meant & {EVERY_STRATEGY, one.strategy_id}]
    for strategy_id in sorted({one.strategy_id for one in failing}):
        own = [one for one in failing if one.strategy_id == strategy_id]
        unsold = [one for one in own if one.held_back in NOBODY_BUYS]
        stuck = [one for one in own if one.held_back not in NOBODY_BUYS]
        if stuck:
            yield _exit_finding(
                Severity.CRITICAL, "exits_failing", stuck, "`walletflow positions`, then sell by hand at the venue if it stays"
            )
        if unsold:
            cure = "nobody offers a price for them now; each cycle tries again"
            yield _exit_finding(Severity.WARNING, "exits_without_buyer", unsold, cure)


def _exit_finding(severity: Severity, what: str, exits: Sequence[Exit], cure: str) -> Finding:
    oldest = min(exits, key=lambda one: one.asked_at)
    why = oldest.held_back or "its orders are not filled"
    message = (
        f"{len(exits)} exits of {oldest.strategy_id} are not done; the oldest was asked for at {oldest.asked_at:%Y-%m-%d %H:%M} UTC, "
        f"tried {oldest.orders} times, {why}: {cure}"
    )
    return Finding(severity, what, oldest.strategy_id, message)


def _ledger(standing: Standing) -> Iterator[Finding]:
    if standing.differences:
        cure = "`walletflow rebuild-positions` shows all, `walletflow rebuild-positions --apply` writes what the fills say"
        first = cut(standing.differences[0], MOST_SAID)
        message = f"{len(standing.differences)} cells of positions are not what their fills come to ({first}): {cure}"
        yield Finding(Severity.CRITICAL, "ledger_differs", "positions", message)


def _missing_runs(standing: Standing, as_of: datetime) -> Iterator[Finding]:
    for deployment, last in standing.completed_at.items():
        if as_of - last >= MISSING_FOR:
            cure = (
                "`walletflow status` shows whether its worker runs, `walletflow up` starts it; or its schedule is paused in the Prefect UI"
            )
            message = (
                f"No run of {deployment} has completed since {last:%Y-%m-%d %H:%M:%S} UTC: nothing is copied and no exit follows. {cure}"
            )
            yield Finding(Severity.CRITICAL, "runs_missing", deployment, message)


def _set_aside(standing: Standing) -> Iterator[Finding]:
    """Of trades by their share; of other tables nobody counts the good ones."""
    for table, count in sorted(standing.set_aside.items()):
        share = count / (standing.arrived + count) if table == "trades" and standing.arrived is not None else None
        if count >= FEWEST_SET_ASIDE and (share is None or share > MAX_SET_ASIDE):
            part = f", {share:.1%} of them" if share is not None else ""
            cure = "the table quarantine holds them with the rules they break; a source may have changed what it sends"
            yield Finding(Severity.WARNING, "rows_set_aside", table, f"{count} rows of {table} were set aside within an hour{part}: {cure}")
