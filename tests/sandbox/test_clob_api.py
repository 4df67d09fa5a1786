"""The CLOB's public reads."""

from typing import Any

from starlette.testclient import TestClient

from sandbox.markets import Market
from sandbox.world import World


def an_open_market(world: World, clock: Any) -> Market:
    return next(market for market in world.at(clock()).markets() if market.open_at(clock()))


def test_the_best_prices_come_last(get: Any, world: World, clock: Any) -> None:
    market = an_open_market(world, clock)
    book = get("/clob/book", token_id=market.token_ids[0])
    bids, asks = ([float(level["price"]) for level in book[side]] for side in ("bids", "asks"))
    assert bids == sorted(bids)
    assert asks == sorted(asks, reverse=True)
    assert bids[-1] < asks[-1]
    assert get("/clob/price", token_id=market.token_ids[0], side="BUY")["price"] == book["bids"][-1]["price"]
    assert get("/clob/price", token_id=market.token_ids[0], side="SELL")["price"] == book["asks"][-1]["price"]
    assert float(get("/clob/midpoint", token_id=market.token_ids[0])["mid"]) * 2 == round(bids[-1] + asks[-1], 4)


def test_books_leaves_out_what_has_no_book(client: TestClient, world: World, clock: Any) -> None:
    market = an_open_market(world, clock)
    past = next(market for market in world.at(clock()).markets() if market.closes_s < clock())
    tokens = [*market.token_ids, past.token_ids[0], "12345"]
    books = client.post("/clob/books", json=[{"token_id": token} for token in tokens]).json()
    assert {book["asset_id"] for book in books} == set(market.token_ids)


def test_a_closed_market_has_no_book(client: TestClient, world: World, clock: Any) -> None:
    past = next(market for market in world.at(clock()).markets() if market.closes_s < clock())
    for path in ("book", "midpoint", "price", "spread"):
        answer = client.get(f"/clob/{path}", params={"token_id": past.token_ids[0], "side": "BUY"})
        assert answer.status_code == 404
        assert answer.json() == {"error": "No orderbook exists for the requested token id"}


def test_more_than_500_books_or_no_list_are_refused(client: TestClient) -> None:
    assert client.post("/clob/books", json=[{"token_id": "1"}] * 501).status_code == 400
    assert client.post("/clob/books", content=b"tokens, please").status_code == 400
    assert client.post("/clob/books", json=[{"token_id": "1"}] * 500).json() == []


def test_a_markets_terms_name_the_fee_that_is_charged(get: Any, world: World, clock: Any) -> None:
    market = an_open_market(world, clock)
    assert get(f"/clob/clob-markets/{market.condition_id}")["fd"] == {"r": market.category.fee_rate, "e": 1, "to": True}


def test_the_winner_shows_when_it_is_known(get: Any, world: World, clock: Any) -> None:
    market = an_open_market(world, clock)
    for clock.now_s, winners in ((market.resolves_s - 1, 0), (market.resolves_s + 1, 1)):
        assert sum(token["winner"] for token in get(f"/clob/markets/{market.condition_id}")["tokens"]) == winners


def test_the_clock_is_the_worlds(get: Any, clock: Any) -> None:
    assert get("/clob/time") == int(clock())
