"""The tables a person can hand us, and how their files become rows: positions, payments and labels. What is wrong with a cell is named.

A file's column is ours if it has our name or one of the names such columns go by; `Columns` says it where neither is so. What nothing is
asked of stays unread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from adapters.feeds.cells import is_nothing, reader_of
from adapters.feeds.table_files import TableFile, plain_name, read_table
from data_contracts import Funding, ReportedPosition, Venue, WalletLabel, contract_of
from data_contracts.contract import Field
from data_contracts.errors import Refused
from data_contracts.frames import schema_of, series_of
from domain.ids import row_id

ROW = "row number"  # with a blank, which no column of a file keeps
ADDRESS = ("address", "user", "account", "owner_address", "proxy_wallet", "proxywallet")
TIME = ("as_of", "timestamp", "ts", "time", "block_time", "datetime", "date")


@dataclass(frozen=True, slots=True)
class Asked:
    """A column of a file: what it is, and other names it goes by. `is_needed`: the file must have it; a cell of it may still be empty."""

    what: str
    names: tuple[str, ...] = ()
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """A kind of table: the row class its rows become, its columns, and two lines as an example."""

    row_class: type
    columns: Mapping[str, Asked]
    example: str


WAYS: Mapping[str, Way] = {
    "positions": Way(
        ReportedPosition,
        {
            "wallet": Asked("whose position", ADDRESS),
            "token_id": Asked("the outcome token or mint, as text", ("asset", "asset_id", "token", "mint")),
            "shares": Asked("held at as_of", ("size", "quantity", "balance", "amount")),
            "avg_price": Asked("stake per share it was bought at, on average", ("avgprice", "average_price", "entry_price", "avg_cost")),
            "as_of": Asked("when the position was so", TIME[1:]),
            "market_id": Asked("the market", ("condition_id", "conditionid"), is_needed=False),
            "bought_shares": Asked("all that was ever bought", ("totalbought", "total_bought"), is_needed=False),
            "realized_pnl": Asked("what the sold part brought", ("realizedpnl", "realised_pnl"), is_needed=False),
            "payout": Asked("what a share paid at the end, 0 to 1", (), is_needed=False),
            "venue": Asked("polymarket (if there is none) or solana", (), is_needed=False),
            "source": Asked("who says so (if there is none: --source)", (), is_needed=False),
        },
        "wallet,token_id,shares,avg_price,bought_shares,realized_pnl,as_of\n"
        "0x56687bf447db6ffa42ffe2204a05edaa20f55839,713210456792522125946263855327069127503327,120.5,0.42,500,31.2,2026-11-03T12:00:00Z",
    ),
    "fundings": Way(
        Funding,
        {
            "wallet": Asked("who was paid", ("to", "to_address", "recipient", "receiver", *ADDRESS)),
            "funder": Asked("who paid", ("from", "from_address", "sender", "payer")),
            "amount": Asked("coins of the chain; an edge without says less", ("value", "amount_sol", "sol"), is_needed=False),
            "funded_at": Asked("when; an edge without says less", TIME, is_needed=False),
            "tx": Asked("the transaction", ("tx_hash", "hash", "signature", "transaction_hash", "txid"), is_needed=False),
            "source_known": Asked("the exchange's or service's name, if the payer is one", ("funder_label",), is_needed=False),
        },
        "wallet,funder,amount,funded_at,tx\n"
        "0x56687bf447db6ffa42ffe2204a05edaa20f55839,0x28c6c06298d514db089934071355e5743bf21d60,1.25,2026-11-03T12:00:00Z,0xabc",
    ),
    "labels": Way(
        WalletLabel,
        {
            "wallet": Asked("the address", ADDRESS),
            "label": Asked("exchange, infrastructure (a contract or service) or owner", ("kind", "type", "label_type")),
            "name": Asked("the exchange's, the service's or the owner's", ("entity", "owner", "name_tag")),
        },
        "wallet,label,name\n0x28c6c06298d514db089934071355e5743bf21d60,exchange,Binance 14",
    ),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What a person says of a file: `called`, our column → theirs; `constant`, our column → one text for all rows.

    `only`, their column → the text its cells must have, None for any: other rows are not read.
    """

    called: Mapping[str, str] = field(default_factory=dict)
    constant: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row of the file (from 1, without the line of names), as `column rule`, and the cell as it was written."""

    row: int
    column: str
    rule: str
    cell: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.column, self.cell, self.rule) if part)


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A file read: `frame` has the row class's columns and the ROW of each; `written`, the same rows' cells as they stand there."""

    file: str
    way: Way
    frame: pl.DataFrame
    written: pl.DataFrame
    faults: tuple[Fault, ...]
    read: Mapping[str, str]
    unread: tuple[str, ...]


