"""`walletflow inbox`: where it may listen, and whom it wakes."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.settings import Settings
from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write, read_count
from data_contracts import Counter, TradeIntent
from data_contracts.errors import Refused, Unsafe
from deployments import health, prefect_api, waking
from deployments.commands.inbox import configuration, refuse_open_door
from deployments.commands.intents import row
from tests.adapters.inbox.conftest import Store, opened


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_it_needs_no_certificate(host: str) -> None:
    refuse_open_door(host, None, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "inbox.example.org", "127.0.0.1.example.org"])  # noqa: S104
def test_elsewhere_no_secret_goes_over_the_wire_as_it_is(host: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="--certificate"):
        refuse_open_door(host, None, None)
    key = tmp_path / "key.pem"
    key.touch(mode=0o600)
    refuse_open_door(host, tmp_path / "certificate.pem", key)
    key.chmod(0o644)
    with pytest.raises(Unsafe, match="chmod 600"):
        refuse_open_door(host, tmp_path / "certificate.pem", key)


def test_half_of_tls_is_none(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="TLS needs both"):
        refuse_open_door("127.0.0.1", tmp_path / "certificate.pem", None)


def test_the_server_tells_nobody_what_it_is_and_believes_no_proxy() -> None:
    found = configuration(lambda scope, receive, send: None, "127.0.0.1", 0)  # type: ignore[arg-type, return-value]
    assert (found.server_header, found.proxy_headers, found.access_log) == (False, False, False)


class Server:
    """Prefect's, as far as waking asks it: `works` says which run is under way, and a run that begins reads what is posted."""

    def __init__(self, results: MemoryResults, monkeypatch: pytest.MonkeyPatch, reads: bool = True) -> None:
        self.results, self.reads, self.begun, self.works = results, reads, 0, 0
        monkeypatch.setattr(prefect_api, "deployments", lambda settings: [{"name": waking.CYCLE, "id": "7"}])
        monkeypatch.setattr(prefect_api, "start_run", self._start)
        monkeypatch.setattr(prefect_api, "runs", self._runs)
        monkeypatch.setattr(waking, "PATIENCE_S", 0.05)
        monkeypatch.setattr(waking, "LOOK_S", 0.01)

    def _start(self, settings: Settings, deployment_id: str) -> str:
        self.begun += 1
        if self.reads:
            read(self.results, 1)
        return ""

    def _runs(self, *asked: Any, **more: Any) -> list[dict[str, Any]]:
        self.works -= 1
        return [{}] if self.works >= 0 else []


def read(results: MemoryResults, until: int) -> None:
    results.write([Write(Counter, [Counter(name=read_count(TradeIntent), reached=until)], "put")])


@pytest.fixture
def posted() -> MemoryResults:
    results = MemoryResults()
    results.write([Write(Counter, [Counter(name="trade_intents", reached=1)])])
    return results


def wake(results: MemoryResults, tmp_path: Path) -> None:
    waking.wake_for_posted(Settings(home=tmp_path), results, threading.Event())


def test_what_is_posted_wakes_one_cycle(posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server(posted, monkeypatch)
    wake(posted, tmp_path)
    assert server.begun == 1


def test_what_a_cycle_has_read_wakes_none(posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server(posted, monkeypatch)
    read(posted, 1)
    wake(posted, tmp_path)
    assert server.begun == 0


def test_a_cycle_that_looked_before_it_came_is_followed_by_another(
    posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """While one is at work a second would be skipped, and the intent would wait for the schedule: up to thirty seconds."""
    server = Server(posted, monkeypatch)
    server.works = 1
    wake(posted, tmp_path)
    assert server.begun == 1


def test_the_next_cycle_begins_when_the_one_at_work_is_over(posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Deliveries waited four seconds for a cycle of one that had begun before they came: five seconds and more to an order."""
    server = Server(posted, monkeypatch)
    server.works = 1
    monkeypatch.setattr(waking, "PATIENCE_S", 60.0)
    began = time.monotonic()
    wake(posted, tmp_path)
    assert server.begun == 1
    assert time.monotonic() - began < 30


def test_what_comes_while_a_cycle_reads_is_the_next_one_s_at_once(
    posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Five arrive, one by one, each when the cycle woken for the one before has read that: nobody waits for the end of patience."""
    server = Server(posted, monkeypatch)
    monkeypatch.setattr(prefect_api, "start_run", lambda settings, deployment_id: _read_and_get_another(server, until=5))
    monkeypatch.setattr(waking, "PATIENCE_S", 60.0)
    began = time.monotonic()
    wake(posted, tmp_path)
    assert server.begun == 5
    assert time.monotonic() - began < 30


def _read_and_get_another(server: Server, until: int) -> str:
    server.begun += 1
    read(server.results, server.begun)
    arrived = Counter(name="trade_intents", reached=min(server.begun + 1, until))
    server.results.write([Write(Counter, [arrived], "put")])
    return ""


def test_what_nobody_reads_does_not_wake_for_ever(posted: MemoryResults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = Server(posted, monkeypatch, reads=False)
    wake(posted, tmp_path)
    assert server.begun == waking.MOST_WAKINGS


def test_the_doctor_says_whether_what_is_posted_would_be_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setattr(health, "open_results", lambda settings: store)
    assert health.inbox(Settings(home=tmp_path)).seen == "none: nothing is posted to us"
    with opened(store) as house:
        settings = Settings(home=tmp_path, inbox_url=str(house.client.base_url).rstrip("/"))
        house.deliver([{"signature": "5" * 88}])
        found = health.inbox(settings)
        assert (found.verdict, "so far 0 trade_intents and 1 deliveries" in found.seen) == ("ok", True)
    with opened(store) as house:
        store.is_away = True
        found = health.inbox(Settings(home=tmp_path, inbox_url=str(house.client.base_url).rstrip("/")))
        assert (found.verdict, "would be lost" in found.seen) == ("fail", True)
    assert health.one(health.inbox, settings).verdict == "fail"


def test_the_table_of_intents_shows_plain_numbers_and_who_decided_what() -> None:
    copied = {"strategy_id": "one", "reason": "LEADER_TRADED", "orders": [{"status": "FILLED"}]}
    skipped = {"strategy_id": "two", "reason": "TRADE_STALE", "orders": []}
    record = {"sequence": 3, "intent_id": "a", "entrance": "http", "received_at": "2026-11-28T12:00:00+00:00", "leader": "0xa"}
    said = {"side": "BUY", "usd": "400.500000000", "shares": None, "became": "copied", "reason": None, "verdicts": [copied, skipped]}
    why = "one: LEADER_TRADED, FILLED; two: TRADE_STALE"
    assert row(record | said) == ("3", "a", "http", "2026-11-28 12:00:00", "0xa", "BUY", "400.5 USD", "copied", why)
