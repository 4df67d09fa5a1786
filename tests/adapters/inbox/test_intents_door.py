"""POST /intents: what is stored, what is refused, and that each answer is true."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.inbox.app import Limits
from data_contracts import Entrance, Quarantined, Side, TradeIntent, Venue
from data_contracts.errors import Unsafe
from tests.adapters.inbox.conftest import SENDER, House, Store, opened

AnIntent = Callable[..., dict[str, Any]]
KIB = 1024


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {fault["field"]: fault["reason"] for fault in answer.json()["faults"]}


def test_an_intent_is_stored_before_it_is_answered(house: House, an_intent: AnIntent) -> None:
    said = an_intent(price_limit=0.55, metadata={"best_ask": 0.52, "source_tx_hash": "0xabc", "detection_latency_ms": 900})
    answer = house.post(said)
    assert (answer.status_code, answer.json()) == (202, {"status": "stored", "intent_id": "intent-1", "sequence": 1})
    (row,) = house.store.arrived(TradeIntent, 0, 10)
    assert (row.entrance, row.venue, row.side, row.outcome) == (Entrance.HTTP, Venue.POLYMARKET, Side.BUY, "YES")
    assert (row.leader, row.market_id) == ("0x" + "ab" * 20, said["market_id"])
    assert (row.usd, row.shares, row.limit_price) == (Decimal("100.5"), None, Decimal("0.55"))
    assert row.signalled_at == datetime.fromisoformat(said["timestamp"])
    assert json.loads(row.metadata) == {
        "best_ask": "0.520000000000000000",
        "source_tx_hash": "0xabc",
        "detection_latency_ms": 900,
    }


def test_a_number_is_kept_digit_by_digit(house: House, an_intent: AnIntent) -> None:
    """Through a float, 0.1 + 0.2 of somebody's shares would be 0.30000000000000004."""
    body = json.dumps(an_intent(side="SELL", size_usdc=None)).replace("}", ', "size_tokens": 12345678901.123456789012345678}')
    assert house.post(body.encode()).status_code == 202
    assert house.store.arrived(TradeIntent, 0, 1)[0].shares == Decimal("12345678901.123456789012345678")


def test_an_intent_of_solana_is_known_by_its_address(house: House, an_intent: AnIntent) -> None:
    mint = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
    assert house.post(an_intent(source_trader=mint, market_id=mint, price_limit=3.5)).status_code == 202
    assert house.store.arrived(TradeIntent, 0, 1)[0].venue is Venue.SOLANA
    assert faults(house.post(an_intent(intent_id="2", source_trader=mint))) == {"market_id": "must be a mint on Solana"}


def test_the_same_id_is_accepted_once(house: House, an_intent: AnIntent) -> None:
    said = an_intent()
    assert house.post(said).status_code == 202
    again, other = house.post(said), house.post(said | {"size_usdc": 7})
    assert (again.status_code, again.json()["same"]) == (409, True)
    assert (other.status_code, other.json()["same"]) == (409, False)
    assert len(house.store.arrived(TradeIntent, 0, 10)) == 1


def test_of_ten_at_once_with_one_id_one_is_accepted(house: House, an_intent: AnIntent) -> None:
    said = an_intent()
    with ThreadPoolExecutor(10) as pool:
        answers = sorted(answer.status_code for answer in pool.map(lambda _: house.post(said), range(10)))
    assert answers == [202] + [409] * 9


def test_after_a_restart_the_same_id_is_still_known(an_intent: AnIntent) -> None:
    """What was accepted is in the store, and not in the process that accepted it."""
    store, said = Store(), an_intent()
    with opened(store) as house:
        assert house.post(said).status_code == 202
    with opened(store) as house:
        assert house.post(said).status_code == 409
    assert len(store.rows(TradeIntent)) == 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_an_address_opens_nothing(house: House, an_intent: AnIntent, header: str) -> None:
    """Gateways were found whose only guard was a list of addresses, read from a header that anybody may write."""
    assert house.post(an_intent(), secret="", **{header: "127.0.0.1"}).status_code == 401
    assert house.store.rows(TradeIntent) == []


