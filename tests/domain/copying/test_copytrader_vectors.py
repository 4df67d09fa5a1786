"""Every row of `copytrader_vectors.json`, made by running the code the CopyTrader brief came from: ours gives the same, or differs on
purpose, quoted from `facts/copying.md`.

The vectors are other people's work and stay outside: WALLETFLOW_ORACLES names the directory with `polymarket/` in it.
"""

import json
import os
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Fill, OrderStatus, Reason, Side, Verdict
from domain.copying.book import Book, Level
from domain.copying.evidence import Evidence
from domain.copying.judging import judge
from domain.copying.ledger import fold, lots_of
from domain.copying.marking import with_marks
from domain.copying.ordering import guard, order_for
from domain.copying.policy import OrderPolicy, tiers_of
from domain.copying.portfolio import Portfolio, portfolio_of
from domain.ids import row_id

if "WALLETFLOW_ORACLES" not in os.environ:
    pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory of the oracles", allow_module_level=True)

VECTORS = json.loads((Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket" / "copytrader_vectors.json").read_text())
CENT = Decimal("0.01")
SIZINGS: dict[str, dict[str, Any]] = {
    "FIXED10": {"kind": "fixed", "amount": 10},
    "PERCENTAGE10": {"kind": "percentage", "percent": 10},
    "PERCENTAGE150": {"kind": "percentage", "percent": 150},
    "TIERED": {"kind": "tiered", "tiers": tiers_of("1-100:2.0,100-500:1.0,500-1000:0.5,1000+:0.1")},
    "TIERED_EMPTY": {"kind": "tiered", "tiers": ()},
}


def exact(number: float) -> Decimal:
    return Decimal(str(number))


def numbered(rows: list[Any], chosen: list[bool] | None = None) -> list[Any]:
    return [pytest.param(row, id=str(number)) for number, row in enumerate(rows) if chosen is None or chosen[number]]


# sizing


def is_without_a_price(row: dict[str, Any]) -> bool:
    return "best_ask" in row and row["best_ask"] is None


def is_finer_than_a_cent(row: dict[str, Any]) -> bool:
    return round(row["expected"], 9) != float(exact(round(row["expected"], 9)).quantize(CENT, ROUND_DOWN))


NO_PRICE = [is_without_a_price(row) for row in VECTORS["sizing"]]
FINER = [is_finer_than_a_cent(row) for row in VECTORS["sizing"]]
PLAIN = [not (one or other) for one, other in zip(NO_PRICE, FINER, strict=True)]


@pytest.fixture
def copied(a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime) -> Any:
    """USD a mirror strategy of nothing but the row's balance puts behind the row's trade. No other cap is near."""

    def usd(row: dict[str, Any]) -> Decimal:
        leader_usd = exact(row["trader_usd"]) if "trader_usd" in row else exact(row["trader_tokens"]) * exact(row["best_ask"])
        balance = exact(row["balance"])
        policy = {
            "sizing": SIZINGS[row["cfg"]] | {"min_notional": 0, "max_notional": 10_000},
            "risk": {"max_token_fraction": 1, "max_leader_fraction": 1},
        }
        one = a_judge(policy=policy, portfolio=Portfolio(balance, balance))
        (signal,) = judge([a_trade(notional=leader_usd)], [one], Evidence({"yes": a_market()}), as_of).signals
        assert (signal.verdict is Verdict.COPY) == (signal.notional > 0)
        return signal.notional

    return usd


@pytest.mark.parametrize("row", numbered(VECTORS["sizing"], PLAIN))
def test_a_size_is_that_of_the_origin(row: dict[str, Any], copied: Any) -> None:
    assert copied(row) == exact(row["expected"])


@pytest.mark.parametrize("row", numbered(VECTORS["sizing"], FINER))
def test_a_size_differs_on_purpose_by_less_than_a_cent(row: dict[str, Any], copied: Any) -> None:
    """copying.md: "rounded down to cents" """
    assert 0 < exact(row["expected"]) - copied(row) < CENT


@pytest.mark.parametrize("row", numbered(VECTORS["sizing"], NO_PRICE))
def test_a_trade_nobody_would_sell_us_ends_at_the_book_and_not_at_the_size(
    row: dict[str, Any], a_signal: Any, a_market: Any, as_of: datetime
) -> None:
    """The origin sized 0 without an ask, for it had only the leader's shares. Our trades carry their USD, so the size is known; what is
    spent is 0 all the same. copying.md: "an empty side → refuse" """
    order = order_for(a_signal(), a_market(), Book("yes", (), ()), Decimal(0), OrderPolicy(), "simulated", as_of)
    assert (order.status, order.reason) == (OrderStatus.DENIED, Reason.BOOK_MISSING)
    assert row["expected"] == 0


# tracking


@pytest.mark.parametrize("steps", numbered(VECTORS["tracking"]))
def test_lots_go_as_in_the_origin(
    steps: list[dict[str, Any]], a_fill: Any, a_trade: Any, a_market: Any, a_judge: Any, as_of: datetime
) -> None:
    """Bought by fills, sold by the leader's exits, each through verdict, order and ledger. The origin keeps emptied lots as 0; ours go."""
    log: list[Fill] = []
    position, book = None, Book("yes", (Level(Decimal("0.40"), Decimal(1_000_000)),), ())
    for number, step in enumerate(steps):
        if step["op"] == "B":
            log.append(a_fill(row_id(number), shares=exact(step["arg"]), sequence=number))
        else:
            portfolio = portfolio_of(with_marks([position] if position else [], {}, {}, {"yes": a_market()}), Decimal(10_000), Decimal(0))
            sale = a_trade(str(number), side=Side.SELL, shares=exact(step["arg"]) * 1_000)
            evidence = Evidence({"yes": a_market()}, held_before={sale.trade_id: Decimal(1_000)})
            (signal,) = judge([sale], [a_judge(portfolio=portfolio)], evidence, as_of).signals
            if position is None:
                assert (signal.reason, step["amount"]) == (Reason.NOTHING_HELD, 0)
                continue
            order = order_for(signal, a_market(), book, position.shares, OrderPolicy(), "simulated", as_of)
            assert order.shares == exact(round(step["amount"], 9))
            log.append(a_fill(row_id(number), side=Side.SELL, shares=order.shares, sequence=number))
        derived = fold(log)
        assert derived is not None
        position = derived.position
        assert position.shares == exact(round(step["tracked"], 9))
        assert [lot.shares for lot in lots_of(position)] == [exact(round(lot, 9)) for lot in step["lots_remaining"] if lot]


# guard


WORDS = {
    "Slippage too high": Reason.SLIPPAGE_TOO_HIGH,
    "exceeds limit": Reason.PRICE_BEYOND_LIMIT,
    "below limit": Reason.PRICE_BEYOND_LIMIT,
    "No bids available": Reason.BOOK_MISSING,
    "No asks available": Reason.BOOK_MISSING,
}


@pytest.mark.parametrize("row", numbered(VECTORS["guard"]))
def test_the_guard_says_what_the_origin_says(row: dict[str, Any]) -> None:
    def level(price: float | None) -> tuple[Level, ...]:
        return () if price is None else (Level(exact(price), Decimal(100)),)

    def given(name: str) -> Decimal | None:
        return None if row[name] is None else exact(row[name])

    side, book = Side(row["side"]), Book("yes", level(row["best_bid"]), level(row["best_ask"]))
    found = guard(side, given("observed"), given("limit"), book, exact(row["max_slippage_pct"]) / 100)
    expected = None if row["ok"] else next(reason for words, reason in WORDS.items() if words in row["reason"])
    assert found is expected
    assert not row["ok"] or book.best(side) == exact(row["price"])
