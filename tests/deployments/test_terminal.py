"""What a terminal shows, however narrow it is."""

import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from deployments import terminal

HEAD = ("order", "strategy", "status", "reason", "made (UTC)")
ROW = ("afbf74e803bd3de9049084185c592e72", "mirror-best", "DENIED", "SLIPPAGE_TOO_HIGH", "2026-11-28 19:47:00")


def shown(monkeypatch: pytest.MonkeyPatch, width: int, columns: tuple[str, ...], *rows: tuple[str, ...]) -> list[str]:
    file = StringIO()
    monkeypatch.setattr(terminal, "out", Console(file=file, force_terminal=True, width=width, color_system=None, soft_wrap=True))
    terminal.show_table(columns, rows)
    return [line.rstrip() for line in file.getvalue().splitlines()]


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
