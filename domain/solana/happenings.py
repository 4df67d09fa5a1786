"""A trade, a launch and a graduation, in one form for every launchpad.

This is what one curve or pool sees of all wallets, in order. What a wallet gained is read from its balances instead.
"""

from dataclasses import dataclass
from datetime import datetime

from data_contracts import Side
from domain.solana.programs import NATIVE, WSOL, Program


@dataclass(frozen=True, slots=True)
class PoolMints:
    """What a pool trades: most programs name the pool only."""

    base: str
    quote: str


@dataclass(frozen=True, slots=True)
class PoolTrade:
    """One trade of a coin, seen from the wallet that traded it. Raw amounts are whole; `quote_raw` is without fees.

    `pool` is empty for a curve of pump.fun, which is derived from the mint. `user` is empty where the program does not name it: then it is
    whoever's balances moved. Reserves are those after the trade of a curve, before it of a PumpSwap pool, as the programs write them.
    """

    program: Program
    pool: str
    mint: str
    quote_mint: str
    side: Side
    user: str
    token_raw: int
    quote_raw: int
    fee_raw: int
    traded_at: datetime | None
    token_reserve: int
    quote_reserve: int
    is_mayhem: bool = False

    @property
    def user_quote_raw(self) -> int:
        """What the wallet paid in all, or got in the end."""
        return self.quote_raw + (self.fee_raw if self.side is Side.BUY else -self.fee_raw)


@dataclass(frozen=True, slots=True)
class Launch:
    """A coin's beginning. `creator` is who gets the creator's fees, `user` who signed: a launcher for others signs for many.

    `mint` and `quote_mint` are empty where the program leaves them to the instruction's accounts.
    """

    program: Program
    mint: str
    pool: str
    quote_mint: str
    creator: str
    user: str
    launched_at: datetime | None
    name: str = ""
    symbol: str = ""
    is_mayhem: bool = False


@dataclass(frozen=True, slots=True)
class Graduation:
    """A curve that is sold out goes on as a pool. `pool` is empty where the program says only that the curve is complete."""

    program: Program
    mint: str
    curve: str
    pool: str
    graduated_at: datetime | None


Happening = PoolTrade | Launch | Graduation


def one_sol(mint: str) -> str:
    """SOL is one money, however a program writes it: as no key, as the system program, or wrapped."""
    return WSOL if mint in ("", NATIVE) else mint
