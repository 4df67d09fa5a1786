"""Transactions as Solana's RPC writes them: getTransaction in every encoding, rows of blocks and pages, raw webhooks.

Ask with MOST_RECENT_VERSION: with 0, one v1 transaction answers -32015 for its whole block or page.
Source: https://solana.com/docs/rpc/http/gettransaction, https://www.helius.dev/docs/rpc/gettransactionsforaddress
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from adapters.feeds.solana.compiled import CompiledInstruction, read_bytes
from adapters.feeds.solana.rpc_instructions import instructions_of, payments_in
from adapters.feeds.solana.token_balances import token_balances
from adapters.feeds.solana.values import Fault, Json, instant, items, slot_or_none, table, text, whole
from domain.solana.transactions import Account, ChainTransaction, Unreadable, Version

MOST_RECENT_VERSION = 1
VERSIONS = {"legacy": Version.LEGACY, 0: Version.V0, 1: Version.V1}
BYTES = ("base64", "base58")


def read_answer(answer: Any, asked: str | None = None) -> ChainTransaction | Unreadable | None:
    """The answer to getTransaction of the signature `asked`; None where the chain does not know it (yet): a gap, to be asked again."""
    if isinstance(answer, dict) and answer.get("error") is not None:
        return Unreadable(asked, f"the service answered {json.dumps(answer['error'])[:200]}")
    row = answer.get("result") if isinstance(answer, dict) and "result" in answer else answer
    read = None if row is None else read_row(row)
    return replace(read, signature=read.signature or asked) if isinstance(read, Unreadable) else read


def read_row(
    row: Any, slot: int | None = None, index: int | None = None, block_time: datetime | None = None
) -> ChainTransaction | Unreadable:
    """One transaction. What a row of a block leaves out, its slot, place and time, is passed in."""
    try:
        return _read(table(row, "the transaction"), slot, index, block_time)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        why = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
        return Unreadable(signature_of(row), why)


def read_page(result: Any) -> tuple[list[ChainTransaction | Unreadable], str | None]:
    """The rows of one answer to getTransactionsForAddress, and the token that asks for the next; None after the last."""
    page = table(result, "the page")
    token = page.get("paginationToken")
    return [read_row(row) for row in items(page.get("data"), "data")], str(token) if token else None


def signature_of(row: Any) -> str | None:
    """Of whatever was received, as far as it has one."""
    try:
        transaction = row["transaction"]
        found = read_bytes(transaction[0], transaction[1]).signatures[0] if isinstance(transaction, list) else transaction["signatures"][0]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return found if isinstance(found, str) else None


def _read(row: Json, slot: int | None, index: int | None, block_time: datetime | None) -> ChainTransaction:
    meta = table(row.get("meta"), "meta")
    signed = _signed(row)
    keys, from_table = _all_keys(signed, meta)
    instructions = tuple(instructions_of(signed.instructions, meta, keys))
    place = next((row[name] for name in ("transactionIndex", "indexWithinBlock") if row.get(name) is not None), index)
    return ChainTransaction(
        signature=text(signed.signatures[0], "the signature"),
        slot=slot_or_none(row.get("slot", slot)),
        index=slot_or_none(place, "the index in the block"),
        block_time=instant(row["blockTime"], "blockTime") if row.get("blockTime") is not None else block_time,
        version=signed.version,
        fee_payer=keys[0],
        fee=whole(meta.get("fee"), "meta.fee"),
        signatures=len(signed.signatures),
        accounts=tuple(_accounts(keys, from_table, signed.signers, meta)),
        tokens=tuple(token_balances(keys, meta)),
        payments=tuple(payments_in(instructions, signed.instructions, meta)),
        instructions=instructions,
        logs=tuple(str(line) for line in items(meta.get("logMessages"), "logMessages")),
        signers=tuple(key for key in keys if key in signed.signers),
        error=_error(meta),
    )


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed, whichever encoding it came in. `from_table` are the keys that a service marks as a lookup table's."""

    version: Version
    signatures: tuple[str, ...]
    keys: tuple[str, ...]
    signers: frozenset[str]
    instructions: tuple[CompiledInstruction | Json, ...]
    from_table: frozenset[str] = frozenset()


