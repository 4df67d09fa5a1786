"""account: what all strategies may do together, and how they stand under it"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LIMITS = "One row per time an operator set them (flow `account-limits`, its only writer): what all strategies may do together."
STATE = "One row per account, of which there is one: how it stands under its limits (the cycle's risk assessment, its only writer)."
SAYS = "ACTIVE trades, REDUCING only exits. HALTED does nothing where a person or a contradiction says it; where a rule does, exits go on."


def _usd(name: str, comment: str = "USD, not negative") -> sa.Column[Any]:
    return sa.Column(name, sa.Numeric(precision=38, scale=9), nullable=True, comment=comment)


def _instant(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, postgresql.TIMESTAMP(timezone=True), nullable=nullable, comment="a UTC instant")


def upgrade() -> None:
    op.create_table(
        "account_limits",
        _instant("set_at"),
        _usd("max_open_usd"),
        _usd("max_cluster_usd"),
        _usd("max_daily_loss_usd"),
        sa.Column("max_drawdown", sa.Numeric(precision=38, scale=10), nullable=True, comment="0 to 1"),
        sa.PrimaryKeyConstraint("set_at"),
        comment=LIMITS,
    )
    op.create_table(
        "account_states",
        sa.Column("account", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("state", sa.Text(), nullable=False, comment=SAYS),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why a verdict, a denial or a halt. Stored, counted, tuned."),
        _usd("equity_usd", "USD, a gain above zero, a loss below"),
        _usd("open_usd"),
        sa.Column("drawdown", sa.Double(), nullable=False, comment="0 to 1"),
        sa.Column("capital", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("looks", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON text"),
        _instant("resumed_at", nullable=True),
        _instant("changed_at"),
        sa.PrimaryKeyConstraint("account"),
        comment=STATE,
    )
    op.create_index("ix_rates_seen_at", "rates", ["seen_at"])


def downgrade() -> None:
    op.drop_index("ix_rates_seen_at", "rates")
    op.drop_table("account_states")
    op.drop_table("account_limits")
