"""How often a token is looked at: often while it lives, ever less as it dies, and no more once it is dead."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from data_contracts import TokenLook


@dataclass(frozen=True, slots=True)
class SurveillancePolicy:
    """A look every `shortest` while it is young or traded, twice as late after each quiet look, at most every `longest`.

    Dead is who has no route that sells it, or had neither a trade nor liquidity for `dead_after`.
    """

    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=8)
    young: timedelta = timedelta(hours=1)
    quiet_volume_usd: float = 1_000.0
    least_liquidity_usd: float = 500.0
    dead_after: timedelta = timedelta(days=2)


DEFAULT = SurveillancePolicy()


def next_look_at(look: TokenLook, before: TokenLook | None, launched_at: datetime | None, policy: SurveillancePolicy = DEFAULT) -> datetime:
    """When to look again at a token that is not dead."""
    if is_young(look, launched_at, policy) or not is_quiet(look, policy) or before is None:
        return look.looked_at + policy.shortest
    waited = look.looked_at - before.looked_at
    return look.looked_at + min(max(waited * 2, policy.shortest), policy.longest)


def is_young(look: TokenLook, launched_at: datetime | None, policy: SurveillancePolicy = DEFAULT) -> bool:
    """Whether it began within the first hour of its life."""
    return launched_at is not None and look.looked_at - launched_at < policy.young


def is_quiet(look: TokenLook, policy: SurveillancePolicy = DEFAULT) -> bool:
    """Whether hardly anybody trades it. A volume that nobody states is no volume: it is not listed any more."""
    return (look.volume_24h_usd or 0.0) < policy.quiet_volume_usd


def is_dead(look: TokenLook, last_alive_at: datetime, policy: SurveillancePolicy = DEFAULT) -> bool:
    """Whether nothing can be got for it. `last_alive_at` is when it was last seen traded with something to sell it into.

    On a curve liquidity is not stated (null): that is not 0. A pool whose liquidity is 0 is rugged however much it trades.
    """
    if look.is_sellable is False:
        return True
    return not is_alive(look, policy) and look.looked_at - last_alive_at >= policy.dead_after


def is_alive(look: TokenLook, policy: SurveillancePolicy = DEFAULT) -> bool:
    """Whether it is traded, and into something."""
    drained = look.liquidity_usd is not None and look.liquidity_usd < policy.least_liquidity_usd
    return not drained and not (is_quiet(look, policy) and not look.buys_24h)
