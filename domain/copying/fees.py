"""The taker fee of a trade, by the venue's own formula."""

from decimal import ROUND_HALF_UP, Decimal

from data_contracts import FeeFormula, Instrument
from domain.copying.amounts import CHARGED_IN, rounded


def taker_fee(shares: Decimal, price: Decimal, instrument: Instrument) -> Decimal:
    """In the instrument's stake: what is `charged` by its formula, rounded to what its currency is charged in.

    Source of the binary one: https://docs.polymarket.com/trading/fees
    """
    return rounded(_charged(shares, price, instrument), CHARGED_IN[instrument.stake_currency], ROUND_HALF_UP)


def _charged(shares: Decimal, price: Decimal, instrument: Instrument) -> Decimal:
    match instrument.fee_formula:
        case FeeFormula.BINARY:
            return shares * instrument.fee_rate * (price * (1 - price)) ** instrument.fee_exponent
        case FeeFormula.PROPORTIONAL:
            return shares * price * instrument.fee_rate
