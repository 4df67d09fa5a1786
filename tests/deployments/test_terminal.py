"""What a terminal shows, however narrow it is."""

import os
import re
import signal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from deployments import terminal

HEAD = ("order", "strategy", "status", "reason", "made (UTC)")
ROW = ("afbf74e803bd3de9049084185c592e72", "mirror-best", "DENIED", "SLIPPAGE_TOO_HIGH", "2026-11-28 19:47:00")


def shown(monkeypatch: pytest.MonkeyPatch, width: int, columns: tuple[str, ...], *rows: tuple[str, ...]) -> list[str]:
    file = StringIO()
    monkeypatch.setattr(terminal, "out", Console(file=file, force_terminal=True, width=width, color_system=None, soft_wrap=True))
    terminal.show_table(columns, rows)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def piped(monkeypatch: pytest.MonkeyPatch, columns: tuple[str, ...], *rows: tuple[str, ...]) -> list[str]:
    file = StringIO()
    monkeypatch.setattr(terminal, "out", Console(file=file, width=40, soft_wrap=True))
    terminal.show_table(columns, rows)
    return file.getvalue().splitlines()


def test_in_a_pipe_a_table_has_its_head_and_its_cells_stand_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`strategies | cat` was `mirror-best  polymarket  mirror  ACTIVE    10,000.00 USD  3`: no head, and what is empty was gone."""
    head, *lines = piped(monkeypatch, HEAD, ROW, (*ROW[:3], "", ROW[4]))
    assert head == f"{'order':<32}  strategy     status  reason             made (UTC)"
    assert lines == [
        f"{ROW[0]}  mirror-best  DENIED  SLIPPAGE_TOO_HIGH  2026-11-28 19:47:00",
        f"{ROW[0]}  mirror-best  DENIED  –                  2026-11-28 19:47:00",
    ]


def test_in_a_pipe_a_long_sentence_pushes_no_other_row_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    head, short, long = piped(monkeypatch, ("check", "seen", "cure"), ("disk", "full", "rm"), ("alerts", "x" * 60, "look"))
    assert head == f"check   {'seen':<40}  cure"
    assert short == f"disk    {'full':<40}  rm"
    assert long == f"alerts  {'x' * 60}  look"


@given(rows=st.lists(st.tuples(*[st.text("a –\n\t ", max_size=6)] * 3), min_size=1, max_size=4))
def test_in_a_pipe_a_program_finds_every_cell_where_two_spaces_part_them(rows: list[tuple[str, ...]]) -> None:
    """Whatever is in them: none vanishes, and none is split."""
    cells = [re.split(" {2,}", line) for line in terminal.plain_lines(rows)]
    assert cells == [[" ".join(cell.split()) or "–" for cell in row] for row in rows]


def test_a_table_without_rows_is_no_head_below_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Nothing yet.` was followed by the names of columns that nobody filled."""
    assert piped(monkeypatch, HEAD) == shown(monkeypatch, 120, HEAD) == []


def test_in_a_pipe_what_has_no_head_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert piped(monkeypatch, ("", ""), ("why", "The price had moved.")) == ["why  The price had moved."]


def test_a_wide_terminal_shows_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    head, line = shown(monkeypatch, 120, HEAD, ROW)
    assert head.split() == ["order", "strategy", "status", "reason", "made", "(UTC)"]
    assert line.split() == [*ROW[:-1], "2026-11-28", "19:47:00"]


def test_a_narrow_one_cuts_no_id_and_names_each_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns an id was `afbf74e8…`, which `explain` did not know, and two strategies were both `mirro…`."""
    first, *rest = shown(monkeypatch, 60, HEAD, ROW, (*ROW[:3], "", ROW[4]))
    assert first == ROW[0]
    assert rest == [
        "  strategy mirror-best · status DENIED · reason",
        "  SLIPPAGE_TOO_HIGH · made (UTC) 2026-11-28 19:47:00",
        "",
        ROW[0],
        "  strategy mirror-best · status DENIED · made (UTC)",
        "  2026-11-28 19:47:00",
        "",
    ]


def test_a_sentence_is_folded_and_stays_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 40, ("", ""), ("why", "The price had moved too far from the leader's."))
    assert lines == [" why  The price had moved too far from", "      the leader's."]


def test_a_sentence_with_an_id_of_77_digits_stays_in_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """`doctor` on a fresh house showed a paragraph a check, each called `ok`, once an alert named an outcome token."""
    head, *lines = shown(monkeypatch, 80, ("verdict", "check", "seen"), ("warn", "alerts", f"2 open, the gravest: {'7' * 77}"))
    assert head.split() == ["verdict", "check", "seen"]
    assert "".join("".join(lines).split()) == f"warnalerts2open,thegravest:{'7' * 77}"


def test_ctrl_c_is_answered_at_once_though_the_end_takes_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make up` was silent for 50 s after it: whoever sees nothing presses again."""
    file = StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=file, force_terminal=True, width=200, color_system=None))
    with terminal.stopping_on_signals() as asked:
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.wait(5)
        assert file.getvalue().startswith("Interrupted: stopping in order.")
