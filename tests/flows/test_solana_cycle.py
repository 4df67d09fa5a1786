"""Wallets of Solana go through the very same cycle: read from a node, judged, copied on quotes, and left when their leader leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.connect import open_history, open_results
from data_contracts import (
    Alert,
    Candidate,
    ChainReading,
    Consensus,
    Currency,
    Fill,
    FoundIn,
    Gap,
    GapEnd,
    Leader,
    Mark,
    Order,
    OrderStatus,
    Position,
    Rate,
    ReadAs,
    Reason,
    Side,
    Signal,
    Strategy,
    Trade,
    Venue,
    Verdict,
    WalletProfile,
)
from data_contracts.frames import frame_of, rows_of
from domain.copying.policy import FirewallPolicy, FollowPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy
from flows.gap_filling import work_off
from tasks.operating.chain_accounting import accounting_of, in_lines, unaccounted_trades
from tasks.profiling.leaders import choose_leaders
from tasks.profiling.wallet_reconciliation import read_accounts
from tasks.steps import bare_steps
from tests.flows.conftest import served
from tests.ledger_rows import a_profile
from tests.solana_chain import SmallChain
from tests.solana_transactions import SOL

T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
LEADER, FRIEND = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"
MINT = "3Y1SCEJABneLzJ1KL7f6jp5NyP7wxjtqmAy5qKAVpump"
POLICY = Policy(
    firewall=FirewallPolicy(max_age_s=90),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(10), min_notional=Decimal("0.01"), max_notional=Decimal(5)),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20),
    ordering=OrderPolicy(max_slippage=Decimal("0.05")),
)

FOLLOWING = Policy(follow=FollowPolicy(choose_by="omega"))
PROFILE = a_profile(T0, LEADER, category="coins")


@dataclass
class World:
    """A house in memory, before a recording of Polymarket that is quiet and a chain that the test writes."""

    home: Any
    chain: SmallChain

    def cycle(self, at_s: float) -> Any:
        self.chain.now = T0 + timedelta(seconds=at_s)
        return self.home.cycle(at_s)

    def fill_gaps(self, at_s: float) -> None:
        self.chain.now = T0 + timedelta(seconds=at_s)
        with bare_steps(checked=True):
            work_off(self.home.settings, self.chain.now, 50)

    def only(self, row_class: type, **where: object) -> Any:
        rows = self.home.rows(row_class, **where)
        assert len(rows) == 1, rows
        return rows[0]

    def trades(self) -> list[Trade]:
        return rows_of(open_history(self.home.settings).trades(T0 - timedelta(days=9), T0 + timedelta(days=9), [LEADER]), Trade)

    def trades_of(self, wallet: str) -> list[str]:
        """Their signatures."""
        history = open_history(self.home.settings)
        return history.trades(T0 - timedelta(days=9), T0 + timedelta(days=9), [wallet])["tx_hash"].to_list()

    def ends(self) -> list[str]:
        return open_history(self.home.settings).readings_since(T0 - timedelta(days=9))["read_as"].to_list()


@pytest.fixture
def world(tape: Any, before_tape: Callable[[Any], Any]) -> Iterator[World]:
    """A coin of a pool of 1,000 SOL and 1e9 coins: a coin costs a millionth of a SOL. LEADER is followed with 10 % of its SOL."""
    tape.trade(0, "0x" + "b" * 40, "BUY", "1000", "0.40")
    chain = SmallChain(now=T0, begins=T0)
    chain.coins[MINT].decimals = 6
    with contextmanager(served)(chain.app()) as url:
        home = before_tape(tape)
        found = {
            "solana_rpc_url": SecretStr(f"{url}/solana"),
            "solana_rpc_calls_per_s": 10_000.0,
            "jupiter_url": f"{url}/jupiter",
            "jupiter_calls_per_s": 10_000.0,
            "dexscreener_url": f"{url}/dexscreener",
        }
        world = World(replace(home, settings=home.settings.model_copy(update=found)), chain)
        follow(world)
        world.cycle(-30)
        yield world


def follow(world: World, policy: Policy = POLICY, kind: str = "mirror") -> None:
    own = replace(world.home.strategy("sols", kind, policy), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(100))
    world.home.put(own, Leader(strategy_id="sols", wallet=LEADER, why="test", chosen_at=T0, dropped_at=None))


def bought(world: World, at_s: float = 5) -> str:
    """10 SOL for 9,900,000 coins: about what the pool gives."""
    return world.chain.buy(at_s, LEADER, MINT, 10 * SOL, 9_900_000 * 10**6)


def test_a_purchase_is_copied_and_left_when_its_leader_sells(world: World) -> None:
    """10 % of 10 SOL are 1 SOL: all of it goes in, 0.5 % of it to the router, and it buys more coins than the limit asks for.

    105,000 lamports go to the network. The leader sells half, then the rest.
    """
    bought(world)
    world.cycle(30)
    signal, order = world.only(Signal), world.only(Order)
    assert (signal.reason, signal.leader_notional, signal.notional) == (Reason.LEADER_TRADED, Decimal(10), Decimal(1))
    assert (order.status, order.venue, order.side) == (OrderStatus.FILLED, Venue.SOLANA, Side.BUY)
    fills = world.home.rows(Fill)
    spent = sum(fill.notional for fill in fills)
    assert spent == pytest.approx(Decimal("0.995"), abs=Decimal("1e-8"))
    assert sum(fill.fee for fill in fills) == pytest.approx(Decimal("0.005") + Decimal("0.000105"), abs=Decimal("1e-8"))
    assert sum(fill.shares for fill in fills) > order.shares
    shares = world.only(Position).shares

    world.chain.sell(40, LEADER, MINT, 4_950_000 * 10**6, 5 * SOL)
    world.cycle(60)
    assert world.only(Position).shares == pytest.approx(shares / 2, rel=Decimal("1e-6"))
    world.chain.sell(70, LEADER, MINT, 4_950_000 * 10**6, 5 * SOL)
    world.cycle(90)
    position = world.only(Position)
    assert (position.shares, position.exit_reason) == (0, Reason.LEADER_EXITED)
    assert world.ends() == ["TRADE"] * 3


def test_where_nobody_says_who_holds_what_no_signal_shows_a_consensus(world: World) -> None:
    """One strategy asks for it, and both signals said OWRR 50 %, "insufficient", as if the coin's holders had been asked."""
    own = replace(world.home.strategy("asks", "owrr", POLICY), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(100))
    world.home.put(own, Leader(strategy_id="asks", wallet=LEADER, why="test", chosen_at=T0, dropped_at=None))
    bought(world)
    world.cycle(30)
    signals = {one.strategy_id: one for one in world.home.rows(Signal)}
    assert {name: (one.owrr, one.confidence) for name, one in signals.items()} == {"sols": (None, None), "asks": (None, None)}
    assert (signals["sols"].verdict, signals["asks"].verdict) == (Verdict.COPY, Verdict.SKIP)
    assert world.home.rows(Consensus) == []


