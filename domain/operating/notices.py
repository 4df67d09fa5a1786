"""What a person is told when. One alert is told once, and once more when it is over. Pure; how it is sent is decided elsewhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from data_contracts import Alert, Severity
from domain.operating.fitting import cut, fit, short_names

WARNINGS_WAIT = timedelta(minutes=10)  # what passes by itself wakes nobody, and what comes with it comes in one notice
OVER_WAIT = timedelta(minutes=10)  # what comes again by then was never over
REST_AT = "`walletflow doctor`"
LONGEST_NAME = 60  # letters of what an alert is about


class NoticeKind(StrEnum):
    """critical: at once. warnings: bundled. over: what was told and holds no more. daily, weekly: the summaries. test: somebody asked."""

    CRITICAL = "critical"
    WARNINGS = "warnings"
    OVER = "over"
    DAILY = "daily"
    WEEKLY = "weekly"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent."""

    kind: NoticeKind
    subject: str
    body: str


def due_notices(alerts: Iterable[Alert], as_of: datetime) -> tuple[list[Notice], list[Alert]]:
    """The notices that are due now, and the alerts they tell of, as they are once told."""
    rows = list(alerts)
    critical = [one for one in rows if _lasts(one, Severity.CRITICAL) and one.told_as is not Severity.CRITICAL]
    waiting = [one for one in rows if _lasts(one, Severity.WARNING) and one.told_as is None]
    warnings = waiting if any(as_of - one.raised_at >= WARNINGS_WAIT for one in waiting) else []
    ended = [one for one in rows if one.cleared_at is not None and as_of - one.cleared_at >= OVER_WAIT]
    over = [one for one in ended if one.told_as is not None and one.over_told_at is None]
    notices = [Notice(NoticeKind.CRITICAL, f"CRITICAL: {_name(one)}", fit([one.message], REST_AT)) for one in critical]
    notices += [_bundle(NoticeKind.WARNINGS, "Warning", "warnings", warnings)] if warnings else []
    notices += [_bundle(NoticeKind.OVER, "Alert over", "alerts over", over)] if over else []
    told = [replace(one, told_as=one.severity) for one in (*critical, *warnings)]
    return notices, [*told, *(replace(one, over_told_at=as_of) for one in over)]


def come_again(alerts: Iterable[Alert], stored: Iterable[Alert]) -> list[Alert]:
    """The same fault in the same hour is the same alert: of one that was told, and whose end was not, nothing is told anew."""
    known = {one.alert_id: one for one in stored if one.over_told_at is None}
    return [replace(one, told_as=one.told_as or known[one.alert_id].told_as) if one.alert_id in known else one for one in alerts]


def _lasts(alert: Alert, severity: Severity) -> bool:
    return alert.cleared_at is None and alert.severity is severity


def _bundle(kind: NoticeKind, of_one: str, of_many: str, alerts: Sequence[Alert]) -> Notice:
    lines = [f"{_name(one)}: {_ended(one) if kind is NoticeKind.OVER else one.message}" for one in _each_kind_first(alerts)]
    subject = f"{of_one}: {_name(alerts[0])}" if len(alerts) == 1 else f"{len(alerts)} {of_many}"
    return Notice(kind, subject, fit(lines, REST_AT))


def _each_kind_first(alerts: Sequence[Alert]) -> list[Alert]:
    """One of each kind, then the second of each: forty of one kind must not crowd out the only one of another."""
    seen: Counter[str] = Counter()
    places = [(seen.update([one.what]), seen[one.what])[1] for one in alerts]
    return [alert for _, alert in sorted(zip(places, alerts, strict=True), key=lambda pair: pair[0])]


def _ended(alert: Alert) -> str:
    return f"over, it lasted from {alert.raised_at:%Y-%m-%d %H:%M} to {alert.cleared_at:%H:%M} UTC"


def _name(alert: Alert) -> str:
    """Such as down (graph)."""
    about = alert.about if len(alert.about) <= LONGEST_NAME else cut(short_names(alert.about), LONGEST_NAME)
    return f"{alert.what.replace('_', ' ')} ({about})" if about else alert.what.replace("_", " ")
