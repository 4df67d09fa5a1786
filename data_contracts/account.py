"""The account above all strategies and venues, in USD: what it may do, how it stands, and what each currency was worth."""

from data_contracts.columns import ExactFraction, Fraction, Instant, Json, Name, SignedUsd, Usd, UsdRate
from data_contracts.contract import row
from data_contracts.words import Currency, Reason, TradingState


@row(table="account_limits", store="postgres", key=("set_at",))
class AccountLimits:
    """One row per time an operator set them (flow `account-limits`, its only writer): what all strategies may do together.

    The last row holds; null is no limit. What may be open is at cost, fees included: in all positions, behind all wallets of one owner
    (`max_cluster_usd`), after one leader, in one token, at one venue. `max_daily_loss_usd` is since midnight (UTC), `max_drawdown` below
    the peak. A strategy can only be stricter.
    """

    set_at: Instant
    max_open_usd: Usd | None
    max_cluster_usd: Usd | None
    max_daily_loss_usd: Usd | None
    max_drawdown: ExactFraction | None
    max_leader_usd: Usd | None = None
    max_token_usd: Usd | None = None
    max_venue_usd: Usd | None = None


@row(table="account_states", store="postgres", key=("account",))
class AccountState:
    """One row per account, of which there is one: how it stands under its limits (the cycle's risk assessment, its only writer).

    `capital` is what its strategies began with, by currency: to add to it is no gain, to take from it no loss. `rules`, `looks` and
    `resumed_at` are as in RiskState. In USD; null while a currency has no rate on record.
    """

    account: Name
    state: TradingState
    reason: Reason | None
    equity_usd: SignedUsd | None
    open_usd: Usd | None
    drawdown: Fraction
    capital: Json
    looks: Json
    rules: Json
    resumed_at: Instant | None
    changed_at: Instant


@row(table="rates", store="postgres", key=("currency", "seen_at"))
class Rate:
    """One row per currency strategies count in and instant at which we learned what it is worth: `usd` for one of it."""

    currency: Currency
    seen_at: Instant
    usd: UsdRate
    source: Name
