"""What is told when: one alert once, and once more when it is over."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Alert, Severity
from domain.operating.alerts import Finding, House, alert_of, findings, update_alerts
from domain.operating.notices import OVER_WAIT, WARNINGS_WAIT, come_again, due_notices
from tests import ledger_rows

CRITICAL, WARNING, INFO = Severity
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def an_alert(as_of: datetime) -> Any:
    return partial(ledger_rows.an_alert, as_of)


def kinds(alerts: list[Alert], as_of: datetime) -> list[str]:
    return [notice.kind.value for notice in due_notices(alerts, as_of)[0]]


def test_what_is_critical_is_told_at_once_each_by_itself_with_its_cure(an_alert: Any, as_of: datetime) -> None:
    notices, told = due_notices([an_alert("graph"), an_alert("feed")], as_of)
    assert [(notice.kind, notice.subject, notice.body) for notice in notices] == [
        ("critical", f"CRITICAL: down ({about})", f"{about} does not answer: start it") for about in ("graph", "feed")
    ]
    assert due_notices(told, as_of) == ([], [])  # once


def test_warnings_wait_ten_minutes_and_then_come_together(an_alert: Any, as_of: datetime) -> None:
    """The second came a minute later: it goes with the first."""
    alerts = [an_alert("graph", WARNING), an_alert("feed", WARNING, raised_at=as_of + timedelta(minutes=1))]
    assert kinds(alerts, as_of + WARNINGS_WAIT - MOMENT) == []
    (notice,), told = due_notices(alerts, as_of + WARNINGS_WAIT)
    assert notice.subject == "2 warnings"
    assert notice.body.splitlines() == ["down (graph): graph does not answer: start it", "down (feed): feed does not answer: start it"]
    assert kinds(told, as_of + timedelta(days=1)) == []


def test_a_warning_that_becomes_critical_is_told_again_and_not_when_it_becomes_a_warning_again(an_alert: Any, as_of: datetime) -> None:
    told = due_notices([an_alert(severity=WARNING)], as_of + WARNINGS_WAIT)[1]
    worse = [replace(told[0], severity=CRITICAL)]
    assert kinds(worse, as_of + WARNINGS_WAIT) == ["critical"]
    better = [replace(due_notices(worse, as_of)[1][0], severity=WARNING)]
    assert kinds(better, as_of + timedelta(days=1)) == []


def test_the_end_of_what_was_told_is_told_once_and_of_what_was_not_never(an_alert: Any, as_of: datetime) -> None:
    later = as_of + timedelta(hours=1)
    silent, told = an_alert("feed", WARNING, cleared_at=later), an_alert("graph", cleared_at=later, told_as=CRITICAL)
    assert due_notices([silent, told], later + OVER_WAIT - MOMENT) == ([], [])
    (notice,), after = due_notices([silent, told], later + OVER_WAIT)
    assert notice.subject == "Alert over: down (graph)"
    assert notice.body == f"down (graph): over, it lasted from {as_of:%Y-%m-%d %H:%M} to {later:%H:%M} UTC"
    assert due_notices([silent, *after], later + timedelta(days=1)) == ([], [])


def test_the_ends_of_several_are_one_notice(an_alert: Any, as_of: datetime) -> None:
    """Its subject read "2 alert overs"."""
    alerts = [an_alert(about, cleared_at=as_of, told_as=CRITICAL) for about in ("graph", "feed")]
    (notice,), _ = due_notices(alerts, as_of + OVER_WAIT)
    assert notice.subject == "2 alerts over"


def test_what_is_only_to_know_calls_nobody(an_alert: Any, as_of: datetime) -> None:
    assert kinds([an_alert(severity=INFO)], as_of + timedelta(days=1)) == []


@pytest.fixture
def losing(a_marked_position: Any, as_of: datetime) -> Any:
    """So many warnings, each with a wallet of 42 letters and a token of 77: down 60 % of 100 USD."""

    def warnings(count: int) -> list[Alert]:
        held = [
            a_marked_position(
                cost=Decimal(100),
                mark_price=Decimal("0.4"),
                strategy_id="mirror-best",
                leader=f"0x{number:040x}",
                token_id=str(10**76 + number),
            )
            for number in range(count)
        ]
        return [alert_of(found, as_of) for found in findings(House(positions=held), as_of)]

    return warnings


@pytest.mark.parametrize(("count", "whole"), [(12, 10), (40, 10)])
def test_of_many_warnings_each_line_that_has_room_says_its_loss_and_its_cure(losing: Any, as_of: datetime, count: int, whole: int) -> None:
    """With twelve, each line ended in "mirror-best's Yes after 0xaaaa": no loss, no cure, and no sign that something was missing."""
    (notice,), told = due_notices(losing(count), as_of + WARNINGS_WAIT)
    *lines, rest = notice.body.splitlines()
    assert len(lines) == whole
    assert all(line.endswith("is down 60%; it ends with its leader") for line in lines)
    assert len(set(lines)) == whole  # short as they are, names still tell one from the others
    assert rest == f"and {count - whole} more: `walletflow doctor`"
    assert len(told) == count


@pytest.mark.parametrize(("channel", "limit"), [("discord", 2_000), ("telegram", 4_096), ("slack", 35_000)])
@pytest.mark.parametrize("count", [1, 12, 40, 500])
def test_no_channel_cuts_off_a_notice(an_alert: Any, as_of: datetime, channel: str, limit: int, count: int) -> None:
    """Its subject counts. Sources: discord.com/developers/docs/resources/webhook, core.telegram.org/bots/api#sendmessage, Apprise."""
    for severity in (WARNING, CRITICAL):
        alerts = [an_alert(f"token {number} of {'y' * 900}", severity, message="x y" * 900) for number in range(count)]
        notices, _ = due_notices(alerts, as_of + WARNINGS_WAIT)
        assert max(len(f"{notice.subject}\r\n{notice.body}") for notice in notices) <= limit


