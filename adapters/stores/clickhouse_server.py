"""A ClickHouse server, through clickhouse-connect: frames go in and come out as Arrow. What is asked of it stands beside this file."""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import clickhouse_connect
import polars as pl
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential

from adapters.batches import batches
from adapters.stores.clickhouse_tables import IS_REMOVED, MONTHS
from data_contracts import contract_of
from data_contracts.contract import Contract
from data_contracts.errors import Unavailable
from data_contracts.frames import schema_of

MOST_MONTHS = 90  # in one insert
MOST_NAMED = 2_000  # ids in one value of a question: a server takes none above 128 KiB (http_max_field_value_size)
ESCAPED = str.maketrans({letter: f"\\{letter}" for letter in "\\'`\t\n"})  # as clickhouse-connect does
_LOCAL = threading.local()
_tried_thrice = retry(retry=retry_if_exception_type(Unavailable), stop=stop_after_attempt(3), wait=wait_exponential(0.1), reraise=True)


def client_of(url: str) -> Client:
    """One client a thread and address: a client serves one query at a time."""
    clients: dict[str, Client] = _LOCAL.__dict__.setdefault("clients", {})
    if url not in clients:
        try:
            clients[url] = clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False)
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error
    return clients[url]


class ClickHouseServer:
    """Tables of contracts on a server."""

    def __init__(self, url: str) -> None:
        self._url = url

    def append(self, frame: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        for part in _few_months_each(frame[contract.names], contract) if frame.height else ():
            self._insert(part, contract.table)

    def remove(self, keys: pl.DataFrame, row_class: type) -> None:
        contract = contract_of(row_class)
        known = [name for name in contract.names if name in keys.columns]  # more than the key, as far as the caller knows it
        removed = keys.select(*known, pl.lit(1, pl.UInt8).alias(IS_REMOVED))
        for part in _few_months_each(removed, contract) if keys.height else ():
            self._insert(part, contract.table)

    @_tried_thrice
    def _insert(self, frame: pl.DataFrame, table: str) -> None:
        try:
            client_of(self._url).insert_arrow(table, frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error

    @_tried_thrice
    def query(self, text: str, **parameters: Any) -> pl.DataFrame:
        """Any SELECT as a frame. Values are bound by the server, never pasted. Raises Unavailable when ClickHouse says no.

        No setting goes with it: a user who may only read may set none, and would be refused.
        """
        try:
            answer = client_of(self._url).query_arrow(text, parameters=_bound(parameters))
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error
        return pl.DataFrame([cells.cast(pl.String) if cells.dtype == pl.Binary else cells for cells in pl.DataFrame(pl.from_arrow(answer))])

    @_tried_thrice
    def command(self, text: str, **parameters: Any) -> None:
        """A statement that answers nothing. Raises Unavailable when ClickHouse says no."""
        try:
            client_of(self._url).command(text, parameters=parameters)
        except (DatabaseError, OperationalError) as error:
            raise Unavailable(f"clickhouse: {error}") from error

    def rows(
        self, row_class: type, text: str, among: Collection[str] | None, only: Sequence[str] | None = None, **parameters: Any
    ) -> pl.DataFrame:
        parts = [list(part) for part in batches(sorted(among), MOST_NAMED)] if among else [[]]
        frames = [self.query(text, all=among is None, among=part, **parameters) for part in parts]
        schema = schema_of(row_class)
        found = pl.concat(frames) if len(frames) > 1 else frames[0]
        return pl.DataFrame([cells.cast(schema[cells.name]) for cells in found])  # one by one: a query over all is planned first


class Texts:
    """Texts as an Array(String): clickhouse-connect looks at each letter of a list, which takes 3 ms of processor for 500 wallets."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __str__(self) -> str:
        quoted = "', '".join(text.translate(ESCAPED) for text in self._texts)
        return f"['{quoted}']" if self._texts else "[]"


def _bound(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Texts(value) if _are_texts(value) else value for name, value in parameters.items()}


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(type(one) is str for one in value)


def columns(row_class: type, only: Sequence[str] | None = None) -> str:
    """Of a contract, quoted. Raises ValueError for a column that the contract does not have: it becomes a part of the question."""
    names = contract_of(row_class).names
    return ", ".join(f"`{names[names.index(name)]}`" for name in only or names)


def _few_months_each(frame: pl.DataFrame, contract: Contract) -> Iterator[pl.DataFrame]:
    """A server takes no insert into more than a hundred partitions (max_partitions_per_insert_block)."""
    if contract.table not in MONTHS or _is_of_one_month(frame[MONTHS[contract.table]]):
        yield frame
        return
    instant = pl.col(MONTHS[contract.table])
    months = (instant.dt.year().cast(pl.Int32) * 12 + instant.dt.month()).rank("dense")
    for _, part in frame.group_by(months // MOST_MONTHS, maintain_order=True):
        yield part


def _is_of_one_month(instants: pl.Series) -> bool:
    first, last = instants.min(), instants.max()
    return isinstance(first, datetime) and isinstance(last, datetime) and (first.year, first.month) == (last.year, last.month)
