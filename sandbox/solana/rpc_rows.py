"""A transaction as a node writes it: `json`, `jsonParsed`, `base64` and `base58`.

Source: https://solana.com/docs/rpc/http/gettransaction, answers of mainnet recorded in 2026"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence

from sandbox.solana.calls import UNITS, Call
from sandbox.solana.deeds import LEGACY
from sandbox.solana.keys import base58
from sandbox.solana.message_bytes import bytes_of
from sandbox.solana.parsed_calls import amount, parsed
from sandbox.solana.slots import block_time
from sandbox.solana.written import Held, Written
from sandbox.wire import Json

ENCODINGS = ("json", "jsonParsed", "base64", "base58")


def transaction_row(written: Written, encoding: str) -> Json:
    """What getTransaction answers."""
    return {
        "slot": written.slot,
        "transaction": _transaction(written, encoding),
        "meta": _meta(written, encoding),
        "version": version_of(written),
        "blockTime": block_time(written.slot),
    }


def version_of(written: Written) -> str | int:
    return "legacy" if written.costs.version == LEGACY else written.costs.version


def _transaction(written: Written, encoding: str) -> object:
    if encoding == "base64":
        return [b64encode(bytes_of(written)).decode(), "base64"]
    if encoding == "base58":
        return [base58(bytes_of(written)), "base58"]
    return {"signatures": list(written.signatures), "message": _message(written, encoding)}


def _message(written: Written, encoding: str) -> Json:
    layout = written.layout
    message: Json = {"accountKeys": _keys(written) if encoding == "jsonParsed" else list(layout.keys)}
    if encoding == "json":
        message = {"header": _header(written)} | message
    message |= {"recentBlockhash": written.blockhash, "instructions": _calls(written, written.calls, encoding)}
    if written.costs.version == 0:
        message["addressTableLookups"] = _lookups(written)
    if written.costs.version == 1:
        message["transactionConfig"] = {"priorityFee": written.costs.priority, "computeUnitLimit": UNITS}
    return message


def _header(written: Written) -> Json:
    layout = written.layout
    return {
        "numRequiredSignatures": layout.signed,
        "numReadonlySignedAccounts": layout.signed_readonly,
        "numReadonlyUnsignedAccounts": layout.readonly,
    }


def _keys(written: Written) -> list[Json]:
    layout = written.layout
    own = len(layout.keys)
    return [
        {
            "pubkey": one,
            "writable": layout.is_written(place),
            "signer": layout.signs(place),
            "source": "transaction" if place < own else "lookupTable",
        }
        for place, one in enumerate(layout.all)
    ]


def _lookups(written: Written) -> list[Json]:
    layout = written.layout
    if not (layout.loaded_writable or layout.loaded_readonly):
        return []
    read, wrote = list(layout.readonly_lookups), list(layout.writable_lookups)
    return [{"accountKey": layout.table, "writableIndexes": wrote, "readonlyIndexes": read}]


def _calls(written: Written, calls: Sequence[Call], encoding: str, depth: int = 1) -> list[Json]:
    places = {one: place for place, one in enumerate(written.layout.all)}
    return [_call(call, places, encoding, depth) for call in calls]


def _call(call: Call, places: Mapping[str, int], encoding: str, depth: int) -> Json:
    if encoding != "jsonParsed":
        accounts = [places[meta.address] for meta in call.accounts]
        return {"programIdIndex": places[call.program], "accounts": accounts, "data": base58(call.data), "stackHeight": depth}
    words = parsed(call)
    if words is None:
        accounts_named = [meta.address for meta in call.accounts]
        return {"programId": call.program, "accounts": accounts_named, "data": base58(call.data), "stackHeight": depth}
    return {"program": words[0], "programId": call.program, "parsed": words[1], "stackHeight": depth}


def _meta(written: Written, encoding: str) -> Json:
    meta: Json = {
        "err": written.error,
        "status": {"Ok": None} if written.error is None else {"Err": written.error},
        "fee": written.fee,
        "preBalances": list(written.before),
        "postBalances": list(written.after),
        "innerInstructions": list(_inner(written, encoding)),
        "logMessages": list(written.log),
        "preTokenBalances": [_held(one) for one in written.held_before],
        "postTokenBalances": [_held(one) for one in written.held_after],
        "rewards": [],
        "computeUnitsConsumed": written.units,
        "costUnits": written.units + 4_000,
    }
    if encoding != "jsonParsed":
        layout = written.layout
        meta["loadedAddresses"] = {"writable": list(layout.loaded_writable), "readonly": list(layout.loaded_readonly)}
    return meta


def _inner(written: Written, encoding: str) -> Iterator[Json]:
    places = {one: place for place, one in enumerate(written.layout.all)}
    for number, call in enumerate(written.calls):
        if call.inner:
            yield {"index": number, "instructions": [_call(one, places, encoding, depth) for one, depth in _flat(call.inner, 2)]}


def _flat(calls: Sequence[Call], depth: int) -> Iterator[tuple[Call, int]]:
    for call in calls:
        yield call, depth
        yield from _flat(call.inner, depth + 1)


def _held(held: Held) -> Json:
    return {
        "accountIndex": held.index,
        "mint": held.mint,
        "owner": held.owner,
        "programId": held.program,
        "uiTokenAmount": amount(held.raw, held.decimals),
    }
