"""Places with every table as the migrations leave it. The revisions run once a server; each further schema is a copy of what they left."""

import sqlalchemy as sa
from clickhouse_connect.driver.client import Client

from adapters.connect import open_graph
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from adapters.stores.postgres_address import schema_in
from deployments.migrate import migrate_clickhouse, migrate_postgres

MIGRATED = "migrated_once"
# LIKE says neither that a table is UNLOGGED, nor what it is for, nor what its indexes are called; and some revisions fill tables.
COPY = """
DO $$
DECLARE one record;
BEGIN
  CREATE SCHEMA {schema};
  FOR one IN SELECT relname AS name, relpersistence = 'u' AS is_unlogged, obj_description(oid) AS meaning FROM pg_class
    WHERE relnamespace = '{migrated}'::regnamespace AND relkind = 'r'
  LOOP
    EXECUTE format('CREATE %s TABLE {schema}.%I (LIKE {migrated}.%I INCLUDING ALL EXCLUDING INDEXES)',
      CASE WHEN one.is_unlogged THEN 'UNLOGGED' ELSE '' END, one.name, one.name);
    EXECUTE format('COMMENT ON TABLE {schema}.%I IS %L', one.name, one.meaning);
    EXECUTE format('INSERT INTO {schema}.%I SELECT * FROM {migrated}.%I', one.name, one.name);
  END LOOP;
  FOR one IN SELECT conname AS name, (SELECT relname FROM pg_class WHERE oid = conrelid) AS of_table,
    pg_get_constraintdef(oid) AS said FROM pg_constraint
    WHERE connamespace = '{migrated}'::regnamespace AND contype = 'p'
  LOOP
    EXECUTE format('ALTER TABLE {schema}.%I ADD CONSTRAINT %I %s', one.of_table, one.name, one.said);
  END LOOP;
  FOR one IN SELECT indexdef AS said FROM pg_indexes WHERE schemaname = '{migrated}'
    AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE connamespace = '{migrated}'::regnamespace)
  LOOP
    EXECUTE replace(one.said, ' {migrated}.', ' {schema}.');
  END LOOP;
END $$
"""


def make_place(settings: Settings) -> None:
    """What `migrate` does, in a tenth of its time where it is not the claim. A place that is there stays as it is."""
    make_schema(settings)
    migrate_clickhouse(settings)
    open_graph(settings).prepare()


def make_schema(settings: Settings) -> None:
    """The same of Postgres alone."""
    url = settings.required("postgres_url")
    schema, migrated = schema_in(url), _at(url, MIGRATED)
    migrate_postgres(Settings(postgres_url=migrated))  # type: ignore[arg-type]
    with engine_of(migrated).begin() as connection:
        if connection.scalar(sa.text("SELECT to_regnamespace(:name)"), {"name": schema}) is None:
            connection.execute(sa.text(COPY.format(schema=schema, migrated=MIGRATED)))


def _at(url: str, schema: str) -> str:
    plain = sa.make_url(url).difference_update_query(["schema", "options"])
    return plain.update_query_dict({"schema": schema}).render_as_string(hide_password=False)


# All tables of the schema at once would be a new file for each of them and its indexes.
EMPTY = """
DO $$
DECLARE one record; has_rows boolean;
BEGIN
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'alembic_version'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.name) INTO has_rows;
    IF has_rows THEN EXECUTE format('DELETE FROM %I', one.name); END IF;
  END LOOP;
END $$
"""


def empty_schema(url: str) -> None:
    """Leaves no row in any table."""
    with engine_of(url).begin() as connection:
        connection.execute(sa.text(EMPTY))


def empty_database(client: Client) -> None:
    """The same of a ClickHouse database."""
    for (table,) in client.query("SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0").result_rows:
        client.command(f"TRUNCATE TABLE {table}")
