"""A transaction that closes an empty account of ours, and everything else that must not be signed in its place."""

from dataclasses import replace

import pytest

from domain.solana.closing_check import MOST_FEE, closing_harms
from domain.solana.proposals import AccountState, Outcome, Proposal, TokenState
from domain.solana.swap_programs import COMPUTE_BUDGET, SYSTEM, TOKEN
from domain.solana.transactions import Instruction

RENT = 2_039_280
EMPTY = AccountState(RENT, TOKEN, 165, TokenState("COIN", "WALLET", 0))
CLOSE = Instruction(TOKEN, ("ACCOUNT", "WALLET", "WALLET"), b"\x09", 1)
GOOD = Proposal("WALLET", ("WALLET",), (Instruction(COMPUTE_BUDGET, (), b"\2\0\0\0\0", 0), CLOSE))
DONE = Outcome(
    {"WALLET": AccountState(10**9, SYSTEM), "ACCOUNT": EMPTY},
    {"WALLET": AccountState(10**9 + RENT - 5_000, SYSTEM), "ACCOUNT": None},
    frozenset({TOKEN, COMPUTE_BUDGET}),
)


def harms(proposal: Proposal = GOOD, outcome: Outcome = DONE) -> tuple[str, ...]:
    return closing_harms(proposal, outcome, "WALLET", "ACCOUNT")


def asking(*instructions: Instruction) -> Proposal:
    return replace(GOOD, instructions=instructions)


def test_closing_our_own_empty_account_for_ourselves_is_signed() -> None:
    assert harms() == ()


@pytest.mark.parametrize(
    "proposal",
    [
        asking(replace(CLOSE, accounts=("ACCOUNT", "THIEF", "WALLET"))),  # its deposit for somebody else
        asking(replace(CLOSE, accounts=("ANOTHER", "WALLET", "WALLET"))),
        asking(replace(CLOSE, data=b"\x06")),  # SetAuthority
        asking(replace(CLOSE, program="A program")),
        asking(CLOSE, CLOSE),
        asking(CLOSE, Instruction(SYSTEM, ("WALLET", "THIEF"), b"\2\0\0\0" + (10**9).to_bytes(8, "little"), 2)),
        asking(),
        replace(GOOD, signers=("WALLET", "ANOTHER")),
        replace(GOOD, fee_payer="ANOTHER", signers=("ANOTHER", "WALLET")),
    ],
)
def test_whatever_else_it_says_is_not(proposal: Proposal) -> None:
    assert harms(proposal)


def after(lamports: int) -> dict[str, AccountState | None]:
    return {"WALLET": AccountState(lamports, SYSTEM), "ACCOUNT": None}


@pytest.mark.parametrize(
    "outcome",
    [
        replace(DONE, after=after(10**9)),  # the deposit went elsewhere
        replace(DONE, after=after(10**9 + RENT - MOST_FEE - 1)),
        replace(DONE, after={**DONE.after, "ACCOUNT": EMPTY}),
        replace(DONE, before={**DONE.before, "ACCOUNT": replace(EMPTY, token=TokenState("COIN", "WALLET", 1))}),
        replace(DONE, before={**DONE.before, "ACCOUNT": replace(EMPTY, token=TokenState("COIN", "THIEF", 0))}),
        replace(DONE, before={**DONE.before, "ACCOUNT": None}),
        replace(DONE, before={**DONE.before, "ANOTHER": EMPTY}),
        replace(DONE, called=frozenset({TOKEN, "A program"})),
    ],
)
def test_whatever_else_it_would_do_is_not(outcome: Outcome) -> None:
    assert harms(outcome=outcome)


def test_the_whole_fee_that_it_may_cost_is_still_good() -> None:
    assert harms(outcome=replace(DONE, after=after(10**9 + RENT - MOST_FEE))) == ()
