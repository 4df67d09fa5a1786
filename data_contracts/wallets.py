"""Who trades and what came of it."""

from data_contracts.columns import (
    Coins,
    ConditionId,
    Count,
    Fraction,
    Instant,
    Name,
    Payout,
    PositiveStatistic,
    Seconds,
    Shares,
    SignedUsd,
    Statistic,
    Text,
    TokenId,
    Usd,
    Wallet,
)
from data_contracts.contract import row


@row(table="closed_positions", store="clickhouse", key=("wallet", "token_id"))
class ClosedPosition:
    """One row per wallet and token that is over: sold out or resolved. `oversold`: more sold than seen bought; no statistic uses it."""

    wallet: Wallet
    condition_id: ConditionId
    token_id: TokenId
    outcome: Name
    category: Text
    bought_shares: Shares
    sold_shares: Shares
    cost: Usd
    proceeds: Usd
    payout: Payout | None
    realized_pnl: SignedUsd
    trades: Count
    opened_at: Instant
    closed_at: Instant
    hold_s: Seconds
    oversold: bool
    as_of: Instant


@row(table="wallet_profiles", store="clickhouse", key=("wallet", "category", "window_days"))
class WalletProfile:
    """One row per wallet, category and window; 0 days is the lifetime. Statistics are over closed positions that are not oversold."""

    wallet: Wallet
    category: Text
    window_days: Count
    trades: Count
    closed_positions: Count
    oversold_positions: Count
    wins: Count
    win_rate: Fraction | None
    gains: PositiveStatistic
    losses: PositiveStatistic
    omega: PositiveStatistic | None
    realized_pnl: Statistic
    invested: PositiveStatistic
    roi: Statistic | None
    max_drawdown: Fraction | None
    median_hold_s: Seconds | None
    median_notional: PositiveStatistic | None
    last_trade_at: Instant
    as_of: Instant


@row(table="leaders", store="postgres", key=("strategy_id", "wallet"))
class Leader:
    """One row per wallet a strategy follows or followed, and why. `dropped_at` is null while it is followed."""

    strategy_id: Name
    wallet: Wallet
    why: Text
    chosen_at: Instant
    dropped_at: Instant | None


@row(table="fundings", store="clickhouse", key=("wallet", "funder", "tx"))
class Funding:
    """One row per payment that a wallet received on its chain. `source_known` names the exchange or service that paid, if it is one."""

    wallet: Wallet
    funder: Wallet
    amount: Coins
    funded_at: Instant
    tx: Name
    source_known: Name | None
