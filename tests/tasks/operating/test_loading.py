"""Files that people hand us: every good row goes in once, every other one is set aside with its number and its reason."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from adapters.connect import open_history, open_results
from adapters.feeds.loaded_tables import WAYS, Columns
from adapters.settings import Settings
from data_contracts import Funding, LabelKind, Quarantined, ReportedPosition, WalletLabel
from data_contracts.errors import Refused
from data_contracts.frames import rows_of
from tasks.operating.loading import Loading, load_table, texts_of
from tests.places import make_place

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PAID_AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
A, B, C = ("0x" + letter * 40 for letter in "abc")
SOLANA = "9vdSRpxtEWaYTSWQjDyzEZXv8qhJQcwcoisdEZ5SK53j"
HEAD = "wallet,funder,amount,funded_at,tx\n"


@pytest.fixture
def house(rooms: Callable[..., Any]) -> Settings:
    settings: Settings = rooms().settings
    return settings


@pytest.fixture
def load(house: Settings, tmp_path: Path) -> Callable[..., Loading]:
    """Writes a file and loads it."""

    def loaded(what: str, content: str | bytes | pl.DataFrame, columns: Columns | None = None, **said: Any) -> Loading:
        path = tmp_path / "theirs.csv"
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_table(path, WAYS[what], columns or Columns(), said.pop("source", "theirs"), house, said.pop("as_of", NOW), **said)

    return loaded


def stored(settings: Settings, row_class: type) -> list[Any]:
    return rows_of(open_history(settings).of_wallets(row_class), row_class)


def aside(settings: Settings) -> dict[str, str]:
    return {row.source: row.rules for row in open_results(settings).rows(Quarantined)}


@pytest.mark.parametrize("what", WAYS)
def test_the_example_in_the_help_loads(what: str, load: Callable[..., Loading]) -> None:
    came = load(what, WAYS[what].example)
    assert (came.read, came.new, came.set_aside) == (1, 1, 0)


def test_good_rows_go_in_and_each_other_is_set_aside_with_its_number_and_reason(load: Callable[..., Loading], house: Settings) -> None:
    """Row 2 pays nothing, row 3 is paid by a page, row 4 was paid tomorrow, row 5 has a cell too few, row 6 pays in words."""
    rows = [
        f"{A},{B},1.5,2026-11-03T12:00:00Z,t1",
        f"{A},{B},0,2026-11-03T12:00:00Z,t2",
        f"{A},https://polymarket.com/@x,1,2026-11-03T12:00:00Z,t3",
        f"{A},{B},1,2026-11-29T12:00:00Z,t4",
        f"{A},{B},1,2026-11-03T12:00:00Z",
        f"{A},{B},12 SOL,2026-11-03T12:00:00Z,t6",
    ]
    came = load("fundings", HEAD + "\n".join(rows))
    assert (came.read, came.new, came.set_aside) == (6, 1, 5)
    assert [row.tx for row in stored(house, Funding)] == ["t1"]
    told = aside(house)
    assert told["theirs.csv row 2"] == "amount '0' must be above 0"
    assert "funder 'https://polymarket.com/@x' is a page" in told["theirs.csv row 3"]
    assert "lies in the future" in told["theirs.csv row 4"]
    assert told["theirs.csv row 5"].startswith("has 4 cells where the first line has 5")
    assert told["theirs.csv row 6"] == "amount '12 SOL' is no number: write 1234.5, with a point and without a currency"


def test_what_is_set_aside_keeps_its_own_words(load: Callable[..., Loading], house: Settings) -> None:
    """An odd value that became null in quarantine was lost for whoever had to mend it."""
    load("fundings", HEAD + f"{A},{B},12 SOL,3.11.26,t1")
    (row,) = open_results(house).rows(Quarantined)
    assert '"amount": "12 SOL"' in row.row
    assert '"funded_at": "3.11.26"' in row.row
    assert "funded_at '3.11.26' is no time" in row.rules


def test_a_file_loaded_again_changes_nothing(load: Callable[..., Loading], house: Settings) -> None:
    content = HEAD + f"{A},{B},1,2026-11-03T12:00:00Z,t1\n{A},{B},-1,2026-11-03T12:00:00Z,t2"
    load("fundings", content)
    before = stored(house, Funding), aside(house)
    came = load("fundings", content, as_of=NOW.replace(hour=13))
    assert (came.new, came.replaced, came.known, came.set_aside) == (0, 0, 1, 1)
    assert (stored(house, Funding), aside(house)) == before


def test_a_corrected_row_takes_the_place_of_the_one_with_its_key(load: Callable[..., Loading], house: Settings) -> None:
    load("labels", f"wallet,label,name\n{A},exchange,Binanse")
    came = load("labels", f"wallet,label,name\n{A},exchange,Binance")
    assert (came.new, came.replaced, came.known) == (0, 1, 0)
    assert [row.name for row in stored(house, WalletLabel)] == ["Binance"]


def test_two_rows_of_one_key_that_differ_are_both_set_aside_and_two_that_do_not_are_one(
    load: Callable[..., Loading], house: Settings
) -> None:
    """Nobody knows which of two names is right; a row that is there twice says the same."""
    came = load("labels", f"wallet,label,name\n{A},exchange,Binance\n{A},exchange,OKX\n{B},owner,Ann\n{B},owner,Ann")
    assert (came.new, came.repeated, came.set_aside) == (1, 1, 2)
    assert [row.name for row in stored(house, WalletLabel)] == ["Ann"]


def test_a_rehearsal_writes_nothing_and_needs_no_store(load: Callable[..., Loading], house: Settings, tmp_path: Path) -> None:
    came = load("labels", f"wallet,label,name\n{A},exchange,Binance\nx,owner,Ann", is_rehearsal=True)
    assert (came.new, came.set_aside) == (1, 1)
    assert stored(house, WalletLabel) == []
    assert aside(house) == {}
    alone = load_table(tmp_path / "theirs.csv", WAYS["labels"], Columns(), "theirs", Settings(), NOW, is_rehearsal=True)
    assert (alone.new, alone.known) == (1, None)


def test_a_missing_column_is_one_line_with_the_cure(load: Callable[..., Loading]) -> None:
    with pytest.raises(
        Refused, match=r"theirs.csv: funder \(who paid\): there is no such column in wallet, payed_by; .*--column funder=THEIRS"
    ):
        load("fundings", f"wallet,payed_by\n{A},{B}")


def test_columns_are_taken_by_the_names_that_such_files_have(load: Callable[..., Loading], house: Settings) -> None:
    """Polymarket's own positions, in capitals and humps; what nobody asked for is not read."""
    head = "proxyWallet,asset,conditionId,size,avgPrice,totalBought,realizedPnl,curPrice,timestamp"
    came = load("positions", f"{head}\n{A.upper().replace('X', 'x')},77,0x{'AB' * 32},10,0.4,25,3.5,0.6,1793707200")
    (row,) = stored(house, ReportedPosition)
    assert (row.wallet, row.token_id, row.market_id) == (A, "77", "0x" + "ab" * 32)
    assert (row.shares, row.avg_price, row.bought_shares, row.realized_pnl) == (10, Decimal("0.4"), 25, Decimal("3.5"))
    assert row.source == "theirs"
    assert came.unread == ("curprice",)


