"""When a trade that was posted and a trade that a feed shows are one deed, and what a posted size comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Entrance, Reason, Side, TradeIntent, Venue
from domain.copying.posted import is_same_deed, seen_of, sizes
from domain.ids import row_id

AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
HASH = "0x" + "1" * 64


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"wallet": "0x" + "b" * 40}, False),
        ({"token_id": "no"}, False),
        ({"side": Side.SELL}, False),
        ({"traded_at": timedelta(seconds=60)}, True),
        ({"traded_at": timedelta(seconds=61)}, False),
        ({"traded_at": timedelta(seconds=-61)}, False),
        ({"notional": Decimal("100.9")}, True),  # 0.9 of 100.9 are less than a hundredth
        ({"notional": Decimal("101.1")}, False),
        ({"tx_hash": HASH, "traded_at": timedelta(hours=3), "notional": Decimal(5)}, True),
        ({"tx_hash": "0x" + "2" * 64}, False),
    ],
)
def test_a_transaction_tells_for_sure_and_without_one_time_and_size_do(a_trade: Any, changes: dict[str, Any], is_same: bool) -> None:
    posted = a_trade("posted", tx_hash=HASH if "tx_hash" in changes else "")
    moved = changes.pop("traded_at", timedelta(0))
    assert is_same_deed(posted, replace(a_trade("seen", **changes), traded_at=posted.traded_at + moved)) is is_same


def test_the_size_of_a_sale_is_its_shares(a_trade: Any) -> None:
    """The sender takes the bid for its price, the feed tells the fill's: 250 shares are 100 USD here and 105 there."""
    posted, seen = a_trade("posted", side=Side.SELL, tx_hash=""), a_trade("seen", side=Side.SELL, notional=Decimal(105))
    assert is_same_deed(posted, seen)
    assert not is_same_deed(posted, replace(seen, shares=posted.shares * 2))


@pytest.mark.parametrize(("parts", "is_it"), [((50, 50), True), ((50, 49), True), ((50, 48), False), ((50, 52), False), ((100, 50), False)])
def test_fills_that_are_together_of_its_size_are_what_was_posted(a_trade: Any, parts: tuple[int, int], is_it: bool) -> None:
    """100 USD were posted. One fill of 100 is it alone, whatever else was bought in that minute."""
    posted = a_trade("posted", tx_hash="", notional=Decimal(100))
    fills = [replace(a_trade(f"fill {part} {place}"), notional=Decimal(part)) for place, part in enumerate(parts)]
    others = [a_trade("other token", token_id="no", notional=Decimal(50))]
    found = seen_of(posted, [*fills, *others])
    assert found == (fills if is_it else fills[:1] if 100 in parts else [])


def an_intent(**changes: Any) -> TradeIntent:
    fields: dict[str, Any] = {
        "intent_id": "one",
        "entrance": Entrance.HTTP,
        "venue": Venue.POLYMARKET,
        "signalled_at": AT,
        "leader": "0x" + "a" * 40,
        "market_id": "m",
        "outcome": "YES",
        "side": Side.BUY,
        "limit_price": None,
        "usd": Decimal(100),
        "shares": None,
        "metadata": "{}",
        "digest": row_id("one"),
        "received_at": AT,
    }
    return TradeIntent(**fields | changes)


def test_dollars_become_stake_at_the_rate_and_shares_at_the_price() -> None:
    """100 USD at 200 USD a SOL are 0.5 SOL; at 0.001 SOL a token 500 of them."""
    assert sizes(an_intent(), Decimal("0.001"), Decimal(200)) == (Decimal(500), Decimal("0.5"))
    assert sizes(an_intent(), Decimal("0.40"), Decimal(1)) == (Decimal(250), Decimal(100))


def test_the_shares_of_a_sale_are_what_was_said() -> None:
    assert sizes(an_intent(side=Side.SELL, usd=None, shares=Decimal(250)), Decimal("0.40"), Decimal(1)) == (Decimal(250), Decimal(100))


def test_a_size_beyond_every_table_is_none() -> None:
    """1e12 USD at 1e-12 are 1e24 tokens: no column holds them, and no leader has them."""
    assert sizes(an_intent(usd=Decimal(10) ** 12), Decimal("1e-12"), Decimal(1)) is Reason.NOTIONAL_EXCEEDS_MAXIMUM


@given(
    usd=st.decimals("0.000000001", "1e12", places=9),
    price=st.decimals("1e-18", "1e12", places=18),
    rate=st.decimals("0.0001", "100000", places=4),
    is_buy=st.booleans(),
)
def test_every_size_has_an_answer_that_a_table_holds(usd: Decimal, price: Decimal, rate: Decimal, is_buy: bool) -> None:
    intent = an_intent(usd=usd) if is_buy else an_intent(side=Side.SELL, usd=None, shares=usd)
    found = sizes(intent, price, rate)
    if not isinstance(found, Reason):
        assert all(0 < part < 10**20 for part in found)
