"""What lies in a curve or a pool, and what a trade does to it: whole units, rounded as the programs round. A coin has 6 digits, a SOL 9.

Source: github.com/pump-fun/pump-public-docs (bonding curve, PumpSwap)"""

from dataclasses import dataclass

SUPPLY = 1_000_000_000_000_000
FOR_SALE = 793_100_000_000_000
MIGRATION_LAMPORTS = 15_000_001  # what going on as a pool costs the curve
BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Fees:
    """Basis points of the SOL side, each rounded up by itself. `lp` stays in the pool."""

    protocol: int
    creator: int
    lp: int = 0

    @property
    def all(self) -> int:
        return self.protocol + self.creator + self.lp

    def of(self, quote: int) -> tuple[int, int, int]:
        return _part(quote, self.protocol), _part(quote, self.creator), _part(quote, self.lp)

    def net_of(self, spent: int) -> int:
        net = spent * BASIS_POINTS // (BASIS_POINTS + self.all)
        return max(net - max(net + sum(self.of(net)) - spent, 0), 0)


CURVE_FEES, POOL_FEES = Fees(95, 30), Fees(5, 5, 20)


@dataclass(frozen=True, slots=True)
class Swapped:
    """A trade: what lies there afterwards, and what it moved. `quote` is SOL without fees."""

    after: "Reserves"
    tokens: int
    quote: int
    protocol_fee: int = 0
    creator_fee: int = 0
    lp_fee: int = 0

    @property
    def fees(self) -> int:
        return self.protocol_fee + self.creator_fee + self.lp_fee


@dataclass(frozen=True, slots=True)
class Reserves:
    """A product of two reserves. On a curve both are virtual; `sol` is what can be taken out, `left` what can still be bought."""

    tokens: int = 1_073_000_000_000_000
    quote: int = 30_000_000_000
    sol: int = 0
    left: int = FOR_SALE
    is_pool: bool = False

    @property
    def fees(self) -> Fees:
        return POOL_FEES if self.is_pool else CURVE_FEES

    @property
    def fee_bps(self) -> int:
        return self.fees.all

    @property
    def price(self) -> float:
        """SOL for a coin: a coin has 6 digits, a SOL 9."""
        return self.quote / self.tokens / 1000

    def buy(self, lamports: int) -> tuple["Reserves", int]:
        """What is there afterwards, and the coins bought."""
        swapped = self.bought(lamports)
        return swapped.after, swapped.tokens

    def sell(self, tokens: int) -> tuple["Reserves", int]:
        """What is there afterwards, and the lamports its seller gets."""
        swapped = self.sold(tokens)
        return swapped.after, swapped.quote - swapped.fees

    def bought(self, spent: int) -> Swapped:
        """For at most so many lamports, fees in it. A curve keeps a lamport, and what is left of it costs what it costs."""
        net = self.fees.net_of(spent)
        paying = net if self.is_pool else max(net - 1, 0)
        tokens = self.tokens * paying // (self.quote + paying)
        if not self.is_pool and tokens >= self.left:
            tokens, net = self.left, self.left * self.quote // (self.tokens - self.left) + 1
        fees = self.fees.of(net)
        return Swapped(self._moved(-tokens, net + fees[2]).graduated(), tokens, net, *fees)

    def sold(self, tokens: int) -> Swapped:
        gross = min(self.quote * tokens // (self.tokens + tokens), self.sol)
        fees = self.fees.of(gross)
        return Swapped(self._moved(tokens, fees[2] - gross), tokens, gross, *fees)

    def _moved(self, tokens: int, quote: int) -> "Reserves":
        return Reserves(self.tokens + tokens, self.quote + quote, self.sol + quote, self.left + tokens, self.is_pool)

    @property
    def is_sold_out(self) -> bool:
        return not self.is_pool and self.left <= 0

    def graduated(self) -> "Reserves":
        """A curve that is sold out goes on as a pool of what it raised and of the coins that were kept for it."""
        if not self.is_sold_out:
            return self
        raised, kept = self.sol - MIGRATION_LAMPORTS, SUPPLY - FOR_SALE
        return Reserves(kept, raised, raised, kept, is_pool=True)


def _part(quote: int, rate: int) -> int:
    return -(-quote * rate // BASIS_POINTS)
