"""The bytes of a transaction, as they go over the wire. A signature of the world's own is a name: it proves nothing."""

from solders.hash import Hash
from solders.instruction import CompiledInstruction
from solders.message import Message, MessageAddressTableLookup, MessageHeader, MessageV0, MessageV1, TransactionConfig
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from sandbox.solana.calls import UNITS
from sandbox.solana.deeds import LEGACY
from sandbox.solana.written import Written


def bytes_of(written: Written) -> bytes:
    if written.raw is not None:
        return written.raw
    signatures = [Signature.from_string(one) for one in written.signatures]
    return bytes(VersionedTransaction.populate(_message(written), signatures))


def _message(written: Written) -> Message | MessageV0 | MessageV1:
    layout = written.layout
    header = MessageHeader(layout.signed, layout.signed_readonly, layout.readonly)
    keys, recent = [Pubkey.from_string(one) for one in layout.keys], Hash.from_string(written.blockhash)
    places = {one: place for place, one in enumerate(layout.all)}
    calls = [
        CompiledInstruction(places[call.program], call.data, bytes(places[meta.address] for meta in call.accounts))
        for call in written.calls
    ]
    if written.costs.version == 1:
        return MessageV1(header, TransactionConfig(written.costs.priority, UNITS), recent, keys, calls)
    if written.costs.version == LEGACY:
        return Message.new_with_compiled_instructions(*header_numbers(header), keys, recent, calls)
    return MessageV0(header, keys, recent, calls, _lookups(written))


def header_numbers(header: MessageHeader) -> tuple[int, int, int]:
    return header.num_required_signatures, header.num_readonly_signed_accounts, header.num_readonly_unsigned_accounts


def _lookups(written: Written) -> list[MessageAddressTableLookup]:
    layout = written.layout
    if not (layout.loaded_writable or layout.loaded_readonly):
        return []
    return [MessageAddressTableLookup(Pubkey.from_string(layout.table), bytes(layout.writable_lookups), bytes(layout.readonly_lookups))]
