"""What a strategy brings into a cycle when an order of the last one has no answer yet."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from data_contracts import Currency, Kind, Order, OrderStatus, Side, Strategy, TradingState, Venue
from domain.copying.policy import Policy
from tasks.copying.strategy_rows import StrategyRows
from tests.ledger_rows import an_order

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
KEY = ("0x" + "a" * 40, "yes")
BUY = an_order(AS_OF, strategy_id="strategy", market_id="market", limit_price=Decimal("0.42"), status=OrderStatus.UNKNOWN)


def rows(*orders: Order) -> StrategyRows:
    strategy = Strategy(
        strategy_id="strategy",
        venue=Venue.POLYMARKET,
        stake_currency=Currency.USD,
        kind=Kind.MIRROR,
        policy="{}",
        balance=Decimal(1_000),
        enabled=True,
        created_at=AS_OF,
        updated_at=AS_OF,
    )
    return StrategyRows(
        strategy=strategy,
        policy=Policy(),
        leaders=frozenset(),
        open_positions=(),
        realized_pnl=Decimal(0),
        results=(),
        risk=None,
        open_orders=orders,
    )


@pytest.mark.parametrize(("order", "cash", "exposure"), [(BUY, 958, 42), (replace(BUY, side=Side.SELL), 1_000, 0)])
def test_the_money_of_a_buy_without_an_answer_is_not_there_for_another_copy(order: Order, cash: int, exposure: int) -> None:
    """100 shares at 0.42 at most. Once the fold spent these 42 USD again, on another copy or on the same."""
    portfolio = rows(order).judge(frozenset(), TradingState.ACTIVE).portfolio
    assert (portfolio.cash, portfolio.exposure, portfolio.awaited) == (cash, exposure, {KEY})


def test_an_order_without_an_answer_is_no_loss() -> None:
    """Equity is told by what is known: money that may be spent is still ours, or a lost answer would look like a drawdown."""
    assert rows(BUY).portfolio.cash == 1_000


@pytest.mark.parametrize(("switch", "state"), [(TradingState.ACTIVE, TradingState.ACTIVE), (TradingState.HALTED, TradingState.HALTED)])
def test_the_kill_switch_reaches_every_strategy(switch: TradingState, state: TradingState) -> None:
    assert rows().judge(frozenset(), switch).permission.state is state
