"""The tab Wallets: whom we follow and whom we could, and all that is on record of one of them."""

from collections.abc import Mapping

import polars as pl

from domain.profiling.wallet_profiling import ALL_CATEGORIES
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Filter, Typed
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import wallets
from notebooks.queries.house import House

TRAPS = {
    "wash": "trades with itself",
    "bait": "lures copiers, then sells to them",
    "hedge": "holds the other side elsewhere",
    "crowd": "so many copy it that the price is gone",
    "prearranged": "bets against wallets that trade with hardly anybody else",
}
STANDINGS = {"PAUSED": "warn", "BLOCKED": "bad", "FREE": "quiet"}
FORMS = {"IN_FORM": "good", "FADED": "bad", "GOOD": "good", "REVIEW": "warn", "DOWNGRADED": "warn", "DORMANT": "quiet"}


def filters(_house: House, given: Mapping[str, str]) -> dict[str, Filter]:
    return {"wallet": Typed("Wallet", "an address: all we know of it", given.get("wallet", ""))}


def show(house: House, view: View, asked: Asked) -> str:
    """One wallet where an address is asked for, the lists where none is."""
    address = asked.wallet("wallet")
    if address:
        return _one(house, wallets.wallet(house, address), view)
    return _leaders(house, view, asked) + _held_back(house, view) + _best(house, view) + _candidates(house)


def _leaders(house: House, view: View, asked: Asked) -> str:
    rows = wallets.leaders(house, asked.some)
    if not rows.height:
        said = "Nobody is followed yet: the flow <code>wallet-profiling</code> chooses leaders by their record. Run it in the Prefect UI."
        return html.section("Whom we follow", html.quiet(said))
    columns = [
        Column("Leader", lambda row: view.wallet(row["wallet"])),
        Column("Strategy", lambda row: html.text(row["strategy_id"])),
        *_record_columns(house, view),
        Column("PnL", lambda row: html.signed(words.gain(row["realized_pnl_usd"]), row["realized_pnl_usd"]), "number", LIFETIME),
    ]
    why = "The arrow of a row says why we follow it. "
    table = html.table(rows.head(200).to_dicts(), columns, lambda row: html.facts([("Why we follow", html.text(row["why"]))]))
    return html.section(f"Whom we follow: {rows.height:,}", table, note=why + NOTE)


def _held_back(house: House, view: View) -> str:
    rows = wallets.held_back(house)
    if not rows.height:
        said = "Nobody is paused or blocked. <code>walletflow pause-leader ADDRESS --reason TEXT</code> and <code>block-leader</code> do it, or the form leader-standing."
        return html.section("Whom a person holds back", html.quiet(said))
    columns = [Column("Wallet", lambda row: view.wallet(row["wallet"])), *_word_columns(view)]
    return html.section(f"Whom a person holds back: {rows.height:,}", html.table(rows.to_dicts(), columns), note=HELD_BACK)


def _word_columns(view: View) -> list[Column]:
    return [
        Column("In", lambda row: "every strategy" if row["strategy_id"] == "*" else html.text(row["strategy_id"])),
        Column("Word", lambda row: html.pill(words.of(row["standing"]), STANDINGS.get(row["standing"], "plain"))),
        Column("Said", lambda row: view.clock.moment(row["ordered_at"])),
        Column("Why", lambda row: html.text(row["why"]), "wide"),
    ]


def _said(one: wallets.Wallet, view: View) -> str:
    """Nothing where nobody ever said anything of it."""
    return (
        html.section("What a person said of it", html.table(one.said.to_dicts(), _word_columns(view)), note=HELD_BACK)
        if one.said.height
        else ""
    )


def _best(house: House, view: View) -> str:
    rows = wallets.best(house)
    if not rows.height:
        return html.section(
            "Whom we are surest of",
            html.quiet("No wallet has a bet whose end is known yet: the flow <code>wallet-profiling</code> grades them each hour."),
        )
    columns = [
        Column("Wallet", lambda row: view.wallet(row["wallet"])),
        Column("Followed", lambda row: "yes" if row["is_followed"] else words.NONE),
        *_record_columns(house, view),
    ]
    return html.section(f"Whom we are surest of: the first {rows.height:,}", html.table(rows.to_dicts(), columns), note=NOTE)


