"""Calls of the system's and the token programs in a node's own words (`jsonParsed`). Of other programs a node knows no words."""

from collections.abc import Callable

from sandbox.solana.calls import Call
from sandbox.solana.keys import ASSOCIATED, SYSTEM, TOKEN, TOKEN_2022, base58
from sandbox.wire import Json

Parsed = tuple[str, Json]


def parsed(call: Call) -> tuple[str, Json] | None:
    """The program's name, and what was asked of it; None where it is not read."""
    names = [meta.address for meta in call.accounts]
    read = _READERS.get((call.program, _kind(call)))
    if read is None:
        return None
    kind, info = read(names, call.data)
    return _PROGRAMS[call.program], {"info": info, "type": kind}


def amount(raw: int, decimals: int) -> Json:
    """A token amount in all the ways a node writes it; nothing has no `uiAmount`."""
    whole, rest = divmod(raw, 10**decimals)
    text = f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".") if decimals else str(raw)
    return {"amount": str(raw), "decimals": decimals, "uiAmount": raw / 10**decimals if raw else None, "uiAmountString": text}


def _kind(call: Call) -> int:
    if call.program == SYSTEM:
        return int.from_bytes(call.data[:4], "little")
    return call.data[0] if call.data else 0


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _created(names: list[str], data: bytes) -> Parsed:
    info = {"lamports": _u64(data, 4), "newAccount": names[1], "owner": base58(data[20:52]), "source": names[0], "space": _u64(data, 12)}
    return "createAccount", info


def _paid(names: list[str], data: bytes) -> Parsed:
    return "transfer", {"destination": names[1], "lamports": _u64(data, 4), "source": names[0]}


def _sent(names: list[str], data: bytes) -> Parsed:
    tokens = amount(_u64(data, 1), data[9])
    return "transferChecked", {"authority": names[3], "destination": names[2], "mint": names[1], "source": names[0], "tokenAmount": tokens}


def _closed(names: list[str], data: bytes) -> Parsed:
    return "closeAccount", {"account": names[0], "destination": names[1], "owner": names[2]}


def _minted(names: list[str], data: bytes) -> Parsed:
    return "mintTo", {"account": names[1], "amount": str(_u64(data, 1)), "mint": names[0], "mintAuthority": names[2]}


def _wrapped(names: list[str], data: bytes) -> Parsed:
    return "syncNative", {"account": names[0]}


def _owned(names: list[str], data: bytes) -> Parsed:
    return "initializeAccount3", {"account": names[0], "mint": names[1], "owner": base58(data[1:33])}


def _measured(names: list[str], data: bytes) -> Parsed:
    return "getAccountDataSize", {"extensionTypes": ["immutableOwner"], "mint": names[0]}


def _fixed(names: list[str], data: bytes) -> Parsed:
    return "initializeImmutableOwner", {"account": names[0]}


def _began(names: list[str], data: bytes) -> Parsed:
    return "initializeMint2", {"decimals": data[1], "mint": names[0], "mintAuthority": base58(data[2:34])}


def _opened(names: list[str], data: bytes) -> Parsed:
    labels = ("source", "account", "wallet", "mint", "systemProgram", "tokenProgram")
    return "createIdempotent", dict(zip(labels, names, strict=True))


_PROGRAMS = {SYSTEM: "system", TOKEN: "spl-token", TOKEN_2022: "spl-token", ASSOCIATED: "spl-associated-token-account"}
_TOKENS = {12: _sent, 9: _closed, 7: _minted, 17: _wrapped, 18: _owned, 21: _measured, 22: _fixed, 20: _began}
_READERS: dict[tuple[str, int], Callable[[list[str], bytes], Parsed]] = {
    (SYSTEM, 0): _created,
    (SYSTEM, 2): _paid,
    (ASSOCIATED, 1): _opened,
    **{(program, kind): read for program in (TOKEN, TOKEN_2022) for kind, read in _TOKENS.items()},
}
