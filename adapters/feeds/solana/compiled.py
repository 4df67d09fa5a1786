"""A transaction's own bytes: legacy, v0 and v1 (first byte 0x81). Read by solders; here its keys get their names."""

from base64 import b64decode
from dataclasses import dataclass

from solders.message import MessageV0, MessageV1
from solders.transaction import VersionedTransaction

from adapters.feeds.solana.values import Fault
from domain.solana.base58 import decode_base58
from domain.solana.transactions import Version


@dataclass(frozen=True, slots=True)
class CompiledInstruction:
    """Indexes into the transaction's keys, those of lookup tables behind its own."""

    program: int
    accounts: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What was signed."""

    version: Version
    signatures: tuple[str, ...]
    keys: tuple[str, ...]
    signers: int
    instructions: tuple[CompiledInstruction, ...]


def read_bytes(text: str, encoding: str) -> Message:
    """Raises Fault for what is no transaction."""
    try:
        data = b64decode(text, validate=True) if encoding == "base64" else decode_base58(text)
        transaction = VersionedTransaction.from_bytes(data)
    except ValueError as error:
        raise Fault(f"the bytes are no transaction: {error}") from None
    message = transaction.message
    return Message(
        version=_version(message),
        signatures=tuple(str(signature) for signature in transaction.signatures),
        keys=tuple(str(key) for key in message.account_keys),
        signers=message.header.num_required_signatures,
        instructions=tuple(CompiledInstruction(one.program_id_index, tuple(one.accounts), bytes(one.data)) for one in message.instructions),
    )


def _version(message: object) -> Version:
    if isinstance(message, MessageV1):
        return Version.V1
    return Version.V0 if isinstance(message, MessageV0) else Version.LEGACY