def test_an_old_intent_is_stored_and_left_to_the_firewall(house: House, an_intent: AnIntent) -> None:
    """An alert re-sent days later: it is stale by its own time, and who judges says so on record."""
    assert house.post(an_intent(timestamp="2026-01-05T10:00:00+02:00")).status_code == 202
    assert house.store.arrived(TradeIntent, 0, 1)[0].signalled_at == datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize(("ahead_s", "is_taken"), [(3, True), (60, False)])
def test_a_clock_may_run_ahead_by_five_seconds(house: House, an_intent: AnIntent, ahead_s: int, is_taken: bool) -> None:
    answer = house.post(an_intent(timestamp=(datetime.now(UTC) + timedelta(seconds=ahead_s)).isoformat()))
    if is_taken:
        assert answer.status_code == 202
    else:
        assert "in the future" in faults(answer)["timestamp"]


@pytest.mark.parametrize(
    ("timestamp", "reason"),
    [
        ("2026-11-28T12:00:00", "names no time zone"),
        (1_764_331_200, "must be text"),
        (1_764_331_200_000, "must be text"),
        ("1764331200000", "must be an instant"),
        ("2026-02-30T12:00:00Z", "is no instant of any calendar"),
        ("2026-11-28T12:00:60Z", "is no instant of any calendar"),
        ("0001-01-01T00:00:00+14:00", "is no instant of any calendar"),
        ("1999-12-31T23:59:59Z", "lies before 2000"),
        ("9999-12-31T23:59:59Z", "in the future"),
        ("２０２６-11-28T12:00:00Z", "must be an instant"),
        ("", "must be an instant"),
    ],
)
def test_a_time_that_could_be_misread_is_refused(house: House, an_intent: AnIntent, timestamp: Any, reason: str) -> None:
    assert reason in faults(house.post(an_intent(timestamp=timestamp)))["timestamp"]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"confidence": 1}, "confidence", "is no field of an intent"),
        ({"metadata": {"best_bidd": 0.5}}, "metadata.best_bidd", "is no field"),
        ({"intent_id": None}, "intent_id", "is missing"),
        ({"intent_id": " "}, "intent_id", "blanks"),
        ({"intent_id": "a\u0000b"}, "intent_id", "control characters"),
        ({"intent_id": "x" * 129}, "intent_id", "at most 128"),
        ({"intent_id": 5}, "intent_id", "must be text"),
        ({"source_trader": "0x123"}, "source_trader", "pattern"),
        ({"source_trader": "name:somebody"}, "source_trader", "pattern"),
        ({"source_trader": "1" * 44}, "source_trader", "no Solana address"),
        ({"market_id": "https://polymarket.com/event/x"}, "market_id", "is a page"),
        ({"side": "buy"}, "side", "'BUY' or 'SELL'"),
        ({"size_usdc": 0}, "size_usdc", "must be above 0"),
        ({"size_usdc": -5}, "size_usdc", "must be above 0"),
        ({"size_usdc": 1e-10}, "size_usdc", "to 9 digits"),
        ({"size_usdc": "100"}, "size_usdc", "without quotes"),
        ({"size_usdc": True}, "size_usdc", "without quotes"),
        ({"size_usdc": 1e13}, "size_usdc", "at most"),
        ({"size_usdc": None}, "size_usdc", "a BUY needs it"),
        ({"size_tokens": 5}, "size_tokens", "exactly one"),
        ({"side": "SELL"}, "size_tokens", "a SELL needs it"),
        ({"side": "SELL", "size_tokens": 5}, "size_usdc", "exactly one"),
        ({"price_limit": 0.991}, "price_limit", "at most 0.99"),
        ({"side": "SELL", "size_usdc": None, "size_tokens": 5, "price_limit": 0.009}, "price_limit", "at least 0.01"),
        ({"metadata": {"best_ask": 1.5}}, "metadata.best_ask", "at most 1"),
        ({"metadata": {"detection_latency_ms": 1.5}}, "metadata.detection_latency_ms", "whole number"),
        ({"metadata": {"trader_position_size": -1}}, "metadata.trader_position_size", "at least 0"),
    ],
)
def test_what_is_wrong_is_named_with_its_reason_and_a_copy_is_kept(
    house: House, an_intent: AnIntent, changes: dict[str, Any], field: str, reason: str
) -> None:
    said = an_intent(**changes)
    assert reason in faults(house.post(said))[field]
    (kept,) = house.store.rows(Quarantined)
    assert (kept.table, kept.source) == ("trade_intents", "inbox")
    assert json.loads(json.loads(kept.row)["posted"]) == said
    assert field in kept.rules
    assert house.store.rows(TradeIntent) == []


