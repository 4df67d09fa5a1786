"""The weekly report as a run of Prefect's: a table and a picture under it."""

import re
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from evaluation.worlds.recordings import RecordingPolicy, complete, write_recording
from flows.calibration_report import calibration_report

pytestmark = pytest.mark.usefixtures("prefect_harness")


def artifact(key: str) -> Any:
    with get_client(sync_client=True) as client:
        (found,) = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])))
    return found


def test_a_run_leaves_a_table_and_its_picture(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "recorded", complete(1, RecordingPolicy(150, 300, 12_000)))
    state = calibration_report(recording=recording, return_state=True)
    with get_client(sync_client=True) as client:
        name = client.read_flow_run(state.state_details.flow_run_id).name
    assert re.fullmatch(r"calibration · [\d,]+ bets of [\d,]+ wallets, came less said [+-]0\.\d{3}", name), name
    assert '"what": "ahead later"' in artifact("calibration").data
    assert "Brier score" in artifact("calibration").description
    assert artifact("calibration-plots").data["html"].count("<svg") >= 1
