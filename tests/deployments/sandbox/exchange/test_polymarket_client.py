"""polymarket-client, unmodified: an environment object is all it is given."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from polymarket import SecureClient
from polymarket.environments import PRODUCTION, Environment, _create_environment

from tests.deployments.sandbox.exchange.conftest import PUBLIC_KEYS, Served, address_of


def environment(url: str) -> Environment:
    sockets = url.replace("http", "ws")
    config = replace(
        PRODUCTION._config,
        clob_url=f"{url}/clob",
        gamma_url=f"{url}/gamma",
        data_url=f"{url}/data",
        relayer_url=f"{url}/relayer",
        rpc_url=f"{url}/rpc",
        clob_market_ws_url=f"{sockets}/ws/market",
        clob_user_ws_url=f"{sockets}/ws/user",
        relayer_poll_frequency_ms=20,
    )
    return _create_environment(name="sandbox", config=config)


@pytest.fixture
def client(served: Served) -> Iterator[SecureClient]:
    served.fund(address_of(PUBLIC_KEYS[0]))
    made = SecureClient.create(private_key=PUBLIC_KEYS[0], wallet=address_of(PUBLIC_KEYS[0]), environment=environment(served.url))
    yield made
    made.cancel_all()
    made.close()


def test_it_makes_credentials_reads_books_posts_is_filled_and_cancels(client: SecureClient, served: Served) -> None:
    market = served.market()
    token_id = market.token_ids[0]
    assert client.fetch_api_keys() == (client.credentials.key,)
    book = client.get_order_book(token_id=token_id)
    ask = book.asks[-1].price
    bought = client.place_market_order(token_id=token_id, side="BUY", amount=10, max_price=ask)
    assert bought.ok
    assert bought.status == "matched"
    assert client.wait_for_order_fill_settlement(bought)
    resting = client.place_limit_order(token_id=token_id, side="BUY", price=Decimal("0.01"), size=100)
    assert resting.ok
    assert [order.id for order in client.list_open_orders().iter_items()] == [resting.order_id]
    assert client.cancel_order(order_id=resting.order_id).canceled == (resting.order_id,)
    held = served.control(f"/accounts/{client.wallet}")
    assert held["tokens"][token_id] == bought.taking_amount * 1_000_000
