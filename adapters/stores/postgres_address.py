"""Which schema of a Postgres is ours, said in its address: postgresql+psycopg://user:password@host/database?schema=replay_x.

A proxy that pools transactions gives each of them another connection, and drops what a client says of its own at the start: with the schema
said as a search_path there, a replay's rows would land among the real ones. So statements name the schema themselves, and a transaction
says it once more, for itself alone.
"""

import re

import sqlalchemy as sa

DEFAULT = "public"
_SEARCH_PATH = re.compile(r"-c\s*search_path=(\w+)")


def schema_in(url: str) -> str:
    """The `schema` of the address; else the one of a search_path in its `options`, as addresses said it once; else public."""
    query = sa.make_url(url).query
    said = _SEARCH_PATH.search(str(query.get("options", "")))
    return str(query.get("schema") or (said[1] if said else DEFAULT))


def names_its_schema(url: str) -> bool:
    return bool({"schema", "options"} & set(sa.make_url(url).query))


def for_driver(url: str) -> sa.URL:
    """The address without what the driver does not know."""
    return sa.make_url(url).difference_update_query(["schema"])
