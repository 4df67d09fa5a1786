"""What a new house starts with: one strategy of each kind, in simulation. An operator changes them or adds others.

They choose their leaders differently on purpose, one by skill and one by record: so the house shows what luck is worth.
"""

from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Confidence, Kind, Strategy, Venue
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.policy import FollowPolicy, OwrrPolicy, Policy, RiskPolicy, SizingPolicy

CONSENSUS = Policy(
    follow=FollowPolicy(top=100),
    owrr=OwrrPolicy(min_confidence=Confidence.LOW),
    sizing=SizingPolicy(kind="conviction", risk_fraction=Decimal("0.05")),
    risk=RiskPolicy(max_positions=20),
)
MIRROR = Policy(
    follow=FollowPolicy(top=30, choose_by="omega", min_closed_positions=15),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(25), max_notional=Decimal(200), min_notional=Decimal(2)),
    risk=RiskPolicy(max_positions=20, scale_in=True),
)
FIRST = (("consensus", Kind.OWRR, CONSENSUS), ("mirror-best", Kind.MIRROR, MIRROR))


def put_first_strategies(settings: Settings, as_of: datetime) -> list[str]:
    """The ids of what was added; nothing in a house that has strategies."""
    results = open_results(settings)
    if results.read(Strategy).height:
        return []
    rows = [
        Strategy(
            strategy_id=strategy_id,
            venue=Venue.POLYMARKET,
            stake_currency=STAKE_OF[Venue.POLYMARKET],
            kind=kind,
            policy=policy.model_dump_json(),
            balance=Decimal(10_000),
            enabled=True,
            created_at=as_of,
            updated_at=as_of,
        )
        for strategy_id, kind, policy in FIRST
    ]
    results.write([Write(Strategy, frame_of(rows, Strategy))])
    return [row.strategy_id for row in rows]
