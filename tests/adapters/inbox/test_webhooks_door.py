"""POST /webhooks/helius: a delivery is stored as it was sent before it is answered, and what is no transaction is set aside."""

import json
from base64 import b64encode
from typing import Any

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.transaction import VersionedTransaction

from adapters.inbox.app import Limits
from data_contracts import Delivery, Quarantined, Venue
from tests.adapters.inbox.conftest import SENDER, SIGNATURE, WEBHOOK, House, Store, opened

OTHER = "4" * 87


def test_each_transaction_is_a_row_with_the_very_text_it_was_sent_as(house: House) -> None:
    """1.50 stays 1.50 and a raw amount of twenty digits keeps them all: who reads it later decides what it means."""
    one, two = f'{{"signature":"{SIGNATURE}", "fee": 1.50}}', f'{{"transaction":{{"signatures":["{OTHER}"]}},"raw":18446744073709551615}}'
    answer = house.deliver(f"[ {one} ,\n{two}]".encode())
    assert (answer.status_code, answer.json()) == (200, {"stored": 2, "duplicates": 0, "set_aside": 0})
    first, second = house.store.arrived(Delivery, 0, 10)
    assert [(first.payload, first.signature), (second.payload, second.signature)] == [(one, SIGNATURE), (two, OTHER)]
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.venue, first.source) == (Venue.SOLANA, "helius")


def test_a_raw_transaction_is_known_by_its_bytes_and_by_its_signatures_where_none_is_named(house: House) -> None:
    """Neither said its signature where we looked: both were set aside."""
    pair = Keypair.from_seed(bytes(32))
    signed = VersionedTransaction(MessageV0.try_compile(pair.pubkey(), [], [], Hash.default()), [pair])
    in_bytes = {"meta": {}, "transaction": [b64encode(bytes(signed)).decode(), "base64"]}
    answer = house.deliver([in_bytes, {"signature": None, "transaction": {"signatures": [OTHER]}}])
    assert answer.json() == {"stored": 2, "duplicates": 0, "set_aside": 0}
    assert {row.signature for row in house.store.rows(Delivery)} == {str(signed.signatures[0]), OTHER}


def test_what_is_delivered_again_is_stored_once(house: House) -> None:
    """Helius sends again until it is answered, and sometimes after."""
    body = [{"signature": SIGNATURE}]
    assert house.deliver(body).json()["stored"] == 1
    answer = house.deliver([*body, *body, {"signature": OTHER}])
    assert (answer.status_code, answer.json()) == (200, {"stored": 1, "duplicates": 2, "set_aside": 0})
    assert len(house.store.rows(Delivery)) == 2


def test_the_same_transaction_told_otherwise_is_kept_as_well(house: House) -> None:
    """If the first word was wrong, the second must not be lost behind it."""
    house.deliver([{"signature": SIGNATURE, "fee": 1}])
    assert house.deliver([{"signature": SIGNATURE, "fee": 2}]).json()["stored"] == 1


@pytest.mark.parametrize(
    ("secret", "is_in"), [(WEBHOOK, True), (f"Bearer {WEBHOOK}", True), (f"Bearer {SENDER}", False), (SENDER, False), ("", False)]
)
def test_helius_sends_the_secret_alone_and_a_sender_s_is_another(house: House, secret: str, is_in: bool) -> None:
    assert house.deliver([{"signature": SIGNATURE}], secret).status_code == (200 if is_in else 401)
    assert bool(house.store.rows(Delivery)) is is_in


def test_the_secret_of_webhooks_opens_no_other_door(house: House) -> None:
    assert house.post({}, secret=WEBHOOK).status_code == 401
    assert house.post({}, secret=f"Bearer {WEBHOOK}").status_code == 401


def test_nothing_is_nothing(house: House) -> None:
    assert house.deliver([]).json() == {"stored": 0, "duplicates": 0, "set_aside": 0}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"signature": SIGNATURE}, "is no array"),
        (b'"text"', "is no array"),
        (b"[", "is no JSON"),
        (b"[{}", "lacks a comma"),
        (b"[{},]", "is no JSON"),
        (b"[{}]]", "goes on after its end"),
        (b"[{} {}]", "lacks a comma"),
        (b"", "is empty"),
        ([{"signature": "short"}], "is no transaction"),
        ([{"signature": 5}], "is no transaction"),
        ([{"signature": ["a"]}], "is no transaction"),
        ([{"transaction": {"signatures": []}}], "is no transaction"),
        ([[{"signature": SIGNATURE}]], "is no transaction"),
        ([None], "is no transaction"),
    ],
)
def test_another_shape_is_refused_with_its_reason_and_a_copy_is_kept(house: House, body: Any, reason: str) -> None:
    answer = house.deliver(body)
    assert answer.status_code == 422
    assert reason in answer.json()["faults"][0]["reason"]
    (kept,) = house.store.rows(Quarantined)
    assert (kept.table, kept.source) == ("deliveries", "helius")
    assert house.store.rows(Delivery) == []


def test_one_bad_transaction_does_not_lose_the_others(house: House) -> None:
    """A refusal would have all of it sent again three times, and then never."""
    answer = house.deliver([{"signature": SIGNATURE}, {"no": "signature"}, {"signature": OTHER}])
    assert (answer.status_code, answer.json()) == (200, {"stored": 2, "duplicates": 0, "set_aside": 1})
    (kept,) = house.store.rows(Quarantined)
    assert json.loads(kept.row) == {"posted": '{"no":"signature"}'}
    assert "[1]" in kept.rules


def test_a_delivery_may_have_two_mib(house: House) -> None:
    body = json.dumps([{"signature": SIGNATURE}]).encode()
    room = 2 * 1024 * 1024 - len(body)
    assert house.deliver(body + b" " * room, **{"Content-Type": "application/json"}).status_code == 200
    assert house.deliver(body + b" " * (room + 1)).status_code == 413


def test_a_delivery_is_not_lost_while_the_store_is_away(house: House) -> None:
    """503 is an answer Helius sends again on; 200 would be a promise."""
    house.store.is_away = True
    assert house.deliver([{"signature": SIGNATURE}]).status_code == 503
    house.store.is_away = False
    assert house.deliver([{"signature": SIGNATURE}]).json()["stored"] == 1


def test_a_delivery_too_many_is_told_when_to_come_again() -> None:
    with opened(Store(), Limits(per_s=1, at_once=1)) as house:
        assert [house.deliver([]).status_code for _ in range(2)] == [200, 429]
