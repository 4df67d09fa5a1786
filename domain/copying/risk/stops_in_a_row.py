"""Risk rule: several stops in a row make copies smaller until the next win. It halts nothing."""

from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import AwareDatetime

from data_contracts import Reason
from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import WHOLE, Figures, Rule


class StopsInARow(Rule):
    """Keeps since when positions count, and what copies are multiplied by now."""

    name: ClassVar[str] = "stops_in_a_row"
    reason: ClassVar[Reason] = Reason.STOP_LOSS

    counts_from: AwareDatetime
    stops: int = 0
    factor: Decimal = WHOLE

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(counts_from=figures.as_of)

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        last = [(won, stopped) for closed_at, won, stopped in figures.results if closed_at > self.counts_from]
        stops, reached = stops_in_a_row(last, policy.stops_in_a_row)
        return self.model_copy(update={"stops": stops, "factor": policy.factor_after_stops if reached else WHOLE})

    @property
    def size_factor(self) -> Decimal:
        return self.factor


def stops_in_a_row(results: Iterable[tuple[bool, bool]], limit: int) -> tuple[int, bool]:
    """How many stops the last (won, stopped) end with, and whether `limit` of them came in a row since the last win.

    Another loss breaks a row, but only a win makes copies whole again.
    """
    stops, reached = 0, False
    for won, stopped in results:
        stops = 0 if won or not stopped else stops + 1
        reached = not won and (reached or stops >= limit)
    return stops, reached
