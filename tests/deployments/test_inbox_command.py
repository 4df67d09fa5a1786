"""`walletflow inbox`: where it may listen, and what the doctor says of it."""

from pathlib import Path

import pytest

from adapters.settings import Settings
from data_contracts.errors import Refused, Unsafe
from deployments import health
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
