"""The page's two charts. Frames come in shaped; colours and formats are those of `results_formats`."""

import altair as alt
import polars as pl
from results_formats import COPY, LINES, SKIP, gain, instant, usd

LEGEND = alt.Legend(orient="top", symbolType="stroke", symbolSize=300)
CLOCK = "utcFormat(datum.value, '%H:%M') == '00:00' ? utcFormat(datum.value, '%d %b') : utcFormat(datum.value, '%H:%M')"
FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif"


def equity_chart(points: pl.DataFrame, balances: pl.DataFrame) -> alt.LayerChart:
    """A line per strategy in steps: equity changes when a cycle changes it. The dashed rule is what a strategy started with."""
    start = balances.select("strategy_id", pl.col("balance").cast(pl.Float64)).drop_nulls()
    shown = (
        points.drop_nulls("equity")
        .join(start, on="strategy_id")
        .with_columns(
            pl.col("as_of").map_elements(instant, pl.String).alias("at"),
            pl.col("equity").map_elements(usd, pl.String).alias("worth"),
            (pl.col("equity") - pl.col("balance")).map_elements(gain, pl.String).alias("since"),
        )
    )
    base = alt.Chart(alt.Data(values=_records(shown)))
    colour = alt.Color("strategy_id:N", title=None, scale=alt.Scale(range=LINES), legend=LEGEND)
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        x=alt.X("as_of:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(labelExpr=CLOCK)),
        y=alt.Y("equity:Q", title="USD", scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(format=_dollars(shown), tickCount=6)),
        color=colour,
    )
    dots = base.mark_point(size=60, opacity=0, filled=True).encode(
        x="as_of:T",
        y="equity:Q",
        color=colour,
        tooltip=[
            alt.Tooltip("strategy_id:N", title="Strategy"),
            alt.Tooltip("at:N", title="As of (UTC)"),
            alt.Tooltip("worth:N", title="Equity"),
            alt.Tooltip("since:N", title="Since the start"),
        ],
    )
    rules = alt.Chart(alt.Data(values=start.select("balance").unique().to_dicts())).mark_rule(strokeDash=[5, 4], color="#8b93a1")
    return _calm((rules.encode(y="balance:Q") + line + dots).properties(width="container", height=300))


def reason_chart(counts: pl.DataFrame) -> alt.LayerChart:
    """A bar per strategy and reason, the most frequent on top, with its count and share at its end."""
    shown = counts.with_columns(
        pl.struct("signals", "share").map_elements(lambda row: f"{row['signals']:,}  ({_share(row['share'])})", pl.String).alias("label"),
        pl.concat_str("strategy_id", "reason", separator=": ").alias("row"),
    )
    base = alt.Chart(alt.Data(values=shown.to_dicts())).encode(
        x=alt.X("signals:Q", title=None, axis=None, scale=alt.Scale(padding=0, domainMax=1.25 * float(shown["signals"].max() or 1))),
        y=alt.Y("row:N", title=None, sort=shown["row"].to_list(), axis=alt.Axis(labelLimit=320, ticks=False, domain=False)),
    )
    bars = base.mark_bar(height=16, cornerRadiusEnd=2).encode(
        color=alt.Color(
            "verdict:N", title=None, scale=alt.Scale(domain=["COPY", "SKIP"], range=[COPY, SKIP]), legend=alt.Legend(orient="top")
        ),
        tooltip=[
            alt.Tooltip("strategy_id:N", title="Strategy"),
            alt.Tooltip("verdict:N", title="Verdict"),
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("signals:Q", title="Signals", format=","),
            alt.Tooltip("share:Q", title="Of its verdicts", format=".1%"),
        ],
    )
    labels = base.mark_text(align="left", dx=5, color="#454c59", fontSize=11).encode(text="label:N")
    return _calm((bars + labels).properties(width="container", height=23 * shown.height))


def _share(share: float) -> str:
    return "under 1%" if share < 0.01 else f"{share:.0%}"


def _dollars(points: pl.DataFrame) -> str:
    """Cents only where the axis would repeat itself without them."""
    spread = max(points["equity"].max(), points["balance"].max()) - min(points["equity"].min(), points["balance"].min())
    return "$,.0f" if spread > 20 else "$,.2f"


def _records(points: pl.DataFrame) -> list[dict[str, object]]:
    return points.with_columns(pl.col("as_of").dt.epoch("ms")).drop("balance").to_dicts()


def _calm(chart: alt.LayerChart) -> alt.LayerChart:
    return (
        chart.configure(font=FONT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            gridColor="#e8ebf0", domainColor="#c9ced8", tickColor="#c9ced8", labelColor="#454c59", titleColor="#454c59", labelFontSize=12
        )
        .configure_legend(labelColor="#2b313b", labelFontSize=12, symbolStrokeWidth=3)
    )
