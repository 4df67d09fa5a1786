"""py-clob-client-v2, unmodified: given a host."""

import pytest
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import (
    AssetType,
    BalanceAllowanceParams,
    BookParams,
    MarketOrderArgsV2,
    OrderArgsV2,
    OrderPayload,
    OrderType,
    PostOrdersV2Args,
    TradeParams,
)

from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Served, address_of

KEY = PUBLIC_KEYS[2]


@pytest.fixture
def client(served: Served) -> ClobClient:
    served.fund(address_of(KEY))
    made = ClobClient(f"{served.url}/clob", chain_id=137, key=KEY)
    made.set_api_creds(made.create_or_derive_api_key())
    return made


@pytest.mark.parametrize("neg_risk", [False, True])
def test_it_makes_credentials_reads_books_posts_is_filled_and_cancels(client: ClobClient, served: Served, neg_risk: bool) -> None:
    market = served.market(neg_risk)
    token_id = market.token_ids[0]
    assert client.get_ok() == "OK"
    assert client.get_version() == 2
    book = client.get_order_book(token_id)
    assert client.get_order_book_hash(book) == book["hash"]
    assert len(client.get_order_books([BookParams(token_id=token_id)])) == 1
    ask = float(book["asks"][-1]["price"])
    bought = client.create_and_post_market_order(
        MarketOrderArgsV2(token_id=token_id, amount=10, side="BUY", price=ask), order_type=OrderType.FAK
    )
    assert bought["status"] == "matched"
    assert bought["transactionsHashes"]
    trade = client.get_trades(TradeParams(id=bought["tradeIDs"][0]))[0]
    assert (trade["status"], trade["trader_side"], float(trade["price"])) == ("CONFIRMED", "TAKER", ask)
    balance = client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=token_id))
    assert int(balance["balance"]) >= float(bought["takingAmount"]) * 1e6
    resting = client.create_and_post_order(OrderArgsV2(token_id=token_id, price=0.01, size=100, side="BUY"))
    assert resting["status"] == "live"
    assert client.get_order(resting["orderID"])["original_size"] == "100"
    assert [order["id"] for order in client.get_open_orders()] == [resting["orderID"]]
    assert client.cancel_order(OrderPayload(orderID=resting["orderID"]))["canceled"] == [resting["orderID"]]
    assert client.get_open_orders() == []


def test_of_a_batch_the_bad_leg_alone_is_refused(client: ClobClient, served: Served) -> None:
    token_id = served.market().token_ids[1]
    good, small = (client.create_order(OrderArgsV2(token_id=token_id, price=0.02, size=size, side="BUY")) for size in (50, 4))
    first, second = client.post_orders([PostOrdersV2Args(order=order, orderType=OrderType.GTC) for order in (good, small)])
    assert first["orderID"]
    assert (second["success"], second["orderID"]) == (True, "")
    assert second["errorMsg"].endswith("Size (4.0) lower than the minimum: 5")
    assert client.cancel_all()["canceled"] == [first["orderID"]]
