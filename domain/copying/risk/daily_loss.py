"""Risk rule: too much was lost since the day began (UTC): nothing is entered until the next day."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from pydantic import AwareDatetime

from data_contracts import Reason, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import Figures, Rule, by_marks


class DailyLoss(Rule):
    """Keeps when its day began, and with what equity."""

    name: ClassVar[str] = "daily_loss"
    reason: ClassVar[Reason] = Reason.DAILY_LOSS

    day_started_at: AwareDatetime
    day_started_equity: Decimal

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls(day_started_at=midnight(figures.as_of), day_started_equity=figures.steady)

    def funded(self, added: Decimal) -> Self:
        return self.model_copy(update={"day_started_equity": self.day_started_equity + added})

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        if midnight(figures.as_of) != self.day_started_at:
            return self.begun(figures)
        if self.state is TradingState.HALTED:
            return self
        return self.saying(by_marks(figures, self.day_started_equity, policy.max_daily_loss), figures.as_of)


def midnight(at: datetime) -> datetime:
    """When its day began, UTC."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
