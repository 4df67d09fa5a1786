"""Rows that others post are numbered as they arrive, each once. Postgres and memory take the same tests."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Queue
from typing import Any
from uuid import uuid4

import pytest

from adapters.stores.postgres import PostgresResults
from adapters.stores.postgres_notices import posted
from adapters.stores.results import Results
from data_contracts import Counter, Delivery, TradeIntent
from data_contracts.errors import Unavailable
from domain.ids import row_id

Build = Callable[..., Any]


@pytest.fixture
def delivery(a_row: Build) -> Callable[[object], Delivery]:
    return lambda name: a_row(Delivery, delivery_id=row_id(name), sequence=0, signature=str(name))


def signatures(rows: list[Delivery]) -> list[str]:
    return [row.signature for row in rows]


def test_what_arrives_is_numbered_in_its_order_and_read_on_from_any_number(results: Results, delivery: Build) -> None:
    new = results.receive([delivery(name) for name in "cab"])
    assert [(row.signature, row.sequence) for row in new] == [("c", 1), ("a", 2), ("b", 3)]
    assert results.arrived(Delivery, 0, 10) == new
    assert signatures(results.arrived(Delivery, 1, 1)) == ["a"]
    assert results.arrived(Delivery, 3, 10) == []


def test_what_arrives_again_stays_as_it_was_and_only_the_new_comes_back(results: Results, delivery: Build) -> None:
    """The store says what was new: that is how an answer knows a duplicate."""
    (first,) = results.receive([delivery("a")])
    assert signatures(results.receive([delivery("b"), delivery("a"), delivery("b")])) == ["b"]
    assert signatures(results.arrived(Delivery, 0, 10)) == ["a", "b"]
    assert results.arrived(Delivery, 0, 1) == [first]
    assert results.receive([delivery("a")]) == []


def test_each_table_has_numbers_of_its_own(results: Results, delivery: Build, a_row: Build) -> None:
    results.receive([delivery("a")])
    (intent,) = results.receive([a_row(TradeIntent, intent_id="one", sequence=0)])
    assert intent.sequence == 1
    assert {row.name: row.reached for row in results.rows(Counter)} == {"deliveries": 1, "trade_intents": 1}


def test_nothing_received_counts_nothing(results: Results) -> None:
    assert results.receive([]) == []
    assert results.rows(Counter) == []


def test_who_reads_on_while_many_write_misses_nothing(results: Results, delivery: Build) -> None:
    """Numbers that were given before their rows could be read would hide a late one behind the reader for ever."""
    done, seen = threading.Event(), list[Delivery]()

    def read_on() -> None:
        is_last = False
        while not is_last:
            is_last = done.is_set()
            while rows := results.arrived(Delivery, seen[-1].sequence if seen else 0, 7):
                seen.extend(rows)

    def post(writer: int) -> None:
        for number in range(15):
            results.receive([delivery((writer, number)), delivery((writer, number, "too"))])

    with ThreadPoolExecutor(5) as pool:
        reader = pool.submit(read_on)
        list(pool.map(post, range(4)))
        done.set()
        reader.result()
    assert len(seen) == len(set(signatures(seen))) == 4 * 15 * 2
    assert [row.sequence for row in seen] == sorted(row.sequence for row in seen)


def test_who_listens_to_postgres_hears_of_what_is_new_in_its_schema(postgres_schema: str, postgres_url: str, delivery: Build) -> None:
    """A cycle that asked every two seconds began a second late. Known rows are no news, and another house's no news of ours."""
    store, rung = PostgresResults(postgres_schema), Queue[str]()

    def listen(name: str, url: str) -> None:
        with suppress(Unavailable):  # when the tests are over
            for _ in posted(url):
                rung.put(name)

    for name, url in (("here", postgres_schema), ("elsewhere", postgres_url)):
        threading.Thread(target=listen, args=(name, url), daemon=True).start()
    assert {rung.get(timeout=60), rung.get(timeout=60)} == {"here", "elsewhere"}  # both listen now
    one = delivery(uuid4())
    for rows in ([one], [one], [delivery(uuid4())]):
        store.receive(rows)
    assert [rung.get(timeout=60), rung.get(timeout=60)] == ["here", "here"]
    assert rung.empty()


def test_a_postgres_that_is_down_takes_nothing_and_says_so(delivery: Build) -> None:
    store = PostgresResults("postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="postgres: "):
        store.receive([delivery("a")])
    with pytest.raises(Unavailable, match="postgres: "):
        next(posted("postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/none"))
