"""How much to put behind a copy, in the strategy's stake. The caller's caps come last, and then it is rounded down."""

from decimal import Decimal

from domain.copying.policy import SizingPolicy, Tier

HALF = Decimal("0.5")


def copy_notional(
    leader_notional: Decimal, price: Decimal | None, owrr: float | None, balance: Decimal, policy: SizingPolicy, score: float | None = None
) -> Decimal:
    """Stake to spend on a copy, before exposure caps. `owrr` is that of the copied outcome; kinds that need it size 0 without it.

    `price` is a part of what a share pays at most, 0 to 1; None where nothing bounds that, and no odds follow from it.
    """
    return min(_by_kind(leader_notional, price, owrr, balance, policy, score), policy.max_notional)


def score_notional(score: float | None, balance: Decimal, policy: SizingPolicy) -> Decimal:
    """The risk budget, half as much again where the score is sure: 100 SOL x 2 % at 0.84 → 2, at 0.85 → 3."""
    if score is None:
        return Decimal(0)
    return balance * policy.risk_fraction * (policy.sure_factor if score >= policy.sure_score else 1)


def conviction_notional(owrr: float, balance: Decimal, policy: SizingPolicy) -> Decimal:
    """The risk budget, scaled by how far the consensus favours the copied outcome. 10,000 x 5 % at 0.72 → 220; against it, no strength."""
    strength = max(Decimal(0), Decimal(str(owrr)) - HALF) / HALF
    return balance * policy.risk_fraction * (policy.floor + (1 - policy.floor) * strength)


def kelly_fraction(price: Decimal, win_probability: Decimal) -> Decimal:
    """Part of the balance the full Kelly bet risks on shares at `price`; below 0 when the odds are against it."""
    odds = (1 - price) / price
    return (odds * win_probability - (1 - win_probability)) / odds


def kelly_notional(price: Decimal, win_probability: Decimal, balance: Decimal, policy: SizingPolicy) -> Decimal:
    """A part of Kelly; a bet without an edge is 0, never raised to a minimum."""
    if not 0 < price < 1:
        return Decimal(0)
    return max(Decimal(0), balance * policy.kelly_fraction * kelly_fraction(price, win_probability))


def tiered_notional(leader_notional: Decimal, tiers: tuple[Tier, ...]) -> Decimal:
    """The leader's stake times its tier's multiplier; between tiers times 1; without any tier nothing."""
    if not tiers:
        return Decimal(0)
    for tier in tiers:
        if tier.at_least <= leader_notional and (tier.below is None or leader_notional < tier.below):
            return leader_notional * tier.multiplier
    return leader_notional


def _by_kind(
    leader_notional: Decimal, price: Decimal | None, owrr: float | None, balance: Decimal, policy: SizingPolicy, score: float | None
) -> Decimal:
    match policy.kind:
        case "fixed":
            return policy.amount
        case "percentage":
            return leader_notional * policy.percent / 100
        case "tiered":
            return tiered_notional(leader_notional, policy.tiers)
        case "score":
            return score_notional(score, balance, policy)
        case "conviction":
            return Decimal(0) if owrr is None else conviction_notional(owrr, balance, policy)
        case "kelly":  # reads the consensus as the chance to win
            return Decimal(0) if owrr is None or price is None else kelly_notional(price, Decimal(str(owrr)), balance, policy)