def test_the_rate_of_a_sol_is_on_record(world: World) -> None:
    assert world.only(Rate).usd == Decimal(150)


def test_a_position_is_priced_at_each_look_and_a_coin_nobody_buys_is_worth_nothing(world: World) -> None:
    """It could be sold for two minutes longer than it can be: then no route is no accident."""
    bought(world)
    world.cycle(30)
    world.cycle(60)
    assert world.only(Mark).price == pytest.approx(Decimal("0.000001"), rel=Decimal("0.01"))
    world.chain.coins[MINT].is_sellable = False
    for at_s in (90, 120, 150):
        world.cycle(at_s)
    assert world.only(Mark).price > 0
    for at_s in (180, 210, 240):
        world.cycle(at_s)
    mark = world.only(Mark)
    assert mark.price == 0


def test_of_a_coin_about_which_nobody_could_be_asked_the_last_price_stands(world: World) -> None:
    """A router that has enough of us for a quarter of an hour: a coin it does not answer about is not worth nothing."""
    bought(world)
    world.cycle(30)
    world.cycle(60)
    price = world.only(Mark).price
    world.chain.is_jupiter_away = True
    for at_s in range(90, 400, 30):
        world.cycle(at_s)
    assert world.only(Mark).price == price


def test_a_weekend_without_a_node_is_a_gap_that_is_filled_and_the_exit_in_it_is_found(world: World) -> None:
    """Away from Friday to Monday: what the leader did on Saturday is read in slices, and what it sold is sold."""
    bought(world)
    world.cycle(30)
    world.chain.refuses["getSlot"] = 503, {}
    world.cycle(60)
    world.chain.sell(100_000, LEADER, MINT, 9_900_000 * 10**6, 9 * SOL)
    world.chain.refuses.clear()
    world.cycle(200_000)
    assert world.only(Position).exit_reason is Reason.LEADER_EXITED
    assert [trade.side for trade in world.trades()] == [Side.BUY, Side.SELL]


