"""The tab Configuration: what is set, beside what it would be, and how to change it. Secrets are shown as set or not."""

from collections.abc import Mapping

import polars as pl

from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Choice, Filter
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import configuration
from notebooks.queries.house import House
from tasks.operating.strategy_versions import HistoryLine

MOST_LINES = 60  # of one strategy's history: the command line has all


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {"only": Choice("Show", {"what differs from its default": "differs", "everything": "all"}, "what differs from its default")}


def show(house: House, view: View, asked: Asked) -> str:
    """Strategies, then the house."""
    everything = asked.text("only") == "all"
    policies, histories, forms = configuration.policies(house), configuration.histories(house), configuration.forms(house)
    shown = [row for row in house.strategies.to_dicts() if row["strategy_id"] in asked.strategies]
    parts = [
        _strategy(row, policies, everything, view, forms.get(row["strategy_id"]))
        + _history(row, histories.get(row["strategy_id"], []), view)
        for row in shown
    ]
    none = html.section("Strategies", html.quiet("No strategy yet: the flow <code>strategy-editing</code> makes one."))
    return ("".join(parts) or none) + _settings(house, everything)


def _strategy(row: Row, policies: pl.DataFrame, everything: bool, view: View, form: str | None) -> str:
    own = policies.filter((pl.col("strategy_id") == row["strategy_id"]) & (pl.lit(everything) | pl.col("differs")))
    columns = [
        Column("Number", lambda one: f"<b>{html.text(one['group'])}.{html.text(one['field'])}</b>"),
        Column("Value", lambda one: html.text(one["value"]), "wide"),
        Column("Default", lambda one: html.text(one["default"]), "wide"),
        Column("What it means", lambda one: html.text(one["means"]), "wide"),
    ]
    note = f"{row['kind']} on {row['venue']}, begun with {words.stake(row['balance'], row['stake_currency'])}, {'enabled' if row['enabled'] else 'off'}; last changed {view.clock.moment(row['updated_at'])}. {_how_to_change(form)}"
    table = html.table(own.to_dicts(), columns) if own.height else html.quiet("Every number has its default.")
    return html.section(str(row["strategy_id"]), table, note=note)


def _how_to_change(form: str | None) -> str:
    link = f" <a href='{html.text(form)}' target='_blank' rel='noopener'>Open it with what is stored</a>." if form else ""
    return f"The flow <code>strategy-editing</code> changes it, and takes it back to a version.{link}"


def _history(row: Row, lines: list[HistoryLine], view: View) -> str:
    """What it was, the newest version first."""
    columns = [
        Column("Version", lambda one: str(one["version"]), "number"),
        Column("Since", lambda one: view.clock.moment(one["since"])),
        Column("What", lambda one: html.text(one["what"])),
        Column("Was", lambda one: html.text(one["was"]), "wide"),
        Column("Is", lambda one: html.text(one["is"]), "wide"),
        Column("Why", lambda one: html.text(one["why"]), "wide"),
    ]
    newest = lines[::-1][:MOST_LINES]
    table = (
        html.table(newest, columns)
        if newest
        else html.quiet("No version is on record: the first change keeps what it was before as version 1.")
    )
    left = f" The newest {len(newest)} of {len(lines)} lines." if len(newest) < len(lines) else ""
    note = f"Every state it had stays.{left} <code>walletflow strategy {html.text(row['strategy_id'])} --history</code> shows them, <code>--back-to N</code> makes it again what it was."
    return html.section(f"{row['strategy_id']}: what it was", table, note=note)


def _settings(house: House, everything: bool) -> str:
    rows = configuration.settings(house)
    shown = rows if everything else rows.filter("is_set")
    columns = [
        Column("Setting", lambda row: f"<code>{html.text(row['name'])}</code>"),
        Column("Value", lambda row: html.text(row["value"] or "not set"), "wide"),
    ]
    return html.section(
        "The house",
        html.table(shown.to_dicts(), columns),
        note="From the environment and <code>stack.env</code> of this home. A secret is said to be set, and never shown.",
    )
