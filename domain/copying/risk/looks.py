"""One look is no evidence: what rules judge is the middle of the last five looks at a strategy's equity.

An empty book for an instant, every bid at 0.01, once halted a strategy for good that was whole again thirty seconds later. Of five looks
two may be wrong in either direction, and a fall that is real halts with its third look, a minute after it began; until then nothing is
entered. Fewer would believe a book that is gone for two cycles; more would let a real fall go on.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, TypeAdapter

LOOKS = 5
APART = timedelta(seconds=20)  # a cycle that a hint started early sees the very same books: it counts as the look before it


KEPT = TypeAdapter(tuple[tuple[AwareDatetime, Annotated[Decimal, Field(allow_inf_nan=False)]], ...])


@dataclass(frozen=True, slots=True)
class Looks:
    """(when, equity), the oldest first."""

    seen: tuple[tuple[datetime, Decimal], ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """As they were kept. Raises ValueError for what cannot be read."""
        return cls(KEPT.validate_json(text))

    def text(self) -> str:
        """As they are kept."""
        return json.dumps([[at.isoformat(), str(equity)] for at, equity in self.seen])

    def after(self, equity: Decimal, as_of: datetime) -> Self:
        """One more look; the same instant again is the same look."""
        begins = self.seen[-1][0] if self.seen else None
        if begins is None or as_of - begins >= APART:
            return type(self)((*self.seen, (as_of, equity))[-LOOKS:])
        return type(self)((*self.seen[:-1], (begins, equity)))

    def funded(self, added: Decimal) -> Self:
        """The same looks, had what was added since been there already."""
        return type(self)(tuple((at, equity + added) for at, equity in self.seen))

    @property
    def steady(self) -> Decimal:
        """The middle one by size; of an even number the higher."""
        return middle([equity for _, equity in self.seen])


def middle(values: Sequence[Decimal]) -> Decimal:
    """Of an even number the higher of the two in the middle."""
    return sorted(values)[len(values) // 2]
