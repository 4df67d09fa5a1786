"""Asking again: what may be, what may not, how often, and what is said in the end."""

import json
from typing import Any

import pytest
import tenacity.nap

from adapters.feeds.json_api import JsonApi
from data_contracts.errors import Refused, Unavailable

OK = (200, {}, b'{"answer": 42}')


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each wait would have been; nobody waits."""
    waits: list[float] = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", lambda seconds: seconds and waits.append(seconds))
    return waits


def replies(*scripted: Any) -> Any:
    """One after the other; the last one again and again."""
    left = list(scripted)
    return lambda path, asked: left.pop(0) if len(left) > 1 else left[0]


def test_an_answer_is_its_json(serve: Any) -> None:
    with serve(lambda path, asked: (200, {}, json.dumps({"path": path, "query": asked}).encode())) as (url, _):
        assert JsonApi(url + "/").get("/a", {"b": 1, "c": ["x", "y"]}) == {"path": "/a", "query": {"b": ["1"], "c": ["x", "y"]}}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 524])
def test_what_may_pass_is_asked_again(serve: Any, slept: list[float], status: int) -> None:
    with serve(replies((status, {}, b"busy"), OK)) as (url, asked):
        assert JsonApi(url).get("/a") == {"answer": 42}
    assert len(asked) == 2
    assert len(slept) == 1


@pytest.mark.parametrize(("status", "retry_after"), [(429, "3"), (503, "7.5")])
def test_a_service_that_says_when_to_come_back_is_believed(serve: Any, slept: list[float], status: int, retry_after: str) -> None:
    with serve(replies((status, {"Retry-After": retry_after}, b""), OK)) as (url, _):
        assert JsonApi(url).get("/a") == {"answer": 42}
    assert sum(slept) == pytest.approx(float(retry_after), abs=0.2)


def test_a_service_that_wants_an_hour_is_left_alone_for_it(serve: Any, slept: list[float]) -> None:
    """Asked every eight seconds, it would never come to rest: it says 3,600 s, and the next call does not even leave."""
    with serve(replies((429, {"Retry-After": "3600"}, b""), OK)) as (url, asked):
        api = JsonApi(url)
        for _ in range(2):
            with pytest.raises(Unavailable, match=r"no slot within the rate limit for 3\d\d\d s"):
                api.get("/a")
        assert len(asked) == 1


@pytest.mark.parametrize("retry_after", ["31536000", "9" * 400])
def test_a_service_that_wants_a_year_is_asked_again_after_an_hour(serve: Any, slept: list[float], retry_after: str) -> None:
    """One such answer kept trades, books and exits away for a year, and past every restart: the count is in Postgres."""
    with (
        serve(replies((429, {"Retry-After": retry_after}, b""), OK)) as (url, _),
        pytest.raises(Unavailable, match=r"no slot within the rate limit for 3\d\d\d s"),
    ):
        JsonApi(url).get("/a")


@pytest.mark.parametrize("retry_after", ["\xb2", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-1", ".", ""])
def test_what_is_no_number_of_seconds_is_waited_for_as_usual(serve: Any, slept: list[float], retry_after: str) -> None:
    """The first wait is 0.2 s and up to a second of chance."""
    with serve(replies((429, {"Retry-After": retry_after}, b""), OK)) as (url, _):
        assert JsonApi(url).get("/a") == {"answer": 42}
    assert 0.2 <= slept[0] <= 1.2


def test_a_connection_that_is_cut_is_asked_again(serve: Any, slept: list[float]) -> None:
    with serve(replies(None, OK)) as (url, asked):
        assert JsonApi(url).get("/a") == {"answer": 42}
    assert len(asked) == 2


def test_after_four_tries_it_is_unavailable_and_the_message_has_the_last_answer(serve: Any, slept: list[float]) -> None:
    with serve(replies((503, {}, b"maintenance until noon"))) as (url, asked):
        with pytest.raises(Unavailable, match=r"/v2/trades: 503 maintenance until noon"):
            JsonApi(url).get("/v2/trades")
        assert len(asked) == 4


def test_nobody_there_is_unavailable_and_says_where(slept: list[float]) -> None:
    with pytest.raises(Unavailable, match=r"http://127\.0\.0\.1:1/a: .*refused"):
        JsonApi("http://127.0.0.1:1").get("/a")
    assert len(slept) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 302])
def test_a_no_is_refused_at_once_and_says_why(serve: Any, slept: list[float], status: int) -> None:
    with serve(replies((status, {}, b'{"error": "offset is not supported"}'))) as (url, asked):
        with pytest.raises(Refused, match=f"{status} .*offset is not supported"):
            JsonApi(url).get("/a")
        assert len(asked) == 1
    assert slept == []


@pytest.mark.parametrize("body", [b"<html>Just a moment...</html>", b'{"data": [1, 2', b"", b"\xff\xfe\x00"])
def test_an_answer_that_is_no_json_is_unavailable_and_shown(serve: Any, slept: list[float], body: bytes) -> None:
    """It was a JSONDecodeError, which nobody tries again and no message explains."""
    with serve(replies((200, {}, body))) as (url, asked):
        with pytest.raises(Unavailable, match="/a: not JSON: "):
            JsonApi(url).get("/a")
        assert len(asked) == 4


def test_half_an_answer_is_asked_for_again(serve: Any, slept: list[float]) -> None:
    with serve(replies((200, {}, b'{"answer": 4'), OK)) as (url, _):
        assert JsonApi(url).get("/a") == {"answer": 42}


def test_an_encoding_that_does_not_decode_is_unavailable(serve: Any, slept: list[float]) -> None:
    with serve(replies((200, {"Content-Encoding": "gzip"}, b"not gzip"))) as (url, _), pytest.raises(Unavailable, match="/a: "):
        JsonApi(url).get("/a")


@pytest.mark.parametrize(
    ("path", "cursor"), [("/a", "\ud83d"), ("/a/\ud83d", "b"), ("/a\nb", "c"), ("/a", "1" * 100_000)], ids=["half", "path", "line", "long"]
)
def test_what_no_address_can_hold_is_refused(serve: Any, slept: list[float], path: str, cursor: str) -> None:
    """A venue's next cursor was half of a surrogate pair, and its UnicodeEncodeError ended the cycle."""
    with serve(replies(OK)) as (url, asked), pytest.raises(Refused, match="cannot be asked"):
        JsonApi(url).get(path, {"cursor": cursor})
    assert (asked, slept) == ([], [])


def test_it_does_not_call_itself_a_library() -> None:
    """The venue's front door answers 403 to names like Python-urllib."""
    assert JsonApi("http://127.0.0.1:1")._client.headers["User-Agent"].startswith("Mozilla/5.0")
