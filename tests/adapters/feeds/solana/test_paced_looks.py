"""However many wallets are watched, a look answers within the patience of a cycle at what its node really grants. Nobody waits here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import pytest

from adapters.feeds.feed import TradeSource, Walk
from adapters.feeds.json_api import JsonApi
from adapters.feeds.pace import OwnPace, granted
from adapters.feeds.solana.chain_walk import PATIENCE_S as OF_A_WALK_S
from adapters.feeds.solana.jupiter import Jupiter
from adapters.feeds.solana.rpc import AT_ONCE, NodeRefused, SolanaRpc, at_once
from adapters.feeds.solana.solana_feed import SolanaFeed
from data_contracts import ChainReading
from tasks.copying.venues import PATIENCE_S
from tests.adapters.feeds.conftest import Unpaced
from tests.adapters.feeds.solana.test_solana_feed import BEGINS, MINT, Told
from tests.solana_chain import NodeSays, SmallChain


class HandPace:
    """Where others would wait for a slot, the clock moves on to it."""

    def __init__(self) -> None:
        self.now_s, self._lock = 0.0, Lock()
        self._own = OwnPace(self.clock)

    def clock(self) -> float:
        return self.now_s

    def wait_s(self, name: str, limit: int) -> float:
        with self._lock:
            self.now_s += self._own.wait_s(name, limit)
        return 0.0

    def hold(self, name: str, seconds: float) -> None:
        self._own.hold(name, seconds)


@dataclass
class Node:
    """In the place of a client: the chain's own answers, at once."""

    chain: SmallChain
    asked: list[str] = field(default_factory=list)  # wallets that were listed
    on_their_way: int = 0
    most: int = 0  # at once

    async def send_rpc_request(self, request: Any, parser: object) -> Any:
        self.on_their_way += 1
        self.most = max(self.most, self.on_their_way)
        await asyncio.sleep(0)  # all that may be are on their way before one is answered
        self.on_their_way -= 1
        if request.method == "getSignaturesForAddress":
            self.asked.append(request.params[0])
        try:
            return self.chain._answer(request.method, request.params)
        except NodeSays as error:
            raise NodeRefused(str(error), error.code) from None


async def _here(ask: Any, *values: Any) -> Any:
    return ask(*values)


@dataclass
class Case:
    node: Node
    pace: HandPace
    told: Told
    feed: SolanaFeed

    def after_s(self, seconds: float) -> datetime:
        return BEGINS + timedelta(seconds=seconds)

    def look(self, at_s: float) -> tuple[Walk, float]:
        """And how many seconds it took. Between looks nobody asks."""
        self.pace.now_s = max(self.pace.now_s, at_s)
        began_s, self.node.chain.now = self.pace.now_s, self.after_s(at_s)
        self.node.asked.clear()
        self.feed.confirmed_until(self.after_s(at_s))
        walk = self.feed.walk(self.after_s(max(0.0, at_s - 150)), self.after_s(at_s), 40)
        return walk, self.pace.now_s - began_s

    def fill(self, source: TradeSource | None, until_s: float, slices: int = 20) -> set[str]:
        """As gaps are filled: the signatures it brings, when it is whole."""
        assert source is not None
        at, cursor, signatures = self.after_s(until_s), "", set[str]()
        for _ in range(slices):
            walk = source.walk(BEGINS, at, 50, cursor)
            signatures |= set(walk.besides[ChainReading]["signature"])
            at, cursor = min(at, walk.complete_from), walk.cursor
            if at <= BEGINS:
                return signatures
        raise AssertionError(f"{slices} slices later it is filled down to {at} only")


Cases = Callable[[int, float], Case]