def read_loaded(path: Path, way: Way, columns: Columns, source: str, loaded_at: datetime) -> LoadedTable:
    """Every row. Raises Refused, in one line with the cure, for a file without the columns that are needed."""
    file = read_table(path)
    cells = _chosen(file.cells.with_row_index(ROW, 1), columns, file.name)
    called = _called(file, way, columns)
    numbers, faults = cells[ROW].to_list(), _ragged(file, cells)
    written = {name: cells[theirs].to_list() for name, theirs in called.items()}
    written |= {name: [word] * cells.height for name, word in columns.constant.items()}
    fields = [field for field in contract_of(way.row_class).fields if field.name in written]
    read = [
        series_of(field.name, schema_of(way.row_class)[field.name], _values(field, written[field.name], numbers, faults))
        for field in fields
    ]
    frame = _completed(pl.DataFrame([cells[ROW], *read]), way, source, loaded_at)
    unread = tuple(name for name in file.cells.columns if name not in called.values() and name not in columns.only)
    return LoadedTable(file.name, way, frame, cells, tuple(faults), called, unread)


def _chosen(cells: pl.DataFrame, columns: Columns, file: str) -> pl.DataFrame:
    for theirs, word in columns.only.items():
        if theirs not in cells.columns:
            raise Refused(f"{file}: --only {theirs}: there is no such column; there are: {', '.join(cells.columns[1:])}")
        written = cells[theirs].cast(pl.String, strict=False).str.strip_chars()
        cells = cells.filter((written != "").fill_null(False) if word is None else (written == word).fill_null(False))
    return cells


def _called(file: TableFile, way: Way, columns: Columns) -> dict[str, str]:
    """Our column → theirs. What a person said comes first, and a column that is taken is nobody else's."""
    _known(columns.called, way, "--column")
    _known(columns.constant, way, "--set")
    called = {ours: plain_name(theirs) for ours, theirs in columns.called.items()}
    for ours, theirs in called.items():
        if theirs not in file.cells.columns:
            raise Refused(f"{file.name}: --column {ours}={theirs}: there is no such column; there are: {', '.join(file.cells.columns)}")
    for ours, asked in way.columns.items():
        free = [name for name in (ours, *asked.names) if name in file.cells.columns and name not in called.values()]
        if ours not in called and ours not in columns.constant and free:
            called[ours] = free[0]
    for ours, asked in way.columns.items():
        if asked.is_needed and ours not in called and ours not in columns.constant:
            cure = f"add it, or say --column {ours}=THEIRS or --set {ours}=VALUE"
            raise Refused(f"{file.name}: {ours} ({asked.what}): there is no such column in {', '.join(file.cells.columns)}; {cure}")
    return called


def _known(said: Mapping[str, str], way: Way, option: str) -> None:
    for ours in said:
        if ours not in way.columns:
            raise Refused(f"{option} {ours}: is no column of this table; there are: {', '.join(way.columns)}")


def _ragged(file: TableFile, cells: pl.DataFrame) -> list[Fault]:
    chosen = set(cells[ROW].to_list())
    return [Fault(row + 1, "", rule) for row, rule in file.ragged.items() if row + 1 in chosen]


def _values(field: Field, written: list[Any], numbers: list[int], faults: list[Fault]) -> list[Any]:
    """The cells of a column as values; one that cannot be read is empty, and among the faults."""
    read, known = reader_of(field), dict[tuple[type, str], tuple[Any, str]]()  # most columns repeat themselves
    values = []
    for number, cell in zip(numbers, written, strict=True):
        key = (type(cell), str(cell))
        if key not in known:
            known[key] = _value(cell, read)
        value, rule = known[key]
        values.append(value)
        if rule:
            faults.append(Fault(number, field.name, rule, repr(cell)[:80]))
    return values


def _value(cell: Any, read: Any) -> tuple[Any, str]:
    if is_nothing(cell):
        return None, ""
    try:
        return read(cell), ""
    except ValueError as error:
        return None, _without_cell(str(error), cell)


def _without_cell(rule: str, cell: Any) -> str:
    """Some rules begin with the cell itself: it is told beside them."""
    return rule.removeprefix(f"{str(cell).strip()[:80]!r} ")


def _completed(frame: pl.DataFrame, way: Way, source: str, loaded_at: datetime) -> pl.DataFrame:
    """With the columns no file has, and what an empty cell stands for."""
    schema = schema_of(way.row_class)
    given = {"source": source, "venue": Venue.POLYMARKET.value, "loaded_at": loaded_at}
    missing = [pl.lit(None, kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
    whole = frame.with_columns(missing)
    whole = whole.with_columns(pl.col(name).fill_null(pl.lit(value, schema[name])) for name, value in given.items() if name in schema)
    if way.row_class is Funding:
        whole = whole.with_columns(_named_transactions(whole))
    return whole.select(ROW, *schema.names())


def _named_transactions(paid: pl.DataFrame) -> pl.Series:
    """Where a payment names no transaction, a name that is a function of the payment: loaded twice it is one."""
    told = paid.select("tx", "wallet", "funder", pl.col("amount").cast(pl.String), pl.col("funded_at").cast(pl.String)).iter_rows()
    return pl.Series("tx", [tx if tx is not None else f"no-tx:{row_id(*parts)}" for tx, *parts in told], pl.String)
