"""Transactions no wallet should sign: a good swap with something added to it or taken from it, each a fault that a router is asked for."""

from collections.abc import Callable, Sequence

from solders.compute_budget import set_compute_unit_price
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import AssignParams, TransferParams, assign, transfer
from spl.token.instructions import approve, close_account, create_idempotent_associated_token_account, set_authority
from spl.token.instructions import transfer as token_transfer
from spl.token.models import ApproveParams, AuthorityType, CloseAccountParams, SetAuthorityParams
from spl.token.models import TransferParams as TokenTransferParams

from sandbox.solana.keys import WSOL, address
from sandbox.solana.ledger import ASSOCIATED, TOKEN, TOKEN_2022, Ledger

THIEF = Pubkey.from_string(address("a thief"))
STRANGE_PROGRAM = Pubkey.from_string(address("a program nobody knows"))
A_LOT = 2**62
Spoil = Callable[[list[Instruction], Pubkey, Ledger], list[Instruction]]


def spoiled(name: str, instructions: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """As the fault of this name makes it; the good one where none has it."""
    return DRAINERS[name](instructions, taker, ledger) if name in DRAINERS else instructions


def _takes_sol(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    return [*good, transfer(TransferParams(from_pubkey=taker, to_pubkey=THIEF, lamports=ledger.lamports(str(taker)) // 2))]


def _takes_coins(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """All that was bought goes on to the thief."""
    program, own, mint = _coin_of(good)
    there = Pubkey.find_program_address([bytes(THIEF), bytes(program), bytes(mint)], ASSOCIATED)[0]
    moved = token_transfer(
        TokenTransferParams(program_id=program, source=own, dest=there, owner=taker, amount=_moved_in(good, own), signers=[])
    )
    return [*good, create_idempotent_associated_token_account(taker, THIEF, mint, program), moved]


def _takes_authority(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    program, own, _ = _coin_of(good)
    given = SetAuthorityParams(
        program_id=program, account=own, authority=AuthorityType.ACCOUNT_OWNER, current_authority=taker, signers=[], new_authority=THIEF
    )
    return [*good, set_authority(given)]


def _takes_right_to_close(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    program, own, _ = _coin_of(good)
    given = SetAuthorityParams(
        program_id=program, account=own, authority=AuthorityType.CLOSE_ACCOUNT, current_authority=taker, signers=[], new_authority=THIEF
    )
    return [*good, set_authority(given)]


def _gets_allowance(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    program, own, _ = _coin_of(good)
    return [*good, approve(ApproveParams(program_id=program, source=own, delegate=THIEF, owner=taker, amount=A_LOT, signers=[]))]


def _unwraps_for_itself(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """The account of wrapped SOL is closed, and what is in it goes to the thief."""
    own = good[-1].accounts[0].pubkey
    return [*good[:-1], close_account(CloseAccountParams(program_id=TOKEN, account=own, dest=THIEF, owner=taker))]


def _gives_nothing(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """We pay, and the maker does not."""
    return [one for one in good if not _is_makers(one, taker)]


def _owns_wallet(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    return [*good, assign(AssignParams(pubkey=taker, owner=STRANGE_PROGRAM))]


def _calls_stranger(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    return [*good, Instruction(STRANGE_PROGRAM, b"\1", [AccountMeta(taker, True, True), AccountMeta(THIEF, False, True)])]


def _pays_twice(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """Whatever leaves us leaves twice."""
    return [one for given in good for one in ([given, given] if _is_payment(given, taker) else [given])]


def _burns_fees(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """A priority fee of 1 SOL."""
    return [good[0], set_compute_unit_price(5 * 10**9), *good[2:]]


def _pays_rents(good: list[Instruction], taker: Pubkey, ledger: Ledger) -> list[Instruction]:
    """Opens accounts of others at our cost."""
    owners = [Pubkey.from_string(address("a stranger", number)) for number in range(8)]
    return [*good, *(create_idempotent_associated_token_account(taker, one, Pubkey.from_string(WSOL), TOKEN) for one in owners)]


DRAINERS: dict[str, Spoil] = {
    "takes_sol": _takes_sol,
    "takes_coins": _takes_coins,
    "takes_authority": _takes_authority,
    "takes_right_to_close": _takes_right_to_close,
    "gets_allowance": _gets_allowance,
    "unwraps_for_itself": _unwraps_for_itself,
    "gives_nothing": _gives_nothing,
    "owns_wallet": _owns_wallet,
    "calls_stranger": _calls_stranger,
    "pays_twice": _pays_twice,
    "burns_fees": _burns_fees,
    "pays_rents": _pays_rents,
}


def _coin_of(good: Sequence[Instruction]) -> tuple[Pubkey, Pubkey, Pubkey]:
    """Program, our account and mint of the coin that is swapped."""
    moved = next(one for one in good if one.program_id == TOKEN_2022 and one.data[0] == 12)
    made = [one.accounts[1].pubkey for one in good if one.program_id == ASSOCIATED]
    source, mint, dest = (moved.accounts[place].pubkey for place in (0, 1, 2))
    return TOKEN_2022, dest if dest in made else source, mint


def _moved_in(good: Sequence[Instruction], account: Pubkey) -> int:
    return next(
        (int.from_bytes(one.data[1:9], "little") for one in good if one.data[:1] == b"\x0c" and one.accounts[2].pubkey == account), 1
    )


def _is_makers(one: Instruction, taker: Pubkey) -> bool:
    return one.program_id in (TOKEN, TOKEN_2022) and one.data[0] == 12 and one.accounts[3].pubkey != taker


def _is_payment(one: Instruction, taker: Pubkey) -> bool:
    """What we send to others; wrapping our own SOL is a part of it."""
    wraps = one.program_id == Pubkey.default() and one.data[:1] == b"\2"
    return wraps or (one.program_id in (TOKEN, TOKEN_2022) and one.data[0] == 12 and one.accounts[3].pubkey == taker)
