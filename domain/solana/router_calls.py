"""What a call of Jupiter's programs promises on the chain itself: how much goes in at most, and how much must come out.

Layouts: the program's IDL (route, shared_accounts_route and their second versions; the order engine's fill). An exact-out route may take
more than was asked for, and one with a ledger names no amount: neither is read.
"""

from dataclasses import dataclass

from domain.solana.curve import BASIS_POINTS
from domain.solana.swap_programs import JUPITER, ORDER_ENGINE
from domain.solana.transactions import Instruction


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an instruction says what: the amounts at `amounts`, or in the last 19 bytes; whose swap it is; from where and to where."""

    amounts: int | None
    user: int
    source: int
    destinations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RouterCall:
    """`least_out` is after the platform's fee, as if it were taken from what comes out: so it is never too much."""

    user: str
    source: str
    destinations: tuple[str, ...]
    in_raw: int
    least_out: int


LAYOUTS = {
    "e517cb977ae3ad2a": Layout(None, 1, 2, (3, 4)),
    "c1209b3341d69c81": Layout(None, 2, 3, (6,)),
    "bb64facc31c4af14": Layout(8, 0, 1, (2, 7)),
    "d19853937cfed8e9": Layout(9, 1, 2, (5,)),
}
OPENS = "93f17b64f484ae76"  # create_token_account: of wrapped SOL on its way, as a recorded swap has it
TAIL = 19  # in, out, slippage and the platform's fee: 8 + 8 + 2 + 1 bytes
FILL = "a860b7a35c0a28a0"


def opened_by(call: Instruction, owner: str) -> str | None:
    """The token account that Jupiter opens for its user here; None where it does something else."""
    if call.program != JUPITER or (call.data or b"")[:8].hex() != OPENS or call.accounts[1:2] != (owner,):
        return None
    return call.accounts[0]


def read_router_call(call: Instruction) -> RouterCall | None:
    """None for a call that is not known, or promises nothing."""
    try:
        if call.program == ORDER_ENGINE:
            return _filled(call)
        return _routed(call) if call.program == JUPITER else None
    except IndexError:
        return None


def _routed(call: Instruction) -> RouterCall | None:
    data = call.data or b""
    layout = LAYOUTS.get(data[:8].hex())
    if layout is None:
        return None
    at = len(data) - TAIL if layout.amounts is None else layout.amounts
    fee_bytes = 1 if layout.amounts is None else 2
    if at < 8 or at + 18 + fee_bytes > len(data):
        return None
    slippage, fee = _whole(data, at + 16, 2), _whole(data, at + 18, fee_bytes)
    if slippage + fee > BASIS_POINTS:
        return None
    net = _whole(data, at + 8, 8) * (BASIS_POINTS - slippage) // BASIS_POINTS
    named = (call.accounts[place] for place in layout.destinations if place < len(call.accounts))
    return RouterCall(
        user=call.accounts[layout.user],
        source=call.accounts[layout.source],
        destinations=tuple(account for account in named if account != JUPITER),  # an account that is left out is written so
        in_raw=_whole(data, at, 8),
        least_out=net * (BASIS_POINTS - fee) // BASIS_POINTS,
    )


def _filled(call: Instruction) -> RouterCall | None:
    """A market maker's: both amounts are fixed."""
    data = call.data or b""
    if data[:8].hex() != FILL or len(data) < 24:
        return None
    return RouterCall(call.accounts[0], call.accounts[2], (call.accounts[4],), _whole(data, 8, 8), _whole(data, 16, 8))


def _whole(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")
