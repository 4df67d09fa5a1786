"""What a node said of a transaction is remembered as long as looks may ask for it again, and no longer."""

from typing import Any, cast

import pytest

from adapters.feeds.solana.chain_transactions import KEPT_S, Remembered, Transactions
from adapters.feeds.solana.rpc import SolanaRpc
from domain.solana.transactions import ChainTransaction
from tests.adapters.feeds.solana.test_solana_feed import BEGINS
from tests.solana_chain import FIRST_SLOT, Block, row_of
from tests.solana_transactions import Making

ROW = row_of(Block("signature", FIRST_SLOT, BEGINS, Making(payer="W", signers=("W",)).done()))


class Node:
    """Has every transaction that it is asked for, and counts how often."""

    host, calls_per_s = "node", 1_000.0

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask_all(self, method: str, questions: Any) -> list[Any]:
        self.asked += [name for name, _ in questions]
        return [ROW | {"transaction": ROW["transaction"] | {"signatures": [name]}} for name, _ in questions]


class House:
    """Transactions of one node, and the hand of its clock."""

    def __init__(self) -> None:
        self.now_s, self.node = 0.0, Node()
        self.remembered = Remembered(lambda: self.now_s)
        self.transactions = Transactions(cast(SolanaRpc, self.node), self.remembered)

    def read(self, *signatures: str) -> list[object]:
        return [one for part in self.transactions.some(signatures) for one in part.values()]


@pytest.mark.parametrize(("later_s", "asked"), [(KEPT_S - 1, 1), (KEPT_S, 2)])
def test_what_nobody_asked_for_in_five_minutes_is_forgotten_and_simply_asked_for_again(later_s: float, asked: int) -> None:
    house = House()
    house.read("a")
    house.now_s = later_s
    (one,) = house.read("a")
    assert isinstance(one, ChainTransaction)
    assert house.node.asked == ["a"] * asked


def test_what_each_look_asks_for_stays() -> None:
    house = House()
    for look in range(40):
        house.now_s = look * 30.0
        house.read("a", f"of look {look}")
    assert house.node.asked.count("a") == 1


def test_looks_for_hours_leave_no_more_than_those_of_five_minutes() -> None:
    """20,000 were kept, at 23 KB each: for days a worker grew towards half a GB. Four hours are 480 looks, here of 3 swaps each."""
    house = House()
    for look in range(480):
        house.now_s = look * 30.0
        house.read(*(f"{look} {number}" for number in range(3)))
        assert len(house.remembered) <= 3 * KEPT_S / 30
    house.now_s += KEPT_S
    house.read()
    assert len(house.remembered) == 0


def test_one_long_walk_keeps_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.feeds.solana.chain_transactions.MOST_KEPT", 50)
    house = House()
    assert len(house.read(*(f"{number}" for number in range(200)))) == 200
    assert len(house.remembered) == 50
    assert house.transactions.knows("199")
    assert not house.transactions.knows("149")
    assert len(house.read("0")) == 1


def test_who_is_not_waited_for_has_the_same_memory() -> None:
    house, other = House(), Node()
    slow = house.transactions.asked_of(cast(SolanaRpc, other))
    house.read("a")
    assert [name for part in slow.some(["a", "b"]) for name in part] == ["a", "b"]
    assert other.asked == ["b"]
    house.read("b")
    assert house.node.asked == ["a"]
