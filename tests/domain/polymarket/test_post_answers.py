"""What the answer to a posted order means: only a plain yes is a yes, and only a plain no is a no."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Reason
from domain.polymarket.post_answers import Meaning, answer_of

THEIR_WORDS = {
    Meaning.TAKEN: "answer",
    Meaning.RESTS: "answer",
    Meaning.KILLED: "answer",
    Meaning.REFUSED: "rejected",
    Meaning.NOT_NOW: "rejected",
    Meaning.UNKNOWN: "unknown",
}
YES = {"success": True, "errorMsg": "", "orderID": "0xabc", "status": "matched", "takingAmount": "10", "makingAmount": "5"}
NOBODY = "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."


@pytest.fixture(scope="module")
def oracles() -> Path:
    if "WALLETFLOW_ORACLES" not in os.environ:
        pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory with polymarket/ in it")
    return Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket"


def test_every_answer_means_what_pmwallets_says(oracles: Path) -> None:
    cases = json.loads((oracles / "pmwallets" / "post-classification.json").read_text())["cases"]
    assert len(cases) == 9
    for case in cases:
        assert THEIR_WORDS[answer_of(case["http"], case["body"]).meaning] == case["expect"], case["name"]


def test_every_answer_of_the_unified_clients_tests_means_what_it_says(oracles: Path) -> None:
    rows = json.loads((oracles / "official_test_vectors.json").read_text())["order_response"]["rows"]
    means = [answer_of(200, row["in"]) for row in rows]
    assert [answer.meaning for answer in means] == [Meaning.RESTS, Meaning.TAKEN, Meaning.NOT_NOW]
    assert [row["ok"] for row in rows] == [True, True, False]


def test_the_recorded_answers_are_read_or_asked_for(oracles: Path) -> None:
    """The recorded yes is of the first version: without a status nobody knows whether it rests or is filled."""
    recorded = {name: json.loads((oracles / "recorded" / f"http_order_response_{name}.json").read_text()) for name in ("ok", "failed")}
    assert answer_of(200, recorded["ok"]).meaning is Meaning.UNKNOWN
    assert answer_of(200, recorded["failed"]).meaning is Meaning.REFUSED
    assert answer_of(500, json.loads((oracles / "recorded" / "http_order_response_error_500.json").read_text())).meaning is Meaning.UNKNOWN


@pytest.mark.parametrize(
    ("http", "body", "meaning", "reason"),
    [
        (200, YES, Meaning.TAKEN, None),
        (200, YES | {"status": "delayed"}, Meaning.TAKEN, None),
        (200, YES | {"status": "live"}, Meaning.RESTS, None),
        (200, YES | {"status": "new word"}, Meaning.UNKNOWN, None),
        (200, YES | {"status": "unmatched", "success": False}, Meaning.KILLED, Reason.VENUE_NO_MATCH),
        (200, YES | {"orderID": ""}, Meaning.UNKNOWN, None),
        (200, YES | {"success": False}, Meaning.UNKNOWN, None),
        (200, YES | {"orderID": "", "errorMsg": "invalid tick size"}, Meaning.REFUSED, Reason.VENUE_INVALID_ORDER),
        (400, {"error": NOBODY}, Meaning.KILLED, Reason.VENUE_NO_MATCH),
        (400, {"error": "not enough balance / allowance"}, Meaning.REFUSED, Reason.VENUE_NO_BALANCE),
        (400, {"error": "the market is not yet ready to process new orders"}, Meaning.REFUSED, Reason.VENUE_MARKET_NOT_READY),
        (400, {"error": "the market is closed"}, Meaning.REFUSED, Reason.VENUE_REFUSED),
        (400, {"error": "order 0xabc is invalid. Duplicated."}, Meaning.UNKNOWN, None),
        (425, None, Meaning.NOT_NOW, Reason.VENUE_UNAVAILABLE),
        (429, None, Meaning.NOT_NOW, Reason.VENUE_UNAVAILABLE),
        (503, {"error": "Trading is currently cancel-only"}, Meaning.NOT_NOW, Reason.VENUE_UNAVAILABLE),
        (503, {"error": "upstream connect error"}, Meaning.UNKNOWN, None),
        (200, "OK", Meaning.UNKNOWN, None),
        (200, [], Meaning.UNKNOWN, None),
        (None, YES, Meaning.UNKNOWN, None),
    ],
)
def test_an_answer_means_one_thing(http: int | None, body: Any, meaning: Meaning, reason: Reason | None) -> None:
    answer = answer_of(http, body)
    assert (answer.meaning, answer.reason) == (meaning, reason)
