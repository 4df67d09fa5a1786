"""What can go wrong with Helius. Asked for at /control/solana/helius."""

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.wire import Json


@dataclass
class HeliusFaults:
    """Of all deliveries this part comes late (up to `late_s`), twice, or never: then no retry comes either.

    `off` sets all of them to 0. A receiver that does not answer with success is tried again `retries` times, `retry_after_s` apart.
    `key` is the api-key that is asked for; empty, none is. `most_webhooks` is what the plan allows. `busy` of its next answers are 429."""

    late: float = 0.05
    late_s: float = 20.0
    twice: float = 0.03
    lost: float = 0.005
    retries: int = 3
    retry_after_s: float = 60.0
    key: str = ""
    most_webhooks: int = 10
    busy: int = 0

    def ask(self, wanted: Any) -> Json:
        """Sets what is named and leaves the rest. Raises ValueError for a name that is none."""
        if unknown := wanted.keys() - asdict(self).keys() - {"off"}:
            raise ValueError(f"no faults: {sorted(unknown)}")
        if wanted.get("off") is True:
            self.late = self.twice = self.lost = 0.0
        for name, value in wanted.items():
            if name != "off":
                setattr(self, name, type(getattr(self, name))(value))
        return asdict(self) | {"key": "set" if self.key else ""}

    def take_busy(self) -> bool:
        busy, self.busy = self.busy > 0, max(self.busy - 1, 0)
        return busy
