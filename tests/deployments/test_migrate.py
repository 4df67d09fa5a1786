"""The stores have the shape the contracts promise: after a migration, after two, and never another without a word."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from runpy import run_path

import clickhouse_connect
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from clickhouse_connect.driver.client import Client

from adapters.settings import Settings
from adapters.stores.clickhouse_tables import columns_of, created
from adapters.stores.postgres import PostgresResults, engine_of
from adapters.stores.postgres_tables import METADATA, TABLES
from adapters.stores.results import Write
from data_contracts import ROW_CLASSES, Strategy, WalletProfile, Watermark, contract_of
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of
from deployments.migrate import MIGRATIONS, drift, migrate, migrate_clickhouse, migrate_postgres
from tests.places import make_schema

CLICKHOUSE = [contract for contract in map(contract_of, ROW_CLASSES) if contract.store == "clickhouse"]

SHAPE = (
    "SELECT version_num FROM alembic_version",
    "SELECT relname, relpersistence, obj_description(oid) FROM pg_class WHERE relnamespace = 'migrate_tests'::regnamespace ORDER BY 1",
    "SELECT table_name, column_name, column_default, is_nullable, data_type FROM information_schema.columns"
    " WHERE table_schema = 'migrate_tests' ORDER BY 1, 2",
    "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'migrate_tests'::regnamespace ORDER BY 1, 3",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'migrate_tests' ORDER BY 1",
)
STRATEGIES = [
    (
        "one",
        "polymarket",
        "USD",
        "mirror",
        '{"follow": {"top": 7}}',
        Decimal("12.500000001"),
        True,
        *[datetime(2026, 11, 3, tzinfo=UTC)] * 2,
    ),
    ("two", "moon", "SOL", "oracle", "no JSON", Decimal(5), False, *[datetime(2026, 11, 3, tzinfo=UTC)] * 2),  # nobody can read it
]
MARK = Watermark(name="trades", reached_at=datetime(2026, 11, 3, tzinfo=UTC))


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Settings]:
    """A schema that is not there yet; gone afterwards."""
    yield Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Dmigrate_tests")  # type: ignore[arg-type]
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA IF EXISTS migrate_tests CASCADE"))


@pytest.fixture
def clickhouse(clickhouse_url: str) -> Iterator[Settings]:
    """A database that is not there yet; gone afterwards."""
    yield Settings(clickhouse_url=f"{clickhouse_url.rpartition('/')[0]}/migrate_tests")  # type: ignore[arg-type]
    with client_of(clickhouse_url) as client:
        client.command("DROP DATABASE IF EXISTS migrate_tests")


def client_of(url: str) -> "closing[Client]":
    return closing(clickhouse_connect.get_client(dsn=url, autogenerate_session_id=False))


def differences(settings: Settings) -> list[object]:
    with engine_of(settings.required("postgres_url")).connect() as connection:
        return drift(connection)


def changed(settings: Settings, statement: str) -> list[object]:
    """What is reported after somebody changed the migrated database by hand."""
    migrate_postgres(settings)
    with engine_of(settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text(statement))
    return differences(settings)


def test_after_the_migrations_postgres_is_what_the_contracts_say(postgres: Settings) -> None:
    """If this fails, a contract changed without a migration: `deployments.migrate.draft` writes one."""
    migrate_postgres(postgres)
    assert differences(postgres) == []


def test_before_the_migrations_everything_is_missing(postgres: Settings, postgres_url: str) -> None:
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA migrate_tests"))
    assert len(differences(postgres)) >= len(METADATA.tables)


def test_migrating_again_changes_nothing(postgres: Settings) -> None:
    migrate_postgres(postgres)
    inspector = sa.inspect(engine_of(postgres.required("postgres_url")))
    before = {table: inspector.get_columns(table) for table in inspector.get_table_names()}
    migrate_postgres(postgres)
    again = sa.inspect(engine_of(postgres.required("postgres_url")))
    assert {table: str(again.get_columns(table)) for table in again.get_table_names()} == {t: str(c) for t, c in before.items()}
    assert differences(postgres) == []


def test_two_who_make_one_place_at_once_both_find_it_made(postgres: Settings) -> None:
    """A replay and a sweep of one recording were started together: the replay failed, as its schema was there already."""
    begin = threading.Barrier(2)

    def make(_: int) -> None:
        begin.wait()
        migrate_postgres(postgres)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(make, range(2)))
    assert differences(postgres) == []


def test_the_copy_that_other_tests_stand_on_is_what_the_migrations_leave(postgres: Settings) -> None:
    """Columns, types and indexes by Alembic's own comparison; and what it does not look at: revision, UNLOGGED, keys, comments, rows."""
    shapes = {}
    for make in (make_schema, migrate_postgres):
        make(postgres)
        assert differences(postgres) == []
        with engine_of(postgres.required("postgres_url")).begin() as connection:
            shapes[make] = [connection.execute(sa.text(question)).all() for question in SHAPE]
            connection.execute(sa.text("DROP SCHEMA migrate_tests CASCADE"))
    assert shapes[make_schema] == shapes[migrate_postgres]
    assert [len(rows) > 0 for rows in shapes[make_schema]] == [True] * len(SHAPE)


