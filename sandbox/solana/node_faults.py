"""What can go wrong with the node. Asked for at /control/solana/node."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.wire import Json


@dataclass
class NodeFaults:
    """`busy` of its next answers are 429, and every `busy_every`th is; each says to come back after `retry_after_s`.

    Some methods it may not have."""

    busy: int = 0
    busy_every: int = 0
    retry_after_s: float = 1.0
    missing_methods: set[str] = field(default_factory=set)
    _answers: int = 0

    def ask(self, wanted: Any) -> Json:
        """Sets what is named and leaves the rest."""
        self.busy = int(wanted.get("busy", self.busy))
        self.busy_every = int(wanted.get("busy_every", self.busy_every))
        self.retry_after_s = float(wanted.get("retry_after_s", self.retry_after_s))
        self.missing_methods = set(wanted.get("missing_methods", self.missing_methods))
        rates = {"busy": self.busy, "busy_every": self.busy_every}
        return rates | {"retry_after_s": self.retry_after_s, "missing_methods": sorted(self.missing_methods)}

    def take_busy(self) -> bool:
        """Whether the next answer is a no; one less is to come then."""
        self._answers += 1
        busy, self.busy = self.busy > 0, max(self.busy - 1, 0)
        return busy or (self.busy_every > 0 and self._answers % self.busy_every == 0)
