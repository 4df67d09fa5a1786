"""What wallets did besides trading: sets made and unmade, winnings redeemed, rewards. The venue tells it wallet by wallet."""

from data_contracts.columns import Count, Instant, Name, Price, RowId, Shares, Text, Usd, Wallet
from data_contracts.contract import row
from data_contracts.words import Venue


@row(table="activities", store="clickhouse", key=("wallet", "happened_at", "activity_id"))
class Activity:
    """One row per thing a wallet did. The id of a TRADE is that trade's own `trade_id`, so that what the feed of all wallets missed shows.

    `type` is the venue's word and stays as it came when it is new: TRADE, SPLIT, MERGE, REDEEM, REWARD, CONVERSION, MAKER_REBATE and more.
    SPLIT turns `usd` into that many shares of every outcome, MERGE turns them back, REDEEM pays `usd` for what won: these three name the
    market and no token. TRANSFER_OUT and TRANSFER_IN move `shares` of a token to and from another wallet, where the venue tells of that.
    Deposits and rebates name neither. `price`, `side`, `outcome` and `outcome_index` are a trade's.
    """

    activity_id: RowId
    source: Name
    venue: Venue
    wallet: Wallet
    type: Name
    market_id: Text
    token_id: Text
    outcome: Text
    outcome_index: Count | None
    side: Text
    price: Price | None
    shares: Shares
    usd: Usd
    happened_at: Instant
    tx_hash: Text
    ordinal: Count
