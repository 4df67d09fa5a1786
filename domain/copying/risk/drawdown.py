"""Risk rule: equity is too far below the highest equity there was: nothing is entered until an operator resumes it."""

from decimal import Decimal
from typing import ClassVar, Self

from data_contracts import Reason, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import Figures, Rule, by_marks


class Drawdown(Rule):
    """Keeps the highest steady equity."""

    name: ClassVar[str] = "drawdown"
    reason: ClassVar[Reason] = Reason.DRAWDOWN

    peak_equity: Decimal

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(peak_equity=figures.steady)

    def funded(self, added: Decimal) -> Self:
        return self.model_copy(update={"peak_equity": self.peak_equity + added})

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        peak = max(self.peak_equity, figures.steady)
        state = self.state if self.state is TradingState.HALTED else by_marks(figures, peak, policy.max_drawdown)
        return self.saying(state, figures.as_of, peak_equity=peak)
