"""Transactions that came from outside and landed: as their executor tells them, in the form in which the chain writes its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solders.message import Message, MessageV0, MessageV1
from solders.transaction import VersionedTransaction

from sandbox.solana.calls import SIGNS, WRITES, Call, Meta
from sandbox.solana.deeds import BASE_FEE, LEGACY, Costs
from sandbox.solana.keys import unbase58
from sandbox.solana.written import Held, Layout, Written
from sandbox.wire import Json


@dataclass(frozen=True, slots=True)
class Outside:
    """What an executor tells: the bytes, and `meta` in the words of getTransaction (compiled, not parsed).

    `keys` are its own accounts, then those of lookup tables: writable ones first."""

    signature: str
    data: bytes
    meta: Json
    keys: tuple[str, ...]


def touched_by(outside: Outside) -> frozenset[str]:
    """Its accounts, and whoever owns a token account among them."""
    rows = (*outside.meta["preTokenBalances"], *outside.meta["postTokenBalances"])
    return frozenset({*outside.keys, *(row["owner"] for row in rows)})


def written_of(outside: Outside, slot: int, index: int) -> Written:
    transaction = VersionedTransaction.from_bytes(outside.data)
    message, meta = transaction.message, outside.meta
    layout = _layout(message, outside)
    return Written(
        signature=outside.signature,
        signatures=tuple(map(str, transaction.signatures)),
        slot=slot,
        index=index,
        costs=_costs(message, meta["fee"]),
        layout=layout,
        calls=tuple(_calls(message, layout, meta["innerInstructions"] or [])),
        before=tuple(meta["preBalances"]),
        after=tuple(meta["postBalances"]),
        held_before=tuple(map(_held, meta["preTokenBalances"])),
        held_after=tuple(map(_held, meta["postTokenBalances"])),
        log=tuple(meta["logMessages"]),
        error=meta["err"],
        blockhash=str(message.lifetime_specifier if isinstance(message, MessageV1) else message.recent_blockhash),
        units=meta["computeUnitsConsumed"],
        raw=outside.data,
    )


def _costs(message: Message | MessageV0 | MessageV1, fee: int) -> Costs:
    signatures = message.header.num_required_signatures
    version = 1 if isinstance(message, MessageV1) else 0 if isinstance(message, MessageV0) else LEGACY
    return Costs(version, fee - BASE_FEE * signatures, signatures=signatures)


def _layout(message: Message | MessageV0 | MessageV1, outside: Outside) -> Layout:
    header, own = message.header, len(message.account_keys)
    lookups = message.address_table_lookups if isinstance(message, MessageV0) else []
    written = tuple(place for one in lookups for place in one.writable_indexes)
    read = tuple(place for one in lookups for place in one.readonly_indexes)
    keys = tuple(outside.keys)
    counts = header.num_required_signatures, header.num_readonly_signed_accounts, header.num_readonly_unsigned_accounts
    return Layout(keys[:own], *counts, written, read, keys[own : own + len(written)], keys[own + len(written) :], _table(lookups))


def _table(lookups: Sequence[Any]) -> str:
    return str(lookups[0].account_key) if lookups else ""


def _calls(message: Message | MessageV0 | MessageV1, layout: Layout, inner: Sequence[Json]) -> list[Call]:
    below = {group["index"]: group["instructions"] for group in inner}
    return [
        Call(
            layout.all[one.program_id_index],
            tuple(_meta(layout, place) for place in bytes(one.accounts)),
            bytes(one.data),
            inner=tuple(_inner(row, layout) for row in below.get(number, [])),
        )
        for number, one in enumerate(message.instructions)
    ]


def _inner(row: Json, layout: Layout) -> Call:
    return Call(layout.all[row["programIdIndex"]], tuple(_meta(layout, place) for place in row["accounts"]), unbase58(row["data"]))


def _meta(layout: Layout, place: int) -> Meta:
    return Meta(layout.all[place], SIGNS * layout.signs(place) | WRITES * layout.is_written(place))


def _held(row: Json) -> Held:
    amount = row["uiTokenAmount"]
    return Held(row["accountIndex"], row["mint"], row["owner"], int(amount["amount"]), amount["decimals"], row["programId"])
