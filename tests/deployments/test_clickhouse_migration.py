"""A ClickHouse table of an older house becomes today's: nothing is lost, whatever cuts it short. The settings say how long rows stay."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import clickhouse_connect
import pydantic
import pytest
from clickhouse_connect.driver.client import Client

from adapters.settings import Settings
from adapters.stores.clickhouse_tables import NUMBERS, columns_of, created
from data_contracts import ClosedPosition, HolderPosition, Instrument, PolymarketMarket, Trade, contract_of
from data_contracts.errors import Unsafe
from deployments import clickhouse_migration
from deployments.clickhouse_migration import Server, bring_up_to_date
from deployments.migrate import migrate_clickhouse

Tables = Callable[..., str]


class CutShortError(Exception):
    """The process ends here."""


@pytest.fixture
def place(clickhouse_url: str) -> Iterator[Settings]:
    """A database that is not there yet; gone afterwards."""
    yield Settings(clickhouse_url=f"{clickhouse_url.rpartition('/')[0]}/carry_tests")  # type: ignore[arg-type]
    with closing(clickhouse_connect.get_client(dsn=clickhouse_url)) as client:
        client.command("DROP DATABASE IF EXISTS carry_tests")


@pytest.fixture
def client(place: Settings) -> Iterator[Client]:
    migrate_clickhouse(place)
    with closing(clickhouse_connect.get_client(dsn=place.required("clickhouse_url"), autogenerate_session_id=False)) as client:
        yield client


def of_0b392cf(row_class: type) -> str:
    """How commit 0b392cf created the table: neither version nor partitions."""
    contract = contract_of(row_class)
    statement = created(contract.table, contract)
    without = re.sub(r",\n  (written_at|is_removed|\w+_number|INDEX by_arrival) [^\n]*?(?=,?\n)", "", statement).replace(
        "(written_at, is_removed)", ""
    )
    return re.sub(r"PARTITION BY \S+ ", "", without)


# As `SHOW CREATE TABLE markets` said in a house of commit 0b392cf, without its comments.
MARKETS_OF_0B392CF = (
    "CREATE TABLE markets (token_id String, condition_id String, outcome String, outcome_index Int64, question String, category String, "
    "event String, tick_size Decimal(18, 10), min_shares Decimal(18, 6), fee_rate Decimal(18, 10), fee_exponent Int64, neg_risk Bool, "
    "version String, ends_at Nullable(DateTime64(6, 'UTC')), resolved_at Nullable(DateTime64(6, 'UTC')), payout Nullable(Decimal(18, 6)), "
    "updated_at DateTime64(6, 'UTC')) ENGINE = ReplacingMergeTree ORDER BY token_id"
)
NAMES = "token_id, condition_id, outcome, question, category, event, tick_size, min_shares, neg_risk, version, resolved_at, payout"
VALUES = "'t', '0xc', 'Yes', 'Will it?', '{category}', 'it', 0.001, 5, true, 'v1', '2026-01-02 03:04:05.678901', 1"


@pytest.fixture
def an_old_house(client: Client) -> Client:
    """30 trades in three months, one of them written twice, the second time with another outcome; one market written twice."""
    client.command("DROP TABLE trades")
    client.command(of_0b392cf(Trade))
    client.command(MARKETS_OF_0B392CF)
    client.command(
        "INSERT INTO trades (trade_id, wallet, token_id, outcome, traded_at) "
        "SELECT toString(number), concat('w', toString(number % 7)), 't', 'Yes', toDateTime64('2026-01-01 00:00:00', 6, 'UTC') "
        "+ toIntervalDay(number * 3) FROM numbers(30)"
    )
    client.command("INSERT INTO trades SELECT * REPLACE ('No' AS outcome) FROM trades WHERE trade_id = '0'")
    for category in ("first", "last"):
        client.command(f"INSERT INTO markets ({NAMES}) VALUES ({VALUES.format(category=category)})")
    return client


def rows(client: Client, query: str) -> list[Any]:
    return list(client.query(query).result_rows)


def shape(client: Client, table: str) -> dict[str, Any]:
    return next(iter(client.query(f"SELECT * FROM system.tables WHERE database = currentDatabase() AND name = '{table}'").named_results()))


def test_a_table_of_an_older_house_gets_todays_engine_and_partitions_with_every_row(an_old_house: Client, place: Settings) -> None:
    """0b392cf's tables had no version: which of two writes of one key held was decided by whatever merged first."""
    migrate_clickhouse(place)
    trades = shape(an_old_house, "trades")
    assert trades["engine_full"].startswith("ReplacingMergeTree(written_at, is_removed) PARTITION BY toYYYYMM(traded_at)")
    assert rows(an_old_house, "SELECT count(), uniqExact(trade_id), countIf(outcome = 'No') FROM trades FINAL") == [(30, 30, 1)]
    assert rows(an_old_house, "SELECT category FROM instruments FINAL") == [("last",)]
    parts = "SELECT DISTINCT partition FROM system.parts WHERE active AND database = currentDatabase() AND table = 'trades' ORDER BY 1"
    assert rows(an_old_house, parts) == [("202601",), ("202602",), ("202603",)]  # the 30th is 87 days after January 1st: March 29th


