"""A wallet on the sandbox's ledger, and the live venue that trades for it over HTTP: LiteSVM executes what it signs."""

import json
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import uvicorn
from pydantic import SecretStr
from solders.keypair import Keypair
from solders.transaction import VersionedTransaction
from starlette.applications import Starlette

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.jupiter import Jupiter
from adapters.venues.solana.jupiter_venue import JupiterVenue
from adapters.venues.solana.rpc_node import RpcNode
from adapters.venues.solana.simulated_swaps import SimulatedSwaps
from adapters.venues.solana.start_checks import StartChecks
from adapters.venues.solana.swap_api import SwapApi
from adapters.venues.solana.wallet_key import WalletKey
from adapters.venues.venue import Answer, Signed
from data_contracts import Currency, FeeFormula, Instrument, Order, OrderStatus, Side, Venue
from domain.ids import row_id
from domain.solana.swap_terms import SwapLimits
from sandbox.solana.coins import Coin
from sandbox.solana.jupiter_orders import Swaps
from sandbox.solana.keys import WSOL, address
from sandbox.solana.launches import Fate
from sandbox.solana.ledger import Ledger, seed_of
from sandbox.solana.swap_api import SwapFaults
from tests.solana_sandbox import StandingClock, small_solana

SEED, LAMPORTS = 7, 10**9
LIMITS = SwapLimits(max_order=Decimal(5), max_impact=1.0)
DEAD_AFTER_S = 120  # more blocks are final by then than may hold what was signed before
QUIET_S = 30
_names = count()


