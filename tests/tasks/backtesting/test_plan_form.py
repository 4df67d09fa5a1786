"""What is typed for a replay becomes its plan, or a sentence that says what to type instead."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.connect import in_memory
from adapters.feeds.recorded_conditions import Conditions
from adapters.settings import Settings
from data_contracts.errors import Refused
from tasks.backtesting.backtests import AS_LIVE, Plan
from tasks.backtesting.plan_form import PlanForm, require_recording, varied
from tests.flows.conftest import Tape


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    tape = Tape(tmp_path / "tape")
    tape.trade(0, "0x" + "a" * 40, "BUY", "1000", "0.40")
    return tape.write()


@pytest.fixture
def house(recording: Path) -> Any:
    """A house without a fit of spreads of its own."""
    with in_memory(recording) as settings:
        yield settings


def plan_of(typed: dict[str, Any], recording: Path, house: Settings) -> Plan:
    return PlanForm.model_validate(typed).plan(recording, house)


def test_as_it_opens_it_is_the_plain_replay(recording: Path, house: Settings) -> None:
    assert plan_of({}, recording, house) == AS_LIVE


def test_what_is_typed_is_assumed(recording: Path, house: Settings) -> None:
    typed = {"delay_s": 60, "fee_multiplier": 1, "depth_usd": 500, "spread": "none", "train_until": "0.5", "changes": ["follow.top=7"]}
    conditions = Conditions(60, 1, 500, "none")
    assert plan_of(typed, recording, house) == replace(AS_LIVE, conditions=conditions, train_until="0.5", changes=(("follow.top", "7"),))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"train_until": "2026-99-99"}, "'2026-99-99' is neither a date nor a part of the recording between 0 and 1"),
        ({"changes": ["follow.nothing=2"]}, "follow.nothing is no field of a policy, such as follow.min_omega"),
        ({"changes": ["follow.top"]}, "'follow.top' sets nothing: write NAME=VALUE"),
    ],
)
def test_what_no_recording_could_make_right_is_refused_before_a_row_is_read(
    typed: dict[str, Any], says: str, recording: Path, house: Settings
) -> None:
    with pytest.raises(Refused, match=re.escape(says)):
        plan_of(typed, recording, house)


def test_a_directory_is_taken_as_it_is_pasted_and_one_without_trades_is_refused(recording: Path, tmp_path: Path) -> None:
    assert require_recording(f" {recording}/ ") == recording
    for wrong in (recording / "trades.parquet", tmp_path / "none"):
        with pytest.raises(Refused, match="is no directory on this machine"):
            require_recording(str(wrong))
    with pytest.raises(Refused, match=r"is no recording: it has no trades\.parquet"):
        require_recording(str(tmp_path))


def test_what_is_varied_has_its_values_and_is_named_once() -> None:
    assert varied(["follow.min_omega=1.2,2", "delay_s=0"]) == {"follow.min_omega": ["1.2", "2"], "delay_s": ["0"]}
    with pytest.raises(Refused, match="varied twice"):
        varied(["delay_s=0", "delay_s=60"])
