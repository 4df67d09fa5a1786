"""Bytes that somebody wants signed, in the words of drainer_check.py: every account by its address, and what a node says they would do."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from solders.address_lookup_table_account import AddressLookupTable
from solders.message import MessageV0, MessageV1
from solders.transaction import VersionedTransaction

from adapters.venues.solana.rpc_node import Json, RpcNode
from data_contracts.errors import Refused
from domain.solana.base58 import encode_base58
from domain.solana.proposals import AccountState, Outcome, Proposal, TokenState
from domain.solana.swap_programs import TOKEN_PROGRAMS
from domain.solana.transactions import Instruction

TABLES = "AddressLookupTab1e1111111111111111111111111"


@dataclass(frozen=True, slots=True)
class Read:
    """The transaction, what it says, and the accounts it may write to."""

    transaction: VersionedTransaction
    proposal: Proposal
    writable: tuple[str, ...]

    @property
    def blockhash(self) -> str:
        message = self.transaction.message
        return str(message.lifetime_specifier if isinstance(message, MessageV1) else message.recent_blockhash)


def read_transaction(data: bytes, node: RpcNode) -> Read:
    """Raises Refused for what is no transaction or names a lookup table that is none; Unavailable."""
    try:
        transaction = VersionedTransaction.from_bytes(data)
    except ValueError as error:
        raise Refused(f"solana: the bytes are no transaction: {error}") from None
    message = transaction.message
    own = [str(key) for key in message.account_keys]
    writable, readonly = _looked_up(message, node) if isinstance(message, MessageV0) else ([], [])
    keys, signers = [*own, *writable, *readonly], message.header.num_required_signatures
    fee = message.config.priority_fee if isinstance(message, MessageV1) else None
    try:
        instructions = tuple(_instructions(message, keys))
    except IndexError:
        raise Refused("solana: a transaction names accounts it does not have") from None
    return Read(transaction, Proposal(own[0], tuple(own[:signers]), instructions, fee), (*_own_writable(message, own), *writable))


def simulated(read: Read, node: RpcNode) -> Outcome:
    """What it would do to every account it may write to; or the error it would end with. Raises Unavailable, Refused."""
    before = _states(read, node.accounts(read.writable))
    told = node.simulate(b64encode(bytes(read.transaction)).decode(), read.writable)
    if told.get("err") is not None:
        return Outcome(before, before, _called(told), error_text(told["err"]))
    after = told.get("accounts")
    if not isinstance(after, list) or len(after) != len(read.writable):
        raise Refused("solana: the node does not say what the transaction would leave behind")
    return Outcome(before, _states(read, after), _called(told))


def error_text(error: Any) -> str:
    """A name, or `custom 6001` where a program failed by a number of its own."""
    if isinstance(error, dict) and isinstance(error.get("InstructionError"), list):
        _, why = error["InstructionError"]
        return f"custom {why['Custom']}" if isinstance(why, dict) and "Custom" in why else str(why)
    return str(error)


def _instructions(message: Any, keys: Sequence[str]) -> Iterator[Instruction]:
    for place, one in enumerate(message.instructions):
        yield Instruction(keys[one.program_id_index], tuple(keys[index] for index in one.accounts), bytes(one.data), place)


def _own_writable(message: Any, own: Sequence[str]) -> list[str]:
    """By the header: of the signers the last are read only, and of the others too."""
    header = message.header
    signers, last = header.num_required_signatures, len(own) - header.num_readonly_unsigned_accounts
    return [*own[: signers - header.num_readonly_signed_accounts], *own[signers:last]]


def _looked_up(message: MessageV0, node: RpcNode) -> tuple[list[str], list[str]]:
    lookups = message.address_table_lookups
    rows = node.accounts([str(one.account_key) for one in lookups]) if lookups else []
    writable, readonly = list[str](), list[str]()
    for lookup, row in zip(lookups, rows, strict=True):
        listed = _listed(row)
        try:
            writable += [listed[index] for index in lookup.writable_indexes]
            readonly += [listed[index] for index in lookup.readonly_indexes]
        except IndexError:
            raise Refused(f"solana: lookup table {lookup.account_key} has no such entry yet") from None
    return writable, readonly


def _listed(row: Json | None) -> list[str]:
    if row is None or row.get("owner") != TABLES:
        raise Refused("solana: a transaction names a lookup table that is none")
    return [str(key) for key in AddressLookupTable.deserialize(b64decode(row["data"][0])).addresses]


def _states(read: Read, rows: Sequence[Json | None]) -> dict[str, AccountState | None]:
    return {address: _state(row) for address, row in zip(read.writable, rows, strict=True)}


def _state(row: Json | None) -> AccountState | None:
    """An account without lamports is none."""
    if row is None or not row["lamports"]:
        return None
    data, program = b64decode(row["data"][0]), str(row["owner"])
    return AccountState(int(row["lamports"]), program, len(data), _token(data) if program in TOKEN_PROGRAMS else None)


def _token(data: bytes) -> TokenState | None:
    """The first 165 bytes; Token-2022 adds extensions behind a mark that says what it is. A mint is shorter, or marked as one."""
    if len(data) < 165 or (len(data) > 165 and data[165] != 2):
        return None
    delegate = encode_base58(data[76:108]) if data[72] else None
    closer = encode_base58(data[133:165]) if data[129] else None
    return TokenState(encode_base58(data[:32]), encode_base58(data[32:64]), int.from_bytes(data[64:72], "little"), delegate, closer)


def _called(told: Json) -> frozenset[str]:
    """Programs that wrote that they were called."""
    lines = (str(line).split() for line in told.get("logs") or ())
    return frozenset(words[1] for words in lines if len(words) > 2 and words[0] == "Program" and words[2] == "invoke")
