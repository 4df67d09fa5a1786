"""Numbers that look random and are not: each is a pure function of its arguments, on every machine."""

import hashlib

_MASK = 0xFFFF_FFFF_FFFF_FFFF


def hex_id(digits: int, *parts: object) -> str:
    """`0x` and that many hex digits, as addresses, condition ids and transaction hashes are written."""
    return "0x" + _digest(*parts).hex()[:digits]


def token_number(*parts: object) -> str:
    """A token id: 77 decimal digits, no leading zero."""
    smallest = 10**76
    return str(smallest + int.from_bytes(_digest(*parts)) % (9 * smallest))


def mix(*numbers: int) -> int:
    """64 bits from a few integers. Far cheaper than a hash; order books need thousands."""
    state = 0x9E37_79B9_7F4A_7C15
    for number in numbers:
        state = ((state ^ (number & _MASK)) * 0xBF58_476D_1CE4_E5B9) & _MASK
        state ^= state >> 29
    state = (state * 0x94D0_49BB_1331_11EB) & _MASK
    return state ^ (state >> 32)


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(":".join(str(part) for part in parts).encode()).digest()
