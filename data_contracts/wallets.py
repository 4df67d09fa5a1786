"""Who trades and what came of it."""

from data_contracts.columns import (
    Coins,
    Count,
    Fraction,
    Instant,
    MarketId,
    Name,
    Payout,
    PositiveStatistic,
    Price,
    Seconds,
    Shares,
    SignedStake,
    Stake,
    Statistic,
    Text,
    TokenId,
    Wallet,
    WholeSeconds,
)
from data_contracts.contract import row
from data_contracts.words import FoundIn, HoldStyle


@row(table="closed_positions", store="clickhouse", key=("wallet", "token_id"))
class ClosedPosition:
    """One row per wallet and token that is over: sold out or resolved.

    A complete set that was made counts as each of its n outcomes bought at 1/n USD a share, one that was unmade as sold at that.
    `oversold`: more sold than seen bought, or earlier, or got for nothing, or converted into other outcomes: its cost is unknown, and no
    statistic uses it.
    """

    wallet: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    category: Text
    bought_shares: Shares
    sold_shares: Shares
    cost: Stake
    proceeds: Stake
    payout: Payout | None
    realized_pnl: SignedStake
    trades: Count
    opened_at: Instant
    closed_at: Instant
    hold_s: Seconds
    oversold: bool
    as_of: Instant


# Summed up by the store itself, anew whenever a trade of that month arrives. Trades may expire; these stay, and positions with them.
@row(table="trade_totals", store="clickhouse", key=("wallet", "token_id", "month_at"))
class TradeTotal:
    """One row per wallet, token and month (`month_at`, its first instant): what its trades come to. First of all, what it bought first."""

    wallet: Wallet
    token_id: TokenId
    month_at: Instant
    market_id: MarketId
    outcome: Name
    bought_shares: Shares
    sold_shares: Shares
    cost: Stake
    proceeds: Stake
    trades: Count
    first_at: Instant
    last_at: Instant
    first_bought_at: Instant | None
    first_price: Price | None


@row(table="profiling_steps", store="clickhouse", key=("step",))
class ProfilingStep:
    """One row per step of profiling (`totals`, `positions`, `bets`, `grades`): as of when it was last done.

    What the store wrote after `mark_at`, by its own clock, is not in it yet; nor are TradeTotal rows that were written after `counted_at`.
    """

    step: Name
    mark_at: Instant
    counted_at: Instant
    as_of: Instant


@row(table="wallet_profiles", store="clickhouse", key=("wallet", "category", "window_days"))
class WalletProfile:
    """One row per wallet, category and window; 0 days is the lifetime. Statistics are over closed positions that are not oversold.

    Against the price paid: of the `priced_positions`, whose payout is known, a buyer without skill expects `expected_wins`, the sum of the
    mean prices paid; `excess_wins` is what came on top, `excess_wins_se` its standard error without skill, `excess_wins_z` their ratio.
    `return_ratio` is mean / standard deviation of the returns. How the rest is computed: `domain/profiling/behaviour.py`.
    """

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
    priced_positions: Count = 0
    expected_wins: PositiveStatistic = 0.0
    excess_wins: Statistic = 0.0
    excess_wins_se: PositiveStatistic | None = None
    excess_wins_z: Statistic | None = None
    return_ratio: Statistic | None = None
    largest_position_share: Fraction | None = None
    top_percent_share: Fraction | None = None
    notional_p10: PositiveStatistic | None = None
    notional_p90: PositiveStatistic | None = None
    notional_p99: PositiveStatistic | None = None
    maker_share: Fraction | None = None
    roles_known: Fraction | None = None
    interval_regularity: Fraction | None = None
    hours_covered: Fraction | None = None
    both_sides: Fraction | None = None
    bot_likeness: Fraction | None = None


@row(table="candidates", store="postgres", key=("wallet", "found_in"))
class Candidate:
    """One row per wallet and place it was found in. `excluded` says what it is when it belongs to the venue and is nobody to follow."""

    wallet: Wallet
    found_in: FoundIn
    detail: Text
    excluded: Text | None
    first_seen_at: Instant
    last_seen_at: Instant


@row(table="leaders", store="postgres", key=("strategy_id", "wallet"))
class Leader:
    """One row per wallet a strategy follows or followed, and why. `dropped_at` is null while it is followed."""

    strategy_id: Name
    wallet: Wallet
    why: Text
    chosen_at: Instant
    dropped_at: Instant | None


@row(table="memecoin_profiles", store="clickhouse", key=("wallet", "window_days"))
class MemecoinProfile:
    """One row per wallet on Solana and window (0 days: lifetime): what a WalletProfile does not say of it. By first purchases of coins.

    `entry_delay_s` is the median time from a coin's launch, of the coins whose launch was seen. `copied_return` is what a copy of `stake`
    SOL that came `copy_delay_s` later would have brought, fees and impact in it, `own_return` what the wallet's own purchases did; means
    over coins, of which each counts once. Tails are so heavy that one coin may make a mean: the medians are beside them.
    """

    wallet: Wallet
    window_days: Count
    coins: Count
    entry_delay_s: Seconds | None
    median_hold_s: Seconds | None
    hold_style: HoldStyle | None
    copy_delay_s: WholeSeconds
    stake: Stake
    copied_coins: Count
    own_return: Statistic | None
    copied_return: Statistic | None
    own_median: Statistic | None
    copied_median: Statistic | None
    as_of: Instant


@row(table="fundings", store="clickhouse", key=("wallet", "funder", "tx"))
class Funding:
    """One row per payment that a wallet received on its chain. `source_known` names the exchange or service that paid, if it is one.

    Somebody's list of who paid whom may lack `amount` or `funded_at`: such an edge says less (`domain/clustering/funding.py`). Where it
    lacks the transaction, `tx` is `no-tx:` and a hash of the row. `source` is whose list it is; null for what the chain itself told.
    """

    wallet: Wallet
    funder: Wallet
    amount: Coins | None
    funded_at: Instant | None
    tx: Name
    source_known: Name | None
    source: Name | None = None
    loaded_at: Instant | None = None


@row(table="leader_holdings", store="postgres", key=("wallet", "token_id"))
class LeaderHolding:
    """One row per wallet and token whose holding we asked for last: all that happened up to `known_at` is in it, and nothing after."""

    wallet: Wallet
    token_id: TokenId
    market_id: MarketId
    shares: Shares
    known_at: Instant
    asked_at: Instant
