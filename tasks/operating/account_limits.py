"""What all strategies may do together is a row an operator sets."""

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import AccountLimits
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from tasks.copying.account import read_limits
from tasks.steps import step

LIMITS = tuple(field.name for field in fields(AccountLimits) if field.name != "set_at")
NONE = "none"


@step
def set_limits(given: Mapping[str, Decimal | None], lifted: Collection[str], settings: Settings, as_of: datetime) -> list[dict[str, str]]:
    """Stores the limits as they are from now on, and says of each what it was. What is neither given nor lifted stays.

    Raises Refused for a limit that is both.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    if both := sorted(wanted.keys() & set(lifted)):
        raise Refused(f"{', '.join(both)} cannot be set and lifted at once")
    results = open_results(settings)
    before = read_limits(results)[0] or AccountLimits(set_at=as_of, **dict.fromkeys(LIMITS))
    after = replace(before, set_at=as_of, **wanted, **dict.fromkeys(lifted))
    results.write([Write(AccountLimits, frame_of([after], AccountLimits), "put")])
    return [{"limit": name, "was": _text(getattr(before, name)), "is": _text(getattr(after, name))} for name in LIMITS]


def _text(value: Decimal | None) -> str:
    return NONE if value is None else f"{value.normalize():f}"
