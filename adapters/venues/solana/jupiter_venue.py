"""The live venue on Solana: Jupiter routes and lands, the chain alone says what happened. It needs a key and spends money.

An order is signed once: its signature is its name, and its bytes are stored before they are sent. They are sent again as they are, which a
chain executes once, until more blocks are final than may hold them: then, looked for in vain, it is dead for certain and not before. A fill
counts when its block is confirmed: two thirds of the stake voted for it, and no such block was ever taken back.
"""

import json
import logging
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.feeds.solana.rpc_transactions import read_answer
from adapters.venues.looking import look_once
from adapters.venues.solana.built import built
from adapters.venues.solana.proposing import Read, error_text, read_transaction, simulated
from adapters.venues.solana.rent_returns import RentReturns
from adapters.venues.solana.rpc_node import CONFIRMED, FINALIZED, RpcNode
from adapters.venues.solana.start_checks import StartChecks
from adapters.venues.solana.swap_api import Executed, SwapApi, SwapOrder, execute_body
from adapters.venues.solana.wallet_key import WalletKey
from adapters.venues.venue import UNSIGNED, Answer, Signed
from data_contracts import Instrument, Order, OrderStatus, Reason
from data_contracts.errors import Refused, Unavailable, Unsafe
from domain.solana.drainer_check import check
from domain.solana.own_fills import fill_of, in_sol, own_swap, receipt_of
from domain.solana.proposals import Wanted
from domain.solana.swap_terms import Offer, SwapLimits, may_spend, objection, reason_of, slippage_for, wanted_of
from domain.solana.transactions import ChainTransaction, Unreadable

ROUTERS = ("dflow,okx", "jupiterz,dflow,okx")  # left out: what they promise on the chain cannot be read; then whoever else pays the fee
AT_ONCE = 8  # orders executed side by side: each waits until it landed
HISTORY_MARGIN_S = 60
SEEN = {CONFIRMED, FINALIZED}
log = logging.getLogger("walletflow.solana")


