"""prearranged: strategies that leave out wash and bait, as they did by default, leave out wallets with bought records as well"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGE = sa.text("UPDATE strategies SET policy = replace(policy, :before, :after)")
BEFORE = '"without_traps":["wash","bait"]'
AFTER = '"without_traps":["wash","bait","prearranged"]'


def upgrade() -> None:
    op.execute(CHANGE.bindparams(before=BEFORE, after=AFTER))


def downgrade() -> None:
    op.execute(CHANGE.bindparams(before=AFTER, after=BEFORE))
