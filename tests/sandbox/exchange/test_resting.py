"""What becomes of an order that rests: the world comes to it, its time ends, its owner falls silent."""

import pytest

from sandbox.books import REFRESH_S
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import USD
from sandbox.exchange.orders import Order
from sandbox.exchange.rows import trade_row
from sandbox.exchange.trades import world_trades
from sandbox.markets import Market
from sandbox.world import World
from tests.sandbox.exchange.conftest import ORIGIN, PUBLIC_KEYS, StandingClock
from tests.sandbox.exchange.in_process import UNIT, Trader

NOW_S = ORIGIN.timestamp()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def exchange(world: World, clock: StandingClock) -> Exchange:
    return Exchange(world, clock)


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader.at(exchange, PUBLIC_KEYS[0])


@pytest.fixture
def market(world: World) -> Market:
    """Traded for a while, around the middle."""
    markets = [market for market in world.at(NOW_S).markets() if market.open_at(NOW_S + 600) and market.tick_millis == 10]
    return min(markets, key=lambda market: abs(market.path.belief_at(NOW_S) - 0.5))


def best_bid(exchange: Exchange, market: Market) -> int:
    """In cents."""
    return exchange.book(market, exchange.clock()).depth(0, exchange.clock()).bids[0][0] // 100


def waited_for(exchange: Exchange, clock: StandingClock, order: Order) -> None:
    for _ in range(600):
        clock.advance(1)
        exchange.advance()
        if order.matched:
            return


def test_the_worlds_quotes_move_through_a_resting_order_and_fill_it_at_its_price(
    exchange: Exchange, trader: Trader, market: Market, clock: StandingClock
) -> None:
    order = trader.post(market, 0, "BUY", best_bid(exchange, market), 10)
    assert order.status == "LIVE"
    waited_for(exchange, clock, order)
    assert order.status == "MATCHED"
    trade = exchange.trades[order.trades[0]]
    row = trade_row(trade, trader.address)
    assert (trade.taker, row["trader_side"], row["maker_orders"][0]["order_id"]) == (None, "MAKER", order.hash)
    assert order.usd == 10 * UNIT * int(order.price) // 10_000, "at its own price"
    assert trade.fee == 0, "makers pay no fee"
    clock.advance(1)
    exchange.advance()
    assert trader.holds(market.token_ids[0]) == 10 * UNIT
    assert trader.holds(USD) == 1_000 * UNIT - order.usd


def test_a_world_trade_meets_each_better_order_once(exchange: Exchange, trader: Trader, market: Market, clock: StandingClock) -> None:
    """Whoever sells to the world's best bid sells to a better one first, and no trade comes twice however often one looks."""
    book = exchange.book(market, clock())
    clock.advance(600)
    found = list(world_trades(book, exchange.world.at(clock())))
    assert len(found) > 1
    assert [at_s for at_s, _ in found] == sorted(at_s for at_s, _ in found)
    assert all(NOW_S < at_s <= clock() for at_s, _ in found)
    exchange.advance()
    assert list(world_trades(book, exchange.world.at(clock()))) == []


def test_what_is_taken_is_gone_until_the_quotes_are_drawn_anew(
    exchange: Exchange, trader: Trader, market: Market, clock: StandingClock
) -> None:
    clock.now_s = (clock.now_s // REFRESH_S + 1) * REFRESH_S
    book = exchange.book(market, clock())
    price, shares = book.depth(0, clock()).asks[0]
    exchange.ledger.account(trader.address).balances[USD] = 10_000 * UNIT
    trader.post(market, 0, "BUY", price // 100, 100, kind="FAK")
    left = dict(book.depth(0, clock()).asks).get(price)
    assert shares - 101 * UNIT < (left or 0) <= shares - 100 * UNIT, "100 shares, or the few more that its dollars buy"
    other_side = dict(book.depth(1, clock()).bids)
    assert other_side[10_000 - price] == left, "an offer of one outcome is a bid for the other"
    clock.advance(REFRESH_S)
    assert book.worlds(clock())
    assert not any(book._taken.values())


def test_an_order_with_an_end_ends_and_gives_back_what_it_held(
    exchange: Exchange, trader: Trader, market: Market, clock: StandingClock
) -> None:
    order = trader.post(market, 0, "BUY", 1, 100, kind="GTD", expiration=int(NOW_S) + 200)
    assert exchange.available(trader.address, USD) == 999 * UNIT
    clock.advance(199)
    exchange.advance()
    assert order.status == "LIVE"
    clock.advance(1)
    exchange.advance()
    assert order.status == "CANCELED_EXPIRED_ORDER"
    assert exchange.available(trader.address, USD) == 1_000 * UNIT


def test_orders_end_with_their_market(exchange: Exchange, trader: Trader, market: Market, clock: StandingClock) -> None:
    order = trader.post(market, 0, "BUY", 1, 100)
    clock.now_s = market.closes_s
    exchange.advance()
    assert order.status == "CANCELED_MARKET_RESOLVED"


def test_a_heartbeat_that_stops_cancels_all_and_a_wrong_one_is_told_the_right_one(
    exchange: Exchange, trader: Trader, market: Market, clock: StandingClock
) -> None:
    order = trader.post(market, 0, "BUY", 1, 100)
    first = exchange.beat(trader.key, "")
    with pytest.raises(LookupError, match=first):
        exchange.beat(trader.key, "wrong")
    clock.advance(10)
    second = exchange.beat(trader.key, first)
    assert second != first
    clock.advance(10)
    exchange.advance()
    assert order.status == "LIVE"
    clock.advance(0.1)
    exchange.advance()
    assert order.status == "CANCELED"


def test_a_wallet_that_moves_its_money_away_loses_its_newest_orders(exchange: Exchange, trader: Trader, market: Market) -> None:
    """600 and 400 dollars are promised; with 700 left only the first can be paid for."""
    first, second = trader.post(market, 0, "BUY", 1, 60_000), trader.post(market, 0, "BUY", 1, 40_000)
    exchange.ledger.account(trader.address).balances[USD] = 700 * UNIT
    exchange.revalidate(trader.address)
    assert (first.status, second.status) == ("LIVE", "INVALID")


def test_a_trade_that_can_no_longer_be_paid_for_fails(exchange: Exchange, trader: Trader, market: Market, clock: StandingClock) -> None:
    order = trader.post(market, 0, "BUY", 99, 100, kind="FAK")
    exchange.ledger.account(trader.address).balances[USD] = 0
    clock.advance(1)
    exchange.advance()
    assert exchange.trades[order.trades[0]].status == "FAILED"
    assert trader.holds(market.token_ids[0]) == 0


def test_two_exchanges_of_one_world_answer_alike(world: World) -> None:
    """Ids and hashes are functions of the seed and of what came before."""

    def story() -> list[object]:
        exchange = Exchange(world, StandingClock())
        trader = Trader.at(exchange, PUBLIC_KEYS[0])
        market = next(market for market in world.at(NOW_S).markets() if market.open_at(NOW_S + 600) and market.tick_millis == 10)
        order = trader.post(market, 0, "BUY", 99, 50, kind="FAK")
        exchange.settle(NOW_S + 5)
        return [trader.key, order.hash, order.trades, [trade_row(trade, trader.address) for trade in exchange.trades.values()]]

    assert story() == story()
