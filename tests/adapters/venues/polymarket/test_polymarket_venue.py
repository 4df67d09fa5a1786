"""The live venue on the sandbox exchange, over HTTP: what is signed, what is booked, and what is never sent twice."""

import logging
import time
import traceback
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.connect import open_history
from adapters.venues.venue import Signed
from data_contracts import OrderStatus, PolymarketMarket, Reason, Side
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import rows_of
from domain.polymarket.amounts import UNITS
from sandbox.exchange.rules import wallet_of
from tests.markets import polymarket_words

SECOND_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"  # public: key 1 of every test chain


def units(value: Decimal) -> int:
    assert value * UNITS == int(value * UNITS)
    return int(value * UNITS)


def moved(before: Any, after: Any, token_id: str) -> tuple[int, int]:
    """What the account gained: units of USD, units of shares."""
    return after["collateral"] - before["collateral"], after["tokens"].get(token_id, 0) - before["tokens"].get(token_id, 0)


def test_a_buy_is_filled_and_our_fills_are_what_the_exchange_moved(sandbox: Any) -> None:
    market = sandbox.market()
    order, before = sandbox.order(market), sandbox.truth()
    (answer,) = sandbox.post((order, market))
    assert answer.status is OrderStatus.FILLED
    spent, shares = sum(fill.notional + fill.fee for fill in answer.fills), sum(fill.shares for fill in answer.fills)
    assert moved(before, sandbox.truth(), market.token_id) == (-units(spent), units(shares))
    assert all(fill.price <= order.limit_price and fill.fee > 0 for fill in answer.fills)


def test_a_sell_is_filled_and_our_fills_are_what_the_exchange_moved(sandbox: Any) -> None:
    market = sandbox.market()
    sandbox.post((sandbox.order(market), market))
    order, before = sandbox.order(market, "sell", side=Side.SELL), sandbox.truth()
    (answer,) = sandbox.post((order, market))
    assert answer.status is OrderStatus.FILLED
    got, shares = sum(fill.notional - fill.fee for fill in answer.fills), sum(fill.shares for fill in answer.fills)
    assert moved(before, sandbox.truth(), market.token_id) == (units(got), -units(shares))


def test_an_order_that_sweeps_levels_has_one_fill_for_each_price(sandbox: Any) -> None:
    market = sandbox.market()
    asks = sandbox.book(market).asks
    usd = asks[0].price * asks[0].shares + asks[1].price * asks[1].shares / 2
    limit = asks[1].price
    order = sandbox.order(market, limit_price=limit, shares=(usd / limit).quantize(Decimal("0.01")))
    before = sandbox.truth()
    (answer,) = sandbox.post((order, market))
    assert [fill.price for fill in answer.fills] == [asks[0].price, asks[1].price]
    spent = sum(fill.notional + fill.fee for fill in answer.fills)
    assert moved(before, sandbox.truth(), market.token_id)[0] == -units(spent)


@pytest.mark.parametrize("kind", [{"tick_millis": 1}, {"neg_risk": True}], ids=["a tenth of a cent", "neg-risk"])
def test_every_kind_of_market_is_signed_for_its_own_exchange_and_tick(sandbox: Any, kind: dict[str, Any]) -> None:
    market = sandbox.market(**kind)
    (answer,) = sandbox.post((sandbox.order(market, f"{kind}"), market))
    assert answer.status is OrderStatus.FILLED


def test_a_matched_trade_books_nothing_until_it_is_confirmed(sandbox: Any) -> None:
    sandbox.settles(mined_s=1, confirmed_s=1)
    market = sandbox.market()
    order = sandbox.order(market)
    (answer,) = sandbox.post((order, market))
    assert (answer.status, answer.fills) == (OrderStatus.MATCHED, ())
    sandbox.clock.advance(1.5)  # mined: it can still be reorganised away
    assert sandbox.venue.find(order, market, sandbox.now).fills == ()
    sandbox.clock.advance(1)
    found = sandbox.venue.find(order, market, sandbox.now)
    assert found.status is OrderStatus.FILLED
    assert found.fills


def test_a_trade_that_fails_after_it_matched_never_happened(sandbox: Any) -> None:
    sandbox.fault("POST /order", "failed")
    market, before = sandbox.market(), sandbox.truth()
    (answer,) = sandbox.post((sandbox.order(market), market))
    assert (answer.status, answer.reason, answer.fills) == (OrderStatus.UNFILLED, Reason.SETTLEMENT_FAILED, ())
    assert moved(before, sandbox.truth(), market.token_id) == (0, 0)