def test_what_a_walk_had_no_time_for_is_a_gap_worked_off_beside_the_cycle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look reads one part of 25 transactions; the others of 60 purchases of one absence are read where nobody waits."""
    from adapters.connect import open_solana

    monkeypatch.setattr("adapters.feeds.solana.rpc.PART_S", 25 / 5_000)  # of ten thousand calls a second, half of them at once
    open_solana(world.home.settings)._walk.patience_s = 0.0
    for number in range(60):
        world.chain.buy(100 + number, LEADER, MINT, SOL, 990_000 * 10**6)
    world.cycle(500)
    gap = world.only(Gap)
    assert (gap.source, gap.closed_at) == ("solana", None)
    world.fill_gaps(510)
    assert world.only(Gap).closed_by is GapEnd.FILLED
    assert len(world.trades()) == 60
    assert world.ends() == ["TRADE"] * 60


def test_a_trade_of_a_block_that_vanished_is_taken_back(world: World) -> None:
    gone = bought(world)
    world.cycle(30)
    world.chain.forget(gone)
    world.cycle(60)
    assert world.trades() == []
    assert world.ends() == [ReadAs.GAP]
    assert {alert.what for alert in world.home.rows(Alert)} == {"trade_vanished"}


def test_what_one_node_lists_and_another_has_later_is_copied_when_it_comes(world: World) -> None:
    world.chain.hides.add(bought(world, 25))
    world.cycle(30)
    assert world.home.rows(Signal) == []
    assert world.ends() == [ReadAs.GAP]
    world.chain.hides.clear()
    world.cycle(60)
    assert world.only(Signal).reason is Reason.LEADER_TRADED
    assert world.ends() == [ReadAs.TRADE]


def test_a_node_that_has_enough_of_us_stops_nobody_at_the_other_venue(world: World) -> None:
    world.chain.refuses["getSignaturesForAddress"] = 429, {"Retry-After": "0"}
    bought(world)
    seen = world.cycle(30).seen
    assert (seen.away, seen.unsafe) == ({Venue.SOLANA}, frozenset())
    assert seen.lags_s[Venue.POLYMARKET] == 0.0
    world.chain.refuses.clear()
    world.cycle(60)
    assert world.only(Signal).reason is Reason.LEADER_TRADED


def test_coins_sent_away_beside_trades_count_where_a_leader_s_exit_is_measured(world: World) -> None:
    """9.9 million bought, 4.95 sent to a friend, 2.475 sold of the 4.95 that are left: half."""
    bought(world)
    world.cycle(30)
    shares = world.only(Position).shares
    world.chain.send(40, LEADER, MINT, 4_950_000 * 10**6, FRIEND)
    world.chain.sell(50, LEADER, MINT, 2_475_000 * 10**6, 2 * SOL)
    world.cycle(60)
    assert world.only(Position).shares == pytest.approx(shares / 2, rel=Decimal("1e-6"))


def test_the_same_cycle_again_changes_nothing(world: World) -> None:
    bought(world)
    world.cycle(30)
    history = open_history(world.home.settings)
    before = history.chain_readings([LEADER], [trade.tx_hash for trade in world.trades()])
    world.cycle(30)
    assert history.chain_readings([LEADER], [trade.tx_hash for trade in world.trades()]).equals(before)
    assert len(open_results(world.home.settings).rows(Order)) == 1
    assert rows_of(before, ChainReading)[0].trades == 1


def test_each_venue_is_asked_about_its_own_wallets(world: World) -> None:
    """A wallet of the chain was asked of Polymarket's account, and a strategy in dollars could follow it."""
    bought(world)
    world.chain.send(20, LEADER, MINT, 10**6, FRIEND)
    world.cycle(30)
    profile = replace(PROFILE, wallet=LEADER, closed_positions=20, as_of=T0)
    other = replace(profile, wallet="0x" + "b" * 40)
    open_history(world.home.settings).append(frame_of([profile, other], WalletProfile), WalletProfile)
    places = {"found_in": FoundIn.TRADES, "detail": "", "excluded": None, "first_seen_at": T0, "last_seen_at": T0}
    world.home.put(*(Candidate(wallet=one.wallet, **places) for one in (profile, other)))  # type: ignore[arg-type]
    world.home.put(world.home.strategy("dollars", "mirror", FOLLOWING), replace(world.only(Strategy), policy=FOLLOWING.model_dump_json()))
    with bare_steps():
        account = read_accounts(world.home.settings, world.chain.now, 1)
        chosen = rows_of(choose_leaders(world.home.settings, world.chain.now), Leader)
    assert account.activities["type"].to_list() == ["TRADE", "TRANSFER_OUT"]
    assert account.missing.height == 0
    assert {(leader.strategy_id, leader.wallet) for leader in chosen} == {("sols", LEADER), ("dollars", other.wallet)}


