"""The exchange itself: takes orders, matches them, settles the trades. Speaks no protocol; every public method is safe between threads."""

import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import wraps
from itertools import islice
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from eth_utils.address import is_hex_address

from sandbox.exchange.auth import Key, Keys
from sandbox.exchange.book import MarketBook
from sandbox.exchange.contracts import PUSD, route_of
from sandbox.exchange.ledger import WORLD, Ledger
from sandbox.exchange.matching import WHOLE, Fill, Maker, Taker, match
from sandbox.exchange.orders import Kind, Order, Posted, Trade, hash_of
from sandbox.exchange.refusals import FAK_KILLED, FOK_KILLED, POST_ONLY_CROSSES, WRONG_OWNER, Refusal
from sandbox.exchange.rules import check, check_marketable
from sandbox.exchange.settlement import Settlement
from sandbox.exchange.signing import SignedFields
from sandbox.exchange.trades import by_price, legs_of, taker_fee, thinned, world_trades
from sandbox.exchange.twists import PLAIN, Twist
from sandbox.markets import Market
from sandbox.noise import hex_id
from sandbox.wire import Clock
from sandbox.world import Snapshot, World

_MOST_KEPT = 50_000  # ended orders, and settled trades: the oldest are forgotten first
_SILENCE_S = 10  # without the heartbeat that was begun, all orders of a key are cancelled

Check = Callable[[Order, float], None]  # of an order at an instant. Raises Refusal
Listener = Callable[["str", Any], None]  # ("order", "matched" or "trade", what changed)
P = ParamSpec("P")
R = TypeVar("R")


