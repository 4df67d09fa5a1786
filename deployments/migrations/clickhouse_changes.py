"""How a ClickHouse table of an older version becomes today's: what columns were called, and what a new one holds in old rows."""

from collections.abc import Mapping

from adapters.stores.clickhouse_tables import IS_REMOVED, NUMBERS, WRITTEN_AT, column_type
from data_contracts import ROW_CLASSES, contract_of
from data_contracts.contract import Contract, Field

# Column today → what it was called before.
FORMER_NAMES = {"market_id": "condition_id"}
# Table → column it did not have → the SQL of what its old rows get.
# A trade of an older version was judged by its own time, and in no order within it; a market was over only where its end was known.
FILLED_WITH: dict[str, dict[str, str]] = {
    "trades": {"seen_at": "`traded_at`", "sequence": "0", "venue": "'polymarket'", "pool": "''"},
    "activities": {"venue": "'polymarket'"},
    "instruments": {"highest_payout": "if(`venue` = 'polymarket', toDecimal128(1, 18), NULL)"},
    "fundings": {"source": "NULL", "loaded_at": "NULL"},
}
# Table that is no more → table that took its rows over → column it did not have → the SQL of what that gets.
SPLIT: dict[str, dict[str, dict[str, str]]] = {
    "markets": {
        "instruments": {
            "venue": "'polymarket'",
            "stake_currency": "'USD'",
            "lowest_price": "greatest(tick_size, toDecimal64('0.01', 10))",
            "highest_price": "least(toDecimal64('1', 10) - tick_size, toDecimal64('0.99', 10))",
            "price_increment": "tick_size",
            "share_decimals": "6",
            "share_increment": "toDecimal64('0.01', 6)",
            "min_notional": "toDecimal64('1', 6)",
            "fee_formula": "'binary'",
            "entry_denial": "if(version IN ('v1', 'v2', 'recorded'), NULL, 'MARKET_VERSION_UNKNOWN')",
            "highest_payout": "toDecimal128(1, 18)",
            "ended_at": "resolved_at",
            "ended_at_is_assumed": "false",
        },
        "polymarket_markets": {},
    }
}
OWN = {WRITTEN_AT, IS_REMOVED, *(name for names in NUMBERS.values() for name in names)}  # written anew
DERIVED = {"closed_positions", "wallet_profiles", "bets", "wallet_skills"}  # written anew by the next wallet-profiling
LONG_AGO = "toDateTime64(0, 6, 'UTC')"  # as of which a row of an older shape is: it is due at once


def sources(contract: Contract, found: Mapping[str, str]) -> dict[str, str] | None:
    """Column → the SQL it is carried over by; None when a column would be lost, or nobody knows what it holds in old rows.

    `found`: the columns there are, with their types.
    """
    known = {field.name: _source(contract.table, field, found) for field in contract.fields}
    carried = {name: source for name, source in known.items() if source is not None}
    is_whole = len(carried) == len(known) and {f"`{name}`" for name in found if name not in OWN} <= set(carried.values())
    if contract.table in DERIVED and not is_whole:
        return carried | {"as_of": LONG_AGO}
    return carried if is_whole else None


def _source(table: str, field: Field, found: Mapping[str, str]) -> str | None:
    for name in (field.name, FORMER_NAMES.get(field.name, "")):
        if name in found and _fits(found[name], column_type(field)):
            return f"`{name}`"
    return FILLED_WITH.get(table, {}).get(field.name)


def _fits(before: str, today: str) -> bool:
    """The same type, one that may be empty by now, or a number of more digits: what else became of a column, nobody undoes unasked."""
    return today in (before, f"Nullable({before})") or ("Decimal" in before and "Decimal" in today)


def parts_of(table: str, found: Mapping[str, str]) -> dict[Contract, dict[str, str]]:
    """Contract → column → the SQL it is filled by, for the tables that took over the rows of one that is no more."""
    parts = {contract: SPLIT[table][contract.table] for contract in map(contract_of, ROW_CLASSES) if contract.table in SPLIT[table]}
    return {part: {field.name: _source_in(found, field.name, filled) for field in part.fields} for part, filled in parts.items()}


def _source_in(found: Mapping[str, str], name: str, filled: Mapping[str, str]) -> str:
    there = next((each for each in (name, FORMER_NAMES.get(name, "")) if each in found), None)
    return filled[name] if there is None else f"`{there}`"
