"""Addresses in base 58, each a function of what it is for."""

import hashlib

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
WSOL = "So11111111111111111111111111111111111111112"


def address(*parts: object) -> str:
    """32 bytes that look random and are not."""
    return base58(hashlib.sha256(":".join(map(str, parts)).encode()).digest())


def base58(data: bytes) -> str:
    value, text = int.from_bytes(data, "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text
