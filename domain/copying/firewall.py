"""Which observed trades may be considered at all. Pure: no clock, no network, no memory."""

from datetime import datetime

from data_contracts import Market, Reason, Side, Trade
from domain.copying.policy import FirewallPolicy
from domain.polymarket.position_ids import IdKind, kind_of

RECORDED = "recorded"  # the version of a recording's markets
NATIVE = {IdKind.BINARY, IdKind.NEG_RISK, IdKind.DIRECTIONAL}  # ids of the second version
CLOCK_SKEW_S = 5.0  # a venue's clock may run ahead of ours by this much


def denial(trade: Trade, market: Market | None, policy: FirewallPolicy, seen_at: datetime) -> Reason | None:
    """The first rule the trade breaks, or None. `seen_at` is when it came to be judged.

    What forbids to get in never forbids to get out: a market taken off the list must not keep us in it.
    """
    entry = trade.side is Side.BUY
    if market is None:
        return Reason.MARKET_UNKNOWN
    if entry and policy.markets and trade.market_id not in policy.markets:
        return Reason.MARKET_NOT_ALLOWED
    if entry and (denied := _version_denial(market)):
        return denied
    if market.resolved_at is not None and market.resolved_at <= seen_at:
        return Reason.MARKET_RESOLVED
    if denied := _age_denial(trade, policy, seen_at):
        return denied
    return Reason.NOTIONAL_EXCEEDS_MAXIMUM if entry and trade.notional > policy.max_leader_notional else None


def _version_denial(market: Market) -> Reason | None:
    """What is bought is known by its version and its id, and both must say the same. A combo is quoted on request: there is no book."""
    kind = kind_of(market.token_id)
    if kind is IdKind.COMBO:
        return Reason.MARKET_IS_COMBO
    fits = {"v1": kind not in NATIVE, "v2": kind is not IdKind.CTF, RECORDED: True}
    return None if fits.get(market.version, False) else Reason.MARKET_VERSION_UNKNOWN


def _age_denial(trade: Trade, policy: FirewallPolicy, seen_at: datetime) -> Reason | None:
    age_s = (seen_at - trade.traded_at).total_seconds()
    if age_s < -CLOCK_SKEW_S:
        return Reason.TRADE_FROM_THE_FUTURE
    limit_s = policy.max_age_s if trade.side is Side.BUY else policy.exit_max_age_s
    return Reason.TRADE_STALE if age_s > limit_s else None
