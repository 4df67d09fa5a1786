"""Builders of rows for the domain's tests: each gives a plain good row, and a test changes the one thing it is about."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import (
    Confidence,
    Consensus,
    Fill,
    Kind,
    Position,
    RiskState,
    Side,
    Signal,
    Trade,
    TradingState,
    Venue,
)
from domain.copying.evidence import Evidence
from domain.copying.judging import Judge, judge
from domain.copying.marking import MarkedPosition
from domain.copying.policy import Policy
from domain.copying.portfolio import Portfolio
from domain.copying.risk.permission import Permission
from domain.ids import row_id
from tests.ledger_rows import signal_row
from tests.markets import an_instrument

AS_OF = datetime(2026, 11, 3, 12, tzinfo=UTC)
LEADER = "0x" + "a" * 40

Build = Callable[..., Any]


@pytest.fixture(scope="session")
def as_of() -> datetime:
    return AS_OF


@pytest.fixture(scope="session")
def leader() -> str:
    return LEADER


@pytest.fixture(scope="session")
def a_trade() -> Build:
    """250 shares of YES bought at 0.40: 100 USD, ten seconds ago. `name` makes another trade of it."""

    def build(name: str = "trade", **changes: Any) -> Trade:
        fields: dict[str, Any] = {
            "trade_id": row_id(name),
            "source": "test",
            "venue": Venue.POLYMARKET,
            "wallet": LEADER,
            "market_id": "market",
            "token_id": "yes",
            "outcome": "Yes",
            "side": Side.BUY,
            "price": Decimal("0.40"),
            "shares": Decimal(250),
            "notional": Decimal(100),
            "traded_at": AS_OF - timedelta(seconds=10),
            "tx_hash": "0xhash",
            "ordinal": 0,
        }
        fields |= changes
        return Trade(**({"seen_at": fields["traded_at"]} | fields))

    return build


@pytest.fixture(scope="session")
def a_market() -> Build:
    """The YES token of an open market without fees, on a tick of a cent."""
    return an_instrument


@pytest.fixture(scope="session")
def a_consensus() -> Build:
    """Ten skilled holders for YES, ten against, 72 to 28."""

    def build(**changes: Any) -> Consensus:
        fields: dict[str, Any] = {
            "token_id": "yes",
            "votes_by": "cluster",
            "market_id": "market",
            "category": "politics",
            "owrr": 0.72,
            "score_for": 72.0,
            "score_against": 28.0,
            "qualified_for": 10,
            "qualified_against": 10,
            "confidence": Confidence.HIGH,
            "computed_at": AS_OF - timedelta(minutes=1),
        }
        return Consensus(**(fields | changes))

    return build


@pytest.fixture(scope="session")
def a_signal() -> Build:
    """COPY: 40 USD behind a BUY the leader did at 0.40."""

    def build(**changes: Any) -> Signal:
        return signal_row(AS_OF, **({"strategy_id": "strategy", "market_id": "market"} | changes))

    return build


@pytest.fixture(scope="session")
def a_fill() -> Build:
    """100 shares bought at 0.40 without a fee. Without a `notional` it is price x shares."""

    def build(name: str = "fill", **changes: Any) -> Fill:
        fields: dict[str, Any] = {
            "fill_id": row_id(name),
            "order_id": row_id("order"),
            "strategy_id": "strategy",
            "venue": Venue.POLYMARKET,
            "leader": LEADER,
            "market_id": "market",
            "token_id": "yes",
            "outcome": "Yes",
            "side": Side.BUY,
            "price": Decimal("0.40"),
            "shares": Decimal(100),
            "fee": Decimal(0),
            "filled_at": AS_OF,
            "sent_at": AS_OF,
        }
        fields |= changes
        fields.setdefault("notional", fields["price"] * fields["shares"])
        return Fill(**fields)

    return build


@pytest.fixture(scope="session")
def a_position() -> Build:
    """100 shares that cost 40 USD in one lot."""

    def build(**changes: Any) -> Position:
        fields: dict[str, Any] = {
            "strategy_id": "strategy",
            "venue": Venue.POLYMARKET,
            "leader": LEADER,
            "market_id": "market",
            "token_id": "yes",
            "outcome": "Yes",
            "category": "politics",
            "shares": Decimal(100),
            "cost": Decimal(40),
            "realized_pnl": Decimal(0),
            "fees": Decimal(0),
            "lots": '[["100", "40"]]',
            "opened_at": AS_OF,
            "updated_at": AS_OF,
            "closed_at": None,
        }
        return Position(**(fields | changes))

    return build


@pytest.fixture(scope="session")
def a_marked_position(a_position: Build) -> Build:
    """The same with marks: `mark_price`, `peak_price`."""

    def build(mark_price: Decimal | None = None, peak_price: Decimal | None = None, **changes: Any) -> MarkedPosition:
        fields = asdict(a_position(**changes))
        return MarkedPosition(**fields, mark_price=mark_price, peak_price=peak_price, instrument=an_instrument(token_id=fields["token_id"]))

    return build


@pytest.fixture(scope="session")
def a_risk_state() -> Build:
    """ACTIVE, the day began today with 10,000 USD, which is also the peak. `kept` changes what a rule keeps, by its name."""

    def build(kept: dict[str, Any] | None = None, **changes: Any) -> RiskState:
        long_ago = (AS_OF - timedelta(days=9)).isoformat()
        rules: dict[str, dict[str, Any]] = {
            "drawdown": {"peak_equity": "10000"},
            "daily_loss": {"day_started_at": AS_OF.replace(hour=0).isoformat(), "day_started_equity": "10000"},
            "win_rate": {"counts_from": long_ago},
            "stops_in_a_row": {"counts_from": long_ago},
        }
        merged = {name: keeps | (kept or {}).get(name, {}) for name, keeps in rules.items()}
        fields: dict[str, Any] = {
            "strategy_id": "strategy",
            "state": TradingState.ACTIVE,
            "reason": None,
            "equity": Decimal(10_000),
            "cash": Decimal(10_000),
            "drawdown": 0.0,
            "size_factor": Decimal(1),
            "looks": "[]",
            "rules": json.dumps(merged),
            "resumed_at": None,
            "changed_at": AS_OF - timedelta(days=9),
        }
        return RiskState(**(fields | changes))

    return build


@pytest.fixture(scope="session")
def a_judge() -> Build:
    """A mirror strategy that spends 50 USD a copy out of 10,000. `policy` changes its groups; `state` and `reason` are its permission."""

    def build(policy: dict[str, Any] | None = None, state: Any = None, reason: Any = None, **changes: Any) -> Judge:
        groups: dict[str, Any] = {"sizing": {"kind": "fixed", "amount": 50}}
        fields: dict[str, Any] = {
            "strategy_id": "strategy",
            "venue": Venue.POLYMARKET,
            "kind": Kind.MIRROR,
            "policy": Policy.model_validate(groups | (policy or {})),
            "portfolio": Portfolio(Decimal(10_000), Decimal(10_000)),
            "leaders": frozenset({LEADER}),
            "permission": Permission(state or TradingState.ACTIVE, reason),
        }
        return Judge(**(fields | changes))

    return build


@pytest.fixture(scope="session")
def verdict_on(a_market: Build, a_judge: Build) -> Build:
    """The one Signal a judge gives on one trade; evidence is given by name."""

    def ask(trade: Trade, one: Judge | None = None, **evidence: Any) -> Signal:
        given: dict[str, Any] = {"instruments": {"yes": a_market()}} | evidence
        (signal,) = judge([trade], [one or a_judge()], Evidence(**given), AS_OF).signals
        return signal

    return ask