def _signed(row: Json) -> Signed:
    transaction = row.get("transaction")
    return _signed_bytes(transaction) if isinstance(transaction, list) else _signed_json(row, table(transaction, "the transaction's body"))


def _signed_bytes(encoded: list[Any]) -> Signed:
    if len(encoded) != 2 or encoded[1] not in BYTES:
        raise Fault(f"an encoding that is not known: {encoded[1:]!r:.80}")
    message = read_bytes(text(encoded[0], "the bytes"), encoded[1])
    return Signed(message.version, message.signatures, message.keys, frozenset(message.keys[: message.signers]), message.instructions)


def _signed_json(row: Json, body: Json) -> Signed:
    message = table(body.get("message"), "message")
    listed = [_listed_key(key) for key in items(message.get("accountKeys"), "accountKeys")]
    keys = tuple(text(key.get("pubkey"), "an account's address") for key in listed)
    signatures = tuple(text(one, "a signature") for one in items(body.get("signatures"), "signatures"))
    return Signed(
        version=_version(row, message),
        signatures=signatures,
        keys=keys,
        signers=_signers(message, listed, len(signatures)),
        instructions=tuple(table(one, "an instruction") for one in items(message.get("instructions"), "instructions")),
        from_table=frozenset(key["pubkey"] for key in listed if key.get("source") == "lookupTable"),
    )


def _listed_key(key: Any) -> Json:
    """An address alone, or with what jsonParsed says of it."""
    return {"pubkey": key} if isinstance(key, str) else table(key, "an account key")


def _signers(message: Json, listed: Sequence[Json], signatures: int) -> frozenset[str]:
    """Marked as such, or the first of the keys: as many as the header says, or as there are signatures."""
    marked = frozenset(key["pubkey"] for key in listed if key.get("signer"))
    header = message.get("header")
    count = whole(header.get("numRequiredSignatures"), "numRequiredSignatures") if isinstance(header, dict) else signatures
    return marked or frozenset(key["pubkey"] for key in listed[:count])


def _version(row: Json, message: Json) -> Version:
    """Rows that do not name it are legacy, unless they use lookup tables. One that is not known yet is refused, not guessed at."""
    named = row.get("version")
    if named is None:
        return Version.V0 if message.get("addressTableLookups") else Version.LEGACY
    if isinstance(named, bool) or named not in VERSIONS:
        raise Fault(f"a transaction of version {named!r:.20}, which is not known here")
    return VERSIONS[named]


def _all_keys(signed: Signed, meta: Json) -> tuple[list[str], frozenset[str]]:
    """The message's own keys, then those its lookup tables gave. jsonParsed lists them all."""
    loaded = meta.get("loadedAddresses") or {}
    added = [text(key, "a loaded address") for name in ("writable", "readonly") for key in items(loaded.get(name), "loadedAddresses")]
    keys = list(signed.keys)
    count = len(items(meta.get("preBalances"), "preBalances"))
    if count == len(keys) + len(added):
        keys += added
    if not keys or count != len(keys) or count != len(items(meta.get("postBalances"), "postBalances")):
        raise Fault(f"{count} balances for {len(keys)} accounts: addresses of lookup tables may be missing")
    return keys, signed.from_table or frozenset(added)


def _accounts(keys: Sequence[str], from_table: frozenset[str], signers: frozenset[str], meta: Json) -> Iterator[Account]:
    for key, was, now in zip(keys, meta["preBalances"], meta["postBalances"], strict=True):
        before, after = whole(was, "preBalances"), whole(now, "postBalances")
        yield Account(key, after - before, before, after, key in signers, key in from_table)


def _error(meta: Json) -> str | None:
    """None where it succeeded."""
    err = meta.get("err") or (meta.get("status") or {}).get("Err")
    return None if err is None else json.dumps(err)
