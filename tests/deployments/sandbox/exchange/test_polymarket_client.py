"""polymarket-client, unmodified: an environment object is all it is given."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from polymarket import SecureClient

from tests.deployments.sandbox.exchange.conftest import PUBLIC_KEYS, Clients, Served, address_of


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
