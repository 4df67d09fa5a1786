"""What a risk rule is, of a strategy or of the account: a small frozen model whose fields are what it keeps from cycle to cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from data_contracts import AccountLimits, Reason, TradingState
from domain.copying.policy import RiskPolicy

WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """How a strategy stands at `as_of`. `steady` is its equity as several looks agree on it; `results` are its last closed positions.

    A result is (closed_at, won, closed by our stop), the oldest first.
    """

    equity: Decimal
    steady: Decimal
    as_of: datetime
    results: Sequence[tuple[datetime, bool, bool]] = ()


class Memory(BaseModel):
    """What any rule keeps: it says ACTIVE, or since when it says less."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: ClassVar[str]
    reason: ClassVar[Reason]  # why nothing is entered while it speaks

    state: TradingState = TradingState.ACTIVE
    since: AwareDatetime | None = None

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        """The rule of one who begins, or begins anew because an operator resumed it."""
        raise NotImplementedError

    @property
    def halt_id(self) -> str | None:
        """The name of the halt that lasts, by which an operator's word can clear it; None while there is none."""
        return f"{self.name} {self.since.isoformat()}" if self.state is TradingState.HALTED and self.since else None

    def saying(self, state: TradingState, as_of: datetime, **kept: Any) -> Self:
        """The same rule with what it keeps now. Whoever says what it said before says it since then."""
        since = None if state is TradingState.ACTIVE else self.since if state is self.state else as_of
        if state is self.state and since == self.since and all(getattr(self, name) is value for name, value in kept.items()):
            return self
        return self.model_copy(update={"state": state, "since": since, **kept})


class Rule(Memory):
    """One per strategy; another rule needs a file like these and a line in `rules.RULES`."""

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        """The rule after one more look."""
        raise NotImplementedError

    def funded(self, added: Decimal) -> Self:
        """The same after so much was added to the balance, or taken from it: neither a gain nor a loss."""
        return self

    @property
    def size_factor(self) -> Decimal:
        """What copies are multiplied by, 0 to 1."""
        return WHOLE


class AccountRule(Memory):
    """One for all strategies together, in USD; another needs a file and a line in `rules.ACCOUNT_RULES`."""

    def after(self, figures: Figures, limits: AccountLimits) -> Self:
        """The rule after one more look."""
        raise NotImplementedError

    def funded(self, added: Decimal) -> Self:
        """The same after so many USD were added to what strategies began with, or taken from it: neither a gain nor a loss."""
        raise NotImplementedError


def fall(start: Decimal, now: Decimal) -> Decimal:
    """What is lost of `start`, as a part of it. All, where there was nothing."""
    return (start - now) / start if start > 0 else WHOLE


def by_marks(figures: Figures, start: Decimal, limit: Decimal) -> TradingState:
    """HALTED when the steady equity fell by `limit`; while only this look says so nothing is entered, and nothing is halted for good."""
    if fall(start, figures.steady) >= limit:
        return TradingState.HALTED
    return TradingState.REDUCING if fall(start, figures.equity) >= limit else TradingState.ACTIVE
