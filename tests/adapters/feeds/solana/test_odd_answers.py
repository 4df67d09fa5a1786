"""Answers of a node that no node should give: each is our word for no. `make fuzz` found these; before, each ended its caller unexplained.

A list that is none, a page whose next page is itself (which was asked for again without an end), and numbers that no column can hold.
"""

from typing import Any, cast

import pytest

from adapters.feeds.solana.accounts import coins_of, mints_of
from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.launch_stream import LaunchStreams
from adapters.feeds.solana.listing import list_signatures
from adapters.feeds.solana.node import NodeClock
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.rpc_transactions import read_row
from data_contracts.errors import Unavailable
from domain.solana.transactions import Unreadable
from tests.adapters.feeds.solana.test_enhanced_transactions import account, payload
from tests.fuzz.feeds import EVER
from tests.fuzz.samples import MINT, MINT_ACCOUNT, OWNER, RAW, SIGNATURES


class Node:
    """Answers one thing to whatever it is asked."""

    host, credits, calls_per_s = "node", 0, 10.0

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, 0

    def ask(self, method: str, *parameters: Any) -> Any:
        self.asked += 1
        return self.answer

    def ask_all(self, method: str, questions: Any) -> list[Any]:
        return [self.answer for _ in questions]


def saying(answer: Any) -> SolanaRpc:
    return cast(SolanaRpc, Node(answer))


@pytest.mark.parametrize("value", [5, "x", {"a": 1}, True])
def test_accounts_that_are_no_list_are_no_answer(value: Any) -> None:
    with pytest.raises(Unavailable, match="getMultipleAccounts"):
        mints_of(saying({"value": value}), [MINT])


@pytest.mark.parametrize("extension", ["x", 5, {"extension": "transferHook", "state": "x"}])
def test_a_mint_whose_extensions_cannot_be_read_is_none(extension: Any) -> None:
    """What it does at each transfer is not known, so it is not called sound."""
    known = MINT_ACCOUNT["value"][0]
    info = known["data"]["parsed"]["info"] | {"extensions": [extension]}
    odd = known | {"data": {"parsed": {"type": "mint", "info": info}}}
    assert mints_of(saying({"value": [odd]}), [MINT]) == {}
    assert set(mints_of(saying(MINT_ACCOUNT), [MINT])) == {MINT}


@pytest.mark.parametrize("amount", [[], "5", 5, None])
def test_an_amount_that_is_none_is_no_answer(amount: Any) -> None:
    row = {"account": {"data": {"parsed": {"info": {"tokenAmount": amount}}}}}
    with pytest.raises(Unavailable, match="getTokenAccountsByOwner"):
        coins_of(saying({"context": {"slot": 1}, "value": [row]}), OWNER, MINT, None)


@pytest.mark.parametrize("page", [5, "x", [], {"data": 5}, {"data": "x"}])
def test_a_page_of_a_launch_that_is_none_is_no_answer(page: Any) -> None:
    with pytest.raises(Unavailable, match="getTransactionsForAddress"):
        LaunchStreams(saying(page)).first_of([MINT], 10)


def test_a_page_whose_next_page_is_itself_is_not_asked_for_for_ever() -> None:
    """Its rows cannot be read, so there were never enough of them."""
    node = Node({"data": [{}], "paginationToken": "again"})
    with pytest.raises(Unavailable, match="next page"):
        LaunchStreams(cast(SolanaRpc, node)).first_of([MINT], 10)
    assert node.asked == 2


@pytest.mark.parametrize("slot", [2**44, 2**63, -1])
def test_a_slot_that_no_column_holds_is_none(slot: int) -> None:
    """Up to 2^64 was a slot, and a frame of one row of it ended in polars' own error."""
    assert isinstance(read_enhanced(payload(slot=slot)), Unreadable)
    assert isinstance(read_enhanced(payload(transactionIndex=slot)), Unreadable)
    assert isinstance(read_row(RAW | {"slot": slot}), Unreadable)
    assert not isinstance(read_row(RAW | {"slot": 2**44 - 1}), Unreadable)
    with pytest.raises(Unavailable):
        list_signatures(saying([SIGNATURES[0] | {"slot": slot}]), [OWNER], EVER, 1, {}, None)
    with pytest.raises(Unavailable):
        NodeClock(saying(slot)).look()


@pytest.mark.parametrize("name", [{"a": 1}, ["W"], 5])
def test_a_wallet_that_is_no_text_is_none(name: Any) -> None:
    """A wallet that was a list or an object could not be counted among others."""
    assert isinstance(read_enhanced(payload(feePayer=name)), Unreadable)
    transfers = [{"fromUserAccount": name, "toUserAccount": "POOL", "amount": 5}]
    assert isinstance(read_enhanced(payload(nativeTransfers=transfers)), Unreadable)
    sold = {"mint": "COIN", "tokenAmount": 1, "fromUserAccount": name, "toUserAccount": "W"}
    trimmed = payload(account("W", -1_000_005_000), tokenTransfers=[sold])
    assert isinstance(read_enhanced(trimmed, coin_decimals={"COIN": 6}), Unreadable)
    balance = RAW["meta"]["postTokenBalances"][0] | {"programId": name}
    assert isinstance(read_row(RAW | {"meta": RAW["meta"] | {"postTokenBalances": [balance]}}), Unreadable)
