"""Intents by file: every line is taken once, whatever becomes of the file, and a bad one takes no other with it."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.inbox import tailed_lines
from adapters.inbox.intents_file import Taken, take_lines
from adapters.inbox.posted_intents import intent_in
from adapters.stores.memory import MemoryResults
from data_contracts import Entrance, Quarantined, TailedFile, TradeIntent
from data_contracts.errors import Unavailable

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def an_intent(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "intent_id": name,
        "timestamp": "2026-11-28T11:59:50Z",
        "source_trader": "0x" + "a" * 40,
        "market_id": "m",
        "outcome": "YES",
        "side": "BUY",
        "size_usdc": 100,
    } | changes


def line(name: str) -> str:
    return json.dumps(an_intent(name)) + "\n"


class Tail:
    """A file that somebody writes, and who reads it."""

    def __init__(self, directory: Path) -> None:
        self.path, self.results = directory / "intents.jsonl", MemoryResults()

    def write(self, *lines: str) -> None:
        with self.path.open("a") as file:
            file.write("".join(lines))

    def look(self) -> Taken | None:
        return take_lines(self.path, self.results, NOW)

    def look_until_quiet(self) -> None:
        while self.look():
            pass

    @property
    def ids(self) -> list[str]:
        return [row.intent_id for row in self.results.arrived(TradeIntent, 0, 10_000)]

    @property
    def aside(self) -> list[tuple[str, str]]:
        """Where each bad line stood, and what is wrong with it."""
        return sorted((json.loads(row.row)["where"], row.rules) for row in self.results.rows(Quarantined))


@pytest.fixture
def tail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tail:
    monkeypatch.setattr(tailed_lines, "STILL_WRITING_S", -1e12)  # nobody finishes a line after a rotation
    return Tail(tmp_path)


def test_what_is_there_already_is_read_from_its_first_line(tail: Tail) -> None:
    """Who begins at the end loses what was written before it came."""
    tail.write(line("a"), line("b"))
    assert tail.look() == Taken(new=2)
    assert tail.look() is None
    tail.write(line("c"))
    assert tail.look() == Taken(new=1)
    assert tail.ids == ["a", "b", "c"]
    assert {row.entrance for row in tail.results.rows(TradeIntent)} == {Entrance.FILE}


def test_a_line_that_is_still_being_written_waits(tail: Tail) -> None:
    whole = line("b")
    tail.write(line("a"), whole[:20])
    assert tail.look() == Taken(new=1)
    tail.write(whole[20:-1])
    assert tail.look() is None
    tail.write("\n")
    assert tail.look() == Taken(new=1)
    assert tail.ids == ["a", "b"]
    assert tail.aside == []


def test_a_bad_line_is_set_aside_with_its_number_and_the_rest_goes_on(tail: Tail) -> None:
    bad = json.dumps(an_intent("x", confidence=1))
    tail.write(line("a"), "{nonsense\n", "\n", bad + "\n", line("b"))
    assert tail.look() == Taken(new=2, set_aside=2)
    assert [where for where, _ in tail.aside] == ["line 2", "line 4"]
    assert "confidence: is no field" in tail.aside[1][1]
    assert {row.source for row in tail.results.rows(Quarantined)} == {"intents.jsonl"}


def test_the_same_bad_line_twice_is_two(tail: Tail) -> None:
    tail.write("x\n", "x\n")
    tail.look()
    assert [where for where, _ in tail.aside] == ["line 1", "line 2"]


def test_the_same_id_over_file_and_door_is_accepted_once(tail: Tail) -> None:
    tail.results.receive([intent_in(an_intent("a"), Entrance.HTTP, NOW)])
    tail.write(line("a"), line("b"), line("b"))
    assert tail.look() == Taken(new=1, known=2)
    assert tail.ids == ["a", "b"]


def test_after_a_restart_it_goes_on_where_it_was(tail: Tail) -> None:
    """The place is in the store; lines whose place was not kept are read again, and accepted once."""
    tail.write(line("a"), line("b"))
    tail.look()
    before = tail.results.rows(TailedFile)[0]
    assert (before.bytes_read, before.lines_read) == (len(line("a")) + len(line("b")), 2)
    tail.write(line("c"))
    tail.look()
    tail.results.write([tailed_place(before)])
    assert tail.look() == Taken(known=1)
    assert tail.ids == ["a", "b", "c"]


def tailed_place(row: TailedFile) -> Any:
    from adapters.stores.results import Write

    return Write(TailedFile, [row], "put")


def test_while_the_store_is_away_no_line_is_passed(tail: Tail, monkeypatch: pytest.MonkeyPatch) -> None:
    tail.write(line("a"))

    def away(rows: Any) -> Any:
        raise Unavailable("postgres: away")

    with monkeypatch.context() as patch:
        patch.setattr(tail.results, "receive", away)
        with pytest.raises(Unavailable):
            tail.look()
    assert tail.look() == Taken(new=1)


def rename(tail: Tail, to: str = "intents.jsonl.1") -> None:
    tail.path.rename(tail.path.with_name(to))


def copy_and_truncate(tail: Tail, to: str = "intents.jsonl.1") -> None:
    shutil.copyfile(tail.path, tail.path.with_name(to))
    tail.path.write_bytes(b"")


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
def test_what_was_written_before_a_rotation_is_read_after_it(tail: Tail, rotate: Callable[[Tail], None]) -> None:
    tail.write(line("a"))
    tail.look()
    tail.write(line("b"))
    rotate(tail)
    tail.write(line("c"), line("d"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "b", "c", "d"]


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
def test_a_half_line_at_a_rotation_is_set_aside_and_the_new_file_goes_on(tail: Tail, rotate: Callable[[Tail], None]) -> None:
    tail.write(line("a"), line("b")[:30])
    tail.look()
    rotate(tail)
    tail.write(line("c"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "c"]
    assert [where for where, _ in tail.aside] == ["line 2"]


def test_whoever_had_the_old_file_open_may_finish_its_line(tail: Tail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailed_lines, "STILL_WRITING_S", 1e12)
    with tail.path.open("a") as writer:
        writer.write(line("a") + line("b")[:30])
        writer.flush()
        tail.look()
        rename(tail)
        tail.write(line("c"))
        tail.look_until_quiet()
        assert tail.ids == ["a"]
        writer.write(line("b")[30:])
    monkeypatch.setattr(tailed_lines, "STILL_WRITING_S", -1e12)
    tail.look_until_quiet()
    assert tail.ids == ["a", "b", "c"]


def test_between_a_rename_and_the_new_file_nothing_is_lost(tail: Tail) -> None:
    tail.write(line("a"))
    tail.look()
    tail.write(line("b"))
    rename(tail)
    assert tail.look() == Taken(new=1)
    assert tail.look() is None
    tail.write(line("c"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "b", "c"]


def test_a_file_that_was_cut_off_and_filled_beyond_where_we_were_is_known_as_another(tail: Tail) -> None:
    """By its size alone it would be read on from the middle of a line."""
    tail.write(line("a"))
    tail.look()
    tail.path.write_text("")
    tail.write(line("longer-than-before"), line("c"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "longer-than-before", "c"]
    assert tail.aside == []


def test_a_file_that_was_cut_off_below_where_we_were_is_read_again_and_each_id_is_accepted_once(tail: Tail) -> None:
    tail.write(line("a"), line("b"), line("c"))
    tail.look()
    tail.path.write_text(line("a"))
    tail.write(line("d"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "b", "c", "d"]


def test_what_nobody_finds_is_said(tail: Tail, caplog: pytest.LogCaptureFixture) -> None:
    tail.write(line("a"))
    tail.look()
    tail.path.unlink()
    tail.write(line("b"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "b"]
    assert "may be lost" in caplog.text


def test_a_line_longer_than_any_intent_is_set_aside_and_costs_no_memory(tail: Tail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tailed_lines, "AT_ONCE", 100_000)
    tail.write(line("a"), "x" * 350_000)
    tail.look_until_quiet()
    assert tail.ids == ["a"]
    tail.write("x\n", line("b"))
    tail.look_until_quiet()
    assert tail.ids == ["a", "b"]
    ((where, rules),) = tail.aside
    assert (where, "longer than 65536 bytes" in rules) == ("line 2", True)


def test_a_file_that_may_not_be_read_is_said_and_tried_again(tail: Tail) -> None:
    tail.path.mkdir()
    with pytest.raises(Unavailable, match=r"intents\.jsonl"):
        tail.look()


def test_a_file_that_is_not_there_yet_is_waited_for(tail: Tail) -> None:
    assert tail.look() is None


OPERATIONS = st.lists(st.sampled_from(["line", "half", "look", "rename", "copy", "bad"]), max_size=25)


@given(operations=OPERATIONS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_becomes_of_the_file_every_whole_line_is_taken_once(
    operations: list[str], tmp_path_factory: pytest.TempPathFactory, tail: Tail
) -> None:
    """Rotations keep the old file beside the new one, nobody rotates twice between two looks, and no two files begin alike."""
    tail = Tail(tmp_path_factory.mktemp("tail"))
    written, rest, rotated, is_looked_at = list[str](), "", 0, False
    for number, operation in enumerate(operations):
        if operation == "line":
            tail.write(rest or line(f"n{number}"))
            written.append(json.loads(tail.path.read_text().splitlines()[-1])["intent_id"])
            rest = ""
        elif operation == "half" and not rest:
            tail.write(line(f"n{number}")[:40])
            rest = line(f"n{number}")[40:]
        elif operation == "bad" and not rest:
            tail.write(f"{{{number}}}\n")
        elif operation == "look":
            tail.look_until_quiet()
            is_looked_at = True
        elif operation in ("rename", "copy") and not rest and tail.path.exists() and is_looked_at and has_looked(tail, operation):
            rotated, is_looked_at = rotated + 1, False
            rotate = rename if operation == "rename" else copy_and_truncate
            rotate(tail, f"intents.jsonl.{rotated}")
    tail.look_until_quiet()
    assert tail.ids == written


def has_looked(tail: Tail, operation: str) -> bool:
    """Whether the file that stands there now is the one that was looked at last; and read from, where only its bytes will tell."""
    known = tail.results.rows(TailedFile)
    stat = tail.path.stat()
    return (
        bool(known)
        and known[0].file_id == f"{stat.st_dev}:{stat.st_ino}"
        and (operation == "rename" or 0 < known[0].bytes_read <= stat.st_size)
    )
