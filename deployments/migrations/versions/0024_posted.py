"""posted: what is posted to us, numbered as it arrives: intents and what became of them, webhook deliveries, files of intents"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
TABLES = ("trade_intents", "taken_intents", "deliveries", "counters", "tailed_files")


def upgrade() -> None:
    op.create_table(
        "trade_intents",
        sa.Column("intent_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("entrance", sa.Text(), nullable=False, comment="How an intent came to us: posted to the inbox, or as a line of a file."),
        sa.Column("venue", sa.Text(), nullable=False, comment="Where it is traded."),
        sa.Column("signalled_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("leader", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("market_id", sa.Text(), nullable=False, comment="a market"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("side", sa.Text(), nullable=False, comment="BUY or SELL, seen from the wallet."),
        sa.Column("limit_price", sa.Numeric(precision=38, scale=18), nullable=True, comment="stake per share"),
        sa.Column("usd", sa.Numeric(precision=38, scale=9), nullable=True, comment="USD, not negative"),
        sa.Column("shares", sa.Numeric(precision=38, scale=18), nullable=True, comment="shares that changed hands"),
        sa.Column("metadata", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("digest", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("intent_id"),
        comment="One row per intent that was posted and accepted: somebody says what a leader did, and that it may be worth following.",
    )
    op.create_index("ix_trade_intents_sequence", "trade_intents", ["sequence"])
    op.create_table(
        "taken_intents",
        sa.Column("intent_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("trade_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("reason", sa.Text(), nullable=True, comment="Why a verdict, a denial or a halt. Stored, counted, tuned."),
        sa.Column("venue", sa.Text(), nullable=False, comment="Where it is traded."),
        sa.Column("leader", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("market_id", sa.Text(), nullable=False, comment="a market"),
        sa.Column("token_id", sa.Text(), nullable=False, comment="free text"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="free text"),
        sa.Column("side", sa.Text(), nullable=False, comment="BUY or SELL, seen from the wallet."),
        sa.Column("price", sa.Numeric(precision=38, scale=18), nullable=True, comment="stake per share"),
        sa.Column("shares", sa.Numeric(precision=38, scale=18), nullable=True, comment="shares of a token"),
        sa.Column("notional", sa.Numeric(precision=38, scale=9), nullable=True, comment="stake: price times shares"),
        sa.Column("limit_price", sa.Numeric(precision=38, scale=18), nullable=True, comment="stake per share"),
        sa.Column("held_before", sa.Numeric(precision=38, scale=18), nullable=True, comment="shares of a token"),
        sa.Column("tx_hash", sa.Text(), nullable=False, comment="free text"),
        sa.Column("traded_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("intent_id"),
        comment="One row per intent that a cycle took in: the trade it tells of, as it is judged, or the `reason` why it is none.",
    )
    op.create_index("ix_taken_intents_seen_at", "taken_intents", ["seen_at"])
    op.create_index("ix_taken_intents_trade_id", "taken_intents", ["trade_id"])
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("venue", sa.Text(), nullable=False, comment="Where it is traded."),
        sa.Column("source", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("signature", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("payload", sa.Text(), nullable=False, comment="JSON text"),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("delivery_id"),
        comment="One row per transaction that a webhook brought: `payload` is its JSON as it was sent, and nobody has read more of it yet.",
    )
    op.create_index("ix_deliveries_sequence", "deliveries", ["sequence"])
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("reached", sa.BigInteger(), nullable=False, comment="a count"),
        sa.PrimaryKeyConstraint("name"),
        comment="One row per count that only grows: how many rows of a table have arrived, or up to which of them a reader has read.",
    )
    op.create_table(
        "tailed_files",
        sa.Column("path", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("file_id", sa.Text(), nullable=False, comment="free text"),
        sa.Column("head", sa.Text(), nullable=False, comment="free text"),
        sa.Column("head_bytes", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("lines_read", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("path"),
        comment="One row per file of intents that is followed: up to which byte and line it is read.",
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