def _record_columns(house: House, view: View) -> list[Column]:
    return [
        Column(
            "Knows something",
            lambda row: _skilled(row),
            "number",
            "The probability that its edge is above zero, from its bets; and its grade",
        ),
        Column(
            "Bets",
            lambda row: html.both(words.count(row["bets"]), f"of {words.count(row['bets_needed'])} needed" if row["bets_needed"] else ""),
            "number",
            NEEDED,
        ),
        Column(
            "Copied at 30 s",
            lambda row: _copied(row),
            "number",
            "What a copy of 100 USD that comes 30 s later returned, with its 90 % interval",
        ),
        Column(
            "Won",
            lambda row: html.both(
                words.percent(row["win_rate"]), f"of {words.count(row['closed_positions'])}" if row["closed_positions"] else ""
            ),
            "number",
        ),
        Column("Omega", lambda row: words.number(row["omega"]), "number", "Gains divided by losses, lifetime; capped"),
        Column(
            "Traps",
            lambda row: f"<span class='wf-loss'>{html.text(row['traps'])}</span>" if row["traps"] else words.NONE,
            meaning="What makes it dangerous to copy",
        ),
        Column("Owner", lambda row: view.owner(row["owner"]), meaning="Wallets of one owner count as one"),
        Column(
            "Last trade",
            lambda row: (
                html.titled(f"{words.between(row['last_trade_at'], house.now)} ago", view.clock.whole(row["last_trade_at"]))
                if row["last_trade_at"]
                else words.NONE
            ),
            "number",
        ),
    ]


def _skilled(row: Row) -> str:
    if row["skilled"] is None:
        return words.NONE
    return html.both(words.percent(row["skilled"]), f"grade {row['grade']}")


def _copied(row: Row) -> str:
    if row["copy_mean"] is None:
        return words.NONE
    bounds = "" if row["copy_low"] is None else f"{words.signed_percent(row['copy_low'])} to {words.signed_percent(row['copy_high'])}"
    return html.both(html.signed(words.signed_percent(row["copy_mean"]), row["copy_mean"]), bounds or "too few events")


def _candidates(house: House) -> str:
    rows = wallets.candidates(house)
    if not rows.height:
        return html.section("Candidates", html.quiet("No candidate yet: the flow <code>wallet-discovery</code> looks for them."))
    of_venue = rows.filter(pl.col("excluded").is_not_null()).group_by("found_in").agg(pl.col("rows").sum().alias("excluded"))
    each = rows.group_by("found_in").agg(pl.col("rows").sum()).join(of_venue, on="found_in", how="left").sort("rows", descending=True)
    columns = [
        Column("Found in", lambda row: words.of(row["found_in"])),
        Column("Wallets", lambda row: words.count(row["rows"]), "number"),
        Column("The venue's own", lambda row: words.count(row["excluded"] or 0), "number", "Nobody to follow"),
    ]
    return html.section("Candidates", html.table(each.to_dicts(), columns))


def _one(house: House, one: wallets.Wallet, view: View) -> str:
    back = f"<p class='wf-said'><a href='{view.tab('Wallets', wallet='')}'>← all wallets</a></p>"
    if not one.is_known:
        said = f"Nothing is on record of {html.text(one.address)}: compare it with its profile at the venue, or run the flow <code>wallet-discovery</code>."
        return back + html.section("Wallet", html.quiet(said))
    signals = f"<a href='{view.tab('Signals', wallet=one.address)}'>what we judged of it</a>"
    return "".join(
        [
            back,
            html.section(
                words.short(one.address),
                _head(one, view),
                note=f"<span class='wf-whole'>{html.text(one.address)}</span> {view.wallet(one.address)} · {signals}",
            ),
            _said(one, view),
            _posterior(one),
            html.columns(_decay(one, view), _traps(one)),
            _ratings(one),
            _profiles(one),
            _coins(one),
            _family(one, view),
            _trades(one, view),
        ]
    )


def _head(one: wallets.Wallet, view: View) -> str:
    following = one.followed.filter(pl.col("dropped_at").is_null())
    said = [
        f"<b>{html.text(row['strategy_id'])}</b> since {view.clock.moment(row['chosen_at'])}: {html.text(row['why'])}"
        for row in following.to_dicts()
    ]
    found = ", ".join(words.of(word) for word in one.found["found_in"].to_list())
    return html.facts([("Followed by", "<br>".join(said) or "nobody"), ("Found in", html.text(found or "our own lists"))])


