"""What we send has the keys and the types of what the venue was recorded to send. Runs where WALLETFLOW_ORACLES points to.

Different on purpose, because the venue changed after the recording and its own newest client insists: `allowances` by contract
instead of one `allowance`; `errorMsg` is never null; `created_at` on the user channel is in seconds, not milliseconds."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sandbox.clob_api import Shown, book_row, changes_between, last_trade_row
from sandbox.exchange.api import _balance_row, _page
from sandbox.exchange.channels import best_row, opened_row, resolved_row
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.rows import answer_row, order_row, trade_row, user_order_row, user_trade_row
from sandbox.world import World
from tests.sandbox.exchange.conftest import PUBLIC_KEYS, StandingClock
from tests.sandbox.exchange.in_process import Trader

ORACLES = Path(os.environ.get("WALLETFLOW_ORACLES", "none")) / "polymarket" / "recorded"
pytestmark = pytest.mark.skipif(not ORACLES.is_dir(), reason="WALLETFLOW_ORACLES points to no recordings")


def recorded(name: str) -> Any:
    return json.loads((ORACLES / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def sent(world: World) -> dict[str, Any]:
    """One of everything: a buyer rests, a seller meets it, and the book moves."""
    clock = StandingClock()
    exchange = Exchange(world, clock)
    buyer, seller = (Trader.at(exchange, key) for key in PUBLIC_KEYS[:2])
    open_markets = [market for market in world.at(clock()).markets() if market.open_at(clock() + 60) and market.tick_millis == 10]
    market = min(open_markets, key=lambda market: abs(market.path.belief_at(clock()) - 0.5))
    before = Shown(exchange, exchange.advance(), market, 0)
    best = before.depth.bids[0][0] // 100
    resting = buyer.post(market, 0, "BUY", best, 100)
    filled = seller.post(market, 1, "BUY", 100 - best, 5_000 // (100 - best), kind="FAK")
    trade = exchange.trades[filled.trades[0]]
    after = Shown(exchange, exchange.advance(), market, 0)
    reader = seller.address
    cancelled, refused = exchange.cancel(buyer.key, [resting.hash, "0x1"])
    return {
        "clob_book_response": book_row(after),
        "http_balance_allowance_collateral": _balance_row(exchange, buyer.address, "COLLATERAL", ""),
        "http_batch_cancel_response": {"canceled": cancelled, "not_canceled": refused},
        "http_open_order": order_row(resting),
        "http_open_orders_page": _page([order_row(resting)] * 2, ""),
        "http_order_response_ok": answer_row(filled),
        "http_trade_report": trade_row(trade, reader),
        "http_trades_page": _page([trade_row(trade, reader)], ""),
        "ws_market_best_bid_ask_msg": best_row(after),
        "ws_market_book_msg": book_row(after) | {"event_type": "book"},
        "ws_market_last_trade_msg": last_trade_row(trade),
        "ws_market_new_market_msg": opened_row(market, clock()),
        "ws_market_price_change_msg": changes_between(before, after),
        "ws_market_resolved_msg": resolved_row(after),
        "ws_user_order_msg": user_order_row(resting, clock()),
        "ws_user_order_cancellation": user_order_row(resting, clock()),
        "ws_user_order_matched": user_order_row(filled, clock()),
        "ws_user_trade_msg": user_trade_row(trade, reader, seller.key.key),
        "ws_user_trade": user_trade_row(trade, reader, seller.key.key),
    }


NAMES = [
    "clob_book_response", "http_balance_allowance_collateral", "http_batch_cancel_response", "http_open_order", "http_open_orders_page",
    "http_order_response_ok", "http_trade_report", "http_trades_page", "ws_market_best_bid_ask_msg", "ws_market_book_msg",
    "ws_market_last_trade_msg", "ws_market_new_market_msg", "ws_market_price_change_msg", "ws_market_resolved_msg", "ws_user_order_msg",
    "ws_user_order_cancellation", "ws_user_order_matched", "ws_user_trade_msg", "ws_user_trade",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_has_the_recorded_keys_and_types(sent: dict[str, Any], name: str) -> None:
    assert list(differences(recorded(name), sent[name], name)) == []


def differences(old: Any, new: Any, place: str) -> Any:
    """A null was recorded where there may be something. Keys that came after the recording are no difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        if place.endswith(".not_canceled"):
            return
        for key, value in old.items():
            if key == "allowance" and place.startswith("http_balance"):
                continue
            if key not in new:
                yield f"{place}.{key} is missing"
            else:
                yield from differences(value, new[key], f"{place}.{key}")
    elif isinstance(old, list) and isinstance(new, list):
        if old and new:
            yield from differences(old[0], new[0], f"{place}[0]")
    elif old is not None and type(old) is not type(new):
        yield f"{place}: {type(old).__name__} was recorded, {type(new).__name__} is sent"


def test_a_difference_is_seen() -> None:
    assert list(differences({"a": 1, "b": ["x"]}, {"b": [2]}, "it")) == ["it.a is missing", "it.b[0]: str was recorded, int is sent"]
