"""The way a coin took through pools: what was paid for it, or what it brought, where the wallet's own balances show the ends only."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from domain.solana.counterparties import Moves
from domain.solana.programs import MONEY_MINTS, WSOL


@dataclass(frozen=True, slots=True)
class End:
    """Where a coin's way begins or ends: another thing the wallet gave or got, or money. `raw` is without a sign."""

    mint: str
    raw: int


def ends_of(pools: Sequence[Moves], coin: str, side: int, ends: Iterable[str]) -> list[tuple[int, End]] | None:
    """Of a coin that was got (`side` 1) what was paid for it, of one that was given (-1) what it brought; with how much of the coin.

    The way is followed until one of `ends` or money is reached. It may part at the coin itself, where pools took different money; None
    where it parts otherwise, so that it cannot be told what belongs to the coin.
    """
    stops = {*ends, *MONEY_MINTS} - {coin}
    step = [moved for moved in pools if moved.get(coin, 0) * side < 0]
    if any(len(moved) != 2 for moved in step):
        return None
    kinds = dict.fromkeys(mint for moved in step for mint in moved if mint != coin)
    if len(kinds) > 1 and not MONEY_MINTS.issuperset(kinds):
        return None
    parts = [(sum(abs(moved[coin]) for moved in step if kind in moved), kind) for kind in kinds]
    ends_found = [(raw, _follow(pools, kind, side, stops, [moved for moved in step if kind in moved])) for raw, kind in parts]
    return None if not parts or any(end is None for _, end in ends_found) else [(raw, end) for raw, end in ends_found if end is not None]


def _follow(pools: Sequence[Moves], mint: str, side: int, stops: Set[str], step: Sequence[Moves]) -> End | None:
    """From what these pools took or gave on to where it ends."""
    seen: set[str] = set()
    while mint not in stops:
        seen.add(mint)
        users = [moved for moved in pools if moved.get(mint, 0) * side > 0]
        next_step = [moved for moved in pools if moved.get(mint, 0) * side < 0]
        others = {other for moved in next_step for other in moved} - {mint}
        if len(others) != 1 or others & seen or users != step or any(len(moved) != 2 for moved in next_step):
            return None
        mint, step = others.pop(), next_step
    return End(mint, abs(sum(moved[mint] for moved in step)))


def sol_on_the_way(pools: Sequence[Moves], coin: str, side: int) -> int | None:
    """Lamports that passed for the coin where it was paid in other money; None where no SOL was in it."""
    for _ in MONEY_MINTS:
        found = ends_of(pools, coin, side, ())
        if found is None or len(found) != 1:
            return None
        if found[0][1].mint == WSOL:
            return found[0][1].raw
        coin = found[0][1].mint
    return None
