"""Which world it is: a small JSON file, written once, so that a second start finds the same world."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sandbox.world import World


@dataclass(frozen=True)
class WorldState:
    seed: int
    origin: str  # ISO 8601, UTC
    wallets: int
    history_days: int

    def world(self) -> World:
        return World(self.seed, datetime.fromisoformat(self.origin), self.wallets, self.history_days)


def found_or_new(path: Path, seed: int, wallets: int, history_days: int, now: datetime) -> WorldState:
    """The file wins over the arguments: a world does not change because a start was typed differently."""
    if path.exists():
        return WorldState(**json.loads(path.read_text()))
    state = WorldState(seed, now.astimezone(UTC).replace(microsecond=0).isoformat(), wallets, history_days)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")  # whole or not there: a start may be killed here
    draft.write_text(json.dumps(asdict(state), indent=2) + "\n")
    draft.rename(path)
    return state
