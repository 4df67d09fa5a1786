"""How the house is run: strategies, how far we read, what was set aside, what the operator ordered."""

from decimal import Decimal

from data_contracts.columns import Count, ExactFraction, Fraction, Instant, Json, Name, RowId, SignedUsd, Text, Usd
from data_contracts.contract import row
from data_contracts.words import Kind, Reason, TradingState


@row(table="strategies", store="postgres", key=("strategy_id",))
class Strategy:
    """One row per strategy. `policy` is validated by `domain.copying.policy.Policy` before it is stored."""

    strategy_id: Name
    kind: Kind
    policy: Json
    balance: Usd
    enabled: bool
    created_at: Instant
    updated_at: Instant


@row(table="risk_states", store="postgres", key=("strategy_id",))
class RiskState:
    """One row per strategy: what its risk book remembers between cycles. `state` other than ACTIVE has a reason.

    `size_factor` below 1: stops at maximum loss came in a row, and copies are smaller until the next win.
    """

    strategy_id: Name
    state: TradingState
    reason: Reason | None
    equity: SignedUsd
    cash: SignedUsd
    day_started_at: Instant
    day_started_equity: SignedUsd
    peak_equity: SignedUsd
    drawdown: Fraction
    changed_at: Instant
    stops_in_a_row: Count = 0
    size_factor: ExactFraction = Decimal(1)


@row(table="equity", store="postgres", key=("strategy_id", "as_of"))
class Equity:
    """One row per strategy and cycle that changed it: cash + positions at their marks."""

    strategy_id: Name
    as_of: Instant
    cash: SignedUsd
    positions_value: Usd
    equity: SignedUsd
    realized_pnl: SignedUsd
    open_positions: Count


@row(table="watermarks", store="postgres", key=("name",))
class Watermark:
    """One row per stream: all of it up to `reached_at` is safely stored."""

    name: Name
    reached_at: Instant


@row(table="paces", store="postgres", key=("name",))
class Paced:
    """One row per rate limit of a venue: when the last slot that was given away is. All processes share it."""

    name: Name
    free_at: Instant


@row(table="quarantine", store="postgres", key=("quarantine_id",))
class Quarantined:
    """One row per row that broke its contract: which rules, and the row itself, so that nothing is lost."""

    quarantine_id: RowId
    table: Name
    source: Text
    rules: Text
    row: Json
    seen_at: Instant
