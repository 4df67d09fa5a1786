"""ledger: fills say how they are ordered and what moved them; marks and peaks stand in tables of their own"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WALLET = "0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address"
REASON = "Why a verdict, a denial or a halt. Stored, counted, tuned."
INSTANT = "a UTC instant"
PRICE = "USD per share, 0 to 1"
TOKEN = "an outcome token of a market"  # noqa: S105 (an outcome token, not a secret)


def upgrade() -> None:
    op.add_column("orders", sa.Column("sequence", sa.BigInteger(), comment="a count"))
    op.add_column("fills", sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), comment=INSTANT))
    op.add_column("fills", sa.Column("kind", sa.Text(), comment=KIND))
    op.add_column("fills", sa.Column("sequence", sa.BigInteger(), comment="a count"))
    op.add_column("fills", sa.Column("level", sa.BigInteger(), comment="a count"))
    op.add_column("fills", sa.Column("category", sa.Text(), comment="free text"))
    op.add_column("fills", sa.Column("reason", sa.Text(), nullable=True, comment=REASON))
    op.add_column(
        "positions", sa.Column("realized_before", sa.Numeric(precision=18, scale=6), comment="USD, a gain above zero, a loss below")
    )
    op.create_table(
        "marks",
        sa.Column("token_id", sa.Text(), nullable=False, comment=TOKEN),
        sa.Column("price", sa.Numeric(precision=18, scale=10), nullable=True, comment=PRICE),
        sa.Column("marked_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment=INSTANT),
        sa.Column(
            "doubt",
            sa.Text(),
            nullable=True,
            comment="Why a book is no evidence of a price yet: nobody could trade on it, or it is far from the last.",
        ),
        sa.Column("doubted_price", sa.Numeric(precision=18, scale=10), nullable=True, comment=PRICE),
        sa.Column("doubted_at", postgresql.TIMESTAMP(timezone=True), nullable=True, comment=INSTANT),
        sa.PrimaryKeyConstraint("token_id"),
        comment="One row per token we hold or held: what a share of it is worth to everybody who asks, and since when it has been that.",
    )
    op.create_table(
        "peaks",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("leader", sa.Text(), nullable=False, comment=WALLET),
        sa.Column("token_id", sa.Text(), nullable=False, comment=TOKEN),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False, comment=INSTANT),
        sa.Column("price", sa.Numeric(precision=18, scale=10), nullable=False, comment=PRICE),
        sa.PrimaryKeyConstraint("strategy_id", "leader", "token_id"),
        comment="One row per position: the highest mark since it was opened at `opened_at`. Opened again, it has a new one.",
    )
    for statement in (*ORDERED, *SENT, *SIGNALLED, *MERGED, *REALIZED_BEFORE, *MARKED):
        op.execute(statement)
    for table, names in REQUIRED.items():
        for name in names:
            op.alter_column(table, name, nullable=False)
    for name in ("mark_price", "unrealized_pnl", "mid_price", "peak_price"):
        op.drop_column("positions", name)
    op.drop_constraint("settlements_pkey", "settlements")
    op.create_primary_key("settlements_pkey", "settlements", ["strategy_id", "leader", "token_id", "settled_at"])
    op.alter_column("settlements", "shares", comment="outcome shares, each worth 1 USD if its outcome wins")
    op.create_table_comment("fills", FILLS)
    op.create_table_comment("positions", POSITIONS)
    op.create_index("ix_fills_strategy_id_token_id", "fills", ["strategy_id", "token_id"])
    op.create_index("ix_orders_created_at", "orders", ["created_at"])


FILLS = "One row per price level an order was filled at, and per part that a merge or a write-off took: the log positions follow from."
POSITIONS = (
    "One row per strategy, leader and token, as its fills and settlements make it: nobody writes it but `domain.copying.ledger.fold`."
)
KIND = "TRADE came of an order; MERGE turned a complete set into money; WRITE_OFF takes off what is near nothing."
REQUIRED = {"orders": ["sequence"], "fills": ["sent_at", "kind", "sequence", "level", "category"], "positions": ["realized_before"]}
# As a cycle sent them: entries in the order their trades were judged, then exits by their position.
ORDERED = [
    """
    WITH placed AS (
        SELECT o.order_id, row_number() OVER (
            PARTITION BY o.created_at ORDER BY o.side, s.strategy_id, s.traded_at, s.trade_id, o.order_id
        ) - 1 AS place
        FROM orders o LEFT JOIN signals s USING (signal_id)
    )
    UPDATE orders SET sequence = placed.place FROM placed WHERE placed.order_id = orders.order_id
    """,
]
# Within an order the best price came first.
SENT = [
    "UPDATE fills SET kind = 'TRADE', sent_at = filled_at, sequence = 0, category = ''",
    "UPDATE fills SET sent_at = o.created_at, sequence = o.sequence FROM orders o WHERE o.order_id = fills.order_id",
    """
    WITH leveled AS (
        SELECT fill_id, row_number() OVER (
            PARTITION BY order_id ORDER BY filled_at, CASE side WHEN 'BUY' THEN price ELSE -price END, fill_id
        ) - 1 AS level
        FROM fills
    )
    UPDATE fills SET level = leveled.level FROM leveled WHERE leveled.fill_id = fills.fill_id
    """,
]
SIGNALLED = [
    """
    UPDATE fills SET category = s.category, reason = s.reason
    FROM orders o JOIN signals s USING (signal_id) WHERE o.order_id = fills.order_id
    """,
]
# What no order of ours did, a merge did.
MERGED = [
    """
    UPDATE fills SET kind = 'MERGE', category = p.category FROM positions p
    WHERE p.strategy_id = fills.strategy_id AND p.leader = fills.leader AND p.token_id = fills.token_id
      AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_id = fills.order_id)
    """,
]
# What all openings realized, less the cash of this one: what came in, less what went out, and what is still bound.
REALIZED_BEFORE = [
    """
    WITH cash AS (
        SELECT f.strategy_id, f.leader, f.token_id, sum(CASE f.side WHEN 'SELL' THEN f.notional - f.fee ELSE -f.notional - f.fee END) AS usd
        FROM fills f JOIN positions p USING (strategy_id, leader, token_id) WHERE f.filled_at >= p.opened_at
        GROUP BY f.strategy_id, f.leader, f.token_id
    ), paid AS (
        SELECT s.strategy_id, s.leader, s.token_id, sum(round(s.shares * s.payout, 6)) AS usd
        FROM settlements s JOIN positions p USING (strategy_id, leader, token_id) WHERE s.settled_at >= p.opened_at
        GROUP BY s.strategy_id, s.leader, s.token_id
    )
    UPDATE positions SET realized_before = positions.realized_pnl - positions.cost - COALESCE(cash.usd, 0) - COALESCE(paid.usd, 0)
    FROM positions p
    LEFT JOIN cash USING (strategy_id, leader, token_id)
    LEFT JOIN paid USING (strategy_id, leader, token_id)
    WHERE p.strategy_id = positions.strategy_id AND p.leader = positions.leader AND p.token_id = positions.token_id
    """,
]
MARKED = [
    """
    INSERT INTO marks (token_id, price, marked_at)
    SELECT DISTINCT ON (token_id) token_id, COALESCE(mid_price, mark_price), updated_at FROM positions
    WHERE closed_at IS NULL AND mark_price IS NOT NULL ORDER BY token_id, updated_at DESC
    """,
    """
    INSERT INTO peaks (strategy_id, leader, token_id, opened_at, price)
    SELECT strategy_id, leader, token_id, opened_at, peak_price FROM positions WHERE closed_at IS NULL AND peak_price IS NOT NULL
    """,
]


def downgrade() -> None:
    op.drop_index("ix_orders_created_at", "orders")
    op.drop_index("ix_fills_strategy_id_token_id", "fills")
    op.drop_constraint("settlements_pkey", "settlements")
    op.create_primary_key("settlements_pkey", "settlements", ["strategy_id", "leader", "token_id"])
    for name, scale in (("mark_price", 10), ("unrealized_pnl", 6), ("mid_price", 10), ("peak_price", 10)):
        meaning = PRICE if scale == 10 else "USD, a gain above zero, a loss below"
        op.add_column("positions", sa.Column(name, sa.Numeric(precision=18, scale=scale), nullable=True, comment=meaning))
    op.execute(
        "UPDATE positions SET mark_price = price, unrealized_pnl = round(shares * price, 6) - cost FROM marks WHERE marks.token_id = positions.token_id"
    )
    op.execute(
        "UPDATE positions p SET peak_price = k.price FROM peaks k "
        "WHERE (k.strategy_id, k.leader, k.token_id, k.opened_at) = (p.strategy_id, p.leader, p.token_id, p.opened_at)"
    )
    op.drop_column("positions", "realized_before")
    op.drop_table("peaks")
    op.drop_table("marks")
    op.alter_column("settlements", "shares", comment="outcome shares that changed hands")
    op.create_table_comment("fills", "One row per price level an order was filled at. `fee` is paid on top of a BUY and out of a SELL.")
    op.create_table_comment(
        "positions",
        "One row per strategy, leader and token. `lots` is what is left, oldest first, as JSON; `cost` is what it cost with fees.",
    )
    for name in ("sent_at", "kind", "sequence", "level", "category", "reason"):
        op.drop_column("fills", name)
    op.drop_column("orders", "sequence")
