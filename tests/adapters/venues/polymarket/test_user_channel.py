"""The user channel wakes the execution of orders, on the sandbox exchange's own websocket."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.connect import open_results
from adapters.live_account import open_user_channel
from adapters.stores.results import Write
from adapters.venues.polymarket.official_client import OfficialClient, Places, account_of
from adapters.venues.polymarket.user_channel import UserChannel, UserEvent, event_of
from data_contracts import Fill, Order, OrderStatus
from data_contracts.errors import Unavailable, Unsafe
from data_contracts.frames import frame_of
from deployments import waking
from deployments.commands import user_channel
from flows.order_execution import execute_orders
from tasks.steps import bare_steps

# Key 1 of every Hardhat chain: public, worth nothing, and not our account's.
ANOTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
PING_S = 0.1


def until(true: Callable[[], object], what: str) -> None:
    give_up_s = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up_s, what
        time.sleep(0.02)


def with_channel(sandbox: Any) -> Any:
    url = f"{sandbox.url.replace('http', 'ws')}/ws/user"
    return replace(sandbox, settings=sandbox.settings.model_copy(update={"user_channel_url": url}))


@contextmanager
def listening(channel: UserChannel, wake: Callable[[], None]) -> Iterator[None]:
    stopped = threading.Event()
    thread = threading.Thread(target=user_channel.listen, args=(channel, wake, stopped, PING_S))
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


@pytest.fixture
def heard(sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the listener says, line by line; it comes back soon, and each ring is a run of its own."""
    lines: list[str] = []
    for module in (user_channel, waking):
        monkeypatch.setattr(module, "say", lines.append)
    monkeypatch.setattr(waking, "FIRST_AGAIN_S", 0.05)
    monkeypatch.setattr(user_channel, "APART_S", 0.01)
    return lines


