"""The row of figures and the plain texts, as HTML. Whatever came from a store is escaped."""

from datetime import datetime
from html import escape

import polars as pl
from results_formats import age, count, gain, instant, percent, usd
from results_reading import Look
from results_tables import day_of, of_strategy, with_orders

from adapters.settings import Settings
from data_contracts.errors import Unavailable, WalletflowError

ACTIVITY = "activity:"
LATE_S = 90  # three cycles
CURES = {
    "DAILY_LOSS": "it resumes by itself tomorrow (UTC), or by the flow trading-state",
    "DRAWDOWN": "it waits for you: run the flow trading-state",
    "WIN_RATE_LOW": "it waits for you: run the flow trading-state",
    "STRATEGY_UNREADABLE": "a row of its own cannot be read: the open alert names it and its cure",
    "OPERATOR": "ordered by an operator: run the flow trading-state to change it",
    "ACCOUNT_DAILY_LOSS": "all strategies together lost too much today; they resume by themselves tomorrow (UTC)",
    "ACCOUNT_DRAWDOWN": "all strategies wait for you: run the flow trading-state for *",
    "RATE_MISSING": "nobody says what a currency is worth in USD, so the account's limits cannot be held against it; it ends by itself",
}

NO_SCORE_YET = (
    "No score in the window: strategies of kind <code>score</code> give one to each purchase of a leader on Solana that is fresh enough; "
    "run the flow wallet-profiling if nobody is followed."
)
NO_SOL_ORDER_YET = "No order in SOL in the window: the table of verdicts above says why each purchase was not copied."
NO_COIN_YET = "No coin yet: the flow token-discovery hears of them, token-surveillance looks at them; run both in the Prefect UI."
NO_BUYER_YET = "No first buyers yet: the flow wallet-discovery looks at each pump.fun launch when it is an hour old."
NO_MEMECOIN_PROFILE_YET = (
    "No profile yet: the flow wallet-profiling makes one of each leader and candidate who closed a position in a coin."
)
NO_DELIVERY_YET = (
    "No webhook has brought anything in the window: the flow webhook-syncing registers the leaders' wallets at <code>WALLETFLOW_HELIUS_URL</code>, "
    "and <code>walletflow inbox</code> receives what they do."
)
NO_READING_YET = "Nothing was read of the chain in the window: copy-trading does, as soon as a wallet of Solana is followed."


def figures(found: Look, strategy_id: str | None, is_replay: bool) -> str:
    """Equity, PnL, positions, verdicts of the day, the last cycle. All money in USD."""
    strategies, risks = of_strategy(found.strategies, strategy_id), of_strategy(found.risks, strategy_id)
    equity, balance = _sum(risks, "equity"), _sum(strategies, "balance")
    realized = sum(stake for name, stake in found.realized.items() if strategy_id in (None, name))
    held = of_strategy(found.open_positions, strategy_id)
    day = day_of(with_orders(of_strategy(found.signals, strategy_id), found.orders), found.now)
    cards = [
        _card(
            "Equity",
            usd(equity if risks.height else balance),
            f"{gain(equity - balance) if risks.height else 'nothing yet'} on {usd(balance)}{_without_rate(strategies, found)}",
        ),
        _card("Realized PnL", gain(realized), "all closed and settled so far", _sign(realized)),
        _card("Open positions", count(held.height), f"{gain(_sum(held, 'unrealized_pnl'))} unrealized"),
        _card(
            f"Copied on {found.now:%d %b %Y}" if is_replay else "Copied today (UTC)",
            f"{day.copied:,} of {day.judged:,}",
            f"{day.filled:,} filled, {day.copied - day.filled:,} not",
        ),
        _cycle(found, is_replay),
    ]
    return f"<div class='wf-cards'>{''.join(cards)}</div>"


def states(found: Look, strategy_id: str | None) -> str:
    """One line a strategy: may it trade, and if not, why and what to do."""
    rows = of_strategy(found.strategies, strategy_id).join(found.risks, on="strategy_id", how="left")
    return f"<div class='wf-states'>{''.join(_state(row) for row in rows.sort('strategy_id').to_dicts())}</div>"


def trouble(error: WalletflowError, is_replay: bool) -> str:
    """What is wrong and what to do about it, in one line; the driver's words in small below."""
    what, _, detail = str(error).partition(": ")
    small = f"<br><small>{escape(_first_line(detail))}</small>"
    if isinstance(error, Unavailable):
        cure = "See what runs with <code>make status</code>, start it with <code>make up</code>. This page asks again by itself."
        return f"<b>{escape(what.capitalize())} does not answer.</b> {cure}{small}"
    if is_replay and what == "postgres":
        cure = (
            "<code>walletflow replay --recording DIRECTORY</code> makes one, named after the directory; an empty name shows the live house."
        )
        return f"<b>There is no replay of this name.</b> {cure}{small}"
    return f"<b>{escape(_first_line(str(error)))}</b>"


