"""The report as a run of Prefect's: what it is called, what is under it, and what the command shows of it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowFilter, FlowFilterName
from typer.testing import CliRunner

from data_contracts import Report
from data_contracts.errors import Refused
from deployments.command_line import app
from deployments.commands import report as report_command
from domain.copying.policy import Policy
from flows import daily_report as flow_file

DAY = datetime(2022, 11, 8, tzinfo=UTC)


@pytest.fixture
def home(tape: Any, before_tape: Callable[[Any], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    tape.trade(0, "0x" + "a" * 40, "BUY", "1000", "0.40")
    home = before_tape(tape)
    home.put(home.strategy("one", "mirror", Policy()))
    settings = home.settings.model_copy(update={"home": tmp_path})
    for file in (flow_file, report_command):
        monkeypatch.setattr(file, "load_settings", lambda: settings)
    return home


def shown(*arguments: str) -> Result:
    return CliRunner().invoke(app(["report"]), ["report", *arguments], catch_exceptions=False)


@pytest.mark.usefixtures("prefect_harness")
def test_a_run_is_named_by_its_result_and_what_was_said_of_a_day_stays(home: Any) -> None:
    for later in (timedelta(days=1), timedelta(days=9)):
        flow_file.daily_report(as_of=DAY + later, day=date(2022, 11, 8))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["daily-report"])))
        artifacts = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["daily-report"])))
    assert {run.name for run in runs} == {"daily · Tue 08 Nov 2022: nothing traded; 0 of 0 copied, 0 closed; no alert"}
    assert len(artifacts) == 2
    assert all("## Whom we follow: changes" in str(one.data) for one in artifacts)
    (kept,) = home.rows(Report)
    assert kept.as_of == DAY + timedelta(days=1)
    assert shown("--day", "2022-11-08", "--json").output.strip() == kept.figures
    assert shown("--day", "2022-11-08").output.startswith("# Daily report, Tue 08 Nov 2022")


def test_a_day_that_nobody_reported_is_shown_from_the_rows_and_not_kept(home: Any) -> None:
    figures = json.loads(shown("--day", "2022-11-09", "--json").output)
    assert (figures["begins_at"], figures["is_over"], figures["signals"]) == ("2022-11-09T00:00:00+00:00", True, 0)
    assert json.loads(shown("--day", "2022-11-09", "--weekly", "--json").output)["begins_at"] == "2022-11-07T00:00:00+00:00"
    assert home.rows(Report) == []


@pytest.mark.parametrize(("typed", "says"), [("banana", "--day takes a date"), ("2999-01-01", "has not begun")])
@pytest.mark.usefixtures("home")
def test_a_day_that_is_none_is_said(typed: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        shown("--day", typed)