def test_each_step_of_an_order_wakes_the_execution_and_nobody_else_has_to_ask(
    sandbox: Any, heard: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No schedule runs here. The order is stored; the log-in's own wake-up posts it; MINED moves nothing; CONFIRMED books it."""
    caplog.set_level(logging.DEBUG)
    house = with_channel(sandbox)
    house.settles(mined_s=5, confirmed_s=5)
    monkeypatch.setattr("flows.order_execution.load_settings", lambda: house.settings)
    order = house.order(house.market(), "told")
    results = open_results(house.settings)
    results.write([Write(Order, frame_of([order], Order))])

    def run() -> None:
        with bare_steps():
            execute_orders.fn(house.now)

    def status() -> OrderStatus:
        return OrderStatus(results.rows(Order)[0].status)

    def told(event: str) -> Callable[[], bool]:
        return lambda: f"user channel: trade {event}, order {order.order_hash}" in heard

    channel = open_user_channel(house.settings)
    with listening(channel, run):
        until(lambda: status() is OrderStatus.MATCHED and told("MATCHED")(), f"posted and told of: {heard}")
        house.clock.advance(5)
        until(told("MINED"), f"mined: {heard}")
        assert results.rows(Fill) == []
        house.clock.advance(5)
        until(lambda: status() is OrderStatus.FILLED, f"booked: {heard}")
    assert told("CONFIRMED")()
    assert sum(fill.shares for fill in results.rows(Fill)) > 0
    assert (channel.unreadable, channel.unknown_words) == ({}, {})
    credentials = channel._client.client.credentials
    secrets = (credentials.key, credentials.secret, credentials.passphrase, house.settings.required("live_key"))
    said = "\n".join([*heard, caplog.text, repr(channel), repr(channel._client)])
    assert [secret for secret in secrets if secret in said] == []


def test_a_dropped_socket_is_opened_again_and_what_was_missed_is_asked_for(sandbox: Any, heard: list[str]) -> None:
    house, rung = with_channel(sandbox), list[int]()
    with listening(open_user_channel(house.settings), lambda: rung.append(1)):
        for times in (1, 2):
            until(lambda times=times: heard.count("user channel: logged in") == times and len(rung) == times, f"{heard}, {len(rung)}")
            if times == 1:
                httpx.delete(f"{house.url}/control/sockets")
    assert any("1012" in line and "listening again after" in line for line in heard)


def test_credentials_the_venue_does_not_take_are_said_and_asked_for_anew(sandbox: Any, heard: list[str]) -> None:
    """Somebody deleted the API key while we had it."""
    house = with_channel(sandbox)
    settings = house.settings
    places = Places(settings.clob_url, settings.gamma_url, settings.data_api_url, clob_user_ws_url=settings.user_channel_url)
    client = OfficialClient(account_of(settings.live_wallet, settings.live_signer), settings.live_key, places)
    before = client.client.credentials
    client.client.delete_api_key()
    try:
        with listening(UserChannel(client), lambda: None):
            until(lambda: "user channel: logged in" in heard, f"{heard}")
        assert heard[0].startswith(f"user channel: the user channel takes no log-in of {settings.live_signer}")
        assert "API credentials are wrong, deleted or expired" in heard[0]
        assert before.secret not in "\n".join(heard)
        assert client.client.credentials.key != before.key
    finally:
        client.forget()
        sandbox.restart()  # the other tests' client holds the deleted key


def test_a_key_of_another_account_listens_to_nothing(sandbox: Any) -> None:
    house = with_channel(sandbox)
    settings = house.settings.model_copy(update={"live_key": type(house.settings.live_key)(ANOTHER_KEY)})
    with pytest.raises(Unsafe, match="WALLETFLOW_LIVE_KEY is the key of 0x70997970") as error:
        next(open_user_channel(settings).events())
    assert ANOTHER_KEY[2:] not in str(error.value)


@pytest.mark.parametrize(
    ("change", "said"), [({"live": ""}, "simulation has no user channel"), ({"live_key": None}, "LIVE_KEY is not set")]
)
def test_it_listens_only_live_and_only_where_the_key_is(sandbox: Any, change: dict[str, Any], said: str) -> None:
    with pytest.raises(Unsafe, match=said):
        open_user_channel(sandbox.settings.model_copy(update=change))


def test_credentials_of_one_exchange_are_not_told_to_another() -> None:
    with pytest.raises(Unsafe, match="USER_CHANNEL_URL is not set"):
        Places(clob_url="http://127.0.0.1:1/clob").user_channel()
    real = Places().user_channel()
    assert real == Places(clob_url="https://clob.polymarket.com/").user_channel() == "wss://ws-subscriptions-clob.polymarket.com/ws/user"


READ = {
    "ws_user_order_cancellation": UserEvent("order", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "CANCELED"),
    "ws_user_order_fok_killed": UserEvent(
        "order", "0x78xx", "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed."
    ),
    "ws_user_order_matched": UserEvent("order", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "MATCHED"),
    "ws_user_order_msg": UserEvent("order", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "LIVE"),
    "ws_user_order_placement": UserEvent("order", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "LIVE"),
    "ws_user_order_update": UserEvent("order", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "LIVE"),
    "ws_user_order_venue_cancel": UserEvent("order", "0x0e", "INVALID"),
    "ws_user_trade": UserEvent("trade", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "CONFIRMED"),
    "ws_user_trade_msg": UserEvent("trade", "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12", "CONFIRMED"),
}


def reader() -> UserChannel:
    return UserChannel(OfficialClient.__new__(OfficialClient))


def test_every_recorded_user_message_is_read(recorded_answers: Path) -> None:
    channel = reader()
    found = {path.stem: channel.read(path.read_text()) for path in recorded_answers.glob("recorded/ws_user_*.json")}
    assert found == {name: [event] for name, event in READ.items()}
    assert (channel.unreadable, channel.unknown_words) == ({}, {})


def test_of_all_recorded_websocket_samples_the_users_are_read_and_the_others_counted(recorded_answers: Path) -> None:
    samples = json.loads((recorded_answers / "responses/websocket_samples.json").read_text())
    channel = reader()
    found = {sample["test"]: event for sample in samples for event in channel.read(json.dumps(sample["body"]))}
    assert found == {
        "trade": UserEvent("trade", "0x06bc63e346ed4ceddce9efd6b3af37c8f8f440c92fe7da6b2d0f9e4ccbc50c42", "MATCHED"),
        "order": UserEvent("order", "0xff354cd7ca7539dfa9c28d90943ab5779a4eac34b9b37a757d7b32bdfb11790b", "PLACEMENT"),
    }
    assert channel.unreadable == {"neither an order nor a trade": len(samples) - 2}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("[1]", "no JSON object"),
        ("{", "no JSON object"),
        ('{"event_type": "book"}', "neither an order nor a trade"),
        ('{"event_type": "trade", "status": "MINED"}', "trade without its order's id"),
        ('{"event_type": "trade", "taker_order_id": "0x1", "type": "TRADE"}', "trade without a status"),
        ('{"event_type": "order", "id": 7, "status": "LIVE"}', "order without its order's id"),
    ],
)
def test_what_cannot_be_read_is_counted_with_its_reason(message: str, reason: str) -> None:
    channel = reader()
    assert (channel.read(message), channel.unreadable) == ([], {reason: 1})


def test_an_unknown_status_is_kept_as_text_counted_and_still_an_event() -> None:
    channel = reader()
    message = {"event_type": "trade", "taker_order_id": "0x1", "status": "TRADE_STATUS_TELEPORTED"}
    assert channel.read(json.dumps([message, message | {"status": "RETRYING"}])) == [
        UserEvent("trade", "0x1", "TRADE_STATUS_TELEPORTED"),
        UserEvent("trade", "0x1", "RETRYING"),
    ]
    assert channel.unknown_words == {"TRADE_STATUS_TELEPORTED": 1}
    assert event_of(message) == UserEvent("trade", "0x1", "TRADE_STATUS_TELEPORTED")
    assert channel.read("PONG") == channel.read("[]") == []


def test_a_burst_of_rings_is_answered_twice_and_an_outage_of_the_scheduler_is_outlived() -> None:
    """The first ring at once, the other nine with one answer afterwards; the scheduler was down for the first."""
    rings = list[int]()
    answering, go_on = threading.Event(), threading.Event()

    def answer() -> None:
        rings.append(1)
        answering.set()
        go_on.wait()
        if len(rings) == 1:
            raise Unavailable("the Prefect server is down")

    with waking.Bell(answer, apart_s=0.01) as bell:
        bell.ring()
        answering.wait()
        for _ in range(9):
            bell.ring()
        go_on.set()
        until(lambda: len(rings) == 2, "the second answer")
        time.sleep(0.05)
        assert len(rings) == 2
