"""A delivery of a webhook: an array of transactions. Each becomes a row with the very text it was sent as; nobody reads more of it here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.inbox.faults import Fault
from adapters.inbox.strict_json import elements
from data_contracts import Delivery, Venue
from domain.ids import row_id

HELIUS = "helius"
SIGNATURE = re.compile(r"[1-9A-HJ-NP-Za-km-z]{64,88}")


@dataclass(frozen=True, slots=True)
class Posted:
    """Delivery rows, and what of the array is none: its text and its fault."""

    rows: Sequence[Delivery]
    bad: Sequence[tuple[bytes, Fault]]


def transactions_in(body: bytes, now: datetime) -> Posted:
    """Raises Malformed for what is no array of JSON."""
    rows, bad = list[Delivery](), list[tuple[bytes, Fault]]()
    for place, (element, text) in enumerate(elements(body)):
        signature = _signature(element)
        if signature is None:
            bad.append((text.encode(), Fault(f"[{place}]", "is no transaction: neither signature nor transaction.signatures names it")))
        else:
            rows.append(_row(signature, text, now))
    return Posted(rows, bad)


def _row(signature: str, payload: str, now: datetime) -> Delivery:
    return Delivery(
        delivery_id=row_id(Venue.SOLANA, signature, payload),
        venue=Venue.SOLANA,
        source=HELIUS,
        signature=signature,
        payload=payload,
        received_at=now,
    )


def _signature(element: Any) -> str | None:
    """Enhanced transactions have it at the top, raw ones among the signatures of what was signed, in JSON or in bytes."""
    if not isinstance(element, dict):
        return None
    found = element.get("signature") or _first_signature(element)
    return found if isinstance(found, str) and SIGNATURE.fullmatch(found) else None


def _first_signature(element: dict[str, Any]) -> Any:
    signed = element.get("transaction")
    if isinstance(signed, list):
        from adapters.feeds.solana.rpc_transactions import signature_of  # it reads bytes: a fifth of a second, and seldom needed

        return signature_of(element)
    signatures = signed.get("signatures") if isinstance(signed, dict) else None
    return signatures[0] if isinstance(signatures, list) and signatures else None
