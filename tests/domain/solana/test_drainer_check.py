"""A swap through Jupiter's own program, and each thing that makes it one we do not sign. Real runtimes: tests/adapters/venues/solana."""

from dataclasses import replace
from typing import Any

import pytest

from domain.solana.drainer_check import check
from domain.solana.programs import WSOL
from domain.solana.proposals import AccountState, Outcome, Proposal, TokenState, Wanted
from domain.solana.swap_programs import ASSOCIATED, COMPUTE_BUDGET, JUPITER, SYSTEM, TOKEN, VENUES
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import Instruction

OWNER, MINT, OTHER, THIEF = "our wallet", "the coin", "a coin we hold", "a thief"
OWN, OWN_SOL, OWN_OTHER = "our coins", "our wrapped SOL", "our other coins"
SOL, RENT = 10**9, 2_039_280
WANTED = Wanted(OWNER, WSOL, MINT, SOL, 1_000, 10_000_000)


def little(number: int, size: int = 8) -> bytes:
    return number.to_bytes(size, "little")


def route(in_raw: int = SOL, out: int = 1_020, slippage: int = 100, user: str = OWNER, to: str = OWN) -> Instruction:
    """route_v2."""
    data = bytes.fromhex("bb64facc31c4af14") + little(in_raw) + little(out) + little(slippage, 2) + little(0, 2) + little(0, 2) + b"plan"
    return Instruction(JUPITER, (user, OWN_SOL, to, WSOL, MINT, TOKEN, TOKEN, JUPITER, "events", JUPITER), data, 0)


def pays(to: str, lamports: int) -> Instruction:
    return Instruction(SYSTEM, (OWNER, to), little(2, 4) + little(lamports), 0)


GOOD = (
    Instruction(COMPUTE_BUDGET, (), b"\2" + little(200_000, 4), 0),
    Instruction(COMPUTE_BUDGET, (), b"\3" + little(500_000), 0),  # 100,000 lamports
    Instruction(ASSOCIATED, (OWNER, OWN_SOL, OWNER, WSOL, SYSTEM, TOKEN), b"\1", 0),
    Instruction(ASSOCIATED, (OWNER, OWN, OWNER, MINT, SYSTEM, TOKEN), b"\1", 0),
    pays(OWN_SOL, SOL),
    Instruction(TOKEN, (OWN_SOL,), b"\x11", 0),
    route(),
    Instruction(TOKEN, (OWN_SOL, OWNER, OWNER), b"\x09", 0),
    pays(min(TIP_ACCOUNTS), 1_000_000),
)


def coins(mint: str, raw: int, **changes: Any) -> AccountState:
    return AccountState(RENT, TOKEN, 165, TokenState(mint, OWNER, raw, **changes))


def outcome(before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, called: frozenset[str] = frozenset()) -> Outcome:
    """1 SOL, 105,000 lamports of fees, a tip and a deposit go out, 1,015 of the coin come in."""
    was = {OWNER: AccountState(5 * SOL, SYSTEM), OWN: None, OWN_SOL: None, OWN_OTHER: coins(OTHER, 77)}
    left = 4 * SOL - 105_000 - 1_000_000 - RENT
    now = {OWNER: AccountState(left, SYSTEM), OWN: coins(MINT, 1_015), OWN_SOL: None, OWN_OTHER: coins(OTHER, 77)}
    return Outcome(was | (before or {}), now | (after or {}), called | {JUPITER, TOKEN, VENUES["Pump.fun"]})


def checked(*more: Instruction, instead: tuple[int, Instruction] | None = None, told: Outcome | None = None, **changes: Any) -> Any:
    instructions = list(GOOD)
    if instead:
        instructions[instead[0]] = instead[1]
    proposal = Proposal(OWNER, (OWNER,), (*instructions, *more))
    return check(replace(proposal, **changes), WANTED, told or outcome())


