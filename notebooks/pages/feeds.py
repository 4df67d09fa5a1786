"""The tab Feeds and webhooks: how fresh each stream is, how late trades reach us, what is missing, and what was posted."""

from collections.abc import Mapping
from datetime import datetime

from data_contracts import ReadAs
from domain.copying.reason_words import words_of
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import feeds
from notebooks.queries.house import CYCLES, LATE_S, House

ACTIVITY, FUNDED, TRADES = "activity:", ("funded by:", "funded on polygon:"), "trades"
ENDS = {
    ReadAs.TRADE: "a trade",
    ReadAs.NOT_A_TRADE: "no trade",
    ReadAs.FAILED: "failed on the chain",
    ReadAs.UNREADABLE: "unreadable: set aside, see Data quality",
    ReadAs.GAP: "a gap: seen, and its transaction never came",
}
CLOSED = {"FILLED": "good", "FEED_ENDED": "bad", "GIVEN_UP": "quiet"}


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {}


def show(house: House, view: View, asked: Asked) -> str:
    return "".join(
        [
            _streams(house, view),
            _sources(house, view),
            _gaps(house, view),
            _deliveries(house, view),
            _intents(house, view),
            _readings(house, asked),
        ]
    )


def _streams(house: House, view: View) -> str:
    reached = house.watermarks
    if not reached:
        return html.section(
            "Streams",
            html.quiet(
                "Nothing has been read from any feed yet: the first cycle does. <code>walletflow doctor</code> says whether it can."
            ),
        )
    named = {name: at for name, at in reached.items() if not name.startswith((ACTIVITY, *FUNDED))}
    rows = [{"name": name, "at": at, "means": _means(name)} for name, at in sorted(named.items(), reverse=True)]
    wallets = [at for name, at in reached.items() if name.startswith(ACTIVITY)]
    if wallets:
        rows.append(
            {"name": f"activity of {len(wallets):,} wallets", "at": min(wallets), "means": "the oldest of them: safely stored up to here"}
        )
    if funded := [at for name, at in reached.items() if name.startswith(FUNDED)]:
        rows.append(
            {
                "name": f"who paid wallets, {len(funded):,} of them",
                "at": min(funded),
                "means": "the oldest of them: asked at, or read up to",
            }
        )
    columns = [
        Column("Stream", lambda row: f"<b>{html.text(row['name'])}</b>"),
        Column("Safely stored up to", lambda row: view.clock.moment(row["at"])),
        Column("Age", lambda row: _age(row, house), "number"),
        Column("What it means", lambda row: html.text(row["means"]), "wide"),
    ]
    return html.section("Streams", _behind(reached), html.table(rows, columns))


def _means(name: str) -> str:
    if name.startswith(TRADES):
        return "every trade up to here is in ClickHouse"
    return "every trade up to here has its verdict" if name == CYCLES else "safely stored up to here"


def _age(row: Row, house: House) -> str:
    if house.is_replay:
        return words.NONE
    seconds = (house.now - row["at"]).total_seconds()
    is_late = seconds > LATE_S and (row["name"].startswith(TRADES) or row["name"] == CYCLES)
    return f"<span class='{'wf-loss' if is_late else ''}'>{words.age(seconds)}{' LATE' if is_late else ''}</span>"


def _behind(reached: Mapping[str, datetime]) -> str:
    trades = max((at for name, at in reached.items() if name.startswith(TRADES)), default=None)
    behind = (trades - reached[CYCLES]).total_seconds() if trades and CYCLES in reached else 0
    if behind <= LATE_S:
        return ""
    return f"<p class='wf-loss'>Verdicts are {words.age(behind)} behind the feed: an exit waits for its book, or cycles fail after reading.</p>"


def _sources(house: House, view: View) -> str:
    rows = feeds.sources(house)
    if not rows.height:
        return html.section(
            "How late trades reach us",
            html.quiet(
                "No trade of the last hour is in our history. Wallets may be silent; <code>walletflow status</code> says how far each feed was read."
            ),
        )
    columns = [
        Column("Venue", lambda row: html.text(row["venue"])),
        Column("Source", lambda row: html.text(row["source"])),
        Column("Trades", lambda row: words.count(row["trades"]), "number", "Of the last hour"),
        Column("Half within", lambda row: words.age(row["median_s"]), "number", "Seconds from a trade until it was with us: the median"),
        Column(
            "95 % within",
            lambda row: words.age(row["p95_s"]),
            "number",
            "The 95th percentile; in a house younger than an hour, what it read of the past is in it",
        ),
        Column("Last trade", lambda row: view.clock.moment(row["last_traded_at"])),
        Column("Last arrival", lambda row: view.clock.moment(row["last_seen_at"])),
    ]
    return html.section("How late trades reach us", html.table(rows.to_dicts(), columns))


