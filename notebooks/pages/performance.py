"""The tab Performance: what came of it and for whom, whether what was said came true, and what luck alone would have brought."""

from collections.abc import Mapping

import polars as pl

from domain.copying.realizing import OPENING
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Choice, Filter
from notebooks.pages.explaining import verdict
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import performance
from notebooks.queries.house import House, total

HEADINGS = {"strategy": "Strategy", "leader": "Leader", "category": "Category", "venue": "Venue", "market": "Market", "day": "Day (UTC)"}
MOST = 50


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {"by": Choice("By", {name: name for name in HEADINGS}, "strategy")}


def show(house: House, view: View, asked: Asked) -> str:
    return "".join([_realized(house, view, asked), _random(house, asked), _followed_up(house, asked), _calibration(house, view)])


def _realized(house: House, view: View, asked: Asked) -> str:
    """All that was realized in the window, in parts that add up to it."""
    rows, by = performance.realized(house, asked.since, asked.some), asked.text("by") or "strategy"
    title = f"What came of it, by {by}"
    if not rows.height:
        said = "Nothing was realized in the window: look further back, above, or wait until a leader leaves or a market resolves."
        return html.section(title, html.quiet(said))
    found, parts = performance.performance(rows, by, MOST), rows[performance.BY[by]].n_unique()
    which = "last" if by == "day" else "best and worst"
    cut = f" The {which} {MOST} of {parts:,} are shown." if parts > MOST else ""
    columns = [_of(house, found, rows, by, view), *COLUMNS]
    return html.section(title, _totals(rows), html.table(found.to_dicts(), columns), note=f"{REALIZED}{_unpriced(rows)}{cut}")


def _totals(rows: pl.DataFrame) -> str:
    gained, positions = total(rows, "gain_usd"), rows.select(OPENING).n_unique()
    own = rows.filter(pl.col("currency") != "USD").group_by("currency").agg(pl.col("gain").sum()).sort("currency")
    stakes = ", ".join(words.signed_stake(gain, currency) for currency, gain in own.iter_rows())
    closed = rows.filter("is_last").height
    ended = f"{closed:,} closed, {positions - closed:,} sold in part"
    return html.cards(
        [
            html.card("Realized", html.signed(words.gain(gained), gained), f"of it {stakes}" if stakes else "in the window, after fees"),
            html.card("Fees", words.usd(total(rows, "fees_usd")), "taken off that: of what was sold, bought and sold"),
            html.card("Positions", words.count(positions), ended),
        ]
    )


def _unpriced(rows: pl.DataFrame) -> str:
    without = rows.filter(pl.col("gain_usd").is_null()).height
    return f" Without {without:,} sales of which no rate in USD was on record." if without else ""


def _of(house: House, found: pl.DataFrame, rows: pl.DataFrame, by: str, view: View) -> Column:
    if by == "leader":
        return Column("Leader", lambda row: view.wallet(row["of"]))
    if by == "market":
        of_each = rows.filter(pl.col("market_id").is_in(found["of"].to_list())).unique("market_id", keep="last", maintain_order=True)
        known = {row["market_id"]: row for row in house.named(of_each).to_dicts()}
        return Column(
            "Market", lambda row: view.market(*(known[row["of"]][name] for name in ("name", "token_id", "event", "venue"))), "wide"
        )
    return Column(HEADINGS[by], lambda row: f"<b>{html.text(row['of'] or 'none')}</b>")


def _interval(row: Row) -> str:
    return "too few markets" if row["low"] is None else f"{words.gain(row['low'])} to {words.gain(row['high'])}"


