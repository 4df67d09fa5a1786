"""The terms of a swap: what an order gives at most and must get at least, in whole units, and when an offer of a router is taken."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from data_contracts import Instrument, Order, Reason, Side
from domain.copying.amounts import LAMPORT, rounded
from domain.solana.curve import BASIS_POINTS
from domain.solana.programs import LAMPORTS, WSOL
from domain.solana.proposals import Wanted

ONE = Decimal(1)
TOO_OLD_S = 10.0  # an offer: a memecoin moves by percents in it
FUNDS, SLIPPED = ("custom 1", "custom 6024", "InsufficientFundsForFee"), ("custom 6001", "custom 6017")
DEAD_HASH = ("BlockhashNotFound", "AlreadyProcessed")


@dataclass(frozen=True, slots=True)
class SwapLimits:
    """What holds whatever the strategy says. SOL; `max_impact` is a part, of a BUY alone: who must get out takes what there is."""

    max_order: Decimal = Decimal("0.05")
    reserve: Decimal = Decimal("0.05")
    max_costs: Decimal = Decimal("0.01")
    max_impact: float = 0.10
    buy_slippage_bps: int = 100
    sell_slippage_bps: int = 200

    def slippage_bps(self, side: Side) -> int:
        return self.buy_slippage_bps if side is Side.BUY else self.sell_slippage_bps


@dataclass(frozen=True, slots=True)
class Offer:
    """What a router says a swap gives: raw amounts. `least_out_raw` is what it promises on the chain, its fee not yet taken off."""

    in_raw: int
    out_raw: int
    least_out_raw: int
    fee_bps: int
    price_impact: float | None
    age_s: float = 0.0
    expires_in_s: float | None = None

    @property
    def net_of_fee(self) -> int:
        """As if the fee came off what is promised: so it is never too much."""
        return self.least_out_raw * (BASIS_POINTS - self.fee_bps) // BASIS_POINTS


def wanted_of(order: Order, instrument: Instrument, owner: str, limits: SwapLimits) -> Wanted | Reason:
    """A BUY gives its SOL, a SELL its coins, and neither takes a worse price than its limit."""
    unit, costs = ONE.scaleb(instrument.share_decimals), int(limits.max_costs * LAMPORTS)
    if order.limit_price <= 0:
        return Reason.ORDER_BELOW_MINIMUM
    if order.side is Side.BUY:
        lamports = int(rounded(order.shares * order.limit_price, LAMPORT, ROUND_FLOOR) * LAMPORTS)
        least = _up(Decimal(lamports) / LAMPORTS / order.limit_price * unit)
        return Wanted(owner, WSOL, order.token_id, lamports, least, costs) if lamports and least else Reason.ORDER_BELOW_MINIMUM
    raw = int(order.shares * unit)
    least = _up(Decimal(raw) / unit * order.limit_price * LAMPORTS)
    return Wanted(owner, order.token_id, WSOL, raw, least, costs) if raw and least else Reason.ORDER_BELOW_MINIMUM


def may_spend(wanted: Wanted, lamports: int, limits: SwapLimits) -> Reason | None:
    """Why a BUY may not: one order's limit, or the reserve that exits pay their fees of. A SELL needs no more than its fees."""
    if wanted.gives != WSOL:
        return None
    if wanted.most_in > limits.max_order * LAMPORTS:
        return Reason.LIVE_LIMIT
    left = lamports - wanted.most_in - wanted.most_costs
    return Reason.VENUE_NO_BALANCE if left < limits.reserve * LAMPORTS else None


def objection(offer: Offer, wanted: Wanted, limits: SwapLimits) -> Reason | None:
    """Why an offer is not taken. That it promises too little may be mended: see `slippage_for`."""
    if offer.in_raw > wanted.most_in:
        return Reason.LIMIT_NOT_KEPT
    if offer.out_raw < wanted.least_out:
        return Reason.PRICE_BEYOND_LIMIT
    if offer.age_s > TOO_OLD_S or (offer.expires_in_s is not None and offer.expires_in_s <= 0):
        return Reason.QUOTE_STALE
    if wanted.gives == WSOL and (offer.price_impact or 0) > limits.max_impact:
        return Reason.IMPACT_TOO_HIGH
    return None


def slippage_for(offer: Offer, wanted: Wanted) -> int:
    """Basis points with which the same offer would keep the limit; 0 where none does."""
    left = offer.out_raw * (BASIS_POINTS - offer.fee_bps)
    return max((left - wanted.least_out * BASIS_POINTS) // max(offer.out_raw, 1), 0)


def reason_of(error: str) -> Reason | None:
    """Why a simulated transaction failed, in our words; None where another one is to be asked for."""
    if error in DEAD_HASH:
        return None
    if error.startswith(FUNDS):
        return Reason.VENUE_NO_BALANCE
    return Reason.PRICE_BEYOND_LIMIT if error in SLIPPED else Reason.SIMULATION_FAILED


def _up(raw: Decimal) -> int:
    return int(raw.to_integral_value(ROUND_CEILING))
