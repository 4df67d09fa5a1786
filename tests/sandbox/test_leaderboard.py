"""The boards: in the shape the official client reads, ordered, in pages, and true."""

from collections.abc import Callable
from typing import Any

import pytest
from polymarket.models.data.leaderboard import TraderLeaderboardEntry, TraderLeaderboardStanding

from sandbox.positions import wallet_positions
from sandbox.world import World

BOARD = "/data/v2/leaderboard"
Get = Callable[..., Any]


def test_the_official_clients_model_reads_a_board(get: Get) -> None:
    entries = TraderLeaderboardEntry.parse_response_list(get(BOARD, time_period="all", limit=1000)["data"])
    assert [entry.rank for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.pnl for entry in entries] == sorted((entry.pnl for entry in entries), reverse=True)
    assert len(entries) > 40


def test_a_standing_has_both_ranks(get: Get) -> None:
    by_pnl = get(BOARD, time_period="all", limit=3)["data"]
    by_volume = [row["user_id"] for row in get(BOARD, time_period="all", limit=1000, sort_by="VOLUME")["data"]]
    standing = TraderLeaderboardStanding.parse_response(get(BOARD, time_period="all", user=by_pnl[2]["user_id"])["data"])
    assert (standing.pnl_rank, standing.volume_rank) == (3, by_volume.index(by_pnl[2]["user_id"]) + 1)


def test_pages_follow_each_other(get: Get) -> None:
    whole = get(BOARD, time_period="all", limit=1000)["data"]
    first = get(BOARD, time_period="all", limit=7)
    second = get(BOARD, time_period="all", limit=7, cursor=first["pagination"]["next_cursor"])
    assert first["data"] + second["data"] == whole[:14]


def test_pnl_is_what_the_positions_realized(get: Get, world: World) -> None:
    row = get(BOARD, time_period="all", limit=1)["data"][0]
    snapshot = world.at(world.origin.timestamp() - 3)
    wallet = world.wallets[row["user_id"]]
    positions = wallet_positions(snapshot.wallet_trades(wallet), snapshot.now_s)
    assert row["pnl"] == pytest.approx(sum(position.realized_pnl for position in positions))


def test_a_category_and_a_day_are_parts_of_the_whole(get: Get) -> None:
    def shares(**params: Any) -> float:
        return sum(float(row["volume"]) for row in get(BOARD, limit=1000, **params)["data"])

    whole, categories = shares(time_period="all"), ("politics", "sports", "crypto", "economics", "culture")
    assert 0 < shares(time_period="day") < whole
    assert sum(shares(time_period="all", category=name) for name in categories) == pytest.approx(whole)


@pytest.mark.parametrize("params", [{"time_period": "year"}, {"sort_by": "LUCK"}, {"cursor": "nonsense"}])
def test_what_it_does_not_understand_is_refused(client: Any, params: dict[str, str]) -> None:
    assert client.get(BOARD, params=params).status_code == 400
