"""The pages of docs/ that are written from the code: settings, Reasons, tables. `make docs` writes them; a test says when they are old."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from inspect import getdoc
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from adapters.brief_settings import BriefSettings
from adapters.settings import SECRETS, Settings
from data_contracts import ROW_CLASSES, Reason, contract_of
from data_contracts.contract import Field
from deployments.terminal import say
from domain.copying.denials import DENIES
from domain.copying.policy import Policy
from domain.copying.reason_words import REASON_WORDS

DOCS = Path(__file__).parent.parent / "docs"
WRITTEN = "<!-- Written by `make docs` from {}. Do not edit. -->\n"


def main() -> None:
    """Write every page anew."""
    for name, text in pages().items():
        (DOCS / name).write_text(text)
        say(f"docs/{name}: written")


def pages() -> dict[str, str]:
    """Their texts by their names below docs/."""
    written: Mapping[str, Callable[[], str]] = {"settings.md": settings_page, "reasons.md": reasons_page, "data_dictionary.md": tables_page}
    return {name: write() for name, write in written.items()}


def settings_page() -> str:
    """Each setting of the environment, and each number of a strategy, with its default."""
    return "\n".join(
        (
            WRITTEN.format("adapters/settings.py, adapters/brief_settings.py and domain/copying/policy.py"),
            "# Settings\n",
            "## Of the environment\n",
            "An empty one is as if it were not set. What `make up` starts writes its own addresses to `stack.env` in `WALLETFLOW_HOME`;",
            "the environment wins over that file. Those marked *secret* are never shown or logged. A name that begins with `WALLETFLOW_`",
            "and is not here is an error that names the nearest.\n",
            *_table(("name", "default", "what it is"), _environment()),
            "\n## Of the observer and `walletflow strategy from-env`\n",
            *_table(("name", "default", "what it is"), _brief()),
            "\n## Of a strategy\n",
            "Fields of the form of `strategy-editing`. Whatever is money counts in the strategy's own currency, USD at Polymarket and",
            "SOL at Solana.\n",
            *_table(("field", "default", "bounds", "what it is"), _policy()),
            "",
        )
    )


def reasons_page() -> str:
    """Each Reason in a sentence, what it may deny, and what a person can do about it."""
    rows = ((f"`{one}`", words.says, DENIES[one].value, words.cure or "–") for one, words in ((one, REASON_WORDS[one]) for one in Reason))
    return "\n".join(
        (
            WRITTEN.format("data_contracts/words.py, domain/copying/reason_words.py and domain/copying/denials.py"),
            "# Reasons\n",
            "Every verdict, denial and halt has one of these. `walletflow explain ID` says it of one signal or order. Names such as",
            "`risk.max_positions` are fields of the form of `strategy-editing` (`docs/settings.md`).\n",
            *_table(("Reason", "what happened", "may deny", "what changes it"), rows),
            "",
        )
    )


def tables_page() -> str:
    """Each table and column: what it means, in which unit, within which bounds."""
    return "\n".join(
        (
            WRITTEN.format("data_contracts/"),
            "# Data dictionary\n",
            "One row class is one table: schemas, tables and checks are derived from it (`walletflow contracts`). Instants are UTC. A row",
            "that breaks a rule is set aside in `quarantine` with every rule it breaks.\n",
            *(line for row_class in sorted(ROW_CLASSES, key=lambda one: contract_of(one).table) for line in _of_table(row_class)),
        )
    )


def _of_table(row_class: type) -> Iterator[str]:
    contract = contract_of(row_class)
    yield f"## {contract.table}\n"
    yield f"`{row_class.__name__}`, in {'Postgres' if contract.store == 'postgres' else 'ClickHouse'}, by {', '.join(contract.key)}.\n"
    yield f"{getdoc(row_class)}\n"
    yield from _table(("column", "type", "what it is", "bounds"), (_of_column(field) for field in contract.fields))
    yield ""


def _of_column(field: Field) -> tuple[str, ...]:
    kind = "text" if field.kind is str else field.kind.__name__
    return field.name, kind + (", or null" if field.nullable else ""), field.column.meaning, _column_bounds(field)


def _column_bounds(field: Field) -> str:
    column = field.column
    if issubclass(field.kind, datetime):
        return ""
    said = [("at least", column.at_least), ("above", column.above), ("at most", column.at_most)]
    bounds = [f"{word} {bound}" for word, bound in said if bound is not None]
    if issubclass(field.kind, Enum) and len(field.kind) <= 12:
        bounds.append(", ".join(str(word.value) for word in field.kind))
    elif issubclass(field.kind, Enum):
        bounds.append("docs/reasons.md" if field.kind is Reason else f"{len(field.kind)} words")
    bounds += [column.pattern.says] if column.pattern and column.pattern.says not in column.meaning else []
    bounds += [f"{word} {bound} at {venue.value}" for word, each in _by_venue(field) for venue, bound in each]
    return "; ".join(bounds)


def _by_venue(field: Field) -> tuple[tuple[str, Any], ...]:
    return ("at most", field.column.at_most_on), ("above", field.column.above_on)


def _environment() -> Iterator[tuple[str, ...]]:
    for name, field in Settings.model_fields.items():
        secret = " *secret*" if name in SECRETS else ""
        yield f"`WALLETFLOW_{name.upper()}`", _default(field), f"{field.description}{secret}"


def _brief() -> Iterator[tuple[str, ...]]:
    for name, field in BriefSettings.model_fields.items():
        if field.validation_alias is None:
            yield f"`{name.upper()}`", _default(field), str(field.description)


def _policy() -> Iterator[tuple[str, ...]]:
    for group, numbers in Policy():
        for name, field in type(numbers).model_fields.items():
            yield f"`{group}.{name}`", _default(field), _bounds(field), field.description or ""


def _bounds(field: FieldInfo) -> str:
    """As pydantic's constraints say them."""
    if get_origin(field.annotation) is Literal:
        return ", ".join(str(choice) for choice in get_args(field.annotation))
    if isinstance(field.annotation, type) and issubclass(field.annotation, Enum):
        return ", ".join(str(word.value) for word in field.annotation)
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    return ", ".join(f"{said} {getattr(rule, key)}" for key, said in words.items() for rule in field.metadata if hasattr(rule, key))


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined or default is None or default in ("", ()) or isinstance(default, SecretStr):
        return "empty"
    if isinstance(default, tuple):
        return ", ".join(str(getattr(one, "value", one)) for one in default)
    if isinstance(default, BaseModel):
        return ", ".join(f"{name} {value:g}" for name, value in default)
    return f"`{getattr(default, 'value', default)}`"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)


if __name__ == "__main__":
    main()
