"""Whether a transaction that closes an empty token account of ours may be signed: that it does this and nothing beside. Pure."""

from collections.abc import Iterator

from domain.solana.proposals import Outcome, Proposal
from domain.solana.swap_programs import COMPUTE_BUDGET, TOKEN_PROGRAMS

CLOSE = b"\x09"
MOST_FEE = 10_000  # lamports: one signature, and next to nothing for priority


def closing_harms(proposal: Proposal, outcome: Outcome, owner: str, account: str) -> tuple[str, ...]:
    """By what it says, and by what a node says it would do; empty where it may be signed."""
    return (*_said(proposal, owner, account), *_done(outcome, owner, account))


def _said(proposal: Proposal, owner: str, account: str) -> Iterator[str]:
    if proposal.signers != (owner,) or proposal.fee_payer != owner:
        yield "somebody else signs it or pays for it"
    asked = [one for one in proposal.instructions if one.program != COMPUTE_BUDGET]
    if len(asked) != 1 or asked[0].program not in TOKEN_PROGRAMS or asked[0].data != CLOSE:
        yield "it does not just close one account"
    elif asked[0].accounts != (account, owner, owner):
        yield f"it closes {asked[0].accounts}, not {account} for {owner}"


def _done(outcome: Outcome, owner: str, account: str) -> Iterator[str]:
    before, wallet, after = outcome.before.get(account), outcome.before.get(owner), outcome.after.get(owner)
    if before is None or before.token is None or before.token.owner != owner or before.token.raw:
        yield f"{account} is no empty account of ours"
    elif outcome.after.get(account) is not None:
        yield f"{account} would still be there"
    elif wallet is None or after is None or after.lamports - wallet.lamports < before.lamports - MOST_FEE:
        yield "its deposit would not come back to us"
    if outcome.before.keys() - {account, owner} or outcome.called - TOKEN_PROGRAMS - {COMPUTE_BUDGET}:
        yield "it touches what it has nothing to do with"