def test_a_plain_route_is_good() -> None:
    assert checked().is_good


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        ((6, route(in_raw=SOL + 1)), "takes 1000000001 of at most"),
        ((0, route()), "pays 2001000000"),  # twice, and a tip
        ((6, route(user=THIEF)), "does not begin and end"),
        ((6, route(to=THIEF)), "does not begin and end"),
        ((6, Instruction(JUPITER, route().accounts, bytes.fromhex("d033ef977b2bed5c") + bytes(40), 0)), "not known to promise"),
        ((8, pays(min(TIP_ACCOUNTS), 10_000_001)), "pays 1010000001"),
        ((8, pays(THIEF, 2 * SOL)), "pays 3000000000"),
        ((7, Instruction(TOKEN, (OWN_SOL, THIEF, OWNER), b"\x09", 0)), "closes our account"),
        ((1, Instruction(COMPUTE_BUDGET, (), b"\3" + little(50_000_000), 0)), "of fees"),  # 10,000,000 lamports and a signature
        ((5, Instruction(TOKEN, (OWN, THIEF, OWNER), b"\x04" + little(2**63), 0)), "no swap needs (4)"),
        ((0, Instruction(SYSTEM, ("nonce", "hashes", OWNER), little(4, 4), 0)), "no swap needs (4)"),  # it would never expire
        ((3, Instruction(ASSOCIATED, (OWNER, "an account", THIEF, MINT, SYSTEM, TOKEN), b"\1", 0)), "at our cost"),
    ],
)
def test_what_a_transaction_says_is_enough_to_refuse_it(instead: tuple[int, Instruction], says: str) -> None:
    assert any(says in harm for harm in checked(instead=instead).harms)


@pytest.mark.parametrize("slippage", [197, 196])
def test_a_route_that_promises_too_little_on_the_chain_is_short(slippage: int) -> None:
    """1,020 less 1.97 % are 999.9; less 1.96 %, 1,000."""
    found = checked(instead=(6, route(slippage=slippage)))
    assert (found.harms, found.is_short) == ((), slippage == 197)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ({OWN: coins(MINT, 999)}, "would bring 999"),
        ({OWN_OTHER: coins(OTHER, 76)}, "would take 1 of a coin we hold"),
        ({OWNER: AccountState(4 * SOL - 10_000_001, SYSTEM)}, "would take 1010000001"),
        ({OWNER: AccountState(4 * SOL, "another program")}, "plain wallet"),
        ({OWN: coins(MINT, 2_000, delegate=THIEF)}, "could take"),
        ({OWN: coins(MINT, 2_000, close_authority=THIEF)}, "could close"),
        ({OWN_OTHER: AccountState(RENT, TOKEN, 165, TokenState(OTHER, THIEF, 77))}, "belong to a thief"),
        ({OWN_OTHER: None}, "would take 77"),
    ],
)
def test_what_a_node_says_it_would_do_is_enough_to_refuse_it(after: dict[str, Any], says: str) -> None:
    assert any(says in harm for harm in checked(told=outcome(after=after)).harms)


def test_a_program_on_the_way_that_we_do_not_know_is_no_harm_and_gets_no_signature() -> None:
    found = checked(told=outcome(called=frozenset({"a new pool's program"})))
    assert (found.harms, found.unknown, found.is_good) == ((), ("a new pool's program",), False)


def test_a_program_that_is_asked_and_that_we_do_not_know_is_harm() -> None:
    assert checked(Instruction("anything", (OWNER,), b"", 0)).harms


def test_who_pays_the_fee_bounds_it_and_a_v1_transaction_names_it() -> None:
    """10,000,000 lamports for all costs, of which a signature is 5,000."""
    assert not checked(priority_fee=9_995_000).harms
    assert checked(priority_fee=9_995_001).harms
    assert not checked(priority_fee=9_995_001, fee_payer="a sponsor", signers=("a sponsor", OWNER)).harms


def test_it_asks_for_our_signature_and_brings_what_was_promised() -> None:
    assert checked(signers=("somebody",)).harms
    proposal = Proposal(OWNER, (OWNER,), GOOD)
    assert check(proposal, WANTED, outcome(), promised=1_015).is_good
    assert check(proposal, WANTED, outcome(), promised=1_016).harms


def test_what_would_fail_is_still_read() -> None:
    """A thief's transaction that fails today may not tomorrow."""
    failed = replace(outcome(), error="custom 1")
    assert checked(told=failed).harms == ()
    assert checked(pays(THIEF, 2 * SOL), told=failed).harms
