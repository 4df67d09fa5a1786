"""The inbox's description of itself is true, and whatever is posted by it or against it has an answer that it names.

`make fuzz` posts many more, made of such bodies (`tests/fuzz`).
"""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from adapters.inbox.app import Limits, description_of, make_app
from adapters.inbox.senders import Secret
from adapters.stores.memory import MemoryResults
from data_contracts import Delivery, Quarantined, TradeIntent
from data_contracts.frames import frame_of
from tasks.fast_check import breaches
from tests.adapters.inbox.schema_values import allowed, bodies, torn

EXAMPLES, MUTANTS = 25, 10
EACH = 10  # bodies drawn in an example: to draw one takes longer than to answer ten
UNBOUND = Limits(per_s=1e9, at_once=1e9)
DESCRIPTION = description_of(make_app(MemoryResults(), Secret("s"), Secret("w", bare=True)))
PARTS = DESCRIPTION["components"]["schemas"]
DOORS = {"/intents": (b"Bearer s", TradeIntent), "/webhooks/helius": (b"w", Delivery)}
many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


def allowed_at(path: str) -> st.SearchStrategy[Any]:
    return allowed(DESCRIPTION["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"], PARTS)


ALLOWED = {path: allowed_at(path) for path in DOORS}  # once: to make them anew takes longer than to draw from them


class Caller:
    """Posts without a socket, all at once: what is stored together is waited for together."""

    def __init__(self) -> None:
        self.store = MemoryResults()
        self.app = make_app(self.store, Secret("s"), Secret("w", bare=True), limits=UNBOUND)

    def post(self, path: str, posted: list[bytes]) -> list[tuple[int, Any]]:
        async def all_of_them() -> list[tuple[int, Any]]:
            async with self.app.router.lifespan_context(self.app):
                return await asyncio.gather(*(self._one(path, body) for body in posted))

        return asyncio.run(all_of_them())

    async def _one(self, path: str, body: bytes) -> tuple[int, Any]:
        headers = [(b"host", b"x"), (b"authorization", DOORS[path][0]), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"", "client": ("127.0.0.1", 1)}
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        await self.app({**scope, "asgi": {"version": "3.0"}, "http_version": "1.1", "root_path": "", "scheme": "http"}, receive, send)
        return said[0]["status"], json.loads(b"".join(message.get("body", b"") for message in said[1:]))


def insist_on_described(path: str, answers: list[tuple[int, Any]]) -> None:
    """A status that is named there, and the fields it names. No 5xx: the store is there."""
    responses = DESCRIPTION["paths"][path]["post"]["responses"]
    for status, answer in answers:
        assert str(status) in responses
        assert status < 500
        name = responses[str(status)]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert set(PARTS[name].get("required", ())) <= set(answer) <= set(PARTS[name]["properties"])


@pytest.mark.parametrize("path", DOORS)
@given(data=st.data())
@many
def test_whatever_is_posted_has_an_answer_that_is_described_and_nothing_is_stored_that_breaks_its_contract(
    path: str, data: st.DataObject
) -> None:
    caller = Caller()
    row_class: type = DOORS[path][1]
    drawn = [data.draw(bodies(ALLOWED[path])) for _ in range(EACH)]
    random = Random(data.draw(st.integers(0, 2**32)))
    answers = caller.post(path, [*drawn, *(torn(body, random) for body in drawn for _ in range(MUTANTS))])
    insist_on_described(path, answers)
    rows = caller.store.rows(row_class)
    told = sum(status == 202 for status, _ in answers) if path == "/intents" else sum(a["stored"] for s, a in answers if s == 200)
    assert len(rows) == told
    assert not list(breaches(frame_of(rows, row_class), row_class))
    aside = caller.store.rows(Quarantined)
    assert bool(aside) == any(status == 422 or (status == 200 and answer["set_aside"]) for status, answer in answers)
    assert not list(breaches(frame_of(aside, Quarantined), Quarantined))


def sound(values: list[Any]) -> Iterator[Any]:
    """Of what the schema allows, what its words ask besides: a time of now, one size of the right side, a limit that can be traded."""
    now = datetime.now(UTC).isoformat()
    for number, value in enumerate(values):
        size, other = ("size_usdc", "size_tokens") if value["side"] == "BUY" else ("size_tokens", "size_usdc")
        changed = {"intent_id": f"i{number}", "timestamp": now, "source_trader": "0x" + "a" * 40, "market_id": "m", "outcome": "YES"}
        kept = {key: one for key, one in value.items() if key not in (other, "price_limit", "metadata")}
        yield kept | changed | {size: value.get(size) or 5}


@given(data=st.data())
@many
def test_what_is_posted_by_its_words_is_stored(data: st.DataObject) -> None:
    values = list(sound([data.draw(ALLOWED["/intents"]) for _ in range(EACH)]))
    caller = Caller()
    answers = caller.post("/intents", [json.dumps(value).encode() for value in values])
    too_small = [value for value in values if (value.get("size_usdc") or 1) < 1e-9 or (value.get("size_tokens") or 1) < 1e-18]
    assert sum(status == 202 for status, _ in answers) == len(values) - len(too_small)


def test_what_asks_for_a_secret_says_so() -> None:
    for path, post in DESCRIPTION["paths"].items():
        for method, door in post.items():
            assert bool(door.get("security")) == (method == "post"), path
    assert set(DESCRIPTION["components"]["securitySchemes"]) == {"sender", "webhook"}
