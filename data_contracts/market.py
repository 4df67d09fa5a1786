"""What is traded: outcome tokens, who holds them, what those holders agree on."""

from data_contracts.columns import (
    Count,
    ExactFraction,
    Exponent,
    Fraction,
    Instant,
    MarketId,
    Name,
    Payout,
    PositiveStatistic,
    Price,
    Shares,
    Text,
    TokenId,
    Usd,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import Confidence


@row(table="markets", store="clickhouse", key=("token_id",))
class Market:
    """One row per outcome token. `payout` is null until its market resolved; the taker fee is shares x rate x (p(1-p))^exponent.

    `ended_at_is_assumed`: it resolved and nobody says when; `resolved_at` is the likeliest instant.
    """

    token_id: TokenId
    market_id: MarketId
    outcome: Name
    outcome_index: Count
    question: Text
    category: Text
    event: Text
    tick_size: ExactFraction
    min_shares: Shares
    fee_rate: ExactFraction
    fee_exponent: Exponent
    neg_risk: bool
    version: Name
    ends_at: Instant | None
    resolved_at: Instant | None
    payout: Payout | None
    updated_at: Instant
    ended_at_is_assumed: bool = False


@row(table="holder_positions", store="clickhouse", key=("market_id", "token_id", "wallet", "as_of"))
class HolderPosition:
    """One row per wallet that held a token when we asked. `cost` is what its holder loses if the outcome does not win."""

    market_id: MarketId
    token_id: TokenId
    wallet: Wallet
    shares: Shares
    avg_price: Price
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
