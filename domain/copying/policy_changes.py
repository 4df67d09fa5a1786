"""What an operator changes about a strategy's numbers: any field may be left empty, and what is left empty stays as it is."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from domain.copying.form_bounds import Bounded
from domain.copying.policy import Numbers, Policy


class Changes(Bounded):
    """A form leaves out what is left empty, or says null: either is no change. A misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _given(cls, typed: Any) -> Any:
        return {name: value for name, value in typed.items() if value is not None} if isinstance(typed, Mapping) else typed


def _changes_of(model: type[Numbers]) -> type[Changes]:
    """The same fields, each with its bounds and its help, and none of them required."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, Numbers):
            annotation = _changes_of(annotation)
        bounded = Annotated[(annotation, *field.metadata)] if field.metadata else annotation
        fields[name] = (bounded, Field(default_factory=lambda: None, description=field.description, examples=field.examples))
    return create_model(f"{model.__name__}Changes", __base__=Changes, __doc__=model.__doc__, **fields)


if TYPE_CHECKING:
    PolicyChanges = Changes
else:
    PolicyChanges = _changes_of(Policy)
OPTIONAL = tuple(
    f"{group}.{name}"
    for group, outer in Policy.model_fields.items()
    if isinstance(outer.annotation, type) and issubclass(outer.annotation, Numbers)
    for name, inner in outer.annotation.model_fields.items()
    if NoneType in get_args(inner.annotation)
)  # what a strategy may do without, as group.field


def changed_policy(before: Policy, changes: Changes | None, without: Collection[str] = ()) -> Policy:
    """The policy with what was given, and without the rules that are named. Raises ValueError where the two do not go together."""
    record = _merged(before, changes) if changes else before.model_dump()
    for path in without:
        group, _, name = path.partition(".")
        record[group][name] = None
    return Policy.model_validate(record)


def differences(before: Policy, after: Policy) -> Iterator[tuple[str, str, str]]:
    """(group.field, what it was, what it is), of those that differ: 60 and 60.0 do not."""
    then, now = (dict(_leaves(policy)) for policy in (before, after))
    return ((path, in_words(then[path]), in_words(now[path])) for path in then if then[path] != now[path])


def in_words(value: object) -> str:
    """What a field of a policy holds, as a person writes it."""
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {in_words(one)}" for name, one in value)
    if isinstance(value, tuple):
        return "; ".join(map(in_words, value)) or "none"
    if isinstance(value, float | Decimal):
        return f"{Decimal(str(value)).normalize():f}"
    return "yes" if value is True else "no" if value is False else str(getattr(value, "value", value))


def _merged(before: BaseModel, changes: Changes) -> dict[str, Any]:
    record = before.model_dump()
    for name in changes.model_fields_set:
        value, stored = getattr(changes, name), getattr(before, name)
        record[name] = _merged(stored, value) if isinstance(value, Changes) and isinstance(stored, BaseModel) else value
    return record


def _leaves(policy: Policy) -> Iterator[tuple[str, object]]:
    for group, numbers in policy:
        yield from ((f"{group}.{name}", value) for name, value in (numbers if isinstance(numbers, BaseModel) else ()))
