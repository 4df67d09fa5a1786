"""The tab Risk: each limit, how much of it is used, and what happens when it is full."""

from collections.abc import Mapping

from domain.operating.limits_used import Limit
from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.html import Column
from notebooks.pages.view import View, venue_of
from notebooks.queries import risk
from notebooks.queries.house import House

NAMES = {
    "positions": "at its limit nothing new is opened",
    "positions after one leader": "at its limit this leader, and whoever belongs to it, opens nothing new",
    "open in one position": "at its limit it is not added to",
    "open in all": "at its limit copies become smaller, then none",
    "open behind one owner": "all wallets of one owner are one counterparty",
    "open after one leader": "at its limit this leader is copied no more until something closes",
    "open in one token": "at its limit this token is bought no more",
    "open at one venue": "at its limit nothing is bought there",
    "below its peak": "at its limit it is halted until an operator resumes it; exits go on",
    "lost today (UTC)": "at its limit it is halted until tomorrow; exits go on",
}


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {}


def show(house: House, view: View, asked: Asked) -> str:
    """The account's first, then each strategy's."""
    limits = risk.limits(house)
    owners = [name for name in dict.fromkeys(one.strategy for one in limits) if name == "account" or name in asked.strategies]
    if not owners:
        return html.section(
            "Limits", html.quiet("No strategy has money at work, so no limit is used. The flow <code>strategy-editing</code> enables one.")
        )
    unlimited = (
        ""
        if "account" in owners
        else html.section(
            "Account",
            html.quiet(
                "Nothing limits all strategies together: the flow <code>account-limits</code> sets what they may have open, lose in a day, and fall below their peak."
            ),
        )
    )
    return unlimited + "".join(
        html.section(words.of(name) if name == "account" else name, _table([one for one in limits if one.strategy == name], view))
        for name in owners
    )


def _table(limits: list[Limit], view: View) -> str:
    rows = [{"limit": one} for one in limits]
    columns = [
        Column("Limit", lambda row: html.both(words.begun(row["limit"].name), _about(row["limit"], view))),
        Column("Used", lambda row: _amount(row["limit"].used, row["limit"].unit), "number"),
        Column("Of", lambda row: "no limit" if row["limit"].most is None else _amount(row["limit"].most, row["limit"].unit), "number"),
        Column("", lambda row: _bar(row["limit"])),
        Column("What happens", lambda row: html.text(NAMES[row["limit"].name]), "wide"),
    ]
    return html.table(rows, columns)


def _about(one: Limit, view: View) -> str:
    if not one.about:
        return ""
    is_wallet = "leader" in one.name and venue_of(one.about) is not None  # of a leader with several wallets it is the owner
    return f"most: {view.wallet(one.about) if is_wallet else html.titled(words.short(one.about), one.about)}"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return words.NONE
    if unit == "%":
        return f"{value:.1f} %"
    return words.count(value) if unit == "positions" else words.stake(value, unit)


def _bar(one: Limit) -> str:
    return words.NONE if one.share is None else html.bar(one.share, f"{one.share:.0%} used") + f"<small>{one.share:.0%}</small>"
