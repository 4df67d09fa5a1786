"""Transactions as Helius writes them when it has read them itself ("enhanced"): webhooks and the history of an address.

Amounts are taken from accountData, which is whole; `type`, `events.swap` and the floats of tokenTransfers are not believed.
Source: https://www.helius.dev/docs/api-reference/enhanced-transactions
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.feeds.solana.payments import payments_of
from adapters.feeds.solana.transfers import balances_of_transfers
from adapters.feeds.solana.values import Fault, Json, decimals, digits, instant, items, slot_or_none, table, text, text_or_empty, whole
from domain.solana.base58 import decode_base58
from domain.solana.transactions import BASE_FEE, Account, ChainTransaction, Instruction, Payment, TokenBalance, Unreadable

MOST_FEE = 10**9  # lamports: a payload whose accounts lost more than this, and does not name its fee, has accounts missing


def read_enhanced(row: Any, coin_decimals: Mapping[str, int] | None = None) -> ChainTransaction | Unreadable:
    """One payload. `coin_decimals` are those known from elsewhere: with them, trimmed payloads can be read from their transfers."""
    try:
        return _read(table(row, "the payload"), coin_decimals or {})
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        signature = row.get("signature") if isinstance(row, dict) else None
        why = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
        return Unreadable(signature if isinstance(signature, str) else None, why)


def _read(row: Json, coin_decimals: Mapping[str, int]) -> ChainTransaction:
    listed = [table(one, "accountData") for one in items(row.get("accountData"), "accountData")]
    accounts = _accounts(listed)
    if not accounts:
        raise Fault("accountData is missing: without it no amount is certain")
    instructions = tuple(_instructions(row))
    transaction = ChainTransaction(
        signature=text(row.get("signature"), "the signature"),
        slot=slot_or_none(row.get("slot")),
        index=slot_or_none(row.get("transactionIndex"), "transactionIndex"),
        block_time=instant(row.get("timestamp"), "timestamp"),
        version=None,
        fee_payer=text_or_empty(row.get("feePayer"), "feePayer") or accounts[0].address,
        fee=_fee(row, accounts),
        signatures=1,
        accounts=accounts,
        tokens=tuple(_tokens(listed)),
        payments=tuple(_payments(row, instructions)),
        instructions=instructions,
        error=None if row.get("transactionError") is None else json.dumps(row["transactionError"]),
    )
    left_out = () if transaction.is_whole else tuple(balances_of_transfers(row, transaction.tokens, coin_decimals))
    return replace(transaction, tokens=transaction.tokens + left_out) if left_out else transaction


def _accounts(listed: Sequence[Json]) -> tuple[Account, ...]:
    """Each once: listed twice, its lamports would count twice."""
    accounts = tuple(dict.fromkeys(map(_account, listed)))
    if len({one.address for one in accounts}) < len(accounts):
        raise Fault("accountData tells two things of one account")
    return accounts


def _account(row: Json) -> Account:
    return Account(text(row.get("account"), "account"), whole(row.get("nativeBalanceChange"), "nativeBalanceChange"))


def _fee(row: Json, accounts: Sequence[Account]) -> int | None:
    """As it is named; or, where all accounts are there, what they lost together. None where it cannot be known."""
    if row.get("fee") is not None:
        return whole(row["fee"], "fee")
    lost = -sum(account.change for account in accounts)
    return lost if BASE_FEE <= lost <= MOST_FEE else None


def _tokens(listed: Sequence[Json]) -> Iterator[TokenBalance]:
    """An account that is listed under its owner and by itself counts once."""
    changes: dict[tuple[str, str, str], TokenBalance] = {}
    for one in listed:
        for row in items(one.get("tokenBalanceChanges"), "tokenBalanceChanges"):
            token = _token(table(row, "a token balance change"))
            if changes.setdefault((token.account, token.owner, token.mint), token) != token:
                raise Fault("tokenBalanceChanges tell two things of one account")
    yield from changes.values()


def _token(row: Json) -> TokenBalance:
    amount = table(row.get("rawTokenAmount"), "rawTokenAmount")
    return TokenBalance(
        account=text(row.get("tokenAccount"), "tokenAccount") if row.get("tokenAccount") else "",
        owner=text(row.get("userAccount"), "userAccount"),
        mint=text(row.get("mint"), "mint"),
        decimals=decimals(amount.get("decimals"), "decimals"),
        change=digits(amount.get("tokenAmount"), "rawTokenAmount.tokenAmount"),
    )


def _instructions(row: Json) -> Iterator[Instruction]:
    for outer, one in enumerate(items(row.get("instructions"), "instructions")):
        yield _instruction(one, outer, None)
        for inner, other in enumerate(items(one.get("innerInstructions"), "innerInstructions")):
            yield _instruction(other, outer, inner)


def _instruction(row: Json, outer: int, inner: int | None) -> Instruction:
    accounts = tuple(str(one) for one in items(row.get("accounts"), "accounts"))
    data = decode_base58(row.get("data") or "")
    return Instruction(text(row.get("programId"), "programId"), accounts, data, outer, inner, 1 if inner is None else 2)


def _payments(row: Json, instructions: Sequence[Instruction]) -> Iterator[Payment]:
    """From the instructions, which say what was opened; from the list of transfers where they were left out."""
    if instructions:
        yield from payments_of(instructions)
        return
    for one in items(row.get("nativeTransfers"), "nativeTransfers"):
        source, destination = (text_or_empty(one.get(f"{side}UserAccount"), "nativeTransfers") for side in ("from", "to"))
        yield Payment(source, destination, whole(one.get("amount"), "nativeTransfers.amount"))
