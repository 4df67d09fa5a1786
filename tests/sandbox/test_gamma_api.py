"""Gamma as our adapters will meet it."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.world import World

MARKETS, EVENTS = "/gamma/markets/keyset", "/gamma/events/keyset"


def walk(get: Any, path: str, items: str, **params: Any) -> list[Any]:
    page = get(path, **params)
    rows = list(page[items])
    while "next_cursor" in page:
        page = get(path, **params, after_cursor=page["next_cursor"])
        rows += page[items]
    return rows


def test_the_walk_gives_every_market_once(get: Any, world: World, clock: Any) -> None:
    rows = [row for closed in ("false", "true") for row in walk(get, MARKETS, "markets", closed=closed, limit=37)]
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids)) == world.at(clock()).market_count


def test_a_resolved_market_has_exactly_one_winner(get: Any) -> None:
    for row in walk(get, MARKETS, "markets", closed="true", limit=100):
        assert row["outcomePrices"] in ('["1", "0"]', '["0", "1"]')
        assert (row["closed"], row["acceptingOrders"], row["umaResolutionStatus"]) == (True, False, "resolved")


def test_an_open_market_is_priced_between_and_its_prices_make_a_dollar(get: Any) -> None:
    for row in walk(get, MARKETS, "markets", limit=100):
        prices = [float(price) for price in json.loads(row["outcomePrices"])]
        assert abs(sum(prices) - 1) < 1e-9
        assert not row["closed"]
        assert all(0 < price < 1 for price in prices)


def test_a_market_that_stopped_trading_is_proposed_before_it_is_resolved(get: Any, world: World, clock: Any) -> None:
    market = next(market for market in world.at(clock()).markets() if market.open_at(clock()))
    told = []
    for clock.now_s in (market.closes_s - 1, market.closes_s + 1, market.resolves_s + 1):
        rows = [get(MARKETS, condition_ids=market.condition_id, closed=closed)["markets"] for closed in ("false", "true")]
        row = (rows[0] or rows[1])[0]
        told.append((row["closed"], row["acceptingOrders"], row.get("umaResolutionStatus")))
    assert told == [(False, True, None), (False, False, "proposed"), (True, False, "resolved")]


def test_a_closed_market_hides_unless_asked_for_even_by_id(get: Any) -> None:
    """The real Gamma's trap: by id, `closed` still defaults to false."""
    row = get(MARKETS, closed="true", limit=1)["markets"][0]
    assert get(MARKETS, condition_ids=row["conditionId"])["markets"] == []
    assert len(get(MARKETS, condition_ids=row["conditionId"], closed="true")["markets"]) == 1


def test_ids_may_be_repeated(client: TestClient, get: Any) -> None:
    rows = get(MARKETS, limit=3)["markets"]
    tokens = [json.loads(row["clobTokenIds"])[1] for row in rows]
    for name, ids in (("condition_ids", [row["conditionId"] for row in rows]), ("clob_token_ids", tokens)):
        found = client.get(MARKETS, params=[(name, one) for one in ids]).json()["markets"]
        assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert get(MARKETS, slug=rows[1]["slug"])["markets"][0]["id"] == rows[1]["id"]


def test_token_ids_have_77_digits_and_conditions_64_hex(get: Any) -> None:
    for row in get(MARKETS, limit=100)["markets"]:
        assert all(len(token) == 77 and token.isdecimal() for token in json.loads(row["clobTokenIds"]))
        assert len(row["conditionId"]) == 66
        assert row["version"] == "v1"


def test_tags_come_only_when_asked_for_and_name_the_category(get: Any) -> None:
    assert "tags" not in get(MARKETS, limit=1)["markets"][0]
    labels = {tag["label"] for tag in get("/gamma/tags")}
    for row in get(MARKETS, limit=100, include_tag="true")["markets"]:
        assert row["tags"][0]["label"] in labels
        assert row["feeSchedule"]["takerOnly"] is True


def test_an_event_lists_all_its_markets(get: Any) -> None:
    events = walk(get, EVENTS, "events", closed="true", limit=100)
    assert {len(event["markets"]) for event in events} >= {1, 3}
    for event in events:
        assert all(market["negRisk"] == event["negRisk"] for market in event["markets"])


@pytest.mark.parametrize("params", [{"offset": 10}, {"after_cursor": "x"}, {"limit": 101}, {"order": "volume"}])
def test_what_cannot_be_answered_is_refused(client: TestClient, params: dict[str, Any]) -> None:
    assert client.get(MARKETS, params=params).status_code == 422
