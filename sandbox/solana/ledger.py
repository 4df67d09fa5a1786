"""The accounts that people of the sandbox really have: kept by LiteSVM, Solana's own runtime, and the transactions that landed on them.

A transaction is refused as a node refuses it (signatures, age of its blockhash, processed before), or it lands, succeeded or failed.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from solders.account import Account
from solders.address_lookup_table_account import AddressLookupTable
from solders.litesvm import LiteSVM
from solders.message import MessageV0, MessageV1
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata, SimulatedTransactionInfo, TransactionMetadata
from solders.transaction_status import TransactionErrorInstructionError

from sandbox.solana.keys import WSOL, base58
from sandbox.solana.slots import HASH_LIVES, block_at, blockhash, has_block, height_of, starts_s
from sandbox.wire import Clock, Json

TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
ASSOCIATED = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
LOOKUP_TABLES = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")
MINT_BYTES, ACCOUNT_BYTES, TABLE_META = 82, 165, 56
HISTORY = 1  # LiteSVM's own memory of signatures: ours is longer
ENOUGH = 2**62


class Rejected(Exception):
    """A node's no: it never comes into a block. The message is the error's name in Solana's words."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A transaction in a block. `meta` is what getTransaction says of it; `index` its place among ours of that slot."""

    signature: str
    slot: int
    index: int
    data: bytes
    meta: Json
    keys: tuple[str, ...]
    accounts: frozenset[str] = field(repr=False)

    @property
    def error(self) -> Any:
        return self.meta["err"]