@pytest.fixture
def cases(monkeypatch: pytest.MonkeyPatch) -> Cases:
    """So many wallets, at so many calls a second."""

    def made(wallets: int, calls_per_s: float) -> Case:
        node, pace = Node(SmallChain(now=BEGINS, begins=BEGINS)), HandPace()
        monkeypatch.setattr("adapters.feeds.solana.rpc.AsyncClient", lambda *named, **options: node)
        monkeypatch.setattr("adapters.feeds.solana.rpc.asyncio.to_thread", _here)  # nothing to wait for
        told = Told([f"wallet {number}" for number in range(wallets)])
        rpc = SolanaRpc("http://node/solana", pace, calls_per_s)
        return Case(node, pace, told, SolanaFeed(rpc, Jupiter(JsonApi("http://nobody", "jupiter", Unpaced())), told, None, pace.clock))

    return made


@pytest.mark.parametrize("wallets", [50, 125, 200, 1_100])
@pytest.mark.parametrize(("calls_per_s", "most"), [(10, 50), (1_000, 5_000)])
def test_three_looks_in_a_row_each_answer_in_time_the_first_wallets_first(
    cases: Cases, wallets: int, calls_per_s: float, most: int
) -> None:
    """Ten calls a second are fifty at once and then five a second. Lists of 200 took 30 s, then 40 and 50, and no look was ever answered.

    The first wallet trades before each look, and the last that is looked at.
    """
    case = cases(wallets, calls_per_s)
    first, last = case.told.watched[0], case.told.watched[min(wallets, most) - 1]
    for at_s in (30, 60, 90):
        case.node.chain.buy(at_s - 4, first, MINT, 10**9, 10**6)
        case.node.chain.buy(at_s - 3, last, MINT, 10**9, 10**6)
        walk, took_s = case.look(at_s)
        assert took_s <= 9 < PATIENCE_S
        assert case.node.asked == case.told.watched[:most]
        assert walk.complete_from == BEGINS
        assert set(walk.trades["wallet"]) == {first, last}
        assert walk.trades.height == at_s // 30 * 2


@pytest.mark.parametrize(("calls_per_s", "most"), [(0.1, 1), (1, 5), (2, 10), (10, 50), (50, 250), (219, 1_095), (220, 1_100)])
def test_how_many_wallets_a_look_asks_about_at_a_rate(cases: Cases, calls_per_s: float, most: int) -> None:
    """The table of docs/solana.md."""
    case = cases(2_000, calls_per_s)
    _, took_s = case.look(300)
    assert case.node.asked == case.told.watched[:most]
    assert took_s <= 9 or calls_per_s < 1  # a call in ten seconds does not even say how far its node is


@pytest.mark.parametrize(("calls_per_s", "most"), [(10, 8), (26, 8), (27, 9), (220, 64)])
def test_as_many_questions_are_on_their_way_as_a_pace_needs(cases: Cases, calls_per_s: float, most: int) -> None:
    """A node that takes 0.3 s and is asked eight at once answers 26 a second, whatever it grants: 1,100 lists would take 41 s."""
    case = cases(70, calls_per_s)
    case.look(30)
    assert case.node.most == most


@pytest.mark.parametrize(("calls_per_s", "takes_s"), [(10, 1.9), (50, 5.0), (220, 5.2)])
def test_a_node_that_takes_three_tenths_of_a_second_lists_them_all_in_time(cases: Cases, calls_per_s: float, takes_s: float) -> None:
    """50 wallets eight at once, 250 fifteen at once, 1,100 sixty-four at once, each for 0.3 s."""
    listed_s = cases(1, calls_per_s).feed.most / at_once(calls_per_s) * 0.3
    assert listed_s == pytest.approx(takes_s, abs=0.05)
    assert listed_s < OF_A_WALK_S


@pytest.mark.parametrize(("wallets", "has_beyond"), [(50, False), (51, True)])
def test_whom_no_look_asks_about_is_read_beside_looks(cases: Cases, wallets: int, has_beyond: bool) -> None:
    case = cases(wallets, 10)
    assert (case.feed.beyond() is not None) is has_beyond