def _random(house: House, asked: Asked) -> str:
    found = performance.random_leaders(house, asked.some)
    if found is None:
        said = "Too few wallets are rated to draw others at random: the flow <code>copyability-rating</code> rates them each day."
        return html.section("Beside random leaders", html.quiet(said))
    said = "Ours did better than luck." if found.chance <= 0.05 else "This is not told from luck."
    cards = [
        html.card(
            "Our leaders", html.signed(words.signed_percent(found.ours), found.ours), f"mean return of a copy after {found.leaders} leaders"
        ),
        html.card(
            "Random leaders",
            f"{words.signed_percent(found.low)} to {words.signed_percent(found.high)}",
            f"90 % of draws of as many out of {found.rated:,} rated wallets",
        ),
        html.card("Chance", words.percent(found.chance), f"that random leaders do at least as well. {said}"),
    ]
    note = f"Copies of {words.large(performance.NOTIONAL)} that come {performance.DELAY_S} s later, by the ratings on record. The ratings also chose some leaders, which flatters ours."
    return html.section("Beside random leaders", html.cards(cards), note=note)


def _followed_up(house: House, asked: Asked) -> str:
    rows = performance.followed_up(house, asked.since, asked.some)
    if not rows.height:
        return html.section(
            "What following each verdict would have brought",
            html.quiet("No signal was followed to its end in the window: the flow <code>counterfactual-report</code> does so each night."),
        )
    columns = [
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        Column("Verdict", verdict),
        Column("Signals", lambda row: words.count(row["rows"]), "number", "Whose end came in the window"),
        Column(
            "Would have brought",
            lambda row: html.signed(words.gain(row["pnl"]), float(row["pnl"] or 0)),
            "number",
            "USD, at the price we would have paid",
        ),
        Column(
            "Return",
            lambda row: html.signed(words.signed_percent(row["return"]), row["return"]),
            "number",
            "The mean of them; what nobody would have filled brought 0",
        ),
    ]
    return html.section(
        "What following each verdict would have brought",
        html.table(rows.head(MOST).to_dicts(), columns),
        note="Copied or skipped, each by the same rule: a skip that would have earned is a rule to look at.",
    )


def _calibration(house: House, view: View) -> str:
    rows = performance.calibration(house)
    if not rows.height:
        said = (
            "A replay makes no report of its own: <code>walletflow calibration --recording DIR</code> holds one against what came."
            if house.is_replay
            else NO_REPORT
        )
        return html.section("Did what was said come true?", html.quiet(said))
    columns = [
        Column("Said of", lambda row: html.both(html.text(row["what"]), html.text(row["of"])), "wide"),
        Column("Cases", lambda row: words.count(row["count"]), "number"),
        Column("Said", lambda row: words.figure(row["said"]), "number", "What was stated, in the mean of its group"),
        Column("Came", lambda row: words.figure(row["came"]), "number"),
        Column(
            "90 % interval",
            lambda row: words.NONE if row["low"] is None else f"{words.figure(row['low'])} to {words.figure(row['high'])}",
            "number",
        ),
        Column("Verdict", lambda row: html.text(row["verdict"])),
        Column(
            "Missing from the record",
            lambda row: html.text(row["missing"]),
            "wide",
            "What makes this figure look better, or worse, than it is",
        ),
    ]
    last = rows.sort("as_of").row(-1, named=True)
    note = f"Said again as of {last['said_at']:%Y-%m-%d} from what was known then, held against what came by {last['until_at']:%Y-%m-%d}."
    return html.section("Did what was said come true?", html.table(rows.to_dicts(), columns), note=note)


REALIZED = (
    "Each sale and settlement in the window, also of positions that are open or were opened again; in USD at the rate of its instant."
)
COLUMNS = [
    Column("Realized", lambda row: html.signed(words.gain(row["gain_usd"]), row["gain_usd"]), "number", "USD, fees taken off"),
    Column("Positions", lambda row: words.count(row["positions"]), "number", "Closed, or sold in part"),
    Column("Won", lambda row: words.percent(row["won"] / row["positions"]), "number"),
    Column("A position", lambda row: html.signed(words.gain(row["mean"]), row["mean"]), "number", "The mean, in USD"),
    Column("90 % interval", _interval, "number", "Of that mean, by markets: of one market all positions count once"),
    Column("Fees", lambda row: words.usd(row["fees_usd"]), "number", "Of what was sold, bought and sold"),
]
NO_REPORT = "No report yet: the flow <code>calibration-report</code> makes one each week, or run it in the Prefect UI."