def _gaps(house: House, view: View) -> str:
    opened, closed = feeds.open_gaps(house), feeds.closed_gaps(house)
    rows = [*opened.to_dicts(), *closed.to_dicts()]
    if not rows:
        return html.section("Holes", html.quiet("No hole: of every stream all that was told has been read."))
    columns = [
        Column("Source", lambda row: html.both(html.text(row["source"]), "of before this house" if row["is_history"] else "")),
        Column("From", lambda row: view.clock.moment(row["from_at"])),
        Column("Until", lambda row: view.clock.moment(row["until_at"])),
        Column("Filled", lambda row: _filled(row), "number", "Read from the newest to the oldest"),
        Column(
            "State",
            lambda row: (
                html.pill(words.of(row["closed_by"]), CLOSED.get(row["closed_by"], "plain"))
                if row["closed_at"]
                else html.pill("open", "warn")
            ),
        ),
        Column("What to do", lambda row: _gap_cure(row), "wide"),
    ]
    return html.section(f"Holes: {opened.height} open", html.table(rows, columns))


def _filled(row: Row) -> str:
    whole = (row["until_at"] - row["from_at"]).total_seconds()
    share = 1 - (row["filled_to_at"] - row["from_at"]).total_seconds() / whole if whole else 1.0
    return html.bar(share, "filled", "plain") + words.percent(share)


def _gap_cure(row: Row) -> str:
    if row["closed_at"] is None:
        return "the flow <code>gap-filling</code> reads the rest; new trades and exits go on"
    return "<code>wallet-reconciliation</code> still reads what followed wallets did" if row["closed_by"] == "FEED_ENDED" else "nothing"


def _deliveries(house: House, view: View) -> str:
    found = feeds.deliveries(house)
    if not found.arrived:
        said = "No webhook has brought anything yet: the flow <code>webhook-syncing</code> registers the leaders' wallets at <code>WALLETFLOW_HELIUS_URL</code>, and <code>walletflow inbox</code> receives what they do."
        return html.section("Webhooks", html.quiet(said))
    columns = [
        Column("Received", lambda row: view.clock.moment(row["received_at"])),
        Column("Source", lambda row: html.both(html.text(row["source"]), html.text(row["venue"]))),
        Column("Transaction", lambda row: view.transaction(row["signature"], row["venue"]), "wide"),
    ]
    note = f"{found.arrived:,} deliveries so far; {found.unread:,} not read yet."
    return html.section("Webhooks", html.table(found.last.head(10).to_dicts(), columns), note=note)


def _intents(house: House, view: View) -> str:
    found = feeds.intents(house)
    if not found.arrived:
        return html.section(
            "Intents", html.quiet("Nobody has posted an intent: <code>docs/inbox.md</code> says how others signal what is worth following.")
        )
    columns = [
        Column("Received", lambda row: view.clock.moment(row["received_at"])),
        Column("Leader", lambda row: view.wallet(row["leader"])),
        Column("Intent", lambda row: html.text(f"{row['side']} {row['outcome']}"), "wide"),
        Column("Became", lambda row: _became(row), "wide"),
    ]
    note = f"{found.arrived:,} intents so far; {found.unread:,} not taken in yet."
    return html.section("Intents", html.table(found.last.head(10).to_dicts(), columns), note=note)


def _became(row: Row) -> str:
    if row["seen_at"] is None:
        return "not taken in yet: the next cycle does"
    return "a trade, judged like any other" if row["reason"] is None else html.text(words_of(row["reason"]).says)


def _readings(house: House, asked: Asked) -> str:
    account = feeds.readings(house, asked.since)
    if not account.seen:
        return html.section(
            "Solana: what was read of the chain",
            html.quiet("Nothing was read in the window: copy-trading does, as soon as a wallet of Solana is followed."),
        )
    rows = [{"end": said, **_share(account.share(end))} for end, said in ENDS.items()]
    columns = [
        Column("Ended as", lambda row: html.text(row["end"]), "wide"),
        Column("Signatures", lambda row: words.count(row["count"]), "number"),
        Column("Rate", lambda row: words.percent(row["rate"]), "number"),
        Column("95 % bounds", lambda row: f"{words.percent(row['low'])} to {words.percent(row['high'])}", "number"),
    ]
    note = f"{account.seen:,} signatures were seen within a day, each ended as exactly one of these."
    return html.section("Solana: what was read of the chain", html.table(rows, columns), note=note)


def _share(one: object) -> dict[str, float]:
    return {name: getattr(one, name) for name in ("count", "rate", "low", "high")}
