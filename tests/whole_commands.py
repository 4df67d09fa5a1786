"""The commands that pages and texts of ours name, each parsed by its own options and not run: whoever copies one can run it."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.exceptions import TyperException

from deployments.command_line import NAMES, app

CALLED = r"(?:[A-Z_]+=\S+ +)*(?:\S*/)?(?:walletflow|wf) +"
SPAN = re.compile(rf"`{CALLED}([^`]+)`|<code>{CALLED}([^<]+)</code>")
BLOCK = re.compile(rf"^ {{4}}{CALLED}(.+)$", re.MULTILINE)
COMMENT = re.compile(r" {2,}# .*| [|&>] .*")
STANDS_FOR = re.compile(r"[A-Z][A-Z0-9_]*(\.[a-z]+)?|VALUE.*")  # ADDRESS, VALUE: what a person or the program writes there


@cache
def command_of(name: str) -> Any:
    group: Any = typer.main.get_command(app([name]))
    return group.commands[name]


def fault(typed: str) -> str | None:
    """What keeps it from being run, as far as it can be seen without a house."""
    name, *words = shlex.split(typed)
    if {"--help", "--version", "--install-completion"} & {name, *words}:
        return None
    if name not in NAMES:
        return f"there is no command {name}"
    command = command_of(name)
    context = typer.Context(command, info_name=name, **command.context_settings)
    try:
        given, left, _ = command.make_parser(context).parse_args(words)
        for one in command.get_params(context):
            _check(one, given.get(one.name), context)
    except TyperException as error:
        return error.format_message()
    if left and not context.allow_extra_args:
        return f"{' '.join(left)} is too much"
    needs_one = {"strategy", "every"} <= {one.name for one in command.params}
    return "say whom: a strategy, or --all" if needs_one and (given.get("strategy") is None) is not bool(given.get("every")) else None


def _check(one: Any, given: Any, context: typer.Context) -> None:
    """What is typed for something else is only looked at for being there."""
    typed = given if isinstance(given, list | tuple) else [given]
    if one.type_descriptor.is_path or any(STANDS_FOR.fullmatch(str(value)) for value in typed):
        return
    one.process_value(context, given)


def on_page(text: str) -> Iterator[str]:
    spans = [found[1] or found[2] for found in SPAN.finditer(re.sub(r"\n(?=[^\n])", " ", text))]
    yield from [*spans, *(COMMENT.sub("", found[1]) for found in BLOCK.finditer(re.sub(r" *\\\n *", " ", text)))]


def in_source(path: Path) -> Iterator[str]:
    """Of each text a person may read, an f-string with VALUE where it puts something in."""
    source = path.read_text()
    for node in ast.walk(ast.parse(source)) if "walletflow " in source else ():
        if isinstance(node, ast.JoinedStr):
            yield from on_page("".join(part.value if isinstance(part, ast.Constant) else "VALUE" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from on_page(node.value)
