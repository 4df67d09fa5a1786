"""polymarket-client, unmodified: an environment object is all it is given."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polymarket import SecureClient
from polymarket.errors import OrderHeartbeatMismatchError
from polymarket.models import PriceRequest

from sandbox.exchange.api import _page
from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Clients, Served, address_of


@pytest.fixture
def client(served: Served, clients: Clients) -> Iterator[SecureClient]:
    served.fund(address_of(PUBLIC_KEYS[0]))
    made = clients(PUBLIC_KEYS[0])
    yield made
    made.cancel_all()


def test_it_makes_credentials_reads_books_posts_is_filled_and_cancels(client: SecureClient, served: Served) -> None:
    market = served.market()
    token_id = market.token_ids[0]
    assert client.fetch_api_keys() == (client.credentials.key,)
    book = client.get_order_book(token_id=token_id)
    before = served.control(f"/accounts/{client.wallet}")
    bought = client.place_market_order(token_id=token_id, side="BUY", amount=10, max_price=book.asks[-1].price)
    assert bought.ok
    assert bought.status == "matched"
    assert client.wait_for_order_fill_settlement(bought)
    resting = client.place_limit_order(token_id=token_id, side="BUY", price=Decimal("0.01"), size=100)
    assert resting.ok
    assert [order.id for order in client.list_open_orders().iter_items()] == [resting.order_id]
    assert client.cancel_order(order_id=resting.order_id).canceled == (resting.order_id,)
    held = served.control(f"/accounts/{client.wallet}")
    assert held["tokens"][token_id] - before["tokens"].get(token_id, 0) == bought.taking_amount * 1_000_000
    assert before["collateral"] - held["collateral"] == bought.making_amount * 1_000_000 + held["trades"][-1]["fee"]


def test_every_public_read_is_understood_and_agrees_with_the_book(client: SecureClient, served: Served) -> None:
    market = served.market()
    token_id = market.token_ids[0]
    book = client.get_order_book(token_id=token_id)
    bid, ask = book.bids[-1].price, book.asks[-1].price
    assert client.get_midpoint(token_id=token_id) == (bid + ask) / 2
    assert client.get_midpoints(token_ids=[token_id]) == {token_id: (bid + ask) / 2}
    assert client.get_spread(token_id=token_id) == ask - bid
    assert client.get_spreads(token_ids=[token_id]) == {token_id: ask - bid}
    assert client.get_price(token_id=token_id, side="BUY") == bid
    assert client.get_prices(requests=[PriceRequest(token_id=token_id, side="SELL")])[token_id]["SELL"] == ask
    assert client.get_last_trade_prices(token_ids=[token_id])[0].price == client.get_last_trade_price(token_id=token_id).price
    assert client.estimate_market_price(token_id=token_id, side="BUY", amount=10) == ask
    assert client.get_closed_only_mode() is False
    assert client.get_notifications() == ()
    assert client.get_order_scoring(order_id="0x1") is False


def test_orders_of_a_batch_are_answered_one_by_one(client: SecureClient, served: Served) -> None:
    token_id = served.market().token_ids[1]
    orders = [client.create_limit_order(token_id=token_id, side="BUY", price="0.01", size=size) for size in (5, 4, 6)]
    first, second, third = client.post_orders(orders)
    assert (first.ok, second.ok, third.ok) == (True, False, True)
    assert not second.ok
    assert "lower than the minimum: 5" in second.message
    assert set(client.cancel_orders(order_ids=[first.order_id, third.order_id]).canceled) == {first.order_id, third.order_id}


def test_a_list_of_105_is_two_pages() -> None:
    first = _page(list(range(105)), "")
    second = _page(list(range(105)), first["next_cursor"])
    assert first["data"] + second["data"] == list(range(105))
    assert (first["count"], second["count"], second["next_cursor"]) == (100, 5, "LTE=")


def test_the_orders_of_one_token_are_listed_and_cancelled_together(client: SecureClient, served: Served) -> None:
    token_id = served.market(version="3").token_ids[0]
    order = client.create_limit_order(token_id=token_id, side="BUY", price="0.01", size=5)
    assert client.post_order(order).ok
    listed = client.list_open_orders(token_id=token_id)
    assert [found.price for found in listed.iter_items()] == [Decimal("0.01")]
    assert client.cancel_market_orders(token_id=token_id).canceled
    assert list(client.list_open_orders(token_id=token_id).iter_items()) == []


def test_heartbeats_name_the_next_one(client: SecureClient) -> None:
    first = client.send_order_heartbeat()
    second = client.send_order_heartbeat(heartbeat_id=first.heartbeat_id)
    with pytest.raises(OrderHeartbeatMismatchError) as wrong:
        client.send_order_heartbeat(heartbeat_id="wrong")
    assert wrong.value.heartbeat_id == second.heartbeat_id