class Ledger:
    """LiteSVM begins empty: whoever trades is funded first."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self.seed, self.clock = seed, clock
        self._svm = LiteSVM().with_sigverify(False).with_blockhash_check(False).with_transaction_history(HISTORY)
        self.landed: dict[str, Landed] = {}
        self.mints: set[str] = set()
        self.tell: Callable[[Landed], object] = lambda landed: None  # whoever else writes it into a block
        self.add_mint(WSOL, 9, TOKEN)

    @property
    def slot(self) -> int:
        """The newest that has a block."""
        return block_at(self.clock())

    @property
    def height(self) -> int:
        return height_of(self.slot)

    def latest_blockhash(self) -> tuple[str, int]:
        """With the last height at which it is valid."""
        return blockhash(self.seed, self.slot), self.height + HASH_LIVES

    def is_alive(self, recent: str) -> bool:
        return recent in self._recent_hashes()

    def _recent_hashes(self) -> Iterator[str]:
        slot, left = self.slot, HASH_LIVES + 1
        while left:
            if has_block(slot):
                yield blockhash(self.seed, slot)
                left -= 1
            slot -= 1

    def submit(self, data: bytes) -> Landed:
        """Lands it. Raises Rejected where no validator would take it."""
        transaction = self._checked(data)
        if not all(transaction.verify_with_results()):
            raise Rejected("SignatureFailure")
        keys = self.keys_of(transaction)
        before = self._balances(keys)
        self._set_time()
        outcome = self._svm.send_transaction(transaction)
        if isinstance(outcome, FailedTransactionMetadata) and not isinstance(outcome.err(), TransactionErrorInstructionError):
            raise Rejected(_error_of(outcome.err()))
        return self._land(transaction, data, keys, before, outcome)

    def simulate(self, data: bytes, watched: Sequence[str] = ()) -> Json:
        """What it would do, as simulateTransaction answers it; signatures are not looked at. `watched` are shown as they would be."""
        try:
            transaction = self._checked(data)
        except Rejected as error:
            return {"err": str(error), "logs": [], "accounts": None, "unitsConsumed": 0, "innerInstructions": None}
        self._set_time()
        outcome = self._svm.simulate_transaction(transaction)
        meta = outcome.meta()
        after = dict(outcome.post_accounts()) if isinstance(outcome, SimulatedTransactionInfo) else {}
        shown = [self.account_row(after.get(Pubkey.from_string(key), self.account(key))) for key in watched]
        return {
            "err": _error_of(outcome.err()) if isinstance(outcome, FailedTransactionMetadata) else None,
            "logs": list(meta.logs()),
            "accounts": shown if watched else None,
            "unitsConsumed": meta.compute_units_consumed(),
            "innerInstructions": _inner(meta),
        }

    def account(self, key: str) -> Account | None:
        return self._svm.get_account(Pubkey.from_string(key))

    def lamports(self, key: str) -> int:
        return self._svm.get_balance(Pubkey.from_string(key)) or 0

    def tokens(self, key: str) -> int:
        """Raw, of one token account."""
        account = self.account(key)
        return int.from_bytes(account.data[64:72], "little") if account is not None and len(account.data) >= ACCOUNT_BYTES else 0

    def held(self, owner: str, mint: str) -> int:
        """Raw, of the account an owner keeps its coins of a mint in."""
        minted = self.account(mint)
        return self.tokens(str(associated(owner, mint, minted.owner))) if minted is not None else 0

    def holds(self, owner: str, mint: str) -> str | None:
        """The address of the account an owner keeps its coins of a mint in, if it is open."""
        minted = self.account(mint)
        address = str(associated(owner, mint, minted.owner)) if minted is not None else ""
        return address if address and self.account(address) is not None else None

    def holding(self, account: Account) -> tuple[str, str, int] | None:
        """Mint, owner and raw amount of a token account."""
        if account.owner not in (TOKEN, TOKEN_2022) or len(account.data) < ACCOUNT_BYTES:
            return None
        mint, owner = (str(Pubkey.from_bytes(account.data[at : at + 32])) for at in (0, 32))
        return mint, owner, int.from_bytes(account.data[64:72], "little")

    def fund(self, key: str, lamports: int) -> None:
        """Sets what a wallet has."""
        self._svm.set_account(Pubkey.from_string(key), Account(lamports, b"", SYSTEM, False, 0))

    def add_mint(self, mint: str, decimals: int, program: Pubkey) -> None:
        """A coin that nobody can mint any more or freeze; one that is there stays as it is."""
        self.mints.add(mint)
        if self.account(mint) is None:
            data = bytes(36) + ENOUGH.to_bytes(8, "little") + bytes([decimals, 1]) + bytes(36)
            self._set(mint, data, program)

    def give(self, owner: str, mint: str, raw: int) -> str:
        """Sets what an owner has of a coin, and gives the address of the account it is in."""
        minted = self.account(mint)
        if minted is None:
            raise ValueError(f"there is no {mint}")
        address = associated(owner, mint, minted.owner)
        wrapped = mint == WSOL
        deposit = self._svm.minimum_balance_for_rent_exemption(ACCOUNT_BYTES)
        native = b"\1\0\0\0" + deposit.to_bytes(8, "little") if wrapped else bytes(12)
        data = _key(mint) + _key(owner) + raw.to_bytes(8, "little") + bytes(36) + b"\1" + native + bytes(44)
        self._set(str(address), data, minted.owner, raw if wrapped else 0)
        return str(address)

    def add_table(self, address: str, keys: Sequence[str]) -> None:
        """A lookup table of these addresses, which nobody can change."""
        meta = (1).to_bytes(4, "little") + (2**64 - 1).to_bytes(8, "little") + bytes(TABLE_META - 12)
        self._set(address, meta + b"".join(_key(key) for key in keys), LOOKUP_TABLES)

    def keys_of(self, transaction: VersionedTransaction) -> list[str]:
        """Its own keys, then those its lookup tables give: writable ones first."""
        message = transaction.message
        keys, writable, readonly = [str(key) for key in message.account_keys], list[str](), list[str]()
        for lookup in message.address_table_lookups if isinstance(message, MessageV0) else ():
            table = self.account(str(lookup.account_key))
            if table is None:
                raise Rejected("AddressLookupTableNotFound")
            listed = [str(key) for key in AddressLookupTable.deserialize(table.data).addresses]
            writable += [listed[index] for index in lookup.writable_indexes]
            readonly += [listed[index] for index in lookup.readonly_indexes]
        return [*keys, *writable, *readonly]

    def account_row(self, account: Account | None) -> Json | None:
        """As the RPC shows it, in base 64."""
        if account is None or (not account.lamports and not account.data):
            return None
        return {
            "lamports": account.lamports,
            "data": [_base64(bytes(account.data)), "base64"],
            "owner": str(account.owner),
            "executable": account.executable,
            "rentEpoch": account.rent_epoch,
            "space": len(account.data),
        }

    def _checked(self, data: bytes) -> VersionedTransaction:
        transaction = _parsed(data)
        if str(transaction.signatures[0]) in self.landed:
            raise Rejected("AlreadyProcessed")
        if not self.is_alive(recent_blockhash(transaction)):
            raise Rejected("BlockhashNotFound")
        return transaction

    def _land(self, transaction: VersionedTransaction, data: bytes, keys: list[str], before: "Balances", outcome: Any) -> Landed:
        failed = isinstance(outcome, FailedTransactionMetadata)
        meta = outcome.meta() if failed else outcome
        after, slot = self._balances(keys), self.slot
        own = len(transaction.message.account_keys)
        told = {
            "err": _error_of(outcome.err()) if failed else None,
            "status": {"Err": _error_of(outcome.err())} if failed else {"Ok": None},
            "fee": meta.fee(),
            "preBalances": before.lamports,
            "postBalances": after.lamports,
            "preTokenBalances": before.tokens,
            "postTokenBalances": after.tokens,
            "innerInstructions": _inner(meta),
            "logMessages": list(meta.logs()),
            "loadedAddresses": _loaded(transaction, keys, own),
            "rewards": [],
            "computeUnitsConsumed": meta.compute_units_consumed(),
        }
        signature, index = str(transaction.signatures[0]), sum(one.slot == slot for one in self.landed.values())
        owners = {row["owner"] for row in (*before.tokens, *after.tokens)}
        landed = Landed(signature, slot, index, data, told, tuple(keys), frozenset({*keys, *owners}))
        self.landed[signature] = landed
        self.tell(landed)
        return landed

    def _balances(self, keys: Sequence[str]) -> "Balances":
        accounts = [self.account(key) for key in keys]
        rows = [row for index, account in enumerate(accounts) if (row := self._token_row(index, account))]
        return Balances([account.lamports if account else 0 for account in accounts], rows)

    def _token_row(self, index: int, account: Account | None) -> Json | None:
        held = self.holding(account) if account is not None else None
        if account is None or held is None:
            return None
        mint, owner, raw = held
        minted = self.account(mint)
        decimals = minted.data[44] if minted else 0
        amount = {"amount": str(raw), "decimals": decimals, "uiAmount": raw / 10**decimals, "uiAmountString": f"{raw / 10**decimals:f}"}
        return {"accountIndex": index, "mint": mint, "owner": owner, "programId": str(account.owner), "uiTokenAmount": amount}

    def _set(self, address: str, data: bytes, program: Pubkey, lamports: int = 0) -> None:
        deposit = self._svm.minimum_balance_for_rent_exemption(len(data))
        self._svm.set_account(Pubkey.from_string(address), Account(deposit + lamports, data, program, False, 0))

    def _set_time(self) -> None:
        clock = self._svm.get_clock()
        clock.slot, clock.unix_timestamp = self.slot, int(starts_s(self.slot))
        self._svm.set_clock(clock)


@dataclass(frozen=True, slots=True)
class Balances:
    """Of a transaction's accounts, in their order; token accounts in the RPC's words."""

    lamports: list[int]
    tokens: list[Json]


def associated(owner: str, mint: str, program: Pubkey) -> Pubkey:
    """Where an owner keeps its coins of a mint."""
    return Pubkey.find_program_address([_key(owner), bytes(program), _key(mint)], ASSOCIATED)[0]


def recent_blockhash(transaction: VersionedTransaction) -> str:
    message = transaction.message
    return str(message.lifetime_specifier if isinstance(message, MessageV1) else message.recent_blockhash)


def seed_of(*parts: object) -> bytes:
    """32 bytes a key is made of."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).digest()