def test_nobody_is_never_looked_at(cases: Cases) -> None:
    """Of 1,100 wallets a look asks about 50; the others, and those once more, are listed one walk after the other where nobody waits."""
    case = cases(1_100, 10)
    signatures = [case.node.chain.buy(5, wallet, MINT, 10**9, 10**6) for wallet in case.told.watched[::100]]
    case.look(30)
    assert case.fill(case.feed.beyond(), 30) == set(signatures)


def test_who_is_looked_at_now_and_was_not_before_loses_nothing(cases: Cases) -> None:
    """What was beyond was read of those beyond now: a candidate that became a leader lost what it did since it was read last."""
    case = cases(100, 10)
    leader = case.told.watched[99]
    traded = case.node.chain.buy(5, leader, MINT, 10**9, 10**6)
    case.look(30)
    case.told.watched = [leader, *case.told.watched[:99]]
    assert traded in case.fill(case.feed.beyond(), 30)


def test_a_look_whose_pace_others_have_used_answers_in_time_and_says_that_it_is_not_whole(cases: Cases) -> None:
    """All fifty that come at once are gone: each call takes 0.2 s of the 7 there are. What was not asked is a gap, filled beside looks."""
    case = cases(50, 10)
    first, last = case.told.watched[0], case.told.watched[49]
    bought = [case.node.chain.buy(number, wallet, MINT, 10**9, 10**6) for number, wallet in ((20, first), (21, last))]
    case.pace.now_s = 30.0
    for _ in range(50):
        case.pace.wait_s("node/", granted(10))
    walk, took_s = case.look(30)
    assert took_s <= 12 < PATIENCE_S
    assert case.node.asked == case.told.watched[:40]  # 0.6 s to learn how far the node is, 7 s, and the part of ten that was begun
    assert set(walk.trades["wallet"]) == {first}
    assert walk.complete_from == case.after_s(30)
    assert case.fill(case.feed.unhurried(), 30) == set(bought)


def test_many_transactions_are_read_in_the_time_there_is_and_the_others_beside_looks(cases: Cases) -> None:
    """300 transfers before one look, at five a second: it ends in time, from one second on it is whole, and slices read the others."""
    case = cases(50, 10)
    leader = case.told.watched[0]
    sent = [case.node.chain.send(1 + number / 10, leader, MINT, 1, "a friend") for number in range(300)]
    walk, took_s = case.look(60)
    assert took_s <= 12 < PATIENCE_S
    assert BEGINS < walk.complete_from < case.after_s(31)
    assert 30 <= walk.besides[ChainReading].height < 60
    assert case.fill(case.feed.unhurried(), 60) == set(sent)


def test_a_list_of_many_pages_ends_in_time_as_well(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature a page: of 50 wallets with three each that is 200 calls, of which a look has time for 90."""
    monkeypatch.setattr("adapters.feeds.solana.listing.PAGE", 1)
    monkeypatch.setattr("adapters.feeds.solana.chain_walk.PAGE", 1)
    case = cases(50, 10)
    for number in range(3):
        for wallet in case.told.watched:
            case.node.chain.send(1.0 + number, wallet, MINT, 1, "a friend")
    walk, took_s = case.look(60)
    assert took_s <= 13 < PATIENCE_S
    assert BEGINS < walk.complete_from < case.after_s(60)
    assert len(case.fill(case.feed.unhurried(), 60)) == 150


def test_who_is_not_waited_for_leaves_a_look_what_it_counts_on(cases: Cases) -> None:
    """Gaps are filled for five minutes on end, at a third of the pace: the look that comes then waits for what is under way, if at all."""
    alone = cases(50, 10).look(30)[1]
    case = cases(600, 10)
    case.fill(case.feed.beyond(), 20)
    filled_s = case.pace.now_s
    assert filled_s > 300  # 600 lists at 1.65 a second, less what is granted at once
    assert case.look(filled_s)[1] <= alone + AT_ONCE * 0.2
