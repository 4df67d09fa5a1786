"""Fields as Solana's programs write them: little-endian, one after the other, without names."""

import hashlib

from sandbox.solana.keys import key

SELF_CALL = bytes.fromhex("e445a52e51cb9a1d")  # how a program's call to itself with an event begins


def u8(value: int) -> bytes:
    return value.to_bytes(1, "little")


def u16(value: int) -> bytes:
    return value.to_bytes(2, "little")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


def u64(*values: int) -> bytes:
    return b"".join(value.to_bytes(8, "little") for value in values)


def i128(value: int) -> bytes:
    return value.to_bytes(16, "little", signed=True)


def keys(*addresses: str) -> bytes:
    return b"".join(map(key, addresses))


def text(value: str) -> bytes:
    return u32(len(value.encode())) + value.encode()


def event(name: str, *fields: bytes) -> bytes:
    """Anchor's: the first 8 bytes are a hash of the event's name."""
    return hashlib.sha256(f"event:{name}".encode()).digest()[:8] + b"".join(fields)