@pytest.mark.parametrize(
    ("limit", "side", "is_taken"), [(0.99, "BUY", True), (0.9901, "BUY", False), (0.01, "SELL", True), (0.0099, "SELL", False)]
)
def test_a_limit_lies_within_what_can_be_traded(house: House, an_intent: AnIntent, limit: float, side: str, is_taken: bool) -> None:
    size = {"BUY": {}, "SELL": {"size_usdc": None, "size_tokens": 5}}[side]
    assert house.post(an_intent(price_limit=limit, side=side, **size)).status_code == (202 if is_taken else 422)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"{", "is no JSON"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"a": 1}'.encode("utf-16"), "byte order mark"),
        (b'{"a": "\xff"}', "is no UTF-8 at byte 7"),
        (b'{"a": 1, "a": 2}', "says 'a' twice"),
        (b'{"a": {"b": 1, "b": 1}}', "says 'b' twice"),
        (b'{"size_usdc": NaN}', "says NaN"),
        (b'{"size_usdc": -Infinity}', "says -Infinity"),
        (b'{"size_usdc": ' + b"9" * 5_000 + b"}", "a number of 5000 letters"),
        (b'{"size_usdc": 1e99999999999999999999}', "nobody can count"),
        (b"[" * 50_000, "nested deeper than 40 levels"),
        (b"[" * 41 + b"]" * 41, "nested deeper than 40 levels"),
        (b'{"a": "\\ud83d"}', "surrogates"),
        (b'{"a": "b\x00c"}', "is no JSON"),
        (b"{} {}", "goes on after its end"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
    ],
)
def test_what_two_readers_might_read_differently_is_refused(house: House, body: bytes, reason: str) -> None:
    assert reason in faults(house.post(body))[""]
    assert len(house.store.rows(Quarantined)) == 1


def test_1e309_is_larger_than_any_size(house: House, an_intent: AnIntent) -> None:
    """A float would read it as infinite."""
    body = json.dumps(an_intent(size_usdc="SIZE")).replace('"SIZE"', "1e309")
    assert "at most 1000000000000" in faults(house.post(body.encode()))["size_usdc"]


@pytest.mark.parametrize("secret", ["", "Bearer", "Bearer wrong", SENDER, f"Basic {SENDER}", f"Bearer {SENDER}x"])
def test_a_stranger_is_not_let_in_and_nothing_of_his_is_kept(house: House, an_intent: AnIntent, secret: str) -> None:
    answer = house.post(an_intent(), secret=secret)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert house.store.rows(TradeIntent) == house.store.rows(Quarantined) == []


def test_the_scheme_s_name_has_no_capitals_that_count(house: House, an_intent: AnIntent) -> None:
    assert house.post(an_intent(), secret=f"bearer {SENDER}").status_code == 202


def test_two_secrets_are_none(house: House, an_intent: AnIntent) -> None:
    headers = [("Authorization", f"Bearer {SENDER}"), ("Authorization", "Bearer x"), ("Content-Type", "application/json")]
    assert house.client.post("/intents", headers=headers, json=an_intent()).status_code == 401


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "application/jsonx"]
)
def test_only_json_is_read(house: House, an_intent: AnIntent, kind: str) -> None:
    answer = house.post(json.dumps(an_intent()).encode(), **{"Content-Type": kind})
    assert answer.status_code == 415
    assert house.store.rows(Quarantined) == []


def test_a_gzip_bomb_is_not_unpacked(house: House) -> None:
    """64 MiB of zeros are 64 KiB of gzip: what is packed is not read at all."""
    bomb = gzip.compress(b"0" * 64 * KIB * KIB, 9)
    assert len(bomb) < 64 * KIB
    for packing in ("gzip", "deflate", "br", "zstd", "identity, gzip"):
        assert house.post(bomb, **{"Content-Encoding": packing}).status_code == 415


