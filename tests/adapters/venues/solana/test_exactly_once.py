"""Killed at any call to the outside, with any fault beside it: no swap is made twice, and our ledger is the chain's to the lamport.

The way of an order is the tasks' own: stored, signed, stored with its signature, sent, looked for, booked. Each round may be killed before
or after any of its calls to Jupiter, the node or the store, and begins again as a new process that remembers nothing.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from solders.keypair import Keypair
from starlette.applications import Starlette
from starlette.testclient import TestClient

from adapters import connect
from adapters.connect import Place, open_results
from adapters.feeds.json_api import JsonApi
from adapters.settings import LIVE_WORD, Settings
from adapters.stores.memory import MemoryResults
from adapters.stores.results import Write
from adapters.venues.solana.jupiter_venue import JupiterVenue
from adapters.venues.solana.rpc_node import RpcNode
from adapters.venues.solana.start_checks import StartChecks
from adapters.venues.solana.swap_api import SwapApi
from adapters.venues.solana.wallet_key import WalletKey
from data_contracts import (
    Contradiction,
    Fill,
    FillKind,
    Instrument,
    OperatorWord,
    Order,
    OrderStatus,
    Position,
    Reason,
    Side,
    SwapReceipt,
    TradingState,
    Venue,
)
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from data_contracts.words import OPEN_ORDERS
from domain.solana.swap_terms import SwapLimits
from sandbox.solana.keys import WSOL, address
from sandbox.solana.launches import Fate
from sandbox.solana.ledger import seed_of
from tasks.copying.booking import book
from tasks.copying.instruments import _known
from tasks.copying.order_execution import post_orders, recover_orders
from tasks.copying.signing import sign_order
from tasks.steps import bare_steps
from tests.adapters.venues.solana.conftest import Clock, a_mint, order_row
from tests.second_venue import SecondFeed
from tests.solana_sandbox import small_solana

ROUNDS, SEED, SOL = 200, 20261128, 10**9
ORDER_FAULTS = ["error", "not_built", "stale", "twin", "drainer"]
EXECUTE_FAULTS = ["lost_before", "lost_after", "misreported", "never", "late", "denied", "rejected", "rate_limited", "error"]
RPC_FAULTS = [
    ("lost_after", "getSignatureStatuses"),
    ("error", "getTransaction"),
    ("lost_after", "simulateTransaction"),
    ("error", "getEpochInfo"),
]
WAITS_S = [1, 3, 20, 65, 130]
MOST_CALLS = 24  # of a round to the outside
_names = count()


class Killed(BaseException):
    """The process is gone: no code of ours answers it."""


class Death:
    """At the call of this number, before it or after it."""

    def __init__(self) -> None:
        self.at, self.after, self.calls = -1, False, 0

    def around(self, call: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        told = call()
        if self.calls == self.at:
            raise Killed
        return told


class LocalNode(RpcNode):
    """The same without a network: the node's door is asked in this process."""

    def __init__(self, client: TestClient, death: Death) -> None:
        super().__init__(SecretStr("http://nobody"))
        self._http, self._death = client, death

    def ask(self, method: str, *params: Any) -> Any:
        def call() -> Any:
            answer = self._http.post("/solana", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
            if answer.status_code != 200:
                raise Unavailable(f"{answer.status_code}")
            told = answer.json()
            if "error" in told:
                raise Refused(str(told["error"]))
            return told["result"]

        return self._death.around(call)


class LocalApi(SwapApi):
    """Jupiter's doors, asked in this process."""

    def __init__(self, client: TestClient, death: Death) -> None:
        api = JsonApi("http://testserver/jupiter", "jupiter", calls_per_s=100_000)
        super().__init__(api)
        api._client = self._client = client  # type: ignore[assignment]
        self._death = death

    def _asked(self, path: str, query: dict[str, str]) -> Any:
        return self._death.around(lambda: super(LocalApi, self)._asked(path, query))

    def execute(self, body: bytes) -> Any:
        return self._death.around(lambda: super(LocalApi, self).execute(body))


class MortalResults:
    """The store, whose writes are calls to the outside too."""

    def __init__(self, store: MemoryResults, death: Death) -> None:
        self._store, self._death = store, death

    def write(self, writes: Any) -> None:
        self._death.around(lambda: self._store.write(writes))

    def alone(self, names: Any, act: Callable[[Any], Any]) -> Any:
        return self._store.alone(names, lambda store: act(MortalResults(store, self._death)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class House:
    """One wallet, one strategy, three coins."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self.clock, self.death, self.dice = Clock(), Death(), random.Random(SEED)
        self.solana = small_solana(self.clock)
        self.client = TestClient(Starlette(routes=self.solana.routes()), raise_server_exceptions=False)
        self.keypair = Keypair.from_seed(seed_of("a wallet that is killed"))
        self.wallet = str(self.keypair.pubkey())
        self.ledger.fund(self.wallet, 100 * SOL)
        url = f"memory:killed-{next(_names)}"
        self.settings = Settings(
            postgres_url=SecretStr(url),
            clickhouse_url=SecretStr(url),
            live=LIVE_WORD,
            home=directory,
            live_solana_max_out=Decimal(1_000),
            live_solana_wallet=self.wallet,
            live_solana_key=SecretStr("x"),
        )
        store = MemoryResults()
        monkeypatch.setitem(connect._results, url, MortalResults(store, self.death))  # type: ignore[arg-type]
        feed = SecondFeed(self.now)
        feed.instruments = self._instruments  # type: ignore[method-assign, assignment]
        monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: feed, lambda settings: self.venue))
        monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
        newest = self.solana.coins.newest(self.clock())
        self.mints = [one.launch.mint for one in newest if one.launch.fate is Fate.FADES and one.traded > 10][:3]
        self.seen: Counter[str] = Counter()
        self.restart()

    @property
    def ledger(self) -> Any:
        return self.solana.swaps.ledger

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    def restart(self) -> None:
        """As a process that has just begun."""
        node, key = LocalNode(self.client, self.death), WalletKey(self.keypair)
        checks = StartChecks(self.wallet, key, node, address(7, "genesis"), self.clock)
        limits = SwapLimits(max_order=Decimal(5), max_impact=1.0)
        self.venue = JupiterVenue(self.wallet, key, LocalApi(self.client, self.death), node, limits, checks, clock=self.clock)
        _known.cache_clear()

    def rows(self, row_class: type, **where: Any) -> list[Any]:
        return open_results(self.settings).rows(row_class, **where)

    def round(self) -> None:
        """Recovers, orders something, and dies somewhere, or not."""
        self.clock.advance(self.dice.choice(WAITS_S))
        self._spoil()
        self.death.calls, self.death.after = 0, self.dice.random() < 0.5
        self.death.at = self.dice.randrange(1, MOST_CALLS) if self.dice.random() < 0.7 else -1
        try:
            self.recover()
            self.order()
        except Killed:
            self.seen["killed"] += 1
            self.restart()
        except (Unavailable, Refused):
            self.seen["a cycle that failed"] += 1
        self.death.at = -1
        self.solana.swap_faults.waiting.clear()
        self.resume()

    def resume(self) -> None:
        """The operator has looked at the drainer's transaction."""
        halts = sorted(row.contradiction_id for row in self.rows(Contradiction))
        word = OperatorWord(strategy_id="sols", ordered_at=self.now, state=TradingState.ACTIVE, clears=json.dumps(halts))
        open_results(self.settings).write([Write(OperatorWord, [word], "put")])

    def recover(self) -> None:
        with bare_steps():
            book(recover_orders(self.settings, self.now), self.settings, self.now)

    def order(self) -> None:
        order = self._wanted()
        if order is None:
            return
        if self.dice.random() < 0.5:  # else it is signed where it is posted
            with bare_steps():
                order = sign_order(order, a_mint(order.token_id, self.now), self.settings, self.now)
        open_results(self.settings).write([Write(Order, frame_of([order], Order))])
        if order.status is not OrderStatus.PENDING:
            return
        with bare_steps():
            book(post_orders(frame_of([order], Order), self.settings, self.now), self.settings, self.now)

    def _wanted(self) -> Order | None:
        """A tenth of a SOL of a coin, or, where we hold it, all or a third of it. What waits for an answer is left alone."""
        mint = self.dice.choice(self.mints)
        if any(one.token_id == mint for one in self.rows(Order, status=OPEN_ORDERS)):
            return None
        held = sum((one.shares for one in self.rows(Position, token_id=mint)), Decimal(0))
        side = Side.SELL if held and self.dice.random() < 0.6 else Side.BUY
        shares = held if self.dice.random() < 0.5 else (held / 3).quantize(Decimal("1e-6"), ROUND_DOWN)
        raw = int(shares * 10**6) if side is Side.SELL else SOL // 10
        quote = self.solana.swaps.quote(*((WSOL, mint) if side is Side.BUY else (mint, WSOL)), raw) if raw else None
        if quote is None:
            return None
        lamports, tokens = (quote.given, quote.got) if side is Side.BUY else (quote.got, quote.given)
        limit = Decimal(lamports) / tokens / 1000 * (Decimal("1.2") if side is Side.BUY else Decimal("0.8"))
        shares = (Decimal("0.1") / limit).quantize(Decimal("1e-6")) if side is Side.BUY else shares
        name, at = f"{next(_names):032x}", self.now
        plain = {"order_id": name, "signal_id": name, "created_at": at, "updated_at": at}
        return replace(order_row(mint, **plain, side=side, shares=shares, limit_price=limit))

    def _spoil(self) -> None:
        kind, faults = self.dice.random(), self.solana.swap_faults
        if kind < 0.15:
            what = self.dice.choice(ORDER_FAULTS)
            faults.ask(
                {"on": "order", "what": what, "times": 4 if what == "error" else 1} | ({"kind": "takes_sol"} if what == "drainer" else {})
            )
            self.seen[what] += 1
        elif kind < 0.6:
            what = self.dice.choice(EXECUTE_FAULTS)
            faults.ask({"on": "execute", "what": what, "after_s": self.dice.choice([2, 30, 500])})
            self.seen[what] += 1
        elif kind < 0.75:
            what, method = self.dice.choice(RPC_FAULTS)
            faults.ask({"on": "rpc", "what": what, "method": method})
            self.seen[method] += 1

    def _instruments(self, token_ids: Any, as_of: datetime) -> dict[type, Any]:
        return {Instrument: frame_of([a_mint(token_id, as_of) for token_id in sorted(token_ids)], Instrument)}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> House:
    return House(monkeypatch, tmp_path)


@pytest.mark.timeout(600)  # 30 s of work
def test_two_hundred_kills_and_faults_make_no_swap_twice_and_our_ledger_is_the_chains(house: House) -> None:
    """The seed is kept, so that a failure is the same one tomorrow; and the walk must have been worth its name."""
    for _ in range(ROUNDS):
        house.round()
    for _ in range(3):
        house.clock.advance(600)
        house.recover()
    nothing_is_open_doubled_or_unknown(house)
    our_ledger_is_the_chains(house)
    orders = house.rows(Order)
    ends = Counter(f"{order.side} {order.status}" for order in orders)
    assert house.seen["killed"] >= 80
    assert min(ends["BUY FILLED"], ends["SELL FILLED"]) >= 15
    assert {Reason.TRANSACTION_EXPIRED, Reason.TRANSACTION_FAILED, Reason.TRANSACTION_UNSAFE} <= {order.reason for order in orders}
    assert {*EXECUTE_FAULTS, *ORDER_FAULTS} <= house.seen.keys()


def nothing_is_open_doubled_or_unknown(house: House) -> None:
    """Each transaction of ours on the chain is one order's, and each filled order has one."""
    assert house.rows(Order, status=OPEN_ORDERS) == []
    landed = {one.signature: one for one in house.ledger.landed.values() if house.wallet in one.keys}
    ours = {order.order_hash: order for order in house.rows(Order) if order.order_hash}
    assert landed.keys() <= ours.keys()
    filled = {order.order_hash for order in ours.values() if order.status is OrderStatus.FILLED}
    assert filled == {name for name, one in landed.items() if one.error is None}
    assert {row.order_hash for row in house.rows(SwapReceipt)} == landed.keys()
    assert all("is not signed: jupiter: a transaction of router" in row.says for row in house.rows(Contradiction))


def our_ledger_is_the_chains(house: House) -> None:
    receipts, fills = house.rows(SwapReceipt), [fill for fill in house.rows(Fill) if fill.kind is FillKind.TRADE]
    change = Decimal(house.ledger.lamports(house.wallet) - 100 * SOL).scaleb(-9)
    assert sum(row.sol_change for row in receipts) == change
    cash = sum(-(f.notional + f.fee) if f.side is Side.BUY else f.notional - f.fee for f in fills)
    failed = sum(row.sol_change for row in receipts if not row.succeeded)
    assert cash + failed + sum(row.rent for row in receipts) == change
    for mint in house.mints:
        dust = sum((fill.shares for fill in house.rows(Fill, token_id=mint) if fill.kind is FillKind.WRITE_OFF), Decimal(0))
        held = sum((row.shares for row in house.rows(Position, token_id=mint)), Decimal(0)) + dust
        assert held == Decimal(house.ledger.held(house.wallet, mint)).scaleb(-6)