def test_what_a_person_says_of_a_file_comes_first(load: Callable[..., Loading], house: Settings) -> None:
    """Only the rows asked for, a column under another name, one text for all rows."""
    content = f"who,source,kind,t\n{A},{B},pay,x\n{B},{C},sale,y"
    said = Columns(called={"wallet": "who", "funder": "source", "tx": "t"}, constant={"source_known": "OKX"}, only={"kind": "pay"})
    came = load("fundings", content, said)
    (row,) = stored(house, Funding)
    assert (came.read, row.wallet, row.funder, row.source_known, row.source) == (1, A, B, "OKX", "theirs")


@pytest.mark.parametrize(
    "written",
    [
        "1793707200",  # s
        "1793707200000",  # ms
        "1793707200000000",  # us
        "1793707200.0",  # an int that pandas made a float
        "2026-11-03T12:00:00Z",
        "2026-11-03 12:00:00",  # without a zone: UTC
        "2026-11-03 13:00:00+01:00",
        "2026-11-03 12:00:00.000 UTC",  # Dune
    ],
)
def test_a_time_is_read_as_it_is_written(written: str, load: Callable[..., Loading], house: Settings) -> None:
    load("fundings", f"{HEAD}{A},{B},1,{written},t")
    assert [row.funded_at for row in stored(house, Funding)] == [PAID_AT]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([PAID_AT.replace(tzinfo=None)], dtype=pl.Datetime("ns")),
        pl.Series([PAID_AT], dtype=pl.Datetime("ms", "UTC")),
        pl.Series([PAID_AT.astimezone(ZoneInfo("Europe/Berlin"))], dtype=pl.Datetime("us", "Europe/Berlin")),
        pl.Series([1_793_707_200.0]),
        pl.Series([1_793_707_200_000], dtype=pl.Int64),
        pl.Series([b"2026-11-03T12:00:00Z"], dtype=pl.Binary),  # an object column
        pl.Series(["2026-11-03T12:00:00Z"], dtype=pl.Categorical),
    ],
    ids=str,
)
def test_a_frame_is_read_as_pandas_and_polars_write_it(column: pl.Series, load: Callable[..., Loading], house: Settings) -> None:
    """With the index pandas writes along, a float for a whole number, NaN for nothing."""
    frame = pl.DataFrame(
        {
            "__index_level_0__": [7],
            "wallet": [A],
            "funder": [SOLANA],
            "amount": [2.0],
            "funded_at": column,
            "tx": ["t"],
            "source_known": [float("nan")],
        }
    )
    came = load("fundings", frame)
    (row,) = stored(house, Funding)
    assert (row.funded_at, row.amount, row.funder, row.source_known) == (PAID_AT, 2, SOLANA, None)
    assert came.unread == ()


