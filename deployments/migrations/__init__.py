"""Alembic's scripts for Postgres, a revision a file in `versions/`; for ClickHouse, what older tables lack, in `clickhouse_changes`.

`deployments.migrate.draft` writes a new revision with what the contracts have and a migrated database has not.
"""
