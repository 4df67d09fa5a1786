"""What of prefect.yaml is due in a span of time. Cron as it stands there: *, numbers, steps and ranges; times are UTC."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import yaml  # type: ignore[import-untyped]

from deployments.local_stack.repository import ROOT

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a deployment runs, and with which parameters of that schedule's own."""

    deployment: str
    cron: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def schedules() -> list[Schedule]:
    """Of each deployment that has one by cron. Intervals are cycles, and driven."""
    declared: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    return [
        Schedule(str(one["name"]), str(when["cron"]), when.get("parameters", {}))
        for one in declared
        for when in one.get("schedules", ())
        if "cron" in when
    ]


def due(wanted: Iterable[Schedule], after: datetime, until: datetime) -> Iterator[Schedule]:
    """Each that falls into that time, once, in the order of prefect.yaml."""
    minutes = list(_minutes(after, until))
    return (one for one in wanted if any(_is_due(one.cron, minute) for minute in minutes))


def _minutes(after: datetime, until: datetime) -> Iterator[datetime]:
    """Whole minutes, without the first instant and with the last."""
    minute = after.replace(second=0, microsecond=0) + MINUTE
    while minute <= until:
        yield minute
        minute += MINUTE


def _is_due(cron: str, at: datetime) -> bool:
    values = (at.minute, at.hour, at.day, at.month, at.isoweekday() % 7)
    return all(_fits(part, value) for part, value in zip(cron.split(), values, strict=True))


def _fits(part: str, value: int) -> bool:
    return any(_is_in(one, value) for one in part.split(","))


def _is_in(part: str, value: int) -> bool:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    begin, end = (0, 10**6) if first == "*" else (int(first), int(last or first))
    return begin <= value <= end and (value - begin) % int(step or 1) == 0
