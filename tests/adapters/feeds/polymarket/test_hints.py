"""A websocket's frames as hints, and one that is listened to on this machine."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from adapters.feeds.polymarket.hints import hints, traded
from adapters.settings import Settings
from data_contracts.errors import Unavailable
from deployments.commands import hint

WALLET = "0x" + "Ab" * 20
LAST_TRADE = {
    "event_type": "last_trade_price",
    "asset_id": "7",
    "price": "0.51",
    "side": "BUY",
    "size": "25.0",
    "timestamp": "1703875202000",
}
MATCHED = {"topic": "activity", "type": "orders_matched", "payload": {"asset": "9", "proxyWallet": WALLET, "side": "BUY"}}


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (json.dumps(LAST_TRADE), [("7", "")]),
        (json.dumps([LAST_TRADE, MATCHED]), [("7", ""), ("9", WALLET.lower())]),
        (json.dumps({"event_type": "price_change", "asset_id": "7"}), []),
        ("PONG", []),
        ("", []),
        ("[[1], null, 7]", []),
        ('{"type": "orders_matched", "payload": []}', []),
    ],
)
def test_a_trade_is_a_hint_and_nothing_else_is(frame: str, found: list[Any]) -> None:
    assert list(traded(frame)) == found


def test_of_the_recorded_frames_only_last_trades_are_hints(recorded_answers: Path) -> None:
    told = {path.stem: list(traded(path.read_text())) for path in recorded_answers.glob("recorded/*.json")}
    assert {name for name, found in told.items() if found} == {"ws_market_last_trade_msg"}
    samples = json.loads((recorded_answers / "responses/websocket_samples.json").read_text())
    assert [sample["test"] for sample in samples if list(traded(json.dumps(sample["body"])))] == ["last_trade_price"]


@contextmanager
def venue(frames: list[Any]) -> Iterator[tuple[str, list[str]]]:
    """A websocket that sends these once both questions were asked, and then says nothing more."""
    asked: list[str] = []

    def talk(connection: ServerConnection) -> None:
        asked.extend(str(connection.recv()) for _ in range(2))
        for frame in frames:
            connection.send(json.dumps(frame))
        for message in connection:
            asked.append(str(message))

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}", asked
        server.shutdown()
        thread.join()


def test_the_tokens_are_asked_for_and_silence_is_broken_by_a_ping() -> None:
    with venue([LAST_TRADE]) as (url, asked):
        assert list(islice(hints(url, ["8", "7"], ping_s=0.2), 3)) == [("7", ""), ("", ""), ("", "")]
    assert json.loads(asked[0]) == {"type": "market", "assets_ids": ["7", "8"]}
    assert asked[2] == "PING"


def test_a_socket_that_nobody_serves_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"ws://127\.0\.0\.1:1: "):
        next(hints("ws://127.0.0.1:1", []))


def test_a_burst_of_trades_wakes_one_cycle_and_strangers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr("tasks.copying.hinting.watched_tokens", lambda settings: ({"7"}, {WALLET.lower()}))
    monkeypatch.setattr(hint, "wake", lambda settings: woken.append("cycle"))
    stranger = MATCHED | {"payload": {"asset": "9", "proxyWallet": "0x" + "0" * 40}}
    for frames, cycles in (([LAST_TRADE, LAST_TRADE, MATCHED], 1), ([stranger, LAST_TRADE | {"asset_id": "8"}], 0)):
        with venue([*frames, LAST_TRADE | {"asset_id": "end"}]) as (url, _):
            assert hint.listen(Settings(hint_url=url), for_s=0.01 if cycles else 0.0) <= 1
        assert len(woken) <= 1
    assert woken == ["cycle"]
