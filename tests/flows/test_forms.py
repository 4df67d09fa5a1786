"""The forms of the Prefect UI: each says what it does, each field what it means, and what acts outside opens with a dry run."""

from typing import Any

import pytest

from tests.forms import DECLARED, form_of, form_refuses, numbers_of, run_refuses

EDITING = "flows/strategy_editing.py:edit_strategy"


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_each_field_of_a_form_says_what_it_means(deployment: dict[str, Any]) -> None:
    assert deployment["description"]
    assert deployment["tags"]
    for name, field in form_of(deployment["entrypoint"])["properties"].items():
        assert field.get("description"), name


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_what_acts_outside_opens_with_a_dry_run_and_its_schedule_acts(deployment: dict[str, Any]) -> None:
    """The form of `webhook-syncing` opened with dry_run off: the deployment said so, for its schedule."""
    fields = form_of(deployment["entrypoint"])["properties"]
    assert "dry_run" not in deployment.get("parameters", {})
    if "dry_run" in fields:
        assert fields["dry_run"]["default"] is True
        assert all(one["parameters"] == {"dry_run": False} for one in deployment.get("schedules", []) if one.get("active", True))


@pytest.mark.parametrize("entrypoint", sorted({one["entrypoint"] for one in DECLARED}))
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
