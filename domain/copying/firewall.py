"""Which observed trades may be considered at all. Pure: no clock, no network, no memory."""

from datetime import datetime

from data_contracts import Instrument, Reason, Side, Trade
from domain.copying.policy import FirewallPolicy

CLOCK_SKEW_S = 5.0  # a venue's clock may run ahead of ours by this much


def denial(trade: Trade, instrument: Instrument | None, policy: FirewallPolicy, seen_at: datetime) -> Reason | None:
    """The first rule the trade breaks, or None. `seen_at` is when it came to be judged.

    What forbids to get in never forbids to get out: a market taken off the list must not keep us in it.
    """
    entry = trade.side is Side.BUY
    if instrument is None:
        return Reason.MARKET_UNKNOWN
    if entry and policy.markets and trade.market_id not in policy.markets:
        return Reason.MARKET_NOT_ALLOWED
    if entry and instrument.entry_denial:
        return instrument.entry_denial
    if instrument.ended_at is not None and instrument.ended_at <= seen_at:
        return Reason.MARKET_RESOLVED
    if denied := _age_denial(trade, policy, seen_at):
        return denied
    return Reason.NOTIONAL_EXCEEDS_MAXIMUM if entry and trade.notional > policy.max_leader_notional else None


def _age_denial(trade: Trade, policy: FirewallPolicy, seen_at: datetime) -> Reason | None:
    age_s = (seen_at - trade.traded_at).total_seconds()
    if age_s < -CLOCK_SKEW_S:
        return Reason.TRADE_FROM_THE_FUTURE
    limit_s = policy.max_age_s if trade.side is Side.BUY else policy.exit_max_age_s
    return Reason.TRADE_STALE if age_s > limit_s else None
