"""Solana's live venue on the sandbox's ledger: what it signs, LiteSVM executes, and what the chain says is what is booked."""

import json
from base64 import b64decode
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
from solders.hash import Hash
from solders.message import MessageV1, TransactionConfig, to_bytes_versioned
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from adapters.venues.solana.proposing import read_transaction
from adapters.venues.venue import UNSIGNED, Signed
from data_contracts import Instrument, Order, OrderStatus, Reason, Side
from data_contracts.errors import Unavailable, Unsafe
from domain.copying.contradictions import contradiction
from sandbox.solana.drainers import DRAINERS
from sandbox.solana.launches import Fate
from sandbox.solana.ledger import Rejected
from tests.adapters.venues.solana.conftest import DEAD_AFTER_S, LAMPORTS, LIMITS, Chain, transaction_of


def test_a_buy_is_signed_stored_sent_and_filled_to_the_lamport(chain: Chain, mint: Instrument) -> None:
    """0.1 SOL go in, 50 basis points of it for Jupiter; two signatures, 50,000 lamports and a few for priority, 2,074,080 of rent."""
    before, order = chain.lamports, chain.signed(chain.order(mint), mint)
    assert chain.landed() == []  # nothing was sent yet
    answer = chain.post(order, mint)
    chain.clock.advance(1)
    answer = chain.find(order, mint) or answer
    (fill,), receipt = answer.fills, answer.receipt
    assert (answer.status, chain.landed()) == (OrderStatus.FILLED, [order.order_hash])
    assert fill.shares == Decimal(chain.held(mint)).scaleb(-6)
    assert contradiction(order, answer.fills, (), Decimal(0)) == ""
    assert receipt is not None
    assert receipt.sol_change == Decimal(chain.lamports - before).scaleb(-9)
    assert (receipt.network_fee, receipt.rent) == (Decimal("0.00001"), Decimal("-0.00207408"))
    assert fill.fee == receipt.venue_fee + receipt.network_fee + receipt.priority_fee
    assert receipt.sol_change == -fill.notional - fill.fee + receipt.rent
    spent = (order.shares * order.limit_price).quantize(Decimal("1e-9"), ROUND_DOWN)
    assert (fill.notional + receipt.venue_fee, receipt.venue_fee) == (spent, (spent * Decimal("0.005")).quantize(spent, ROUND_DOWN))


def test_a_sale_brings_what_the_chain_says_and_leaves_no_coin(chain: Chain, mint: Instrument) -> None:
    chain.bought(mint)
    before = chain.lamports
    answer = chain.bought(mint, side=Side.SELL)
    (fill,) = answer.fills
    assert (answer.status, fill.side, chain.held(mint)) == (OrderStatus.FILLED, Side.SELL, 0)
    assert fill.notional - fill.fee == Decimal(chain.lamports - before).scaleb(-9)


def test_only_our_slot_is_signed_and_the_others_keep_theirs(chain: Chain, mint: Instrument) -> None:
    """Two orders: the maker of one signed before us, of the other it will sign in /execute."""
    makers = []
    for name in ("first", "second"):
        transaction = transaction_of(chain.signed(chain.order(mint, f"{name} {chain.wallet}"), mint))
        ours, other = transaction.signatures
        assert ours.verify(chain.keypair.pubkey(), to_bytes_versioned(transaction.message))
        makers.append(other.verify(chain.swaps.maker.pubkey(), to_bytes_versioned(transaction.message)))
        assert makers[-1] or other == type(other).default()
    assert sorted(makers) == [False, True]


def test_its_name_is_its_signature_and_it_expires_by_height(chain: Chain, mint: Instrument) -> None:
    order = chain.signed(chain.order(mint), mint)
    assert str(transaction_of(order).signatures[0]) == order.order_hash
    assert order.expires_at is None
    assert order.last_valid_height is not None
    assert chain.ledger.height < order.last_valid_height <= chain.ledger.height + 150


def test_a_second_post_of_the_same_bytes_changes_nothing(chain: Chain, mint: Instrument) -> None:
    order = chain.signed(chain.order(mint), mint)
    chain.post(order, mint)
    after = chain.lamports, chain.held(mint)
    for _ in range(3):
        chain.post(order, mint)
    assert (chain.lamports, chain.held(mint)) == after
    assert len(chain.landed()) == 1


@pytest.mark.parametrize("what", ["lost_after", "misreported", "late", "denied"])
def test_an_answer_that_is_lost_or_wrong_is_looked_up_and_was_a_fill(chain: Chain, mint: Instrument, what: str) -> None:
    order = chain.signed(chain.order(mint), mint)
    chain.fault("execute", what, after_s=5)
    assert chain.post(order, mint).status in (OrderStatus.UNKNOWN, OrderStatus.MATCHED)
    chain.clock.advance(6)
    chain.swaps.land_late()
    chain.clock.advance(1)
    answer = chain.find(order, mint)
    assert answer is not None
    assert answer.status is OrderStatus.FILLED
    assert answer.fills[0].shares == Decimal(chain.held(mint)).scaleb(-6)


