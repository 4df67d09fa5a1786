"""The account's own channel at the venue: it tells at once what happens to our orders and trades. A hint: what happened is asked for.

Source: https://docs.polymarket.com/developers/CLOB/websocket/user-channel
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from adapters.sockets import PING_S, Ended, frames
from adapters.venues.polymarket.official_client import OfficialClient
from data_contracts.errors import Refused

ORDER_EVENTS = {"PLACEMENT", "UPDATE", "CANCELLATION"}
TRADE_STATUSES = {"MATCHED", "MATCHED_NOT_BROADCASTED", "MINED", "CONFIRMED", "RETRYING", "FAILED"}
ORDER_STATUSES = {"LIVE", "MATCHED", "DELAYED", "UNMATCHED", "INVALID", *ORDER_EVENTS}
ENDED = "CANCELED"  # what follows says why, in the venue's words
log = logging.getLogger("walletflow.user_channel")


@dataclass(frozen=True, slots=True)
class UserEvent:
    """`status` as the venue wrote it, known or not. A trade names the taker's order."""

    kind: str  # "order" or "trade"
    order_id: str
    status: str


LOGGED_IN = UserEvent("log-in", "", "")


class UserChannel:
    """Counts what it could not read, by reason, and the statuses nobody told us about."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client
        self.unreadable: Counter[str] = Counter()
        self.unknown_words: Counter[str] = Counter()

    def events(self, ping_s: float = PING_S) -> Iterator[UserEvent | None]:
        """LOGGED_IN once the venue has answered, then what it tells; None each time a ping was due.

        Raises Unavailable when the connection fails, Refused when the log-in does. The venue gives no reason for that: it hangs up
        before it has said a word. So the next call logs in with credentials asked for anew.
        """
        url, question = self._client.user_channel()
        heard = False
        try:
            with closing(frames(url, [question], ping_s)) as told:
                for frame in told:
                    if frame is not None and not heard:
                        heard = True
                        yield LOGGED_IN
                    yield from [None] if frame is None else self.read(frame)
        except Ended as error:
            if heard:
                raise
            self._client.forget()
            raise Refused(
                f"the user channel takes no log-in of {self._client.account.signer} ({error}): "
                "its API credentials are wrong, deleted or expired"
            ) from None

    def read(self, frame: str) -> list[UserEvent]:
        """The events a frame tells of: a list of messages, one message, or a PONG, which is none."""
        if frame == "PONG":
            return []
        try:
            told = json.loads(frame)
        except ValueError:
            told = None
        found = [event_of(message) for message in (told if isinstance(told, list) else [told])]
        return [event for event in found if self._counted(event)]  # type: ignore[misc]

    def _counted(self, event: UserEvent | str) -> bool:
        """Whether it is an event. Nothing of what came is written to the log: a message names the API key."""
        if isinstance(event, str):
            self.unreadable[event] += 1
            log.warning("user channel: a message is not read: %s (%d times)", event, self.unreadable[event])
            return False
        if not is_known(event):
            self.unknown_words[event.status] += 1
            times = self.unknown_words[event.status]
            log.warning("user channel: %s is %r, a status we do not know (%d times)", event.kind, event.status, times)
        return True


def event_of(message: Any) -> UserEvent | str:
    """The event, or why there is none. Older messages have no `event_type`; an order without a status is what just happened to it."""
    if not isinstance(message, dict):
        return "no JSON object"
    kind = _kind_of(message)
    if kind is None:
        return "neither an order nor a trade"
    order_id = message.get("taker_order_id" if kind == "trade" else "id")
    status = message.get("status") or (message.get("type") if kind == "order" else None)
    if not isinstance(order_id, str) or not order_id:
        return f"{kind} without its order's id"
    if not isinstance(status, str) or not status:
        return f"{kind} without a status"
    return UserEvent(kind, order_id, status)


def _kind_of(message: dict[str, Any]) -> str | None:
    what, happened = message.get("event_type"), str(message.get("type")).upper()
    if what in ("order", "trade"):
        return str(what)
    if what is not None:
        return None
    return "trade" if happened == "TRADE" else "order" if happened in ORDER_EVENTS else None


def is_known(event: UserEvent) -> bool:
    word = event.status.upper()
    if event.kind == "trade":
        return word.removeprefix("TRADE_STATUS_") in TRADE_STATUSES
    return word in ORDER_STATUSES or word.startswith(ENDED)
