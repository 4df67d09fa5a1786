"""Alembic's way in: the migrations run on the connection that `deployments.migrate` hands over."""

from alembic import context

from adapters.stores.postgres_tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
