"""Alembic's scripts for Postgres, a revision a file in `versions/`; for ClickHouse, what older tables lack, in `clickhouse_changes`."""
