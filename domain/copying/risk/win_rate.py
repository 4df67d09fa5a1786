"""Risk rule: too few of the last fifty closed positions won: nothing is entered until an operator resumes it.

It goes by no mark: one look will do.
"""

from decimal import Decimal
from typing import ClassVar, Self

from pydantic import AwareDatetime

from data_contracts import Reason, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import Figures, Rule

WINDOW = 50


class WinRate(Rule):
    """Keeps since when positions count: not those from before an operator resumed it."""

    name: ClassVar[str] = "win_rate"
    reason: ClassVar[Reason] = Reason.WIN_RATE_LOW

    counts_from: AwareDatetime

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(counts_from=figures.as_of)

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        last = [won for closed_at, won, _ in figures.results if closed_at > self.counts_from][-WINDOW:]
        losing = len(last) == WINDOW and Decimal(sum(last)) / WINDOW < policy.min_win_rate
        return self.saying(TradingState.HALTED if losing or self.state is TradingState.HALTED else TradingState.ACTIVE, figures.as_of)
