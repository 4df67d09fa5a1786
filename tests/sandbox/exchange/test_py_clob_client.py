"""py-clob-client, unmodified: given a host. It can do everything but post; the venue has refused what it signs since 2026-04-28."""

import pytest
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import AssetType, BalanceAllowanceParams, BookParams, OpenOrderParams, OrderArgs, TradeParams
from py_clob_client.exceptions import PolyApiException
from py_clob_client_v2.client import ClobClient as ClobClientV2
from py_clob_client_v2.clob_types import OrderArgsV2

from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Served, address_of

KEY = PUBLIC_KEYS[4]


@pytest.fixture
def client(served: Served) -> ClobClient:
    served.fund(address_of(KEY))
    made = ClobClient(f"{served.url}/clob", chain_id=137, key=KEY)
    made.set_api_creds(made.create_or_derive_api_creds())
    return made


def test_it_makes_credentials_reads_books_lists_and_cancels(client: ClobClient, served: Served) -> None:
    market = served.market()
    assert client.get_ok() == "OK"
    assert client.derive_api_key().api_key == client.creds.api_key
    assert client.creds.api_key in client.get_api_keys()["apiKeys"]
    assert client.get_closed_only_mode() == {"closed_only": False}
    books = client.get_order_books([BookParams(token_id=token_id) for token_id in market.token_ids])
    assert {book.asset_id for book in books} == set(market.token_ids)
    assert client.get_tick_size(market.token_ids[0]) == "0.01"
    assert client.get_neg_risk(market.token_ids[0]) is False
    assert client.get_fee_rate_bps(market.token_ids[0]) == 1000
    balance = client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL, signature_type=0))
    assert balance["balance"] == "1000000000"
    assert client.get_orders(OpenOrderParams()) == []
    assert client.get_trades(TradeParams()) == []
    assert client.cancel_all() == {"canceled": [], "not_canceled": {}}
    assert client.cancel("0x" + "1" * 64)["not_canceled"]


def test_it_lists_and_cancels_what_another_client_posted(client: ClobClient, served: Served) -> None:
    market = served.market()
    poster = ClobClientV2(f"{served.url}/clob", chain_id=137, key=KEY)
    poster.set_api_creds(poster.derive_api_key())
    order_ids = [
        poster.create_and_post_order(OrderArgsV2(token_id=market.token_ids[0], price=price, size=10, side="BUY"))["orderID"]
        for price in (0.01, 0.02, 0.03)
    ]
    assert [order["id"] for order in client.get_orders(OpenOrderParams(market=market.condition_id))] == order_ids
    assert client.get_order(order_ids[0])["price"] == "0.01"
    assert client.cancel(order_ids[0])["canceled"] == order_ids[:1]
    late = {order_ids[0]: "already canceled or matched"}
    assert client.cancel_orders(order_ids[:2]) == {"canceled": order_ids[1:2], "not_canceled": late}
    assert client.cancel_market_orders(market=market.condition_id)["canceled"] == order_ids[2:]
    assert client.get_order(order_ids[0])["status"] == "CANCELED"


def test_its_order_is_of_the_wrong_version(client: ClobClient, served: Served) -> None:
    order = client.create_order(OrderArgs(token_id=served.market().token_ids[0], price=0.4, size=10, side="BUY"))
    with pytest.raises(PolyApiException) as refused:
        client.post_order(order)
    assert refused.value.status_code == 400
    assert refused.value.error_msg == {"error": "order_version_mismatch"}


def test_a_deleted_key_opens_nothing(served: Served) -> None:
    client = ClobClient(f"{served.url}/clob", chain_id=137, key=KEY)
    client.set_api_creds(client.create_api_key(nonce=9))
    client.delete_api_key()
    with pytest.raises(PolyApiException) as refused:
        client.get_api_keys()
    assert refused.value.status_code == 401
    assert refused.value.error_msg == {"error": "Unauthorized/Invalid api key"}
    assert client.create_api_key(nonce=9).api_key != client.creds.api_key
