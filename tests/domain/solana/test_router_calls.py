"""What Jupiter's instructions promise on the chain: recorded ones, and each layout by hand."""

from typing import Any

import pytest

from adapters.feeds.solana.rpc_transactions import read_answer
from domain.solana.router_calls import LAYOUTS, read_router_call
from domain.solana.swap_programs import CALLED, JUPITER, ORDER_ENGINE
from domain.solana.transactions import ChainTransaction, Instruction

ACCOUNTS = tuple(f"account {number}" for number in range(12))


def recorded_calls(recorded: Any, name: str) -> tuple[ChainTransaction, list[Any]]:
    transaction = read_answer(recorded(f"transactions/{name}.json"))
    assert isinstance(transaction, ChainTransaction)
    calls = [read_router_call(one) for one in transaction.instructions if one.program == JUPITER and one.depth == 1]
    return transaction, [call for call in calls if call is not None]


@pytest.mark.parametrize(
    ("name", "in_raw", "least_out", "mint"),
    [
        ("raw_open3", 200_000_000, 1_188_318_771, "9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump"),
        ("raw_add", 700_000_000, 36_537_244_410, "7S37Wv"),
    ],
)
def test_a_recorded_route_promises_what_its_balances_kept(recorded: Any, name: str, in_raw: int, least_out: int, mint: str) -> None:
    """200 USDC for 1,198.591705 coins, at least 1,188.318771; 0.7 SOL for 36,815.534629, at least 36,537.24441."""
    transaction, (call,) = recorded_calls(recorded, name)
    assert (call.user, call.in_raw, call.least_out) == (transaction.fee_payer, in_raw, least_out)
    got = max(token.change for token in transaction.tokens_of(transaction.fee_payer) if token.mint.startswith(mint[:6]))
    assert least_out <= got
    assert {one.program for one in transaction.instructions} <= CALLED


def little(*pairs: tuple[int, int]) -> bytes:
    return b"".join(number.to_bytes(size, "little") for number, size in pairs)


def call(kind: str, in_raw: int = 1_000, out: int = 50_000, slippage: int = 100, fee: int = 50) -> Instruction:
    layout = LAYOUTS[kind]
    if layout.amounts is None:
        data = bytes.fromhex(kind) + b"any plan of a route" + little((in_raw, 8), (out, 8), (slippage, 2), (fee, 1))
    else:
        data = bytes.fromhex(kind) + bytes(layout.amounts - 8) + little((in_raw, 8), (out, 8), (slippage, 2), (fee, 2)) + b"\0\0 a plan"
    return Instruction(JUPITER, ACCOUNTS, data, 0)


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_each_layout_is_read(kind: str) -> None:
    """50,000 less 1 % are 49,500; less half a percent of that, 49,252."""
    read = read_router_call(call(kind))
    assert read is not None
    assert (read.in_raw, read.least_out, read.user) == (1_000, 49_252, ACCOUNTS[LAYOUTS[kind].user])


def test_an_account_that_is_left_out_is_no_destination() -> None:
    plain = call("e517cb977ae3ad2a")
    left_out = Instruction(JUPITER, (*ACCOUNTS[:4], JUPITER, *ACCOUNTS[5:]), plain.data, 0)
    read = read_router_call(left_out)
    assert read is not None
    assert read.destinations == (ACCOUNTS[3],)


@pytest.mark.parametrize("kind", ["d033ef977b2bed5c", "9d8ab85215f4f324", "96564774a75d0e68", "0000000000000000", ""])
def test_what_promises_nothing_that_we_read_is_not_known(kind: str) -> None:
    """Exact out may take more than was asked, a ledger names no amount."""
    assert read_router_call(Instruction(JUPITER, ACCOUNTS, bytes.fromhex(kind) + bytes(40), 0)) is None


def test_a_makers_order_has_both_amounts_fixed() -> None:
    data = bytes.fromhex("a860b7a35c0a28a0") + little((7, 8), (9, 8), (1_800_000_000, 8))
    read = read_router_call(Instruction(ORDER_ENGINE, ACCOUNTS, data, 0))
    assert read is not None
    assert (read.in_raw, read.least_out, read.user) == (7, 9, ACCOUNTS[0])


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_half_an_instruction_is_none(kind: str) -> None:
    whole = call(kind)
    for size in range(26):
        assert read_router_call(Instruction(JUPITER, ACCOUNTS, (whole.data or b"")[:size], 0)) is None
    assert read_router_call(Instruction(JUPITER, ACCOUNTS[:1], whole.data, 0)) is None
