"""How much of each limit is used: of each strategy by its policy, of the account by what an operator set."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from data_contracts import Strategy
from data_contracts.frames import rows_of
from domain.copying.policy import Policy
from domain.operating.limits_used import ACCOUNT, Limit, account_limits, number, percent, strategy_limits
from notebooks.queries.house import House, total
from notebooks.queries.overview import account, strategies
from notebooks.queries.trading import open_positions


def limits(house: House) -> list[Limit]:
    """The account's, where any are set, then those of each strategy."""
    held, rows = open_positions(house), strategies(house).filter("counts")
    return [*_of_account(house, held, rows), *_of_strategies(house, held, rows)]


def frame(house: House) -> pl.DataFrame:
    """The same as a frame, with `share`."""
    rows = [(one.strategy, one.name, one.about, one.used, one.most, one.unit, one.share) for one in limits(house)]
    schema = {
        "strategy": pl.String,
        "limit": pl.String,
        "about": pl.String,
        "used": pl.Float64,
        "most": pl.Float64,
        "unit": pl.String,
        "share": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _of_account(house: House, held: pl.DataFrame, rows: pl.DataFrame) -> Iterator[Limit]:
    state, most = account(house)
    if most is None:
        return
    yield from account_limits(most, held, house.owners)
    yield Limit(ACCOUNT, "below its peak", percent(state.drawdown if state else None), percent(most.max_drawdown), "%")
    yield Limit(ACCOUNT, "lost today (UTC)", _lost_today(rows), number(most.max_daily_loss_usd), "USD")


def _of_strategies(house: House, held: pl.DataFrame, rows: pl.DataFrame) -> Iterator[Limit]:
    known = {row.strategy_id: row for row in rows_of(house.strategies, Strategy)}
    for row in rows.to_dicts():
        yield from strategy_limits(known[row["strategy_id"]], held, house.owners)
        yield from _of_equity(row, known[row["strategy_id"]])


def _of_equity(row: Mapping[str, Any], strategy: Strategy) -> Iterator[Limit]:
    risk, began = Policy.of_record(strategy.policy).risk, row["day_started_equity"]
    lost = None if not began else max(0.0, float((began - row["equity"]) / began))
    yield Limit(strategy.strategy_id, "below its peak", percent(row["drawdown"]), percent(risk.max_drawdown), "%")
    yield Limit(strategy.strategy_id, "lost today (UTC)", percent(lost), percent(risk.max_daily_loss), "%")


def _lost_today(rows: pl.DataFrame) -> float | None:
    known = rows.drop_nulls("day_started_equity_usd")
    return max(0.0, total(known, "day_started_equity_usd") - total(known, "equity_usd")) if known.height else None