@pytest.mark.parametrize("what", ["lost_before", "never", "rejected", "rate_limited", "error"])
def test_what_never_landed_is_dead_for_certain_after_its_height_and_not_before(chain: Chain, mint: Instrument, what: str) -> None:
    """Even where a signature came back and Success with it."""
    order = chain.signed(chain.order(mint), mint)
    chain.fault("execute", what)
    assert chain.post(order, mint).status in (OrderStatus.UNKNOWN, OrderStatus.MATCHED)
    assert chain.find(order, mint) is None  # alive: it may land yet
    chain.clock.advance(DEAD_AFTER_S)
    answer = chain.find(order, mint)
    assert answer is not None
    assert (answer.status, answer.reason, answer.fills) == (OrderStatus.REFUSED, Reason.TRANSACTION_EXPIRED, ())
    assert (chain.landed(), chain.lamports) == ([], 10 * LAMPORTS)


def test_at_the_last_height_it_may_still_land_and_after_it_no_node_takes_it(chain: Chain, mint: Instrument) -> None:
    order = chain.signed(chain.order(mint), mint)
    assert order.last_valid_height is not None
    while chain.ledger.height < order.last_valid_height:
        chain.clock.advance(0.1)
    assert chain.find(order, mint) is None
    while chain.ledger.height < order.last_valid_height + 2:
        chain.clock.advance(0.1)
    assert chain.find(order, mint) is None  # that height is not final yet
    chain.post(order, mint)
    assert chain.landed() == []


def test_a_router_that_says_too_low_a_height_does_not_make_it_dead_early(chain: Chain, mint: Instrument, monkeypatch: Any) -> None:
    """Believed, the order would be over while its bytes can still be executed, and bought again."""
    plain = chain.swaps.order
    monkeypatch.setattr(chain.swaps, "order", lambda query: (200, plain(query)[1] | {"lastValidBlockHeight": "1"}))
    order = chain.signed(chain.order(mint), mint)
    chain.fault("execute", "late", after_s=5)
    chain.post(order, mint)
    assert chain.find(order, mint) is None
    chain.clock.advance(6)
    chain.swaps.land_late()
    chain.clock.advance(1)
    answer = chain.find(order, mint)
    assert answer is not None
    assert answer.status is OrderStatus.FILLED


def test_a_price_that_is_gone_when_it_lands_costs_the_fee_and_buys_nothing(chain: Chain, mint: Instrument) -> None:
    chain.fault("order", "stale")
    answer = chain.bought(mint)
    assert (answer.status, answer.reason, answer.fills) == (OrderStatus.UNFILLED, Reason.TRANSACTION_FAILED, ())
    assert answer.receipt is not None
    assert answer.receipt.sol_change == Decimal(chain.lamports - 10 * LAMPORTS).scaleb(-9)
    assert answer.receipt.sol_change == -answer.receipt.network_fee - answer.receipt.priority_fee < 0
    assert not answer.receipt.succeeded


@pytest.mark.parametrize("kind", list(DRAINERS))
@pytest.mark.parametrize("side", list(Side))
def test_a_drainers_transaction_gets_no_signature(chain: Chain, mint: Instrument, kind: str, side: Side) -> None:
    """Also where the chain itself would fail it: who asks for that is not asked again."""
    if side is Side.SELL:
        chain.bought(mint)
    order, before = chain.order(mint, side=side), chain.landed()
    chain.fault("order", "drainer", kind=kind)
    if (kind, side) == ("gives_nothing", Side.SELL):  # there it only fails: the fee is to be paid out of what never came
        assert chain.venue.sign(order, mint) is Reason.VENUE_NO_BALANCE
    else:
        with pytest.raises(Unsafe, match="is a drainer's"):
            chain.venue.sign(order, mint)
    assert chain.landed() == before


def test_two_orders_of_the_very_same_bytes_are_not_one_swap(chain: Chain, mint: Instrument) -> None:
    """Same coin, amount, price and blockhash: one signature, of which both would claim the fill."""
    first, second = chain.order(mint), chain.order(mint)
    chain.fault("order", "twin", times=2)
    assert isinstance(chain.venue.sign(first, mint), Signed)
    with pytest.raises(Unavailable, match="very bytes"):
        chain.venue.sign(second, mint)


def test_without_a_key_nothing_is_signed_or_sent(chain: Chain, mint: Instrument) -> None:
    chain.venue._key = None
    assert chain.venue.sign(chain.order(mint), mint) == UNSIGNED
    with pytest.raises(Unsafe, match="no key here"):
        chain.post(chain.order(mint), mint)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"limits": replace(LIMITS, max_order=Decimal("0.099"))}, Reason.LIVE_LIMIT),
        ({"limits": replace(LIMITS, reserve=Decimal("9.9"))}, Reason.VENUE_NO_BALANCE),
        ({"limits": replace(LIMITS, max_impact=0.0001)}, Reason.IMPACT_TOO_HIGH),
    ],
)
def test_what_our_limits_forbid_is_denied(chain: Chain, mint: Instrument, changes: dict[str, Any], reason: Reason) -> None:
    assert chain.new_venue(**changes).sign(chain.order(mint), mint) is reason