def test_the_markets_of_an_older_house_are_instruments_and_what_only_polymarket_says(an_old_house: Client, place: Settings) -> None:
    """A tick of 0.001 leaves 0.999 as the highest price of the book; ours stays at 0.99. The old table is gone, and asked for no more."""
    said: list[str] = []
    for _ in range(2):
        migrate_clickhouse(place, said.append)
    known = rows(
        an_old_house,
        "SELECT venue, token_id, market_id, category, stake_currency, lowest_price, highest_price, price_increment, share_increment, "
        "min_shares, min_notional, fee_formula, entry_denial, toString(ended_at), ended_at_is_assumed, payout, "
        "highest_payout FROM instruments FINAL",
    )
    cent, tick = Decimal("0.01"), Decimal("0.001")
    bounds = (cent, Decimal("0.99"), tick, cent, 5, 1)
    assert known == [
        ("polymarket", "t", "0xc", "last", "USD", *bounds, "binary", None, "2026-01-02 03:04:05.678901", False, 1, 1),
    ]  # fmt: skip
    words = rows(an_old_house, "SELECT token_id, outcome, question, event, neg_risk, version FROM polymarket_markets FINAL")
    assert words == [("t", "Yes", "Will it?", "it", True, "v1")]
    assert rows(an_old_house, "EXISTS TABLE markets") == [(0,)]
    assert [line for line in said if "markets: " in line] == ["migrations: markets: 1 rows are in instruments and polymarket_markets now"]


def test_payments_of_an_older_house_stay_although_a_payment_may_lack_its_time_by_now(client: Client, place: Settings) -> None:
    """A type that may be empty where it could not be was "another type", which nobody undoes unasked: no migration knew it."""
    client.command("DROP TABLE fundings")
    client.command(
        "CREATE TABLE fundings (wallet String, funder String, amount Decimal(38, 9), funded_at DateTime64(6, 'UTC'), tx String, "
        "source_known Nullable(String)) ENGINE = ReplacingMergeTree ORDER BY (wallet, funder, tx)"
    )
    client.command("INSERT INTO fundings VALUES ('w', 'f', 1.5, '2026-01-02 03:04:05.678901', 't', 'OKX')")
    migrate_clickhouse(place)
    told = "SELECT wallet, funder, amount, toString(funded_at), tx, source_known, source, loaded_at FROM fundings FINAL"
    assert rows(client, told) == [("w", "f", Decimal("1.5"), "2026-01-02 03:04:05.678901", "t", "OKX", None, None)]


def test_instruments_of_an_older_house_say_what_they_pay_at_most(client: Client, place: Settings) -> None:
    """It was a constant of ours: 1 USD of an outcome; of a mint nobody can say."""
    client.command("ALTER TABLE instruments DROP COLUMN highest_payout")
    for venue in ("polymarket", "solana"):
        client.command(f"INSERT INTO instruments (venue, token_id) VALUES ('{venue}', '{venue}')")
    migrate_clickhouse(place)
    told = rows(client, "SELECT venue, highest_payout FROM instruments FINAL ORDER BY venue")
    assert told == [("polymarket", 1), ("solana", None)]


