"""The exchange as polymarket-client reaches it, without sockets and signatures: what is posted, and what may become of the answer."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from adapters.venues.polymarket.official_client import Draft
from data_contracts import Order, Side
from data_contracts.errors import Refused, Unavailable
from domain.polymarket.amounts import UNITS, market_amounts
from domain.polymarket.order_hash import Account, salt_of, timestamp_of
from domain.polymarket.post_answers import PostAnswer, answer_of
from sandbox.exchange.auth import Key
from sandbox.exchange.contracts import route_of
from sandbox.exchange.orders import Kind, Posted, hash_of
from sandbox.exchange.refusals import CANCEL_ONLY, Refusal
from sandbox.exchange.rows import answer_row, order_row, refused_row, trade_row
from sandbox.exchange.signing import SignedFields
from sandbox.exchange.twists import PLAIN, TWISTS, Twist
from simulation.seat import Seat

if TYPE_CHECKING:
    from simulation.house import House

Answers = list[tuple[PostAnswer, float | None]]
NOT_TAKEN: dict[str, tuple[int | None, Any]] = {  # nothing happens, and so many answers say so or say nothing
    "rate limited": (429, {"error": "Too Many Requests"}),
    "error": (500, {"error": "Internal server error"}),
    "restarting": (425, {"error": "the exchange is restarting"}),
    "cancel only": (503, {"error": CANCEL_ONLY}),
    "never arrived": (None, None),
}
SPOILED: dict[str, Twist] = {"partial": Twist(share=Fraction(1, 3)), **TWISTS}
LOST = ("answer lost", "error after it was taken")
FAULTS = (*NOT_TAKEN, *LOST, *SPOILED)
ZERO32 = bytes(32)


class SimulatedClient:
    """What `PolymarketVenue` asks of its client, for one process."""

    def __init__(self, account: Account, key: Key, house: "House", seat: Seat) -> None:
        self.account, self._key, self._house, self._seat = account, key, house, seat

    def draft(self, order: Order, size: Decimal, anew: bool = False) -> Draft:
        """The venue's own tick and exchange. Raises Refused when it would not be signed."""
        market = self._house.world.market_of(order.token_id)
        tick = Decimal(market.tick_millis) / 1000
        try:
            amounts = market_amounts(order.side, order.limit_price, size, tick)
        except ValueError as error:
            raise Refused(f"polymarket-client: {error}") from error
        wallet = self.account.wallet
        side = 0 if order.side is Side.BUY else 1
        numbers = (int(order.token_id), amounts.maker, amounts.taker, side, self.account.signature_type, timestamp_of(order))
        fields = SignedFields(salt_of(order), wallet, self.account.signer, *numbers, ZERO32, ZERO32)
        return Draft(amounts, route_of(market).exchange, tick, self.account.signature_type, fields)

    def signed(self, draft: Draft) -> Any:
        return Posted(draft.unsigned, b"", Kind.FAK, 0, False, self._key.key)

    def post(self, orders: Sequence[Posted]) -> Answers:
        return self._seat.call(f"exchange.post {len(orders)}", lambda: self._posted(orders), writes=True)

    def order(self, order_hash: str) -> dict[str, Any] | None:
        return self._seat.call("exchange.order", lambda: self._order(order_hash))

    def trades(self, token_id: str | None, after_s: int) -> Iterator[dict[str, Any]]:
        return iter(self._seat.call("exchange.trades", lambda: self._trades(token_id, after_s)))

    def shares(self, token_id: str) -> Decimal:
        return self._seat.call("exchange.shares", lambda: self._shares(token_id))

    def _posted(self, orders: Sequence[Posted]) -> Answers:
        house, chance = self._house, self._house.chance
        self._let_others_in(orders)
        fault = chance.choice(FAULTS) if chance.random() < house.rates["venue"] else ""
        if fault:
            house.spoil(self._seat.name, f"exchange: {fault}")
        if fault in NOT_TAKEN:
            after_s = 3.0 if fault == "rate limited" else None
            return [(answer_of(*NOT_TAKEN[fault]), after_s)] * len(orders)
        answers = [self._take(posted, SPOILED.get(fault, PLAIN), len(orders) > 1) for posted in orders]
        if fault in LOST:
            return [(answer_of(500 if fault != "answer lost" else None, None), None)] * len(orders)
        return [(answer, None) for answer in answers]

    def _take(self, posted: Posted, twist: Twist, among_others: bool) -> PostAnswer:
        market = self._house.world.market_of(str(posted.fields.token_id))
        self._house.arrives(hash_of(posted, market), posted, self._seat)
        try:
            return answer_of(200, answer_row(self._house.exchange.post(self._key, posted, twist)))
        except Refusal as error:
            said = str(error.args[0])
            self._house.tell(self._seat.name, f"exchange refuses: {said[:90]}")
            return answer_of(200, refused_row(said)) if among_others else answer_of(400, {"error": said})

    def _let_others_in(self, orders: Sequence[Posted]) -> None:
        """The book may be another when an order arrives: somebody took the best of it, or its steps are finer now."""
        house, rates = self._house, self._house.rates
        for posted in orders:
            token_id = str(posted.fields.token_id)
            if house.chance.random() < rates["stranger"]:
                house.take_best(token_id)
            if house.chance.random() < rates["tick"] and house.world.refine_tick(token_id):
                house.spoil("exchange", f"a finer tick for {token_id[:8]}")

    def _order(self, order_hash: str) -> dict[str, Any] | None:
        self._be_deaf("order")
        exchange = self._house.exchange
        exchange.advance()
        found = exchange.orders.get(order_hash)
        return order_row(found) if found else None

    def _trades(self, token_id: str | None, after_s: int) -> list[dict[str, Any]]:
        self._be_deaf("trades")
        exchange, login = self._house.exchange, self._key.address
        exchange.advance()
        mine = [one for one in exchange.trades.values() if token_id in (None, one.token_id) and one.matched_s > after_s]
        return [trade_row(one, login) for one in reversed(mine)]

    def _shares(self, token_id: str) -> Decimal:
        self._be_deaf("shares")
        self._house.exchange.advance()
        return Decimal(self._house.exchange.ledger.account(self.account.wallet).balances.get(token_id, 0)) / UNITS

    def _be_deaf(self, about: str) -> None:
        if self._house.chance.random() < self._house.rates["deaf"]:
            self._house.spoil(self._seat.name, f"exchange: no answer about {about}")
            raise Unavailable(f"polymarket: {about}: 500")
