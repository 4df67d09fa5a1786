"""Pictures under a run, as plain SVG in a page of their own: the UI shows it in a frame that runs no scripts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from prefect.artifacts import Artifact

from tasks.operating.artifacts import link_to

WIDE, HIGH, EDGE = 460, 320, 46
INK, OURS, BAR = "#64748b", "#2563eb", "#93c5fd"


class Page(Artifact):
    """Prefect has no class for it. An Artifact sends its data as one text, and of that the UI shows an empty frame."""

    type: str | None = "rich"

    def format(self, _sync: bool = True) -> dict[str, Any]:
        """What the UI reads."""
        assert isinstance(self.data, dict)  # noqa: S101 (`show_chart` made it)
        return self.data


def show_chart(key: str, said: str, tab: str, *pictures: str) -> None:
    """One artifact with these pictures side by side. `tab` is where the results page shows what they are drawn from."""
    page = f'<body style="margin:0;background:#fff;font:13px sans-serif">{"".join(pictures)}</body>'
    chart: Any = Page(key=key, description=f"{said}\n\n{link_to(tab)}", data={"html": page, "sandbox": []})
    chart.create(_sync=True)


def price_against_wins(bets: pl.DataFrame) -> str:
    """Of the bets in each tenth of the price, the share that won; the line is the price itself."""
    tenth = (pl.col("price").cast(pl.Float64) * 10).floor().clip(0, 9)
    by_price = (
        bets.group_by(tenth.alias("tenth"))
        .agg(pl.col("price").cast(pl.Float64).mean(), pl.col("payoff").cast(pl.Float64).mean(), pl.col("fair_chance").mean(), pl.len())
        .sort("tenth")
    )
    dots = "".join(
        f'<circle cx="{_x(price):.1f}" cy="{_y(payoff):.1f}" r="5" fill="{OURS}">'
        f"<title>{count} bets at {price:.2f}: {payoff:.1%} won</title></circle>"
        for price, payoff, count in by_price.select("price", "payoff", "len").iter_rows()
    )
    fair = " ".join(f"{_x(price):.1f},{_y(chance):.1f}" for price, chance in by_price.select("price", "fair_chance").iter_rows())
    lines = f'<polyline points="{fair}" fill="none" stroke="{OURS}"/>' + _line((0, 0), (1, 1), 'stroke-dasharray="4"')
    return _picture("Share that won, by price paid (dashed: fair; line: what we take for fair)", lines + dots, ("0", "price, USD", "1"))


def histogram(values: pl.Series, title: str, label: str, bins: int = 20) -> str:
    """Values from 0 to 1, heights on a log scale: one who knows stands beside a thousand who do not."""
    counts = [int(((values * bins).floor().clip(0, bins - 1) == place).sum()) for place in range(bins)]
    top = max(len(values), 2)
    bars = "".join(_bar(place / bins, 1 / bins, math.log1p(count) / math.log1p(top), count) for place, count in enumerate(counts))
    return _picture(title, bars, ("0", label, "1"))


def reliability_plot(what: str, bins: Sequence[Mapping[str, Any]]) -> str:
    """What was said against the share that came true, with its interval at 90 %; hollow where too few say anything."""
    dots = "".join(_dot(bin_) for bin_ in bins)
    title = f"{what}: share that came true, by what was said (dashed: as said)"
    return _picture(title, _line((0, 0), (1, 1), 'stroke-dasharray="4"') + dots, ("0", "said", "1"))


def _dot(bin_: Mapping[str, Any]) -> str:
    at, count = _x(bin_["said"]), bin_["count"]
    if bin_["came"] is None:
        note = f"<title>{count}: too few</title>"
        return f'<circle cx="{at:.1f}" cy="{_y(bin_["said"]):.1f}" r="4" fill="none" stroke="{INK}">{note}</circle>'
    between = _line((bin_["said"], bin_["low"]), (bin_["said"], bin_["high"]), 'stroke-width="2"')
    note = f"<title>{count}: said {bin_['said']:.1%}, came {bin_['came']:.1%}</title>"
    return f'{between}<circle cx="{at:.1f}" cy="{_y(bin_["came"]):.1f}" r="5" fill="{OURS}">{note}</circle>'


def _bar(left: float, width: float, height: float, count: int) -> str:
    size = f'x="{_x(left):.1f}" y="{_y(height):.1f}" width="{width * (WIDE - 2 * EDGE) - 2:.1f}" height="{_y(0) - _y(height):.1f}"'
    above = f'x="{_x(left + width / 2):.1f}" y="{_y(height) - 3:.1f}" font-size="9" fill="{INK}" text-anchor="middle"'
    return f'<rect {size} fill="{BAR}"/><text {above}>{count or ""}</text>'


def _picture(title: str, content: str, labels: Sequence[str]) -> str:
    frame = _line((0, 0), (1, 0)) + _line((0, 0), (0, 1))
    return f'<svg width="{WIDE}" height="{HIGH}"><text x="{EDGE}" y="20" font-size="12">{title}</text>{frame}{content}{_axis(labels)}</svg>'


def _axis(labels: Iterable[str]) -> str:
    places = zip(labels, (0.0, 0.5, 1.0), strict=True)
    style = f'y="{HIGH - 20}" font-size="11" text-anchor="middle" fill="{INK}"'
    return "".join(f'<text x="{_x(at):.1f}" {style}>{label}</text>' for label, at in places)


def _line(start: tuple[float, float], end: tuple[float, float], style: str = "") -> str:
    return line((_x(start[0]), _y(start[1])), (_x(end[0]), _y(end[1])), style)


def line(start: tuple[float, float], end: tuple[float, float], style: str = "") -> str:
    """From one point to another, in pixels."""
    return f'<line x1="{start[0]:.0f}" y1="{start[1]:.0f}" x2="{end[0]:.0f}" y2="{end[1]:.0f}" stroke="{INK}" {style}/>'


def _x(share: float) -> float:
    return EDGE + share * (WIDE - 2 * EDGE)


def _y(share: float) -> float:
    return HIGH - EDGE - share * (HIGH - 2 * EDGE)