@pytest.mark.parametrize(
    ("statement", "kind", "named"),
    [
        ("ALTER TABLE fills ALTER COLUMN price TYPE double precision", "modify_type", "price"),
        ("ALTER TABLE fills ALTER COLUMN shares TYPE numeric(12, 2)", "modify_type", "shares"),
        ("ALTER TABLE orders ALTER COLUMN created_at TYPE timestamp without time zone", "modify_type", "created_at"),
        ("ALTER TABLE orders ALTER COLUMN reason SET NOT NULL", "modify_nullable", "reason"),
        ("ALTER TABLE signals DROP COLUMN latency_s", "add_column", "latency_s"),
        ("ALTER TABLE signals ADD COLUMN extra text", "remove_column", "extra"),
        ("DROP TABLE watermarks", "add_table", "watermarks"),
        ("CREATE TABLE forgotten (id int)", "remove_table", "forgotten"),
        ("DROP INDEX ix_orders_status", "add_index", "ix_orders_status"),
    ],
)
def test_a_change_by_hand_is_reported(postgres: Settings, statement: str, kind: str, named: str) -> None:
    report = str(changed(postgres, statement))
    assert kind in report
    assert named in report


def test_a_schema_that_is_not_there_is_made_and_its_rows_stay_apart(postgres: Settings, postgres_url: str) -> None:
    """What a replay writes must not be seen in the house, nor the other way round."""
    replay = Settings(postgres_url=postgres_url, clickhouse_url="http://u:p@h:1/d").for_replay("migrate tests")  # type: ignore[arg-type]
    migrate_postgres(replay)
    try:
        with engine_of(replay.required("postgres_url")).connect() as connection:
            assert connection.scalar(sa.text("SELECT current_schema()")) == "replay_migrate_tests"
            assert drift(connection) == []
        migrate_postgres(postgres)
        PostgresResults(replay.required("postgres_url")).write([Write(Watermark, frame_of([MARK], Watermark))])
        assert PostgresResults(postgres.required("postgres_url")).read(Watermark).is_empty()
    finally:
        engine_of(replay.required("postgres_url")).dispose()
        with engine_of(postgres_url).begin() as connection:
            connection.execute(sa.text("DROP SCHEMA replay_migrate_tests CASCADE"))


def test_who_left_out_wash_and_bait_leaves_out_prearranged_records_as_well(postgres_url: str) -> None:
    """A strategy that has the default of its day gets today's; another choice is an operator's word and stays."""
    (found,) = (MIGRATIONS / "versions").glob("*_prearranged.py")
    with engine_of(postgres_url).begin() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(sa.text("CREATE TEMPORARY TABLE strategies (policy text) ON COMMIT DROP"))
        policies = [{"policy": f'{{"without_traps":{traps}}}'} for traps in ('["wash","bait"]', '["wash"]')]
        connection.execute(sa.text("INSERT INTO strategies VALUES (:policy)"), policies)
        run_path(str(found))["upgrade"]()
        after = connection.execute(sa.text("SELECT policy FROM strategies ORDER BY policy")).scalars().all()
    assert after == ['{"without_traps":["wash","bait","prearranged"]}', '{"without_traps":["wash"]}']


def test_what_a_strategy_is_when_versions_begin_is_its_first(postgres_url: str) -> None:
    """A house of before there were any opens with a history, and can go back to what it was on that day."""
    (found,) = (MIGRATIONS / "versions").glob("*_strategy_versions.py")
    columns = dict(TABLES[Strategy].c.items())
    with engine_of(postgres_url).connect() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(sa.text("SET LOCAL search_path TO pg_temp"))
        sa.Table("strategies", sa.MetaData(), *(column._copy() for column in columns.values())).create(connection)
        connection.execute(sa.insert(TABLES[Strategy]), [dict(zip(columns, row, strict=True)) for row in STRATEGIES])
        run_path(str(found))["upgrade"]()
        after = connection.execute(sa.text("SELECT * FROM strategy_versions ORDER BY strategy_id")).all()
        connection.rollback()
    assert after == [(row[0], 1, *row[1:], "as it was found") for row in STRATEGIES]


