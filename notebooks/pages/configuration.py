"""The tab Configuration: what is set, beside what it would be, and how to change it. Secrets are shown as set or not."""

from collections.abc import Mapping

import polars as pl

from notebooks.pages import html, words
from notebooks.pages.asked import Asked, Choice, Filter
from notebooks.pages.html import Column, Row
from notebooks.pages.view import View
from notebooks.queries import configuration
from notebooks.queries.house import House


def filters(_house: House, _given: Mapping[str, str]) -> dict[str, Filter]:
    return {"only": Choice("Show", {"what differs from its default": "differs", "everything": "all"}, "what differs from its default")}


def show(house: House, view: View, asked: Asked) -> str:
    """Strategies, then the house."""
    everything = asked.text("only") == "all"
    policies = configuration.policies(house)
    parts = [_strategy(row, policies, everything, view) for row in house.strategies.to_dicts() if row["strategy_id"] in asked.strategies]
    none = html.section("Strategies", html.quiet("No strategy yet: the flow <code>strategy-editing</code> makes one."))
    return ("".join(parts) or none) + _settings(house, everything)


def _strategy(row: Row, policies: pl.DataFrame, everything: bool, view: View) -> str:
    own = policies.filter((pl.col("strategy_id") == row["strategy_id"]) & (pl.lit(everything) | pl.col("differs")))
    columns = [
        Column("Number", lambda one: f"<b>{html.text(one['group'])}.{html.text(one['field'])}</b>"),
        Column("Value", lambda one: html.text(one["value"]), "wide"),
        Column("Default", lambda one: html.text(one["default"]), "wide"),
        Column("What it means", lambda one: html.text(one["means"]), "wide"),
    ]
    note = f"{row['kind']} on {row['venue']}, begun with {words.stake(row['balance'], row['stake_currency'])}, {'enabled' if row['enabled'] else 'off'}; last changed {view.clock.moment(row['updated_at'])}. The flow <code>strategy-editing</code> changes it."
    table = html.table(own.to_dicts(), columns) if own.height else html.quiet("Every number has its default.")
    return html.section(str(row["strategy_id"]), table, note=note)


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
