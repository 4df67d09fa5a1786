"""The tab Positions and orders: what we hold, what came of what we held, what was ordered and at what cost, and what we are leaving."""

from collections.abc import Mapping

import polars as pl

from data_contracts import OrderStatus
from domain.copying.reason_words import words_of
from notebooks.pages import html, words
from notebooks.pages.asked import ALL, COUNTS, Asked, Choice, Filter, Typed, whole_number
from notebooks.pages.explaining import order_tone
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import trading
from notebooks.queries.house import House, total


def filters(_house: House, given: Mapping[str, str]) -> dict[str, Filter]:
    return {
        "status": Choice("Orders", {"all": ALL} | {words.of(one.value): one.value for one in OrderStatus}, "all"),
        "leader": Typed("Wallet", "0x… or a Solana address", given.get("wallet", "")),
        "count": COUNTS,
    }


def show(house: House, view: View, asked: Asked) -> str:
    """Money in each strategy's own stake, and in USD beside it."""
    leader, count = asked.wallet("leader"), whole_number(asked, "count")
    held = trading.open_positions(house, asked.some, leader)
    closed = trading.closed_positions(house, asked.since, asked.some, leader, count)
    orders = trading.orders(house, asked.since, asked.some, leader, count)
    status = asked.text("status")
    shown = orders if status is None else orders.filter(pl.col("status") == status)
    return "".join(
        [
            _figures(held, closed, orders, trading.costs(house, asked.since, asked.some, leader)),
            _open(house, held, view),
            _exits(house, trading.exits(house, asked.some, leader), view),
            _orders(house, shown, view),
            _closed(house, closed, view),
        ]
    )


def _figures(held: pl.DataFrame, closed: pl.DataFrame, orders: pl.DataFrame, costs: pl.DataFrame) -> str:
    unrealized, gained, slipped = total(held, "unrealized_pnl_usd"), total(closed, "gain_usd"), total(orders, "slipped_usd")
    traded = total(costs, "notional_usd")
    return html.cards(
        [
            html.card("Exposure", words.usd(total(held, "cost_usd")), f"at cost in {held.height:,} positions"),
            html.card("Unrealized PnL", html.signed(words.gain(unrealized), unrealized), "at marks one could trade on"),
            html.card("Realized", html.signed(words.gain(gained), gained), f"by the last {closed.height:,} closed positions in the window"),
            html.card("Fees paid", words.usd(total(costs, "fee_usd")), f"on {words.usd(traded)} traded in the window"),
            html.card(
                "Slippage paid",
                words.usd(slipped),
                f"by the last {orders.height:,} orders, against the price each acted on; below zero: got better",
            ),
        ]
    )


def _open(house: House, held: pl.DataFrame, view: View) -> str:
    if not held.height:
        return html.section(
            "Open positions", html.quiet("Nothing is held. The tab Signals says why nothing was copied, or what waits to be filled.")
        )
    columns = [
        Column("Market", view.traded, "wide"),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Shares", lambda row: words.quantity(row["shares"]), "number"),
        Column(
            "Paid",
            lambda row: words.price(float(row["cost"]) / float(row["shares"]) if row["shares"] else None),
            "number",
            "Stake per share, with fees",
        ),
        Column(
            "Mark", lambda row: words.price(row["mark_price"]), "number", "What a share is worth now: the middle of a book one can trade on"
        ),
        Column("Cost", lambda row: _stake(row, "cost"), "number"),
        Column("Worth", lambda row: words.stake(row["worth"], row["currency"]), "number"),
        Column("Unrealized", lambda row: _gain(row, "unrealized_pnl"), "number"),
        Column("Leader", lambda row: view.wallet(row["leader"])),
        Column(
            "Held for", lambda row: html.titled(words.between(row["opened_at"], house.now), view.clock.whole(row["opened_at"])), "number"
        ),
    ]
    return html.section(f"Open positions: {held.height:,}", html.table(house.named(held).head(200).to_dicts(), columns))