def _parsed(data: bytes) -> VersionedTransaction:
    try:
        return VersionedTransaction.from_bytes(data)
    except ValueError as error:
        raise Rejected(f"failed to deserialize: {error}") from error


def _inner(meta: TransactionMetadata) -> list[Json]:
    return [
        {"index": outer, "instructions": [_called(one) for one in called]}
        for outer, called in enumerate(meta.inner_instructions())
        if called
    ]


def _called(inner: Any) -> Json:
    one = inner.instruction()
    return {
        "programIdIndex": one.program_id_index,
        "accounts": list(one.accounts),
        "data": base58(bytes(one.data)),
        "stackHeight": inner.stack_height(),
    }


def _loaded(transaction: VersionedTransaction, keys: Sequence[str], own: int) -> Json:
    message = transaction.message
    writable = sum(len(one.writable_indexes) for one in message.address_table_lookups) if isinstance(message, MessageV0) else 0
    return {"writable": list(keys[own : own + writable]), "readonly": list(keys[own + writable :])}


def _error_of(error: Any) -> Any:
    """In the RPC's words: a name, or which instruction failed and how."""
    if isinstance(error, TransactionErrorInstructionError):
        return {"InstructionError": [error.index, _instruction_error(error.err)]}
    return str(error).rpartition(".")[2]


def _instruction_error(error: Any) -> Any:
    code = getattr(error, "code", None)
    return {"Custom": code} if isinstance(code, int) else _json_or_name(error)


def _json_or_name(error: Any) -> Any:
    try:
        return json.loads(error.to_json())
    except (AttributeError, ValueError):
        return str(error).rpartition(".")[2]


def _key(text: str) -> bytes:
    return bytes(Pubkey.from_string(text))


def _base64(data: bytes) -> str:
    return b64encode(data).decode()