@pytest.mark.parametrize(
    "content",
    [
        ("\ufeff" + f'wallet;funder;amount;tx\n{A};{B};"1,5";t\n').encode(),  # Excel in Germany
        f'wallet,funder,amount,tx\n"{A}","{B}","1,5","t"\n'.encode(),
        f"wallet\tfunder\tamount\ttx\r\n{A}\t{B}\t1.5\tt\r\n\r\n".encode(),
        f"wallet|funder|amount|tx\n{A}|{B}| 1.5 |t".encode(),
        f"Wallet , Funder,AMOUNT,TX\n{A},{B},1.50,t\n".encode("utf-16"),
        f'"",wallet,funder,amount,tx\n0,{A},{B},1.5,t\n'.encode(),  # the index of a frame
    ],
    ids=["bom and semicolons", "quotes", "tabs", "bars", "utf-16", "index"],
)
def test_a_csv_is_read_whatever_wrote_it(content: bytes, load: Callable[..., Loading], house: Settings) -> None:
    came = load("fundings", content)
    assert [(row.wallet, row.funder, row.amount) for row in stored(house, Funding)] == [(A, B, Decimal("1.5"))]
    assert came.unread == ()


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ('"1,234"', "may be 1234 or 1.234"),
        ('"1,234.50"', "is no number"),
        ("nan", "must"),
        ("1e400", "more than"),
        ("Infinity", "is no number"),
    ],
)
def test_a_number_of_no_certain_meaning_is_set_aside(written: str, rule: str, load: Callable[..., Loading], house: Settings) -> None:
    """An empty amount is none, which an edge may lack: that is not the same as one that cannot be read."""
    came = load("fundings", f"{HEAD}{A},{B},{written},2026-11-03T12:00:00Z,t")
    if written == "nan":
        assert [row.amount for row in stored(house, Funding)] == [None]
    else:
        assert came.set_aside == 1
        assert rule in aside(house)["theirs.csv row 1"]


def test_a_token_id_that_became_a_float_is_set_aside(load: Callable[..., Loading], house: Settings) -> None:
    """7.13e76 has kept 16 of 77 digits, and would be another token."""
    frame = pl.DataFrame({"wallet": [A], "token_id": [7.13e76], "shares": [1.0], "avg_price": [0.5], "as_of": [PAID_AT]})
    assert load("positions", frame).set_aside == 1
    assert "no text that kept all its letters or digits" in aside(house)["theirs.csv row 1"]


