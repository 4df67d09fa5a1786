"""Whom the house copies while it is tried: mirrors of everybody, with small sizes and short holds, so that much is bought and sold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from benchmarks.followers import put_strategy
from chaos.house import House
from data_contracts import Kind
from domain.copying.policy import ExitPolicy, FirewallPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy

HOLD_S = {"everybody": 60.0, "half": 120.0}


def policy(hold_s: float) -> Policy:
    """No rule of loss may end it: what is tried is the machinery, not its luck."""
    return Policy(
        firewall=FirewallPolicy(max_age_s=120),
        sizing=SizingPolicy(kind="percentage", percent=Decimal(20), min_notional=Decimal(2), max_notional=Decimal(20)),
        risk=RiskPolicy(
            max_positions=20,
            max_positions_per_leader=20,
            scale_in=True,
            max_daily_loss=Decimal(1),
            max_drawdown=Decimal(1),
            min_win_rate=Decimal(0),
        ),
        ordering=OrderPolicy(max_slippage=Decimal("0.20")),
        exits=ExitPolicy(max_hold_s=hold_s),
    )


def follow(house: House, wallets: Sequence[str], since: datetime) -> Mapping[str, Sequence[str]]:
    """The leaders of each strategy."""
    leaders = {"everybody": sorted(wallets), "half": sorted(wallets)[::2]}
    for name, followed in leaders.items():
        put_strategy(name, Kind.MIRROR, policy(HOLD_S[name]), followed, house.settings, since)
    return leaders
