"""The forms of the Prefect UI: each says what it does, each field what it means, and what acts outside opens with a dry run."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.forms import DECLARED, fields_of, form_of, form_refuses, numbers_of, run_refuses

README = Path(__file__).parents[2] / "README.md"
EDITING = "flows/strategy_editing.py:edit_strategy"
ENTRYPOINTS = sorted({one["entrypoint"] for one in DECLARED})
# What goes on from the field before: a form may sort its fields otherwise.
CHAINED = {"And", "Or", "Nor", "But", "Also", "Then", "Up", "Of", "Its", "It", "They", "That", "This", "These", "Those", "Times", "Same"}
UNITS = r"(?i)seconds|minute|days|USD|stake|\bpart\b|%|0 to 1|\btimes\b|positions|wallets|version|weight|unit"


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_each_deployment_says_what_it_does(deployment: dict[str, Any]) -> None:
    assert deployment["description"]
    assert deployment["tags"]


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_each_field_of_a_form_says_in_a_sentence_of_its_own_what_it_means(entrypoint: str) -> None:
    """Sentences were chained across fields, and the form sorts them: `factor_after_stops` was "times their size", `sizing.kind` nothing."""
    for field in fields_of(entrypoint):
        words = field.said.get("description", "").split()
        assert len(words) >= 4, field
        assert words[0][0].isupper(), field
        assert words[0] not in CHAINED, field


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_a_number_names_its_unit(entrypoint: str) -> None:
    for field in fields_of(entrypoint):
        if field.kinds & {"number", "integer"}:
            assert re.search(UNITS, field.said["description"]), field


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_texts_ids_and_instants_have_an_example_that_the_form_and_the_run_take(entrypoint: str) -> None:
    for field in fields_of(entrypoint):
        examples = list(field.examples)
        assert examples or not (field.kinds & {"string"} or "date" in str(field.said.get("anyOf"))), field
        for typed in examples:
            assert not form_refuses(entrypoint, typed), typed
            assert not run_refuses(entrypoint, typed), typed


def test_each_flow_on_the_map_has_a_form() -> None:
    """README's map listed replays and sweeps; in the UI there was neither."""
    rooms = re.findall(r"^\| `\w+/` \|.*\| ([a-z, -]+) \|$", README.read_text(), re.MULTILINE)
    flows = {flow for room in rooms for flow in room.split(", ")}
    assert len(flows) > 25
    assert flows <= {one["name"] for one in DECLARED}


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_what_acts_outside_opens_with_a_dry_run_and_its_schedule_acts(deployment: dict[str, Any]) -> None:
    """The form of `webhook-syncing` opened with dry_run off: the deployment said so, for its schedule."""
    fields = form_of(deployment["entrypoint"])["properties"]
    assert "dry_run" not in deployment.get("parameters", {})
    if "dry_run" in fields:
        assert fields["dry_run"]["default"] is True
        assert all(one["parameters"] == {"dry_run": False} for one in deployment.get("schedules", []) if one.get("active", True))


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_a_number_beside_its_bound_is_refused_by_the_form_as_by_the_run(entrypoint: str) -> None:
    """`stop_loss=-3` was taken by Prefect's own check and failed as a run: a Decimal's bounds were written as gt and lt, or not at all."""
    for number in numbers_of(entrypoint):
        for value, may_be in number.values():
            typed = number.typed(value)
            assert (form_refuses(entrypoint, typed), run_refuses(entrypoint, typed)) == (not may_be, not may_be), typed


def test_the_form_of_a_strategy_has_its_bounded_numbers_down_to_the_lines_of_its_lists() -> None:
    places = {".".join(map(str, number.steps)) for number in numbers_of(EDITING)}
    assert places >= {"balance", "policy.exits.stop_loss", "policy.exits.take_profit.0.part", "policy.sizing.tiers.0.multiplier"}


@pytest.mark.parametrize(
    "policy",
    [
        {"exits": {"stop_loss": -3}},
        {"risk": {"max_drawdown": 5}},
        {"sizing": {"max_notional": -5}},
        {"sizing": {"max_notional": 1e30}},  # no column holds it
        {"exits": {"take_profit": [{"gain": -1, "part": 0.5}]}},
        {"exits": {"take_profit": [{"gain": 1, "part": 2}]}},
        {"sizing": {"tiers": [{"at_least": -1, "multiplier": 1}]}},
    ],
)
def test_a_strategys_impossible_number_is_refused_beside_its_field(policy: dict[str, Any]) -> None:
    assert form_refuses(EDITING, {"strategy_id": "one", "policy": policy})
    assert run_refuses(EDITING, {"policy": policy})