@pytest.mark.parametrize("severity", [WARNING, CRITICAL])
@pytest.mark.parametrize("beside", [0, 11])
def test_what_is_too_long_is_cut_in_its_middle_and_shows_it(an_alert: Any, as_of: datetime, severity: Severity, beside: int) -> None:
    """A fault of 3,000 letters: what it is about stands at its beginning, and what to do at its end."""
    over_long = an_alert(
        "orders", severity, message=f"Rows of orders cannot be read ({'shares is required; ' * 150}): correct them in Postgres"
    )
    notices, _ = due_notices([over_long, *(an_alert(f"part {number}", severity) for number in range(beside))], as_of + WARNINGS_WAIT)
    line = notices[0].body.splitlines()[0]
    assert "Rows of orders cannot be read (shares" in line
    assert " … " in line
    assert line.endswith("correct them in Postgres")
    assert all("start it" in line for line in "\n".join(notice.body for notice in notices).splitlines()[1:])


def test_forty_of_one_kind_do_not_crowd_out_the_only_one_of_another(losing: Any, an_alert: Any, as_of: datetime) -> None:
    (notice,), _ = due_notices([*losing(40), an_alert("graph", WARNING)], as_of + WARNINGS_WAIT)
    assert notice.body.splitlines()[1] == "down (graph): graph does not answer: start it"


def test_where_there_is_room_names_stay_whole(losing: Any, as_of: datetime) -> None:
    (notice,), _ = due_notices(losing(2), as_of + WARNINGS_WAIT)
    assert f"after 0x{1:040x} is down" in notice.body


@given(st.lists(st.sampled_from([None, CRITICAL, WARNING, INFO]), min_size=1, max_size=12))
def test_however_a_fault_comes_and_goes_each_notice_is_the_only_one_of_its_alert(seen: list[Severity | None]) -> None:
    """Looked at every five minutes, within an hour: at most one notice as warning, and one as critical, until its end was told."""
    as_of = datetime.fromisoformat("2026-11-03T12:00:00+00:00")
    alerts: dict[str, Alert] = {}
    told: dict[str, list[str]] = {}
    for number, severity in enumerate(seen):
        now = as_of + number * timedelta(minutes=5)
        found = [Finding(severity, "down", "graph", f"look {number}")] if severity else []
        lasting = [one for one in alerts.values() if one.cleared_at is None]
        new = come_again(update_alerts(found, lasting, now), alerts.values())
        rows = alerts | {one.alert_id: one for one in new}
        notices, after = due_notices(rows.values(), now)
        for one in after:
            told.setdefault(one.alert_id, []).append("over" if one.over_told_at else str(one.told_as))
        assert len(notices) == len(after)
        alerts |= rows | {one.alert_id: one for one in after}
    for story in told.values():
        for part in " ".join(story).split("over"):
            assert part.split() in ([], ["warning"], ["critical"], ["warning", "critical"])
        assert story[0] != "over"


def test_a_fault_that_comes_and_goes_within_ten_minutes_is_one(an_alert: Any, as_of: datetime) -> None:
    """Told, over after five minutes, and there again five minutes later: nobody is called twice, nor told that it is over."""
    told = due_notices([an_alert()], as_of)[1][0]
    over = replace(told, cleared_at=as_of + timedelta(minutes=5))
    (again,) = come_again([an_alert(raised_at=as_of + timedelta(minutes=10))], [over])
    assert due_notices([again], as_of + timedelta(minutes=10)) == ([], [])
