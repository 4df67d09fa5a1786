"""Borsh, the way Solana's programs write an event: fields one after the other, little-endian, without names or lengths."""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.solana.base58 import encode_base58

Value = int | str | bool | tuple["Value", ...] | dict[str, "Value"]


class Truncated(ValueError):
    """The bytes end inside a field."""


@dataclass
class Reader:
    """Bytes, and how far they are read."""

    data: bytes
    at: int = field(default=0)

    def take(self, length: int) -> bytes:
        """The next `length` bytes. Raises Truncated when fewer are left."""
        taken = self.data[self.at : self.at + length]
        if len(taken) < length:
            raise Truncated(f"{length} bytes wanted at {self.at}, {len(taken)} are left")
        self.at += length
        return taken

    @property
    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        return self.at == len(self.data)


Read = Callable[[Reader], Value]
Fields = dict[str, Read]


def _integer(length: int, signed: bool) -> Read:
    return lambda reader: int.from_bytes(reader.take(length), "little", signed=signed)


u8, u16, u64, u128 = (_integer(length, signed=False) for length in (1, 2, 8, 16))
i64, i128 = (_integer(length, signed=True) for length in (8, 16))
u32 = _integer(4, signed=False)


def flag(reader: Reader) -> bool:
    """A byte of 0 or 1. Raises ValueError for another: the layout is not the one we know."""
    byte = reader.take(1)[0]
    if byte > 1:
        raise ValueError(f"a flag is 0 or 1, not {byte}")
    return byte == 1


def key(reader: Reader) -> str:
    """An address, in base 58."""
    return encode_base58(reader.take(32))


def text(reader: Reader) -> str:
    """UTF-8 behind its length. What is no UTF-8 is kept with replacement marks: a launch may be named anything."""
    length = int.from_bytes(reader.take(4), "little")
    return reader.take(length).decode("utf-8", errors="replace")


def several(read: Read) -> Read:
    """A list behind its length."""

    def read_list(reader: Reader) -> tuple[Value, ...]:
        length = int.from_bytes(reader.take(4), "little")
        return tuple(read(reader) for _ in range(length))

    return read_list


def struct(fields: Fields) -> Read:
    """Named fields in their order."""
    return lambda reader: {name: read(reader) for name, read in fields.items()}


def one_of(*variants: tuple[str, Fields]) -> Read:
    """An enum: a byte that says which variant follows. Raises ValueError for a variant nobody told us of."""

    def read_variant(reader: Reader) -> dict[str, Value]:
        tag = reader.take(1)[0]
        if tag >= len(variants):
            raise ValueError(f"variant {tag} of {len(variants)}")
        name, fields = variants[tag]
        return {"variant": name} | {part: read(reader) for part, read in fields.items()}

    return read_variant
