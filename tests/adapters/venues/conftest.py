"""Orders and markets of the live venue."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Market, Order, OrderStatus, Side
from domain.ids import row_id

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
CTF = "69515744437473089728151261939146426925489297565662421305942992110046228478629"


@pytest.fixture(scope="session")
def a_live_market() -> Callable[..., Market]:
    """A binary market of the first protocol on a tick of a cent, without fees."""

    def build(**changes: Any) -> Market:
        fields: dict[str, Any] = {
            "token_id": CTF,
            "condition_id": "0x" + "c" * 64,
            "outcome": "Yes",
            "outcome_index": 0,
            "question": "Will it?",
            "category": "politics",
            "event": "it",
            "tick_size": Decimal("0.01"),
            "min_shares": Decimal(5),
            "fee_rate": Decimal(0),
            "fee_exponent": 1,
            "neg_risk": False,
            "version": "v1",
            "ends_at": None,
            "resolved_at": None,
            "payout": None,
            "updated_at": AS_OF,
        }
        return Market(**(fields | changes))

    return build


@pytest.fixture(scope="session")
def a_live_order() -> Callable[..., Order]:
    """Buy 10 shares at 0.50 or better: 5 USD."""

    def build(name: str = "order", **changes: Any) -> Order:
        fields: dict[str, Any] = {
            "order_id": row_id(name),
            "signal_id": row_id("signal", name),
            "strategy_id": "strategy",
            "leader": "0x" + "a" * 40,
            "condition_id": "0x" + "c" * 64,
            "token_id": CTF,
            "outcome": "Yes",
            "side": Side.BUY,
            "shares": Decimal(10),
            "limit_price": Decimal("0.50"),
            "observed_price": Decimal("0.49"),
            "status": OrderStatus.PENDING,
            "reason": None,
            "venue": "polymarket",
            "order_hash": "",
            "created_at": AS_OF,
            "updated_at": AS_OF,
        }
        return Order(**(fields | changes))

    return build
