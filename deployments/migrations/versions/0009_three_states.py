"""three states: the operator's word, what the venue contradicted and what our rules computed become facts of their own"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.ids import row_id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
KEPT = ("day_started_at", "day_started_equity", "peak_equity", "stops_in_a_row")  # columns that are a rule's own now
STATE = "ACTIVE trades, REDUCING only exits. HALTED does nothing where a person or a contradiction says it; where a rule does, exits go on."
LONG_AGO = "1970-01-01T00:00:00+00:00"


def upgrade() -> None:
    words, contradictions = _tables()
    states = _states()
    for state in states:
        if state.reason == "OPERATOR":
            op.bulk_insert(words, [_word(state)])
        if state.reason == "VENUE_CONTRADICTS_US":
            op.bulk_insert(contradictions, [_contradiction(state)])
    for name, kind in (("looks", sa.Text()), ("rules", sa.Text()), ("resumed_at", INSTANT)):
        comment = "a UTC instant" if name == "resumed_at" else "JSON text"
        op.add_column("risk_states", sa.Column(name, kind, nullable=True, comment=comment))
    for state in states:
        _become_computed(state)
    for name in ("looks", "rules"):
        op.alter_column("risk_states", name, nullable=False)
    for name in KEPT:
        op.drop_column("risk_states", name)
    op.alter_column("risk_states", "state", comment=STATE)
    op.create_table_comment(
        "risk_states",
        "One row per strategy: what our rules computed from its money (the cycle's risk assessment, its only writer).",
        existing_comment="One row per strategy: what its risk book remembers between cycles. `state` other than ACTIVE has a reason.",
    )


def _tables() -> tuple[sa.Table, sa.Table]:
    words = op.create_table(
        "operator_words",
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("ordered_at", INSTANT, nullable=False, comment="a UTC instant"),
        sa.Column("state", sa.Text(), nullable=False, comment=STATE),
        sa.Column("clears", sa.Text(), nullable=False, comment="JSON text"),
        sa.PrimaryKeyConstraint("strategy_id", "ordered_at"),
        comment="One row per word of an operator (flow `trading-state`, its only writer); a strategy's last one holds.",
    )
    contradictions = op.create_table(
        "contradictions",
        sa.Column("contradiction_id", sa.Text(), nullable=False, comment="32 hex digits, a function of what the row is about"),
        sa.Column("strategy_id", sa.Text(), nullable=False, comment="a name, never empty"),
        sa.Column("says", sa.Text(), nullable=False, comment="free text"),
        sa.Column("seen_at", INSTANT, nullable=False, comment="a UTC instant"),
        sa.PrimaryKeyConstraint("contradiction_id"),
        comment="One row per thing of the venue that our ledger cannot believe (whoever executes orders is the only writer).",
    )
    return words, contradictions


def _states() -> list[Any]:
    return list(op.get_bind().execute(sa.text("SELECT * FROM risk_states")))


def _word(state: Any) -> dict[str, Any]:
    """What an operator said stays said: HALTED until he says otherwise, or since when what closes counts."""
    return {"strategy_id": state.strategy_id, "ordered_at": state.changed_at, "state": state.state, "clears": "[]"}


def _contradiction(state: Any) -> dict[str, Any]:
    says = "what the venue said was not kept before this version: see the run's artifact `alarm`"
    named = row_id("contradiction", state.strategy_id, says, state.changed_at.isoformat())
    return {"contradiction_id": named, "strategy_id": state.strategy_id, "says": says, "seen_at": state.changed_at}


def _become_computed(state: Any) -> None:
    """What the rules kept in columns, they keep by their names; a halt by one of them goes on since when it began."""
    resumed = state.changed_at if state.reason == "OPERATOR" and state.state != "HALTED" else None
    said_elsewhere = state.reason in ("OPERATOR", "VENUE_CONTRADICTS_US")
    halted_by = None if said_elsewhere or state.state == "ACTIVE" else state.reason
    counts_from = resumed.isoformat() if resumed else LONG_AGO
    rules = {
        "drawdown": _kept(state, "DRAWDOWN", halted_by, peak_equity=str(state.peak_equity)),
        "daily_loss": _kept(
            state,
            "DAILY_LOSS",
            halted_by,
            day_started_at=state.day_started_at.isoformat(),
            day_started_equity=str(state.day_started_equity),
        ),
        "win_rate": _kept(state, "WIN_RATE_LOW", halted_by, counts_from=counts_from),
        "stops_in_a_row": {"counts_from": counts_from, "stops": state.stops_in_a_row, "factor": str(state.size_factor)},
    }
    op.get_bind().execute(
        sa.text(
            "UPDATE risk_states SET state = :state, reason = :reason, looks = :looks, rules = :rules, resumed_at = :resumed"
            " WHERE strategy_id = :strategy_id"
        ),
        {
            "state": "HALTED" if halted_by else "ACTIVE",
            "reason": halted_by,
            "looks": json.dumps([[state.changed_at.isoformat(), str(state.equity)]]),
            "rules": json.dumps(rules),
            "resumed": resumed,
            "strategy_id": state.strategy_id,
        },
    )


def _kept(state: Any, reason: str, halted_by: str | None, **fields: str) -> dict[str, Any]:
    halted = halted_by == reason
    return {"state": "HALTED" if halted else "ACTIVE", "since": state.changed_at.isoformat() if halted else None, **fields}


def downgrade() -> None:
    """One state again, the strictest; what a person and the venue said beside it is lost."""
    op.add_column("risk_states", sa.Column("day_started_at", INSTANT, nullable=True, comment="a UTC instant"))
    for name in ("day_started_equity", "peak_equity"):
        op.add_column(
            "risk_states", sa.Column(name, sa.Numeric(precision=18, scale=6), nullable=True, comment="USD, a gain above zero, a loss below")
        )
    op.add_column("risk_states", sa.Column("stops_in_a_row", sa.BigInteger(), server_default="0", nullable=False, comment="a count"))
    op.execute(
        "UPDATE risk_states SET day_started_at = (rules::json->'daily_loss'->>'day_started_at')::timestamptz,"
        " day_started_equity = (rules::json->'daily_loss'->>'day_started_equity')::numeric,"
        " peak_equity = (rules::json->'drawdown'->>'peak_equity')::numeric"
    )
    op.execute(
        "UPDATE risk_states SET state = w.state, reason = 'OPERATOR', changed_at = w.ordered_at FROM (SELECT DISTINCT ON (strategy_id) *"
        " FROM operator_words ORDER BY strategy_id, ordered_at DESC) w WHERE w.strategy_id = risk_states.strategy_id AND w.state <> 'ACTIVE'"
    )
    op.execute(
        "UPDATE risk_states SET state = 'HALTED', reason = 'VENUE_CONTRADICTS_US', changed_at = c.seen_at FROM contradictions c"
        " WHERE c.strategy_id = risk_states.strategy_id"
        " AND NOT EXISTS (SELECT 1 FROM operator_words w WHERE w.clears LIKE '%' || c.contradiction_id || '%')"
    )
    for name in ("day_started_at", "day_started_equity", "peak_equity"):
        op.alter_column("risk_states", name, nullable=False)
    for name in ("looks", "rules", "resumed_at"):
        op.drop_column("risk_states", name)
    op.drop_table("contradictions")
    op.drop_table("operator_words")
