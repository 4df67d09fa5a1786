"""highest payout: what a share pays at most, in the instruments that the ledger keeps; until now all were Polymarket's"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

FILLED = """
    UPDATE known_rows SET row = (row::jsonb || '{"highest_payout": "1"}')::text
    WHERE record = 'Instrument' AND row::jsonb ->> 'venue' = 'polymarket' AND NOT row::jsonb ? 'highest_payout'
"""


def upgrade() -> None:
    op.execute(FILLED)


def downgrade() -> None:
    op.execute("UPDATE known_rows SET row = (row::jsonb - 'highest_payout')::text WHERE record = 'Instrument'")
