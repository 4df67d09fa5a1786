"""The live venue: Polymarket's CLOB. It needs a key and spends money.

An order is signed twice at most, and both times it is the same order: salt and time are functions of our own, and the hash that was
stored before is compared with what is about to be posted. So an order posted a second time is the first one, which the exchange's
contract fills no further than its amounts. What was matched counts when its trades are CONFIRMED; what FAILED never happened.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from polymarket.models.clob.orders import SignedOrder

from adapters.batches import batches
from adapters.feeds.json_api import LONGEST_HOLD_S
from adapters.venues.looking import look_once
from adapters.venues.polymarket.account_trades import hand_trades_of
from adapters.venues.polymarket.official_client import Draft, OfficialClient
from adapters.venues.polymarket.settled_trades import FINAL, WAITING, fills_of, status_of
from adapters.venues.polymarket.start_checks import StartChecks
from adapters.venues.venue import AccountTrades, Answer, Signed
from data_contracts import Instrument, Order, OrderStatus, PolymarketMarket, Reason, Side
from data_contracts.errors import Refused, Unavailable, Unsafe
from domain.polymarket.amounts import CENT, Amounts, keeps_limit, market_amounts
from domain.polymarket.exchanges import Exchange, exchange_of
from domain.polymarket.order_hash import Account, order_hash
from domain.polymarket.post_answers import Meaning, PostAnswer

BATCH = 15  # orders a call may hold
LOOK_BACK = timedelta(minutes=5)  # our clock may be ahead of the venue's
ALL_SEEN_AFTER = timedelta(minutes=2)  # an order the venue does not list any more is complete when its trades are
WAITING_STATUSES = {"LIVE", "DELAYED"}
STATUS_OF = {
    Meaning.TAKEN: OrderStatus.MATCHED,
    Meaning.RESTS: OrderStatus.UNKNOWN,  # a fill-and-kill order does not rest: what it did is asked for
    Meaning.KILLED: OrderStatus.UNFILLED,
    Meaning.REFUSED: OrderStatus.REFUSED,
    Meaning.NOT_NOW: OrderStatus.PENDING,
    Meaning.UNKNOWN: OrderStatus.UNKNOWN,
}
log = logging.getLogger("walletflow.polymarket")
WordsOf = Callable[[Collection[str]], Mapping[str, PolymarketMarket]]  # what is on record of these tokens


class PolymarketVenue:
    """`client` is None where no key is: there orders get their hash and are stored, and nothing is posted."""

    is_simulated = False

    def __init__(
        self,
        account: Account,
        client: OfficialClient | None,
        checks: StartChecks,
        max_order: Decimal,
        words_of: WordsOf,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._steady_s = steady_s
        self._account, self._client, self._checks, self._max_order = account, client, checks, max_order
        self._not_before = 0.0  # of the machine's steady clock: the venue said when to come back
        self._words_of, self._words = words_of, dict[str, PolymarketMarket]()
        self._doubted: set[str] = set()  # tokens of which the venue contradicted what is remembered: asked for anew with their next order
        self.unknown_words: Counter[str] = Counter()

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        exchange = self._exchange(order.token_id)
        if isinstance(exchange, Reason):
            return exchange
        amounts = amounts_of(order, instrument)
        return amounts if isinstance(amounts, Reason) else Signed(order_hash(order, amounts, exchange, self._account))

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        client = self._with_key()
        self._checks.insist()
        answers: dict[str, Answer] = {}
        ready: list[tuple[Order, SignedOrder]] = []
        for order in orders:
            prepared = self._prepared(order, instruments[order.token_id], client)
            if isinstance(prepared, Answer):
                answers[order.order_id] = prepared
            else:
                ready.append((order, prepared))
        for batch in batches(ready, BATCH):
            answers |= {answer.order_id: answer for answer in self._send(batch, client)}
        return [self._looked_at(order, answers[order.order_id], instruments[order.token_id], as_of) for order in orders]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        client = self._with_key()
        known = client.order(order.order_hash)
        after_s = int((order.created_at - LOOK_BACK).timestamp())
        trades = [trade for trade in client.trades(order.token_id, after_s) if trade.get("taker_order_id") == order.order_hash]
        trades.sort(key=lambda trade: trade.get("bucket_index") or 0)  # they come newest first; within a match the best price was first
        if known is None and not trades:
            if order.status is OrderStatus.MATCHED:
                raise Unsafe(f"polymarket: order {order.order_hash} was matched and now the venue does not know it")
            return None
        return self._stands(order, known, trades, instrument, as_of)

    def account_trades(self, after: datetime, instruments: Mapping[str, Instrument], as_of: datetime) -> AccountTrades:
        told = list(self._with_key().trades(None, int((after - LOOK_BACK).timestamp())))
        words = [self._word(status_of(trade)) for trade in told]
        read = [hand_trades_of(trade, self._account.wallet, instruments, as_of) for trade in told]
        final = [row for word, rows in zip(words, read, strict=True) if word == "CONFIRMED" for row in rows]
        waiting = [row for word, rows in zip(words, read, strict=True) if word not in FINAL for row in rows]
        since = min((row.traded_at for row in waiting), default=None)
        return AccountTrades(tuple(final), frozenset(row.token_id for row in waiting), since)

    def held(self, token_id: str) -> Decimal:
        return self._with_key().shares(token_id)

    def refuse_closed_place(self) -> None:
        """Raises Unsafe where the venue may not be traded on from."""
        self._checks.refuse_blocked_place()

    def _stands(
        self, order: Order, known: Mapping[str, Any] | None, trades: Sequence[Any], instrument: Instrument, as_of: datetime
    ) -> Answer:
        """Settled when the order waits for nothing and each of its trades is known and final."""
        statuses = {str(trade["id"]): self._word(status_of(trade)) for trade in trades}
        listed = {str(trade_id) for trade_id in (known or {}).get("associate_trades") or ()}
        waits = known is None and as_of - order.created_at < ALL_SEEN_AFTER
        waits |= known is not None and str(known.get("status", "")).upper() in WAITING_STATUSES
        waits |= not listed <= statuses.keys() or any(status not in FINAL for status in statuses.values())
        fills = tuple(fill for trade in trades if statuses[str(trade["id"])] == "CONFIRMED" for fill in fills_of(trade, order, instrument))
        if waits:
            return Answer(order.order_id, OrderStatus.MATCHED, fills)
        if not fills:
            reason = Reason.SETTLEMENT_FAILED if trades else Reason.VENUE_NO_MATCH
            return Answer(order.order_id, OrderStatus.UNFILLED, (), reason)
        return Answer(order.order_id, OrderStatus.FILLED if is_filled(order, instrument, fills) else OrderStatus.PARTIAL, fills)

    def _prepared(self, order: Order, instrument: Instrument, client: OfficialClient) -> Answer | SignedOrder:
        """The signed order, or why it is not sent. Raises Unsafe when what would be signed is not what we stored."""
        if self._steady_s() < self._not_before:
            return Answer(order.order_id, OrderStatus.PENDING, reason=Reason.VENUE_UNAVAILABLE)
        if order.side is Side.BUY and size_of(order) > self._max_order:
            return Answer(order.order_id, OrderStatus.DENIED, reason=Reason.LIVE_LIMIT)
        if order.side is Side.BUY and self._checks.is_closed_only:
            return Answer(order.order_id, OrderStatus.REFUSED, reason=Reason.VENUE_CLOSED_ONLY)
        expected = self.sign(order, instrument)
        if isinstance(expected, Reason):
            return Answer(order.order_id, OrderStatus.DENIED, reason=expected)
        if expected.order_hash != order.order_hash:  # tick, exchange or account are others than when it was stored
            return Answer(order.order_id, OrderStatus.DENIED, reason=Reason.MARKET_CHANGED)
        return self._checked(order, instrument, client)

    def _checked(self, order: Order, instrument: Instrument, client: OfficialClient) -> Answer | SignedOrder:
        exchange, amounts = self._exchange(order.token_id), amounts_of(order, instrument)
        draft = self._drafted(order, instrument, exchange, client)
        if isinstance(draft, Answer):
            return draft
        if draft.amounts != amounts or draft.signature_type != self._account.signature_type:
            raise Unsafe(f"polymarket: order {order.order_id} should sign {amounts}, polymarket-client would sign {draft.amounts}")
        return client.signed(draft)

    def _drafted(self, order: Order, instrument: Instrument, exchange: Exchange | Reason, client: OfficialClient) -> Draft | Answer:
        """What would be signed. Where it does not fit, the client, which remembers too, asks the venue anew before we are contradicted."""
        answer = Answer(order.order_id, OrderStatus.DENIED, reason=Reason.MARKET_CHANGED)
        for anew in (True,) if order.token_id in self._doubted else (False, True):
            try:
                draft = client.draft(order, size_of(order), anew)
            except Refused as error:
                log.warning("order %s is not signed: %s", order.order_id, error)
                continue
            except Unavailable as error:
                log.warning("order %s is not signed yet: %s", order.order_id, error)
                return Answer(order.order_id, OrderStatus.PENDING, reason=Reason.VENUE_UNAVAILABLE)
            said = (draft.exchange.lower(), draft.tick_size)
            if not isinstance(exchange, Reason) and said == (exchange.address.lower(), instrument.price_increment):
                self._doubted.discard(order.token_id)
                return draft
            answer = replace(answer, price_increment=draft.tick_size)
            log.warning("order %s: the venue has this market on %s, a tick of %s", order.order_id, draft.exchange, draft.tick_size)
        self._words.pop(order.token_id, None)
        return answer

    def _exchange(self, token_id: str) -> Exchange | Reason:
        """Read once a token: neither its version nor its neg-risk flag changes, unless the venue contradicts us."""
        if token_id not in self._words:
            self._words |= self._words_of([token_id])
        words = self._words.get(token_id)
        return exchange_of(words) if words else Reason.MARKET_VERSION_UNKNOWN

    def _send(self, batch: Sequence[tuple[Order, SignedOrder]], client: OfficialClient) -> list[Answer]:
        answers = client.post([signed for _, signed in batch])
        for _, after_s in answers:
            self._not_before = max(self._not_before, self._steady_s() + min(LONGEST_HOLD_S, after_s or 0.0))
        return [self._read_answer(order, answer) for (order, _), (answer, _) in zip(batch, answers, strict=True)]

    def _read_answer(self, order: Order, answer: PostAnswer) -> Answer:
        if answer.reason is Reason.VENUE_INVALID_ORDER:
            self._doubted.add(order.token_id)
        if answer.meaning is not Meaning.TAKEN:
            log.warning("order %s: %s %s", order.order_id, answer.meaning, answer.says)
        return Answer(order.order_id, STATUS_OF[answer.meaning], (), answer.reason)

    def _looked_at(self, order: Order, answer: Answer, instrument: Instrument, as_of: datetime) -> Answer:
        """Most trades are final within seconds."""
        return look_once(self, order, answer, instrument, as_of) if answer.status in WAITING else answer

    def _word(self, status: str) -> str:
        """A status nobody told us about is kept and counted: it is not final."""
        if status not in FINAL and status not in WAITING_TRADES:
            self.unknown_words[status] += 1
            log.warning("polymarket: a trade is %r, a status we do not know (seen %d times)", status, self.unknown_words[status])
        return status

    def _with_key(self) -> OfficialClient:
        if self._client is None:
            raise Unsafe("no key here: live orders are posted and asked about by the worker of pool `execution` only (docs/going_live.md)")
        return self._client


WAITING_TRADES = {"MATCHED", "MATCHED_NOT_BROADCASTED", "MINED", "RETRYING"}


def size_of(order: Order) -> Decimal:
    """What a fill-and-kill order names: USD to spend when buying, shares to sell when selling, both to two digits."""
    size = order.shares * order.limit_price if order.side is Side.BUY else order.shares
    return size // CENT * CENT


def amounts_of(order: Order, instrument: Instrument) -> Amounts | Reason:
    """What the order gives and asks for, or why it cannot be said."""
    try:
        amounts = market_amounts(order.side, order.limit_price, size_of(order), instrument.price_increment)
    except ValueError:
        return Reason.MARKET_CHANGED
    if order.side is Side.BUY and not keeps_limit(amounts, order.limit_price):
        return Reason.LIMIT_NOT_KEPT
    return amounts if amounts.maker and amounts.taker else Reason.ORDER_BELOW_MINIMUM


def is_filled(order: Order, instrument: Instrument, fills: Sequence[Any]) -> bool:
    """Whether what it gave is what it named, but for less than a cent or a hundredth of a share that no price level could take."""
    given = sum((fill.notional if order.side is Side.BUY else fill.shares for fill in fills), Decimal(0))
    return size_of(order) - given < CENT