def test_an_edge_without_a_transaction_gets_a_name_of_its_own_and_is_one_when_loaded_twice(
    load: Callable[..., Loading], house: Settings
) -> None:
    content = f"wallet,funder\n{A},{C}\n{B},{C}"
    load("fundings", content)
    assert load("fundings", content).known == 2
    found = stored(house, Funding)
    assert [(row.amount, row.funded_at, row.loaded_at) for row in found] == [(None, None, NOW)] * 2
    assert len({row.tx for row in found}) == 2
    assert all(row.tx.startswith("no-tx:") for row in found)


def test_a_file_may_have_a_column_called_row(load: Callable[..., Loading], house: Settings) -> None:
    """We number the rows ourselves, and the two columns fell over each other with a traceback."""
    came = load("labels", f"row,wallet,label,name\n9,{A},owner,Ann\n8,x,owner,Bob")
    assert (came.new, came.set_aside, came.unread) == (1, 1, ("row",))
    (row,) = open_results(house).rows(Quarantined)
    assert row.source == "theirs.csv row 2"
    assert '"row": "8"' in row.row


@pytest.mark.parametrize(
    "content",
    ["wallet,label,name\n", "wallet,label,name", pl.DataFrame(schema={"wallet": pl.String, "label": pl.String, "name": pl.String})],
)
def test_a_table_without_rows_is_read_and_stores_nothing(content: str | pl.DataFrame, load: Callable[..., Loading]) -> None:
    came = load("labels", content)
    assert (came.read, came.new, came.set_aside) == (0, 0, 0)


def test_a_packed_csv_is_unpacked_and_excels_word_on_its_separator_is_no_header(load: Callable[..., Loading], house: Settings) -> None:
    content = f"sep=;\nwallet;label;name\n{A};owner;Ann, or nobody, or none"
    assert load("labels", gzip.compress(content.encode())).new == 1
    assert [row.name for row in stored(house, WalletLabel)] == ["Ann, or nobody, or none"]


def test_an_average_price_in_cents_is_named(load: Callable[..., Loading], house: Settings) -> None:
    """42 for 0.42: no outcome costs more than a dollar."""
    load("positions", f"wallet,token_id,shares,avg_price,as_of\n{A},t,10,42,2026-11-03T12:00:00Z")
    assert aside(house)["theirs.csv row 1"] == "avg_price '42' must be at most 1 on polymarket"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b"wallet,wallet\n1,2", "two columns are called 'wallet'"),
        (b"Wallet,wallet \n1,2", "two columns are called 'wallet'"),
        (b"wallet,n\xff\xfeme\n", "is neither UTF-8 nor UTF-16"),
        (b"PAR1 but no Parquet", "no Parquet that can be read"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(content: bytes, line: str, load: Callable[..., Loading]) -> None:
    with pytest.raises(Refused, match=line) as refused:
        load("labels", content)
    assert "\n" not in str(refused.value)


def test_labels_are_of_three_kinds_however_they_are_spelt(load: Callable[..., Loading], house: Settings) -> None:
    load("labels", f"address,type,entity\n{A},Exchange,OKX\n{B},OWNER,Ann\n{C},infrastructure,router\n{SOLANA},whale,?")
    assert [row.label for row in stored(house, WalletLabel)] == [LabelKind.EXCHANGE, LabelKind.OWNER, LabelKind.INFRASTRUCTURE]
    assert "label 'whale' is none of exchange, infrastructure, owner" in aside(house)["theirs.csv row 4"]


def test_an_option_without_its_equals_sign_is_refused() -> None:
    with pytest.raises(Refused, match="--column 'wallet': write NAME=VALUE"):
        texts_of(["wallet"], "--column")


def test_real_stores_know_a_file_again(stack_settings: Settings, tmp_path: Path) -> None:
    """Memory answers with the very frames it was given; ClickHouse and PostgreSQL have to give each value back as it was."""
    settings = stack_settings.for_replay("loading")
    make_place(settings)
    for what, way in WAYS.items():
        path = tmp_path / f"{what}.csv"
        path.write_text(f"{way.example}\nnobody" + "," * way.example.splitlines()[0].count(","))
        first, again = (load_table(path, way, Columns(), "theirs", settings, NOW.replace(hour=hour)) for hour in (12, 13))
        assert (first.new, first.known, first.set_aside) == (1, 0, 1)
        assert (again.new, again.replaced, again.known) == (0, 0, 1)
    assert len(open_results(settings).rows(Quarantined)) == len(WAYS)
