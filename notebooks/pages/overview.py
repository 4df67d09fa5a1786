"""The tab Overview: is all well, how much is there, what happened today, and what somebody should look at."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from data_contracts import OrderStatus
from domain.copying.reason_words import words_of
from domain.operating.copy_alerts import UNSAID
from notebooks.pages import charts, html, words
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import overview
from notebooks.queries.house import LATE_S, House, total

MOST_REASONS = 5


def show(house: House, view: View, asked: Asked) -> str:
    """Everything the operator's one look a day needs."""
    every = overview.strategies(house)
    rows = every.filter(pl.col("strategy_id").is_in(asked.strategies))
    return "".join(
        [
            "" if house.is_replay else _alerts(overview.alerts(house), view),
            _figures(house, rows, view),
            _account(house, view) if asked.are_all else "",
            _strategies(rows, view),
            _curve(house, view, asked),
            _not_filled(house),
        ]
    )


def _alerts(rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return "<p class='wf-calm'>No alert is open.</p>"
    each = [
        f"<li class='wf-{row['severity']}'>{html.pill(row['severity'])}<div><p>{html.code(row['message'])}</p>"
        f"<small>since {view.clock.moment(row['raised_at'])}, last seen {view.clock.moment(row['seen_at'])}</small></div></li>"
        for row in rows.head(10).to_dicts()
    ]
    left = f"<li><small>{rows.height - 10} more alerts are open.</small></li>" if rows.height > 10 else ""
    return html.section(f"Open alerts: {rows.height}", f"<ul class='wf-alerts'>{''.join(each)}{left}</ul>")


def _figures(house: House, rows: pl.DataFrame, view: View) -> str:
    """All money in USD. What is off and holds nothing counts neither in the equity nor in what it is compared with."""
    counted = rows.filter("counts")
    equity, balance, today = (total(counted, name) for name in ("equity_usd", "balance_usd", "day_started_equity_usd"))
    unpriced = sorted(counted.filter(pl.col("equity_usd").is_null())["strategy_id"])
    left_out = f"; without {html.text(', '.join(unpriced))}: no rate on record" if unpriced else ""
    begun = counted.filter(pl.col("day_started_equity_usd").is_not_null())
    day = total(begun, "equity_usd") - today if begun.height else None
    realized, unrealized = total(rows, "realized_pnl_usd"), total(counted, "unrealized_pnl_usd")
    copied, judged, filled, orders = (total(rows, name) for name in ("copied_today", "judged_today", "filled_today", "orders_today"))
    since = f"{html.signed(words.gain(equity - balance), equity - balance, 'since_start')} on {html.value(words.usd(balance), 'balance')}{left_out}"
    return html.cards(
        [
            html.card("Equity", html.value(words.usd(equity), "equity"), since),
            html.card("Today (UTC)", html.signed(words.gain(day), day, "today"), "realized and unrealized, since midnight"),
            html.card(
                "Realized PnL",
                html.signed(words.gain(realized), realized, "realized_pnl"),
                "all that was ever sold or settled, also by what is off now",
            ),
            html.card(
                "Open positions",
                html.value(words.count(total(rows, "open_positions")), "open_positions"),
                f"{html.value(words.usd(rows['open_cost_usd'].sum()), 'open_cost')} at cost, {html.signed(words.gain(unrealized), unrealized, 'unrealized_pnl')}",
            ),
            html.card(
                "Copied today (UTC)",
                f"{html.value(words.count(copied), 'copied_today')} <em>of {html.value(words.count(judged), 'judged_today')}</em>",
                f"{html.value(words.count(filled), 'filled_today')} of {html.value(words.count(orders), 'orders_today')} orders filled",
            ),
            _cycle(house, view),
        ]
    )


def _cycle(house: House, view: View) -> str:
    at = house.judged_until
    if at is None:
        return html.card("Last cycle", "none yet", "one runs every 30 s; <code>walletflow status</code> says whether it can")
    if house.is_replay:
        return html.card("Replay ends", view.clock.text(at, "%d %b %Y"), view.clock.moment(at))
    late = (house.now - at).total_seconds() > LATE_S
    note = f"{'LATE: see Feeds. ' if late else ''}{view.clock.moment(at)} {view.clock.name}"
    return html.card("Last cycle", f"{words.between(at, house.now)} ago", note, "wf-loss" if late else "")


def _account(house: House, view: View) -> str:
    state, limits = overview.account(house)
    if limits is None:
        return html.section("Account", html.quiet("No limit is set above the strategies: the flow <code>account-limits</code> sets them."))
    if state is None:
        return html.section("Account", html.quiet("No cycle has assessed the account yet: one runs every 30 s."))
    meaning = words_of(state.reason)
    why = f"{html.text(meaning.says)}. <b>{html.code(meaning.cure)}</b>" if state.reason else ""
    open_share = float(state.open_usd / limits.max_open_usd) if state.open_usd is not None and limits.max_open_usd else None
    fall = state.drawdown / float(limits.max_drawdown) if limits.max_drawdown else None
    of_open = f" of {words.usd(limits.max_open_usd)}" if limits.max_open_usd is not None else ", no limit"
    of_fall = f" of {words.percent(limits.max_drawdown)}" if limits.max_drawdown is not None else ", no limit"
    facts = [
        ("State", f"{html.pill(state.state)} {why}"),
        (
            "Open at cost",
            f"{html.value(words.usd(state.open_usd), 'account_open')}{of_open}{html.bar(open_share, 'used of what may be open')}",
        ),
        (
            "Below its peak",
            f"{html.value(words.percent(state.drawdown), 'account_drawdown')}{of_fall}{html.bar(fall, 'used of the drawdown')}",
        ),
    ]
    return html.section(
        "Account", html.facts(facts), note=f"All strategies together, in USD. More under <a href='{view.tab('Risk')}'>Risk</a>."
    )


def _strategies(rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return html.section("Strategies", html.quiet("No strategy yet: run the flow <code>strategy-editing</code> in the Prefect UI."))
    columns = [
        Column("Strategy", lambda row: html.both(f"<b>{html.text(row['strategy_id'])}</b>", f"{row['kind']} · {row['venue']}")),
        Column("State", lambda row: _state(row, view), "wide"),
        Column("Equity", lambda row: _money(row, "equity"), "number", "Cash and positions at their marks"),
        Column("Since its start", lambda row: _since_start(row), "number"),
        Column("Today", lambda row: _today(row), "number", "Against the equity at midnight (UTC)"),
        Column("Drawdown", lambda row: words.percent(row["drawdown"]), "number", "Below its highest equity"),
        Column(
            "Open",
            lambda row: html.both(
                words.count(row["open_positions"]), words.stake(row["open_cost"], row["currency"]) if row["open_positions"] else ""
            ),
            "number",
        ),
        Column("Copied today", lambda row: html.both(words.count(row["copied_today"]), f"of {words.count(row['judged_today'])}"), "number"),
        Column("Follows", lambda row: words.count(row["leaders"]), "number", "Wallets it follows now"),
    ]
    return html.section("Strategies", html.table(rows.to_dicts(), columns))


def _state(row: Row, view: View) -> str:
    if not row["enabled"]:
        return html.both(html.pill("OFF"), "it follows nobody; strategy-editing enables it")
    if row["is_assessed"] is None and row["state"] == "ACTIVE":
        return html.both(html.pill("NEW"), "no cycle has assessed it yet")
    if row["state"] == "ACTIVE":
        return html.pill("ACTIVE")
    meaning, does = words_of(row["reason"]), "exits only" if row["may_leave"] else "does nothing"
    since = f" since {view.clock.moment(row['since'])}" if row["since"] else ""
    cure = f" <b>{html.code(meaning.cure)}</b>" if meaning.cure else ""
    return html.both(html.pill(row["state"]), f"{does}{since}: {html.text(meaning.says)}.{cure}")


def _money(row: Row, name: str) -> str:
    shown = html.value(words.stake(row[name], row["currency"]), f"{row['strategy_id']}:{name}")
    return html.both(shown, "" if row["currency"] == "USD" else words.usd(row[f"{name}_usd"]))


def _since_start(row: Row) -> str:
    if not row["balance"]:
        return words.NONE
    change = row["equity"] - row["balance"]
    share = float(change) / float(row["balance"])
    return html.both(html.signed(words.signed_stake(change, row["currency"]), float(change)), words.signed_percent(share))


def _today(row: Row) -> str:
    if row["day_started_equity"] is None:
        return words.NONE
    change = row["equity"] - row["day_started_equity"]
    return html.signed(words.signed_stake(change, row["currency"]), float(change))


def _curve(house: House, view: View, asked: Asked) -> str:
    points = overview.equity(house, asked.since, asked.strategies)
    lines = lines_of(points, house.now)
    if not lines:
        return html.section(
            "Equity", html.quiet("No equity yet: the first cycle draws the first point, within a minute of <code>make up</code>.")
        )
    note = "Each in what it counts in, as a change since the window's first point."
    return html.section("Equity", charts.curves(lines, view.clock), note=note)


def lines_of(points: pl.DataFrame, until: datetime) -> dict[str, list[charts.Point]]:
    """Per strategy its equity in percent of its first point, up to now."""
    lines = {}
    for (name,), own in points.drop_nulls("equity").sort("strategy_id", "as_of").group_by("strategy_id", maintain_order=True):
        values = own["equity"].cast(pl.Float64)
        if values[0]:
            each = [(at, (value / values[0] - 1) * 100) for at, value in zip(own["as_of"].to_list(), values, strict=True)]
            lines[str(name)] = [*each, (max(until, each[-1][0] + timedelta(seconds=1)), each[-1][1])]
    return lines


def _not_filled(house: House) -> str:
    rows = overview.why_not_filled(house)
    if not rows.height:
        return ""
    columns = [
        Column("Orders", lambda row: words.count(row["rows"]), "number"),
        Column(
            "What became of them",
            lambda row: html.both(html.text(words.of(row["status"])), words.of(row["reason"]) if row["reason"] else ""),
        ),
        Column("Why, and what to change", _why, "wide"),
    ]
    return html.section("Orders not filled today (UTC)", html.table(rows.head(MOST_REASONS).to_dicts(), columns))


def _why(row: Row) -> str:
    meaning = words_of(UNSAID if row["status"] == OrderStatus.UNFILLED and row["reason"] is None else row["reason"])
    return html.both(html.text(meaning.says or "it is underway"), html.code(meaning.cure))


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {}
