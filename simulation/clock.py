"""The one clock of a simulation: it moves only when somebody calls somebody, and what is due happens then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush


@dataclass(slots=True)
class WorldClock:
    """Unix seconds, as everybody but a worker whose clock is wrong sees them."""

    now_s: float
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now_s

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def at(self, at_s: float, act: Callable[[], None]) -> None:
        """Something that happens then, whoever is at work."""
        heappush(self._due, (at_s, len(self._due), act))

    def advance(self, seconds: float) -> None:
        self.until(self.now_s + seconds)

    def until(self, at_s: float) -> None:
        """Up to then; never back."""
        while self._due and self._due[0][0] <= at_s:
            due_s, _, act = heappop(self._due)
            self.now_s = max(self.now_s, due_s)
            act()
        self.now_s = max(self.now_s, at_s)
