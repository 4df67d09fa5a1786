"""The official vectors: what the venue's clients sign is what the exchange reads, and every amount that they compute is taken.
Runs where WALLETFLOW_ORACLES points to."""

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sandbox.exchange.auth import request_signature
from sandbox.exchange.contracts import CTF, Route, is_position_id
from sandbox.exchange.orders import Kind, Order, Posted
from sandbox.exchange.rules import AMOUNT_DECIMALS, SIGNATURE_TYPES, check_decimals, is_on_grid
from sandbox.exchange.signing import SignedFields, login_signer, order_hash
from sandbox.markets import Market
from tests.sandbox.exchange.conftest import PUBLIC_KEYS, address_of

ORACLES = Path(os.environ.get("WALLETFLOW_ORACLES", "none")) / "polymarket"
pytestmark = pytest.mark.skipif(not ORACLES.is_dir(), reason="WALLETFLOW_ORACLES points to no oracles")
OWNER = address_of(PUBLIC_KEYS[0])


def vectors(name: str) -> Any:
    return json.loads((ORACLES / name).read_text())


def test_orders_have_the_hash_and_the_signer_that_the_clients_give_them() -> None:
    rows = vectors("order_vectors.json")["signatures"]
    for row in rows:
        route = Route(row["domain_version"], row["verifying_contract"], CTF)
        numbers = (int(row[name]) for name in ("token_id", "maker_amount", "taker_amount", "side", "signature_type", "timestamp"))
        ends = (bytes.fromhex(row[name][2:]) for name in ("metadata", "builder"))
        fields = SignedFields(int(row["salt"]), row["maker"], row["signer"], *numbers, *ends)
        signature = bytes.fromhex(row["signature"][2:])
        assert order_hash(fields, route) == row["order_hash"]
        assert SIGNATURE_TYPES[fields.signature_type].signer(fields, route, signature) == OWNER
        assert SIGNATURE_TYPES[fields.signature_type].signer(fields._replace(salt=1), route, signature) != OWNER
        assert is_position_id(str(fields.token_id)) == (row["domain_version"] == "3")
    assert len(rows) == 12


def test_logins_and_requests_are_signed_alike() -> None:
    found = vectors("order_vectors.json")
    (login,), (request,) = found["l1_auth"], found["hmac"]
    assert login_signer(OWNER, str(login["timestamp"]), login["nonce"], bytes.fromhex(login["signature"][2:])) == OWNER
    told = (request[name] for name in ("secret", "timestamp", "method", "path"))
    assert request_signature(*told, request["body"].encode()) == request["signature"]


# py-clob-client-v2 floors these prices as floats and lands one decimal below, beside the grid: 0.815 becomes 0.8149.
FLOORED = [("0.0025", "0.815"), ("0.0025", "0.695"), ("0.0025", "0.5075")]


@pytest.mark.parametrize(("name", "kind", "refused"), [("limit", Kind.GTC, []), ("market", Kind.FAK, FLOORED)])
def test_every_amount_that_a_client_computes_is_taken_but_for_one_clients_known_mistake(
    name: str, kind: Kind, refused: list[tuple[str, str]]
) -> None:
    rows, found = vectors("order_vectors.json")[name], []
    for row in rows:
        side = ("BUY", "SELL").index(row["side"])
        fields = SignedFields(1, OWNER, OWNER, 1, row["maker"], row["taker"], side, 0, 1, bytes(32), bytes(32))
        order = Order("", Posted(fields, b"", kind, 0, False, ""), cast(Market, SimpleNamespace()), 0, OWNER, 0, 0)
        tick = round(float(row["tick"]) * 10_000)
        check_decimals(order, AMOUNT_DECIMALS[tick])
        if not is_on_grid(order, tick):
            found.append((row["tick"], row["price"]))
    assert found == refused
    assert len(rows) == 360
