"""The table of risk rules. Of rules that say the same, the first one's reason is told."""

import json
from collections.abc import Sequence

from domain.copying.risk.daily_loss import DailyLoss
from domain.copying.risk.drawdown import Drawdown
from domain.copying.risk.rule import Figures, Rule
from domain.copying.risk.stops_in_a_row import StopsInARow
from domain.copying.risk.win_rate import WinRate

RULES: tuple[type[Rule], ...] = (
    Drawdown,
    DailyLoss,
    WinRate,
    StopsInARow,
)


def dump_memory(rules: Sequence[Rule]) -> str:
    """What the rules keep, as JSON by their names."""
    return json.dumps({rule.name: rule.model_dump(mode="json") for rule in rules})


def rules_of(text: str) -> dict[str, Rule]:
    """The rules as they were kept, by name. One that is new is not among them. Raises ValueError for what cannot be read."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError(f"{text[:40]!r} are no rules by name")
    return {rule.name: rule.model_validate(fields[rule.name]) for rule in RULES if rule.name in fields}


def looked_at(text: str, figures: Figures) -> list[Rule]:
    """All rules of the table: as they were kept, and those that are new as they begin."""
    before = rules_of(text)
    return [before.get(rule.name) or rule.begun(figures) for rule in RULES]
