"""How an event is laid out: its fields in order, which of them an old program wrote already, and what may follow."""

from dataclasses import dataclass
from hashlib import sha256

from domain.solana.borsh import Fields, Read, flag, i64, i128, key, text, u8, u16, u64, u128

TYPES: dict[str, Read] = {"flag": flag, "key": key, "text": text, "u8": u8, "u16": u16, "u64": u64, "u128": u128, "i64": i64, "i128": i128}


@dataclass(frozen=True, slots=True)
class EventLayout:
    """An event's name and its fields in order; the first `required` of them make it readable at all."""

    name: str
    fields: Fields
    required: int

    @property
    def discriminator(self) -> bytes:
        """The 8 bytes an event begins with: Anchor hashes "event:" and its name."""
        return sha256(f"event:{self.name}".encode()).digest()[:8]


def layout(name: str, required: str, appended: str = "", **types: Read) -> EventLayout:
    """Fields as "name:type" words, those of the first programs apart from what was appended since; `types` are this event's own."""
    known = TYPES | types
    pairs = [word.split(":") for word in f"{required} {appended}".split()]
    return EventLayout(name, {field: known[kind] for field, kind in pairs}, len(required.split()))