def test_clickhouse_has_every_table_as_its_contract_says(clickhouse: Settings) -> None:
    migrate_clickhouse(clickhouse)
    migrate_clickhouse(clickhouse)
    with client_of(clickhouse.required("clickhouse_url")) as client:
        for contract in CLICKHOUSE:
            found = {(name, kind) for name, kind, *_ in client.query(f"DESCRIBE TABLE {contract.table}").result_rows}
            assert found == columns_of(contract)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("ALTER TABLE trades MODIFY COLUMN notional Float64", "notional"),
        ("ALTER TABLE trades DROP COLUMN ordinal", "ordinal"),
        ("ALTER TABLE trades DROP COLUMN tx_number, DROP COLUMN tx_hash", "tx_hash"),
        ("ALTER TABLE trades ADD COLUMN extra String", "extra"),
    ],
)
def test_a_clickhouse_table_of_another_shape_is_unsafe_and_its_columns_are_named(clickhouse: Settings, statement: str, named: str) -> None:
    migrate_clickhouse(clickhouse)
    with client_of(clickhouse.required("clickhouse_url")) as client:
        client.command(statement)
    with pytest.raises(Unsafe, match=f"ClickHouse table trades differs from its contract in .*'{named}'.*ALTER it"):
        migrate_clickhouse(clickhouse)


def test_a_table_that_is_written_anew_gets_the_columns_it_lacks(clickhouse: Settings) -> None:
    """A house from before a statistic was thought of goes on; a trade's missing column is another matter."""
    migrate_clickhouse(clickhouse)
    with client_of(clickhouse.required("clickhouse_url")) as client:
        client.command("ALTER TABLE wallet_profiles DROP COLUMN excess_wins_z, DROP COLUMN priced_positions")
        migrate_clickhouse(clickhouse)
        found = {(name, kind) for name, kind, *_ in client.query("DESCRIBE TABLE wallet_profiles").result_rows}
    assert found == columns_of(contract_of(WalletProfile))


@pytest.mark.parametrize("table", ["trades", "holder_positions"])
def test_the_rows_of_a_table_with_a_former_name_are_carried_over(clickhouse: Settings, table: str) -> None:
    """`market_id` was `condition_id`, in holder_positions as a part of the key: ClickHouse renames no column of a key."""
    contract = next(contract for contract in CLICKHOUSE if contract.table == table)
    before = created(table, contract).replace("market_id", "condition_id")
    migrate_clickhouse(clickhouse)
    with client_of(clickhouse.required("clickhouse_url")) as client:
        client.command(f"DROP TABLE {table}")
        client.command(before)
        client.command(f"INSERT INTO {table} (wallet, condition_id) VALUES ('0xa', '0xabc'), ('0xb', '0xdef')")
        migrate_clickhouse(clickhouse)
        migrate_clickhouse(clickhouse)
        found = {(name, kind) for name, kind, *_ in client.query(f"DESCRIBE TABLE {table}").result_rows}
        assert found == columns_of(contract)
        assert sorted(client.query(f"SELECT DISTINCT market_id FROM {table}").result_rows) == [("0xabc",), ("0xdef",)]


def test_a_trade_of_an_older_version_was_seen_when_it_happened(clickhouse: Settings) -> None:
    """Judging goes by `seen_at` now: were it today's, the first cycle would judge all of history."""
    contract = next(contract for contract in CLICKHOUSE if contract.table == "trades")
    added = ("`seen_at` ", "`sequence` ")
    before = "\n".join(line for line in created("trades", contract).split("\n") if not line.strip().startswith(added))
    migrate_clickhouse(clickhouse)
    with client_of(clickhouse.required("clickhouse_url")) as client:
        client.command("DROP TABLE trades")
        client.command(before.replace(",\n)", "\n)"))
        client.command("INSERT INTO trades (wallet, traded_at) VALUES ('0xa', '2026-11-03 12:00:00')")
        migrate_clickhouse(clickhouse)
        assert client.query("SELECT seen_at = traded_at, sequence FROM trades").result_rows == [(True, 0)]


def test_all_three_stores_are_migrated_and_again(stack_settings: Settings, postgres: Settings, clickhouse: Settings) -> None:
    settings = stack_settings.model_copy(update={"postgres_url": postgres.postgres_url, "clickhouse_url": clickhouse.clickhouse_url})
    for _ in range(2):
        migrate(settings)
    assert differences(settings) == []
