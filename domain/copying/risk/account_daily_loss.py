"""Account rule: all strategies together lost too many USD since the day began (UTC): none of them enters until the next day."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from data_contracts import AccountLimits, Reason, TradingState
from domain.copying.risk.daily_loss import midnight
from domain.copying.risk.rule import AccountRule, Figures


class AccountDailyLoss(AccountRule):
    """Keeps when its day began, and with how many USD."""

    name: ClassVar[str] = "account_daily_loss"
    reason: ClassVar[Reason] = Reason.ACCOUNT_DAILY_LOSS

    day_started_at: datetime
    day_started_equity: Decimal

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(day_started_at=midnight(figures.as_of), day_started_equity=figures.steady)

    def after(self, figures: Figures, limits: AccountLimits) -> Self:
        if midnight(figures.as_of) != self.day_started_at:
            return self.begun(figures)
        if limits.max_daily_loss_usd is None:
            return self.saying(TradingState.ACTIVE, figures.as_of)
        if self.state is TradingState.HALTED:
            return self
        return self.saying(self._state(figures, limits.max_daily_loss_usd), figures.as_of)

    def funded(self, added: Decimal) -> Self:
        return self.model_copy(update={"day_started_equity": self.day_started_equity + added})

    def _state(self, figures: Figures, limit: Decimal) -> TradingState:
        """While only this look says so nothing is entered, and nothing is halted for the day."""
        if self.day_started_equity - figures.steady >= limit:
            return TradingState.HALTED
        return TradingState.REDUCING if self.day_started_equity - figures.equity >= limit else TradingState.ACTIVE
