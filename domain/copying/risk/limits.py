"""What may be opened or added to, and how much room is left under every exposure cap. No state is kept here."""

from collections.abc import Callable
from decimal import Decimal

from data_contracts import Reason
from domain.copying.policy import RiskPolicy
from domain.copying.portfolio import HoldingKey, Portfolio


def denial(portfolio: Portfolio, key: HoldingKey, owner_of: Callable[[str], str], policy: RiskPolicy) -> Reason | None:
    """Why this position may not be opened or added to, or None."""
    leader, token_id = key
    if any(token == token_id for _, token in portfolio.unanswered):  # it may be a fill, scaled in or not: an unknown outcome freezes risk
        return Reason.ORDER_UNANSWERED
    if key in portfolio.leaving:
        return Reason.EXIT_UNDERWAY
    if key in portfolio.holdings:
        return None if policy.scale_in else Reason.TOKEN_ALREADY_HELD
    if any(token == token_id for held in (portfolio.holdings, portfolio.awaited) for _, token in held):  # a lost answer may be a fill
        return Reason.TOKEN_ALREADY_HELD
    if len(portfolio.holdings) >= policy.max_positions:
        return Reason.MAX_POSITIONS_REACHED
    owner = owner_of(leader)
    behind_owner = sum(owner_of(other) == owner for other, _ in portfolio.holdings)
    return Reason.EXPOSURE_REACHED if behind_owner >= policy.max_positions_per_leader else None


def room(portfolio: Portfolio, key: HoldingKey, owner_of: Callable[[str], str], policy: RiskPolicy) -> Decimal:
    """Stake that may still go into this position under every exposure cap. Below 0 when one is exceeded already."""
    (leader, token_id), owner = key, owner_of(key[0])
    exposure, in_token, behind_owner = Decimal(0), Decimal(0), Decimal(0)
    for (other, token), holding in portfolio.holdings.items():
        exposure += holding.cost
        in_token += holding.cost if token == token_id else 0
        behind_owner += holding.cost if other == leader or owner_of(other) == owner else 0
    in_position = portfolio.holdings[key].cost if key in portfolio.holdings else 0
    return min(
        policy.max_position_notional - in_position,
        policy.max_exposure - exposure,
        portfolio.balance * policy.max_allocated_fraction - exposure,
        portfolio.balance * policy.max_token_fraction - in_token,
        portfolio.balance * policy.max_leader_fraction - behind_owner,
    )