def padded(intent: dict[str, Any], size: int) -> bytes:
    body = json.dumps(intent).encode()
    return body + b" " * (size - len(body))


@pytest.mark.parametrize(("size", "status"), [(64 * KIB, 202), (64 * KIB + 1, 413)])
def test_a_body_may_have_64_kib(house: House, an_intent: AnIntent, size: int, status: int) -> None:
    assert house.post(padded(an_intent(), size)).status_code == status


@pytest.mark.parametrize(("size", "status"), [(64 * KIB, 202), (64 * KIB + 1, 413)])
def test_a_body_that_does_not_say_its_size_may_have_no_more(house: House, an_intent: AnIntent, size: int, status: int) -> None:
    def parts() -> Iterator[bytes]:
        whole = padded(an_intent(), size)
        yield from (whole[start : start + 1_000] for start in range(0, size, 1_000))

    assert house.post(parts()).status_code == status


def raw(house: House, head: str, body: bytes = b"") -> bytes:
    """The first bytes of the answer to a request that nobody finishes."""
    url = house.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + body)
        return line.recv(1_000)


def test_a_body_that_says_it_is_too_large_is_answered_before_it_comes(house: House) -> None:
    head = (
        f"POST /intents HTTP/1.1\nHost: x\nAuthorization: Bearer {SENDER}\nContent-Type: application/json\nContent-Length: 99999999999\n\n"
    )
    assert raw(house, head).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_drips_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.inbox.request_body.PATIENCE_S", 0.2)
    head = f"POST /intents HTTP/1.1\nHost: x\nAuthorization: Bearer {SENDER}\nContent-Type: application/json\nContent-Length: 100\n\n"
    assert raw(house, head, b"{").startswith(b"HTTP/1.1 408 ")


def test_who_hangs_up_in_the_middle_leaves_nothing_and_harms_nobody(house: House, an_intent: AnIntent) -> None:
    url = house.client.base_url
    head = f"POST /intents HTTP/1.1\nHost: x\nAuthorization: Bearer {SENDER}\nContent-Type: application/json\nContent-Length: 100\n\n"
    with socket.create_connection((url.host, url.port or 0)) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b'{"intent_id"')
    assert house.post(an_intent()).status_code == 202
    assert len(house.store.rows(TradeIntent)) == 1


def test_while_the_store_is_away_nothing_is_promised_and_its_words_stay_inside(house: House, an_intent: AnIntent) -> None:
    house.store.is_away = True
    for answer in (house.post(an_intent()), house.post({"nothing": "of it"})):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert "hidden-word" not in answer.text
    house.store.is_away = False
    assert house.post(an_intent()).status_code == 202


