"""The ClickHouse tables, derived from the contracts. ReplacingMergeTree by key: the same row twice is the same row once."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from data_contracts.contract import Contract, Field
from data_contracts.frames import PRECISION

_TYPES = {str: "String", int: "Int64", float: "Float64", bool: "Bool", datetime: "DateTime64(6, 'UTC')"}
_EXTRAS = {"trades": "INDEX by_time traded_at TYPE minmax GRANULARITY 1"}
# Table → the instant in its key by whose month it is partitioned: rows of one key are then in one partition, where they can merge.
MONTHS = {"trades": "traded_at", "activities": "happened_at", "holder_positions": "as_of", "book_samples": "taken_at"}
# Many rows, each summed up elsewhere. Activities are few, and positions need them all.
EXPIRING = ("trades", "holder_positions", "book_samples")
# Tables of looks, of which the last of each thing stays however old it is → the instant of a look.
LAST_STAYS = {"token_looks": "looked_at"}
# Columns of the store's own, in no contract. The server says when a row was written, and the newest write of a key is the one that holds,
# whatever merges first; a row that is removed is written once more as removed.
WRITTEN_AT, IS_REMOVED = "written_at", "is_removed"
_OWN = {WRITTEN_AT: "DateTime64(6, 'UTC') MATERIALIZED now64(6, 'UTC')", IS_REMOVED: "UInt8 DEFAULT 0"}
# What tells wallets, markets, transactions and their pairs apart in eight bytes. What changed is looked for among all rows of old, hourly:
# a number is found there in a tenth of the time that two long names take. A collision makes that a row too many is looked at.
_BY_WALLET_AND_MARKET = {
    "pair_number": "cityHash64(wallet, market_id)",
    "market_number": "cityHash64(market_id)",
    "wallet_number": "cityHash64(wallet)",
}
NUMBERS = {
    "trades": {"position_number": "cityHash64(wallet, token_id)", "tx_number": "cityHash64(tx_hash)"},
    "trade_totals": _BY_WALLET_AND_MARKET,
    "closed_positions": _BY_WALLET_AND_MARKET,
    "bets": _BY_WALLET_AND_MARKET,
}
_BY_ARRIVAL = f"INDEX by_arrival {WRITTEN_AT} TYPE minmax GRANULARITY 1"
VERSION = f"{WRITTEN_AT}, {IS_REMOVED}"


def columns_of(contract: Contract) -> set[tuple[str, str]]:
    """(name, type) of a table's columns, as ClickHouse describes them."""
    own = {(name, declared.partition(" MATERIALIZED")[0].partition(" DEFAULT")[0]) for name, declared in _OWN.items()}
    numbers = {(name, "UInt64") for name in NUMBERS.get(contract.table, ())}
    return {(field.name, column_type(field)) for field in contract.fields} | own | numbers


def created(table: str, contract: Contract, keep_days: int = 0, cluster: str = "") -> str:
    """CREATE TABLE statement of a contract's table, under its own name or another; on every server of a cluster, if one is named."""
    columns = [f"`{field.name}` {column_type(field)} COMMENT '{_quoted(field.column.meaning)}'" for field in contract.fields]
    own = [f"{name} {declared}" for name, declared in _OWN.items()] + numbers(contract)
    extra = [_EXTRAS[contract.table]] if contract.table in _EXTRAS else []
    body = ",\n  ".join([*columns, *own, *extra, _BY_ARRIVAL])
    clauses = [f"CREATE TABLE IF NOT EXISTS {table}{on_cluster(cluster)} (\n  {body}\n) ENGINE = {engine(cluster)}({VERSION})"]
    if partition(contract):
        clauses.append(f"PARTITION BY {partition(contract)}")
    clauses.append(f"ORDER BY ({', '.join(contract.key)})")
    if expiry(contract, keep_days):  # whole parts only: nothing is rewritten to forget some of its rows
        clauses.append(f"TTL {expiry(contract, keep_days)} SETTINGS ttl_only_drop_parts = 1")
    return " ".join(clauses)


def numbers(contract: Contract) -> list[str]:
    """Declarations of the columns of NUMBERS."""
    return [f"{name} UInt64 MATERIALIZED {expression}" for name, expression in NUMBERS.get(contract.table, {}).items()]


def engine(cluster: str) -> str:
    """Where a replicated table keeps its journal is for the servers to say (default_replica_path)."""
    return "ReplicatedReplacingMergeTree" if cluster else "ReplacingMergeTree"


def on_cluster(cluster: str) -> str:
    """What a statement about a table says besides, so that it holds on every server."""
    return f" ON CLUSTER '{cluster}'" if cluster else ""


def partition(contract: Contract) -> str:
    """The expression a table is partitioned by; empty where it is not."""
    return f"toYYYYMM({MONTHS[contract.table]})" if contract.table in MONTHS else ""


def expiry(contract: Contract, keep_days: int) -> str:
    """When a row goes; empty where all stay for ever."""
    is_kept = not keep_days or contract.table not in EXPIRING
    return "" if is_kept else f"toDateTime({MONTHS[contract.table]}) + toIntervalDay({keep_days})"


def column_type(field: Field) -> str:
    """The ClickHouse type of a column."""
    if field.kind is Decimal:
        bare = f"Decimal({PRECISION}, {field.column.scale})"
    elif issubclass(field.kind, Enum):
        bare = "LowCardinality(String)"
    else:
        bare = _TYPES[field.kind]
    if field.nullable and bare.startswith("LowCardinality"):
        return "LowCardinality(Nullable(String))"
    return f"Nullable({bare})" if field.nullable else bare


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
