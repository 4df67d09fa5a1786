"""Account rule: all strategies together are too far below the most they were worth: none of them enters until an operator resumes it."""

from decimal import Decimal
from typing import ClassVar, Self

from data_contracts import AccountLimits, Reason, TradingState
from domain.copying.risk.rule import AccountRule, Figures, by_marks


class AccountDrawdown(AccountRule):
    """Keeps the highest steady equity, in USD."""

    name: ClassVar[str] = "account_drawdown"
    reason: ClassVar[Reason] = Reason.ACCOUNT_DRAWDOWN

    peak_equity: Decimal

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(peak_equity=figures.steady)

    def after(self, figures: Figures, limits: AccountLimits) -> Self:
        peak = max(self.peak_equity, figures.steady)
        if limits.max_drawdown is None:
            return self.saying(TradingState.ACTIVE, figures.as_of, peak_equity=peak)
        state = self.state if self.state is TradingState.HALTED else by_marks(figures, peak, limits.max_drawdown)
        return self.saying(state, figures.as_of, peak_equity=peak)

    def funded(self, added: Decimal) -> Self:
        return self.model_copy(update={"peak_equity": self.peak_equity + added})
