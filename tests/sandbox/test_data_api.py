"""The Data API v2 as our adapters will meet it."""

from collections import Counter
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.data_api import LAG_S
from sandbox.world import Snapshot, World

V2 = "/data/v2"


def seen(world: World, clock: Any) -> Snapshot:
    return world.at(clock() - LAG_S)


def walk(get: Any, path: str, between: Any = lambda: None, **params: Any) -> list[Any]:
    """All rows of a listing, page by page; `between` happens after each page."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(path, **params, **cursor)
        rows += page["data"]
        between()
        if not page["pagination"]["has_more"]:
            return rows
        cursor = {"cursor": page["pagination"]["next_cursor"]}


def busiest(get: Any) -> str:
    rows = get(f"{V2}/trades", limit=1000, taker_only="false")["data"]
    return str(Counter(row["proxy_wallet"] for row in rows).most_common(1)[0][0])


def open_condition(world: World, clock: Any) -> str:
    snapshot = seen(world, clock)
    open_now = [market for market in snapshot.markets() if market.open_at(clock())]
    return max(open_now, key=lambda market: len(snapshot.market_trades(market))).condition_id


def test_the_walk_gives_each_trade_once_and_in_order_while_new_ones_arrive(get: Any, world: World, clock: Any) -> None:
    expected = [trade for _, trade in seen(world, clock).trades()]

    def a_minute_passes() -> None:
        clock.now_s += 60

    rows = walk(get, f"{V2}/trades", a_minute_passes, limit=1000, taker_only="false")
    assert len(rows) == len(expected) > 5000
    assert [row["timestamp"] for row in rows] == sorted((row["timestamp"] for row in rows), reverse=True)
    assert [(row["proxy_wallet"], row["size"], row["price"]) for row in rows] == [
        (trade.wallet.address, trade.hundredths / 100, trade.price_millis / 1000) for trade in expected
    ]


def test_makers_show_only_when_asked_for(get: Any) -> None:
    takers, everybody = (get(f"{V2}/trades", limit=1000, **extra)["data"] for extra in ({}, {"taker_only": "false"}))
    assert {row["timestamp"] for row in takers} > {row["timestamp"] for row in everybody}, "two rows a fill reach half as far back"
    assert everybody[0]["transaction_hash"] == everybody[1]["transaction_hash"]
    assert everybody[0]["proxy_wallet"] != everybody[1]["proxy_wallet"]


def test_the_walk_back_to_a_watermark_finds_what_came_since(get: Any, clock: Any) -> None:
    newest = get(f"{V2}/trades", limit=1)["data"][0]
    clock.now_s += 30
    page = get(f"{V2}/trades", limit=200)["data"]
    assert 5 <= page.index(newest) <= 90


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"offset": 5}, "offset"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyJ0cmFkZXMiLCAieCJd"}, "cursor"),  # ["trades", "x"]
        ({"limit": 1001}, "limit"),
        ({"limit": 0}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"start": 1}, "start"),  # only with user
        ({"taker_only": "maybe"}, "taker_only"),
        ({"side": "HOLD"}, "side"),
        ({"condition": "0x12"}, "condition"),
        ({"user": "0x12"}, "user"),
        ({"event_id": 5}, "event_id"),  # a filter of the real venue that is not simulated
    ],
)
def test_a_bad_parameter_is_refused_by_name(client: TestClient, params: dict[str, Any], parameter: str) -> None:
    answer = client.get(f"{V2}/trades", params=params)
    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert (answer.json()["code"], answer.json()["retryable"]) == ("invalid_request", False)


def test_a_cursor_of_one_listing_does_not_open_another(get: Any, client: TestClient) -> None:
    cursor = get(f"{V2}/trades", limit=1)["pagination"]["next_cursor"]
    assert client.get(f"{V2}/activity", params={"user": busiest(get), "cursor": cursor}).status_code == 400


def test_filters_narrow_the_feed(get: Any, world: World, clock: Any) -> None:
    condition, user = open_condition(world, clock), busiest(get)
    everything = walk(get, f"{V2}/trades", limit=1000, taker_only="false")
    for params, wanted in [
        ({"condition": condition}, lambda row: row["condition_id"] == condition),
        ({"condition_id": f"{condition},{everything[-1]['condition_id']}"}, None),
        ({"user": user}, lambda row: row["proxy_wallet"] == user),
        ({"side": "SELL"}, lambda row: row["side"] == "SELL"),
        ({"filter_type": "CASH", "filter_amount": 500}, lambda row: row["size"] * row["price"] >= 500),
        ({"filter_amount": 1000}, lambda row: row["size"] >= 1000),
        ({"user": user, "start": everything[500]["timestamp"]}, None),
    ]:
        rows = walk(get, f"{V2}/trades", limit=100, taker_only="false", **params)
        if wanted:
            assert rows == [row for row in everything if wanted(row)]
        assert 0 < len(rows) < len(everything)


def test_holders_are_the_sum_over_the_trades_and_the_sets_made(get: Any, world: World, clock: Any) -> None:
    condition = open_condition(world, clock)
    held: Counter[tuple[str, str]] = Counter()
    for row in walk(get, f"{V2}/trades", condition=condition, taker_only="false", limit=1000):
        held[row["token_id"], row["proxy_wallet"]] += round(row["size"] * 100) * (1 if row["side"] == "BUY" else -1)
    tokens = {row["token_id"] for row in walk(get, f"{V2}/trades", condition=condition, taker_only="false", limit=1000)}
    for user in {wallet for _, wallet in held}:
        for row in walk(get, f"{V2}/activity", user=user, condition=condition, type="SPLIT"):
            held.update({(token, user): round(row["size"] * 100) for token in tokens})
    groups = get(f"{V2}/holders", condition=condition, include_pnl="true", limit=100)["data"]
    told = {(group["token_id"], row["proxy_wallet"]): round(row["amount"] * 100) for group in groups for row in group["holders"]}
    assert told == {key: hundredths for key, hundredths in held.items() if hundredths}
    for group in groups:
        amounts = [row["amount"] for row in group["holders"]]
        assert amounts == sorted(amounts, reverse=True)


def test_a_holders_cost_and_value_are_in_the_tokens_own_price(get: Any, world: World, clock: Any) -> None:
    groups = get(f"{V2}/holders", condition=open_condition(world, clock), include_pnl="true", limit=100)["data"]
    prices = [row["current_price"] for group in groups for row in group["holders"][:1]]
    assert sum(prices) == pytest.approx(1)
    for row in (row for group in groups for row in group["holders"]):
        assert row["current_value"] == pytest.approx(row["amount"] * row["current_price"])
        assert row["entry_cost_usdc"] == pytest.approx(row["amount"] * row["avg_price"], abs=0.01)
        assert row["unrealized_pnl"] == pytest.approx(row["current_value"] - row["entry_cost_usdc"], abs=1e-5)


def test_holders_with_profit_come_for_one_market_at_a_time_and_at_most_a_hundred(client: TestClient, world: World, clock: Any) -> None:
    first, second = [market.condition_id for market in seen(world, clock).markets()][:2]
    for params in ({"condition": f"{first},{second}"}, {"condition": first, "limit": 101}, {}):
        assert client.get(f"{V2}/holders", params={"include_pnl": "true", **params}).status_code == 400


def test_holders_walk_on_by_cursor(get: Any, world: World, clock: Any) -> None:
    condition = open_condition(world, clock)
    page = get(f"{V2}/holders", condition=condition, limit=1)
    assert page["pagination"]["has_more"]
    following = get(f"{V2}/holders", condition=condition, limit=1, cursor=page["pagination"]["next_cursor"])
    assert page["data"][0]["holders"] != following["data"][0]["holders"]


def test_positions_keep_their_identities(get: Any) -> None:
    rows = [row for status in ("OPEN", "CLOSED") for row in walk(get, f"{V2}/positions", user=busiest(get), status=status, limit=50)]
    assert {row["status"] for row in rows} == {"OPEN", "REDEEMABLE", "CLOSED"}
    for row in rows:
        assert row["total_cost_usdc"] == pytest.approx(row["entry_cost_usdc"] + row["entry_fees_usdc"])
        assert row["total_pnl"] == pytest.approx(row["realized_pnl"] + row["unrealized_pnl"])
        assert row["unrealized_pnl"] == pytest.approx(row["current_value"] - row["entry_cost_usdc"])
        assert row["current_value"] == pytest.approx(row["current_size"] * row["current_price"])
        assert (row["current_size"] == 0) == (row["status"] == "CLOSED")
        assert 0 < row["avg_price"] < 1, "also of a closed position"


def test_redeemable_does_not_mean_won(get: Any) -> None:
    rows = walk(get, f"{V2}/positions", user=busiest(get), status="REDEEMABLE", limit=1000)
    lost = walk(get, f"{V2}/positions", user=busiest(get), status="REDEEMABLE_LOST", limit=1000)
    assert {row["redeemable"] for row in rows} == {True}
    assert lost == [row for row in rows if row["current_price"] == 0] != []


def test_a_markets_positions_are_its_holders(get: Any, world: World, clock: Any) -> None:
    condition = open_condition(world, clock)
    positions = walk(get, f"{V2}/positions", condition=condition, filter_amount=0.01, limit=1000)
    groups = get(f"{V2}/holders", condition=condition)["data"]
    assert {(row["token_id"], row["proxy_wallet"]) for row in positions} >= {
        (group["token_id"], row["proxy_wallet"]) for group in groups for row in group["holders"]
    }


def test_positions_need_somebody_or_one_market(client: TestClient) -> None:
    assert client.get(f"{V2}/positions").status_code == 400
    assert client.get(f"{V2}/positions", params={"condition": "0x" + "1" * 64, "status": "MERGEABLE"}).status_code == 400


def test_activity_tells_trades_sets_and_redemptions_both_ways(get: Any) -> None:
    user = busiest(get)
    down = walk(get, f"{V2}/activity", user=user, limit=40)
    up = walk(get, f"{V2}/activity", user=user, limit=1000, sort_direction="ASC")
    assert down == up[::-1]
    assert {row["type"] for row in down} == {"TRADE", "SPLIT", "MERGE", "REDEEM"}
    assert {row["token_id"] for row in down if row["type"] != "TRADE"} == {""}
    trades = [row for row in down if row["type"] == "TRADE"]
    assert len(trades) == len(walk(get, f"{V2}/trades", user=user, taker_only="false", limit=1000))
    assert all(row["usdc_size"] == pytest.approx(row["size"] * row["price"], abs=1e-6) for row in trades)


def test_money_in_less_money_out_is_the_profit_of_the_markets_that_are_over(get: Any) -> None:
    """Of markets of which nothing is held: sales, merges and redemptions less purchases and splits, to the cent."""
    user = busiest(get)
    closed = walk(get, f"{V2}/positions", user=user, status="CLOSED", limit=1000)
    held = {row["condition_id"] for row in walk(get, f"{V2}/positions", user=user, filter_amount=0, limit=1000)}
    over = [row for row in closed if row["condition_id"] not in held]
    conditions = {row["condition_id"] for row in over}
    cash: Counter[str] = Counter()
    for row in walk(get, f"{V2}/activity", user=user, limit=1000):
        if row["condition_id"] in conditions:
            spent = row["type"] == "SPLIT" or row["side"] == "BUY"
            cash[row["type"]] += -row["usdc_size"] if spent else row["usdc_size"]
    assert cash.keys() == {"TRADE", "SPLIT", "MERGE", "REDEEM"}
    assert sum(cash.values()) == pytest.approx(sum(row["realized_pnl"] for row in over), abs=0.01)


def test_somebody_unknown_has_done_nothing(get: Any) -> None:
    stranger = "0x" + "0" * 40
    for path in ("trades", "activity", "positions"):
        assert get(f"{V2}/{path}", user=stranger)["data"] == []


def test_the_status_admits_the_lag(get: Any, clock: Any) -> None:
    told = get(f"{V2}/status")["data"]
    assert told["serving"]["lag_seconds"] == 3
    newest = get(f"{V2}/trades", limit=1)["data"][0]
    assert newest["timestamp"] <= clock() - 3


def test_a_resolution_names_its_payouts_once_it_is_known(get: Any, world: World, clock: Any) -> None:
    markets = list(seen(world, clock).markets())
    resolved = next(market for market in markets if market.resolved_at(clock() - LAG_S))
    rows = get(f"{V2}/resolutions", condition=f"{resolved.condition_id},{open_condition(world, clock)}")["data"]
    assert [row["status"] for row in rows] == ["resolved", "initialized"]
    assert sorted(rows[0]["payouts"]) == [0, 1_000_000]
    assert rows[1]["payouts"] is None
