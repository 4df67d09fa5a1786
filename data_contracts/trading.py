"""One trade's way: Trade → Signal → Order → Fill → Position, and what closes it."""

from decimal import Decimal

from data_contracts.columns import (
    Count,
    ExactFraction,
    Fee,
    Fraction,
    Instant,
    Json,
    MarketId,
    Name,
    Notional,
    Payout,
    PositiveStatistic,
    Price,
    RowId,
    Seconds,
    Shares,
    SignedBytes,
    SignedStake,
    Stake,
    Text,
    TokenId,
    TradedPrice,
    TradedShares,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import Awaited, Confidence, Doubt, ExitPreset, FillKind, Kind, OrderStatus, Reason, Side, Venue, Verdict


@row(table="trades", store="clickhouse", key=("wallet", "token_id", "traded_at", "trade_id"))
class Trade:
    """One row per fill a wallet got. `notional` is the venue's own figure; `ordinal` tells equal fills of one transaction apart.

    `seen_at` is when it arrived with us, whoever brought it: judging goes by that. `sequence` is the feed's own order within one instant.
    `pool` is where a mint was traded, empty where nothing says it and at venues that have none.
    """

    trade_id: RowId
    source: Name
    venue: Venue
    wallet: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    side: Side
    price: TradedPrice
    shares: TradedShares
    notional: Notional
    traded_at: Instant
    seen_at: Instant
    tx_hash: Text
    ordinal: Count
    sequence: Count = 0
    pool: Text = ""


@row(table="signals", store="postgres", key=("signal_id",))
class Signal:
    """One row per strategy and intention of a leader: our verdict, and all we knew when we gave it.

    What a leader did in one token and side between two looks is one intention: `fills` trades, of which `trade_id` is the first, their sums
    and their average price; JudgedTrade names them all. `exit_fraction` is the part of our holding to sell.

    An exit by a rule of our own has no trade: its `trade_id` names position and rule, `leader_price` is the price at which the rule
    speaks, `leader_shares` what we hold. `size_factor` below 1 says that a row of stops has made copies smaller.
    """

    signal_id: RowId
    strategy_id: Name
    venue: Venue
    kind: Kind
    trade_id: RowId
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    category: Text
    side: Side
    verdict: Verdict
    reason: Reason
    leader_price: Price
    leader_shares: TradedShares
    leader_notional: Notional
    notional: Notional
    exit_fraction: ExactFraction
    owrr: Fraction | None
    score_for: PositiveStatistic | None
    score_against: PositiveStatistic | None
    qualified_for: Count | None
    qualified_against: Count | None
    confidence: Confidence | None
    consensus_age_s: Seconds | None
    traded_at: Instant
    judged_at: Instant
    latency_s: Seconds
    size_factor: ExactFraction = Decimal(1)
    fills: Count = 1


@row(table="signal_scores", store="postgres", key=("signal_id",))
class SignalScore:
    """One row per Signal that a weighted score was given: the whole, its four factors and what these are made of, 0 to 1 each.

    `other_owners` counts owners we follow, but the leader's own, who bought it as well. `exit_preset` is how such a position is left.
    """

    signal_id: RowId
    strategy_id: Name
    leader: Wallet
    token_id: TokenId
    score: Fraction
    wallet_score: Fraction
    win_rate: Fraction
    pnl: Fraction
    consistency: Fraction
    cluster_score: Fraction
    other_owners: Count
    token_score: Fraction
    liquidity: Fraction
    age: Fraction
    concentration: Fraction
    timing_score: Fraction
    since_launch: Fraction
    demand: Fraction
    threshold: Fraction
    exit_preset: ExitPreset
    judged_at: Instant


@row(table="judged_trades", store="postgres", key=("strategy_id", "trade_id"))
class JudgedTrade:
    """One row per strategy and trade it has given its verdict on, with the Signal that trade is a part of. It is never judged again."""

    strategy_id: Name
    trade_id: RowId
    signal_id: RowId
    judged_at: Instant


@row(table="deferrals", store="postgres", key=("strategy_id", "trade_id"))
class Deferral:
    """One row per strategy and sale of a leader that had to wait for an answer. Nobody else waits with it; over once `ended_at` is set.

    `bought_after`: what the leader bought after it in the same look. Who copies that look's purchases as a whole counts it as held before.
    """

    strategy_id: Name
    trade_id: RowId
    leader: Wallet
    token_id: TokenId
    traded_at: Instant
    waits_for: Awaited
    bought_after: Shares
    deferred_at: Instant
    ended_at: Instant | None = None


@row(table="exits", store="postgres", key=("signal_id",))
class Exit:
    """One row per copied SELL signal: what we want to be out of, until it is done. `done_at` is null as long as something is left to sell.

    `orders` counts its Order rows; `held_back` is why the last try did not become one; `ended_by` is how it ended.
    """

    signal_id: RowId
    strategy_id: Name
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    reason: Reason
    entire: bool
    wanted_shares: Shares
    sold_shares: Shares
    orders: Count
    held_back: Reason | None
    asked_at: Instant
    tried_at: Instant | None
    done_at: Instant | None
    ended_by: Reason | None


@row(table="orders", store="postgres", key=("order_id",))
class Order:
    """One row per copied signal: what we ask of the venue and how far it got. `order_hash` is known before it is posted.

    An exit that was not done gets further ones. `is_simulated`: our own book-keeping fills it, and nothing is sent. `sequence` is its place
    among the orders of one instant: they are sent in that order. `signed_bytes` are posted as they are. Unseen by `expires_at`, it is over;
    with a `last_valid_height` it is over once the chain's final blocks are more than that, and not before. `seal` is the judge's.
    """

    order_id: RowId
    signal_id: RowId
    strategy_id: Name
    venue: Venue
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    side: Side
    shares: Shares
    limit_price: Price
    observed_price: Price
    status: OrderStatus
    reason: Reason | None
    is_simulated: bool
    order_hash: Text
    created_at: Instant
    updated_at: Instant
    sequence: Count = 0
    signed_bytes: SignedBytes = ""
    expires_at: Instant | None = None
    last_valid_height: Count | None = None
    seal: Text = ""


@row(table="fills", store="postgres", key=("fill_id",))
class Fill:
    """One row per price level an order was filled at, and per part that a merge or a write-off took: the log positions follow from.

    `fee` is paid on top of a BUY and out of a SELL. Fills of one instant are in the order they were sent: `sent_at` is when their order was
    made, `sequence` its place among those of its cycle, `level` the fill's place within it. `category` and `reason` are its signal's.
    """

    fill_id: RowId
    order_id: RowId
    strategy_id: Name
    venue: Venue
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    side: Side
    price: Price
    shares: TradedShares
    notional: Notional
    fee: Fee
    filled_at: Instant
    sent_at: Instant
    kind: FillKind = FillKind.TRADE
    sequence: Count = 0
    level: Count = 0
    category: Text = ""
    reason: Reason | None = None


@row(table="hand_trades", store="postgres", key=("venue", "trade_id", "order_hash", "level"))
class HandTrade:
    """One row per price level of a trade of our account that no order of ours made: the operator's own, done by hand at the venue.

    `fee` is null where we hold nothing of the token: it is none of ours. What of it the ledger adopted are the fills of `order_id`.
    """

    venue: Venue
    trade_id: Name
    order_hash: Name
    level: Count
    order_id: RowId
    market_id: MarketId
    token_id: TokenId
    outcome: Text
    side: Side
    price: TradedPrice
    shares: TradedShares
    notional: Notional
    fee: Fee | None
    tx_hash: Text
    traded_at: Instant
    seen_at: Instant


@row(table="positions", store="postgres", key=("strategy_id", "leader", "token_id"))
class Position:
    """One row per strategy, leader and token, as its fills and settlements make it: nobody writes it but `domain.copying.ledger.fold`.

    `lots` is what is left, oldest first, as JSON; `cost` is what it cost with fees. Since `opened_at`: `bought_shares`.
    `realized_before` is what earlier openings of it realized. `exit_reason` is why we last sold, or that the market resolved.
    """

    strategy_id: Name
    venue: Venue
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    outcome: Name
    category: Text
    shares: Shares
    cost: Stake
    realized_pnl: SignedStake
    fees: Fee
    lots: Json
    opened_at: Instant
    updated_at: Instant
    closed_at: Instant | None
    bought_shares: Shares = Decimal(0)
    realized_before: SignedStake = Decimal(0)
    exit_reason: Reason | None = None


@row(table="known_rows", store="postgres", key=("token_id", "record"))
class KnownRow:
    """One row per token we hold or ordered and kind of record: what is needed to sell it, kept with the ledger.

    Whoever else could say it may be away when we want to leave. `record` is the class of `row`, which is JSON.
    """

    token_id: TokenId
    record: Name
    row: Json
    updated_at: Instant


@row(table="settlements", store="postgres", key=("strategy_id", "leader", "token_id", "settled_at"))
class Settlement:
    """One row per position that ended with its market, redeemed or not: a loser nobody redeems still counts.

    Instant and payout are the log's. `shares` and `realized_pnl` follow from the fills before it, also from those that come late.
    """

    strategy_id: Name
    leader: Wallet
    market_id: MarketId
    token_id: TokenId
    shares: Shares
    payout: Payout
    realized_pnl: SignedStake
    settled_at: Instant


@row(table="marks", store="postgres", key=("token_id",))
class Mark:
    """One row per token we hold or held: what a share of it is worth to everybody who asks, and since when it has been that.

    `doubt`: what books say since `doubted_at`, `doubted_price`, is not believed yet. All three are null while they confirm the price.
    """

    token_id: TokenId
    price: Price | None
    marked_at: Instant | None
    doubt: Doubt | None
    doubted_price: Price | None
    doubted_at: Instant | None


@row(table="peaks", store="postgres", key=("strategy_id", "leader", "token_id"))
class Peak:
    """One row per position: the highest mark since it was opened at `opened_at`. Opened again, it has a new one."""

    strategy_id: Name
    leader: Wallet
    token_id: TokenId
    opened_at: Instant
    price: Price
