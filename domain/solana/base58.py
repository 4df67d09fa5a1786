"""Base 58 as Solana writes keys, signatures and instruction data."""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def decode_base58(text: str) -> bytes:
    """Each leading 1 is a byte of 0. Raises ValueError for a letter that base 58 does not have."""
    value = 0
    try:
        for letter in text:
            value = value * 58 + VALUES[letter]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is no letter of base 58") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + value.to_bytes((value.bit_length() + 7) // 8, "big")


def encode_base58(data: bytes) -> str:
    """The one way these bytes are written."""
    value = int.from_bytes(data, "big")
    letters = ""
    while value:
        value, digit = divmod(value, 58)
        letters = ALPHABET[digit] + letters
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + letters


def is_key(text: str) -> bool:
    """Whether it is an address: 32 bytes."""
    try:
        return 32 <= len(text) <= 44 and len(decode_base58(text)) == 32
    except ValueError:
        return False
