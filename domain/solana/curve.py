"""What a bonding curve and a pool would give: exact whole numbers, as the programs compute them.

Formulas: github.com/pump-fun/pump-public-docs (bonding curve, PumpSwap); Raydium LaunchLab's constant curve is the same product of two
virtual reserves. A coin in mayhem mode moves its reserves by itself: it has no formula (`Mayhem`).
"""

from dataclasses import dataclass
from fractions import Fraction

BASIS_POINTS = 10_000


class Mayhem(ValueError):
    """A coin whose reserves its venue moves between trades. A quote of the venue is the only price it has."""


@dataclass(frozen=True, slots=True)
class Fees:
    """What is taken of the quote side, in basis points: each fee is rounded up by itself."""

    basis_points: tuple[int, ...] = ()

    def taken_of(self, quote: int) -> int:
        """All fees of a trade whose quote side is `quote`, in whole units of the quote."""
        return sum(-(-quote * rate // BASIS_POINTS) for rate in self.basis_points)

    def net_of(self, spent: int) -> int:
        """The most that is left for the trade when `spent` pays for it and its fees."""
        net = spent * BASIS_POINTS // (BASIS_POINTS + sum(self.basis_points))
        return max(net - max(net + self.taken_of(net) - spent, 0), 0)


@dataclass(frozen=True, slots=True)
class Curve:
    """A product of two virtual reserves, in whole units; `real_tokens` is what may still be bought before it graduates."""

    virtual_tokens: int
    virtual_quote: int
    real_tokens: int
    real_quote: int = 0
    fees: Fees = Fees()
    is_mayhem: bool = False

    def tokens_for(self, spent: int) -> int:
        """Tokens that `spent` of the quote buys, its fees in it. Raises Mayhem."""
        return min(self._tokens_for_net(self.fees.net_of(spent)), self.real_tokens)

    def _tokens_for_net(self, net: int) -> int:
        self._insist_on_a_formula()
        paying = max(net - 1, 0)  # the program keeps a unit, so that rounding never favours the buyer
        return self.virtual_tokens * paying // (self.virtual_quote + paying)

    def cost_of(self, tokens: int) -> int:
        """What exactly `tokens` cost, before fees. Raises Mayhem; ValueError for more than the curve prices."""
        self._insist_on_a_formula()
        if not 0 <= tokens < self.virtual_tokens:
            raise ValueError(f"{tokens} is not below the {self.virtual_tokens} tokens the curve prices")
        return tokens * self.virtual_quote // (self.virtual_tokens - tokens) + 1 if tokens else 0

    def quote_for(self, tokens: int) -> int:
        """What a sale of `tokens` brings its seller, fees taken off; never more than the curve really holds. Raises Mayhem."""
        self._insist_on_a_formula()
        gross = tokens * self.virtual_quote // (self.virtual_tokens + tokens)
        gross = min(gross, self.real_quote) if self.real_quote else gross
        return max(gross - self.fees.taken_of(gross), 0)

    def price(self) -> Fraction:
        """Whole units of the quote for a whole unit of the token, before fees. Raises Mayhem."""
        self._insist_on_a_formula()
        return Fraction(self.virtual_quote, self.virtual_tokens)

    def _insist_on_a_formula(self) -> None:
        if self.is_mayhem:
            raise Mayhem("a mayhem coin is not priced by its reserves: ask the venue for a quote")


@dataclass(frozen=True, slots=True)
class Pool:
    """A constant-product pool, in whole units: `vault_quote` lies in it, `virtual_quote` is added to price with, and may be negative."""

    tokens: int
    vault_quote: int
    virtual_quote: int = 0
    fees: Fees = Fees()

    @property
    def effective_quote(self) -> int:
        """What the program prices with: fees that wait in the vault are no liquidity."""
        return max(self.vault_quote + self.virtual_quote, 0)

    def tokens_for(self, spent: int) -> int:
        """Tokens that `spent` of the quote buys, its fees in it."""
        net = self.fees.net_of(spent)
        return self.tokens * net // (self.effective_quote + net) if net else 0

    def quote_for(self, tokens: int) -> int:
        """What a sale of `tokens` brings its seller, fees taken off."""
        gross = self.effective_quote * tokens // (self.tokens + tokens) if tokens else 0
        return max(gross - self.fees.taken_of(gross), 0)

    def price(self) -> Fraction | None:
        """Whole units of the quote for a whole unit of the token, before fees; None where nothing is in it."""
        return Fraction(self.effective_quote, self.tokens) if self.tokens else None


def new_pump_curve(fees: Fees) -> Curve:
    """How every ordinary pump.fun coin begins: 1 billion tokens of 6 digits, 793.1 million of them for sale, 30 SOL virtual."""
    return Curve(1_073_000_000_000_000, 30_000_000_000, 793_100_000_000_000, 0, fees)
