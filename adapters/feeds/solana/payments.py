"""Lamports that the system program was asked to move, from its instructions: in bytes, or as a service parsed them.

Source: docs.rs/solana-system-interface, SystemInstruction.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from adapters.feeds.solana.values import Json
from domain.solana.programs import NATIVE
from domain.solana.transactions import Instruction, Payment

CREATE_ACCOUNT, ASSIGN, TRANSFER, CREATE_WITH_SEED = 0, 1, 2, 3
ALLOCATE, ALLOCATE_WITH_SEED, ASSIGN_WITH_SEED, TRANSFER_WITH_SEED = 8, 9, 10, 11
MAKES_AN_ACCOUNT = {ASSIGN, ALLOCATE, ALLOCATE_WITH_SEED, ASSIGN_WITH_SEED}
SEED_AT = 36  # kind (4) and base (32); then the seed with its length in front of it
PARSED_MAKING = {"assign", "allocate", "allocateWithSeed", "assignWithSeed"}
PARSED_OPENING = {"createAccount", "createAccountWithSeed"}
PARSED_TRANSFERS = {"transfer", "transferWithSeed"}


def payments_of(instructions: Sequence[Instruction]) -> list[Payment]:
    """From their bytes. Lamports for an account that is then given to a program opened it, whichever instruction brought them."""
    system = [one for one in instructions if one.program == NATIVE and one.data is not None and one.accounts]
    made = {one.accounts[0] for one in system if _kind(one) in MAKES_AN_ACCOUNT}
    return with_opened(filter(None, map(_payment, system)), made)


def parsed_payments(parsed: Iterable[tuple[Json, bool]]) -> list[Payment]:
    """From the system program's instructions as a service parsed them, each with whether the signer itself asked for it."""
    rows = list(parsed)
    made = {str(row["info"].get("account")) for row, _ in rows if row["type"] in PARSED_MAKING}
    return with_opened(_parsed(rows), made)


def with_opened(payments: Iterable[Payment], made: set[str]) -> list[Payment]:
    return [replace(payment, opens=payment.opens or payment.destination in made) for payment in payments]


def _kind(instruction: Instruction) -> int:
    return int.from_bytes((instruction.data or b"")[:4], "little")


def _payment(instruction: Instruction) -> Payment | None:
    """None for an instruction that moves nothing."""
    data, accounts, is_outer = instruction.data or b"", instruction.accounts, instruction.inner is None
    kind = _kind(instruction)
    if kind in (CREATE_ACCOUNT, TRANSFER) and len(accounts) >= 2:
        return Payment(accounts[0], accounts[1], _u64(data, 4), kind == CREATE_ACCOUNT, is_outer)
    if kind == TRANSFER_WITH_SEED and len(accounts) >= 3:
        return Payment(accounts[0], accounts[2], _u64(data, 4), False, is_outer)
    if kind == CREATE_WITH_SEED and len(accounts) >= 2:
        return Payment(accounts[0], accounts[1], _u64(data, SEED_AT + 8 + _u64(data, SEED_AT)), True, is_outer)
    return None


def _parsed(rows: Iterable[tuple[Json, bool]]) -> Iterator[Payment]:
    for row, is_outer in rows:
        info = row["info"]
        if row["type"] in PARSED_OPENING:
            yield Payment(str(info["source"]), str(info["newAccount"]), int(info["lamports"]), True, is_outer)
        elif row["type"] in PARSED_TRANSFERS:
            yield Payment(str(info["source"]), str(info["destination"]), int(info["lamports"]), False, is_outer)


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")
