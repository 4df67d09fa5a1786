"""How the house is run: strategies, how far we read, what was set aside, what the operator ordered."""

from data_contracts.columns import (
    Count,
    ExactFraction,
    Fraction,
    Instant,
    Json,
    Name,
    RowId,
    SignedStake,
    Stake,
    Text,
    VersionNumber,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import Currency, GapEnd, Kind, LeaderStanding, Reason, TradingState, Venue


@row(table="strategies", store="postgres", key=("strategy_id",))
class Strategy:
    """One row per strategy. `policy` is validated by `domain.copying.policy.Policy` before it is stored."""

    strategy_id: Name
    venue: Venue
    stake_currency: Currency
    kind: Kind
    policy: Json
    balance: Stake
    enabled: bool
    created_at: Instant
    updated_at: Instant


@row(table="strategy_versions", store="postgres", key=("strategy_id", "version"))
class StrategyVersion:
    """One row per state a strategy ever had (`tasks/operating/strategy_versions.py`, its only writer); the last one is what it is now.

    It is kept for ever. `updated_at` is when the strategy became so, `why` what was said of it, or what did it.
    """

    strategy_id: Name
    version: VersionNumber
    venue: Venue
    stake_currency: Currency
    kind: Kind
    policy: Json
    balance: Stake
    enabled: bool
    created_at: Instant
    updated_at: Instant
    why: Text = ""


@row(table="operator_words", store="postgres", key=("strategy_id", "ordered_at"))
class OperatorWord:
    """One row per word of an operator (`tasks/operating/trading_state.py`, its only writer); a strategy's last one holds.

    `clears` are the names of the halts that were on record when it was given: these are over, and no other. `why` is what he said of it.
    `leaves` is a token of which what is held now is to be sold, or * for all that is held as long as the word holds. Without a `state` it
    is about that token alone, and what held before holds on.
    """

    strategy_id: Name
    ordered_at: Instant
    state: TradingState | None
    clears: Json
    why: Text = ""
    leaves: Text = ""


@row(table="leader_words", store="postgres", key=("strategy_id", "wallet", "ordered_at"))
class LeaderWord:
    """One row per word of an operator about a leader (`tasks/operating/leader_standing.py`, its only writer); the last one holds.

    `strategy_id` is * for every strategy: such a word holds beside those for single ones, and the strictest counts. `why` is what he said.
    """

    strategy_id: Name
    wallet: Wallet
    ordered_at: Instant
    standing: LeaderStanding
    why: Text


@row(table="contradictions", store="postgres", key=("contradiction_id",))
class Contradiction:
    """One row per thing of the venue that our ledger cannot believe (whoever executes orders is the only writer).

    Its strategy is halted, exits as well, until an operator's word clears it.
    """

    contradiction_id: RowId
    strategy_id: Name
    says: Text
    seen_at: Instant


@row(table="risk_states", store="postgres", key=("strategy_id",))
class RiskState:
    """One row per strategy: what our rules computed from its money (the cycle's risk assessment, its only writer).

    `rules` is what each rule keeps, by its name; `looks` the last equities, (when, stake). `size_factor` below 1 makes copies smaller.
    `resumed_at` is the operator's word these figures begin with. `balance` is what it had begun with at that look: what an operator adds to
    it is no gain, what he takes from it no loss.
    """

    strategy_id: Name
    state: TradingState
    reason: Reason | None
    equity: SignedStake
    cash: SignedStake
    drawdown: Fraction
    size_factor: ExactFraction
    looks: Json
    rules: Json
    resumed_at: Instant | None
    changed_at: Instant
    balance: Stake | None = None


@row(table="equity", store="postgres", key=("strategy_id", "as_of"))
class Equity:
    """One row per strategy and cycle that changed it: cash + positions at their marks.

    `balance` is what it had begun with by then: an operator adds to it and takes from it. Null in rows of an older version.
    """

    strategy_id: Name
    as_of: Instant
    cash: SignedStake
    positions_value: Stake
    equity: SignedStake
    realized_pnl: SignedStake
    open_positions: Count
    balance: Stake | None = None


@row(table="watermarks", store="postgres", key=("name",))
class Watermark:
    """One row per stream: all of it up to `reached_at` is safely stored."""

    name: Name
    reached_at: Instant


@row(table="gaps", store="postgres", key=("source", "from_at"))
class Gap:
    """One row per hole in what a source told us: its trades after `from_at` and up to `until_at`, read from the newest to the oldest.

    After `filled_to_at` it is filled; `cursor` is where the feed goes on from there, empty for its newest page. `is_history` is what a new
    house reads of the time before it, in which it missed nothing. `ends_met` counts how often the feed ended above it: after the third time
    nobody can fill it. Who closed it is a decision, and stays on record.
    """

    source: Name
    from_at: Instant
    until_at: Instant
    filled_to_at: Instant
    cursor: Text
    is_history: bool
    found_at: Instant
    ends_met: Count = 0
    worked_at: Instant | None = None
    closed_at: Instant | None = None
    closed_by: GapEnd | None = None


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
