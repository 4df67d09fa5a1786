"""What is posted to us: intents that others signal, transactions that webhooks bring. It is stored before we say that we have it.

Rows are numbered in `sequence` as they arrive, by the store itself: who reads on after a number misses none, and meets none twice.
"""

from data_contracts.columns import Count, Instant, Json, MarketId, Name, Notional, Price, RowId, Shares, Text, TradedShares, Usd, Wallet
from data_contracts.contract import row
from data_contracts.words import Entrance, Reason, Side, Venue


@row(table="trade_intents", store="postgres", key=("intent_id",))
class TradeIntent:
    """One row per intent that was posted and accepted: somebody says what a leader did, and that it may be worth following.

    `usd` (of a BUY) or `shares` (of a SELL) is the leader's own size, not ours. `signalled_at` is the sender's own instant, by which an
    intent is stale; `metadata` what the sender saw, as it was posted; `digest` a function of all it says, so that the same id with other
    words is noticed.
    """

    intent_id: Name
    sequence: Count = 0
    entrance: Entrance
    venue: Venue
    signalled_at: Instant
    leader: Wallet
    market_id: MarketId
    outcome: Name
    side: Side
    limit_price: Price | None
    usd: Usd | None
    shares: TradedShares | None
    metadata: Json
    digest: RowId
    received_at: Instant


@row(table="taken_intents", store="postgres", key=("intent_id",))
class TakenIntent:
    """One row per intent that a cycle took in: the trade it tells of, as it is judged, or the `reason` why it is none.

    `trade_id` names that trade in JudgedTrade and Signal; `held_before` is what the leader held, where the sender said so. Judging goes by
    `seen_at`, when it was taken in.
    """

    intent_id: Name
    trade_id: RowId
    reason: Reason | None
    venue: Venue
    leader: Wallet
    market_id: MarketId
    token_id: Text
    outcome: Text
    side: Side
    price: Price | None
    shares: Shares | None
    notional: Notional | None
    limit_price: Price | None
    held_before: Shares | None
    tx_hash: Text
    traded_at: Instant
    seen_at: Instant


@row(table="deliveries", store="postgres", key=("delivery_id",))
class Delivery:
    """One row per transaction that a webhook brought: `payload` is its JSON as it was sent, and nobody has read more of it yet.

    `delivery_id` is a function of venue, signature and payload: what is sent again is stored once, what is told otherwise a second time.
    """

    delivery_id: RowId
    sequence: Count = 0
    venue: Venue
    source: Name
    signature: Name
    payload: Json
    received_at: Instant


@row(table="counters", store="postgres", key=("name",))
class Counter:
    """One row per count that only grows: how many rows of a table have arrived, or up to which of them a reader has read."""

    name: Name
    reached: Count


@row(table="tailed_files", store="postgres", key=("path",))
class TailedFile:
    """One row per file of intents that is followed: up to which byte and line it is read.

    By `file_id`, the file system's own name, and `head`, a hash of its first `head_bytes`, it is known again when it was renamed or copied,
    and not mistaken for another that took its place.
    """

    path: Name
    file_id: Text
    head: Text
    head_bytes: Count
    bytes_read: Count
    lines_read: Count
    read_at: Instant
