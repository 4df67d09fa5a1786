"""Boards as the wire tells them: pages, repeats, rows without a wallet, and the names older answers use."""

from typing import Any, cast

import pytest

from adapters.feeds.json_api import JsonApi
from adapters.feeds.polymarket.leaderboard import COLUMNS, Leaderboard

A, B, C = ("0x" + letter * 40 for letter in "abc")


class Pages:
    """Answers page by page; remembers what it was asked."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self.pages, self.asked = pages, list[dict[str, Any]]()

    def get(self, path: str, parameters: dict[str, Any], parts: object) -> Any:
        self.asked.append(dict(parameters))
        number = len(self.asked)
        more = number < len(self.pages)
        return {"data": self.pages[number - 1], "pagination": {"has_more": more, "next_cursor": f"after {number}" if more else None}}


def board(pages: Pages, count: int) -> list[tuple[Any, ...]]:
    return Leaderboard(cast(JsonApi, pages)).best("month", count).rows()


def row(rank: int, wallet: str | None, name: str = "user_id") -> dict[str, Any]:
    return {"rank": rank, name: wallet, "pnl": 10.5, "volume": 7, "user_name": "x", "verified": False}


def test_a_board_is_read_page_by_page_with_its_filters_on_each() -> None:
    pages = Pages([row(1, A)], [row(2, B)])
    assert [(rank, wallet) for rank, wallet, *_ in board(pages, 5)] == [(1, A), (2, B)]
    assert [asked.get("cursor") for asked in pages.asked] == [None, "after 1"]
    assert {(asked["time_period"], asked["sort_by"], asked["category"]) for asked in pages.asked} == {("month", "PNL", "overall")}


def test_no_page_is_asked_for_once_there_are_enough() -> None:
    pages = Pages([row(1, A), row(2, B)], [row(3, C)])
    assert len(board(pages, 2)) == 2
    assert len(pages.asked) == 1


def test_a_board_that_goes_on_without_a_row_is_over() -> None:
    """Empty page after empty page, each with a cursor to the next, was asked for without end."""
    pages = Pages([row(1, A)], *[list[dict[str, Any]]()] * 9)
    assert len(board(pages, 5)) == 1
    assert len(pages.asked) == 2


def test_a_wallet_that_moved_during_the_walk_is_there_once() -> None:
    assert [wallet for _, wallet, *_ in board(Pages([row(1, A)], [row(2, A), row(3, B)]), 5)] == [A, B]


@pytest.mark.parametrize("name", ["user_id", "proxy_wallet", "proxyWallet"])
def test_a_wallet_is_found_under_each_name_it_had_and_written_small(name: str) -> None:
    assert board(Pages([row(1, A.upper().replace("0X", "0x"), name)]), 1) == [(1, A, 10.5, 7.0)]


def test_a_row_without_a_wallet_is_nobody_and_a_board_without_rows_is_empty() -> None:
    assert board(Pages([row(1, None)]), 1) == []
    assert Leaderboard(cast(JsonApi, Pages([]))).best("day", 1).schema == COLUMNS