def no_signal_yet(settings: Settings) -> str:
    ui = f"http://127.0.0.1:{settings.prefect_port}"
    return f"No signal yet: cycles run every 30 s; see the Prefect UI at <a href='{ui}' target='_blank'>{ui}</a>."


def calibration_span(figures: pl.DataFrame) -> str:
    """What the last report spoke of."""
    last = figures.sort("as_of").row(-1, named=True)
    return f"Said again as of {last['said_at']:%Y-%m-%d} from what was known then, held against what came by {last['until_at']:%Y-%m-%d}."


def no_calibration_yet(is_replay: bool) -> str:
    """Where to have one."""
    if is_replay:
        return "A replay makes no report of its own: <code>walletflow calibration --recording DIR</code> holds one against what came."
    return "No report yet: the flow calibration-report makes one each week, or run it in the Prefect UI."


def quiet(text: str) -> str:
    """Why there is nothing to see. `text` is ours and may hold markup."""
    return f"<p class='wf-quiet'>{text}</p>"


def watermarks(found: Look, is_replay: bool) -> str:
    """How far each stream is safely stored, and what it means when they part."""
    reached = dict(found.watermarks.select("name", "reached_at").iter_rows())
    if not reached:
        return quiet("Nothing has been read from the feed yet.")
    ended = {name: _meaning(name) for name in reached if not name.startswith(ACTIVITY)}
    lines = [
        f"<li><b>{escape(name)}</b> {instant(at)} UTC"
        f"{'' if is_replay else f', {age((found.now - at).total_seconds())} ago'}: {escape(ended[name])}</li>"
        for name, at in sorted(reached.items(), reverse=True)
        if name in ended
    ]
    lines += _activity_line([at for name, at in reached.items() if name.startswith(ACTIVITY)])
    trades = max((at for name, at in reached.items() if name.startswith("trades")), default=None)
    behind = (trades - reached["signals"]).total_seconds() if trades and "signals" in reached else 0
    if behind > LATE_S:
        lines.append(
            f"<li class='wf-loss'>Verdicts are {age(behind)} behind the feed: an exit waits for its book, or cycles fail after reading.</li>"
        )
    return f"<ul class='wf-marks'>{''.join(lines)}</ul>"


def _meaning(name: str) -> str:
    if name.startswith("trades"):
        return "every trade up to here is in ClickHouse"
    return "every trade up to here has its verdict" if name == "signals" else "safely stored up to here"


def _activity_line(reached: list[datetime]) -> list[str]:
    """One for all wallets: a line each would be the page."""
    if not reached:
        return []
    return [f"<li><b>activity of {len(reached):,} wallets</b> the oldest {instant(min(reached))} UTC: safely stored up to here</li>"]


def _cycle(found: Look, is_replay: bool) -> str:
    if found.cycle_at is None:
        return _card("Last cycle", "none yet", "one runs every 30 s")
    if is_replay:
        return _card("Replay ends", f"{found.cycle_at:%d %b %Y}", f"as of {found.cycle_at:%H:%M:%S} UTC")
    seconds = (found.now - found.cycle_at).total_seconds()
    late = seconds > LATE_S
    return _card(
        "Last cycle", f"{age(seconds)} ago", f"{'LATE: ' if late else ''}as of {instant(found.cycle_at)} UTC", "wf-loss" if late else ""
    )


def _state(row: dict[str, object]) -> str:
    state, reason = row["state"] or "NEW", row["reason"]
    if not row["enabled"]:
        state, said = "OFF", "not enabled: it follows nobody"
    elif state == "NEW":
        said = "no cycle has assessed it yet"
    elif state == "ACTIVE":
        said = f"{row['kind']}, equity {usd(row['equity'])}, drawdown {percent(row['drawdown'])}"  # type: ignore[arg-type]
    else:
        does = "exits only" if row["may_leave"] else "does nothing"
        since = f" since {instant(row['changed_at'])} UTC" if row["changed_at"] else ""  # type: ignore[arg-type]
        said = f"{does}; {reason or 'no reason on record'}{since}: {CURES.get(str(reason), 'run the flow trading-state')}"
    return f"<div class='wf-state'><b>{escape(str(row['strategy_id']))}</b><span class='wf-pill wf-{str(state).lower()}'>{state}</span><span>{escape(said)}</span></div>"


def _card(label: str, value: str, note: str, tone: str = "") -> str:
    return f"<div class='wf-card'><div class='wf-label'>{label}</div><div class='wf-value {tone}'>{value}</div><div class='wf-note'>{note}</div></div>"


def _without_rate(strategies: pl.DataFrame, found: Look) -> str:
    left_out = sorted(set(strategies["strategy_id"]) - found.usd.keys())
    return f"; without {escape(', '.join(left_out))}: no rate on record" if left_out else ""


def _sum(frame: pl.DataFrame, column: str) -> float:
    """Of all strategies, in USD; one without a rate on record is left out, and `figures` says so."""
    return sum(float(usd or 0) for usd in frame[column])


def _sign(value: float) -> str:
    return "wf-gain" if round(value, 2) > 0 else "wf-loss" if round(value, 2) < 0 else ""


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0][:300]
