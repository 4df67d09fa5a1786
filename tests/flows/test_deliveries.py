"""Webhooks bring trades of watched wallets: each is copied once, whoever shows it first, and what cannot be read is on record."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.connect import open_feed, open_results
from adapters.stores.results import read_count
from data_contracts import Counter, Delivery, Gap, GapEnd, Leader, Mark, Order, Position, Quarantined, Reason, Signal
from flows.copy_trading import copy_cycle
from flows.gap_filling import work_off
from tasks.copying.gap_filling import next_gap
from tasks.copying.lost_deliveries import look_beyond
from tasks.steps import bare_steps
from tests.flows.test_solana_cycle import FRIEND, LEADER, MINT, T0, World, bought, world
from tests.solana_chain import delivery_of
from tests.solana_transactions import SOL

__all__ = ["world"]


def deliver(world: World, at_s: float, *signatures: str, **changes: Any) -> None:
    """What the inbox stores when it comes."""
    blocks = {block.signature: block for block in world.chain.blocks}
    rows = [replace(delivery_of(blocks[name], T0 + timedelta(seconds=at_s)), **changes) for name in signatures]
    open_results(world.home.settings).receive(rows)


def read(world: World) -> int:
    reached: int = world.only(Counter, name=read_count(Delivery)).reached
    return reached


def test_from_a_delivery_to_an_exit(world: World) -> None:
    """The node lists nothing for five minutes: webhook, trade, signal, order, fill; then the sale, and the exit."""
    world.chain.behind_s = 20
    purchase = bought(world, 25)
    deliver(world, 27, purchase)
    world.cycle(30)
    assert world.only(Signal).reason is Reason.LEADER_TRADED
    assert world.only(Position).shares > 0
    sale = world.chain.sell(55, LEADER, MINT, 9_900_000 * 10**6, 10 * SOL)
    deliver(world, 57, sale)
    world.cycle(60)
    world.cycle(90)
    assert (world.only(Position).shares, world.only(Position).exit_reason) == (0, Reason.LEADER_EXITED)
    assert {trade.source for trade in world.trades()} == {"helius_webhooks"}
    assert world.ends() == ["TRADE"] * 2


@pytest.mark.parametrize(("at_s", "asks"), [(85, False), (95, True)])
def test_a_cycle_with_a_delivery_asks_no_wallet_within_a_minute_of_a_look(world: World, at_s: float, asks: bool) -> None:
    """With a free node's ten calls a second, 200 wallets' lists took 20 s, and so long a delivery waited for its signal."""
    world.cycle(30)
    before = world.chain.calls()["getSignaturesForAddress"]
    deliver(world, at_s - 1, bought(world, at_s - 2))
    world.cycle(at_s)
    assert (world.chain.calls()["getSignaturesForAddress"] > before) is asks
    assert world.only(Signal).reason is Reason.LEADER_TRADED


@pytest.mark.parametrize(("at_s", "is_marked"), [(75, False), (85, True)])
def test_what_is_delivered_waits_for_no_book_of_what_we_hold_within_twenty_seconds_of_the_last_look(
    world: World, at_s: float, is_marked: bool
) -> None:
    """Books of all that eight strategies held took 1.4 s of a cycle, and each delivery waited for them."""
    deliver(world, 27, bought(world, 25))
    world.cycle(30)
    world.cycle(60)
    marked = world.only(Mark).price
    world.chain.coins[MINT].sol = 1_050 * SOL
    deliver(world, at_s - 1, world.chain.send(at_s - 2, FRIEND, MINT, 10**6, LEADER))
    world.cycle(at_s)
    assert (world.only(Mark).price > marked) is is_marked
    assert world.only(Position).shares > 0


def test_what_both_show_is_one_trade_whoever_is_first(world: World) -> None:
    purchase = bought(world, 5)
    world.cycle(30)
    deliver(world, 40, purchase)
    world.cycle(60)
    assert [trade.source for trade in world.trades()] == ["solana"]
    assert len(world.home.rows(Order)) == len(world.ends()) == 1
    assert read(world) == 1


def test_what_is_delivered_again_and_late_is_one_trade(world: World) -> None:
    """Sent twice, told otherwise the second time: two deliveries of one signature."""
    purchase = bought(world, 5)
    deliver(world, 6, purchase)
    deliver(world, 7, purchase, delivery_id="0" * 32)
    world.cycle(30)
    deliver(world, 40, purchase, delivery_id="1" * 32)
    world.cycle(60)
    assert (len(world.trades()), len(world.home.rows(Signal)), read(world)) == (1, 1, 3)


@pytest.mark.parametrize(
    "payload", [f'{{"meta": {{}}, "about": "{LEADER}"}}', f'{{"signature": "s", "about": "{LEADER}"}}', f'["{LEADER}"]']
)
def test_what_cannot_be_read_is_set_aside_and_counts_as_unreadable(world: World, payload: str) -> None:
    deliver(world, 6, bought(world, 5), payload=payload, signature="unreadable", delivery_id="0" * 32)
    deliver(world, 7, world.chain.blocks[-1].signature)
    world.cycle(30)
    (aside,) = world.home.rows(Quarantined)
    assert (aside.table, bool(aside.rules)) == ("deliveries", True)
    assert sorted(world.ends()) == ["TRADE", "UNREADABLE"]
    assert read(world) == 2


def test_a_delivery_about_nobody_we_watch_says_nothing(world: World) -> None:
    deliver(world, 6, world.chain.buy(5, "somebody else", MINT, SOL, 10**9))
    world.cycle(30)
    assert (world.ends(), world.home.rows(Signal), read(world)) == ([], [], 1)


def test_what_arrives_after_a_cycle_s_instant_is_the_next_one_s(world: World) -> None:
    world.chain.behind_s = 300
    deliver(world, 31, bought(world, 25))
    world.cycle(30)
    assert world.home.rows(Signal) == []
    world.cycle(60)
    assert len(world.home.rows(Signal)) == 1


def test_what_lies_ahead_of_our_clock_is_a_gap_on_record_until_the_chain_shows_it(world: World) -> None:
    """Its row said when it happened, which was to come: so it went to quarantine, and nobody asked for it again."""
    deliver(world, 27, bought(world, 40))
    world.cycle(30)
    assert (world.ends(), world.home.rows(Quarantined), read(world)) == (["GAP"], [], 1)
    world.cycle(60)
    assert world.ends() == ["TRADE"]
    assert world.only(Signal).reason is Reason.LEADER_TRADED


def test_what_retries_lost_is_found_on_the_chain_as_a_gap_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that grants one wallet a look: of FRIEND only webhooks tell. One of two deliveries never comes; the next look finds it."""
    monkeypatch.setattr("adapters.feeds.solana.solana_feed.CYCLE_S", 0.0)
    world.home.put(Leader(strategy_id="sols", wallet=FRIEND, why="test", chosen_at=T0, dropped_at=None))
    second = max(LEADER, FRIEND)
    look(world, 10)
    delivered = world.chain.buy(100, second, MINT, SOL, 990_000 * 10**6)
    lost = world.chain.buy(110, second, MINT, SOL, 990_000 * 10**6)
    deliver(world, 115, delivered)
    world.cycle(120)
    assert world.trades_of(second) == [delivered]
    look(world, 900)
    assert world.trades_of(second) == [delivered, lost]
    gap = world.only(Gap)
    assert (gap.source, gap.closed_by) == ("helius_webhooks", GapEnd.FILLED)
    look(world, 1_800)
    assert len(world.home.rows(Gap)) == 2


