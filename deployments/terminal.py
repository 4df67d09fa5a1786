"""What a person sees: rich on a terminal, plain lines elsewhere (a log, a pipe, CI)."""

import json
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

# Elsewhere a line is never folded: it may be read by a program.
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)
Json = Annotated[bool, typer.Option("--json", help="JSON on the standard output, and nothing else there")]
FOLDED = 16  # letters of a word in a sentence that stay together, where there is no more room
ALIGNED = 40  # letters: beside a sentence that is longer, the cells of other rows stay where they are
EMPTY = "–"
COLORS = {"ok": "green", "runs": "green", "warn": "yellow", "fail": "red", "ended": "red", "silent": "yellow"}


def say(line: str, aside: bool = False) -> None:
    """`NAME: what happened`, the name set off; aside, where the standard output is for JSON alone."""
    name, colon, rest = line.partition(": ")
    (err if aside else out).print(f"[bold]{escape(name)}[/]{colon}{escape(rest)}" if colon else escape(line))


def complain(line: str) -> None:
    err.print(f"[bold red]{escape(line)}[/]")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Lines elsewhere. In a terminal a table, its sentences folded; one so narrow that words would be cut shows a paragraph a row.

    Without rows there is no head either: whoever has none to show has said so.
    """
    given = list(rows)
    if not given:
        return
    if not out.is_terminal:
        for line in plain_lines([columns, *given] if any(columns) else given):
            out.print(line, markup=False)
        return
    if sum(2 + max(map(_least_width, cells)) for cells in zip(columns, *given, strict=True)) <= out.width:
        table = Table(*(Column(name, overflow="fold") for name in columns), box=None, header_style="dim", show_header=any(columns))
        for row in given:
            table.add_row(*map(_cell, row))
        out.print(table)
        return
    for row in given:
        out.print(_paragraph(columns, row), soft_wrap=False)


def plain_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Two spaces or more part one cell from the next, and no cell holds two or is empty: a program may split there, a person read down."""
    shown = [[" ".join(cell.split()) or EMPTY for cell in row] for row in rows]
    widths = [min(ALIGNED, max(map(len, cells))) for cells in zip(*shown, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]


def _least_width(text: str) -> int:
    """An id is shown whole. A sentence is folded, within a word of it if need be: an alert names an outcome token of 77 digits."""
    words = text.split()
    longest = max(map(len, words), default=0)
    return longest if len(words) < 2 else min(longest, FOLDED)


def _cell(text: str) -> Text:
    return Text(text, style=COLORS.get(text, ""))


def _paragraph(columns: Sequence[str], row: Sequence[str]) -> Padding:
    """What a row is called, then each name and its value; what is empty is left out."""
    named = [Text.assemble((f"{name} ", "dim"), _cell(value)) for name, value in zip(columns[1:], row[1:], strict=True) if value]
    return Padding(Group(Text(row[0], style="bold"), Padding(Text(" · ").join(named), (0, 0, 0, 2))), (0, 0, 1, 0))


def show_json(value: Any) -> None:
    """Instants as ISO 8601, exact numbers as text."""
    sys.stdout.write(json.dumps(value, default=str, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None) + "\n")


def show(columns: Sequence[str], rows: Iterable[Sequence[str]], as_json: bool) -> None:
    """A table, or one JSON array of objects by these columns."""
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show_table(columns, rows)


@dataclass
class Answer:
    """What a command did: in lines as it goes, or with --json as one object of what they are made of, at its end."""

    as_json: bool
    fields: dict[str, Any] = field(default_factory=dict)

    def add(self, line: str = "", **fields: Any) -> None:
        """No line: what only a program asks for."""
        self.fields |= fields
        if line and not self.as_json:
            out.print(line, markup=False)

    def end(self) -> None:
        if self.as_json:
            show_json(self.fields)


@contextmanager
def stopping_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets, so that work can be left in order. A second Ctrl-C interrupts at once."""
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        if err.is_terminal:  # it may take a while, and whoever sees nothing presses again
            complain("Interrupted: stopping in order. Once more ends at once, and may leave something running: `walletflow down` ends that")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
