"""The tab Markets and tokens: what we hold or judged lately, and the coins we heard of: how they look, and who bought them first."""

from collections.abc import Mapping

import polars as pl

from data_contracts import Venue
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import markets
from notebooks.queries.house import House

AGAINST = {"has_mint_authority": "may be minted", "has_freeze_authority": "may be frozen", "is_dead": "dead"}
BUYERS = {
    "is_candidate": "candidate",
    "is_deployer": "deployer",
    "is_funded_by_deployer": "paid by the deployer",
    "is_bundled": "in the launch's bundle",
    "is_sniper": "sniper",
}
MOST_MARKETS = 150


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {}


def show(house: House, view: View, asked: Asked) -> str:
    """One venue where one is asked for, both where none is."""
    parts = []
    if asked.venue in (None, Venue.POLYMARKET):
        parts.append(_markets(house, view))
    if asked.venue in (None, Venue.SOLANA):
        parts.append(_coins(house, view))
    return "".join(parts)


def _markets(house: House, view: View) -> str:
    rows = markets.markets(house)
    if not rows.height:
        return html.section("Markets", html.quiet("No market yet: the first verdict or position brings one. Cycles run every 30 s."))
    columns = [
        Column(
            "Market",
            lambda row: html.both(view.market(row["name"], row["token_id"], row["event"], "polymarket"), html.text(row["outcome"])),
            "wide",
        ),
        Column("Category", lambda row: html.text(row["category"])),
        Column(
            "Mark",
            lambda row: html.both(words.price(row["price"]), words.of(row["doubt"]) if row["doubt"] else ""),
            "number",
            "USD a share; below it what is doubted of its book",
        ),
        Column(
            "Consensus", lambda row: _consensus(row), "number", "Omega-weighted share of the market's skilled holders behind this outcome"
        ),
        Column(
            "Holders",
            lambda row: words.NONE if row["qualified_for"] is None else f"{row['qualified_for']} for, {row['qualified_against']} against",
            "number",
        ),
        Column(
            "We hold",
            lambda row: html.both(
                words.usd(row["held_cost"]), f"in {words.many(row['positions'], 'position')}" if row["positions"] else ""
            ),
            "number",
            "At cost",
        ),
        Column("Judged", lambda row: words.count(row["judged"] or 0), "number", "Of the last verdicts"),
        Column("Ends", lambda row: _ends(row, house, view)),
        Column("Taker fee", lambda row: words.percent(row["fee_rate"]), "number", "Rate in the venue's formula"),
    ]
    return html.section("Markets we hold or judged lately", html.table(rows.head(MOST_MARKETS).to_dicts(), columns))


def _consensus(row: Row) -> str:
    if row["owrr"] is None:
        return words.NONE
    return html.both(words.percent(row["owrr"]), f"{words.of(row['confidence'])}")


def _ends(row: Row, house: House, view: View) -> str:
    if row["payout"] is not None:
        return html.both(f"paid {words.price(row['payout'])}", view.clock.moment(row["ended_at"]))
    if row["ends_at"] is None:
        return "not known"
    late = row["ends_at"] < house.now
    return html.both(
        "waits for its result" if late else f"in {words.between(house.now, row['ends_at'])}", view.clock.moment(row["ends_at"])
    )


def _coins(house: House, view: View) -> str:
    found = markets.coins(house)
    if not found.heard.height:
        said = "No coin yet: the flow <code>token-discovery</code> hears of them, <code>token-surveillance</code> looks at them; run both in the Prefect UI."
        return html.section("Coins", html.quiet(said))
    where = found.heard.group_by("token_id").agg(pl.col("found_in").unique().sort(), pl.col("found_at").max())
    rows = (
        where.join(found.tokens, on="token_id", how="left").join(found.looks, on="token_id", how="left").sort("found_at", descending=True)
    )
    columns = [
        Column(
            "Coin",
            lambda row: html.both(
                view.market(_name(row), row["token_id"], None, "solana"), html.titled(words.short(row["token_id"]), row["token_id"])
            ),
            "wide",
        ),
        Column(
            "Heard of in",
            lambda row: html.both(html.text(", ".join(words.of(one) for one in row["found_in"])), view.clock.moment(row["found_at"])),
            meaning="Only launches are unbiased: boosts are paid for, lists hold what rose already",
        ),
        Column(
            "Price",
            lambda row: html.both(
                f"{words.price(row['price'])} SOL" if row["price"] is not None else words.NONE,
                f"${words.price(row['price_usd'])}" if row["price_usd"] is not None else "",
            ),
            "number",
        ),
        Column("Liquidity", lambda row: words.large(row["liquidity_usd"]), "number", "USD in its pool; a curve states none"),
        Column("Market cap", lambda row: words.large(row["market_cap_usd"]), "number", "USD"),
        Column(
            "Holders",
            lambda row: html.both(
                words.count(row["holders"]), f"ten have {words.percent(row['top10_fraction'])}" if row["top10_fraction"] is not None else ""
            ),
            "number",
        ),
        Column("Can be sold", lambda row: _sellable(row), meaning="Whether a route sells it, and what buying and selling it at once loses"),
        Column(
            "Against it",
            lambda row: html.text(", ".join(said for name, said in AGAINST.items() if row[name])),
            meaning="Who may still mint or freeze it, or that it is dead",
        ),
        Column(
            "Looked at",
            lambda row: html.both(
                view.clock.moment(row["looked_at"]), f"next {view.clock.moment(row['next_look_at'])}" if row["next_look_at"] else ""
            ),
        ),
    ]
    table = html.section(f"Coins: the last {rows.height} we heard of", html.table(rows.to_dicts(), columns))
    return table + _buyers(house, found, view)


def _name(row: Row) -> str | None:
    return f"{row['name']} ({row['symbol']})" if row["name"] else None


def _sellable(row: Row) -> str:
    said = "not known" if row["is_sellable"] is None else "yes" if row["is_sellable"] else "<span class='wf-loss'>NO</span>"
    return html.both(said, f"{words.percent(row['round_trip_loss'])} lost in and out" if row["round_trip_loss"] is not None else "")


def _buyers(house: House, found: markets.Coins, view: View) -> str:
    if not found.buyers.height:
        return html.section(
            "First buyers",
            html.quiet("No first buyers yet: the flow <code>wallet-discovery</code> looks at each pump.fun launch when it is an hour old."),
        )
    columns = [
        Column("Wallet", lambda row: view.wallet(row["wallet"])),
        Column("Coin", lambda row: view.market(row["name"], row["token_id"], None, "solana"), "wide"),
        Column("What it is", lambda row: html.text(", ".join(said for name, said in BUYERS.items() if row[name]))),
        Column("Rank", lambda row: words.count(row["buy_rank"]), "number", "Among its buyers, by their first purchase"),
        Column("After launch", lambda row: words.age(row["after_launch_s"]), "number"),
        Column("Spent", lambda row: words.stake(row["spent"], "SOL"), "number"),
        Column("Received", lambda row: words.stake(row["received"], "SOL"), "number"),
        Column("Gain", lambda row: html.signed(words.signed_percent(row["gain"]), row["gain"]), "number"),
        Column("Sold", lambda row: words.percent(row["sold_fraction"]), "number", "Of what it bought"),
        Column("Bought", lambda row: view.clock.moment(row["first_bought_at"])),
    ]
    rows = house.named(found.buyers.head(MOST_MARKETS))
    return html.section("Their first buyers, candidates first", html.table(rows.to_dicts(), columns))
