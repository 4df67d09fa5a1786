"""The tables of risk rules, of a strategy and of the account. Of rules that say the same, the first one's reason is told."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar, cast

from domain.copying.risk.account_daily_loss import AccountDailyLoss
from domain.copying.risk.account_drawdown import AccountDrawdown
from domain.copying.risk.daily_loss import DailyLoss
from domain.copying.risk.drawdown import Drawdown
from domain.copying.risk.rule import AccountRule, Figures, Memory, Rule
from domain.copying.risk.stops_in_a_row import StopsInARow
from domain.copying.risk.win_rate import WinRate

RULES: tuple[type[Rule], ...] = (
    Drawdown,
    DailyLoss,
    WinRate,
    StopsInARow,
)
ACCOUNT_RULES: tuple[type[AccountRule], ...] = (
    AccountDrawdown,
    AccountDailyLoss,
)
M = TypeVar("M", bound=Memory)


def dump_memory(rules: Sequence[Memory]) -> str:
    """What the rules keep, as JSON by their names."""
    return json.dumps({rule.name: rule.model_dump(mode="json") for rule in rules})


def rules_of(text: str) -> Mapping[str, Memory]:
    """The rules as they were kept, by name. One that is new is not among them. Raises ValueError for what cannot be read."""
    return _recalled(text, (*RULES, *ACCOUNT_RULES))


def looked_at(text: str, added: Decimal, figures: Figures) -> list[Rule]:
    """All rules of a strategy to whose balance so much was added since: as they were kept, and those that are new as they begin."""
    return _with_new({name: rule.funded(added) for name, rule in _recalled(text, RULES).items()}, RULES, figures)


def account_looked_at(text: str, added: Decimal, figures: Figures) -> list[AccountRule]:
    """The same of the account, to which so many USD were added since they were kept."""
    before = {name: rule.funded(added) for name, rule in _recalled(text, ACCOUNT_RULES).items()}
    return _with_new(before, ACCOUNT_RULES, figures)


def _recalled(text: str, table: tuple[type[M], ...]) -> Mapping[str, M]:
    return cast(Mapping[str, M], _parsed(text, table))


@lru_cache(maxsize=1000)
def _parsed(text: str, table: tuple[type[Memory], ...]) -> Mapping[str, Memory]:
    """The same text is the same rules: most cycles change none of them."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError(f"{text[:40]!r} are no rules by name")
    return {rule.name: rule.model_validate(fields[rule.name]) for rule in table if rule.name in fields}


def _with_new(before: Mapping[str, M], table: Sequence[type[M]], figures: Figures) -> list[M]:
    return [before.get(rule.name) or rule.begun(figures) for rule in table]
