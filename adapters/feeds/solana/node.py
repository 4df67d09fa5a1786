"""How far a node is, by its own slot and that slot's time, and where its history begins."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.values import Fault, instant, slot
from data_contracts.errors import Refused, Unavailable

SECOND = timedelta(seconds=1)
SLOTS_BACK = 4  # of a slot that was skipped, or whose time is not known yet, the one before says nearly the same
GOOD_FOR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Node:
    """`slot` is what it said last that it has, `at` when that slot's block was made, `begins` when the first block it has was made."""

    slot: int | None = None
    at: datetime | None = None
    begins: datetime | None = None

    @property
    def confirmed_until(self) -> datetime | None:
        """Blocks have whole seconds, and several have the same: of the last second it may not have all."""
        return None if self.at is None else self.at - SECOND


class NodeClock:
    """Asks a node how far it is."""

    def __init__(self, rpc: SolanaRpc) -> None:
        self._rpc = rpc
        self._begins: datetime | None = None
        self._asked_s = -GOOD_FOR_S
        self.last = Node()

    def look(self) -> Node:
        """As it is now. Raises Unavailable."""
        newest = self._slot()
        times = (self.time_of(newest - back) for back in range(SLOTS_BACK))
        self.last = Node(newest, next((at for at in times if at is not None), None), self._first_block())
        return self.last

    def _slot(self) -> int:
        try:
            return slot(self._rpc.ask("getSlot", {"commitment": COMMITMENT}), "the slot")
        except Fault as error:
            raise Unavailable(f"{self._rpc.host} getSlot: {error}") from error

    def time_of(self, slot: int) -> datetime | None:
        """When a slot's block was made, in whole seconds; None where the node does not know (yet), or there is none."""
        try:
            return instant(self._rpc.ask("getBlockTime", slot), "the time of a block")
        except (Refused, Fault):
            return None

    def _first_block(self) -> datetime | None:
        """None where it has all, or does not say. It moves on with time: asked once an hour."""
        if time.monotonic() - self._asked_s >= GOOD_FOR_S:
            self._begins, self._asked_s = self._ask_first(), time.monotonic()
        return self._begins

    def _ask_first(self) -> datetime | None:
        try:
            first = slot(self._rpc.ask("getFirstAvailableBlock"), "the first block")
            return self.time_of(first) if first > 0 else None
        except (Refused, Unavailable, Fault):
            return None
