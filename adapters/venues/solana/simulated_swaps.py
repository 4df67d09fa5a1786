"""A venue that fills at what Jupiter quotes: the same `/order` as live, asked without a taker, so that there is nothing to sign. No key."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.feeds.solana.jupiter import Jupiter, Quote
from adapters.venues.venue import Answer, Signed
from data_contracts import Fill, Instrument, Order, OrderStatus, Reason, Side
from data_contracts.errors import Refused, Unavailable
from domain.copying.fills import fill_from
from domain.ids import row_id
from domain.solana.curve import BASIS_POINTS
from domain.solana.own_fills import in_sol, price_of
from domain.solana.proposals import Wanted
from domain.solana.swap_terms import Offer, SwapLimits, objection, wanted_of
from domain.solana.trades import exact
from domain.solana.transactions import BASE_FEE

NOBODY = "11111111111111111111111111111111"
PRIORITY_LAMPORTS = 100_000  # a usual fee for being taken soon; live pays what is asked for, up to its limit of costs


class SimulatedSwaps:
    """Stands in for signing and sending only. Jupiter takes 50 basis points of a coin younger than a day, else 10."""

    is_simulated = True

    def __init__(self, jupiter: Jupiter, limits: SwapLimits) -> None:
        self._jupiter, self._limits = jupiter, limits

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        return Signed(row_id("simulated", order.order_id, order.token_id, order.side, order.shares, order.limit_price))

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        return [self._answered(order, instruments[order.token_id], as_of) for order in orders]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        return None

    def _answered(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer:
        wanted = wanted_of(order, instrument, NOBODY, self._limits)
        if isinstance(wanted, Reason):
            return Answer(order.order_id, OrderStatus.DENIED, reason=wanted)
        try:
            quote = self._jupiter.quote(wanted.gives, wanted.gets, wanted.most_in)
        except (Unavailable, Refused):
            return Answer(order.order_id, OrderStatus.PENDING, reason=Reason.VENUE_UNAVAILABLE)
        denied = Reason.NO_ROUTE if quote is None else objection(_offer(quote), wanted, self._limits)
        if quote is None or denied:
            return Answer(order.order_id, OrderStatus.UNFILLED, reason=denied)
        return Answer(order.order_id, OrderStatus.FILLED, (_fill(order, wanted, quote, instrument, as_of),))


def _offer(quote: Quote) -> Offer:
    return Offer(quote.in_raw, quote.out_raw, quote.least_out_raw, quote.fee_bps, quote.price_impact)


def _fill(order: Order, wanted: Wanted, quote: Quote, instrument: Instrument, as_of: datetime) -> Fill:
    """Jupiter's fee, which is in its quote, and the network's stand beside the price; a deposit comes back and is no fee."""
    lamports, raw = (wanted.most_in, quote.out_raw) if order.side is Side.BUY else (quote.out_raw, wanted.most_in)
    part = BASIS_POINTS if order.side is Side.BUY else BASIS_POINTS - quote.fee_bps  # what comes in is after it
    router = lamports * quote.fee_bps // part
    traded = lamports - router if order.side is Side.BUY else lamports + router
    shares, notional = exact(raw, instrument.share_decimals), in_sol(traded)
    return fill_from(
        order,
        0,
        price=price_of(notional, shares, order.side),
        shares=shares,
        notional=notional,
        fee=in_sol(router + BASE_FEE + PRIORITY_LAMPORTS),
        filled_at=as_of,
    )