def test_what_is_retried_is_waited_for(sandbox: Any) -> None:
    sandbox.settles(mined_s=1, confirmed_s=0)
    sandbox.fault("POST /order", "retrying")
    market = sandbox.market()
    order = sandbox.order(market)
    assert sandbox.post((order, market))[0].status is OrderStatus.MATCHED
    sandbox.clock.advance(1.5)
    assert sandbox.venue.find(order, market, sandbox.now).status is OrderStatus.MATCHED
    sandbox.clock.advance(1)
    assert sandbox.venue.find(order, market, sandbox.now).status is OrderStatus.FILLED


def test_a_part_is_booked_as_a_part_and_the_rest_is_gone(sandbox: Any) -> None:
    market = sandbox.market()
    ask = sandbox.book(market).asks[0]
    order = sandbox.order(market, shares=ask.shares.quantize(Decimal("0.01")))
    sandbox.fault("POST /order", "partial", share="0.5")
    (answer,) = sandbox.post((order, market))
    assert answer.status is OrderStatus.PARTIAL
    assert sum(fill.shares for fill in answer.fills) == ask.shares / 2


def test_nobody_there_is_no_fill_and_no_loss(sandbox: Any) -> None:
    sandbox.fault("POST /order", "unmatched")
    market = sandbox.market()
    (answer,) = sandbox.post((sandbox.order(market), market))
    assert (answer.status, answer.reason) == (OrderStatus.UNFILLED, Reason.VENUE_NO_MATCH)


def test_an_answer_that_is_lost_after_the_order_was_taken_is_looked_up_by_its_hash(sandbox: Any) -> None:
    sandbox.fault("POST /order", "timeout_after")
    market = sandbox.market()
    order, before = sandbox.order(market), len(sandbox.hashes())
    (answer,) = sandbox.post((order, market))
    assert answer.status is OrderStatus.FILLED
    assert len(sandbox.hashes()) == before + 1


def test_an_answer_that_is_lost_before_stays_unknown_and_the_same_order_may_be_sent_again(sandbox: Any) -> None:
    """Whatever the first one still does: both are one order to the exchange, which takes the second for a duplicate."""
    sandbox.fault("POST /order", "timeout_before")
    market = sandbox.market()
    order = sandbox.order(market)
    (answer,) = sandbox.post((order, market))
    assert (answer.status, answer.fills) == (OrderStatus.UNKNOWN, ())
    assert sandbox.venue.find(order, market, sandbox.now) is None
    (again,) = sandbox.post((order, market))
    assert again.status is OrderStatus.FILLED
    (third,) = sandbox.post((order, market))  # "Duplicated." is no refusal: the order is there
    assert third == again
    assert sandbox.hashes().count(order.order_hash) == 1


@pytest.mark.parametrize("what", ["rate_limited", "restarting", "cancel_only", "post_only"])
def test_a_venue_that_takes_nothing_now_leaves_the_order_pending_and_is_not_asked_before_its_time(sandbox: Any, what: str) -> None:
    sandbox.fault("POST /order", what, retry_after_s=0.3)
    market = sandbox.market()
    order, seen = sandbox.order(market), len(sandbox.hashes())
    for _ in range(2):  # the second is not even sent
        (answer,) = sandbox.post((order, market))
        assert (answer.status, answer.reason) == (OrderStatus.PENDING, Reason.VENUE_UNAVAILABLE)
    assert len(sandbox.hashes()) == seen
    time.sleep(0.3)
    assert sandbox.post((order, market))[0].status is OrderStatus.FILLED


@pytest.mark.parametrize("what", ["error", "disabled"])
def test_a_server_error_says_nothing_about_the_order(sandbox: Any, what: str) -> None:
    sandbox.fault("POST /order", what)
    market = sandbox.market()
    assert sandbox.post((sandbox.order(market), market))[0].status is OrderStatus.UNKNOWN


def test_orders_go_in_one_call_and_each_leg_has_its_own_answer(sandbox: Any) -> None:
    """The second leg has no money behind it: a success without an order, as the venue writes it."""
    market = sandbox.market()
    orders = [sandbox.order(market, "a"), sandbox.order(market, "b", side=Side.SELL, shares=Decimal(900)), sandbox.order(market, "c")]
    answers = sandbox.post(*[(order, market) for order in orders])
    assert [answer.order_id for answer in answers] == [order.order_id for order in orders]
    assert [answer.status for answer in answers] == [OrderStatus.FILLED, OrderStatus.REFUSED, OrderStatus.FILLED]
    assert answers[1].reason is Reason.VENUE_NO_BALANCE


