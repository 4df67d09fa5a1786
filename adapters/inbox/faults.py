"""What is wrong with something posted: field by field, with the reason. And the copy of it that is kept."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from data_contracts import Quarantined, contract_of
from domain.ids import row_id

LONGEST_COPY = 65_536  # characters


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` is empty where the whole is meant."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class Unacceptable(ValueError):
    """It breaks the contract of what may be posted."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


def set_aside(body: bytes, row_class: type, source: str, faults: Sequence[Fault], now: datetime, where: str = "") -> Quarantined:
    """The row of quarantine that keeps it. What is sent again is kept once; `where` tells lines of a file apart."""
    text, table = body.decode(errors="replace"), contract_of(row_class).table
    kept = text if len(text) <= LONGEST_COPY else f"{text[:LONGEST_COPY]}… ({len(body)} bytes)"
    return Quarantined(
        quarantine_id=row_id(table, source, where, text),
        table=table,
        source=source,
        rules="; ".join(str(fault).replace("\x00", "\\0") for fault in faults),
        row=json.dumps({"posted": kept} | ({"where": where} if where else {})),
        seen_at=now,
    )
