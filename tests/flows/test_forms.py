"""The forms of the Prefect UI: each says what it does, each field what it means, and what acts outside opens with a dry run."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema

DECLARED: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text())["deployments"]


def flow_of(deployment: dict[str, Any]) -> Flow[..., Any]:
    file, name = deployment["entrypoint"].split(":")
    found: Flow[..., Any] = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
    return found


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_each_field_of_a_form_says_what_it_means(deployment: dict[str, Any]) -> None:
    assert deployment["description"]
    assert deployment["tags"]
    for name, field in parameter_schema(flow_of(deployment)).properties.items():
        assert field.get("description"), name


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_what_acts_outside_opens_with_a_dry_run_and_its_schedule_acts(deployment: dict[str, Any]) -> None:
    """The form of `webhook-syncing` opened with dry_run off: the deployment said so, for its schedule."""
    fields = parameter_schema(flow_of(deployment)).properties
    assert "dry_run" not in deployment.get("parameters", {})
    if "dry_run" in fields:
        assert fields["dry_run"]["default"] is True
        assert all(one["parameters"] == {"dry_run": False} for one in deployment.get("schedules", []) if one.get("active", True))
