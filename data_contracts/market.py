"""What is traded, who holds it, what those holders agree on."""

from data_contracts.columns import (
    Count,
    ExactFraction,
    Exponent,
    Fraction,
    Instant,
    MarketId,
    Name,
    Notional,
    OutcomePrice,
    Payout,
    PositiveStatistic,
    Price,
    Seconds,
    Shares,
    Text,
    TokenId,
    Usd,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import Confidence, Currency, FeeFormula, Reason, Venue


@row(table="instruments", store="clickhouse", key=("token_id",))
class Instrument:
    """One row per token of any venue: all that the engine needs to know of it to judge, order, book and leave.

    `category` is its topic, empty where it has none. A limit price lies on `price_increment`, not below `lowest_price` and not above
    `highest_price` if there is one; an order is a multiple of `share_increment`, a BUY worth `min_notional` or more. `entry_denial` is why
    nothing of it may be bought. `payout` is null until it ended; `ended_at_is_assumed`: the venue did not say when that was. It pays
    `highest_payout` at most, so no share is worth more; null where it does not end, and nothing bounds what a share is worth.
    """

    venue: Venue
    token_id: TokenId
    market_id: MarketId
    category: Text
    stake_currency: Currency
    lowest_price: Price
    highest_price: Price | None
    price_increment: Price
    share_decimals: Count
    share_increment: Shares
    min_shares: Shares
    min_notional: Notional
    fee_formula: FeeFormula
    fee_rate: ExactFraction
    fee_exponent: Exponent
    entry_denial: Reason | None
    ends_at: Instant | None
    ended_at: Instant | None
    ended_at_is_assumed: bool = False
    payout: Payout | None
    highest_payout: Price | None = None
    updated_at: Instant


@row(table="polymarket_markets", store="clickhouse", key=("token_id",))
class PolymarketMarket:
    """One row per outcome token: what only Polymarket says of an Instrument. `version` is that of the exchange it is traded on."""

    token_id: TokenId
    outcome: Name
    outcome_index: Count
    question: Text
    event: Text
    neg_risk: bool
    version: Name
    updated_at: Instant


@row(table="holder_positions", store="clickhouse", key=("market_id", "token_id", "wallet", "as_of"))
class HolderPosition:
    """One row per wallet that held a token when we asked. `cost` is what its holder loses if the outcome does not win."""

    market_id: MarketId
    token_id: TokenId
    wallet: Wallet
    shares: Shares
    avg_price: OutcomePrice
    cost: Usd
    current_value: Usd
    as_of: Instant


@row(table="consensus", store="postgres", key=("token_id", "votes_by"))
class Consensus:
    """One row per token: the OWRR of its outcome against all others, as last computed. `votes_by` is cluster or wallet."""

    token_id: TokenId
    votes_by: Name
    market_id: MarketId
    category: Text
    owrr: Fraction
    score_for: PositiveStatistic
    score_against: PositiveStatistic
    qualified_for: Count
    qualified_against: Count
    confidence: Confidence
    computed_at: Instant


@row(table="book_samples", store="clickhouse", key=("token_id", "taken_at"))
class BookSample:
    """One row per token and instant at which we saw its book: what buying or selling at once would have cost.

    `price` is the middle of `bid` and `ask`, a depth the USD that stand on that side. `buy_10` is by how much a share bought for 10 USD at
    once costs more than the middle, `sell_10` by how much one sold for that brings less; null where there is less in the book. `to_end_s`:
    seconds to the scheduled end, null where none is known or it is past.
    """

    token_id: TokenId
    market_id: MarketId
    category: Text
    taken_at: Instant
    to_end_s: Seconds | None
    bid: OutcomePrice
    ask: OutcomePrice
    price: OutcomePrice
    bid_depth: PositiveStatistic
    ask_depth: PositiveStatistic
    buy_10: PositiveStatistic | None
    buy_100: PositiveStatistic | None
    buy_1000: PositiveStatistic | None
    sell_10: PositiveStatistic | None
    sell_100: PositiveStatistic | None
    sell_1000: PositiveStatistic | None
