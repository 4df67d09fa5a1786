"""One simulated house: stores, exchange, feed and clock, the processes that come and go in it, and what must be true of it meanwhile."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from adapters import connect
from adapters.live_account import read_words
from adapters.settings import LIVE_WORD, Settings
from adapters.stores.results import Write
from adapters.venues.polymarket.polymarket_venue import PolymarketVenue
from adapters.venues.polymarket.start_checks import StartChecks
from data_contracts import AccountLimits, JudgedTrade, Leader, OperatorWord, Order, Strategy, TradingState, Venue
from data_contracts.errors import Refused, Unavailable
from domain.copying.risk.permission import EVERY_STRATEGY
from domain.polymarket.amounts import UNITS
from domain.polymarket.order_hash import Account as LiveAccount
from flows.copy_trading import copy_cycle
from flows.gap_filling import work_off
from flows.order_execution import execute
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import USD
from sandbox.exchange.orders import Posted, TradeStatus
from sandbox.exchange.rules import check_but_signer
from simulation.client import SimulatedClient
from simulation.clock import WorldClock
from simulation.feed import SeededFeed
from simulation.invariants import ALWAYS, CALM, VENUE
from simulation.markets import FewMarkets
from simulation.plan import CALM_TURNS_S, CHAOS_S, SOURCE, Plan, Turn, Word
from simulation.seat import Fell, Killed, Seat
from simulation.sight import Account, Arrival, Sight
from simulation.stores import CountedResults, KnownHistory
from simulation.story import Story
from simulation.turns import Turns
from tasks.copying.watermarks import SIGNALS, move_watermark, trades_of
from tasks.operating.trading_state import order_state
from tasks.steps import TRIES, bare_steps, watched_steps

WALLET = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"  # everybody's: key 0 of every test chain
KEY = SecretStr("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
FUNDS = 10_000 * UNITS
SLICES = 5
RESTARTS = 0.08  # of a process before a turn, without a fault
JOBS: dict[str, Callable[[Settings, datetime], object]] = {
    "cycle": copy_cycle,
    "execute": execute,
    "gaps": lambda settings, as_of: work_off(settings, as_of, SLICES),
}


class House:
    """It lasts as long as one simulation. `home` is a directory of its own."""

    def __init__(self, plan: Plan, home: Path) -> None:
        self.plan, self.chance, self.rates, self.story = plan, Random(plan.seed + 1), dict(plan.rates), Story()
        self.clock, self.turns, self.world = WorldClock(plan.begins_at.timestamp()), Turns(self.chance), FewMarkets(plan.markets)
        self.results, self.history = CountedResults(), KnownHistory()
        self.exchange = Exchange(self.world, self.clock, self.clock, check_but_signer)
        self.exchange.settles_in_s = plan.settles_s
        self.key = self.exchange.keys.create(WALLET, 0)
        self.feed = SeededFeed(plan, self.world, self.exchange, self.clock, self.chance, self.rates, self.spoil)
        self.words: list[OperatorWord] = []
        self.kills = self.faults = 0
        self._arrivals: list[Arrival] = []
        self._judged: dict[tuple[str, str], str] = {}
        self._seen: dict[str, tuple[int, ...]] = {}
        self._seats: dict[str, Seat] = {}
        self._lives: dict[str, int] = {}
        self._venues: dict[str, tuple[PolymarketVenue, Any]] = {}
        self._kept = ExitStack()
        self._base = self._settings(home)
        self._fund()

    # -- what happens ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """All of the plan, then calm. Raises Fell with what does not hold."""
        places = {Venue.POLYMARKET: connect.Place(self._feed_of, self._orders_of)}
        with self._kept, _silence(), _venues(places), bare_steps(checked=True, tries=TRIES):
            self._furnish()
            for turn in self.plan.turns:
                self._take(turn)
            self._calm_down()
            sight = self.sight
            self._insist_on("once all is calm", [fault for holds in CALM for fault in holds(sight)])

    def _take(self, turn: Turn) -> None:
        self.clock.until(self._at_s(turn.at_s))
        names = [f"{job}{' again' if job in [one for one, _ in turn.jobs[:place]] else ''}" for place, (job, _) in enumerate(turn.jobs)]
        jobs = [partial(self._work, self._seat(name), job, wrong_s) for name, (job, wrong_s) in zip(names, turn.jobs, strict=True)]
        self.turns.run(jobs)

    def _work(self, seat: Seat, job: str, wrong_s: float) -> None:
        as_of = self.clock.now + timedelta(seconds=wrong_s)
        self.tell(seat.name, f"-- {job} as of {as_of:%H:%M:%S}")
        try:
            with watched_steps(seat):
                JOBS[job](seat.settings, as_of)
        except Killed:
            self.kills += 1
        except (Unavailable, Refused) as error:
            self.tell(seat.name, f"the {job} failed: {error}")
        except Exception as error:
            self.tell(seat.name, f"the {job} raised {error!r}")
            raise Fell(f"no step raises what nobody answers: {error!r}") from error

    def _calm_down(self) -> None:
        """Nothing goes wrong from here on, and nobody holds anything back."""
        self.clock.until(self._at_s(CHAOS_S))
        self.tell("world", "all is calm")
        self.rates.update(dict.fromkeys(self.rates, 0.0))
        self.exchange.settles_in_s = (0.0, 0.0)
        for name in [*(one.strategy_id for one in self.plan.strategies), EVERY_STRATEGY]:
            self._say(Word(CHAOS_S, name, TradingState.ACTIVE, False))
        jobs = ["gaps", "cycle", *(["execute"] if self.plan.is_walled else [])]
        for after_s in CALM_TURNS_S:
            for job in jobs:
                self._take(Turn(CHAOS_S + after_s, ((job, 0.0),)))

    # -- what others do -------------------------------------------------------------------------------------------------

    def take_best(self, token_id: str) -> None:
        """A stranger takes all of the best bid and the best offer."""
        book = self.exchange.book(self.world.market_of(token_id), self.clock())
        makers = book.worlds(self.clock())
        for is_bid in (True, False):
            best = next((maker for maker in makers if maker.is_buy is is_bid), None)
            if best is not None:
                book.take(best, best.left)
        self.spoil("stranger", f"takes the best of {token_id[:8]}")

    def _say(self, word: Word) -> None:
        self.tell("operator", f"{word.strategy_id}: {word.state}{' and exit everything' if word.exit_everything else ''}")
        with watched_steps(_NOBODY):
            said = order_state(word.strategy_id, word.state, self._operators, self.clock.now, "simulated", word.exit_everything)
        self.words.append(said.word)

    # -- what is noticed ------------------------------------------------------------------------------------------------

    @property
    def words_on_record(self) -> int:
        return len(self.words)

    def tell(self, who: str, what: str) -> None:
        self.story.tell(self.clock() - self.plan.begins_at.timestamp(), who, what)

    def spoil(self, who: str, what: str) -> None:
        """Something that goes wrong, told and counted."""
        self.faults += 1
        self.tell(who, what)

    def arrives(self, order_hash: str, posted: Posted, seat: Seat) -> None:
        """An order of ours is at the exchange's door."""
        said, since = tuple(self.words[: seat.knew]), tuple(self.words[seat.knew :])
        self._arrivals.append(Arrival(order_hash, self.on_record(order_hash), said, since))
        side, fields = ("SELL" if posted.fields.side else "BUY"), posted.fields
        self.tell(
            "exchange", f"{side} {order_hash[:10]} gives {fields.maker_amount} for {fields.taker_amount} of {str(fields.token_id)[:8]}"
        )
        self.results.versions[VENUE] += 1

    def on_record(self, order_hash: str) -> Order | None:
        """The order that is stored with that hash."""
        return next(iter(self.results.rows(Order, order_hash=order_hash)), None)

    def check(self) -> None:
        """Every invariant of which something changed since it was last looked at."""
        versions = self.results.versions
        sight: Sight | None = None
        for one in ALWAYS:
            now = tuple(versions[what] for what in one.reads)
            if self._seen.get(one.name) == now:
                continue
            self._seen[one.name] = now
            sight = sight or self.sight
            self._insist_on(one.name, list(one.holds(sight)))
        for row in self.results.rows(JudgedTrade) if sight else ():
            self._judged.setdefault((row.strategy_id, row.trade_id), row.signal_id)

    @property
    def sight(self) -> Sight:
        balances = self.exchange.ledger.account(WALLET).balances
        return Sight(
            rows=self.results.rows,
            arrivals=self._arrivals,
            matched=self._matched(),
            account=Account(
                Decimal(balances[USD] - FUNDS) / UNITS,
                {asset: Decimal(units) / UNITS for asset, units in balances.items() if asset != USD and units},
            ),
            shown=[deed.trade for deed in self.feed.shown()],
            stored=frozenset(self.history.trade_ids),
            claimed_until=self.feed.claimed_until,
            judged_before=self._judged,
            now=self.clock.now,
        )

    def _matched(self) -> dict[str, Decimal]:
        """Shares of each order, but for those whose settlement failed: they never changed hands."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for trade in self.exchange.trades.values():
            if trade.taker is not None and trade.status is not TradeStatus.FAILED:
                found[trade.taker.hash] += Decimal(trade.shares) / UNITS
        return found

    def _insist_on(self, name: str, faults: list[str]) -> None:
        if faults:
            said = f"{name}: {'; '.join(faults)}"
            self.tell("INVARIANT", said)
            raise Fell(said)

    # -- how it is furnished --------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        self._operators = self._reached(self.results, self.history)
        plan = self.plan
        self.results.write([Write(Strategy, list(plan.strategies)), Write(Leader, list(plan.leaders))])
        self.results.write([Write(AccountLimits, [plan.limits] if plan.limits else [])])
        marks = [move_watermark(name, plan.begins_at) for name in (trades_of(SOURCE), SIGNALS)]
        self.results.write(marks)  # no new house: that one has no past it could miss
        self.feed.claimed_until, self.feed.stored = plan.begins_at, self.history.trade_ids
        for word in plan.words:
            self.clock.at(self._at_s(word.at_s), partial(self._say, word))

    def _seat(self, name: str) -> Seat:
        """The process of that name: a new one where it was killed, or is started again."""
        seat = self._seats.get(name)
        if seat is None or not seat.is_alive or self.chance.random() < RESTARTS * (self.rates["turn"] > 0):
            self._lives[name] = self._lives.get(name, 0) + 1
            seat = self._seats[name] = self._started(Seat(f"{name} {self._lives[name]}", self))
        return seat

    def _started(self, seat: Seat) -> Seat:
        has_key = not self.plan.is_walled or seat.name.startswith("execute")
        settings = self._reached(seat.reached(self.results, "ledger"), seat.reached(self.history, "history"))
        seat.settings = settings if has_key else settings.model_copy(update={"live_key": None})
        address = seat.settings.required("postgres_url")
        self._venues[address] = (self._venue_of(seat, has_key), seat.reached(self.feed, "feed"))
        return seat

    def _venue_of(self, seat: Seat, has_key: bool) -> PolymarketVenue:
        account, address = LiveAccount(WALLET, WALLET, 0), seat.settings.required("postgres_url")
        client: Any = SimulatedClient(account, self.key, self, seat) if has_key else None
        words_of = partial(read_words, history_url=address, results_url=address)
        return PolymarketVenue(account, client, StartChecks(None), Decimal(1_000), words_of, self.clock)

    def _reached(self, results: Any, history: Any) -> Settings:
        address = self._kept.enter_context(connect.lent(results, history))
        return self._base.model_copy(update={"postgres_url": address, "clickhouse_url": address})

    def _feed_of(self, settings: Settings) -> Any:
        return self._venues[settings.required("postgres_url")][1]

    def _orders_of(self, settings: Settings) -> PolymarketVenue:
        return self._venues[settings.required("postgres_url")][0]

    def _settings(self, home: Path) -> Settings:
        live: Any = {"live": LIVE_WORD, "live_wallet": WALLET, "live_signer": WALLET, "live_key": KEY, "live_max_out": Decimal(FUNDS)}
        return Settings.model_construct(home=home, graph_url=connect.MEMORY, live_max_order=Decimal(1_000), **live)

    def _fund(self) -> None:
        account = self.exchange.ledger.account(WALLET)
        account.balances[USD], account.deployed = FUNDS, True
        account.allow_everything()

    def _at_s(self, seconds: float) -> float:
        return self.plan.begins_at.timestamp() + seconds


@dataclass(frozen=True, slots=True)
class _Nobody:
    def began(self, name: str) -> None: ...
    def ended(self, name: str, seconds: float) -> None: ...


_NOBODY = _Nobody()


@contextmanager
def _venues(places: dict[Venue, connect.Place]) -> Iterator[None]:
    """Within, there are these venues and no others."""
    before = dict(connect.VENUES)
    connect.VENUES.clear()
    connect.VENUES.update(places)
    try:
        yield
    finally:
        connect.VENUES.clear()
        connect.VENUES.update(before)


@contextmanager
def _silence() -> Iterator[None]:
    """What steps log of thousands of houses tells nobody anything: the story does."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
