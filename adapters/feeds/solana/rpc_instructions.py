"""What a transaction asked of programs, and what these asked of others, in the order in which it happened."""

from collections.abc import Iterable, Iterator, Sequence

from adapters.feeds.solana.compiled import CompiledInstruction
from adapters.feeds.solana.payments import parsed_payments, payments_of
from adapters.feeds.solana.values import Json, items, table, text, whole
from domain.solana.base58 import decode_base58
from domain.solana.programs import NATIVE
from domain.solana.transactions import Instruction, Payment

OUTER_DEPTH = 1


def instructions_of(outer: Iterable[CompiledInstruction | Json], meta: Json, keys: Sequence[str]) -> Iterator[Instruction]:
    """Each of the signer's, followed by those that it led to."""
    inner = {group.get("index"): items(group.get("instructions"), "innerInstructions") for group in _groups(meta)}
    for number, instruction in enumerate(outer):
        yield _read(instruction, keys, number, None)
        for place, row in enumerate(inner.get(number, [])):
            yield _read(table(row, "an inner instruction"), keys, number, place)


def payments_in(instructions: Sequence[Instruction], outer: Sequence[CompiledInstruction | Json], meta: Json) -> list[Payment]:
    """What the system program moved, whether it is given in bytes or as a service parsed it."""
    return [*payments_of(instructions), *parsed_payments(_parsed_system(outer, meta))]


def _groups(meta: Json) -> list[Json]:
    return [table(group, "innerInstructions") for group in items(meta.get("innerInstructions"), "innerInstructions")]


def _read(row: CompiledInstruction | Json, keys: Sequence[str], outer: int, inner: int | None) -> Instruction:
    if isinstance(row, CompiledInstruction):
        return Instruction(keys[row.program], tuple(keys[index] for index in row.accounts), row.data, outer, inner, OUTER_DEPTH)
    program = row["programId"] if "programId" in row else keys[whole(row.get("programIdIndex"), "programIdIndex")]
    accounts = tuple(_address_of(one, keys) for one in items(row.get("accounts"), "accounts"))
    data = decode_base58(row["data"]) if isinstance(row.get("data"), str) else None
    depth = row.get("stackHeight") or (OUTER_DEPTH if inner is None else OUTER_DEPTH + 1)
    return Instruction(text(program, "programId"), accounts, data, outer, inner, whole(depth, "stackHeight"), _parsed_name(row))


def _address_of(account: str | int, keys: Sequence[str]) -> str:
    return account if isinstance(account, str) else keys[whole(account, "an account's index")]


def _parsed_name(row: Json) -> str:
    parsed = row.get("parsed")
    return str(parsed.get("type", "")) if isinstance(parsed, dict) else ""


def _parsed_system(outer: Sequence[CompiledInstruction | Json], meta: Json) -> Iterator[tuple[Json, bool]]:
    inner = ((row, False) for group in _groups(meta) for row in items(group.get("instructions"), "innerInstructions"))
    for row, is_outer in [*((row, True) for row in outer), *inner]:
        if isinstance(row, dict) and row.get("programId") == NATIVE and isinstance(row.get("parsed"), dict):
            yield row["parsed"], is_outer
