"""polymarket-client's streams, unmodified, on the exchange's websockets."""

import asyncio
from collections.abc import Callable
from importlib.metadata import requires, version
from typing import Any

import httpx
from packaging.requirements import Requirement
from polymarket import AsyncSecureClient
from polymarket.streams import MarketSpec, UserSpec

from tests.sandbox.exchange.conftest import PUBLIC_KEYS, Served, address_of, environment

KEY = PUBLIC_KEYS[0]


async def until(handle: Any, enough: Callable[[list[Any]], bool]) -> list[Any]:
    seen: list[Any] = []
    async with asyncio.timeout(5):
        async for event in handle:
            seen.append(event)
            if enough(seen):
                return seen
    return seen


async def trade(served: Served) -> tuple[list[Any], list[Any], Any]:
    """Buys, and what both channels said about it."""
    token_id = served.market().token_ids[0]
    client = await AsyncSecureClient.create(private_key=KEY, wallet=address_of(KEY), environment=environment(served.url))
    async with client:
        mine, books = (
            await client.subscribe(UserSpec()),
            await client.subscribe(MarketSpec(token_ids=[token_id], custom_feature_enabled=True)),
        )
        book = (await until(books, lambda seen: seen[-1].type == "book"))[0]
        assert book.payload.token_id == token_id
        ask = min(level.price for level in book.payload.asks)
        bought = await client.place_market_order(token_id=token_id, side="BUY", amount=10, max_price=ask)
        await asyncio.sleep(0.1)  # the frame with the keys is read before the clock moves on
        served.control("/clock", {"advance_s": 0.25})
        served.control("/clock", {"advance_s": 0.25})
        told = await until(mine, lambda seen: getattr(seen[-1].payload, "status", "") == "CONFIRMED")
        changed = await until(books, lambda seen: {"last_trade_price", "price_change"} <= {event.type for event in seen})
        return told, changed, bought


def test_a_buyer_is_told_of_its_order_and_of_each_step_of_its_trade_and_readers_of_the_book(served: Served) -> None:
    served.fund(address_of(KEY))
    served.control("/settlement", {"mined_s": 0.2, "confirmed_s": 0.2})
    told, changed, bought = asyncio.run(trade(served))
    assert [event.payload.status for event in told if event.type == "trade"] == ["MATCHED", "MINED", "CONFIRMED"]
    orders = [event.payload for event in told if event.type == "order"]
    assert [order.order_event_type for order in orders][:2] == ["PLACEMENT", "UPDATE"]
    assert {order.id for order in orders} == {bought.order_id}
    assert orders[-1].size_matched == bought.taking_amount
    trade_of = next(event.payload for event in told if event.type == "trade")
    assert trade_of.id == bought.trade_ids[0]
    assert next(event.payload for event in changed if event.type == "last_trade_price").size == bought.taking_amount


def test_they_run_on_a_websockets_that_polymarket_client_does_not_declare() -> None:
    """solana 0.41 needs websockets 16, polymarket-client declares less: pyproject overrides it. Fails when the override can go."""
    declared = next(need for need in map(Requirement, requires("polymarket-client") or []) if need.name == "websockets")
    assert version("websockets").startswith("16.")
    assert version("websockets") not in declared.specifier


async def book_after_a_drop(served: Served) -> tuple[Any, Any]:
    """The book of one token as first heard, and as heard again after the venue closed every socket."""
    client = await AsyncSecureClient.create(private_key=KEY, wallet=address_of(KEY), environment=environment(served.url))
    async with client:
        books = await client.subscribe(MarketSpec(token_ids=[served.market().token_ids[0]]))
        first = (await until(books, lambda seen: seen[-1].type == "book"))[-1]
        async with httpx.AsyncClient() as control:
            (await control.delete(f"{served.url}/control/sockets")).raise_for_status()
        return first, (await until(books, lambda seen: seen[-1].type == "book"))[-1]


def test_a_stream_that_the_venue_closed_comes_back_by_itself(served: Served) -> None:
    """It looks at the state of its socket and at the code it was closed with: both come from websockets."""
    first, again = asyncio.run(book_after_a_drop(served))
    assert (again.payload.token_id, again.payload.bids) == (first.payload.token_id, first.payload.bids)
