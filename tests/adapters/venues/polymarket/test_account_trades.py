"""The account's own part of a trade: what its taker met, or what it gave as a maker; and what cannot be read."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.venues.polymarket.account_trades import hand_trades_of
from data_contracts import Side
from data_contracts.errors import Unsafe
from tests.adapters.venues.conftest import CTF, WALLET
from tests.markets import an_instrument

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MARKET = an_instrument(token_id=CTF, market_id="0x" + "c" * 64, fee_rate=Decimal("0.07"))


def a_maker(shares: str, price: str, **changes: Any) -> dict[str, Any]:
    plain = {"asset_id": CTF, "matched_amount": shares, "price": price, "maker_address": "0x" + "9" * 40, "order_id": "0xtheirs"}
    return plain | changes


def a_trade(*makers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    fields = {
        "id": "trade-1",
        "taker_order_id": "0xours",
        "asset_id": CTF,
        "market": MARKET.market_id,
        "side": "SELL",
        "trader_side": "TAKER",
    }
    size = str(sum((Decimal(maker["matched_amount"]) for maker in makers), Decimal(0)))
    return (
        fields
        | {"size": size, "price": "0.5", "match_time": "1793707200", "transaction_hash": "0xtx", "maker_orders": list(makers)}
        | changes
    )


def read(trade: dict[str, Any], known: bool = True) -> list[Any]:
    return hand_trades_of(trade, WALLET, {CTF: MARKET} if known else {}, NOW)


def test_a_taker_has_a_row_for_each_price_and_pays_the_venues_fee() -> None:
    """10 at 0.50 and 4 at 0.40: fees of 10 x 0.07 x 0.25 = 0.175 and 4 x 0.07 x 0.24 = 0.0672."""
    rows = read(a_trade(a_maker("4", "0.40"), a_maker("10", "0.50")))
    assert [(row.price, row.shares, row.notional, row.fee) for row in rows] == [
        (Decimal("0.50"), Decimal(10), Decimal(5), Decimal("0.175")),
        (Decimal("0.40"), Decimal(4), Decimal("1.6"), Decimal("0.0672")),
    ]
    assert {(row.order_hash, row.tx_hash, row.side) for row in rows} == {("0xours", "0xtx", Side.SELL)}
    assert len({row.order_id for row in rows}) == 2


@pytest.mark.parametrize("said", [{}, {"side": "SELL"}], ids=["the maker's side follows from the taker's", "it is said"])
def test_a_maker_has_his_own_part_alone_and_pays_nothing(said: dict[str, str]) -> None:
    """A limit order of the operator's rested in the book, and somebody bought it: the numbers at the top are that taker's."""
    mine = a_maker("3", "0.60", maker_address=WALLET.upper().replace("0X", "0x"), order_id="0xmine", **said)
    (row,) = read(a_trade(mine, a_maker("7", "0.61"), side="BUY", trader_side="MAKER"))
    assert (row.order_hash, row.side, row.shares, row.notional, row.fee) == ("0xmine", Side.SELL, Decimal(3), Decimal("1.8"), Decimal(0))


def test_who_met_a_taker_of_the_other_outcome_did_the_same() -> None:
    """Both bought: together they paid for a pair."""
    mine = a_maker("3", "0.60", maker_address=WALLET)
    (row,) = read(a_trade(mine, side="BUY", trader_side="MAKER", asset_id="77"))
    assert (row.side, row.token_id) == (Side.BUY, CTF)


def test_of_a_token_nobody_holds_the_fee_is_not_said() -> None:
    assert [row.fee for row in read(a_trade(a_maker("4", "0.40")), known=False)] == [None]


@pytest.mark.parametrize("change", [{"size": "many"}, {"side": "LEND"}, {"match_time": "noon"}, {"market": None, "maker_orders": [{}]}])
def test_a_trade_that_cannot_be_read_is_unsafe(change: dict[str, Any]) -> None:
    with pytest.raises(Unsafe, match="polymarket: trade trade-1 of the account"):
        read(a_trade(a_maker("4", "0.40")) | change)
