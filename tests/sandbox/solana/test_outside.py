"""A transaction that came from outside: once whoever executed it says that it landed, every answer of the chain shows it."""

import json
from base64 import b64encode
from typing import Any

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message, MessageHeader, MessageV0, MessageV1, TransactionConfig
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import TransactionMetadata

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.rpc_transactions import read_row
from domain.solana.transactions import ChainTransaction
from sandbox.solana.app import Solana
from sandbox.solana.enhanced_rows import enhanced_row
from sandbox.solana.outside import Outside
from sandbox.solana.slots import has_block, slot_at, starts_s
from tests.solana_sandbox import StandingClock, small_solana

HOUR_S, LAMPORTS = 3_600.0, 123_456_789
OURS, THEIRS = Keypair.from_seed(bytes([1] * 32)), Keypair.from_seed(bytes([2] * 32)).pubkey()
Made = tuple[VersionedTransaction, Outside]


@pytest.fixture
def solana() -> Solana:
    return small_solana(StandingClock(), history_s=HOUR_S / 2)


def executed(version: int = 0, recent: Hash | None = None) -> Made:
    """A payment, signed and really executed by Solana's own runtime."""
    svm = LiteSVM().with_blockhash_check(False)
    svm.airdrop(OURS.pubkey(), 10**9)
    call, hash_ = transfer(TransferParams(from_pubkey=OURS.pubkey(), to_pubkey=THEIRS, lamports=LAMPORTS)), recent or Hash.new_unique()
    legacy = Message.new_with_blockhash([call], OURS.pubkey(), hash_)
    message: Any = legacy if version < 0 else MessageV0.try_compile(OURS.pubkey(), [call], [], hash_)
    transaction = VersionedTransaction(message, [OURS])
    keys = tuple(str(key) for key in message.account_keys)
    before = [svm.get_balance(Pubkey.from_string(key)) or 0 for key in keys]
    done = svm.send_transaction(transaction)
    assert isinstance(done, TransactionMetadata)
    meta = {
        "err": None,
        "fee": done.fee(),
        "preBalances": before,
        "postBalances": [svm.get_balance(Pubkey.from_string(key)) or 0 for key in keys],
        "preTokenBalances": [],
        "postTokenBalances": [],
        "innerInstructions": [],
        "logMessages": list(done.logs()),
        "computeUnitsConsumed": done.compute_units_consumed(),
    }
    return transaction, Outside(str(transaction.signatures[0]), bytes(transaction), meta, keys)


def ask(solana: Solana, method: str, *params: Any) -> Any:
    answer: Any = solana.node.answer({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    return json.loads(json.dumps(answer))["result"]


@pytest.mark.parametrize("version", [-1, 0])
def test_a_transaction_from_outside_is_in_every_answer_and_moves_nothing_else(solana: Solana, version: int) -> None:
    solana.chain.at(solana.clock())
    before = [solana.chain.blocks.signature(one) for one in solana.chain.blocks]
    transaction, outside = executed(version)
    placed = solana.chain.include(solana.clock(), outside)
    solana.clock.now_s += 1  # type: ignore[attr-defined]  # stands still otherwise
    confirmed = {"commitment": "confirmed", "maxSupportedTransactionVersion": 1}
    for address in (str(OURS.pubkey()), str(THEIRS)):
        assert [row["signature"] for row in ask(solana, "getSignaturesForAddress", address, confirmed)] == [outside.signature]
        page = ask(solana, "getTransactionsForAddress", address, confirmed | {"transactionDetails": "full"})
        assert [row["transaction"]["signatures"][0] for row in page["data"]] == [outside.signature]
    for encoding in ("json", "jsonParsed", "base64"):
        read = read_row(ask(solana, "getTransaction", outside.signature, confirmed | {"encoding": encoding}))
        assert isinstance(read, ChainTransaction)
        assert (read.native_change(str(THEIRS)), read.fee, read.slot) == (LAMPORTS, 5_000, placed.slot)
        assert read.is_whole
    told = ask(solana, "getTransaction", outside.signature, confirmed | {"encoding": "base64"})["transaction"][0]
    assert told == b64encode(bytes(transaction)).decode()
    assert ask(solana, "getSignatureStatuses", [outside.signature])["value"][0]["err"] is None
    enhanced = read_enhanced(enhanced_row(solana.node.history.written(len(before)), solana.clock()))
    assert isinstance(enhanced, ChainTransaction)
    assert enhanced.native_change(str(THEIRS)) == LAMPORTS
    assert [solana.chain.blocks.place_of(one) for one in before] == list(range(len(before)))


def test_the_worlds_own_transactions_are_found_behind_it_too(solana: Solana) -> None:
    """It shifts places: signatures of the world's own, which are numbers, still lead to their transaction."""
    solana.chain.at(solana.clock())
    for number in range(3):
        solana.chain.include(solana.clock() + 60 * number, executed()[1])
    solana.chain.at(solana.clock() + 600)
    found = [solana.chain.blocks.place_of(solana.chain.blocks.signature(one)) for one in solana.chain.blocks]
    assert found == list(range(len(solana.chain.blocks)))
    same = small_solana(StandingClock(), history_s=HOUR_S / 2).chain.at(solana.clock() + 600)
    own = [solana.chain.blocks.signature(one) for one in solana.chain.blocks if one.number >= 0]
    assert own == [same.blocks.signature(one) for one in same.blocks]


def test_in_a_slot_without_a_block_it_waits_for_the_next(solana: Solana) -> None:
    """Nobody who read a confirmed block finds another transaction in it afterwards."""
    slot = next(slot for slot in range(slot_at(solana.clock()), slot_at(solana.clock()) + 60) if not has_block(slot))
    placed = solana.chain.include(starts_s(slot) + 0.01, executed()[1])
    assert placed.slot == slot + 1


def test_version_1_is_read_as_it_was_sent() -> None:
    """LiteSVM does not execute it yet: its bytes and a meta in a node's words are enough."""
    call = transfer(TransferParams(from_pubkey=OURS.pubkey(), to_pubkey=THEIRS, lamports=LAMPORTS))
    compiled = MessageV0.try_compile(OURS.pubkey(), [call], [], Hash.new_unique())
    header = MessageHeader(1, 0, 1)
    message = MessageV1(
        header, TransactionConfig(7, 200_000), compiled.recent_blockhash, list(compiled.account_keys), list(compiled.instructions)
    )
    transaction = VersionedTransaction(message, [OURS])
    outside = executed()[1]
    one = Outside(str(transaction.signatures[0]), bytes(transaction), outside.meta, outside.keys)
    solana = small_solana(StandingClock(), history_s=HOUR_S / 2)
    solana.chain.include(solana.clock(), one)
    solana.clock.now_s += 1  # type: ignore[attr-defined]
    row = ask(solana, "getTransaction", one.signature, {"commitment": "confirmed", "maxSupportedTransactionVersion": 1})
    assert row["version"] == 1
    assert isinstance(read_row(row), ChainTransaction)
