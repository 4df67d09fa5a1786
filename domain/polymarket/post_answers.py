"""What the answer to a posted order means. Whatever is not plainly a yes or a no is UNKNOWN: it is asked for, never guessed.

Source: https://docs.polymarket.com/developers/CLOB/orders/create-order (insert errors) and the venue's own clients.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from data_contracts import Reason


class Meaning(StrEnum):
    """TAKEN: matched or waiting to be. RESTS: in the book. KILLED: nobody there. NOT_NOW: the venue took nothing and says so."""

    TAKEN = "TAKEN"
    RESTS = "RESTS"
    KILLED = "KILLED"
    REFUSED = "REFUSED"
    NOT_NOW = "NOT_NOW"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """`says` is the venue's own text, empty when it said nothing we can read."""

    meaning: Meaning
    reason: Reason | None = None
    says: str = ""


STATUSES = {"matched": Meaning.TAKEN, "delayed": Meaning.TAKEN, "live": Meaning.RESTS}
REFUSALS = (
    ("not enough balance", Reason.VENUE_NO_BALANCE),
    ("allowance", Reason.VENUE_NO_BALANCE),
    ("not yet ready to process new orders", Reason.VENUE_MARKET_NOT_READY),
    ("orderbook", Reason.VENUE_MARKET_NOT_READY),
    ("invalid", Reason.VENUE_INVALID_ORDER),
)
NOBODY_THERE = ("no orders found to match", "couldn't be fully filled", "unmatched")
NOT_NOW = ("cancel-only", "post-only mode", "post_only_mode")
KNOWN_ALREADY = ("duplicate",)  # it was here before: what became of it is asked for


def answer_of(http: int | None, body: object) -> PostAnswer:
    """`http` is None when no answer came, `body` the parsed answer, None when it cannot be read."""
    says = _says(body)
    if http in (HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS) or (says and any(text in says.lower() for text in NOT_NOW)):
        return PostAnswer(Meaning.NOT_NOW, Reason.VENUE_UNAVAILABLE, says)
    if http is None or http >= HTTPStatus.INTERNAL_SERVER_ERROR or not isinstance(body, Mapping):
        return PostAnswer(Meaning.UNKNOWN, None, says)
    if says:
        return _no(says)
    accepted = http < HTTPStatus.BAD_REQUEST and body.get("success") is True and body.get("orderID")
    status = str(body.get("status") or "")
    if accepted and status in STATUSES:
        return PostAnswer(STATUSES[status])
    return PostAnswer(Meaning.KILLED, Reason.VENUE_NO_MATCH) if status == "unmatched" else PostAnswer(Meaning.UNKNOWN, None, status)


def _no(says: str) -> PostAnswer:
    text = says.lower()
    if any(known in text for known in KNOWN_ALREADY):
        return PostAnswer(Meaning.UNKNOWN, None, says)
    if any(killed in text for killed in NOBODY_THERE):
        return PostAnswer(Meaning.KILLED, Reason.VENUE_NO_MATCH, says)
    reason = next((reason for part, reason in REFUSALS if part in text), Reason.VENUE_REFUSED)
    return PostAnswer(Meaning.REFUSED, reason, says)


def _says(body: object) -> str:
    """The error as text. An error that is no text is not readable."""
    if not isinstance(body, Mapping):
        return ""
    texts = [body.get("errorMsg"), body.get("error")]
    return next((text for text in texts if isinstance(text, str) and text), "")
