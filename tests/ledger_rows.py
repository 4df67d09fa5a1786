"""Ledger rows for tests: a leader and its record, 100 shares of Yes for 40 USD, their order, their fill, and what is said of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from data_contracts import (
    Alert,
    Equity,
    Exit,
    Fill,
    Kind,
    Leader,
    Order,
    OrderStatus,
    Position,
    Reason,
    Severity,
    Side,
    Signal,
    Trade,
    Venue,
    Verdict,
    WalletProfile,
)
from domain.ids import row_id

LEADER = "0x" + "a" * 40
OF_ALL: dict[str, Any] = {
    "strategy_id": "one",
    "venue": Venue.POLYMARKET,
    "leader": LEADER,
    "market_id": "m",
    "token_id": "yes",
    "outcome": "Yes",
}


def a_leader(at: datetime, wallet: str = LEADER, strategy_id: str = "one", **changes: Any) -> Leader:
    """Followed since then."""
    return replace(Leader(strategy_id=strategy_id, wallet=wallet, why="test", chosen_at=at, dropped_at=None), **changes)


def signal_row(at: datetime, **changes: Any) -> Signal:
    """COPY: 40 USD behind a BUY of 250 shares that the leader did at 0.40, ten seconds before."""
    plain: dict[str, Any] = {
        "signal_id": row_id("signal"),
        "kind": Kind.MIRROR,
        "trade_id": row_id("trade"),
        "category": "politics",
        "side": Side.BUY,
        "verdict": Verdict.COPY,
        "reason": Reason.LEADER_TRADED,
        "leader_price": Decimal("0.40"),
        "leader_shares": Decimal(250),
        "leader_notional": Decimal(100),
        "notional": Decimal(40),
        "exit_fraction": Decimal(0),
        "owrr": None,
        "score_for": None,
        "score_against": None,
        "qualified_for": None,
        "qualified_against": None,
        "confidence": None,
        "consensus_age_s": None,
        "traded_at": at - timedelta(seconds=10),
        "judged_at": at,
        "latency_s": 10.0,
    }
    return Signal(**(OF_ALL | plain | changes))


def trade_row(at: datetime, **changes: Any) -> Trade:
    """The leader's: 100 shares of Yes at 0.40, with us at once."""
    plain: dict[str, Any] = {
        "trade_id": row_id("trade"),
        "source": "polymarket",
        "venue": Venue.POLYMARKET,
        "wallet": LEADER,
        "market_id": "m",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "price": Decimal("0.40"),
        "shares": Decimal(100),
        "notional": Decimal(40),
        "traded_at": at,
        "seen_at": at,
        "tx_hash": "0x",
        "ordinal": 0,
    }
    return Trade(**(plain | changes))


def an_order(at: datetime, name: str = "order", **changes: Any) -> Order:
    """Filled: 100 shares at 0.50 at most, seen at 0.40."""
    plain: dict[str, Any] = {
        "order_id": row_id(name),
        "signal_id": row_id("signal", name),
        "side": Side.BUY,
        "shares": Decimal(100),
        "limit_price": Decimal("0.50"),
        "observed_price": Decimal("0.40"),
        "status": OrderStatus.FILLED,
        "reason": None,
        "is_simulated": True,
        "order_hash": "0x1",
        "created_at": at,
        "updated_at": at,
    }
    return Order(**(OF_ALL | plain | changes))


def a_fill(order: Order, shares: str = "100", price: str = "0.40", after_s: float = 0, **changes: Any) -> Fill:
    """Of that order, `after_s` it was made, without a fee."""
    fill = Fill(
        **{name: getattr(order, name) for name in OF_ALL},
        fill_id=row_id("fill", order.order_id),
        order_id=order.order_id,
        side=order.side,
        price=Decimal(price),
        shares=Decimal(shares),
        notional=Decimal(shares) * Decimal(price),
        fee=Decimal(0),
        filled_at=order.created_at + timedelta(seconds=after_s),
        sent_at=order.created_at,
    )
    return replace(fill, **changes)


def a_position(at: datetime, shares: str = "100", cost: str = "40", **changes: Any) -> Position:
    """One lot."""
    plain: dict[str, Any] = {
        "category": "politics",
        "shares": Decimal(shares),
        "cost": Decimal(cost),
        "realized_pnl": Decimal(0),
        "fees": Decimal(0),
        "lots": f'[["{shares}", "{cost}"]]',
        "opened_at": at,
        "updated_at": at,
        "closed_at": None,
    }
    return Position(**(OF_ALL | plain | changes))


def an_exit(at: datetime, **changes: Any) -> Exit:
    """Of 5 shares, asked for just now and never tried."""
    plain: dict[str, Any] = {name: OF_ALL[name] for name in ("strategy_id", "leader", "market_id", "token_id")} | {
        "signal_id": row_id("signal"),
        "reason": Reason.STOP_LOSS,
        "entire": True,
        "wanted_shares": Decimal(5),
        "sold_shares": Decimal(0),
        "orders": 0,
        "held_back": None,
        "asked_at": at,
        "tried_at": None,
        "done_at": None,
        "ended_by": None,
    }
    return Exit(**(plain | changes))


def a_point(at: datetime, equity: str, realized: str = "0", balance: str | None = "1000", **changes: Any) -> Equity:
    """Of an equity curve; all of it is cash."""
    value = Decimal(equity)
    point = Equity(
        strategy_id="one",
        as_of=at,
        cash=value,
        positions_value=Decimal(0),
        equity=value,
        realized_pnl=Decimal(realized),
        open_positions=0,
        balance=None if balance is None else Decimal(balance),
    )
    return replace(point, **changes)


def an_alert(at: datetime, about: str = "graph", severity: Severity = Severity.CRITICAL, **changes: Any) -> Alert:
    """It is down since then, and nobody was told."""
    alert = Alert(
        alert_id=row_id("alert", about),
        severity=severity,
        what="down",
        about=about,
        message=f"{about} does not answer: start it",
        raised_at=at,
        seen_at=at,
        cleared_at=None,
    )
    return replace(alert, **changes)


def a_profile(at: datetime, wallet: str = LEADER, **changes: Any) -> WalletProfile:
    """18 of 20 positions won, ever: 120 gained and 5 lost on 200."""
    plain: dict[str, Any] = {
        "category": "all",
        "window_days": 0,
        "trades": 40,
        "closed_positions": 20,
        "oversold_positions": 0,
        "wins": 18,
        "win_rate": 0.9,
        "gains": 120.0,
        "losses": 5.0,
        "omega": 24.0,
        "realized_pnl": 115.0,
        "invested": 200.0,
        "roi": 0.5,
        "max_drawdown": None,
        "median_hold_s": None,
        "median_notional": None,
        "last_trade_at": at,
        "as_of": at,
    }
    return WalletProfile(wallet=wallet, **(plain | changes))
