"""What a wallet did in a transaction, in words: amounts, swaps, and what became of it. How it is found out is in swaps.py."""

from dataclasses import dataclass

from data_contracts import LineKind, ReadAs, Side
from domain.solana.ledger_lines import Line, sum_of
from domain.solana.programs import MONEY_MINTS


@dataclass(frozen=True, slots=True)
class Amount:
    """Raw, without a sign. SOL stands under wrapped SOL's mint."""

    mint: str
    raw: int
    decimals: int

    @property
    def is_money(self) -> bool:
        return self.mint in MONEY_MINTS


@dataclass(frozen=True, slots=True)
class Swap:
    """One thing given for another. Coins are what the wallet itself lost or gained; money is what the pools took or gave, fees apart.

    `lamports` is the same in SOL where SOL was paid or passed on the way; None where it did not: see trades.py for how that is priced.
    """

    gave: Amount
    got: Amount
    lamports: int | None

    @property
    def side(self) -> Side:
        """SELL where money was got; a coin for a coin is a purchase of the second."""
        return Side.SELL if self.got.is_money and not self.gave.is_money else Side.BUY

    @property
    def coin(self) -> Amount:
        return self.gave if self.side is Side.SELL else self.got

    @property
    def counter(self) -> Amount:
        return self.got if self.side is Side.SELL else self.gave

    @property
    def is_rotation(self) -> bool:
        """A coin for a coin, with no money in between."""
        return not self.gave.is_money and not self.got.is_money


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a transaction for one wallet. `why` says it of all but trades; `swaps` of no trade are money for money only."""

    signature: str
    owner: str
    read_as: ReadAs
    why: str = ""
    swaps: tuple[Swap, ...] = ()
    lines: tuple[Line, ...] = ()

    def raw(self, mint: str, *kinds: LineKind) -> int:
        """The sum of a mint's lines, of these kinds or of all."""
        return sum_of(self.lines, mint, *kinds)
