"""Puts together the parts that `/build` gives: a v0 transaction without Jupiter's fee, to be signed and sent by us."""

from base64 import b64decode
from dataclasses import replace
from typing import Any

from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from adapters.venues.solana.swap_api import SwapOrder
from data_contracts.errors import Unavailable

UNITS = 600_000  # of compute: `/build` leaves the limit to us
Json = dict[str, Any]


def built(swap: SwapOrder, parts: Json, wallet: str) -> SwapOrder:
    """The same with its transaction, which our own node brings in. Raises Unavailable for parts that do not fit."""
    try:
        message = MessageV0.try_compile(Pubkey.from_string(wallet), _instructions(parts), _tables(parts), _blockhash(parts))
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable(f"jupiter: the parts of /build do not make a transaction: {error!r}") from error
    unsigned = VersionedTransaction.populate(message, [Signature.default()] * message.header.num_required_signatures)
    return replace(swap, transaction=bytes(unsigned), request_id="", fee_bps=0)


def _instructions(parts: Json) -> list[Instruction]:
    rows = [
        *(parts.get("computeBudgetInstructions") or []),
        *(parts.get("setupInstructions") or []),
        *(parts.get("otherInstructions") or []),
        parts["swapInstruction"],
        *([parts["cleanupInstruction"]] if parts.get("cleanupInstruction") else []),
        *([parts["tipInstruction"]] if parts.get("tipInstruction") else []),
    ]
    return [set_compute_unit_limit(UNITS), *map(_instruction, rows)]


def _instruction(row: Json) -> Instruction:
    accounts = [AccountMeta(Pubkey.from_string(one["pubkey"]), one["isSigner"], one["isWritable"]) for one in row["accounts"]]
    return Instruction(Pubkey.from_string(row["programId"]), b64decode(row["data"]), accounts)


def _tables(parts: Json) -> list[AddressLookupTableAccount]:
    given = parts.get("addressesByLookupTableAddress") or {}
    return [
        AddressLookupTableAccount(Pubkey.from_string(table), [Pubkey.from_string(key) for key in keys]) for table, keys in given.items()
    ]


def _blockhash(parts: Json) -> Hash:
    return Hash.from_bytes(bytes(parts["blockhashWithMetadata"]["blockhash"]))
