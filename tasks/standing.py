"""How each strategy stands: equity, risk state, and the curve people look at."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import polars as pl

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Equity, Position, Reason, RiskState
from data_contracts.frames import frame_of
from domain.portfolio import portfolio_of
from domain.risk import Standing, assess
from tasks.state import Book, read_books
from tasks.steps import step


@step
def assess_risk(settings: Settings, as_of: datetime) -> pl.DataFrame:
    """RiskState rows of all strategies, stored, with a point of the equity curve where it moved."""
    results = open_results(settings)
    books = read_books(results, only_enabled=False)
    states = [assess(_standing(book), book.risk, book.strategy.strategy_id, book.policy.risk, as_of) for book in books]
    points = [equity_of(book, as_of) for book in books]
    results.write([Write(RiskState, frame_of(states, RiskState), "put"), Write(Equity, frame_of(_moved(points, results), Equity))])
    return frame_of(states, RiskState)


def equity_of(book: Book, as_of: datetime) -> Equity:
    """Cash and positions at their marks; a position without a mark counts at cost."""
    cash = portfolio_of(book.positions, book.strategy.balance).cash
    worth = sum((_worth(position) for position in book.open_positions), Decimal(0))
    return Equity(
        strategy_id=book.strategy.strategy_id,
        as_of=as_of,
        cash=cash,
        positions_value=worth,
        equity=cash + worth,
        realized_pnl=sum((position.realized_pnl for position in book.positions), Decimal(0)),
        open_positions=len(book.open_positions),
    )


def _worth(position: Position) -> Decimal:
    return position.cost if position.mark_price is None else (position.shares * position.mark_price).quantize(Decimal("0.000001"))


def _standing(book: Book) -> Standing:
    since = book.risk.changed_at if book.risk and book.risk.reason is Reason.OPERATOR else None
    closed = [p for p in book.positions if p.closed_at is not None and (since is None or p.closed_at > since)]
    closed.sort(key=lambda position: (position.closed_at or position.updated_at, position.leader, position.token_id))
    equity = equity_of(book, book.strategy.updated_at).equity
    return Standing(equity, [position.realized_pnl > 0 for position in closed])


def _moved(points: Sequence[Equity], results: Results) -> list[Equity]:
    """The points that differ from their strategy's last one: an idle night is one point, not three thousand."""
    last = {row["strategy_id"]: row for row in results.latest(Equity, "strategy_id", "as_of").to_dicts()}
    return [point for point in points if _figures(last.get(point.strategy_id)) != (point.equity, point.cash)]


def _figures(row: dict[str, object] | None) -> tuple[object, object] | None:
    return (row["equity"], row["cash"]) if row else None
