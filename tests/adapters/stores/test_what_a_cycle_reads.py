"""What every cycle asks Postgres is read off an index: it takes no longer in an old house than in a new one."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.stores import postgres
from adapters.stores.postgres import PostgresResults, Query, quoted
from adapters.stores.postgres_tables import TABLES
from adapters.stores.results import Write
from data_contracts import Peak, Position, SignalScore, SwapReceipt
from tests.places import empty_schema

NAMED = ["s3"]
ASKED: dict[str, tuple[type, Query, dict[str, Any], int]] = {  # and how many rows it may read
    "the last results": (
        Position,
        postgres._newest_among(Position, "strategy_id", "closed_at", ("strategy_id", "closed_at", "realized_pnl")),
        {"among": NAMED, "count": 3},
        100,  # three, and what is sorted at once behind each instant
    ),
    "the scores of what is held": (
        SignalScore,
        postgres._asking(SignalScore, None, {"strategy_id": NAMED, "token_id": ["7"]}),
        {"strategy_id": NAMED, "token_id": ["7"]},
        1,
    ),
    "the peaks of what is held": (Peak, postgres._asking(Peak, None, {"token_id": ["7"]}), {"token_id": ["7"]}, 1),
}
KEYS = {SwapReceipt: "order_hash", SignalScore: "signal_id"}


@pytest.fixture(scope="module")
def old_house(postgres_schema: str, a_row: Callable[..., Any]) -> PostgresResults:
    """2,000 rows of 4 strategies in each of these tables."""
    store = PostgresResults(postgres_schema)
    empty_schema(postgres_schema)
    for row_class in (Position, Peak, SignalScore, SwapReceipt):
        store.write([Write(row_class, [a_row(row_class)], "put")])
        cells = {"strategy_id": "'s' || n % 4", "token_id": "n::text", KEYS.get(row_class, "token_id"): "n::text"}
        if row_class is Position:
            cells["closed_at"] = "'2026-01-01Z'::timestamptz + n * interval '1 hour'"
            cells["lots"] = "repeat('lot', 200)"
        changed = ", ".join(f"'{name}', {cell}" for name, cell in cells.items())
        table = quoted([TABLES[row_class].name])[0]
        with store._connection() as connection:
            into = f"{store._schema}.{table}"
            connection.execute(
                f"INSERT INTO {into} SELECT (jsonb_populate_record(old, jsonb_build_object({changed}))).* "
                f"FROM {into} AS old, generate_series(1, 2000) AS n"
            )
            connection.execute(f"VACUUM ANALYZE {into}")
    return store


@pytest.mark.parametrize("what", ASKED)
def test_a_cycle_reads_what_it_asks_for_and_not_all_there_ever_was(old_house: PostgresResults, what: str) -> None:
    """An audit found each of these reading its whole table every 30 seconds: ranked, sorted, or filtered row by row."""
    _, query, values, most = ASKED[what]
    assert rows_read(old_house, query, values) <= most


def test_sums_of_all_there_ever_was_are_read_off_an_index_alone(old_house: PostgresResults) -> None:
    """Each cycle read every position with its lots and names, and every receipt twice, to add up a column or two."""
    realized = postgres._totals(Position, "strategy_id", "realized_pnl")
    rents = postgres._sums(SwapReceipt, ("strategy_id",), ("rent",), (("strategy_id", "any"),))
    idle = postgres._sums(SwapReceipt, ("strategy_id",), ("sol_change", "rent"), (("strategy_id", "any"), ("traded", "is")))
    for query, values in ((realized, {}), (rents, {"strategy_id": NAMED}), (idle, {"strategy_id": NAMED, "traded": Decimal(0)})):
        assert [node["Node Type"] for node in scans(plan(old_house, query, values))] == ["Index Only Scan"]
    assert rows_read(old_house, idle, {"strategy_id": NAMED, "traded": Decimal(0)}) == 0  # all of these traded
    assert old_house.totals(Position, "strategy_id", "realized_pnl")["s3"] == 500 * Decimal("0.5")


def plan(store: PostgresResults, query: Query, values: dict[str, Any]) -> Any:
    with store._connection() as connection:
        answer = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {store._here(query.text)}", values).fetchone()
        assert answer is not None
        return answer[0][0]["Plan"]


def scans(node: Any) -> Iterator[Any]:
    """Those that read a table, of a plan."""
    if "Relation Name" in node:
        yield node
    for one in node.get("Plans", ()):
        yield from scans(one)


def rows_read(store: PostgresResults, query: Query, values: dict[str, Any]) -> int:
    found = list(scans(plan(store, query, values)))
    assert found
    return sum(int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))) for node in found)