def test_a_store_without_its_tables_is_away_as_well(house: House, an_intent: AnIntent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was a 500: whoever posts is told to come again, and what is wrong stays inside."""

    def unsafe(act: Any) -> Any:
        raise Unsafe("postgres: the tables are not those of this version")

    monkeypatch.setattr(house.store, "_here", unsafe)
    answer = house.post(an_intent())
    assert (answer.status_code, "tables" in answer.text) == (503, False)


def test_what_is_answered_is_counted_for_whoever_may_post(an_intent: AnIntent) -> None:
    """By status, and what was wrong by field; names that a sender makes up are counted together."""
    with opened(Store()) as house:
        house.post(an_intent())
        house.post(an_intent())
        house.post(an_intent(side="HOLD", made_up=1, intent_id="2"))
        house.post(b"{")
        house.post(an_intent(), secret="")
        assert house.client.get("/metrics").status_code == 401
        lines = house.client.get("/metrics", headers={"Authorization": f"Bearer {SENDER}"}).text.splitlines()
    counted = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert counted == {
        'walletflow_inbox_answers_total{door="/intents",status="202"}': "1",
        'walletflow_inbox_answers_total{door="/intents",status="401"}': "1",
        'walletflow_inbox_answers_total{door="/intents",status="409"}': "1",
        'walletflow_inbox_answers_total{door="/intents",status="422"}': "2",
        'walletflow_inbox_faults_total{field="body"}': "1",
        'walletflow_inbox_faults_total{field="other"}': "1",
        'walletflow_inbox_faults_total{field="side"}': "1",
        "walletflow_inbox_numbers_missing_total": "0",
    }


def test_a_gap_in_a_sender_s_own_numbers_is_noticed(an_intent: AnIntent, caplog: pytest.LogCaptureFixture) -> None:
    """Each sender has numbers of its own: of 16, 18, 17 and 21 of one, 17 was late, and 19 and 20 never came. A number again is no gap."""
    with opened(Store()) as house:
        for number, (sender, sequence) in enumerate([("a", 16), ("b", 5), ("a", 18), ("a", 17), ("b", 6), ("a", 21), ("a", 21)]):
            assert house.post(an_intent(intent_id=str(number), metadata={"sender": sender, "sequence": sequence})).status_code == 202
        lines = house.client.get("/metrics", headers={"Authorization": f"Bearer {SENDER}"}).text.splitlines()
    assert "walletflow_inbox_numbers_missing_total 3" in lines
    assert [record.message for record in caplog.records if "did not come" in record.message] == [
        "a: 17 did not come, 18 did",
        "a: 19 to 20 did not come, 21 did",
    ]


@pytest.mark.parametrize("sequence", [-1, 1.5, "7", True, 2**53 + 1])
def test_a_number_of_a_sender_is_a_whole_one(house: House, an_intent: AnIntent, sequence: Any) -> None:
    assert "whole number" in faults(house.post(an_intent(metadata={"sequence": sequence})))["metadata.sequence"]


def test_a_store_that_hangs_is_away(house: House, an_intent: AnIntent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent again, the intent is found stored after all: the answer was lost, not the row."""
    monkeypatch.setattr("adapters.inbox.group_commit.PATIENCE_S", 0.2)
    going_on = threading.Event()
    monkeypatch.setattr(house.store, "_here", lambda act: (going_on.wait(20), act())[1])
    assert house.post(an_intent()).status_code == 503
    monkeypatch.setattr("adapters.inbox.group_commit.PATIENCE_S", 20)
    going_on.set()
    assert house.post(an_intent()).status_code == 409


def test_who_posts_too_often_is_told_when_to_come_again(an_intent: AnIntent) -> None:
    with opened(Store(), Limits(per_s=0.5, at_once=2)) as house:
        answers = [house.post(an_intent(intent_id=str(number))) for number in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert answers[2].headers["Retry-After"] == "2"  # 1 / 0.5 a second
        assert house.deliver([]).status_code == 200  # another sender has an allowance of his own
        assert len(house.store.rows(TradeIntent)) == 2


def test_who_tries_secrets_is_slowed_down_and_the_right_sender_is_not(an_intent: AnIntent) -> None:
    with opened(Store(), Limits(strangers_per_s=1)) as house:
        answers = [house.post(an_intent(), secret=f"Bearer {number}").status_code for number in range(5)]
        assert answers == [401, 401, 429, 429, 429]
        assert house.post(an_intent()).status_code == 202


def test_health_says_whether_a_row_would_be_stored(house: House) -> None:
    assert (house.client.get("/health").status_code, house.client.get("/health").json()) == (200, {"status": "ok"})
    house.store.is_away = True
    deadline = time.monotonic() + 20
    while (answer := house.client.get("/health")).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (answer.status_code, answer.json()) == (503, {"status": "store away"})


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/intents", 405), ("PUT", "/intents", 405), ("GET", "/docs", 404), ("POST", "/", 404)]
)
def test_there_is_no_other_door(house: House, method: str, path: str, status: int) -> None:
    assert house.client.request(method, path).status_code == status


def test_only_who_may_post_may_read_how(house: House) -> None:
    assert house.client.get("/openapi.json").status_code == 401
    found = house.client.get("/openapi.json", headers={"Authorization": f"Bearer {SENDER}"}).json()
    assert set(found["paths"]) == {"/intents", "/webhooks/helius", "/health"}
