"""Rate limits that all processes share, counted in Postgres by its own clock."""

from adapters.feeds.pace import spacing
from adapters.stores.postgres import plain_connection, plain_engine_of, quoted
from adapters.stores.postgres_address import schema_in

# One row a limit: when its last slot is. A slot that was not used is kept for a while, so that a few calls may come at once. The table is
# unlogged: after a crash nobody needs to know who called before it, and a logged one made every call wait for the disk.
_TAKE = (
    "INSERT INTO {schema}.paces AS paces (name, free_at) "
    "VALUES (%(name)s, clock_timestamp() - make_interval(secs => %(burst_s)s) + make_interval(secs => %(gap_s)s)) "
    "ON CONFLICT (name) DO UPDATE SET "
    "free_at = greatest(paces.free_at, clock_timestamp() - make_interval(secs => %(burst_s)s)) + make_interval(secs => %(gap_s)s) "
    "RETURNING extract(epoch FROM free_at - clock_timestamp())"
)
_HOLD = (
    "INSERT INTO {schema}.paces AS paces (name, free_at) VALUES (%(name)s, clock_timestamp() + make_interval(secs => %(seconds)s)) "
    "ON CONFLICT (name) DO UPDATE SET free_at = greatest(paces.free_at, EXCLUDED.free_at)"
)


class SharedPace:
    """The `Pace` of every process that uses this database."""

    def __init__(self, url: str) -> None:
        self._engine, self._schema = plain_engine_of(url), quoted([schema_in(url)])[0]

    def wait_s(self, name: str, limit: int) -> float:
        gap_s, burst_s = spacing(limit)
        return max(0.0, float(str(self._ask(_TAKE, name=name, gap_s=gap_s, burst_s=burst_s))))

    def hold(self, name: str, seconds: float) -> None:
        self._ask(_HOLD, name=name, seconds=seconds)

    def _ask(self, statement: str, **values: object) -> object:
        with plain_connection(self._engine) as connection:
            answer = connection.execute(statement.replace("{schema}", self._schema), values)
            found = answer.fetchone() if answer.description else None
            return found[0] if found else None