def test_what_the_router_has_not_is_denied_with_its_reason(chain: Chain, mint: Instrument) -> None:
    trap = chain.instrument(chain.coin(Fate.HONEYPOT))
    chain.bought(trap)
    sale = replace(chain.order(mint), side=Side.SELL, token_id=trap.token_id, shares=Decimal(1), limit_price=Decimal("1e-12"))
    assert chain.venue.sign(sale, trap) is Reason.NO_ROUTE
    cheap = chain.order(mint)
    assert chain.venue.sign(replace(cheap, limit_price=cheap.limit_price / 2, shares=cheap.shares * 2), mint) is Reason.PRICE_BEYOND_LIMIT
    chain.fault("order", "not_built")
    assert chain.venue.sign(chain.order(mint), mint) is Reason.VENUE_REFUSED
    assert chain.venue.sign(replace(sale, token_id=mint.token_id), mint) is Reason.VENUE_NO_BALANCE


def test_a_router_that_is_away_is_asked_again_later(chain: Chain, mint: Instrument) -> None:
    chain.fault("order", "error", times=4)
    with pytest.raises(Unavailable):
        chain.venue.sign(chain.order(mint), mint)


def test_the_free_path_pays_no_fee_to_jupiter_and_goes_through_our_own_node(chain: Chain, mint: Instrument) -> None:
    free = replace(chain, is_free=True)
    order = free.order(mint)
    free.post(signed := free.signed(order, mint), mint)
    free.clock.advance(1)
    answer = free.find(signed, mint)
    assert answer is not None
    assert answer.receipt is not None
    assert (answer.status, answer.receipt.venue_fee) == (OrderStatus.FILLED, 0)
    assert answer.fills[0].notional == (order.shares * order.limit_price).quantize(Decimal("1e-9"), ROUND_DOWN)
    assert json.loads(b64decode(free.signed(free.order(mint), mint).signed_bytes))["requestId"] == ""


def test_a_wrong_chain_a_wrong_key_or_a_wrong_clock_signs_nothing(chain: Chain, mint: Instrument) -> None:
    for fault, named in (("genesis", "of chain"), ("wallet", "the key is of"), ("clock", "clock")):
        venue = chain.new_venue()
        checks = venue._checks
        if fault == "genesis":
            checks._genesis = "another"
        elif fault == "wallet":
            checks._wallet = chain.swaps.fees
        else:
            checks._clock = lambda: chain.clock() + 61
        with pytest.raises(Unsafe, match=named):
            venue.sign(chain.order(mint), mint)


def test_an_order_nobody_signed_was_never_seen(chain: Chain, mint: Instrument) -> None:
    order: Order = chain.order(mint)
    assert chain.find(order, mint) is None


def test_the_doctor_is_told_what_is_in_the_wallet_and_what_is_wrong(chain: Chain) -> None:
    assert chain.venue.ready_sol() == 10
    venue = chain.new_venue()
    venue._checks._genesis = "another"
    with pytest.raises(Unsafe, match="of chain"):
        venue.ready_sol()


@pytest.mark.parametrize(
    ("method", "answer", "error", "says"),
    [
        ("status", (None, 5), Unavailable, "is behind"),
        ("history_begins_s", 2**40, Unsafe, "history begins after it"),
    ],
)
def test_a_node_that_cannot_know_declares_nothing_dead(
    chain: Chain, mint: Instrument, monkeypatch: pytest.MonkeyPatch, method: str, answer: Any, error: type[Exception], says: str
) -> None:
    """It is behind, or has forgotten: the swap may have been made, and would be made again."""
    order = chain.signed(chain.order(mint), mint)
    chain.clock.advance(DEAD_AFTER_S)
    monkeypatch.setattr(chain.venue._node, method, lambda *asked: answer)
    with pytest.raises(error, match=says):
        chain.find(order, mint)


def test_a_v1_transaction_is_read_with_the_fee_it_names_and_signed_in_our_slot(chain: Chain) -> None:
    """First byte 0x81: no lookup tables, no compute budget. LiteSVM executes it, and takes the same once."""
    recent = Hash.from_string(chain.ledger.latest_blockhash()[0])
    pay = transfer(TransferParams(from_pubkey=chain.keypair.pubkey(), to_pubkey=chain.swaps.maker.pubkey(), lamports=7_000))
    message = MessageV1.try_compile(chain.keypair.pubkey(), [pay], recent, TransactionConfig(priority_fee=1_234, compute_unit_limit=20_000))
    unsigned = VersionedTransaction.populate(message, [Signature.default()])
    assert bytes(unsigned)[0] == 0x81
    read = read_transaction(bytes(unsigned), chain.venue._node)
    assert (read.proposal.fee_payer, read.proposal.priority_fee) == (chain.wallet, 1_234)
    assert [one.program for one in read.proposal.instructions] == ["1" * 32]
    signed = chain.key.signed(read.transaction)
    landed = chain.ledger.submit(bytes(signed))
    assert (landed.error, landed.signature) == (None, str(signed.signatures[0]))
    with pytest.raises(Rejected, match="AlreadyProcessed"):
        chain.ledger.submit(bytes(signed))