class JupiterVenue:
    """`key` is None where no key is: there orders are stored unsigned, and nothing is posted. `is_free`: `/build` instead of `/order`."""

    is_simulated = False

    def __init__(
        self,
        wallet: str,
        key: WalletKey | None,
        api: SwapApi,
        node: RpcNode,
        limits: SwapLimits,
        checks: StartChecks,
        is_free: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._wallet, self._key, self._api, self._node, self._limits = wallet, key, api, node, limits
        self._checks, self._is_free, self._clock = checks, is_free, clock
        self._given: dict[str, str] = {}  # signature → order: two orders of the same bytes would be one swap

    def sign(self, order: Order, instrument: Instrument) -> Signed | Reason:
        if self._key is None:
            return UNSIGNED
        self._checks.insist()
        wanted = wanted_of(order, instrument, self._wallet, self._limits)
        if isinstance(wanted, Reason):
            return wanted
        denied = may_spend(wanted, self._node.lamports(self._wallet), self._limits)
        return denied or self._offered(order, wanted, self._key)

    def post(self, orders: Sequence[Order], instruments: Mapping[str, Instrument], as_of: datetime) -> list[Answer]:
        self._with_key()
        self._checks.insist()
        with ThreadPoolExecutor(AT_ONCE) as side_by_side:
            answers = list(side_by_side.map(self._sent, orders))
        return [self._looked_at(order, answer, instruments[order.token_id], as_of) for order, answer in zip(orders, answers, strict=True)]

    def find(self, order: Order, instrument: Instrument, as_of: datetime) -> Answer | None:
        if not order.order_hash:
            return None
        status, _ = self._node.status(order.order_hash)
        return self._unseen(order, instrument) if status is None else self._seen(order, instrument, status)

    def ready_sol(self) -> Decimal:
        """What is in the wallet, once all that must be true before an order is. Raises Unsafe where something is not."""
        self._checks.insist()
        return in_sol(self._node.lamports(self._wallet))

    def rent_returns(self) -> RentReturns:
        """Of the same wallet. Raises Unsafe where the key is not."""
        self._with_key()
        assert self._key is not None  # noqa: S101 (said by _with_key)
        return RentReturns(self._wallet, self._key, self._node, self._checks)

    def _offered(self, order: Order, wanted: Wanted, key: WalletKey) -> Signed | Reason:
        """Asked for, judged, read, simulated, checked, and only then signed."""
        offered = self._asked(wanted, self._limits.slippage_bps(order.side))
        if isinstance(offered, Reason):
            return offered
        swap, read, asked_at = offered
        outcome = simulated(read, self._node)
        checked = check(read.proposal, wanted, outcome, self._offer(swap, asked_at).net_of_fee)
        if checked.harms:
            raise Unsafe(f"jupiter: a transaction of router {swap.router} is a drainer's: {'; '.join(checked.harms)}")
        if outcome.error:
            return self._reason_of(order, outcome.error)
        if checked.unknown:
            log.warning("order %s: its route goes through %s, which we do not know", order.order_id, ", ".join(checked.unknown))
            return Reason.ROUTE_NOT_KNOWN
        if checked.is_short:
            return Reason.LIMIT_NOT_KEPT
        return objection(self._offer(swap, asked_at), wanted, self._limits) or self._signed(order, swap, read, key)

    def _asked(self, wanted: Wanted, slippage_bps: int) -> tuple[SwapOrder, Read, float] | Reason:
        """An offer we would take: once more with less slippage where it promises too little, once more where another pays its fee."""
        for routers in ROUTERS:
            asked_at = self._clock()
            swap = self._order(wanted, slippage_bps, routers)
            if isinstance(swap, Reason):
                return swap
            denied = objection(self._offer(swap, asked_at), wanted, self._limits)
            if denied:
                return denied
            if self._offer(swap, asked_at).net_of_fee < wanted.least_out:
                slippage_bps = slippage_for(self._offer(swap, asked_at), wanted)
                continue
            read = read_transaction(swap.transaction, self._node)
            if read.proposal.fee_payer == self._wallet:
                return swap, read, asked_at
            log.info("router %s pays the fee itself: such a transaction has no name of ours, and is asked for elsewhere", swap.router)
        return Reason.LIMIT_NOT_KEPT

    def _order(self, wanted: Wanted, slippage_bps: int, without: str) -> SwapOrder | Reason:
        ask = (wanted.gives, wanted.gets, wanted.most_in, self._wallet, slippage_bps)
        if not self._is_free:
            return self._api.order(*ask, without)
        parts = self._api.build(*ask)
        return parts if isinstance(parts, Reason) else built(*parts, self._wallet)

    def _offer(self, swap: SwapOrder, asked_at: float) -> Offer:
        now = self._clock()
        left = None if swap.expires_s is None else swap.expires_s - now
        return Offer(swap.in_raw, swap.out_raw, swap.least_out_raw, swap.fee_bps, swap.price_impact, now - asked_at, left)

    def _reason_of(self, order: Order, error: str) -> Reason:
        """Raises Unavailable where another transaction is to be asked for."""
        reason = reason_of(error)
        log.warning("order %s is not signed: its transaction would fail with %s", order.order_id, error)
        if reason is None:
            raise Unavailable(f"jupiter: its transaction would fail with {error}")
        return reason

    def _signed(self, order: Order, swap: SwapOrder, read: Read, key: WalletKey) -> Signed:
        """The height is our own node's where a router says less: a hash that is known lives no longer than the newest one."""
        transaction = key.signed(read.transaction)
        name = str(transaction.signatures[0])
        if self._given.setdefault(name, order.order_id) != order.order_id:
            raise Unavailable(f"jupiter: order {order.order_id} would be the very bytes of {self._given[name]}: asked for again")
        last = max(swap.last_valid_height, self._node.last_valid_height())
        body = execute_body(b64encode(bytes(transaction)).decode(), swap.request_id, last)
        return Signed(name, b64encode(body).decode(), last_valid_height=last)

    def _sent(self, order: Order) -> Answer:
        """Whatever is said of it is a claim: only that it was not asked at all means that it was not sent."""
        answer = partial(Answer, order.order_id)
        body = b64decode(order.signed_bytes)
        try:
            told = self._executed(body)
        except (Unavailable, Refused) as error:
            log.warning("order %s is not known to be sent: %s", order.order_id, error)
            return answer(OrderStatus.UNKNOWN, reason=Reason.VENUE_UNAVAILABLE)
        if told is None:
            return answer(OrderStatus.UNKNOWN)
        if told.signature not in ("", order.order_hash):
            says = f"jupiter: order {order.order_hash} was sent, and {told.signature} was executed"
            return answer(OrderStatus.UNKNOWN, reason=Reason.VENUE_CONTRADICTS_US, contradiction=says)
        if not told.is_landed:
            log.warning("order %s: %s", order.order_id, told.says)
        return answer(OrderStatus.MATCHED if told.is_landed else OrderStatus.UNKNOWN)

    def _executed(self, body: bytes) -> Executed | None:
        said = json.loads(body)
        if said["requestId"]:
            return self._api.execute(body)
        return Executed(False, self._node.send(said["signedTransaction"]), "sent to our own node")

    def _looked_at(self, order: Order, answer: Answer, instrument: Instrument, as_of: datetime) -> Answer:
        """Most land within seconds."""
        return answer if answer.contradiction else look_once(self, order, answer, instrument, as_of)

    def _unseen(self, order: Order, instrument: Instrument) -> Answer | None:
        """Looked for once more after so many blocks are final, by a node that knows of them and whose history goes back far enough."""
        height, slot = self._node.final_height()
        if order.last_valid_height is None or height <= order.last_valid_height:
            return None
        status, known_slot = self._node.status(order.order_hash)
        if status is not None:
            return self._seen(order, instrument, status)
        if known_slot < slot:
            raise Unavailable(f"solana: the node that was asked is behind, at slot {known_slot} of {slot}")
        if self._node.transaction(order.order_hash) is not None:
            return self._landed(order, instrument)
        begins_s = self._node.history_begins_s()
        if begins_s > order.created_at.timestamp() - HISTORY_MARGIN_S:
            raise Unsafe(f"solana: order {order.order_hash} is not found, and the node's history begins after it: ask one that has it")
        return Answer(order.order_id, OrderStatus.REFUSED, (), Reason.TRANSACTION_EXPIRED)

    def _seen(self, order: Order, instrument: Instrument, status: Mapping[str, Any]) -> Answer:
        if status.get("confirmationStatus") not in SEEN:
            return Answer(order.order_id, OrderStatus.MATCHED)
        return self._landed(order, instrument)

    def _landed(self, order: Order, instrument: Instrument) -> Answer:
        """What it did, by its balances. Raises Unsafe for a transaction that cannot be read or is not this order."""
        transaction = read_answer(self._node.transaction(order.order_hash), order.order_hash)
        if transaction is None or (isinstance(transaction, ChainTransaction) and transaction.block_time is None):
            return Answer(order.order_id, OrderStatus.MATCHED)  # its details come a moment later
        if isinstance(transaction, Unreadable):
            raise Unsafe(f"solana: transaction {order.order_hash} landed and cannot be read: {transaction.why}")
        swap = own_swap(transaction, self._wallet, order.token_id)
        receipt = receipt_of(swap, transaction, order, instrument, self._wallet)
        if transaction.error is not None:
            log.warning("order %s landed and failed: %s", order.order_id, error_text(transaction.error))
            return Answer(order.order_id, OrderStatus.UNFILLED, (), Reason.TRANSACTION_FAILED, receipt=receipt)
        fill = fill_of(swap, transaction, order, instrument)
        if isinstance(fill, str):
            return Answer(order.order_id, OrderStatus.UNKNOWN, (), Reason.VENUE_CONTRADICTS_US, fill, receipt=receipt)
        return Answer(order.order_id, OrderStatus.FILLED, (fill,), receipt=receipt)

    def _with_key(self) -> None:
        if self._key is None:
            raise Unsafe("no key here: live orders are posted and asked about by the worker of pool `execution` only (docs/going_live.md)")
