"""A transaction as Helius writes it once it has read it ("enhanced"): in webhooks and in the history of an address.

Its words are as unreliable as the real ones: trades are not always SWAP, and what was a swap for days is UNKNOWN when it is older.
Source: https://www.helius.dev/docs/api-reference/enhanced-transactions, recorded payloads"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from sandbox.solana.calls import Call
from sandbox.solana.keys import ASSOCIATED, PUMP, PUMP_SWAP, ROUTER, SYSTEM, TOKEN, TOKEN_2022, base58
from sandbox.solana.slots import block_time
from sandbox.solana.written import Written
from sandbox.wire import Json

TOKENS = "SOLANA_PROGRAM_LIBRARY"
SOURCES = {ROUTER: "JUPITER", PUMP: "PUMP_FUN", PUMP_SWAP: "PUMP_AMM", TOKEN: TOKENS, TOKEN_2022: TOKENS}
TRADES = (PUMP, PUMP_SWAP)
FORGOTTEN_S, UNTOLD = 11 * 86_400, 8  # older ones are UNKNOWN, and of younger ones one in so many
SENT, CLOSED = 12, 9  # of the token programs
CREATED, PAID = 0, 2  # of the system program


def enhanced_row(written: Written, now_s: float) -> Json:
    owners = _owners(written)
    kind, source = _kind(written, now_s)
    return {
        "description": "",
        "type": kind,
        "source": source,
        "fee": written.fee,
        "feePayer": written.payer,
        "signature": written.signature,
        "slot": written.slot,
        "timestamp": block_time(written.slot),
        "tokenTransfers": list(_token_transfers(written, owners)) if written.error is None else [],
        "nativeTransfers": list(_native_transfers(written)) if written.error is None else [],
        "accountData": list(_accounts(written)),
        "transactionError": written.error,
        "instructions": [_outer(call) for call in written.calls],
        "events": {},
    }


def _kind(written: Written, now_s: float) -> tuple[str, str]:
    programs = [call.program for call in _all(written.calls)]
    source = next((SOURCES[one] for one in SOURCES if one in programs), "SYSTEM_PROGRAM")
    if not set(TRADES) & set(programs):
        return "TRANSFER", source
    is_old = now_s - block_time(written.slot) > FORGOTTEN_S
    if is_old or hashlib.sha256(written.signature.encode()).digest()[0] % UNTOLD == 0:
        return "UNKNOWN", "UNKNOWN" if is_old else source
    return "SWAP", source


def _all(calls: Sequence[Call]) -> Iterator[Call]:
    for call in calls:
        yield call
        yield from _all(call.inner)


def _owners(written: Written) -> Mapping[str, str]:
    """Of token accounts: of those that are listed, and of those that were there for this transaction only."""
    keys = written.layout.all
    named = {keys[held.index]: held.owner for held in (*written.held_before, *written.held_after)}
    opened = {call.accounts[1].address: call.accounts[2].address for call in _all(written.calls) if call.program == ASSOCIATED}
    return opened | named


def _token_transfers(written: Written, owners: Mapping[str, str]) -> Iterator[Json]:
    for call in _all(written.calls):
        if call.program in (TOKEN, TOKEN_2022) and call.data[:1] == bytes([SENT]):
            source, mint, destination = (meta.address for meta in call.accounts[:3])
            yield {
                "fromTokenAccount": source,
                "toTokenAccount": destination,
                "fromUserAccount": owners.get(source, ""),
                "toUserAccount": owners.get(destination, ""),
                "tokenAmount": int.from_bytes(call.data[1:9], "little") / 10 ** call.data[9],
                "mint": mint,
                "tokenStandard": "Fungible",
            }


def _native_transfers(written: Written) -> Iterator[Json]:
    for call in _all(written.calls):
        if call.program == SYSTEM and int.from_bytes(call.data[:4], "little") in (CREATED, PAID):
            source, destination = (meta.address for meta in call.accounts[:2])
            amount = int.from_bytes(call.data[4:12], "little")
            yield {"fromUserAccount": source, "toUserAccount": destination, "amount": amount}


def _accounts(written: Written) -> Iterator[Json]:
    before, after = ({held.index: held for held in side} for side in (written.held_before, written.held_after))
    for place, account in enumerate(written.layout.all):
        held = after.get(place) or before.get(place)
        change = sum(side[place].raw * sign for side, sign in ((after, 1), (before, -1)) if place in side)
        row: Json = {"account": account, "nativeBalanceChange": written.after[place] - written.before[place], "tokenBalanceChanges": []}
        if held is not None and change:
            raw = {"tokenAmount": str(change), "decimals": held.decimals}
            row["tokenBalanceChanges"] = [{"userAccount": held.owner, "tokenAccount": account, "rawTokenAmount": raw, "mint": held.mint}]
        yield row


def _outer(call: Call) -> Json:
    return _called(call) | {"innerInstructions": [_called(one) for one in _all(call.inner)]}


def _called(call: Call) -> Json:
    return {"accounts": [meta.address for meta in call.accounts], "data": base58(call.data), "programId": call.program}


def raw_row(written: Written, row: Json) -> Json:
    """As a raw webhook sends it: what a node answers, with its place in its block under another name."""
    return row | {"indexWithinBlock": written.index}