def _exits(house: House, rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return html.section("Exits underway", html.quiet("Nothing waits to be sold: each exit that was asked for is done."))
    columns = [
        Column("Asked", lambda row: view.clock.moment(row["asked_at"])),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Market", lambda row: view.traded(dict(row) | {"venue": _venue(house, row), "outcome": row["token_id"]}), "wide"),
        Column("Why", lambda row: html.both(words.of(row["reason"]), html.text(words_of(row["reason"]).says))),
        Column("Sold", lambda row: f"{words.quantity(row['sold_shares'])} of {words.quantity(row['wanted_shares'])} shares", "number"),
        Column("Orders", lambda row: words.count(row["orders"]), "number"),
        Column("Held back by", lambda row: html.both(words.of(row["held_back"]), html.text(words_of(row["held_back"]).says)), "wide"),
    ]
    return html.section(f"Exits underway: {rows.height:,}", html.table(house.named(rows).head(100).to_dicts(), columns))


def _orders(house: House, rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return html.section("Orders", html.quiet("No order in the window: the tab Signals says why each trade of a leader was not copied."))
    columns = [
        Column("Made", lambda row: view.clock.moment(row["created_at"])),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Market", view.traded, "wide"),
        Column(
            "Order",
            lambda row: html.both(html.pill(row["status"], order_tone(row["status"])), words.of(row["reason"]) if row["reason"] else ""),
        ),
        Column("Shares", lambda row: words.quantity(row["shares"]), "number"),
        Column("Limit", lambda row: words.price(row["limit_price"]), "number", "Stake per share, and no worse"),
        Column("Seen", lambda row: words.price(row["observed_price"]), "number", "The price we acted on: the leader's, or an exit rule's"),
        Column("Got", lambda row: words.price(row["paid"]), "number", "The mean price of its fills"),
        Column("Slippage", lambda row: words.signed_percent(row["slippage"]), "number", "How much worse than seen; below zero is better"),
        Column("Fee", lambda row: words.stake(row["fee"], row["currency"]), "number"),
        Column("At its limit", lambda row: _stake(row, "asked"), "number", "Shares times the limit"),
        Column(
            "Sent",
            lambda row: "simulated" if row["is_simulated"] else view.transaction(row["order_hash"], row["venue"]),
            meaning="Live orders by their hash",
        ),
    ]
    return html.section(f"Orders: the last {rows.height:,}", html.table(house.named(rows).to_dicts(), columns))


def _closed(house: House, rows: pl.DataFrame, view: View) -> str:
    if not rows.height:
        return html.section("Closed positions", html.quiet("Nothing was closed in the window: look further back, above."))
    columns = [
        Column("Closed", lambda row: view.clock.moment(row["closed_at"])),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Market", view.traded, "wide"),
        Column("Realized", lambda row: _gain(row, "gain"), "number", "By this opening of the position, fees in it"),
        Column("Fees", lambda row: words.stake(row["fees"], row["currency"]), "number", "Of this opening, bought and sold"),
        Column("Held", lambda row: words.between(row["opened_at"], row["closed_at"]), "number"),
        Column("Why closed", lambda row: html.titled(words.of(row["exit_reason"]), words_of(row["exit_reason"]).says)),
        Column("Leader", lambda row: view.wallet(row["leader"])),
    ]
    return html.section(f"Closed positions: the last {rows.height:,}", html.table(house.named(rows).to_dicts(), columns))


def _venue(house: House, row: Row) -> str:
    own = house.strategies.filter(pl.col("strategy_id") == row["strategy_id"])["venue"].to_list()
    return own[0] if own else "polymarket"


def _stake(row: Row, name: str) -> str:
    return html.both(words.stake(row[name], row["currency"]), "" if row["currency"] == "USD" else words.usd(row[f"{name}_usd"]))


def _gain(row: Row, name: str) -> str:
    value = row[name]
    shown = html.signed(words.signed_stake(value, row["currency"]), None if value is None else float(value))
    return html.both(shown, "" if row["currency"] == "USD" else words.gain(row[f"{name}_usd"]))