def _posterior(one: wallets.Wallet) -> str:
    if not one.skill.height:
        return html.section(
            "What its bets say",
            html.quiet(
                "No bet of it has an end yet, so nothing can be said of what it knows. The flow <code>wallet-profiling</code> grades it then."
            ),
        )
    row = one.skill.to_dicts()[0]
    interval = _interval(row["edge_low"], row["edge"], row["edge_high"])
    needed = f"; a usual edge is told from luck with {words.count(row['bets_needed'])}" if row["bets_needed"] else ""
    return html.section(
        "What its bets say",
        html.cards(
            [
                html.card(
                    "Knows something", words.percent(row["skilled"]), f"grade {row['grade']}: the probability that its edge is above zero"
                ),
                html.card(
                    "Edge",
                    f"{row['edge']:+.2f}".replace("-", "−"),
                    f"log-odds, {row['edge_low']:+.2f} to {row['edge_high']:+.2f} at 90 %".replace("-", "−") + interval,
                ),
                html.card(
                    "Surplus",
                    f"{row['surplus']:+.3f}".replace("-", "−"),
                    "USD a share above its fair chance; on Solana, of its rank among its peers",
                ),
                html.card("Bets", words.count(row["bets"]), f"in {words.count(row['events'])} events{needed}"),
                html.card(
                    "Luck if chosen", words.percent(row["luck_if_chosen"]), "of it and all surer ones, the share expected to know nothing"
                ),
            ]
        ),
    )


def _interval(low: float, middle: float, high: float) -> str:
    """A bar from low to high on a scale that has zero in it, with the middle and zero marked."""
    first, last = min(low, -0.2), max(high, 0.2)
    place = {name: (value - first) / (last - first) for name, value in (("low", low), ("middle", middle), ("high", high), ("zero", 0.0))}
    return (
        f"<div class='wf-interval'><i style='left:{place['low']:.1%};width:{place['high'] - place['low']:.1%}'></i>"
        f"<b style='left:{place['middle']:.1%}'></b><u style='left:{place['zero']:.1%}' title='no edge'></u></div>"
    )


def _decay(one: wallets.Wallet, view: View) -> str:
    if not one.edges.height:
        return html.section(
            "Does it still know it?", html.quiet("It is not watched yet: the flow <code>decay-detection</code> watches whom we follow.")
        )
    columns = [
        Column("Since", lambda row: view.clock.moment(row["changed_at"])),
        Column("Form", lambda row: html.pill(words.of(row["form"]), FORMS.get(row["form"], "plain"))),
        Column("By the brief", lambda row: html.pill(words.of(row["brief"]), FORMS.get(row["brief"], "plain"))),
        Column(
            "Alarm",
            lambda row: f"{words.number(row['statistic'])} of {words.number(row['rings_from'])}",
            "number",
            "The test's statistic, and from where it rings",
        ),
        Column("Why", lambda row: html.text(row["why"]), "wide"),
    ]
    return html.section("Does it still know it?", html.table(one.edges.sort("changed_at", descending=True).to_dicts(), columns))


def _traps(one: wallets.Wallet) -> str:
    if not one.traps.height:
        return html.section("Traps", html.quiet("It was not looked at for traps yet: the flow <code>copyability-rating</code> does."))
    columns = [
        Column("Trap", lambda row: html.both(words.of(row["trap"]), TRAPS.get(row["trap"], ""))),
        Column("Flagged", lambda row: html.pill("yes", "bad") if row["flagged"] else "no"),
        Column(
            "Score",
            lambda row: f"{words.figure(row['score'])} of {words.figure(row['threshold'])}",
            "number",
            "From the threshold on it is flagged",
        ),
        Column("On", lambda row: words.count(row["observations"]), "number", "Observations"),
    ]
    return html.section("Traps", html.table(one.traps.sort("flagged", "trap", descending=[True, False]).to_dicts(), columns))


def _ratings(one: wallets.Wallet) -> str:
    if not one.ratings.height:
        return html.section(
            "What a copy brings",
            html.quiet("No rating: the flow <code>copyability-rating</code> rates whom we follow and who gained over ten positions."),
        )
    rows = one.ratings.sort("delay_s", "notional").to_dicts()
    columns = [
        Column("Delay", lambda row: f"{row['delay_s']} s", "number"),
        Column("A copy", lambda row: words.large(row["notional"]), "number"),
        Column("Mean return", lambda row: html.signed(words.signed_percent(row["mean"]), row["mean"]), "number"),
        Column(
            "90 % interval",
            lambda row: words.NONE if row["low"] is None else f"{words.signed_percent(row['low'])} to {words.signed_percent(row['high'])}",
            "number",
        ),
        Column("Median", lambda row: words.signed_percent(row["median"]), "number"),
        Column("Without the best", lambda row: words.signed_percent(row["trimmed_mean"]), "number", "Trimmed mean"),
        Column("Copies", lambda row: words.count(row["round_trips"]), "number"),
        Column("Events", lambda row: words.count(row["events"]), "number"),
        Column("Spread", lambda row: words.price(row["spread"]), "number", "What a BUY costs above the middle, USD a share"),
    ]
    return html.section("What a copy brings", html.table(rows, columns), note="By how many seconds later it comes, and with how many USD.")


