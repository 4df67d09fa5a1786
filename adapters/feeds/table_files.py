"""A table as somebody's program wrote it, Parquet or CSV: its cells as they stand there. What they mean is read elsewhere.

A CSV may be packed by gzip, begin with a byte order mark, be UTF-16 (Excel's "Unicode text"), and be separated by commas, semicolons, tabs
or bars: whichever its first line has most of. Every cell of it is a text, and an empty one is nothing.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs

from adapters.feeds.parquet_files import read_parquet
from data_contracts.errors import Refused

SEPARATORS = ",;\t|"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PARQUET, GZIP = b"PAR1", b"\x1f\x8b"
SEPARATOR_LINE = re.compile(r'\A"?sep=.?"?\r?\n', re.IGNORECASE)  # Excel's word to itself
LONGEST_CELL = 1_000_000  # letters; Python's own limit is 131,072
WRITERS_OWN = re.compile(r"unnamed:_\d+|__index_level_\d+__")  # an index that pandas wrote along


@dataclass(frozen=True, slots=True)
class TableFile:
    """Cells under their column names, in small letters with `_` for blanks, a row each. `ragged`: row (from 0) → what is wrong with it."""

    name: str
    cells: pl.DataFrame
    ragged: dict[int, str]


def read_table(path: Path) -> TableFile:
    """The whole file. Raises Refused, in one line with the cure, for what is no table at all."""
    try:
        with path.open("rb") as file:
            is_parquet = file.read(len(PARQUET)) == PARQUET
        cells, ragged = (_parquet(path), {}) if is_parquet else _csv(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror or error}") from error
    return TableFile(path.name, _with_plain_names(cells, path.name), ragged)


def plain_name(header: str) -> str:
    """Capitals, blanks and dashes in a column's name mean nothing."""
    return re.sub(r"[\s-]+", "_", header.strip().strip("\ufeff")).lower()


def _parquet(path: Path) -> pl.DataFrame:
    frame = read_parquet(path)
    texts = frame.select(cs.binary()).columns  # pandas' object columns may arrive as bytes
    return frame.with_columns((cs.categorical() | cs.enum()).cast(pl.String)).with_columns(
        pl.Series(name, [None if cell is None else cell.decode(errors="replace") for cell in frame[name].to_list()], pl.String)
        for name in texts
    )


def _csv(path: Path) -> tuple[pl.DataFrame, dict[int, str]]:
    text = SEPARATOR_LINE.sub("", _decoded(_unpacked(path.read_bytes(), path.name), path.name))
    header, separator = _first_line(text, path.name)
    rows, ragged = list[list[str]](), dict[int, str]()
    for number, cells in enumerate(_rows(text, separator, path.name)):
        if len(cells) != len(header):
            ragged[number] = f"has {len(cells)} cells where the first line has {len(header)}"
        rows.append((cells + [""] * len(header))[: len(header)])
    return _frame(header, rows, path.name), ragged


def _frame(header: list[str], rows: list[list[str]], name: str) -> pl.DataFrame:
    if twice := [column for column, count in Counter(header).items() if column.strip() and count > 1]:
        raise Refused(f"{name}: two columns are called {twice[0]!r}: which of them is meant? Rename one")
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    named = [(column, cells) for column, cells in zip(header, columns, strict=True) if column.strip()]  # without a name: pandas' index
    return pl.DataFrame([pl.Series(column, cells, pl.String) for column, cells in named])


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(f"{name}: is packed, and the packing is broken: {error}") from error


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"{name}: byte {error.start + 1} is neither UTF-8 nor UTF-16: save it as CSV UTF-8, or as Parquet") from error


def _first_line(text: str, name: str) -> tuple[list[str], str]:
    """The names of the columns, and what stands between them."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    if not line:
        raise Refused(f"{name}: is empty: the first line must name the columns")
    outside = re.sub(r'"[^"]*"', "", line)
    separator = max(SEPARATORS, key=outside.count)
    return next(_lines(text, separator)), separator


def _rows(text: str, separator: str, name: str) -> Iterator[list[str]]:
    """All but the first line and empty ones."""
    try:
        lines = _lines(text, separator)
        next(lines)
        yield from lines
    except csv.Error as error:
        raise Refused(f"{name}: is no CSV that can be read: {error}") from error


def _lines(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    return (cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(cell.strip() for cell in cells))


def _with_plain_names(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    names = {name: plain_name(name) for name in frame.columns}
    kept = {name: plain for name, plain in names.items() if not WRITERS_OWN.fullmatch(plain)}
    for plain, count in Counter(kept.values()).items():
        if count > 1:
            raise Refused(f"{file}: two columns are called {plain!r}: which of them is meant? Rename one")
    return frame.select(list(kept)).rename(kept)
