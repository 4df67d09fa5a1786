"""The tab Signals: every verdict with its explanation, by strategy, venue, wallet and reason."""

from collections.abc import Mapping
from html import escape

import polars as pl

from data_contracts import Reason, Verdict
from domain.copying.reason_words import words_of
from notebooks.pages import html, words
from notebooks.pages.asked import ALL, COUNTS, Asked, Choice, Filter, Typed, whole_number
from notebooks.pages.explaining import explained, order_tone, verdict
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import signals
from notebooks.queries.house import House

MOST_REASONS = 12


def filters(_house: House, given: Mapping[str, str]) -> dict[str, Filter]:
    """`given`: what the address asks for."""
    reason = given.get("reason")
    return {
        "verdict": Choice("Verdict", {"all": ALL} | {one.value: one.value for one in Verdict}, "all"),
        "reasons": Choice("Reasons", {words.of(one.value): one.value for one in Reason}, words.of(reason) if reason else None, many=True),
        "leader": Typed("Wallet", "0x… or a Solana address", given.get("wallet", "")),
        "count": COUNTS,
    }


def show(house: House, view: View, asked: Asked) -> str:
    """The verdicts, then which reasons decide how often."""
    rows = signals.signals(
        house,
        strategies=asked.some,
        leader=asked.wallet("leader"),
        reasons=asked.texts("reasons"),
        verdict=asked.text("verdict"),
        since=asked.since,
        count=whole_number(asked, "count"),
    )
    return _verdicts(house, rows, view) + _reasons(house, asked, view)


def _verdicts(house: House, rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return html.section("Verdicts", html.quiet(NONE_YET))
    scores = {one["signal_id"]: one for one in signals.scores(house, rows["signal_id"].to_list()).to_dicts()}
    columns = [
        Column("Judged", lambda row: view.clock.moment(row["judged_at"]), meaning=f"{view.clock.name}; both clocks in the title"),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Verdict", verdict),
        Column("Trade", view.traded, "wide"),
        Column(
            "Price",
            lambda row: html.both(words.price(row["leader_price"]), str(row["currency"] or "")),
            "number",
            "The leader's, in stake per share",
        ),
        Column("Our stake", lambda row: _stake(row), "number", "What we set out to spend; none for a skip or a sale"),
        Column("Order", lambda row: _order(row)),
        Column("Would bring", lambda row: html.signed(words.signed_percent(row["would_gain"]), row["would_gain"]), "number", WOULD),
        Column("Leader", lambda row: view.wallet(row["leader"])),
        Column("Delay", lambda row: words.age(row["latency_s"]), "number", "From the leader's trade to our verdict"),
    ]
    note = f"The last {rows.height:,}, newest first. The arrow of a row opens its explanation."
    return html.section(
        "Verdicts", html.table(rows.to_dicts(), columns, lambda row: explained(row, scores.get(row["signal_id"]), view)), note=note
    )


def _stake(row: Row) -> str:
    if not row["notional"]:
        return words.NONE
    return html.both(words.stake(row["notional"], row["currency"]), "" if row["currency"] == "USD" else words.usd(row["notional_usd"]))


def _order(row: Row) -> str:
    if row["order"] is None:
        return words.NONE
    tries = f" · order {row['orders']}" if row["orders"] > 1 else ""
    return html.both(
        html.pill(row["order"], order_tone(row["order"])),
        escape(f"{words.of(row['order_reason']) if row['order_reason'] else ''}{tries}"),
    )


def _reasons(house: House, asked: Asked, view: View) -> str:
    counted = signals.reasons(house, asked.since, asked.some)
    if not counted.height:
        return ""
    total = counted.group_by("verdict", "reason").agg(pl.col("rows").sum()).sort("rows", descending=True).head(MOST_REASONS)
    whole = counted["rows"].sum()
    columns = [
        Column("Reason", lambda row: f"<a href='{view.tab('Signals', reason=row['reason'])}'>{html.text(words.of(row['reason']))}</a>"),
        Column("Verdict", lambda row: html.pill(row["verdict"])),
        Column("Verdicts", lambda row: words.count(row["rows"]), "number"),
        Column(
            "Share", lambda row: html.bar(row["rows"] / whole, "of all verdicts", "plain") + words.percent(row["rows"] / whole), "number"
        ),
        Column(
            "What it means",
            lambda row: html.both(html.text(words_of(row["reason"]).says), html.code(words_of(row["reason"]).cure)),
            "wide",
        ),
    ]
    return html.section("Which rule decides how often", html.table(total.to_dicts(), columns), note=f"Of {whole:,} verdicts in the window.")


WOULD = "What following this signal would have returned, copied or not; known once its end is"
NONE_YET = (
    "No verdict here. Either nothing was judged in the window (look further back, above), or the filters leave nothing. "
    "In a new house cycles run every 30 s and each new trade of a leader gets its verdict; "
    "with nobody followed yet, run the flow <code>wallet-profiling</code> in the Prefect UI."
)
