"""What copying a wallet would bring, what makes it a trap, and what our own refusals would have earned."""

from data_contracts.columns import (
    Count,
    Fraction,
    Instant,
    MarketId,
    Name,
    PositiveStatistic,
    Price,
    RowId,
    Seconds,
    SignedStake,
    Stake,
    Statistic,
    Text,
    TokenId,
    Wallet,
    WholeSeconds,
)
from data_contracts.contract import row
from data_contracts.words import CounterfactualEnd, Reason, Trap, Verdict


@row(table="copyability", store="postgres", key=("wallet", "delay_s", "notional"))
class Copyability:
    """One row per wallet, delay in seconds and USD a copy: what a copied BUY returned, 0.03 is 3 %.

    The bounds hold the mean at 90 %, and are null where the copies fell into fewer than five events. `spread` is what such a BUY costs
    above the middle, USD a share, fee aside: between `spread_low` and `spread_high` in 90 % of books; null where it was rated before that
    was kept.
    """

    wallet: Wallet
    delay_s: WholeSeconds
    notional: Count
    round_trips: Count
    events: Count
    mean: Statistic
    low: Statistic | None
    high: Statistic | None
    median: Statistic
    trimmed_mean: Statistic
    top_share: Fraction | None
    as_of: Instant
    spread: PositiveStatistic | None = None
    spread_low: PositiveStatistic | None = None
    spread_high: PositiveStatistic | None = None


@row(table="spread_fits", store="postgres", key=("category", "notional"))
class SpreadFit:
    """One row per category and USD: what recorded books and those our feed saw say that buying or selling at once costs, USD a share.

    How the numbers make a cost: `domain/profiling/spreads.py`. An empty category is any that has no row of its own. `rests_on` so many
    markets (of the empty category: categories), of which our feed saw `own_markets`. `covered`: of the books that came after the fit before
    this one, in markets it had not seen, the share that lay in its interval; null where none came.
    """

    category: Text
    notional: Count
    even: PositiveStatistic
    bend: Statistic
    mean: PositiveStatistic
    low: PositiveStatistic
    high: PositiveStatistic
    tilt: Statistic
    ending_power: Statistic | None
    usual_s: Seconds | None
    nearest_s: Seconds | None
    farthest_s: Seconds | None
    from_0h: PositiveStatistic
    from_6h: PositiveStatistic
    from_12h: PositiveStatistic
    from_18h: PositiveStatistic
    rests_on: Count
    unsure: PositiveStatistic
    own_markets: Count
    covered: Fraction | None
    new_markets: Count
    as_of: Instant


@row(table="trap_flags", store="postgres", key=("wallet", "trap"))
class TrapFlag:
    """One row per wallet and trap it was looked at for: the score, the threshold it is held against, and how much it rests on."""

    wallet: Wallet
    trap: Trap
    score: Statistic
    threshold: Statistic
    flagged: bool
    observations: Count
    as_of: Instant


@row(table="counterfactuals", store="postgres", key=("signal_id",))
class Counterfactual:
    """One row per entry signal, copied or skipped: what `stake` USD would have come to at the price we would have paid.

    `gain` is the return and null until the end is known; what nobody would have sold us within our limit gained nothing.
    """

    signal_id: RowId
    strategy_id: Name
    verdict: Verdict
    reason: Reason
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    event: Text
    category: Text
    leader_price: Price
    price: Price | None
    delay_s: Seconds
    stake: Stake
    end: CounterfactualEnd
    gain: Statistic | None
    pnl: SignedStake | None
    judged_at: Instant
    ended_at: Instant | None
    as_of: Instant
