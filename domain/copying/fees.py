"""What the venue takes."""

from decimal import ROUND_HALF_UP, Decimal

from data_contracts import Market

FEE_UNIT = Decimal("0.00001")


def taker_fee(shares: Decimal, price: Decimal, market: Market) -> Decimal:
    """USD: shares x rate x (p(1-p))^exponent, rounded to 5 digits at the end. Source: https://docs.polymarket.com/trading/fees"""
    fee = shares * market.fee_rate * (price * (1 - price)) ** market.fee_exponent
    return fee.quantize(FEE_UNIT, ROUND_HALF_UP)
