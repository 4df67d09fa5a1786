"""Postgres says that something was posted: whoever runs cycles hears it at once, and need not ask."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import sqlalchemy as sa

from adapters.stores.postgres import POSTED, plain_engine_of, quoted
from adapters.stores.postgres_address import schema_in
from data_contracts.errors import Unavailable


def posted(url: str) -> Iterator[None]:
    """Yields once it listens, and whenever `receive` has stored something in the schema of this address. Raises Unavailable.

    A proxy that pools transactions passes nothing on, and stays silent: who must miss nothing looks now and then besides.
    """
    here = quoted([schema_in(url)])[0]
    try:
        pooled = plain_engine_of(url).raw_connection()
        pooled.detach()  # it listens as long as it is open, and goes back to no pool
        with closing(pooled):
            connection: psycopg.Connection[object] = pooled.dbapi_connection  # type: ignore[assignment]
            connection.execute(f"LISTEN {POSTED}".encode())
            yield
            yield from (None for notice in connection.notifies() if notice.payload == here)
    except (sa.exc.OperationalError, psycopg.OperationalError) as error:
        raise Unavailable(f"postgres: {error}") from error
