"""From what is in a block to how it is written: addresses of token accounts, accounts in order, balances before and after."""

from collections.abc import Mapping

from sandbox.solana.balances import Balances
from sandbox.solana.blocks import Blocks, Placed
from sandbox.solana.calls import decimals, rent
from sandbox.solana.curve_trades import FEE_CONFIG, GLOBAL
from sandbox.solana.deeds import Key, Moves
from sandbox.solana.keys import (
    ASSOCIATED,
    BUDGET,
    PUMP,
    PUMP_FEES,
    PUMP_SWAP,
    ROUTER,
    SYSTEM,
    TOKEN,
    TOKEN_2022,
    WSOL,
    events_of,
    signature_of,
    token_account,
    token_program,
)
from sandbox.solana.outside import Outside, written_of
from sandbox.solana.slots import block_time, blockhash
from sandbox.solana.written import Held, Layout, Written, error_of, laid_out, log_of, units_of

# What is always there. A transaction of version 0 may take these from a lookup table instead of naming them.
FIXED = {SYSTEM: 1, BUDGET: 1, TOKEN: 5_299_606_121, TOKEN_2022: 70_128_637, ASSOCIATED: 3_388_605_256, PUMP: 168_261_371}
FIXED |= {
    ROUTER: 3_000_000,
    PUMP_SWAP: 212_061_912,
    PUMP_FEES: 6_046_720,
    FEE_CONFIG: rent(200),
    GLOBAL: rent(1_000),
    WSOL: 1_462_700_000_000,
}
TABLE = (SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED, WSOL, GLOBAL, FEE_CONFIG, PUMP_FEES, PUMP, PUMP_SWAP, events_of(PUMP), events_of(PUMP_SWAP))


def written(blocks: Blocks, balances: Balances, seed: int, placed: Placed) -> Written:
    """The transaction as it was executed. Mints and pools that it names hold what they were opened with: that never changes."""
    deed = placed.did
    if isinstance(deed, Outside):
        return written_of(deed, placed.slot, placed.index)
    calls, moves = deed.calls(placed.slot, block_time(placed.slot)), deed.moves()
    layout = laid_out(deed.payer, calls, TABLE if deed.costs.uses_table else ())
    signature = blocks.signature(placed)
    standing = {one: balances.lamports[one] for one in deed.about if one in balances.lamports}
    before = _lamports(layout, FIXED | standing, moves, placed)
    named = {_address(key): change for key, change in moves.lamports.items()}
    return Written(
        signature=signature,
        signatures=(signature, *(signature_of(signature, place) for place in range(1, layout.signed))),
        slot=placed.slot,
        index=placed.index,
        costs=deed.costs,
        layout=layout,
        calls=tuple(calls),
        before=before,
        after=tuple(was + named.get(one, 0) for one, was in zip(layout.all, before, strict=True)),
        held_before=_held(layout, moves, placed, False),
        held_after=_held(layout, moves, placed, True),
        log=log_of(calls, deed.error),
        error=error_of(deed.error),
        blockhash=blockhash(seed, placed.slot - 12),
        units=units_of(calls),
    )


def _address(key: Key) -> str:
    return key if isinstance(key, str) else token_account(*key)


def _lamports(layout: Layout, standing: Mapping[str, int], moves: Moves, placed: Placed) -> tuple[int, ...]:
    known = {_address(key): was for key, was in zip(moves.lamports, placed.lamports, strict=True)}
    return tuple(known.get(one, standing.get(one, 0)) for one in layout.all)


def _held(layout: Layout, moves: Moves, placed: Placed, afterwards: bool) -> tuple[Held, ...]:
    """Of the token accounts that are there."""
    places = {one: place for place, one in enumerate(layout.all)}
    lamports = {key: was + (moves.lamports[key] if afterwards else 0) for key, was in zip(moves.lamports, placed.lamports, strict=True)}
    found = []
    for token, was in zip(moves.coins, placed.coins, strict=True):
        account = token_account(*token)
        if lamports.get(token, 0) and account in places:
            raw = was + (moves.coins[token] if afterwards else 0)
            found.append(Held(places[account], token[1], token[0], raw, decimals(token[1]), token_program(token[1])))
    return tuple(sorted(found, key=lambda held: held.index))
