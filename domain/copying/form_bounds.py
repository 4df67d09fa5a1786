"""A number's bounds in JSON Schema's words, by which alone a form refuses beside its field: of a Decimal pydantic writes others."""

from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

WORDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}


class Bounded(BaseModel):
    """A group of fields whose form knows every bound that its run knows."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        said = handler(core_schema)
        drawn = handler.resolve_ref_schema(said)["properties"]
        for name, field in cls.model_fields.items():
            for number in _numbers(drawn[name]):
                _bound(number, bounds_of(field))
        return said


def bounds_of(field: FieldInfo) -> dict[str, float]:
    """By their words in JSON Schema."""
    return {word: _plain(getattr(rule, key)) for key, word in WORDS.items() for rule in field.metadata if hasattr(rule, key)}


def _numbers(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    """The field itself, or what it may be beside empty."""
    return [one for one in (drawn, *drawn.get("anyOf", ())) if one.get("type") in ("number", "integer")]


def _bound(number: dict[str, Any], bounds: dict[str, float]) -> None:
    for key in WORDS:
        number.pop(key, None)
    if "maximum" in bounds:
        number.pop("exclusiveMaximum", None)  # what any number has
    number.update(bounds)


def _plain(bound: Any) -> float:
    return bound if isinstance(bound, int) else float(bound)
