"""The account's trades as the venue tells them: what a price level cost to the unit, and what cannot be true."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.venues.polymarket.official_client import OfficialClient, Places
from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
from adapters.venues.polymarket.settled_trades import fills_of, status_of
from adapters.venues.polymarket.start_checks import StartChecks
from data_contracts import Instrument, Order, OrderStatus
from data_contracts.errors import Unsafe
from domain.polymarket.order_hash import Account

OTHER = "52114319501245915516055106046884209969926127482827954674443846427813813222426"
Build = Callable[..., Any]


def a_maker(order: Order, shares: str, price: str, **changes: Any) -> dict[str, Any]:
    return {"asset_id": order.token_id, "matched_amount": shares, "price": price} | changes


def a_trade(order: Order, *makers: dict[str, Any], **changes: Any) -> dict[str, Any]:
    size = sum((Decimal(maker["matched_amount"]) for maker in makers), Decimal(0))
    fields = {"id": "trade-1", "taker_order_id": order.order_hash, "size": str(size), "price": "0.5", "status": "CONFIRMED"}
    return fields | {"match_time": "1793707200", "maker_orders": list(makers)} | changes


def test_makers_of_one_price_are_one_fill_and_each_price_is_its_own(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order()
    trade = a_trade(order, a_maker(order, "1.5", "0.5"), a_maker(order, "2", "0.5"), a_maker(order, "3", "0.51"))
    fills = fills_of(trade, order, a_live_market())
    assert [(fill.price, fill.shares, fill.notional) for fill in fills] == [
        (Decimal("0.5"), Decimal("3.5"), Decimal("1.75")),
        (Decimal("0.51"), Decimal(3), Decimal("1.53")),
    ]
    assert fills_of(trade, order, a_live_market()) == fills  # the same ids: told twice, booked once


def test_a_maker_of_the_other_outcome_is_met_at_the_rest_of_the_dollar(a_live_order: Build, a_live_market: Build) -> None:
    """It pays 0.333333 x 0.67 = 0.22333311 rounded down to 0.223333; the pair costs 0.333333, so we pay 0.110000."""
    order = a_live_order()
    (fill,) = fills_of(a_trade(order, a_maker(order, "0.333333", "0.67", asset_id=OTHER)), order, a_live_market())
    assert (fill.price, fill.notional) == (Decimal("0.33"), Decimal("0.110000"))


def test_our_side_is_rounded_down_to_a_unit(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order()
    (fill,) = fills_of(a_trade(order, a_maker(order, "0.333333", "0.37")), order, a_live_market())
    assert fill.notional == Decimal("0.123333")  # 0.12333321


def test_a_trade_without_makers_is_believed_by_its_own_price(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order()
    (fill,) = fills_of(a_trade(order, size="4", price="0.49"), order, a_live_market())
    assert (fill.price, fill.shares, fill.notional) == (Decimal("0.49"), Decimal(4), Decimal("1.96"))


@pytest.mark.parametrize(
    "change",
    [{"size": "4"}, {"size": None}, {"price": "half"}, {"match_time": "noon"}, {"maker_orders": [{}]}],
    ids=["its makers gave others", "no size", "no number", "no time", "a maker of nothing"],
)
def test_a_trade_of_ours_that_does_not_add_up_or_cannot_be_read_is_unsafe(change: Any, a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order()
    with pytest.raises(Unsafe, match="polymarket: trade trade-1 of order"):
        fills_of(a_trade(order, a_maker(order, "3", "0.5")) | change, order, a_live_market())


def test_the_recorded_trades_are_read_or_unsafe(recorded_answers: Path, a_live_order: Build, a_live_market: Build) -> None:
    """The recorded report is redacted: of a trade of 25 shares its makers gave 30."""
    report = json.loads((recorded_answers / "recorded" / "http_trade_report.json").read_text())
    page = json.loads((recorded_answers / "recorded" / "http_trades_page.json").read_text())["data"]
    order = a_live_order(token_id=report["asset_id"])
    with pytest.raises(Unsafe, match=r"is of 25\.0000 shares, its makers gave others"):
        fills_of(report, order, a_live_market())
    assert [(status_of(trade), fills_of(trade, order, a_live_market())[0].shares) for trade in page] == [("MINED", Decimal(10))]


@pytest.mark.parametrize(("text", "status"), [("CONFIRMED", "CONFIRMED"), ("TRADE_STATUS_FAILED", "FAILED"), ("mined", "MINED"), ("", "")])
def test_both_ways_of_writing_a_status_are_one(text: str, status: str) -> None:
    assert status_of({"status": text}) == status


class Telling(OfficialClient):
    """A client that needs no network: it tells of one order and its trades."""

    def __init__(self, known: dict[str, Any] | None, *trades: dict[str, Any]) -> None:
        super().__init__(Account("0x" + "1" * 40, "0x" + "1" * 40, 0), SecretStr("unused"), Places())
        self._known, self._trades = known, trades

    def order(self, order_hash: str) -> dict[str, Any] | None:
        return self._known

    def trades(self, token_id: str, after_s: int) -> Any:
        return iter(self._trades)


def told_by(client: Telling) -> PolymarketVenue:
    return PolymarketVenue(client.account, client, StartChecks(None), Decimal(5), lambda _: {})


def test_a_status_nobody_told_us_about_is_kept_counted_and_not_final(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order(order_hash="0x1")
    trade = a_trade(order, a_maker(order, "3", "0.5"), status="TRADE_STATUS_DREAMED")
    venue = told_by(Telling({"id": "0x1", "status": "MATCHED", "associate_trades": ["trade-1"]}, trade))
    market: Instrument = a_live_market()
    for times in (1, 2):
        answer = venue.find(order, market, order.created_at)
        assert answer is not None
        assert (answer.status, answer.fills, venue.unknown_words["DREAMED"]) == (OrderStatus.MATCHED, (), times)


def test_an_order_is_not_settled_before_every_trade_it_names_is_told(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order(order_hash="0x1")
    first = a_trade(order, a_maker(order, "3", "0.5"))
    known = {"id": "0x1", "status": "CANCELED", "associate_trades": ["trade-1", "trade-2"]}
    answer = told_by(Telling(known, first)).find(order, a_live_market(), order.created_at)
    assert answer is not None
    assert (answer.status, len(answer.fills)) == (OrderStatus.MATCHED, 1)  # what is confirmed is booked meanwhile
    second = a_trade(order, a_maker(order, "2", "0.5"), id="trade-2", status="FAILED")
    answer = told_by(Telling(known, first, second)).find(order, a_live_market(), order.created_at)
    assert answer is not None
    assert (answer.status, len(answer.fills)) == (OrderStatus.PARTIAL, 1)


def test_trades_of_other_orders_are_not_ours(a_live_order: Build, a_live_market: Build) -> None:
    order = a_live_order(order_hash="0x1")
    foreign = a_trade(replace(order, order_hash="0x2"), a_maker(order, "3", "0.5"))
    assert told_by(Telling(None, foreign)).find(order, a_live_market(), order.created_at) is None
