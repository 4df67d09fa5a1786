"""A program's own word of what happened: events read from the data it emits, by a call to itself or in its log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from domain.solana.borsh import Reader, Truncated, Value
from domain.solana.event_layouts import EventLayout
from domain.solana.programs import Program

SELF_CALL = bytes.fromhex("e445a52e51cb9a1d")  # how Anchor's emit_cpi! begins; what emit! writes into the log begins with the event


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `unknown_bytes` is how much a newer program wrote behind the fields we know, `missing` what an older one left out."""

    program: Program
    name: str
    fields: Mapping[str, Value]
    unknown_bytes: int = 0
    missing: tuple[str, ...] = ()

    def amount(self, field: str) -> int:
        """A whole number, 0 where an older program did not write it."""
        return cast(int, self.fields.get(field, 0))

    def total(self, *fields: str) -> int:
        """Whole numbers together."""
        return sum(self.amount(field) for field in fields)

    def is_set(self, field: str) -> bool:
        """A flag, unset where an older program did not write it."""
        return bool(self.fields.get(field, False))

    def address(self, field: str) -> str:
        """An address or a word, empty where an older program did not write it."""
        return cast(str, self.fields.get(field, ""))

    def instant(self, field: str) -> datetime | None:
        """Whole seconds since 1970, as the validator's clock had them."""
        seconds = self.amount(field)
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1 << 33 else None

    def parts(self, field: str) -> Mapping[str, Value]:
        """A field that has fields of its own."""
        return cast(Mapping[str, Value], self.fields[field])


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """An event of a program we know whose bytes do not fit its layout, with the reason."""

    program: Program
    name: str
    reason: str


def read_layout(program: Program, layouts: Mapping[bytes, EventLayout], data: bytes) -> Event | UnreadableEvent | None:
    """The event in `data` by the layouts of its program; None when none of them begins so."""
    body = data.removeprefix(SELF_CALL)
    layout = layouts.get(body[:8])
    return None if layout is None else _read(program, layout, Reader(body[8:]))


def _read(program: Program, layout: EventLayout, reader: Reader) -> Event | UnreadableEvent:
    fields: dict[str, Value] = {}
    for name, read in layout.fields.items():
        if reader.is_at_end and len(fields) >= layout.required:
            break
        try:
            fields[name] = read(reader)
        except (Truncated, ValueError) as error:
            return UnreadableEvent(program, layout.name, f"{name}: {error}")
    return Event(program, layout.name, fields, len(reader.data) - reader.at, tuple(list(layout.fields)[len(fields) :]))