def look(world: World, at_s: float) -> None:
    """What the flow gap-filling does."""
    world.chain.now = T0 + timedelta(seconds=at_s)
    with bare_steps(checked=True):
        look_beyond(world.home.settings, world.chain.now)
        work_off(world.home.settings, world.chain.now, 20)


def test_a_node_that_is_away_keeps_nobody_else_s_gaps_open(world: World) -> None:
    world.chain.refuses["getSlot"] = 503, {}
    gap = {"from_at": T0 - timedelta(days=1), "until_at": T0 - timedelta(hours=1), "filled_to_at": T0 - timedelta(hours=1), "found_at": T0}
    source = open_feed(world.home.settings).source
    world.home.put(Gap(source=source, cursor="", is_history=False, **gap))  # type: ignore[arg-type]
    with bare_steps(checked=True):
        due = next_gap(world.home.settings, T0 + timedelta(days=1))
    assert due is not None
    assert due.source == source


def live(world: World, at_s: float) -> None:
    """A cycle as the worker runs it, of a house whose node lists nothing."""
    world.chain.now, world.chain.behind_s = T0 + timedelta(seconds=at_s), 20
    with bare_steps():
        copy_cycle(world.home.settings, world.chain.now, is_live=True)


@pytest.mark.parametrize("received_s", [27, 32, 3_600])
def test_an_inbox_whose_clock_is_ahead_makes_no_delivery_wait(world: World, received_s: float) -> None:
    deliver(world, received_s, bought(world, 25))
    deliver(world, 29, world.chain.send(28, FRIEND, MINT, 10**6, LEADER))
    live(world, 30)
    assert world.only(Signal).reason is Reason.LEADER_TRADED
    assert read(world) == 2


@pytest.mark.parametrize(("block_s", "is_taken"), [(35, True), (36, False)])
def test_our_own_clock_may_be_behind_and_what_comes_later_waits_for_the_next_cycle(world: World, block_s: float, is_taken: bool) -> None:
    """Behind by what a venue's clock may be ahead, five seconds, a trade is read; of a block further ahead the next cycle reads."""
    deliver(world, block_s + 1, bought(world, block_s))
    live(world, 30)
    assert [signal.reason for signal in world.home.rows(Signal)] == [Reason.LEADER_TRADED] * is_taken
    live(world, 60)
    assert world.only(Signal).reason is Reason.LEADER_TRADED
    assert (world.ends(), read(world)) == (["TRADE"], 1)
