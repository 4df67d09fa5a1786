"""The file of what is out of a wallet: read once, whoever writes beside us, and never a line lost, wherever a process ends."""

import errno
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import money_out
from adapters.money_out import MoneyOut
from data_contracts import Order, Side, Venue
from data_contracts.errors import Unsafe
from tests.ledger_rows import an_order

T0 = datetime(2026, 11, 29, tzinfo=UTC)
CAP = Decimal(1_000_000)


@pytest.fixture
def money(tmp_path: Path) -> MoneyOut:
    return MoneyOut(tmp_path, Venue.POLYMARKET)


def buy(name: str, usd: str = "1") -> Order:
    """So many shares at one USD."""
    return replace(an_order(T0), order_hash=name, side=Side.BUY, shares=Decimal(usd), limit_price=Decimal(1))


def in_a_new_process(money: MoneyOut) -> Decimal:
    """Nothing is remembered."""
    money_out._LAST_READ.clear()
    return money.total


def test_two_lines_an_order_are_not_read_again_for_each_order(money: MoneyOut, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of 100 orders a day is 73,000 lines, and each order parsed them all, for 0.16 s: 50 orders here read what 100 left, once."""
    for number in range(100):
        money.note(f"before {number}", Decimal(1))
    money_out._LAST_READ.clear()
    parsed, parse = list[int](), MoneyOut._parsed

    def counted(self: MoneyOut, written: bytes, stamp: money_out.Stamp) -> money_out.Out:
        parsed.append(len(written))
        return parse(self, written, stamp)

    monkeypatch.setattr(MoneyOut, "_parsed", counted)
    monkeypatch.setattr(money_out, "_last_end", lambda path: pytest.fail("all of it was read to find its end"))
    for number in range(50):
        assert money.let_out(buy(f"{number}", "2"), CAP)
        money.note(f"{number}", Decimal("1.5"))
    assert len(parsed) == 1
    assert money.total == in_a_new_process(money) == 100 + 50 * Decimal("1.5")


@pytest.mark.parametrize(("usd", "goes"), [("4", True), ("4.01", False)])
def test_an_order_that_is_noted_already_counts_once(money: MoneyOut, usd: str, goes: bool) -> None:
    """6 are out, 5 of them for this very order, which may be posted again: 1 and 4 are 5."""
    money.note("other", Decimal(1))
    money.note("again", Decimal(5))
    assert money.let_out(buy("again", usd), Decimal(5)) is goes


def test_what_another_process_or_a_person_wrote_counts_at_once(money: MoneyOut) -> None:
    money.note("a", Decimal(1))
    assert money.total == 1
    with money.path.open("a") as file:
        file.write(json.dumps({"hash": "b", "out": "2"}) + "\n")
    assert money.total == 3
    money.path.write_text(money.path.read_text().replace('"2"', '"20"'))
    assert not money.let_out(buy("c"), Decimal(21))
    money.path.rename(money.path.with_suffix(".old"))  # moved away: a new file begins at nothing
    assert money.total == 0
    assert money.let_out(buy("c"), Decimal(21))
    assert in_a_new_process(money) == 1


def in_turn(path: Path, orders: list[Order], cap: Decimal) -> None:
    money = MoneyOut(path, Venue.POLYMARKET)
    for order in orders:
        money.let_out(order, cap)
        money.note(f"sold {order.order_hash}", Decimal(0))


def test_processes_beside_each_other_lose_no_line_and_keep_one_cap(money: MoneyOut, tmp_path: Path) -> None:
    """Each read that there was room and then wrote, and cut off what another had written meanwhile: of 90 lines 89 were left."""
    forked = multiprocessing.get_context("fork")
    each = [[buy(f"{one} {number}") for number in range(20)] for one in range(3)]
    processes = [forked.Process(target=in_turn, args=(tmp_path, orders, Decimal(30))) for orders in each]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    hashes = [json.loads(line)["hash"] for line in money.path.read_text().splitlines()]
    assert len(hashes) == len(set(hashes)) == 30 + 60
    assert money.total == 30


def test_whoever_stays_at_the_file_holds_nobody_up_for_long(money: MoneyOut, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is stopped while it writes: what it may not note is not let out, and exits go on."""
    monkeypatch.setattr(money_out, "PATIENCE_S", 0.05)
    money.note("a", Decimal(1))
    with money._alone(), pytest.raises(OSError, match="another process"):
        money.let_out(buy("b"), CAP)
    assert money.let_out(buy("b"), CAP)


class Killed(BaseException):
    """The end of a process."""


def _half(descriptor: int, line: bytes) -> int:
    done: int = WRITE(descriptor, line[: len(line) // 2])
    if len(line) < 10:
        raise Killed
    return done


def _killed(*values: Any) -> Any:
    raise Killed


def _full(*values: Any) -> Any:
    raise OSError(errno.ENOSPC, "no space left")


WRITE = os.write
POINTS: list[tuple[str, Callable[..., Any], set[int]]] = [  # where it ends, and what may be out by then: 5, or 5 and the 3 of this one
    ("ftruncate", _killed, {5}),
    ("write", _killed, {5}),
    ("write", _half, {5}),
    ("write", _full, {5}),
    ("fsync", _killed, {5, 8}),
    ("fsync", _full, {5, 8}),
]


@pytest.mark.parametrize(("name", "ends", "possible"), POINTS)
@pytest.mark.parametrize("lives_on", [True, False])
def test_wherever_it_ends_nothing_noted_is_lost_and_the_next_is_noted_whole(
    money: MoneyOut, monkeypatch: pytest.MonkeyPatch, name: str, ends: Callable[..., Any], possible: set[int], lives_on: bool
) -> None:
    """An order is posted after `let_out` only, so what never ended was never posted; a line too much is on the safe side."""
    money.note("a", Decimal(5))
    with monkeypatch.context() as while_it_ends:
        while_it_ends.setattr(os, name, ends)
        with pytest.raises((Killed, OSError)):
            money.let_out(buy("b", "3"), CAP)
    left = money.total if lives_on else in_a_new_process(money)
    assert left in possible
    assert money.let_out(buy("c", "2"), CAP)
    assert money.total == in_a_new_process(money) == left + 2


@pytest.mark.parametrize("spoilt", [b"\xff\n", b'{"hash": "a", "out": "NaN"}\n', b'{"hash": "a", "out": "Infinity"}\n', b"\n", b"1\n"])
def test_what_cannot_be_read_or_is_no_number_lets_nothing_out(money: MoneyOut, spoilt: bytes) -> None:
    """A byte that is no text, or a number nothing can be compared with, was an error that stopped the exits behind it as well."""
    money.note("b", Decimal(1))
    money.path.write_bytes(money.path.read_bytes() + spoilt)
    with pytest.raises(Unsafe, match="nobody knows what is out"):
        money.let_out(buy("c"), CAP)
    money.note("sold", Decimal(-1))
    assert money.path.read_bytes().endswith(b'{"hash": "sold", "out": "-1"}\n')


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 9), st.sampled_from(["note", "let out", "new", "torn"])), max_size=12))
def test_whatever_is_noted_by_whomever_the_last_word_of_each_hash_counts(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int, str]]
) -> None:
    money, last = MoneyOut(tmp_path_factory.mktemp("money"), Venue.POLYMARKET), dict[str, int]()
    for name, usd, deed in deeds:
        if deed == "new":
            money_out._LAST_READ.clear()
        elif deed == "torn" and money.path.exists():
            with money.path.open("a") as file:
                file.write('{"hash": "never')
        elif deed == "note":
            money.note(name, Decimal(usd))
            last[name] = usd
        elif deed == "let out" and usd > 0:
            goes = money.let_out(buy(name, str(usd)), Decimal(10))
            assert goes is (sum(last.values()) - last.get(name, 0) + usd <= 10)
            last |= {name: usd} if goes else {}
        assert money.total == sum(last.values())
