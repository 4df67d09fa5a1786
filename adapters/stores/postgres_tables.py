"""The Postgres tables, derived from the contracts: SQLAlchemy metadata that Alembic compares the migrations with."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from data_contracts import ROW_CLASSES, contract_of
from data_contracts.contract import Field
from data_contracts.frames import PRECISION

METADATA = sa.MetaData()

_TYPES: dict[type, Any] = {str: sa.Text, int: sa.BigInteger, float: sa.Double, bool: sa.Boolean}

# What operators and cycles ask for; keys are indexed already. Whatever sums up all there ever was reads its index alone.
_INDEXES: dict[str, list[tuple[str, ...]]] = {
    "signals": [("traded_at",), ("strategy_id", "judged_at"), ("judged_at",), ("leader", "judged_at")],
    "judged_trades": [("judged_at",), ("trade_id",), ("signal_id",)],
    "deferrals": [("ended_at",)],
    "orders": [("status",), ("signal_id",), ("created_at",)],
    "exits": [("done_at",)],
    "equity": [("as_of",)],
    "fills": [("order_id",), ("strategy_id", "filled_at"), ("strategy_id", "token_id"), ("filled_at",)],
    "positions": [("closed_at",), ("strategy_id", "closed_at"), ("strategy_id", "realized_pnl")],
    "peaks": [("token_id",)],
    "signal_scores": [("strategy_id", "token_id")],
    "swap_receipts": [("strategy_id", "traded", "rent", "sol_change")],
    "hand_trades": [("token_id",)],
    "quarantine": [("seen_at",)],
    "alerts": [("cleared_at",), ("raised_at",)],
    "rates": [("seen_at",)],
    "trade_intents": [("sequence",)],
    "taken_intents": [("seen_at",), ("trade_id",), ("leader",)],
    "deliveries": [("sequence",)],
}


def _column(field: Field, key: tuple[str, ...]) -> sa.Column[Any]:
    return sa.Column(field.name, _type(field), primary_key=field.name in key, nullable=field.nullable, comment=field.column.meaning)


def _type(field: Field) -> Any:
    if field.kind is Decimal:
        return sa.Numeric(PRECISION, field.column.scale)
    if field.kind is datetime:
        return postgresql.TIMESTAMP(timezone=True)
    return _TYPES[str if issubclass(field.kind, Enum) else field.kind]


def _table(row_class: type) -> sa.Table:
    contract = contract_of(row_class)
    columns = [_column(field, contract.key) for field in contract.fields]
    indexes = [sa.Index(f"ix_{contract.table}_{'_'.join(names)}", *names) for names in _INDEXES.get(contract.table, [])]
    return sa.Table(contract.table, METADATA, *columns, *indexes, comment=(row_class.__doc__ or "").split("\n")[0])


TABLES = {row_class: _table(row_class) for row_class in ROW_CLASSES if contract_of(row_class).store == "postgres"}
