"""The tab Data quality: which rows broke their contract, by which rule, and where every check stands in words."""

import json
from collections.abc import Mapping

from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Filter
from notebooks.pages.html import Column
from notebooks.pages.view import View
from notebooks.queries import quality
from notebooks.queries.house import House

CHECKS = "Each table's checks stand in words under <code>walletflow addresses</code>, at Checks."


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {}


def show(house: House, view: View, asked: Asked) -> str:
    """Rules first, then the last rows as they came."""
    rules = quality.rules_broken(house, asked.since)
    if not rules.height:
        return html.section("Rules broken", html.quiet(f"No row broke its contract in the window: nothing is quarantined. {CHECKS}"))
    columns = [
        Column("Table", lambda row: html.text(row["table"])),
        Column("Rows", lambda row: words.count(row["rows"]), "number", "One that breaks two rules counts in both"),
        Column("Rule it broke", lambda row: html.text(row["rule"]), "wide"),
    ]
    note = f"Such rows are set aside and used for nothing; the others pass. {CHECKS}"
    return html.section("Rules broken", html.table(rules.head(60).to_dicts(), columns), note=note) + _last(house, view, asked)


def _last(house: House, view: View, asked: Asked) -> str:
    columns = [
        Column("Set aside", lambda row: view.clock.moment(row["seen_at"])),
        Column("Table", lambda row: html.both(html.text(row["table"]), html.text(row["source"]))),
        Column("Why", lambda row: html.text(row["rules"]), "wide"),
    ]
    rows = quality.last_set_aside(house, asked.since).to_dicts()
    return html.section(
        "The last ones", html.table(rows, columns, lambda row: f"<pre class='wf-json'>{html.text(_pretty(row['row']))}</pre>")
    )


def _pretty(row: str) -> str:
    """A row as it came, a column a line."""
    try:
        return json.dumps(json.loads(row), indent=1, ensure_ascii=False)[:4000]
    except ValueError:
        return row[:4000]
