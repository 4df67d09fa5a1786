"""What was gained and lost, and by what: strategy, leader, market, day."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.settings import load_settings
from deployments.terminal import Json, out, show, show_json

if TYPE_CHECKING:
    import polars as pl

    from notebooks.queries.house import House


class By(StrEnum):
    """What the results page's tab Performance sums by."""

    STRATEGY = "strategy"
    LEADER = "leader"
    CATEGORY = "category"
    VENUE = "venue"
    MARKET = "market"
    DAY = "day"


HEAD = ["realized", "fees", "positions", "won", "a position", "90 % interval"]
Parts = Annotated[By, typer.Option("--by", help="A line for each of these; a day is a UTC day, and has what was realized on it")]
Days = Annotated[int | None, typer.Option("--days", min=1, max=100_000, help="Of so many days until now; without, of all time")]


def command(by: Parts = By.STRATEGY, days: Days = None, as_json: Json = False) -> None:
    """What each sale and settlement realized, in USD at the rate of its instant, fees taken off: the best line first, and their sum.

    Positions are counted by their openings, closed or sold in part. The interval holds the mean of one at 90 %, by markets.
    """
    from notebooks.queries.house import BEGINNING, House  # the drivers take a second to import
    from notebooks.queries.performance import performance, realized

    now = datetime.now(UTC)
    house = House(load_settings(), now)
    sold = realized(house, BEGINNING if days is None else now - timedelta(days=days))
    names = _names(house, sold) if by is By.MARKET else {}
    lines = [line | {"name": names.get(line["of"], "")} for line in performance(sold, by.value).to_dicts()]
    if as_json:
        show_json([_object(line, by) for line in lines])
        return
    if not lines:
        out.print("Nothing was realized yet: the first sale or settlement shows here. What is held: `walletflow positions`")
        return
    without = sold["gain_usd"].null_count()
    show([by.value, *HEAD], [*map(_cells, lines), _cells(_sum(lines))], as_json=False)
    if without:
        out.print(f"Without {without} sales of which no rate in USD was on record")


def _names(house: "House", sold: "pl.DataFrame") -> dict[str, str]:
    """Of markets, as far as history has them."""
    named = house.named(sold.unique("market_id", keep="last", maintain_order=True)).drop_nulls("name")
    return dict(named.select("market_id", "name").iter_rows())


def _sum(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """A position may be in several days; each counts there."""
    total = {name: sum(line[name] for line in lines) for name in ("gain_usd", "fees_usd", "positions", "won")}
    return {"of": "all", "name": "", "mean": total["gain_usd"] / total["positions"], "low": None, "high": None} | total


def _cells(line: dict[str, Any]) -> tuple[str, ...]:
    bounds = "" if line["low"] is None else f"{line['low']:+,.2f} to {line['high']:+,.2f}"
    return (
        line["name"] or line["of"] or "none",
        *(f"{line['gain_usd']:+,.2f} USD", f"{line['fees_usd']:,.2f} USD", f"{line['positions']}", f"{line['won']}"),
        *(f"{line['mean']:+,.2f} USD", bounds),
    )


def _object(line: dict[str, Any], by: By) -> dict[str, Any]:
    named = {by.value: line["of"]} | ({"name": line["name"]} if by is By.MARKET else {})
    figures = {"realized_usd": "gain_usd", "fees_usd": "fees_usd", "positions": "positions", "won": "won"}
    return named | {name: line[column] for name, column in (figures | {"mean_usd": "mean", "low_usd": "low", "high_usd": "high"}).items()}
