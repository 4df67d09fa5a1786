"""What an outcome id says about itself. A CTF id is a hash and says nothing; an id of protocol V2 names its module, market and outcome.

Layout of a V2 id, 32 bytes: module (1), hash (16), arity (2), reserved (8, all zero), chain (2), condition (2), outcome (1).
Source: https://docs.polymarket.com/protocol-v2-migration
"""

from dataclasses import dataclass
from enum import StrEnum

RESERVED = ((1 << 64) - 1) << 40
LARGEST = (1 << 256) - 1


class IdKind(StrEnum):
    """Which protocol an outcome id belongs to. INVALID is no canonical decimal number of 256 bits: never looked up, never traded."""

    CTF = "ctf"
    BINARY = "binary"
    NEG_RISK = "neg_risk"
    COMBO = "combo"
    DIRECTIONAL = "directional"
    INVALID = "invalid"


MODULES = {1: IdKind.BINARY, 2: IdKind.NEG_RISK, 3: IdKind.COMBO, 4: IdKind.DIRECTIONAL}


@dataclass(frozen=True, slots=True)
class PositionId:
    """A V2 id taken apart. `condition_id` is all of it but the outcome."""

    kind: IdKind
    base_hash: str
    arity: int
    chain: int
    condition: int
    outcome: int
    condition_id: str


def kind_of(token_id: str) -> IdKind:
    """By the id alone."""
    value = _number(token_id)
    if value is None:
        return IdKind.INVALID
    if value & RESERVED:
        return IdKind.CTF
    return MODULES.get(value >> 248, IdKind.CTF)


def decoded(token_id: str) -> PositionId:
    """The parts of a V2 id. Raises ValueError for a CTF id, an invalid one, and an outcome that is neither 0 nor 1."""
    kind = kind_of(token_id)
    if kind in (IdKind.CTF, IdKind.INVALID):
        raise ValueError(f"{token_id!r} is no id of protocol V2")
    raw = int(token_id).to_bytes(32, "big")
    if raw[31] > 1:
        raise ValueError(f"{token_id} names outcome {raw[31]}: there are 0 and 1")
    parts = (int.from_bytes(raw[start:stop], "big") for start, stop in ((17, 19), (27, 29), (29, 31)))
    arity, chain, condition = parts
    return PositionId(kind, raw[1:17].hex(), arity, chain, condition, raw[31], f"0x{raw[:31].hex()}")


def position_id(condition_id: str, outcome: int) -> str:
    """The id of an outcome of a V2 market. Raises ValueError for an outcome that is neither 0 nor 1."""
    if outcome not in (0, 1):
        raise ValueError(f"outcome {outcome}: there are 0 and 1")
    return str(int(f"{condition_id}{outcome:02x}", 16))


def _number(token_id: str) -> int | None:
    """Digits only, as the venue writes them: no sign, no leading zero, no space, no hex."""
    if not (token_id.isascii() and token_id.isdigit()) or (len(token_id) > 1 and token_id.startswith("0")):
        return None
    value = int(token_id) if len(token_id) <= 78 else LARGEST + 1
    return value if value <= LARGEST else None