def test_a_split_that_was_cut_short_is_done_again(an_old_house: Client, place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """It had written both parts and died before the old table went."""
    monkeypatch.setattr(Server, "change", lambda *_: None)
    migrate_clickhouse(place)
    monkeypatch.undo()
    migrate_clickhouse(place)
    assert rows(an_old_house, "SELECT (SELECT count() FROM instruments FINAL), (SELECT count() FROM polymarket_markets FINAL)") == [(1, 1)]


def test_migrating_again_moves_nothing(an_old_house: Client, place: Settings) -> None:
    migrate_clickhouse(place)
    before = rows(an_old_house, "SELECT max(written_at) FROM trades")
    said: list[str] = []
    migrate_clickhouse(place, said.append)
    assert (rows(an_old_house, "SELECT max(written_at) FROM trades"), said) == (before, [])


def test_numbers_that_follow_from_a_row_come_to_it_where_it_lies(client: Client, place: Settings) -> None:
    """A house of yesterday has none. Nothing is carried over: `written_at` stays, so profiling does not look at everything again."""
    for name in NUMBERS["trade_totals"]:
        client.command(f"ALTER TABLE trade_totals DROP COLUMN {name}")
    client.command("INSERT INTO trade_totals (wallet, token_id, market_id) VALUES ('w', 't', 'm')")
    before = rows(client, "SELECT written_at FROM trade_totals")
    said: list[str] = []
    migrate_clickhouse(place, said.append)
    client.command("INSERT INTO trade_totals (wallet, token_id, market_id) VALUES ('w', 'u', 'm')")
    numbers = "SELECT DISTINCT pair_number = cityHash64('w', 'm'), market_number = cityHash64('m'), wallet_number = cityHash64('w')"
    assert rows(client, f"{numbers} FROM trade_totals") == [(1, 1, 1)]
    assert (rows(client, "SELECT written_at FROM trade_totals WHERE token_id = 't'"), said) == (before, [])


def test_a_position_of_a_house_where_markets_were_conditions_gets_its_numbers_as_it_is_carried_over(
    client: Client, place: Settings
) -> None:
    client.command("DROP TABLE closed_positions")
    client.command(of_0b392cf(ClosedPosition).replace("`market_id`", "`condition_id`"))
    client.command("INSERT INTO closed_positions (wallet, token_id, condition_id) VALUES ('w', 't', 'm')")
    migrate_clickhouse(place)
    assert rows(client, "SELECT market_id, pair_number = cityHash64('w', 'm') FROM closed_positions FINAL") == [("m", 1)]


@pytest.mark.parametrize("pieces_done", [1, 3, 29])
def test_what_was_cut_short_goes_on_where_it_was(
    an_old_house: Client, place: Settings, monkeypatch: pytest.MonkeyPatch, pieces_done: int
) -> None:
    """The rows that had arrived are not written again: their `written_at` stays what it was."""
    monkeypatch.setattr(clickhouse_migration, "ROWS_A_PIECE", 1)
    said: list[str] = []

    def until_cut(line: str) -> None:
        said.append(line)
        if len(said) == pieces_done:
            raise CutShortError

    server = Server(an_old_house, say=until_cut)
    with pytest.raises(CutShortError):
        bring_up_to_date(server, contract_of(Trade))
    assert rows(an_old_house, "SELECT count() FROM trades FINAL") == [(30,)]
    arrived = rows(an_old_house, "SELECT trade_id, written_at FROM trades_of_today ORDER BY trade_id")
    migrate_clickhouse(place)
    assert set(arrived) <= set(rows(an_old_house, "SELECT trade_id, written_at FROM trades"))
    assert rows(an_old_house, "SELECT count(), countIf(outcome = 'No') FROM trades FINAL") == [(30, 1)]
    assert rows(an_old_house, "EXISTS TABLE trades_of_today") == [(0,)]


def test_the_old_table_left_over_after_it_gave_its_place_is_dropped(an_old_house: Client, place: Settings) -> None:
    migrate_clickhouse(place)
    an_old_house.command(of_0b392cf(Trade).replace("EXISTS trades", "EXISTS trades_of_today"))
    migrate_clickhouse(place)
    assert rows(an_old_house, "EXISTS TABLE trades_of_today") == [(0,)]
    assert rows(an_old_house, "SELECT count() FROM trades FINAL") == [(30,)]


def test_the_old_table_stays_when_a_row_did_not_arrive(an_old_house: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong condition would leave rows behind: here pieces that name only one month of three."""
    monkeypatch.setattr(clickhouse_migration, "_pieces", lambda *_: [("toYYYYMM(traded_at) = 202601", "toYYYYMM(traded_at) = 202601")])
    with pytest.raises(Unsafe, match="11 of 30 rows arrived"):  # January 1st to 31st, every third day
        bring_up_to_date(Server(an_old_house), contract_of(Trade))
    assert rows(an_old_house, "SELECT count() FROM trades FINAL") == [(30,)]


def test_each_piece_says_how_far_it_is(an_old_house: Client, place: Settings) -> None:
    said: list[str] = []
    migrate_clickhouse(place, said.append)
    assert [line for line in said if ": trades: " in line] == [
        f"migrations: trades: {done} of 30 rows carried over" for done in (11, 20, 30)
    ]


def test_the_newest_write_holds_whatever_merges_first(client: Client) -> None:
    """Parts are merged in any order; a row's version, not the place of its part, says which is newer."""
    client.command("INSERT INTO instruments (token_id, category) SELECT 't', 'newer'")
    client.command("INSERT INTO instruments (token_id, category, written_at) SELECT 't', 'older', '2020-01-01 00:00:00'", settings=_FORCED)
    client.command("OPTIMIZE TABLE instruments FINAL")
    assert rows(client, "SELECT category FROM instruments") == [("newer",)]


_FORCED = {"insert_allow_materialized_columns": 1}


def test_what_was_concluded_in_an_older_shape_is_due_at_once(client: Client, place: Settings) -> None:
    """Profiling reads what changed; rows that lack a column did not change, and would lack it for ever."""
    client.command("INSERT INTO wallet_profiles (wallet, as_of) VALUES ('w', '2026-11-01 00:00:00')")
    client.command("INSERT INTO profiling_steps (step, as_of) VALUES ('positions', '2026-11-01 00:00:00')")
    client.command("ALTER TABLE wallet_profiles DROP COLUMN omega")
    migrate_clickhouse(place)
    assert rows(client, "SELECT wallet, toYear(as_of) FROM wallet_profiles FINAL") == [("w", 1970)]
    assert rows(client, "SELECT count() FROM profiling_steps FINAL") == [(0,)]


# How long rows stay.


def at(days_ago: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days_ago):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(("keep_days", "left"), [(0, 2), (200, 1)])
def test_trades_stay_as_many_days_as_the_setting_says_and_0_is_for_ever(client: Client, place: Settings, keep_days: int, left: int) -> None:
    migrate_clickhouse(place.model_copy(update={"keep_days": keep_days}))
    for days_ago in (1, 300):
        client.command(f"INSERT INTO trades (trade_id, traded_at) VALUES ('{days_ago}', '{at(days_ago)}')")
    client.command("OPTIMIZE TABLE trades FINAL")
    assert rows(client, "SELECT count() FROM trades FINAL") == [(left,)]


def test_another_number_of_days_moves_no_row_and_none_takes_the_expiry_away(client: Client, place: Settings) -> None:
    client.command(f"INSERT INTO trades (trade_id, traded_at) VALUES ('a', '{at(1)}')")
    before = rows(client, "SELECT written_at FROM trades")
    for keep_days, said in ((200, "toIntervalDay(200)"), (300, "toIntervalDay(300)"), (0, None)):
        migrate_clickhouse(place.model_copy(update={"keep_days": keep_days}))
        engine = shape(client, "trades")["engine_full"]
        assert (said in engine) if said else ("TTL" not in engine)
    assert rows(client, "SELECT written_at FROM trades") == before


def test_only_what_is_summed_up_elsewhere_expires(client: Client, place: Settings) -> None:
    migrate_clickhouse(place.model_copy(update={"keep_days": 200}))
    expiring = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine_full LIKE '% TTL %' ORDER BY name"
    assert rows(client, expiring) == [("book_samples",), ("holder_positions",), ("trades",)]


@pytest.mark.parametrize("keep_days", [1, 179, -1])
def test_fewer_days_than_profiles_look_back_are_refused(keep_days: int) -> None:
    with pytest.raises(pydantic.ValidationError, match="keep_days"):
        Settings(keep_days=keep_days)


def test_a_replay_keeps_what_was_recorded_however_old() -> None:
    """A recording of 2022 in a house that keeps 200 days would be gone by its first merge."""
    place = Settings(keep_days=200, postgres_url="postgresql+psycopg://u:p@h/d", clickhouse_url="http://u:p@h:1/d")  # type: ignore[arg-type]
    assert place.for_replay("midterms").keep_days == 0


# A cluster. What its servers make of it needs a coordination service, which the engine in a wheel has not: here it is what they are told.


def test_a_named_cluster_gets_replicated_tables_on_all_its_servers() -> None:
    statement = created("trades", contract_of(Trade), keep_days=200, cluster="main")
    assert statement.startswith("CREATE TABLE IF NOT EXISTS trades ON CLUSTER 'main' (")
    assert "ENGINE = ReplicatedReplacingMergeTree(written_at, is_removed) PARTITION BY toYYYYMM(traded_at)" in statement


def test_the_engine_understands_the_statement_of_a_cluster(client: Client) -> None:
    for row_class in (Trade, HolderPosition, Instrument, PolymarketMarket):
        statement = created("a_table", contract_of(row_class), keep_days=200, cluster="{cluster}")
        assert client.query(f"EXPLAIN AST {statement}").result_rows


@pytest.mark.parametrize("name", ["a b", "a'; DROP TABLE trades; --", "a-b`"])
def test_the_name_of_a_cluster_is_a_word(name: str) -> None:
    with pytest.raises(pydantic.ValidationError, match="clickhouse_cluster"):
        Settings(clickhouse_cluster=name)


def test_the_columns_of_a_migrated_table_are_its_contracts_and_the_stores_own(an_old_house: Client, place: Settings) -> None:
    migrate_clickhouse(place)
    found = {(name, kind) for name, kind, *_ in an_old_house.query("DESCRIBE TABLE trades").result_rows}
    assert found == columns_of(contract_of(Trade))
