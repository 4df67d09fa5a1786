"""The hash the venue knows an order by: the one both official clients sign, for every exchange and every type of wallet."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Order, OrderStatus, Side, Venue
from domain.ids import row_id
from domain.polymarket.amounts import Amounts
from domain.polymarket.exchanges import NEG_RISK, STANDARD, V3
from domain.polymarket.order_hash import Account, hash_of, order_hash, salt_of, timestamp_of

ROUTES = {"standard": STANDARD, "neg_risk": NEG_RISK, "protocol_v2": V3}
AS_OF = datetime(2026, 11, 3, 12, 0, 0, 123_999, tzinfo=UTC)
ACCOUNT = Account("0x" + "1" * 40, "0x" + "2" * 40, 3)
AMOUNTS = Amounts(1_000_000, 2_000_000)
ORDER = Order(
    order_id=row_id("order"),
    signal_id=row_id("signal"),
    strategy_id="strategy",
    venue=Venue.POLYMARKET,
    leader="0x" + "a" * 40,
    market_id="market",
    token_id="1234",
    outcome="Yes",
    side=Side.BUY,
    shares=Decimal(2),
    limit_price=Decimal("0.5"),
    observed_price=Decimal("0.5"),
    status=OrderStatus.PENDING,
    reason=None,
    is_simulated=False,
    order_hash="",
    created_at=AS_OF,
    updated_at=AS_OF,
)


@pytest.fixture(scope="module")
def signatures() -> list[dict[str, Any]]:
    if "WALLETFLOW_ORACLES" not in os.environ:
        pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory with polymarket/ in it")
    table = json.loads((Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket" / "order_vectors.json").read_text())
    return list(table["signatures"])


def test_the_hash_is_the_official_clients_for_every_exchange_and_wallet(signatures: list[dict[str, Any]]) -> None:
    seen = set()
    for row in signatures:
        account = Account(row["maker"], "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", row["signature_type"])
        amounts = Amounts(int(row["maker_amount"]), int(row["taker_amount"]))
        exchange = ROUTES[row["route"]]
        assert (exchange.address, exchange.domain_version) == (row["verifying_contract"], row["domain_version"])
        side = (Side.BUY, Side.SELL)[row["side"]]
        found = hash_of(row["token_id"], side, amounts, int(row["salt"]), int(row["timestamp"]), exchange, account)
        assert found == row["order_hash"], row
        assert account.signs_as == row["signer"]
        seen.add((row["route"], row["signature_type"]))
    assert seen == {(route, kind) for route in ROUTES for kind in range(4)}


def test_the_hash_is_the_same_whatever_became_of_the_order_since() -> None:
    """After a crash between storing and posting the very same order is signed again."""
    later = replace(ORDER, status=OrderStatus.UNKNOWN, order_hash="0x1", updated_at=AS_OF + timedelta(hours=1))
    assert order_hash(later, AMOUNTS, STANDARD, ACCOUNT) == order_hash(ORDER, AMOUNTS, STANDARD, ACCOUNT)


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": row_id("another")},
        {"token_id": "1235"},
        {"side": Side.SELL},
        {"created_at": AS_OF + timedelta(milliseconds=1)},
    ],
)
def test_another_order_has_another_hash(change: dict[str, Any]) -> None:
    assert order_hash(replace(ORDER, **change), AMOUNTS, STANDARD, ACCOUNT) != order_hash(ORDER, AMOUNTS, STANDARD, ACCOUNT)


def test_amounts_exchange_and_account_are_part_of_the_hash() -> None:
    plain = order_hash(ORDER, AMOUNTS, STANDARD, ACCOUNT)
    assert order_hash(ORDER, Amounts(1_000_000, 2_000_001), STANDARD, ACCOUNT) != plain
    assert order_hash(ORDER, AMOUNTS, NEG_RISK, ACCOUNT) != plain
    assert order_hash(ORDER, AMOUNTS, STANDARD, replace(ACCOUNT, signature_type=0)) != plain


def test_the_salt_fits_a_number_of_json_and_the_timestamp_counts_milliseconds() -> None:
    """0.123999 s past noon is 123 ms: cut, not rounded, so that no clock makes it another order."""
    assert 0 <= salt_of(ORDER) < 2**53
    assert salt_of(ORDER) == int(ORDER.order_id, 16) % 2**53
    assert timestamp_of(ORDER) == 1_793_707_200_123
