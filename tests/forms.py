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
class Drawn:
    """A field of a form, those of its groups and lists too: its place, and what its form knows of it."""

    steps: Steps
    said: Mapping[str, Any]

    @property
    def kinds(self) -> set[str]:
        """What a person types there, an enum or a date apart: text, number …; of a list, what its lines are."""
        return set(_kinds(self.said))

    @property
    def examples(self) -> Iterator[dict[str, Any]]:
        """The form with each of its examples alone."""
        own = _branch(self.said, "examples")
        lines = () if own else _branch(_branch(self.said, "items"), "examples")
        yield from (typed_at(self.steps, example) for example in (*own, *([line] for line in lines)))


def _kinds(said: Mapping[str, Any]) -> Iterator[str]:
    for one in (said, *said.get("anyOf", ())):
        if one.get("type") == "array":
            yield from _kinds(one["items"])
        elif "type" in one and not {"enum", "format", "const"} & set(one):
            yield one["type"]


def _branch(said: Mapping[str, Any], key: str) -> Any:
    """Of the field, or of what it may be beside empty."""
    return next((one[key] for one in (said, *said.get("anyOf", ())) if key in one), {})


def fields_of(entrypoint: str) -> Iterator[Drawn]:
    form = form_of(entrypoint)
    yield from _fields(form, form["definitions"], ())


def _fields(drawn: Mapping[str, Any], definitions: Mapping[str, Any], steps: Steps) -> Iterator[Drawn]:
    for name, said in drawn.get("properties", {}).items():
        yield Drawn((*steps, name), said)
        for place, one in (((), said), ((0,), _branch(said, "items"))):
            reference = _branch(one, "$ref")
            if isinstance(reference, str):
                yield from _fields(definitions[reference.rpartition("/")[2]], definitions, (*steps, name, *place))


def typed_at(steps: Steps, value: Any) -> dict[str, Any]:
    """The form with this one value in it."""
    for place in range(len(steps) - 1, -1, -1):
        beside = BESIDE.get(str(steps[place - 2]), {}) if place > 1 and steps[place - 1] == 0 else {}
        value = [value] if steps[place] == 0 else {**beside, steps[place]: value}
    return dict(value)


@dataclass(frozen=True)
class Bounds:
    """A number's place in a form, and the bounds of its declaration by their names there (gt, ge, lt, le)."""

    steps: Steps
    kind: type
    bounds: Mapping[str, float]

    def typed(self, value: float) -> dict[str, Any]:
        """The form with this number alone."""
        return typed_at(self.steps, int(value) if self.kind is int else value)

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
