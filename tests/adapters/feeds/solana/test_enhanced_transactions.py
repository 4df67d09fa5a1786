"""Helius' own reading of a transaction: its whole numbers are believed, its floats and names are not."""

from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from domain.solana.base58 import encode_base58
from domain.solana.programs import NATIVE, WSOL
from domain.solana.swaps import read_swaps
from domain.solana.transactions import ChainTransaction, Payment, Unreadable

TRANSFER_50 = encode_base58(bytes([2, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0]))


def change(raw: str, owner: str = "W", mint: str = "COIN", account: str = "W/COIN") -> dict[str, Any]:
    return {"userAccount": owner, "tokenAccount": account, "mint": mint, "rawTokenAmount": {"tokenAmount": raw, "decimals": 6}}


def account(address: str, lamports: int, *changes: dict[str, Any]) -> dict[str, Any]:
    return {"account": address, "nativeBalanceChange": lamports, "tokenBalanceChanges": list(changes)}


def payload(*accounts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """W pays 1 SOL into a pool and gets 1,000 of a coin."""
    listed = list(accounts) or [
        account("W", -1_000_005_000),
        account("W/COIN", 0, change("1000")),
        account("POOL", 1_000_000_000),
        account("POOL/COIN", 0, change("-1000", "POOL", account="POOL/COIN")),
    ]
    return {"signature": "S", "slot": 5, "timestamp": 1_790_000_000, "feePayer": "W", "fee": 5_000, "accountData": listed} | more


def read(one: Any, **more: Any) -> ChainTransaction:
    transaction = read_enhanced(one, **more)
    assert isinstance(transaction, ChainTransaction), transaction
    return transaction


def without(one: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in keys}


@pytest.mark.parametrize("named", ["SWAP", "TRANSFER", "UNKNOWN", "TOKEN_MINT", "", None])
@pytest.mark.parametrize("events", [{}, [], {"swap": {"nativeInput": {"account": "W", "amount": "7"}}}, None])
def test_what_it_is_called_changes_nothing(named: Any, events: Any) -> None:
    (swap,) = read_swaps(read(payload(type=named, events=events)), "W").swaps
    assert (swap.got.raw, swap.lamports) == (1_000, 1_000_000_000)


def test_floats_of_transfers_are_not_believed_where_accounts_are_listed() -> None:
    transfers = [{"fromUserAccount": "POOL", "toUserAccount": "W", "mint": "COIN", "tokenAmount": 0.0009999999}]
    assert read(payload(tokenTransfers=transfers)).token_change("W", "COIN") == 1_000


def test_an_account_that_is_listed_under_its_owner_too_counts_once() -> None:
    one = payload()
    one["accountData"][0]["tokenBalanceChanges"] = [change("1000")]
    assert read(one).token_change("W", "COIN") == 1_000


@pytest.mark.parametrize("place", [0, 2])
def test_an_account_that_is_listed_twice_counts_once(place: int) -> None:
    """Its lamports counted twice: 1 SOL was a purchase for 2."""
    one = payload()
    one["accountData"].append(one["accountData"][place])
    (swap,) = read_swaps(read(one), "W").swaps
    assert (swap.got.raw, swap.lamports) == (1_000, 1_000_000_000)


def test_a_payload_without_its_fee_has_the_fee_that_all_accounts_lost() -> None:
    transaction = read(without(payload(), "fee", "feePayer"))
    assert (transaction.fee, transaction.fee_payer, transaction.is_whole) == (5_000, "W", True)


def test_a_fee_that_cannot_be_known_is_not_made_up() -> None:
    transaction = read(without(payload(account("W", -1_000_005_000), account("W/COIN", 0, change("1000"))), "fee"))
    assert (transaction.fee, transaction.is_whole) == (None, False)


def test_lamports_that_the_system_program_moved_are_read_from_instructions() -> None:
    inner = {"programId": NATIVE, "accounts": ["W", "POOL"], "data": TRANSFER_50}
    outer = {"programId": "PROGRAM", "accounts": ["W"], "data": "", "innerInstructions": [inner]}
    assert read(payload(instructions=[outer])).payments == (Payment("W", "POOL", 50),)


def test_without_instructions_they_are_read_from_the_list_of_transfers() -> None:
    transfers = [
        {"fromUserAccount": "W", "toUserAccount": "VENUE", "amount": 50},
        {"fromUserAccount": None, "toUserAccount": "W", "amount": 1},
    ]
    assert read(payload(nativeTransfers=transfers)).payments == (Payment("W", "VENUE", 50), Payment("", "W", 1))


def test_a_failed_transaction_is_failed() -> None:
    assert read(payload(transactionError={"InstructionError": [0, "x"]})).error == '{"InstructionError": [0, "x"]}'


class TestTrimmed:
    """Some stores keep the wallet's own account only, and tokens as floats."""

    def trimmed(self, amount: Any) -> dict[str, Any]:
        transfers = [{"fromUserAccount": "POOL", "toUserAccount": "W", "mint": "COIN", "tokenAmount": amount}]
        return payload(account("W", -1_000_005_000), tokenTransfers=transfers)

    @pytest.mark.parametrize(("amount", "raw"), [(1000, 10**9), (0.001, 1_000), (123456789.123456, 123_456_789_123_456)])
    def test_an_exact_float_is_taken_where_nothing_better_is_there(self, amount: Any, raw: int) -> None:
        transaction = read(self.trimmed(amount), coin_decimals={"COIN": 6})
        assert transaction.token_change("W", "COIN") == raw
        assert transaction.token_change("POOL", "COIN") == -raw

    @pytest.mark.parametrize("amount", [1234567890.1234567, 0.0000001, None, True, "5"])
    def test_one_that_may_have_lost_digits_is_not(self, amount: Any) -> None:
        assert isinstance(read_enhanced(self.trimmed(amount), {"COIN": 6}), Unreadable)

    def test_without_the_coins_decimals_it_cannot_be_read(self) -> None:
        unreadable = read_enhanced(self.trimmed(1000))
        assert isinstance(unreadable, Unreadable)
        assert (unreadable.signature, "COIN" in unreadable.why) == ("S", True)

    def test_wrapped_sol_in_transfers_is_not_counted_beside_the_balance(self) -> None:
        transfers = [{"fromUserAccount": "POOL", "toUserAccount": "W", "mint": WSOL, "tokenAmount": 0.8}]
        assert read(payload(account("W", 799_995_000), tokenTransfers=transfers)).sol_change("W") == 799_995_000


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (payload(accountData=[]), "accountData is missing"),
        (payload(accountData=None), "accountData is missing"),
        (payload(account("W", 1.5)), "nativeBalanceChange is no whole number"),  # type: ignore[arg-type]
        (payload(account("W", 1, change("1.5"))), "no raw amount"),
        (payload(account("W", 1, {"userAccount": "W", "mint": "COIN"})), "rawTokenAmount is missing"),
        (payload(account("W", 1, change("1", owner=""))), "userAccount is missing"),
        (payload(account("W", -5_000), account("W", -6_000)), "two things of one account"),
        (payload(account("W", -5_000, change("1"), change("2"))), "two things of one account"),
        (payload(account("W", -5_000, change("1", account=""), change("2", account=""))), "two things of one account"),
        (payload(fee="5000"), "fee is no whole number"),
        (payload(signature=None), "the signature is missing"),
        (payload(timestamp="yesterday"), "timestamp is no whole number"),
        ([payload()], "no object"),
        (None, "the payload is missing"),
    ],
)
def test_what_cannot_be_read_says_why(one: Any, said: str) -> None:
    unreadable = read_enhanced(one)
    assert isinstance(unreadable, Unreadable)
    assert said in unreadable.why
