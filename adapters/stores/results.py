"""What a store of results can do. Postgres keeps them; memory serves tests and replays."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

import polars as pl

from data_contracts import contract_of
from data_contracts.frames import as_kept, frame_of, rows_as_written, rows_of, schema_of, series_of

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Write:
    """Rows on their way into one table, as a frame or as they are. `add` leaves a row that is there as it is; `put` replaces it."""

    row_class: type
    given: pl.DataFrame | Sequence[Any]
    how: Literal["add", "put"] = "add"

    @property
    def is_empty(self) -> bool:
        return not len(self.given)

    @property
    def frame(self) -> pl.DataFrame:
        return self.given if isinstance(self.given, pl.DataFrame) else frame_of(self.given, self.row_class)

    @property
    def rows(self) -> list[Any]:
        """As they come back from a store; a word of no vocabulary stays what it is, as every store keeps it."""
        try:
            return rows_of(self.given, self.row_class) if isinstance(self.given, pl.DataFrame) else as_kept(self.given, self.row_class)
        except ValueError:
            return rows_as_written(self.frame, self.row_class)


def read_count(row_class: type) -> str:
    """The name of the Counter that says up to which arrival the rows of a class have been read."""
    return f"{contract_of(row_class).table}: read"


def with_numbers(rows: Sequence[R], after: int) -> list[R]:
    """The same rows, numbered on from the number before them."""
    return [replace(row, sequence=number) for number, row in enumerate(rows, after + 1)]  # type: ignore[type-var]


def summed_frame(row_class: type, by: Sequence[str], of: Sequence[str], records: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """What `Results.sums` answers, as a frame. A sum has the digits of its column."""
    schema = schema_of(row_class)
    kinds = {name: schema[name] for name in (*by, *of)} | {"rows": pl.Int64()}
    columns = list(zip(*records, strict=True)) or [()] * len(kinds)
    return pl.DataFrame([series_of(name, kind, cells) for (name, kind), cells in zip(kinds.items(), columns, strict=True)])


class Results(Protocol):
    """Strategies, signals, orders, fills, positions: everything we concluded and did."""

    def write(self, writes: Sequence[Write]) -> None:
        """All of it or nothing."""
        ...

    def alone(self, names: Collection[str], act: Callable[["Results"], T]) -> T:
        """`act` in one transaction, while nobody else is alone with one of `names`: it reads the last word, and writes all or nothing.

        Raises Unavailable when another is not done with them in ten seconds.
        """
        ...

    def read(self, row_class: type, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        """Rows whose columns equal these values; a list means any of them, None means null. In the order of the key."""
        ...

    def rows(self, row_class: type[R], **where: object) -> list[R]:
        """The same as rows."""
        ...

    def records(self, row_class: type, **where: object) -> list[tuple[Any, ...]]:
        """The same as they are kept: the values in the contract's order, a word of a vocabulary as its text, whatever it says."""
        ...

    def since(self, row_class: type, column: str, instant: object, only: Sequence[str] | None = None, **where: object) -> pl.DataFrame:
        """The rows `read` would give whose instant in `column` is at or after `instant`, in the order of the key."""
        ...

    def beginning(self, row_class: type, column: str, text: str, count: int) -> list[str]:
        """The first `count` ids in `column` that begin with `text`, which is hex digits as they are."""
        ...

    def totals(self, row_class: type, by: str, of: str) -> dict[str, Decimal]:
        """Sum of a column for each value of another."""
        ...

    def grouped(self, row_class: type, by: str, of: str, since: tuple[str, datetime] | None = None, **where: object) -> dict[str, set[str]]:
        """The texts in `of` for each text in `by`, of the rows `read` would give; with `since` of those at or after its instant only."""
        ...

    def newest(
        self, row_class: type, by: str, at: str, count: int, only: Sequence[str], among: Collection[str] | None = None
    ) -> pl.DataFrame:
        """The `count` rows with the latest instants in `at` for each value of `by`, oldest first; without the null ones.

        Of each value of `among` only, if that is given: found by an index on `by` and `at`, whatever else there is.
        """
        ...

    def latest(
        self, row_class: type, at: str, count: int, only: Sequence[str] | None = None, since: object = None, **where: object
    ) -> pl.DataFrame:
        """The `count` rows with the latest instants in `at`, the last first; of those at or after `since` only, if it is given."""
        ...

    def sums(
        self, row_class: type, by: Sequence[str], of: Sequence[str] = (), since: tuple[str, object] | None = None, **where: object
    ) -> pl.DataFrame:
        """A row for each of the values that `by` has together: these, the sums of the columns `of`, and how many `rows` there are."""
        ...

    def thinned(self, row_class: type, by: str, at: str, every_s: float, since: object, only: Sequence[str]) -> pl.DataFrame:
        """Of each value of `by` the last row in each `every_s` seconds since then, in the order of `by` and time."""
        ...

    def receive(self, rows: Sequence[R]) -> list[R]:
        """Adds rows of one class, each once by its key, numbered in `sequence` as they arrive. Returns those that were new, numbered.

        Numbers grow in the order in which rows can be read, however many write: nobody who reads on after one misses a row.
        """
        ...

    def arrived(self, row_class: type[R], after: int, count: int) -> list[R]:
        """The next `count` rows at most that arrived after number `after`, in the order of their arrival."""
        ...

    def aged(self, row_class: type, column: str, before: datetime, arrived_until: int | None = None) -> int:
        """How many rows have an instant in `column` before that one; of numbered rows only those up to the number `arrived_until`."""
        ...

    def forget(self, row_class: type, column: str, before: datetime, most: int, arrived_until: int | None = None) -> int:
        """Takes `most` of those away at most, for good. Returns how many it took."""
        ...