def _locked(
    method: Callable[Concatenate["Exchange", P], R],
) -> Callable[Concatenate["Exchange", P], R]:
    @wraps(method)
    def alone(self: "Exchange", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class Exchange:
    def __init__(self, world: World, clock: Clock, wall: Clock = time.time, check: Check = check) -> None:
        """`clock` is the world's; `wall` is what the clients' own clocks show, and only logins are checked against it.

        `check` is what an order must be before the book sees it; a simulation of thousands of houses leaves the signature out.
        """
        self.world, self.clock, self.wall, self._check = world, clock, wall, check
        self.keys, self.ledger = Keys(world.seed), Ledger()
        self.orders: dict[str, Order] = {}
        self.trades: dict[str, Trade] = {}
        self.closed_only: set[str] = set()  # logins that may only sell
        self.geoblock: dict[str, object] = {"blocked": False, "ip": "127.0.0.1", "country": "IE", "region": "L"}
        self.listeners: list[Listener] = []
        self._books: dict[Market, MarketBook] = {}
        self._beats: dict[str, tuple[float, str]] = {}  # by API key: when, and the id the next one must name
        self._settlement = Settlement(world.seed, self.ledger, self._tell)
        self._count = 0
        self._lock = RLock()

    # -- what is asked ------------------------------------------------------------------------------------------------

    @_locked
    def post(self, key: Key, posted: Posted, twist: Twist = PLAIN) -> Order:
        """Matches at once; what is left rests if it may. Raises Refusal: then nothing happened."""
        snapshot = self.advance()
        return self._take(self._read(key, posted, snapshot), snapshot, twist)

    @_locked
    def trade_by_hand(self, address: str, login: str, token_id: str, is_buy: bool, units: int) -> Order:
        """What its owner does on the venue's own page, at any price: no client knows that order. `units`: of USD, or shares to sell."""
        snapshot = self.advance()
        self._count += 1
        worst = (units * WHOLE // (WHOLE - 1)) if is_buy else max(1, units // WHOLE)
        side, nothing = 0 if is_buy else 1, bytes(32)
        fields = SignedFields(self._count, address, login, int(token_id), units, worst, side, 0, self._count, nothing, nothing)
        posted = Posted(fields, b"", Kind.FAK, 0, False, "by hand")
        return self._take(self._order(login, posted, snapshot), snapshot, PLAIN)

    def _take(self, order: Order, snapshot: Snapshot, twist: Twist) -> Order:
        book = self.book(order.market, snapshot.now_s)
        makers = thinned(book.makers(snapshot.now_s), twist)
        found = match(makers, order.as_taker())
        self._check_fills(order, found.fills, found.is_whole)
        self._check_funds(order, found.fills)
        self.orders[order.hash] = order
        self._tell("order", order)
        if found.is_whole:
            order.status = "MATCHED"
        self._fill(book, order.as_taker(), found.fills, order, snapshot.now_s, twist)
        self._rest_or_end(book, order)
        self.settle(snapshot.now_s)
        return order

    @_locked
    def cancel(self, key: Key, order_ids: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Those cancelled, and why the others were not."""
        self.advance()
        cancelled, refused = [], {}
        for order_id in dict.fromkeys(order_ids):
            order = self.orders.get(order_id)
            if order is None or order.login != key.address:
                refused[order_id] = "order can't be found - already canceled or matched"
            elif order.status != "LIVE":
                refused[order_id] = "already canceled or matched"
            else:
                self._end(order, "CANCELED")
                cancelled.append(order_id)
        return cancelled, refused

    @_locked
    def open_orders(self, key: Key, token_id: str = "", condition_id: str = "") -> list[Order]:
        self.advance()
        mine = (order for order in self.orders.values() if order.login == key.address and order.status == "LIVE")
        return [o for o in mine if token_id in ("", o.token_id) and condition_id in ("", o.market.condition_id)]

    @_locked
    def beat(self, key: Key, heartbeat_id: str) -> str:
        """The id that the next heartbeat must name. The first one, or one after the silence, starts with none."""
        now_s = self.advance().now_s
        expected = self._beats.get(key.key, (0.0, ""))[1]
        if expected and heartbeat_id != expected:
            raise LookupError(expected)
        self._count += 1
        self._beats[key.key] = (now_s, hex_id(32, self.world.seed, "beat", self._count)[2:])
        return self._beats[key.key][1]

    @_locked
    def counted(self) -> int:
        """A number that no other thing here has."""
        self._count += 1
        return self._count

    def is_deployed(self, address: str) -> bool:
        return is_hex_address(address) and self.ledger.account(address).deployed

    @_locked
    def available(self, address: str, asset: str) -> int:
        """What may still be spent: not what leaves, and not what resting orders need."""
        account = self.ledger.account(address)
        return account.balances.get(asset, 0) - account.leaving.get(asset, 0) - self._reserved(address, asset)

    def book(self, market: Market, now_s: float) -> MarketBook:
        if market not in self._books:
            self._books[market] = MarketBook(market, now_s)
        return self._books[market]

    # -- what time does -----------------------------------------------------------------------------------------------

    @_locked
    def advance(self) -> Snapshot:
        """Up to now: trades settle, the world comes to resting orders, orders end."""
        snapshot = self.world.at(self.clock())
        self.settle(snapshot.now_s)
        for key, (at_s, _) in list(self._beats.items()):
            if snapshot.now_s - at_s > _SILENCE_S:
                del self._beats[key]
                self._end_all(order for order in self.orders.values() if order.posted.owner == key)
        for book in list(self._books.values()):
            self._meet_the_world(book, snapshot)
            if book.market.resolved_at(snapshot.now_s):
                del self._books[book.market]
        return snapshot

    @_locked
    def settle(self, now_s: float) -> None:
        self._settlement.until(now_s)

    @property
    def settles_in_s(self) -> tuple[float, float]:
        """From matched to mined, and from there to confirmed."""
        return self._settlement.in_s

    @settles_in_s.setter
    def settles_in_s(self, seconds: tuple[float, float]) -> None:
        self._settlement.in_s = seconds

    @_locked
    def revalidate(self, address: str) -> None:
        """After the wallet moved its own money: the newest orders it can no longer pay for are gone."""
        for order in reversed([order for order in self._resting() if order.account == address]):
            if self.available(address, order.asset) < 0:
                self._end(order, "INVALID")

    # -- one order ----------------------------------------------------------------------------------------------------

    def _read(self, key: Key, posted: Posted, snapshot: Snapshot) -> Order:
        if posted.owner != key.key:
            raise Refusal(WRONG_OWNER)
        order = self._order(key.address, posted, snapshot)
        self._check(order, snapshot.now_s)
        if order.hash in self.orders:
            raise Refusal(f"order {order.hash} is invalid. Duplicated.")
        return order

    def _order(self, login: str, posted: Posted, snapshot: Snapshot) -> Order:
        found = snapshot.token(str(posted.fields.token_id))
        if found is None or not found[0].open_at(snapshot.now_s):
            raise Refusal(f"the orderbook {posted.fields.token_id} does not exist")
        market, outcome = found
        self._count += 1
        if posted.is_buy and login in self.closed_only:
            raise Refusal(f"'{login}' address in closed only mode")
        return Order(hash_of(posted, market), posted, market, outcome, login, snapshot.now_s, self._count)

    def _check_fills(self, order: Order, fills: list[Fill], is_whole: bool) -> None:
        if fills or not order.posted.kind.rests:
            check_marketable(order)
        if fills and order.posted.post_only:
            raise Refusal(POST_ONLY_CROSSES)
        if order.posted.kind is Kind.FOK and not is_whole:
            raise Refusal(FOK_KILLED)
        if order.posted.kind is Kind.FAK and not fills:
            raise Refusal(FAK_KILLED)

    def _check_funds(self, order: Order, fills: list[Fill]) -> None:
        route, asked = route_of(order.market), order.posted.fields.maker_amount
        contract = PUSD if order.is_buy else route.shares
        allowed = self.ledger.account(order.account).allowance(contract, route.exchange)
        if allowed < asked:
            detail = f"spender: {route.exchange}, allowance: {allowed}, order amount: {asked}"
            raise Refusal(f"not enough balance / allowance: the allowance is not enough -> {detail}")
        fees = sum(taker_fee(order.market, group) for group in by_price(fills)) if order.is_buy else 0
        balance = self.available(order.account, order.asset)
        if balance < asked + fees:
            detail = f"balance: {balance}, order amount: {asked + fees}"
            raise Refusal(f"not enough balance / allowance: the balance is not enough -> {detail}")

    def _rest_or_end(self, book: MarketBook, order: Order) -> None:
        if order.status == "LIVE" and order.posted.kind.rests:
            book.resting[order.hash] = order
        elif order.status == "LIVE":
            self._end(order, "CANCELED")

    def _end(self, order: Order, status: str) -> None:
        order.status = status
        self._books[order.market].resting.pop(order.hash, None)
        self._tell("order", order)

    def _end_all(self, orders: Iterable[Order], status: str = "CANCELED") -> None:
        for order in list(orders):
            if order.status == "LIVE":
                self._end(order, status)

    # -- trades -------------------------------------------------------------------------------------------------------

    def _fill(self, book: MarketBook, taker: Taker, fills: list[Fill], order: Order | None, at_s: float, twist: Twist = PLAIN) -> None:
        """One trade for each price. `order` is None when the world is the taker."""
        for bucket, group in enumerate(by_price(fills)):
            trade = self._trade(book, taker, group, order, at_s, bucket, twist)
            self.trades[trade.id] = trade
            for party in trade.orders:
                self._tell("order", party)
            self._settlement.begin(trade)
        self._forget()

    def _trade(
        self, book: MarketBook, taker: Taker, fills: list[Fill], order: Order | None, at_s: float, bucket: int, twist: Twist
    ) -> Trade:
        self._count += 1
        fee = taker_fee(book.market, fills) if order else 0
        makers = {fill.maker.key: book.resting[fill.maker.key] for fill in fills if fill.maker.key in book.resting}
        trade = Trade(
            id=str(UUID(hex_id(32, self.world.seed, "trade", self._count)[2:])),
            number=self._count,
            market=book.market,
            outcome=taker.outcome,
            is_buy=taker.is_buy,
            price=fills[0].price,
            shares=sum(fill.shares for fill in fills),
            fee=fee,
            taker=order,
            fills=fills,
            makers=makers,
            legs=legs_of(book.market, taker, fills, order.account if order else WORLD, makers, fee),
            matched_s=at_s,
            updated_s=at_s,
            bucket=bucket,
            path=list(twist.path),
        )
        if order:
            order.count(trade.id, trade.shares, sum(fill.taker_usd for fill in fills))
        for fill in fills:
            self._fill_maker(book, trade, fill)
        book.note(at_s, taker.outcome, taker.is_buy, trade.price)
        return trade

    def _fill_maker(self, book: MarketBook, trade: Trade, fill: Fill) -> None:
        order = trade.makers.get(fill.maker.key)
        if order is None:
            book.take(fill.maker, fill.shares)
            return
        order.count(trade.id, fill.shares, fill.maker_usd)
        if not order.left:
            order.status = "MATCHED"
            del book.resting[order.hash]

    # -- the world ----------------------------------------------------------------------------------------------------

    def _meet_the_world(self, book: MarketBook, snapshot: Snapshot) -> None:
        """First its trades since last time, each once and in their order, then what its quotes cross now."""
        if book.resting:
            for at_s, taker in world_trades(book, snapshot):
                self._expire(book, at_s)
                self._take_resting(book, taker, at_s)
            self._expire(book, snapshot.now_s)
            for maker in book.worlds(snapshot.now_s):
                taker = Taker(maker.outcome, maker.is_buy, Fraction(maker.price), shares=maker.left)
                self._take_resting(book, taker, snapshot.now_s, maker)
        book.seen_s = snapshot.now_s

    def _take_resting(self, book: MarketBook, taker: Taker, at_s: float, level: Maker | None = None) -> None:
        fills = match(book.ours(), taker).fills
        if level is not None:
            book.take(level, sum(fill.shares for fill in fills))
        self._fill(book, taker, fills, None, at_s)

    def _expire(self, book: MarketBook, at_s: float) -> None:
        if at_s >= book.market.closes_s:
            self._end_all(book.resting.values(), "CANCELED_MARKET_RESOLVED")
        self._end_all((order for order in book.resting.values() if 0 < order.posted.expiration <= at_s), "CANCELED_EXPIRED_ORDER")

    # -- keeping ------------------------------------------------------------------------------------------------------

    def _resting(self) -> list[Order]:
        return [order for book in self._books.values() for order in book.resting.values()]

    def _reserved(self, address: str, asset: str) -> int:
        return sum(order.reserve for order in self._resting() if order.account == address and order.asset == asset)

    def _forget(self) -> None:
        _drop_oldest(self.orders, lambda order: order.status != "LIVE")
        _drop_oldest(self.trades, lambda trade: trade.status.is_final)

    def _tell(self, what: str, subject: Any) -> None:
        for listener in self.listeners:
            listener(what, subject)


def _drop_oldest(kept: dict[str, R], has_ended: Callable[[R], bool]) -> None:
    """So many of the ended ones as are too many. A dict keeps the order in which they came."""
    ended = islice((name for name, value in kept.items() if has_ended(value)), max(0, len(kept) - _MOST_KEPT))
    for name in list(ended):
        del kept[name]
