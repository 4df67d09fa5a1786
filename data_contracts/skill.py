"""What wallets bet, what that says of what they know, and whether they still know it."""

from data_contracts.columns import (
    Count,
    Fraction,
    Instant,
    MarketId,
    Name,
    OutcomePrice,
    Payout,
    PositiveStatistic,
    Seconds,
    Statistic,
    Text,
    TokenId,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import BriefFlag, Form, Grade


@row(table="bets", store="clickhouse", key=("wallet", "token_id"))
class Bet:
    """One row per wallet and resolved token: its first purchase, held to the end, whatever it sold in between.

    `fair_chance` is what a share bought at `price` pays to one who knows nothing, as all bets together show. `weight` is what the bet says
    beside the wallet's other bets in that event.
    """

    wallet: Wallet
    market_id: MarketId
    token_id: TokenId
    event: Text
    price: OutcomePrice
    payoff: Payout
    fair_chance: Fraction
    weight: Fraction
    bought_at: Instant
    resolved_at: Instant
    as_of: Instant


@row(table="peer_bets", store="clickhouse", key=("wallet", "token_id"))
class PeerBet:
    """One row per wallet and coin it bought: its first purchase, followed until sold or marked, beside others of the same minutes.

    `got` is what came of each SOL, `held_s` how long it was held. `rank` is the share of its peers that got less; `peers` is how many they
    are, the less alike the less; `expected` is the rank of one who knows nothing and trades like this one. `weight`: how much of the rank
    is no chance.
    """

    wallet: Wallet
    token_id: TokenId
    bought_at: Instant
    judged_at: Instant
    got: PositiveStatistic
    held_s: Seconds
    peers: PositiveStatistic
    rank: Fraction
    expected: Fraction
    weight: Fraction
    as_of: Instant


# As many rows as there are wallets, all replaced at once and read as a whole: ClickHouse, beside the profiles.
@row(table="wallet_skills", store="clickhouse", key=("wallet",))
class WalletSkill:
    """One row per wallet that has a Bet. `edge` is a shift of the log-odds of winning: 0.40 wins 60 of 100 at even prices.

    One on Solana has PeerBets: `edge` is a tilt of its ranks among its peers, half of it the log-odds of beating the one in the middle.
    `surplus` is the mean of payoff less fair chance, in USD per share; of rank less what was expected. `skilled` is the probability that
    the edge is above zero.
    `luck_if_chosen`: choose this wallet and all surer ones, and this share of them is expected to know nothing.
    `bets_needed`: how many bets like its own it takes until a usual edge is known; null in a row of an older version.
    """

    wallet: Wallet
    bets: Count
    events: Count
    surplus: Statistic
    edge: Statistic
    edge_low: Statistic
    edge_high: Statistic
    skilled: Fraction
    luck_if_chosen: Fraction
    grade: Grade
    as_of: Instant
    bets_needed: Count | None = None


# Few rows, each a change somebody acts on, and its history is asked for wallet by wallet: Postgres.
@row(table="edge_states", store="postgres", key=("wallet", "changed_at"))
class EdgeState:
    """One row per wallet and change of `form` or `brief`; the newest is how it stands, as of `checked_at`.

    The test rings from `rings_from` on; a wallet that rang is heard again from `heard_from` on. `false_alarms` is how often a wallet with
    `edge` rings within 100 bets. `edge` is what the wallet had when it was first watched.
    """

    wallet: Wallet
    changed_at: Instant
    checked_at: Instant
    form: Form
    brief: BriefFlag
    edge: Statistic
    bets: Count
    statistic: PositiveStatistic
    rings_from: PositiveStatistic
    heard_from: PositiveStatistic
    false_alarms: Fraction
    win_rate: Fraction | None
    losses_in_a_row: Count
    last_trade_at: Instant
    why: Text


@row(table="calibration_figures", store="postgres", key=("what", "of"))
class CalibrationFigure:
    """One row per kind of statement and group of it: what was said of our own history as of `said_at`, and what came by `until_at`.

    `came` lies between `low` and `high` at 90 %; they are null where `count` is too few. `missing` names what the record lacks that
    flatters this figure. The rows of the last report have its `as_of`; older ones are of groups it did not have any more.
    """

    what: Name
    of: Text
    count: Count
    said: Statistic | None
    came: Statistic | None
    low: Statistic | None
    high: Statistic | None
    verdict: Text
    missing: Text
    said_at: Instant
    until_at: Instant
    as_of: Instant