def _profiles(one: wallets.Wallet) -> str:
    if not one.profiles.height:
        return html.section("Record", html.quiet("No profile: it has closed no position that we saw."))
    rows = one.profiles.sort("window_days", pl.col("category") != ALL_CATEGORIES, pl.col("closed_positions").neg()).head(20)
    columns = [
        Column("Category", lambda row: html.text(row["category"])),
        Column("Over", lambda row: f"{row['window_days']} days" if row["window_days"] else "its lifetime"),
        Column("Closed", lambda row: words.count(row["closed_positions"]), "number"),
        Column("Won", lambda row: words.percent(row["win_rate"]), "number"),
        Column("Omega", lambda row: words.number(row["omega"]), "number"),
        Column(
            "PnL",
            lambda row: html.signed(words.number(row["realized_pnl"]), row["realized_pnl"]),
            "number",
            "In what it trades with: USD, or SOL",
        ),
        Column("ROI", lambda row: words.signed_percent(row["roi"]), "number"),
        Column(
            "Wins above price",
            lambda row: words.number(row["excess_wins"]),
            "number",
            "Positions won, less how many the prices paid promised",
        ),
        Column("z", lambda row: words.number(row["excess_wins_z"]), "number", "That by its standard error"),
        Column("Usually holds", lambda row: words.age(row["median_hold_s"]), "number"),
        Column("Maker", lambda row: words.percent(row["maker_share"]), "number"),
        Column("Bot", lambda row: words.percent(row["bot_likeness"]), "number", "0 a person, 100 % a machine"),
    ]
    return html.section("Record", html.table(rows.to_dicts(), columns))


def _coins(one: wallets.Wallet) -> str:
    if not one.coins.height:
        return ""
    columns = [
        Column("Over", lambda row: f"{row['window_days']} days" if row["window_days"] else "its lifetime"),
        Column("Coins", lambda row: words.count(row["coins"]), "number"),
        Column("Enters after", lambda row: words.age(row["entry_delay_s"]), "number", "Median time from a coin's launch"),
        Column("Holds as", lambda row: words.of(row["hold_style"])),
        Column("Its own median", lambda row: words.signed_percent(row["own_median"]), "number"),
        Column("A copy's median", lambda row: words.signed_percent(row["copied_median"]), "number"),
        Column(
            "A copy's mean", lambda row: words.signed_percent(row["copied_return"]), "number", "Tails are heavy: one coin may make a mean"
        ),
        Column("The copy", lambda row: f"{row['copy_delay_s']} s later, {words.stake(row['stake'], 'SOL')}"),
    ]
    return html.section("With coins", html.table(one.coins.sort("window_days").to_dicts(), columns))


def _family(one: wallets.Wallet, view: View) -> str:
    if one.owner is None:
        return html.section(
            "Who belongs to it", html.quiet("Nobody that we know of: the flow <code>wallet-clustering</code> looks for owners each day.")
        )
    each = " ".join(view.wallet(address) for address in one.family[:60])
    return html.section(
        "Who belongs to it",
        f"<p class='wf-list'>{each}</p>",
        note=f"{len(one.family)} more wallets of {view.owner(one.owner)}: together one counterparty and one vote.",
    )


def _trades(one: wallets.Wallet, view: View) -> str:
    if not one.trades.height:
        return html.section("Last trades", html.quiet("No trade of it is in our history."))
    columns = [
        Column("Traded", lambda row: view.clock.moment(row["traded_at"])),
        Column("Market", view.traded, "wide"),
        Column("Price", lambda row: words.price(row["price"]), "number", "Stake per share"),
        Column("Shares", lambda row: words.quantity(row["shares"]), "number"),
        Column("For", lambda row: words.stake(row["notional"], "SOL" if row["venue"] == "solana" else "USD"), "number"),
        Column("With us after", lambda row: words.between(row["traded_at"], row["seen_at"]), "number"),
        Column("Transaction", lambda row: view.transaction(row["tx_hash"], row["venue"])),
    ]
    return html.section(f"Last trades: {one.trades.height}", html.table(one.trades.to_dicts(), columns))


NEEDED = "First purchases whose end is known; with fewer than are needed nobody can tell a usual edge from luck"
LIFETIME = "Realized over its lifetime, in USD at today's rate"
HELD_BACK = (
    "Nothing is entered behind it; what was copied of it is still sold with it. A blocked wallet is never chosen. The last word holds."
)
NOTE = "An address opens all we know of the wallet."
