"""What somebody asked to see: the filters of the page's head, and those of a tab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.wallet_addresses import wallet_of
from notebooks.queries.house import House


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with a few answers. `value` is chosen at first; with `many`, any number of them may be."""

    label: str
    options: Mapping[str, str]  # what is shown → what it means
    value: str | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A filter somebody types."""

    label: str
    hint: str = ""
    value: str = ""


Filter = Choice | Typed


@dataclass(frozen=True, slots=True)
class Asked:
    """`strategies` are those of the strategy and venue that were chosen; `chosen` are the answers to a tab's own filters, by name."""

    since: datetime
    strategies: list[str]
    venue: str | None = None
    chosen: Mapping[str, object] = field(default_factory=dict)
    are_all: bool = True

    @property
    def some(self) -> list[str] | None:
        """The strategies, where not all are asked for."""
        return None if self.are_all else self.strategies

    def text(self, name: str) -> str | None:
        """What was typed or chosen; None of nothing."""
        value = self.chosen.get(name)
        return str(value).strip() or None if value else None

    def wallet(self, name: str) -> str | None:
        """An address that was typed, as our tables have it; what is none stays as it is, and nothing is found of it."""
        text = self.text(name)
        try:
            return wallet_of(text) if text else None
        except ValueError:
            return text

    def texts(self, name: str) -> list[str]:
        """All that was chosen."""
        value = self.chosen.get(name)
        return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


ALL = ""
COUNTS = Choice("Rows", {"50": "50", "200": "200", "1,000": "1000"}, "50")


def whole_number(asked: Asked, name: str, otherwise: int = 50) -> int:
    """Of a choice of counts."""
    text = asked.text(name)
    return int(text) if text else otherwise


def element_of(one: Filter) -> Any:
    """What somebody chooses or types it with."""
    import marimo as mo

    if isinstance(one, Typed):
        return mo.ui.text(value=one.value, placeholder=one.hint, label=one.label)
    if one.many:
        return mo.ui.multiselect(dict(one.options), value=[one.value] if one.value else [], label=one.label)
    return mo.ui.dropdown(dict(one.options), value=one.value, label=one.label)


def asked_of(house: House, window: str, strategy: str | None, venue: str | None, chosen: Mapping[str, object]) -> Asked:
    """What the head and a tab's own filters say together."""
    names = house.strategies_of(strategy, venue)
    return Asked(house.since(window), names, venue, chosen, are_all=strategy is None and venue is None)
