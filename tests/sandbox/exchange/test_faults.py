"""Each way to misbehave, as the clients see it, and what is true afterwards."""

from typing import Any

import httpx
import pytest
from polymarket import SecureClient
from polymarket.errors import RateLimitError, RequestRejectedError, TransactionFailedError, TransportError

from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Clients, Served, address_of

KEY = PUBLIC_KEYS[1]
WALLET = address_of(KEY)


@pytest.fixture
def client(clients: Clients) -> SecureClient:
    return clients(KEY)


@pytest.fixture(autouse=True)
def _funded(served: Served) -> None:
    served.fund(WALLET)


def rest(client: SecureClient, served: Served) -> Any:
    return client.place_limit_order(token_id=served.market().token_ids[0], side="BUY", price="0.01", size=100)


def take(client: SecureClient, served: Served, amount: int = 10) -> Any:
    token_id = served.market().token_ids[0]
    ask = client.get_order_book(token_id=token_id).asks[-1].price
    return client.place_market_order(token_id=token_id, side="BUY", amount=amount, max_price=ask)


def truth(served: Served) -> Any:
    return served.control(f"/accounts/{WALLET}")


def posted_orders(served: Served) -> list[str]:
    return [order["order_hash"] for order in truth(served)["orders"]]


@pytest.mark.parametrize(
    ("what", "status", "restriction"),
    [
        ("error", 500, None),
        ("restarting", 425, "restarting"),
        ("cancel_only", 503, "cancel_only"),
        ("post_only", 503, "post_only"),
        ("disabled", 503, None),
    ],
)
def test_a_restriction_is_answered_and_nothing_is_placed(
    client: SecureClient, served: Served, what: str, status: int, restriction: str | None
) -> None:
    before = posted_orders(served)
    served.fault("POST /order", what)
    with pytest.raises(RequestRejectedError) as refused:
        rest(client, served)
    assert (refused.value.status, refused.value.restriction) == (status, restriction)
    assert posted_orders(served) == before


def test_a_rate_limit_says_when_to_come_back(client: SecureClient, served: Served) -> None:
    served.fault("POST /order", "rate_limited", retry_after_s=7)
    with pytest.raises(RateLimitError) as refused:
        rest(client, served)
    assert refused.value.retry_after == 7


def test_an_answer_lost_before_leaves_no_order_and_one_lost_after_leaves_it_live(client: SecureClient, served: Served) -> None:
    for what, came in (("timeout_before", 0), ("timeout_after", 1)):
        before = posted_orders(served)
        served.fault("POST /order", what)
        with pytest.raises(TransportError):
            rest(client, served)
        assert len(posted_orders(served)) == len(before) + came
    found = client.get_order(order_id=posted_orders(served)[-1])
    assert found.status == "LIVE"
    client.cancel_all()


def test_a_long_silence_is_a_time_out(served: Served) -> None:
    served.fault("GET /time", "timeout_before", hold_s=2)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{served.url}/clob/time", timeout=0.2)


def test_a_partial_fill_takes_its_share_of_what_is_there(client: SecureClient, served: Served) -> None:
    """The best level alone has at least 200 shares; at most 2,000 x 1 % of it is 20, and 40 dollars buy more."""
    served.fault("POST /order", "partial", share="0.01")
    bought = take(client, served, 40)
    assert bought.ok
    assert 2 <= bought.taking_amount <= 20
    assert bought.making_amount < 40


def test_an_unmatched_fak_is_killed_though_somebody_is_there(client: SecureClient, served: Served) -> None:
    before = posted_orders(served)
    served.fault("POST /order", "unmatched")
    with pytest.raises(RequestRejectedError, match="no orders found to match with FAK order"):
        take(client, served)
    assert posted_orders(served) == before


def test_a_trade_that_fails_after_the_match_moves_nothing(client: SecureClient, served: Served) -> None:
    before = truth(served)
    served.fault("POST /order", "failed")
    bought = take(client, served)
    assert bought.status == "matched"
    with pytest.raises(TransactionFailedError):
        client.wait_for_order_fill_settlement(bought)
    after = truth(served)
    assert (after["collateral"], after["tokens"], after["leaving"]) == (before["collateral"], before["tokens"], {})
    assert after["trades"][-1]["status"] == "FAILED"


def test_a_retried_trade_is_mined_in_the_end(client: SecureClient, served: Served) -> None:
    served.control("/settlement", {"mined_s": 1, "confirmed_s": 1})
    served.fault("POST /order", "retrying")
    trade_id = take(client, served).trade_ids[0]
    seen = []
    for _ in range(4):
        trade = client.list_account_trades(id=trade_id).first_page().items[0]
        seen.append((trade.status, trade.transaction_hash is not None))
        served.clock.advance(1)
    assert seen == [("MATCHED", False), ("RETRYING", False), ("MINED", True), ("CONFIRMED", True)]


def test_what_was_bought_cannot_be_sold_before_it_is_mined(client: SecureClient, served: Served) -> None:
    served.control("/settlement", {"mined_s": 5, "confirmed_s": 5})
    market = served.market(version="3")
    token_id = market.token_ids[0]
    bought = client.place_market_order(token_id=token_id, side="BUY", amount=5, max_price="0.99")
    shares = int(bought.taking_amount)
    with pytest.raises(RequestRejectedError, match="balance is not enough -> balance: 0"):
        client.place_market_order(token_id=token_id, side="SELL", shares=shares, min_price="0.01")
    served.clock.advance(5)
    assert client.place_market_order(token_id=token_id, side="SELL", shares=shares, min_price="0.01").ok


def test_faults_wait_for_their_request_and_are_used_up(served: Served) -> None:
    served.fault("GET /time", "error", times=2, skip=1)
    statuses = [httpx.get(f"{served.url}/clob{path}").status_code for path in ("/time", "/ok", "/time", "/time", "/time")]
    assert statuses == [200, 200, 500, 500, 200]
    assert served.control("/faults") == []


@pytest.mark.parametrize(
    "row",
    [
        {"on": "POST /order", "what": "earthquake"},
        {"what": "error"},
        {"on": "*", "what": "error", "times": 0},
        {"on": "*", "what": "partial", "share": 2},
        "error",
    ],
)
def test_what_is_no_fault_is_refused(served: Served, row: object) -> None:
    assert httpx.post(f"{served.url}/control/faults", json=[row]).status_code == 400
    assert served.control("/faults") == []
