"""What somebody handed us in a file: who an address is, and what wallets hold whose trades we never saw."""

from data_contracts.columns import (
    Count,
    Fraction,
    Instant,
    MarketId,
    Name,
    Payout,
    PositiveStatistic,
    Price,
    Shares,
    SignedStake,
    Statistic,
    Text,
    TokenId,
    Wallet,
)
from data_contracts.contract import row
from data_contracts.words import LabelKind, Venue


@row(table="wallet_labels", store="clickhouse", key=("wallet", "label", "source"))
class WalletLabel:
    """One row per address, kind of label and source: `name` is the exchange's, the service's or the owner's."""

    wallet: Wallet
    label: LabelKind
    name: Name
    source: Name
    loaded_at: Instant


@row(table="reported_positions", store="clickhouse", key=("wallet", "token_id", "source", "as_of"))
class ReportedPosition:
    """One row per position and instant at which `source` reported it. Nobody here saw the trades behind it.

    `shares` are held at `as_of`, bought at `avg_price` on average; `bought_shares` is all that was ever bought, `realized_pnl` what the
    sold part brought, `payout` what a share paid at the end: null where the source does not say.
    """

    source: Name
    venue: Venue
    wallet: Wallet
    market_id: MarketId | None
    token_id: TokenId
    shares: Shares
    avg_price: Price
    bought_shares: Shares | None
    realized_pnl: SignedStake | None
    payout: Payout | None
    as_of: Instant
    loaded_at: Instant


# A table of its own, not more rows of `wallet_profiles`: leaders are chosen and votes are weighed by those.
@row(table="reported_profiles", store="clickhouse", key=("wallet", "source"))
class ReportedProfile:
    """One row per wallet and source of ReportedPosition rows: all that may be computed without its trades, and nothing else.

    Of `closed_positions` the result is known, of `unknown_positions` it is not. Against the price paid: of the `priced_positions` a buyer
    without skill expects `expected_wins`; `excess_wins` came on top. No order in time, so no drawdown, no windows and no grade.
    `censoring` names what is likely to be missing from the source.
    """

    wallet: Wallet
    source: Name
    positions: Count
    open_positions: Count
    unknown_positions: Count
    closed_positions: Count
    wins: Count
    win_rate: Fraction | None
    gains: PositiveStatistic
    losses: PositiveStatistic
    omega: PositiveStatistic | None
    realized_pnl: Statistic
    invested: PositiveStatistic
    roi: Statistic | None
    priced_positions: Count
    expected_wins: PositiveStatistic
    excess_wins: Statistic
    censoring: Text
    as_of: Instant