def test_all_that_was_seen_is_accounted_for_with_rates_and_bounds(world: World) -> None:
    """Three trades, one transfer, one that failed, one that is missing: six, each as one of five. 3 of 6 lie within 22 % and 78 %."""
    for at_s in (1, 2, 3):
        bought(world, at_s)
    world.chain.send(4, LEADER, MINT, 10**6, FRIEND)
    bought(world, 5)
    world.chain.blocks[-1].transaction = replace(world.chain.blocks[-1].transaction, error="Custom: 6001")
    world.chain.hides.add(bought(world, 6))
    world.cycle(30)
    accounting = accounting_of(world.home.settings, world.chain.now)
    assert {read_as: count for read_as, count in accounting.counts.items() if count} == {
        ReadAs.TRADE: 3,
        ReadAs.NOT_A_TRADE: 1,
        ReadAs.FAILED: 1,
        ReadAs.GAP: 1,
    }
    lines = {line["ended as"]: line for line in in_lines(accounting)}
    assert lines["all that was seen"]["signatures"] == "6"
    assert (lines["TRADE"]["rate"], lines["UNREADABLE"]["signatures"]) == ("50.00%", "0")
    share = accounting.share(ReadAs.TRADE)
    assert 0.22 < share.low < 0.5 < share.high < 0.78


def test_a_trade_without_its_reading_came_from_nowhere(world: World) -> None:
    bought(world)
    world.cycle(30)
    later = world.chain.now + timedelta(minutes=10)
    assert unaccounted_trades(world.home.settings, later) == []
    history = open_history(world.home.settings)
    history.append(frame_of([replace(world.trades()[0], trade_id="0" * 32, tx_hash="from nowhere")], Trade), Trade)
    assert unaccounted_trades(world.home.settings, later) == ["from nowhere"]
