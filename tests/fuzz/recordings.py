"""Recordings and tables as others may write them: columns of other types, odd cells, torn files. Each is rows, or refused in one line."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from adapters.feeds.loaded_tables import WAYS, Columns, read_loaded
from adapters.feeds.recorded import RecordedFeed
from adapters.feeds.recorded_files import check_columns, read_levels
from adapters.feeds.solana.recorded import FORMATS, RecordedSolana
from data_contracts import Trade
from data_contracts.errors import Refused
from domain.polymarket.markets import rows_by_class
from tests.fuzz.contracts import sound_rows
from tests.fuzz.mutations import ODD, torn
from tests.fuzz.trials import Target

CHUNK = 20
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
FEW = 20  # rows of a recorded table
Tables = dict[str, pl.DataFrame]


@cache
def plain() -> Tables:
    """A recording in our words: two outcomes of one market, with a book."""
    times = [NOON, NOON + timedelta(minutes=5), NOON + timedelta(minutes=9)]
    trades = {
        "wallet": ["0x" + "a" * 40, "0x" + "b" * 40, "somebody"], "market_id": ["m"] * 3, "token_id": ["71", "72", "71"],
        "outcome": ["Yes", "No", "Yes"], "side": ["BUY", "SELL", "buy "], "price": [0.4, 0.6, 0.41], "shares": [100.0, 50.0, 7.5],
        "traded_at": times, "tx_hash": ["0x1", "0x2", "0x3"],
    }  # fmt: skip
    markets = {"market_id": ["m"], "winner": ["Yes"], "category": ["politics"], "question": ["?"], "ends_at": times[2:]}
    books = {"token_id": ["71", "71"], "side": ["BUY", "SELL"], "price": [0.4, 0.42], "shares": [10.0, 5.0], "as_of": times[:2]}
    return {"trades": pl.DataFrame(trades), "markets": pl.DataFrame(markets), "books": pl.DataFrame(books)}


@cache
def of_solana() -> list[Tables]:
    """The first rows of the recordings of Solana, where WALLETFLOW_RECORDINGS points to them."""
    places = sorted(Path(os.environ.get("WALLETFLOW_RECORDINGS", "none")).glob("sol_*"))
    found = [(place, files) for place in places for files in FORMATS if all((place / f"{name}.parquet").is_file() for name in files)]
    return [{name: pl.read_parquet(place / f"{name}.parquet", n_rows=FEW) for name in files} for place, files in found]


def spoilt(tables: Tables, random: Random) -> Tables:
    """One to three columns that are other than they should be."""
    changed = dict(tables)
    for _ in range(random.randint(1, 3)):
        name = random.choice(list(changed))
        changed[name] = random.choice([_cells, _cells, _cells, _dtype, _without, _renamed, _fewer])(changed[name], random)
    return changed


def _cells(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    """Odd values in a column; polars takes what type it likes for it, or a column of texts."""
    if not frame.width:
        return frame
    name = random.choice(frame.columns)
    cells: list[Any] = frame[name].to_list()
    for _ in range(random.randint(1, max(1, len(cells)))):
        if cells:
            cells[random.randrange(len(cells))] = random.choice(ODD)
    return frame.with_columns(_column(name, cells))


def _column(name: str, cells: list[Any]) -> pl.Series:
    """As polars makes one of them, where it does, and a file can hold it; else of texts."""
    with suppress(pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        made = pl.Series(name, cells, strict=False)
        if not made.dtype.is_nested() and made.dtype != pl.Object:
            return made
    return pl.Series(name, [None if cell is None else str(cell).encode(errors="replace").decode() for cell in cells], pl.String)


def _dtype(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    if not frame.width:
        return frame
    times: list[Any] = [pl.Date, pl.Datetime("ns"), pl.Datetime("ms", "UTC")]
    kinds: list[Any] = [pl.String, pl.Float64, pl.Int64, pl.Boolean, pl.Categorical, pl.Float32, pl.Binary, pl.UInt8, *times]
    column = pl.col(random.choice(frame.columns))
    try:
        return frame.with_columns(column.cast(random.choice(kinds), strict=False))
    except pl.exceptions.PolarsError:
        return frame


def _without(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.drop(random.choice(frame.columns)) if frame.width else frame


def _renamed(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    name = random.choice(frame.columns) if frame.width else ""
    other = random.choice(["ts", "x", "", name.upper(), "condition_id", "usd"])
    return frame if other in frame.columns or not frame.width else frame.rename({name: other})


def _fewer(frame: pl.DataFrame, random: Random) -> pl.DataFrame:
    return frame.head(random.randint(0, 1))


def try_recordings(random: Random) -> Counter[str]:
    """As `replay --recording` reads them."""
    return _each(random, lambda place: _write(spoilt(plain(), random), place, random), _read_recording)


def try_solana(random: Random) -> Counter[str]:
    """The same of recordings of Solana."""
    if not of_solana():
        return Counter({"no recordings here": CHUNK})
    return _each(random, lambda place: _write(spoilt(random.choice(of_solana()), random), place, random), _read_solana)


def try_tables(random: Random) -> Counter[str]:
    """Tables of positions, payments and labels, as `walletflow load` reads them: CSV in several spellings."""
    way = random.choice(sorted(WAYS))
    content = _csv(WAYS[way].example, random)
    return _each(random, lambda place: (place / "t.csv").write_bytes(content), lambda place: _read_table(place, way))


def _each(random: Random, write: Callable[[Path], object], read: Callable[[Path], None]) -> Counter[str]:
    became = Counter[str]()
    for _ in range(CHUNK):
        with tempfile.TemporaryDirectory() as name:
            write(Path(name))
            try:
                read(Path(name))
                became["read"] += 1
            except Refused as error:
                _insist_on_one_line(str(error))
                became["refused"] += 1
    return became


def _insist_on_one_line(said: str) -> None:
    assert "\n" not in said, said


def _write(tables: Tables, place: Path, random: Random) -> None:
    """As Parquet; of one in ten a part of the bytes is other than it was."""
    for name, frame in tables.items():
        path = place / f"{name}.parquet"
        frame.write_parquet(path)
        if random.random() < 0.1:
            content = bytearray(path.read_bytes())
            for _ in range(random.randint(1, 8)):
                content[random.randrange(len(content))] = random.randrange(256)
            path.write_bytes(content[: random.choice([len(content), len(content) // 2])])


def _read_recording(place: Path) -> None:
    check_columns(place)
    feed = RecordedFeed(place)
    sound_rows(feed.all_trades, Trade)
    for row_class, frame in rows_by_class(feed.all_markets).items():
        sound_rows(frame, row_class)
    read_levels(place)


def _read_solana(place: Path) -> None:
    feed = RecordedSolana(place)
    sound_rows(feed.all_trades, Trade)
    for row_class, frame in feed.rows().items():
        sound_rows(frame, row_class)


def _csv(example: str, random: Random) -> bytes:
    head, row = example.split("\n")
    cells = row.split(",")
    lines = [head]
    for _ in range(random.randint(0, 5)):
        odd = [str(random.choice(ODD)) if random.random() < 0.2 else cell for cell in cells]
        lines.append(random.choice([",", ",", ",", ";"]).join(odd))
    text = random.choice(["\n", "\r\n"]).join(lines)
    text = torn(text, random) if random.random() < 0.5 else text
    return text.encode(random.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]), "replace")


def _read_table(place: Path, way: str) -> None:
    table = read_loaded(place / "t.csv", WAYS[way], Columns(), "fuzz", NOON)
    faulty = {fault.row for fault in table.faults}
    kept = table.frame.filter(~pl.col("row number").is_in(sorted(faulty)))
    sound_rows(kept.drop("row number"), WAYS[way].row_class)


TARGETS = [
    Target("recordings of Polymarket", CHUNK, try_recordings),
    Target("recordings of Solana", CHUNK, try_solana),
    Target("tables: positions, payments, labels", CHUNK, try_tables),
]