def test_sixteen_orders_go_in_two_calls(sandbox: Any) -> None:
    market = sandbox.market()
    answers = sandbox.post(*[(sandbox.order(market, f"{n}", shares=Decimal(4)), market) for n in range(16)])
    assert {answer.status for answer in answers} == {OrderStatus.FILLED}


def test_a_lost_answer_to_a_whole_call_is_looked_up_order_by_order(sandbox: Any) -> None:
    sandbox.fault("POST /orders", "timeout_after")
    market = sandbox.market()
    answers = sandbox.post(*[(sandbox.order(market, name), market) for name in "ab"])
    assert [answer.status for answer in answers] == [OrderStatus.FILLED] * 2


def test_what_is_not_the_order_on_record_is_not_posted(sandbox: Any) -> None:
    market, seen = sandbox.market(), len(sandbox.hashes())
    order = sandbox.order(market)
    (answer,) = sandbox.post((replace(order, limit_price=order.limit_price - Decimal("0.01")), market))
    assert (answer.status, answer.reason) == (OrderStatus.DENIED, Reason.MARKET_CHANGED)
    assert len(sandbox.hashes()) == seen


@pytest.mark.parametrize(("tick", "neg_risk"), [("0.005", False), ("0.01", True)], ids=["tick", "exchange"])
def test_a_market_whose_tick_or_exchange_we_have_wrong_is_not_ordered_in(sandbox: Any, tick: str, neg_risk: bool) -> None:
    """The order was stored by an old row of the market: its amounts, or its contract, are not the venue's."""
    market, seen = replace(sandbox.market(), price_increment=Decimal(tick)), len(sandbox.hashes())
    sandbox.venue._words[market.token_id] = polymarket_words(token_id=market.token_id, neg_risk=neg_risk)
    (answer,) = sandbox.post((sandbox.order(market), market))
    assert (answer.status, answer.reason) == (OrderStatus.DENIED, Reason.MARKET_CHANGED)
    assert len(sandbox.hashes()) == seen


