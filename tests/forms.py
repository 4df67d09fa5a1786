"""The forms of the Prefect UI: each deployment's schema as its server gets it, and the same fields as the code declares them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from prefect import Flow
from prefect.utilities.schema_tools.validation import preprocess_schema, validate
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

DECLARED: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "prefect.yaml").read_text())["deployments"]
BESIDE = {"take_profit": {"gain": 0.5, "part": 0.5}, "tiers": {"at_least": 0, "multiplier": 1}}  # what else a line of a list needs
Steps = tuple[str | int, ...]


def flow_of(deployment: Mapping[str, Any]) -> Flow[..., Any]:
    file, name = deployment["entrypoint"].split(":")
    found: Flow[..., Any] = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
    return found


@cache
def form_of(entrypoint: str) -> dict[str, Any]:
    return flow_of({"entrypoint": entrypoint}).parameters.model_dump_for_openapi()


@cache
def _prepared(entrypoint: str) -> Any:
    return preprocess_schema(form_of(entrypoint))  # type: ignore[arg-type]


@cache
def _adapter(entrypoint: str, parameter: str) -> TypeAdapter[Any]:
    return TypeAdapter(signature(flow_of({"entrypoint": entrypoint}).fn).parameters[parameter].annotation)


def form_refuses(entrypoint: str, typed: Mapping[str, Any]) -> bool:
    """Whether Prefect's server, by what it knows, answers with a message beside a field; what is left out does not count."""
    return any(error.validator != "required" for error in validate(dict(typed), _prepared(entrypoint), preprocess=False))


def run_refuses(entrypoint: str, typed: Mapping[str, Any]) -> bool:
    """Whether the run would fail over it."""
    try:
        for name, value in typed.items():
            _adapter(entrypoint, name).validate_python(value)
    except ValidationError:
        return True
    return False


@dataclass(frozen=True)
class Bounds:
    """A number's place in a form, and the bounds of its declaration by their names there (gt, ge, lt, le)."""

    steps: Steps
    kind: type
    bounds: Mapping[str, float]

    def typed(self, value: float) -> dict[str, Any]:
        """The form with this number alone."""
        answer: Any = int(value) if self.kind is int else value
        for place in range(len(self.steps) - 1, -1, -1):
            step, before = self.steps[place], self.steps[place - 1]
            beside = BESIDE.get(str(self.steps[place - 2]), {}) if place > 1 and before == 0 else {}
            answer = [answer] if step == 0 else {**beside, step: answer}
        return dict(answer)

    def values(self) -> Iterator[tuple[float, bool]]:
        """At each bound, a step below and a step above: the value, and whether it may be."""
        step = 1 if self.kind is int else 1e-6
        for key, bound in self.bounds.items():
            inwards = step if key[0] == "g" else -step
            yield from ((bound - inwards, False), (bound, key.endswith("e")), (bound + inwards, True))


def numbers_of(entrypoint: str) -> Iterator[Bounds]:
    """Every bounded number of a form, those of its groups and lists too."""
    for name, parameter in signature(flow_of({"entrypoint": entrypoint}).fn).parameters.items():
        yield from _numbers(FieldInfo.from_annotation(parameter.annotation), (name,))


def _numbers(field: FieldInfo, steps: Steps) -> Iterator[Bounds]:
    kinds = get_args(field.annotation) if get_origin(field.annotation) in (Union, UnionType) else (field.annotation,)
    for inner in (FieldInfo.from_annotation(kind) for kind in kinds if kind is not NoneType):
        kind, rules = inner.annotation, (*field.metadata, *inner.metadata)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, one in kind.model_fields.items():
                yield from _numbers(one, (*steps, name))
        elif get_origin(kind) in (tuple, list):
            yield from _numbers(FieldInfo.from_annotation(get_args(kind)[0]), (*steps, 0))
        elif kind in (int, float, Decimal):
            bounds = {key: float(getattr(rule, key)) for key in ("gt", "ge", "lt", "le") for rule in rules if hasattr(rule, key)}
            if bounds:
                yield Bounds(steps, kind, bounds)
