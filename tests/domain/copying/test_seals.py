"""An order is what the judge made, or it is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import OrderStatus, Reason, Side, Venue
from domain.copying.seals import SEALED, is_sealed, seal_of
from domain.ids import row_id
from tests.ledger_rows import an_order

KEY = "a key of the judge"
CHANGES: dict[str, Any] = {
    "order_id": row_id("another"),
    "signal_id": row_id("another signal"),
    "strategy_id": "two",
    "venue": Venue.SOLANA,
    "leader": "0x" + "b" * 40,
    "market_id": "another",
    "token_id": "no",
    "outcome": "No",
    "side": Side.SELL,
    "shares": Decimal("100.000001"),
    "limit_price": Decimal("0.500000000000000001"),
    "is_simulated": False,
    "created_at": datetime(2026, 11, 4, tzinfo=UTC),
}


@pytest.fixture
def order(as_of: datetime) -> Any:
    made = an_order(as_of)
    return replace(made, seal=seal_of(made, KEY))


def test_every_sealed_column_has_a_change_below() -> None:
    assert set(CHANGES) == set(SEALED)


@pytest.mark.parametrize("column", SEALED)
def test_whatever_is_changed_of_what_it_asks_for_breaks_the_seal(order: Any, column: str) -> None:
    assert is_sealed(order, [KEY])
    assert not is_sealed(replace(order, **{column: CHANGES[column]}), [KEY])


def test_how_far_it_got_is_no_part_of_it(order: Any, as_of: datetime) -> None:
    later = replace(order, status=OrderStatus.UNKNOWN, reason=Reason.VENUE_UNAVAILABLE, order_hash="0x2", updated_at=as_of + timedelta(1))
    assert is_sealed(later, [KEY])


def test_a_store_may_give_back_more_zeros_and_another_name_of_utc(order: Any) -> None:
    """NUMERIC(38, 18) gives 100 back as 100.000000000000000000."""
    read = replace(
        order, shares=Decimal("100.000000000000000000"), created_at=order.created_at.astimezone(timezone(timedelta(0), "Etc/UTC"))
    )
    assert is_sealed(read, [KEY])


@pytest.mark.parametrize(("keys", "holds"), [([KEY], True), (["new", KEY], True), (["new"], False), ([], False)])
def test_a_former_key_counts_as_long_as_it_is_named(order: Any, keys: list[str], holds: bool) -> None:
    assert is_sealed(order, keys) is holds


def test_an_order_without_a_seal_has_none(order: Any) -> None:
    assert not is_sealed(replace(order, seal=""), [KEY])


def test_two_texts_cannot_change_places_over_their_border(order: Any) -> None:
    """`m` and `yes` against `my` and `es`."""
    one = replace(order, market_id="m", token_id="yes")
    assert seal_of(one, KEY) != seal_of(replace(order, market_id="my", token_id="es"), KEY)
