"""exits: what waits to be sold, why a position was left, and how stops in a row make copies smaller"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
REASON = "Why a verdict, a denial or a halt. Stored, counted, tuned."
SHARES = "outcome shares, each worth 1 USD if its outcome wins"


def _instant(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=nullable, comment="a UTC instant")


def _shares(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(precision=18, scale=6), nullable=False, comment=SHARES)


def _text(name: str, comment: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable, comment=comment)


def upgrade() -> None:
    op.create_table(
        "exits",
        _text("signal_id", "32 hex digits, a function of what the row is about"),
        _text("strategy_id", "a name, never empty"),
        _text("leader", WALLET),
        _text("condition_id", "a market"),
        _text("token_id", "an outcome token of a market"),
        _text("reason", REASON),
        sa.Column("entire", sa.Boolean(), nullable=False, comment="entire"),
        _shares("wanted_shares"),
        _shares("sold_shares"),
        sa.Column("orders", sa.BigInteger(), nullable=False, comment="a count"),
        _text("held_back", REASON, nullable=True),
        _instant("asked_at", nullable=False),
        _instant("tried_at"),
        _instant("done_at"),
        _text("ended_by", REASON, nullable=True),
        sa.PrimaryKeyConstraint("signal_id"),
        comment="One row per copied SELL signal: what we want to be out of, until it is done. `done_at` is null as long as something is left to sell.",
    )
    op.create_index("ix_exits_done_at", "exits", ["done_at"])
    op.create_table(
        "candidates",
        _text("wallet", WALLET),
        _text("found_in", "Where a candidate came from."),
        _text("detail", "free text"),
        _text("excluded", "free text", nullable=True),
        _instant("first_seen_at", nullable=False),
        _instant("last_seen_at", nullable=False),
        sa.PrimaryKeyConstraint("wallet", "found_in"),
        comment="One row per wallet and place it was found in. `excluded` says what it is when it belongs to the venue and is nobody to follow.",
    )
    _add("signals", sa.Column("size_factor", sa.Numeric(precision=18, scale=10), nullable=False, comment="0 to 1"), "1")
    _add("risk_states", sa.Column("stops_in_a_row", sa.BigInteger(), nullable=False, comment="a count"), "0")
    _add("risk_states", sa.Column("size_factor", sa.Numeric(precision=18, scale=10), nullable=False, comment="0 to 1"), "1")
    _add("positions", _shares("bought_shares"), "0")
    op.add_column("positions", sa.Column("mid_price", sa.Numeric(precision=18, scale=10), comment="USD per share, 0 to 1"))
    op.add_column("positions", sa.Column("peak_price", sa.Numeric(precision=18, scale=10), comment="USD per share, 0 to 1"))
    op.add_column("positions", _text("exit_reason", REASON, nullable=True))
    op.execute("UPDATE positions SET bought_shares = shares WHERE closed_at IS NULL")  # what was sold before is not known any more


def _add(table: str, column: sa.Column[Any], for_rows_that_are_there: str) -> None:
    column.server_default = sa.DefaultClause(for_rows_that_are_there)
    op.add_column(table, column)
    op.alter_column(table, column.name, server_default=None)


def downgrade() -> None:
    op.drop_table("candidates")
    op.drop_table("exits")
    for table, names in {"signals": ["size_factor"], "risk_states": ["stops_in_a_row", "size_factor"]}.items():
        for name in names:
            op.drop_column(table, name)
    for name in ("bought_shares", "mid_price", "peak_price", "exit_reason"):
        op.drop_column("positions", name)