def test_amounts_that_differ_from_ours_stop_everything(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a release of the client had a rounding bug: nothing of the call is sent."""
    market, seen = sandbox.market(), len(sandbox.hashes())
    good, client = sandbox.order(market, "good"), sandbox.venue._client
    truly = client.draft

    def off_by_one(order: Any, size: Decimal, anew: bool) -> Any:
        draft = truly(order, size, anew)
        return replace(draft, amounts=replace(draft.amounts, taker=draft.amounts.taker - 1))

    monkeypatch.setattr(client, "draft", off_by_one)
    with pytest.raises(Unsafe, match="polymarket-client would sign"):
        sandbox.post((good, market))
    assert len(sandbox.hashes()) == seen


def test_an_order_above_the_limit_of_this_worker_is_denied_whatever_the_strategy_says(sandbox: Any) -> None:
    market = sandbox.market()
    order = sandbox.order(market)
    careful = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_max_order": Decimal(1)}))
    assert careful.post((order, market))[0].reason is Reason.LIVE_LIMIT


def test_no_order_leaves_from_a_blocked_place(sandbox: Any) -> None:
    market, seen = sandbox.market(), len(sandbox.hashes())
    order = sandbox.order(market)
    sandbox.restart()
    sandbox.control("/geoblock", {"blocked": True, "country": "US", "region": "NY"})
    with pytest.raises(Unsafe, match=r"closed to this place \(US NY\).*does not help around that"):
        sandbox.post((order, market))
    sandbox.control("/geoblock", {"blocked": None})  # an answer that does not say so is no permission
    with pytest.raises(Unsafe, match="closed to this place"):
        sandbox.post((order, market))
    assert len(sandbox.hashes()) == seen


def test_no_order_leaves_while_nobody_can_say_whether_it_may(sandbox: Any) -> None:
    market = sandbox.market()
    unheard = replace(sandbox, settings=sandbox.settings.model_copy(update={"geoblock_url": "http://127.0.0.1:9/geoblock"}))
    with pytest.raises(Unavailable, match="nobody says whether this place may trade"):
        unheard.post((unheard.order(market), market))


def test_an_account_that_may_only_close_sells_and_does_not_buy(sandbox: Any) -> None:
    """Another account: the sandbox does not take the word back."""
    signer = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
    change = {"live_wallet": signer, "live_signer": signer, "live_key": SecretStr(SECOND_KEY)}
    closing, market = replace(sandbox, settings=sandbox.settings.model_copy(update=change)), sandbox.market()
    sandbox.control(f"/accounts/{signer}", {"tokens": {market.token_id: 10 * UNITS}, "collateral": 10 * UNITS, "allowances": True})
    sandbox.control("/closed-only", [signer])
    buy, sell = closing.post((closing.order(market, "buy"), market), (closing.order(market, "sell", side=Side.SELL), market))
    assert (buy.status, buy.reason) == (OrderStatus.REFUSED, Reason.VENUE_CLOSED_ONLY)
    assert sell.status is OrderStatus.FILLED


def test_without_a_key_orders_get_their_hash_and_are_not_posted(sandbox: Any) -> None:
    """Whoever observes holds no key; the hash is the same one the key's worker posts by."""
    market = sandbox.market()
    order = sandbox.order(market)
    keyless = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_key": None}))
    assert keyless.venue.sign(order, market) == Signed(order.order_hash)  # no bytes: they need the key
    with pytest.raises(Unsafe, match="no key here"):
        keyless.post((order, market))


def test_a_matched_order_the_venue_forgot_is_unsafe(sandbox: Any) -> None:
    market = sandbox.market()
    with pytest.raises(Unsafe, match="was matched and now the venue does not know it"):
        sandbox.venue.find(replace(sandbox.order(market, "never sent"), status=OrderStatus.MATCHED), market, sandbox.now)


def test_asking_when_the_venue_is_away_is_unavailable(sandbox: Any) -> None:
    market = sandbox.market()
    order = sandbox.order(market)
    sandbox.fault(f"GET /data/order/{order.order_hash}", "error")
    with pytest.raises(Unavailable):
        sandbox.venue.find(order, market, sandbox.now + timedelta(seconds=1))


@pytest.mark.parametrize("signature_type", [1, 2, 3])
def test_every_kind_of_wallet_is_traded_for(sandbox: Any, signature_type: int) -> None:
    """A proxy, a Safe and a deposit wallet of the same key; a plain key is what the other tests trade with."""
    wallet = wallet_of(sandbox.settings.live_signer, signature_type)
    sandbox.control(f"/accounts/{wallet}", {"collateral": 100 * UNITS, "allowances": True})
    theirs = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_wallet": wallet}))
    market = theirs.market()
    order = theirs.order(market)
    (answer,) = theirs.post((order, market))
    assert answer.status is OrderStatus.FILLED
    truth = sandbox.control(f"/accounts/{wallet}")
    assert [found["order_hash"] for found in truth["orders"]][-1] == order.order_hash
    assert truth["tokens"][market.token_id] == units(sum(fill.shares for fill in answer.fills))


def test_a_wallet_that_is_not_the_keys_is_named_before_anything_is_signed(sandbox: Any) -> None:
    stranger = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_wallet": "0x" + "1" * 40}))
    with pytest.raises(Unsafe, match="does not belong to the key of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"):
        _ = stranger.venue


def test_a_market_of_the_second_protocol_is_ordered_on_its_own_exchange(sandbox: Any) -> None:
    market = sandbox.market(version="3")
    (words,) = rows_of(open_history(sandbox.settings).polymarket_markets([market.token_id]), PolymarketMarket)
    assert words.version == "v2"
    (answer,) = sandbox.post((sandbox.order(market), market))
    assert answer.status is OrderStatus.FILLED


def test_a_key_that_is_not_the_signers_is_named_and_not_shown(sandbox: Any) -> None:
    for key, said in (
        (SecretStr(SECOND_KEY), "is the key of 0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
        (SecretStr("no key"), "is no private key"),
    ):
        wrong = replace(sandbox, settings=sandbox.settings.model_copy(update={"live_key": key}))
        market = wrong.market()
        with pytest.raises(Unsafe, match=said) as raised:
            wrong.post((wrong.order(market), market))
        assert key.get_secret_value() not in "".join(traceback.format_exception(raised.value))


def test_no_secret_shows_in_a_log_a_row_or_a_repr(sandbox: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "walletflow", "httpx", "httpcore", "polymarket"):
        caplog.set_level(logging.DEBUG, name)
    ours = logging.getLogger("walletflow")
    monkeypatch.setattr(ours, "handlers", [*ours.handlers, caplog.handler])  # Prefect, once set up, keeps our logs from going up
    market = sandbox.market()
    order = sandbox.order(market)
    (answer,) = sandbox.post((order, market))
    client = sandbox.venue._client
    credentials = client.client.credentials
    secrets = [sandbox.settings.live_key.get_secret_value()[2:], credentials.secret, credentials.passphrase, credentials.key]
    shown = [
        repr(sandbox.settings),
        sandbox.settings.model_dump_json(),
        repr(client),
        repr(sandbox.venue),
        repr(client.client),
        repr(order),
    ]
    shown += [repr(answer), repr(vars(client)), repr(vars(sandbox.venue)), caplog.text]
    assert [(secret, text) for secret in secrets for text in shown if secret in text] == []
