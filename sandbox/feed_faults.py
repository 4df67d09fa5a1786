"""What can go wrong with the feed of trades: it lags, it loses its past, it forgets where its cursors stood. Asked for at /control/feed."""

from dataclasses import dataclass
from typing import Any

from sandbox.wire import BadRequest, Json, seal, unseal

LAG_S = 3.0  # as a rule it shows the world as it was so long ago, and says so in /v2/status


@dataclass
class FeedFaults:
    """`begins_s`: Unix seconds before which it has no trades. `generation`: cursors of another one are not known any more."""

    lag_s: float = LAG_S
    begins_s: float = 0.0
    generation: int = 0

    def ask(self, wanted: Any) -> Json:
        """Sets what is named and leaves the rest; `expire_cursors` makes every cursor given so far unknown."""
        self.lag_s = float(wanted.get("lag_s", self.lag_s))
        self.begins_s = float(wanted.get("begins_s", self.begins_s))
        self.generation += wanted.get("expire_cursors") is True
        return {"lag_s": self.lag_s, "begins_s": self.begins_s, "generation": self.generation}

    def seal(self, sequence: int) -> str:
        return seal("trades", sequence, self.generation)

    def unseal(self, cursor: str) -> int:
        sequence, *generation = unseal(cursor, "trades")
        if generation != [self.generation]:
            raise BadRequest("this cursor has expired", "cursor")
        return int(sequence)
