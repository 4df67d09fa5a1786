"""Tokens of Solana: what they are, where we heard of them, how they look now, and who bought them first."""

from data_contracts.columns import (
    Count,
    Fraction,
    Instant,
    Name,
    PositiveStatistic,
    Price,
    Seconds,
    Shares,
    Stake,
    Statistic,
    Text,
    TokenId,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import FoundToken


@row(table="solana_tokens", store="clickhouse", key=("token_id",))
class SolanaToken:
    """One row per mint: what only Solana says of an Instrument. Null is not known: `launched_at` of a token whose launch nobody saw.

    `launchpad` is the program it began on, `pool` where it trades now, `quote_token_id` what it is traded against. `creator` gets the
    creator's fees, `launched_by` signed the launch. `is_mayhem`: its venue moves its reserves, so it has no price by formula.
    """

    token_id: TokenId
    name: Text
    symbol: Text
    launchpad: Text
    pool: Text
    quote_token_id: Text
    creator: Text
    launched_by: Text
    token_program: Text
    decimals: Count
    is_mayhem: bool
    launched_at: Instant | None
    launch_slot: Count | None
    graduated_at: Instant | None
    updated_at: Instant


@row(table="token_findings", store="clickhouse", key=("token_id", "found_in"))
class TokenFinding:
    """One row per token and place we heard of it in. Only LAUNCH is unbiased: boosts are paid for, lists hold what rose already."""

    token_id: TokenId
    found_in: FoundToken
    detail: Text
    found_at: Instant


@row(table="token_looks", store="clickhouse", key=("token_id", "looked_at"))
class TokenLook:
    """One row per token and look: what it was worth, how it could be sold, and what speaks against it. Null is not known, not 0.

    `price` is SOL per token. `round_trip_loss` is what buying and selling at once loses; `is_sellable` whether a route sells it.
    `top10_fraction` is of the supply, pools left out. `last_alive_at`: when it was last seen traded into something.
    `next_look_at` grows later as it dies; null once it is dead.
    """

    token_id: TokenId
    looked_at: Instant
    price: Price | None
    price_usd: PositiveStatistic | None
    liquidity_usd: PositiveStatistic | None
    market_cap_usd: PositiveStatistic | None
    volume_24h_usd: PositiveStatistic | None
    buys_24h: Count | None
    sells_24h: Count | None
    holders: Count | None
    top10_fraction: Fraction | None
    has_mint_authority: bool | None
    has_freeze_authority: bool | None
    is_sellable: bool | None
    round_trip_loss: Fraction | None
    last_alive_at: Instant
    is_dead: bool
    next_look_at: Instant | None


@row(table="early_buyers", store="clickhouse", key=("token_id", "wallet"))
class EarlyBuyer:
    """One row per token and wallet among its first buyers, by what its curve or pool saw. Stakes are SOL, fees in them.

    `buy_rank` counts wallets by their first buy, from 1. `slots_after_launch` 0 is the slot of the launch: bought in one bundle with it.
    `gain` is (received - spent) / spent; `is_candidate`: early, sold nearly all, and gained (`domain/discovery/first_buyers.py`).
    """

    token_id: TokenId
    wallet: Wallet
    buy_rank: Count
    first_bought_at: Instant
    after_launch_s: Seconds | None
    slots_after_launch: Count | None
    spent: Stake
    received: Stake
    bought_shares: Shares
    sold_shares: Shares
    gain: Statistic | None
    sold_fraction: Fraction | None
    is_bundled: bool
    is_sniper: bool
    is_deployer: bool
    is_funded_by_deployer: bool
    is_candidate: bool
    tx: Name
    as_of: Instant
