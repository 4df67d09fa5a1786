"""The way a coin took through pools: what was paid for it, or what it brought, where the wallet's own balances show the ends only."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from domain.solana.counterparties import Moves
from domain.solana.programs import MONEY_MINTS, WSOL

LEFT_OVER = 100  # a hundredth of what passed through may stay behind


@dataclass(frozen=True, slots=True)
class End:
    """Where a coin's way begins or ends: another thing the wallet gave or got, or money. `raw` is without a sign."""

    mint: str
    raw: int


def ends_of(pools: Sequence[Moves], coin: str, side: int, legs: Moves) -> list[tuple[int, End]] | None:
    """Of a coin that was got (`side` 1) what was paid for it, of one that was given (-1) what it brought; with how much of the coin.

    The way is followed until money is reached, or one of the `legs` on the other side. It may part at the coin itself, where pools took
    different money; None where it parts otherwise, so that it cannot be told what belongs to the coin.
    """
    stops = MONEY_MINTS | {mint for mint, raw in legs.items() if raw * side < 0}
    step = [moved for moved in pools if moved.get(coin, 0) * side < 0]
    kinds = sorted({mint for moved in step for mint in moved if mint != coin})  # whoever lists the pools has another order
    if not kinds or any(len(moved) != 2 for moved in step) or (len(kinds) > 1 and not MONEY_MINTS.issuperset(kinds)):
        return None
    parts = [[moved for moved in step if kind in moved] for kind in kinds]
    ends = [_follow(pools, kind, side, stops, legs.keys(), part) for kind, part in zip(kinds, parts, strict=True)]
    whole = [(sum(abs(moved[coin]) for moved in part), end) for part, end in zip(parts, ends, strict=True) if end is not None]
    return whole if len(whole) == len(ends) else None


def _follow(pools: Sequence[Moves], mint: str, side: int, stops: Set[str], own: Set[str], step: Sequence[Moves]) -> End | None:
    """From what these pools took or gave on to where it ends. What the wallet itself has of a thing in the middle belongs elsewhere."""
    seen: set[str] = set()
    while mint not in stops:
        seen.add(mint)
        users = [moved for moved in pools if moved.get(mint, 0) * side > 0]
        next_step = [moved for moved in pools if moved.get(mint, 0) * side < 0]
        others = {other for moved in next_step for other in moved} - {mint}
        if len(others) != 1 or others & seen or mint in own or users != step or not _passes_on(mint, users, next_step):
            return None
        mint, step = others.pop(), next_step
    return End(mint, abs(sum(moved[mint] for moved in step)))


def _passes_on(mint: str, users: Sequence[Moves], givers: Sequence[Moves]) -> bool:
    """All of it but a little, and nothing beside it."""
    used, given = (abs(sum(moved[mint] for moved in pools)) for pools in (users, givers))
    return all(len(moved) == 2 for moved in givers) and abs(given - used) * LEFT_OVER <= max(given, used)


def sol_on_the_way(pools: Sequence[Moves], coin: str, side: int) -> int | None:
    """Lamports that passed for the coin where it was paid in other money; None where no SOL was in it."""
    for _ in MONEY_MINTS:
        found = ends_of(pools, coin, side, {})
        if found is None or len(found) != 1:
            return None
        if found[0][1].mint == WSOL:
            return found[0][1].raw
        coin = found[0][1].mint
    return None
