"""How a walk forward looks: its words, its chart, its tables. All of it is computed from the result."""

import altair as alt
import marimo as mo
import polars as pl

from domain.backtesting.walk_forward import RANDOM, Result, Walk, in_words, summary

HOW = """
Window after window, leaders are chosen on what was known when it began, and every BUY of theirs in the window is copied: half a minute
later, at the price the token then traded at, with spread, fee and the effect of our own size, until its leader or its market ends it. All
ways of choosing are copied alike. `skill` is our choice: the wallets least likely to know nothing, by their payoffs against the prices they
paid. Returns are of a copy, on what it cost; intervals hold the mean at 90 %.
"""
SIGNED = ["mean", "low", "high", "median", "trimmed_mean", "ours_less_this", "ours_less_this_low", "ours_less_this_high"]


def setting(walk: Walk) -> str:
    """What was asked of a leader here."""
    return (
        f"Up to {walk.top} leaders with at least {walk.fewest_closed} closed positions (the usual minimum of 10 leaves hardly anybody here); "
        f"{walk.random_draws} draws of as many random ones among the same wallets."
    )


def sentences(name: str, result: Result, walk: Walk) -> str:
    """The findings as a list; the first is the verdict."""
    first, *rest = in_words(name, result, walk)
    return "\n".join([f"**{first}**", "", *[f"- {line}" for line in rest]])


def chart(result: Result) -> alt.LayerChart:
    """Mean return of a copy with its interval, a line per way; random leaders are the grey band of their draws."""
    rows = [row for row in summary(result).to_dicts() if row["mean"] is not None]
    base = alt.Chart(alt.Data(values=[row for row in rows if row["way"] != RANDOM])).encode(y=alt.Y("way:N", title=None, sort=None))
    x = alt.X("mean:Q", title="return of a copy", axis=alt.Axis(format="+.0%"))
    band = alt.Chart(alt.Data(values=[row for row in rows if row["way"] == RANDOM])).mark_rect(opacity=0.25, color="#8b93a1")
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[5, 4], color="#454c59")
    whole = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q")
    shown = band.encode(x="low:Q", x2="high:Q") + zero.encode(x="zero:Q") + whole + base.mark_point(size=90, filled=True).encode(x=x)
    return shown.properties(width="container", height=200)


def summed(result: Result) -> pl.DataFrame:
    """One row per way of choosing."""
    return summary(result).with_columns(_percent(name) for name in SIGNED).with_columns(pl.col("top_share").round(2))


def windows(result: Result) -> pl.DataFrame:
    """Who could be chosen, who was, and what it brought, window by window."""
    return result.windows.with_columns(_percent("mean"), pl.col("begins_at", "ends_at").dt.to_string("%Y-%m-%d %H:%M"))


def table(frame: pl.DataFrame) -> mo.ui.table:
    return mo.ui.table(
        frame, selection=None, show_column_summaries=False, show_data_types=False, pagination=frame.height > 15, page_size=15
    )


def _percent(name: str) -> pl.Expr:
    return pl.col(name).map_elements(lambda value: f"{value:+.1%}", return_dtype=pl.String).alias(name)
