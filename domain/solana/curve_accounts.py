"""A bonding curve as its account holds it: what it prices with now. Accounts of 125, 151 and 256 bytes occur: a tail is no fault."""

from domain.solana.borsh import Reader, Truncated, flag, key, u64
from domain.solana.curve import Curve, Fees
from domain.solana.happenings import one_sol
from domain.solana.programs import WSOL

DISCRIMINATOR = bytes.fromhex("17b7f83760d8ac60")
RESERVES = ("virtual_tokens", "virtual_quote", "real_tokens", "real_quote", "supply")


class NoCurve(ValueError):
    """The account is something else, or its curve is sold out."""


def read_curve(data: bytes, fees: Fees) -> tuple[Curve, str]:
    """The curve, and the mint it is quoted in. Raises NoCurve for what is none, and for one that is complete: its pool goes on."""
    if data[:8] != DISCRIMINATOR:
        raise NoCurve("the account does not begin as a bonding curve does")
    reader = Reader(data[8:])
    try:
        numbers = {name: int(u64(reader)) for name in RESERVES}  # type: ignore[arg-type]  # u64 reads a whole number
        is_complete = flag(reader)
        mayhem, quote_mint = _appended(reader)
    except Truncated as error:
        raise NoCurve(f"the account is too short: {error}") from error
    if is_complete:
        raise NoCurve("the curve is sold out: its coin is traded in a pool")
    numbers.pop("supply")
    return Curve(**numbers, fees=fees, is_mayhem=mayhem), quote_mint


def _appended(reader: Reader) -> tuple[bool, str]:
    """What later programs wrote behind the creator; an account of before has none of it and is quoted in SOL."""
    if reader.is_at_end:
        return False, WSOL
    key(reader)  # the creator
    mayhem = False if reader.is_at_end else flag(reader)
    if not reader.is_at_end:
        flag(reader)  # whether buyers get cash back
    left = len(reader.data) - reader.at
    return mayhem, one_sol(str(key(reader))) if left >= 32 else WSOL
