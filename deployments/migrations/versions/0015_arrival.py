"""arrival: gaps and deferrals are rows, each source has a watermark, and a signal may be about several trades"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "One row per hole in what a source told us: its trades after `from_at` and up to `until_at`, read from the newest to the oldest."
CLOSED_BY = "How a gap was closed: FILLED to its beginning; FEED_ENDED, nobody has the rest any more; GIVEN_UP by an operator."
ROW_ID = "32 hex digits, a function of what the row is about"
WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
WAITS_FOR = "What a leader's sale waits for: the answer to an order of ours, or what the leader held."
SHARES = "shares of a token"
DEFERRALS = (
    "One row per strategy and sale of a leader that had to wait for an answer. Nobody else waits with it; over once `ended_at` is set."
)
HOLDINGS = "One row per wallet and token whose holding we asked for last: all that happened up to `known_at` is in it, and nothing after."
SIGNALS = "One row per strategy and intention of a leader: our verdict, and all we knew when we gave it."
SIGNALS_BEFORE = (
    "One row per strategy and trade: our verdict, and all we knew when we gave it. `exit_fraction` is the part of our holding to sell."
)
RENAMED = {"trades": "trades:polymarket", "history": "history:polymarket"}  # there was one source


def upgrade() -> None:
    op.create_table(
        "gaps",
        sa.Column("source", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("from_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("until_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("filled_to_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("cursor", sa.Text(), nullable=False, comment="free text"),
        sa.Column("is_history", sa.Boolean(), nullable=False, comment="is history"),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("ends_met", sa.BigInteger(), nullable=False, comment="a count"),
        sa.Column("worked_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"),
        sa.Column("closed_by", sa.Text(), nullable=True, comment=CLOSED_BY),
        sa.PrimaryKeyConstraint("source", "from_at"),
        comment=TABLE,
    )
    _rename(RENAMED)
    op.create_table(
        "judged_trades",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("trade_id", sa.Text(), nullable=False, comment=ROW_ID),
        sa.Column("signal_id", sa.Text(), nullable=False, comment=ROW_ID),
        sa.Column("judged_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("strategy_id", "trade_id"),
        comment="One row per strategy and trade it has given its verdict on, with the Signal that trade is a part of. It is never judged again.",
    )
    for column in ("judged_at", "trade_id", "signal_id"):
        op.create_index(f"ix_judged_trades_{column}", "judged_trades", [column])
    op.execute("INSERT INTO judged_trades SELECT strategy_id, trade_id, signal_id, judged_at FROM signals ON CONFLICT DO NOTHING")
    op.create_table(
        "deferrals",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("trade_id", sa.Text(), nullable=False, comment=ROW_ID),
        sa.Column("leader", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("token_id", sa.Text(), nullable=False, comment="a token: an outcome of a market, or a mint"),
        sa.Column("traded_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("waits_for", sa.Text(), nullable=False, comment=WAITS_FOR),
        sa.Column("bought_after", sa.Numeric(precision=38, scale=18), nullable=False, comment=SHARES),
        sa.Column("deferred_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("strategy_id", "trade_id"),
        comment=DEFERRALS,
    )
    op.create_index("ix_deferrals_ended_at", "deferrals", ["ended_at"])
    op.create_table(
        "leader_holdings",
        sa.Column("wallet", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("token_id", sa.Text(), nullable=False, comment="a token: an outcome of a market, or a mint"),
        sa.Column("market_id", sa.Text(), nullable=False, comment="a market"),
        sa.Column("shares", sa.Numeric(precision=38, scale=18), nullable=False, comment=SHARES),
        sa.Column("known_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("wallet", "token_id"),
        comment=HOLDINGS,
    )
    op.add_column("signals", sa.Column("fills", sa.BigInteger(), nullable=False, server_default="1", comment="a count"))
    op.alter_column("signals", "fills", server_default=None)
    op.create_table_comment("signals", SIGNALS, existing_comment=SIGNALS_BEFORE)


def downgrade() -> None:
    op.create_table_comment("signals", SIGNALS_BEFORE, existing_comment=SIGNALS)
    op.drop_column("signals", "fills")
    op.drop_table("leader_holdings")
    op.drop_table("deferrals")
    op.drop_table("judged_trades")
    _rename({today: before for before, today in RENAMED.items()})
    op.drop_table("gaps")


def _rename(names: dict[str, str]) -> None:
    for before, today in names.items():
        op.execute(f"UPDATE watermarks SET name = '{today}' WHERE name = '{before}'")  # noqa: S608 (names of our own)
