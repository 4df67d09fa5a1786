"""Bodies and heads of requests, made by the inbox's own description of itself and against it, posted without a socket.

Each answer has a status and fields that the description names, and no 5xx unless the store is away. What is stored is what was accepted,
and keeps its contract.
"""

import asyncio
import json
import os
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from starlette.types import Message

from adapters.inbox import group_commit
from adapters.inbox.app import Limits, description_of, make_app
from adapters.inbox.senders import Secret
from adapters.stores.memory import MemoryResults
from data_contracts import Delivery, Quarantined, TradeIntent
from data_contracts.errors import Unavailable
from tests.adapters.inbox.schema_values import allowed
from tests.fuzz.contracts import insist_on_contract
from tests.fuzz.mutations import changed, written
from tests.fuzz.trials import Target

CHUNK = 1_000 if "FUZZ_INPUTS" in os.environ else 200  # to make an application takes as long as to answer a hundred
POOL = {"/intents": 200, "/webhooks/helius": 40}  # values that hypothesis draws by the description; what is posted is made of them
SMALL_POOL = 12  # in the suite
INPUTS = int(os.environ.get("FUZZ_INPUTS", "0"))
UNBOUND = Limits(per_s=1e9, at_once=1e9, strangers_per_s=1e9)
DOORS = {"/intents": b"Bearer s", "/webhooks/helius": b"w"}
TABLES: dict[str, type] = {"/intents": TradeIntent, "/webhooks/helius": Delivery}
Answer = tuple[int, Any]
HEADS: list[list[tuple[bytes, bytes]]] = [
    [(b"content-type", b"text/plain")],
    [(b"content-type", b"application/json; charset=utf-16")],
    [(b"content-encoding", b"gzip")],
    [(b"content-length", b"99999999999")],
    [(b"content-length", b"-1")],
    [(b"authorization", b"Bearer s")],
    [(b"authorization", b"\xff\xfe")],
    [(b"content-type", b"application/json")],
]


class Store(MemoryResults):
    """In memory; while it is away it takes nothing."""

    is_away = False

    def receive(self, rows: Any) -> Any:
        if self.is_away:
            raise Unavailable("away")
        return super().receive(rows)

    def write(self, writes: Any) -> None:
        if self.is_away:
            raise Unavailable("away")
        super().write(writes)


@cache
def description() -> Any:
    return description_of(make_app(MemoryResults(), Secret("s"), Secret("w", bare=True)))


@cache
def pool(path: str) -> list[Any]:
    """Values that the description allows, always the same ones."""
    parts = description()["components"]["schemas"]
    schema = description()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    found: list[Any] = []

    @seed(1)
    @settings(
        max_examples=POOL[path] if INPUTS else SMALL_POOL,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(allowed(schema, parts) if path == "/intents" else st.lists(allowed(schema["items"], parts), min_size=1, max_size=4))
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found


def body(path: str, random: Random) -> bytes:
    """What would be stored, the same with places changed, or torn."""
    value = random.choice(pool(path))
    if path == "/intents" and random.random() < 0.7:
        value = _sound(value, random)
    return written(changed(value, random) if random.random() < 0.75 else value, random)


def _sound(value: dict[str, Any], random: Random) -> dict[str, Any]:
    """What the words of the description ask besides its types: most of it would be stored as it is."""
    size, other = ("size_usdc", "size_tokens") if value["side"] == "BUY" else ("size_tokens", "size_usdc")
    said = {"intent_id": f"i{random.getrandbits(40)}", "timestamp": datetime.now(UTC).isoformat(), "market_id": "m", "outcome": "YES"}
    kept = {name: one for name, one in value.items() if name not in (other, "price_limit")}
    wallet = random.choice(["0x" + "a" * 40, "0x" + "Ab" * 20])
    return kept | said | {"source_trader": wallet, size: value.get(size) or 5}


def try_bodies(path: str, random: Random) -> Counter[str]:
    """A chunk of requests, many at a time, before a store that is away for one chunk in twenty."""
    store = Store()
    store.is_away = random.random() < 0.05
    app = make_app(store, Secret("s"), Secret("w", bare=True), limits=UNBOUND)
    posted = [(body(path, random), random.choice(HEADS) if random.random() < 0.1 else []) for _ in range(CHUNK)]

    async def post_all() -> list[Answer]:
        async with app.router.lifespan_context(app):
            return list(await asyncio.gather(*(_post(app, path, content, more) for content, more in posted)))

    with patch.object(group_commit, "PATIENCE_S", 600.0):  # a machine that stands still is not what is tried here
        answers = asyncio.run(post_all())
    for answer in answers:
        insist_on_described(path, answer, store.is_away)
    _insist_on_kept(path, answers, store)
    return Counter(str(status) for status, _ in answers)


async def _post(app: Any, path: str, content: bytes, more: list[tuple[bytes, bytes]]) -> Answer:
    names = {name for name, _ in more}
    plain = [(b"authorization", DOORS[path]), (b"content-type", b"application/json")]
    headers = [(b"host", b"x"), *(one for one in plain if one[0] not in names or one[0] == b"authorization"), *more]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"", "client": ("127.0.0.1", 1)}
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await app({**scope, "asgi": {"version": "3.0"}, "http_version": "1.1", "root_path": "", "scheme": "http"}, receive, send)
    return said[0]["status"], json.loads(b"".join(message.get("body", b"") for message in said[1:]))


def insist_on_described(path: str, answer: Answer, is_away: bool) -> None:
    """A status that is named there, and the fields it names."""
    status, said = answer
    responses, parts = description()["paths"][path]["post"]["responses"], description()["components"]["schemas"]
    assert str(status) in responses, status
    assert status < 500 or (status == 503 and is_away), (status, said)
    name = responses[str(status)]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert set(parts[name].get("required", ())) <= set(said) <= set(parts[name]["properties"]), said


def _insist_on_kept(path: str, answers: list[Answer], store: Store) -> None:
    accepted = sum(status == 202 if path == "/intents" else said["stored"] for status, said in answers if status in (200, 202))
    rows, aside = store.rows(TABLES[path]), store.rows(Quarantined)
    assert len(rows) == accepted, (len(rows), accepted)
    insist_on_contract(rows, TABLES[path])
    insist_on_contract(aside, Quarantined)
    assert bool(aside) == any(status == 422 or (status == 200 and said["set_aside"]) for status, said in answers)


TARGETS = [
    Target("inbox: intents", CHUNK, lambda random: try_bodies("/intents", random)),
    Target("inbox: deliveries", CHUNK, lambda random: try_bodies("/webhooks/helius", random)),
]
