"""What lies in a curve or a pool, and what a trade does to it. Whole units: lamports, and millionths of a coin."""

from dataclasses import dataclass, replace

SUPPLY = 1_000_000_000_000_000
FOR_SALE = 793_100_000_000_000
CURVE_FEE_BPS, POOL_FEE_BPS = 125, 30
GRADUATION_LAMPORTS = 85_005_359_057


@dataclass(frozen=True, slots=True)
class Reserves:
    """A product of two reserves. On a curve both are virtual; `sol` is what can be taken out, `left` what can still be bought."""

    tokens: int = 1_073_000_000_000_000
    quote: int = 30_000_000_000
    sol: int = 0
    left: int = FOR_SALE
    is_pool: bool = False

    @property
    def fee_bps(self) -> int:
        return POOL_FEE_BPS if self.is_pool else CURVE_FEE_BPS

    @property
    def price(self) -> float:
        """SOL for a coin: a coin has 6 digits, a SOL 9."""
        return self.quote / self.tokens / 1000

    def buy(self, lamports: int) -> tuple["Reserves", int]:
        """What is there afterwards, and the coins bought."""
        net = lamports * 10_000 // (10_000 + self.fee_bps)
        bought = min(self.tokens * net // (self.quote + net), self.left)
        after = replace(self, tokens=self.tokens - bought, quote=self.quote + net, sol=self.sol + net, left=self.left - bought)
        return after.graduated(), bought

    def sell(self, tokens: int) -> tuple["Reserves", int]:
        """What is there afterwards, and the lamports its seller gets."""
        gross = min(self.quote * tokens // (self.tokens + tokens), self.sol)
        after = replace(self, tokens=self.tokens + tokens, quote=self.quote - gross, sol=self.sol - gross, left=self.left + tokens)
        return after, gross * (10_000 - self.fee_bps) // 10_000

    def graduated(self) -> "Reserves":
        """A curve that is sold out goes on as a pool of what it raised and of the coins that were kept for it."""
        if self.is_pool or self.left > 0:
            return self
        return Reserves(SUPPLY - FOR_SALE, self.sol, self.sol, SUPPLY - FOR_SALE, is_pool=True)

    def drained(self) -> "Reserves":
        """Somebody took the liquidity away."""
        return replace(self, quote=max(self.quote // 1000, 1), sol=self.sol // 1000)