class Clock(StandingClock):
    """Stands still until it is moved: what a coin is worth changes by our hand only."""

    def advance(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass
class Chain:
    """The sandbox's swaps over HTTP, and a wallet of ours with SOL."""

    url: str
    swaps: Swaps
    faults: SwapFaults
    clock: Clock
    keypair: Keypair = field(default_factory=lambda: Keypair.from_seed(seed_of("our wallet")))
    limits: SwapLimits = LIMITS
    is_free: bool = False

    def __post_init__(self) -> None:
        self.key = WalletKey(self.keypair)
        self.wallet = self.key.address
        self.venue = self.new_venue()

    def new_venue(self, **changes: Any) -> JupiterVenue:
        """As a process that has just begun has it: it remembers nothing."""
        node = RpcNode(SecretStr(f"{self.url}/solana"), timeout_s=5)
        checks = StartChecks(self.wallet, self.key, node, address(SEED, "genesis"), self.clock)
        api = SwapApi(JsonApi(f"{self.url}/jupiter", "jupiter", calls_per_s=10_000), timeout_s=5)
        fields: dict[str, Any] = {"limits": self.limits, "checks": checks, "is_free": self.is_free, "clock": self.clock}
        return JupiterVenue(self.wallet, self.key, api, node, **(fields | changes))

    def simulated(self) -> SimulatedSwaps:
        return SimulatedSwaps(Jupiter(JsonApi(f"{self.url}/jupiter", "jupiter", calls_per_s=10_000)), self.limits)

    @property
    def ledger(self) -> Ledger:
        return self.swaps.ledger

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    @property
    def lamports(self) -> int:
        return self.ledger.lamports(self.wallet)

    def held(self, instrument: Instrument) -> int:
        return self.ledger.held(self.wallet, instrument.token_id)

    def coin(self, fate: Fate = Fate.FADES) -> Coin:
        """One that has traded a while and can be sold, or one of another fate; nobody trades it for a while."""
        now_s = self.clock()
        alike = (one for one in self.swaps.coins.newest(now_s) if one.launch.fate is fate and one.traded > 20)
        return next(one for one in alike if not any(now_s < at_s < now_s + QUIET_S for at_s in one.outline.at_s))

    def instrument(self, coin: Coin | None = None) -> Instrument:
        return a_mint((coin or self.coin()).launch.mint, self.now)

    def order(self, instrument: Instrument, name: str = "", **changes: Any) -> Order:
        """A BUY of 0.1 SOL at up to 10 % more than a quote says; or, selling, all that is held at down to 10 % less."""
        side, name = changes.get("side", Side.BUY), name or f"order {next(_names)}"
        price = self.price(instrument, side)
        limit = price * (Decimal("1.1") if side is Side.BUY else Decimal("0.9"))
        held = Decimal(self.held(instrument)).scaleb(-6)
        shares = (Decimal("0.1") / limit).quantize(Decimal("1e-6")) if side is Side.BUY else held
        plain = {"order_id": row_id(name), "limit_price": limit, "shares": shares, "created_at": self.now, "updated_at": self.now}
        return order_row(instrument.token_id, **(plain | changes))

    def price(self, instrument: Instrument, side: Side) -> Decimal:
        """SOL for a coin, as a tenth of a SOL buys it or what is held sells."""
        mint, held = instrument.token_id, self.held(instrument)
        if side is Side.BUY:
            quote = self.swaps.quote(WSOL, mint, LAMPORTS // 10)
            assert quote is not None
            return Decimal(quote.given) / quote.got / 1000
        quote = self.swaps.quote(mint, WSOL, held)
        assert quote is not None
        return Decimal(quote.got) / quote.given / 1000

    def signed(self, order: Order, instrument: Instrument) -> Order:
        signature = self.venue.sign(order, instrument)
        assert isinstance(signature, Signed), signature
        return signature.on(order)

    def post(self, order: Order, instrument: Instrument) -> Answer:
        (answer,) = self.venue.post([order], {instrument.token_id: instrument}, self.now)
        return answer

    def find(self, order: Order, instrument: Instrument) -> Answer | None:
        return self.venue.find(order, instrument, self.now)

    def bought(self, instrument: Instrument, **changes: Any) -> Answer:
        """Signed, sent, and looked for once its block is confirmed."""
        order = self.signed(self.order(instrument, **changes), instrument)
        self.post(order, instrument)
        self.clock.advance(1)
        answer = self.find(order, instrument)
        assert answer is not None
        return answer

    def fault(self, on: str, what: str, **more: Any) -> None:
        self.faults.ask({"on": on, "what": what, **more})

    def landed(self) -> list[str]:
        """Signatures of ours in blocks, failed or not."""
        return [one.signature for one in self.ledger.landed.values() if self.wallet in one.keys]


def a_mint(mint: str, as_of: datetime) -> Instrument:
    """A memecoin of 6 digits: any price, no end."""
    return Instrument(
        venue=Venue.SOLANA,
        token_id=mint,
        market_id=mint,
        category="",
        stake_currency=Currency.SOL,
        lowest_price=Decimal(0),
        highest_price=None,
        price_increment=Decimal(0),
        share_decimals=6,
        share_increment=Decimal("0.000001"),
        min_shares=Decimal(0),
        min_notional=Decimal(0),
        fee_formula=FeeFormula.PROPORTIONAL,
        fee_rate=Decimal("0.005"),
        fee_exponent=1,
        entry_denial=None,
        ends_at=None,
        ended_at=None,
        payout=None,
        updated_at=as_of,
    )


def order_row(mint: str, **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "signal_id": row_id("signal", mint),
        "strategy_id": "sols",
        "venue": Venue.SOLANA,
        "leader": "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
        "market_id": mint,
        "token_id": mint,
        "outcome": mint,
        "side": Side.BUY,
        "observed_price": Decimal("1e-7"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": False,
        "order_hash": "",
    }
    return Order(**(fields | changes))


def transaction_of(order: Order) -> VersionedTransaction:
    """What is stored to be sent."""
    return VersionedTransaction.from_bytes(b64decode(json.loads(b64decode(order.signed_bytes))["signedTransaction"]))


@pytest.fixture(scope="module")
def chain_server() -> Iterator[Chain]:
    clock = Clock()
    solana = small_solana(clock, SEED)
    solana.chain.at(clock())
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=solana.routes()), access_log=False, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Chain(f"http://127.0.0.1:{listener.getsockname()[1]}", solana.swaps, solana.swap_faults, clock)
        server.should_exit = True
        thread.join(5)


@pytest.fixture
def chain(chain_server: Chain) -> Iterator[Chain]:
    """10 SOL, no coin, no fault, nothing on its way."""
    name = f"wallet {next(_names)}"
    chain = replace(chain_server, keypair=Keypair.from_seed(seed_of(name)))
    chain.ledger.fund(chain.wallet, 10 * LAMPORTS)
    yield chain
    chain.faults.waiting.clear()
    chain.swaps.late.clear()


@pytest.fixture
def mint(chain: Chain) -> Instrument:
    return chain.instrument()


Build = Callable[..., Order]
