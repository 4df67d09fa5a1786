"""How each strategy stands: equity, risk state, and the curve people look at."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Equity, Position, Reason, RiskState
from data_contracts.frames import frame_of
from domain.portfolio import portfolio_of
from domain.risk import Standing, assess
from tasks.state import Book, read_books
from tasks.steps import step


@step
def assess_risk(settings: Settings, as_of: datetime) -> list[Book]:
    """Every strategy with its rows as it stands now: risk states are stored, and a point of each equity curve that moved."""
    results = open_results(settings)
    books = read_books(results)
    states = [assess(_standing(book), book.risk, book.strategy.strategy_id, book.policy.risk, as_of) for book in books]
    moved = [equity_of(book, as_of) for book, state in zip(books, states, strict=True) if _figures(book.risk) != _figures(state)]
    results.write([Write(RiskState, frame_of(states, RiskState), "put"), Write(Equity, frame_of(moved, Equity))])
    return [replace(book, risk=state) for book, state in zip(books, states, strict=True)]


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
    now = equity_of(book, book.strategy.updated_at)
    return Standing(now.equity, now.cash, [position.realized_pnl > 0 for position in closed])


def _figures(state: RiskState | None) -> tuple[Decimal, Decimal] | None:
    """What a point of the curve shows; an idle night is one point, not three thousand."""
    return (state.equity, state.cash) if state else None
