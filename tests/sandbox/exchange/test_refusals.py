"""Each reason for which the exchange takes no order, in the venue's words, and that nothing is left of it."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.exchange.contracts import EXCHANGE_V2, route_of
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.orders import read_order
from sandbox.exchange.refusals import Refusal
from sandbox.markets import Market
from sandbox.world import World
from tests.sandbox.exchange.conftest import ORIGIN, PUBLIC_KEYS, StandingClock
from tests.sandbox.exchange.in_process import UNIT, Trader, wrong_contract

NOW_S = int(ORIGIN.timestamp())


@pytest.fixture
def exchange(world: World) -> Exchange:
    return Exchange(world, StandingClock())


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader.at(exchange, PUBLIC_KEYS[0])


def markets(world: World, is_fit: Callable[[Market], bool]) -> Market:
    return next(market for market in world.at(NOW_S).markets() if market.open_at(NOW_S) and is_fit(market))


@pytest.fixture
def market(world: World) -> Market:
    def is_fit(market: Market) -> bool:
        return market.tick_millis == 10 and route_of(market).exchange == EXCHANGE_V2 and 0.3 < market.path.belief_at(NOW_S) < 0.7

    return markets(world, is_fit)


def refused(trader: Trader, body: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as found:
        trader.exchange.post(trader.key, read_order(body))
    assert trader.exchange.orders == {}
    return found.value.words


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"maker_amount": 500_000, "taker_amount": 5 * UNIT}, None),  # 5 shares at 10 cents rest
        ({"maker_amount": 499_000, "taker_amount": 4_990_000}, "Size (4.99) lower than the minimum: 5"),
        ({"maker_amount": 1_250_000, "taker_amount": 10 * UNIT}, "Price (0.125) breaks minimum tick size rule: 0.01"),
        ({"maker_amount": 10 * UNIT, "taker_amount": 10 * UNIT}, "Price (1.0) breaks minimum tick size rule: 0.01"),
        ({"maker_amount": 1_000_500, "taker_amount": 10_005_000}, "the buy orders maker amount supports a max accuracy of 4 decimals"),
        (
            {"side": "SELL", "maker_amount": 10_005_000, "taker_amount": 1_000_500},
            "the sell orders maker amount supports a max accuracy of 2 decimals",
        ),
        (
            {"maker_amount": 1_000_100, "taker_amount": 2_000_200, "kind": "FAK"},
            "the market buy orders maker amount supports a max accuracy of 2",
        ),
        (
            {"maker_amount": 990_000, "taker_amount": 1_000_000, "kind": "FAK"},
            "invalid amount for a marketable BUY order ($0.99), min size: $1",
        ),
        ({"maker_amount": 5_000_000, "taker_amount": 9_800_000, "kind": "FAK"}, "breaks minimum tick size rule"),  # 0.5102: no rounding
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "expiration": NOW_S + 59, "kind": "GTD"}, "invalid expiration"),
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "expiration": NOW_S + 60, "kind": "GTD"}, None),
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "expiration": NOW_S + 60}, "invalid expiration"),  # a GTC order has no end
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "kind": "GTD"}, "invalid expiration"),
        ({"maker_amount": 9_900_000, "taker_amount": 10 * UNIT, "post_only": True}, "invalid post-only order: order crosses book"),
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "post_only": True}, None),
        ({"maker_amount": UNIT, "taker_amount": 10 * UNIT, "kind": "FAK"}, "no orders found to match with FAK order"),
        ({"maker_amount": 900 * UNIT, "taker_amount": 9_000 * UNIT, "kind": "FOK"}, "order couldn't be fully filled"),
        ({"maker_amount": 1_000 * UNIT, "taker_amount": 10_000 * UNIT}, None),  # all it has
        (
            {"maker_amount": 1_001 * UNIT, "taker_amount": 10_010 * UNIT},
            "the balance is not enough -> balance: 1000000000, order amount: 1001000000",
        ),
        (
            {"side": "SELL", "maker_amount": 5 * UNIT, "taker_amount": 4_950_000},
            "the balance is not enough -> balance: 0, order amount: 5000000",
        ),
    ],
)
def test_amounts_sizes_ticks_ends_and_balances(trader: Trader, market: Market, amounts: dict[str, Any], words: str | None) -> None:
    body = trader.body(market, **amounts)
    if words is None:
        assert trader.exchange.post(trader.key, read_order(body)).status == "LIVE"
    else:
        assert words in refused(trader, body)


def test_dollars_reserved_by_a_resting_order_are_not_there_for_another(trader: Trader, market: Market) -> None:
    """1,000 dollars: 600 are reserved, 400 are left, 401 are too much."""
    trader.post(market, 0, "BUY", 10, 6_000)
    with pytest.raises(Refusal, match="balance: 400000000, order amount: 401000000"):
        trader.post(market, 1, "BUY", 10, 4_010)
    assert trader.post(market, 1, "BUY", 10, 4_000).status == "LIVE"


def test_the_fee_must_be_paid_for_as_well(trader: Trader, exchange: Exchange, market: Market) -> None:
    """All dollars for shares leave none for the fee."""
    exchange.ledger.account(trader.address).balances["pUSD"] = 100 * UNIT
    body = trader.body(market, maker_amount=100 * UNIT, taker_amount=101_010_100, kind="FAK")  # at most 0.99
    assert "balance: 100000000, order amount: 10" in refused(trader, body)


@pytest.mark.parametrize("kind", ["standard", "neg_risk", "position"])
def test_an_order_for_another_contract_is_refused(world: World, trader: Trader, kind: str) -> None:
    fits: dict[str, Callable[[Market], bool]] = {
        "standard": lambda market: not market.neg_risk and len(market.condition_id) == 66,
        "neg_risk": lambda market: market.neg_risk,
        "position": lambda market: len(market.condition_id) == 64,
    }
    market = markets(world, fits[kind])
    assert (
        refused(trader, trader.body(market, maker_amount=UNIT, taker_amount=10 * UNIT, contract=wrong_contract(market)))
        == "invalid signature"
    )


def test_an_order_of_the_other_version_is_told_so(world: World, trader: Trader) -> None:
    market = markets(world, lambda market: len(market.condition_id) == 64)
    body = trader.body(
        market, maker_amount=UNIT, taker_amount=10 * UNIT, version="2", contract="0xE111180000d2663C0091e4f400237545B87B996B"
    )
    assert refused(trader, body) == "order_version_mismatch"


def test_another_signer_or_owner_or_a_changed_amount_is_refused(trader: Trader, exchange: Exchange, market: Market) -> None:
    other = Trader.at(exchange, PUBLIC_KEYS[1])
    body = other.body(market, maker_amount=UNIT, taker_amount=10 * UNIT)
    assert refused(trader, body) == "the order owner has to be the owner of the API KEY"
    assert refused(trader, body | {"owner": trader.key.key}) == "the order signer address has to be the address of the API KEY"
    body["order"]["makerAmount"] = "1100000"
    assert refused(other, body) == "invalid signature"


def test_the_same_order_is_taken_once(trader: Trader, market: Market) -> None:
    body = trader.body(market, maker_amount=UNIT, taker_amount=10 * UNIT)
    order = trader.exchange.post(trader.key, read_order(body))
    for _ in range(2):
        with pytest.raises(Refusal, match=r"is invalid. Duplicated\."):
            trader.exchange.post(trader.key, read_order(body))
        trader.exchange.cancel(trader.key, [order.hash])  # nor again once it is cancelled


def test_an_allowance_is_needed(trader: Trader, exchange: Exchange, market: Market) -> None:
    exchange.ledger.account(trader.address).allowances[EXCHANGE_V2] = 999_999
    words = refused(trader, trader.body(market, maker_amount=UNIT, taker_amount=10 * UNIT))
    assert words.endswith(
        "the allowance is not enough -> spender: 0xE111180000d2663C0091e4f400237545B87B996B, allowance: 999999, order amount: 1000000"
    )


def test_who_may_only_close_may_not_buy(trader: Trader, exchange: Exchange, market: Market) -> None:
    exchange.closed_only.add(trader.address)
    assert "closed only mode" in refused(trader, trader.body(market, maker_amount=UNIT, taker_amount=10 * UNIT))


def test_a_closed_market_has_no_orderbook(trader: Trader, world: World) -> None:
    past = next(market for market in world.at(NOW_S).markets() if market.closes_s <= NOW_S)
    assert refused(trader, trader.body(past, maker_amount=UNIT, taker_amount=10 * UNIT)).endswith("does not exist")


@pytest.mark.parametrize(
    "change",
    [
        {"salt": -1},
        {"maker": "0x12"},
        {"side": "HOLD"},
        {"makerAmount": "0"},
        {"signatureType": 4},
        {"metadata": "0x00"},
        {"tokenId": "1.5"},
        {"signature": "zz"},
    ],
)
def test_what_is_no_order_is_refused(trader: Trader, market: Market, change: dict[str, Any]) -> None:
    body = trader.body(market, maker_amount=UNIT, taker_amount=10 * UNIT)
    assert refused(trader, body | {"order": body["order"] | change}) == "Invalid order payload"
