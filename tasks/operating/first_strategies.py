"""What a new house starts with: strategies of each kind, in simulation. An operator changes them or adds others.

They choose their leaders differently on purpose, one by skill and one by record: so the house shows what luck is worth.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Confidence, Currency, Kind, Strategy, Venue
from data_contracts.words import STAKE_OF
from domain.copying.policy import ExitPolicy, FollowPolicy, OwrrPolicy, Policy, RiskPolicy, ScorePolicy, SizingPolicy
from tasks.operating.strategy_versions import alone_with, put_strategies

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
SCORE = Policy(
    follow=FollowPolicy(top=50, choose_by="omega", min_closed_positions=5),
    score=ScorePolicy(min_closed_positions=5),
    sizing=SizingPolicy(kind="score", min_notional=Decimal("0.01"), max_notional=Decimal(1)),
    risk=RiskPolicy(max_positions=20, max_allocated_fraction=Decimal("0.5"), reserve=Decimal("0.05")),
    exits=ExitPolicy(preset="by_score"),
)
MIRROR_COINS = Policy(
    follow=FollowPolicy(top=30, choose_by="omega", min_closed_positions=3),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(25), min_notional=Decimal("0.01"), max_notional=Decimal("0.5")),
    risk=RiskPolicy(max_positions=20, max_allocated_fraction=Decimal("0.5"), reserve=Decimal("0.05")),
    exits=ExitPolicy(preset="balanced"),
)
FIRST = (
    ("consensus", Venue.POLYMARKET, Kind.OWRR, CONSENSUS),
    ("mirror-best", Venue.POLYMARKET, Kind.MIRROR, MIRROR),
    ("score-coins", Venue.SOLANA, Kind.SCORE, SCORE),
    ("mirror-coins", Venue.SOLANA, Kind.MIRROR, MIRROR_COINS),
)
BALANCE = {Currency.USD: Decimal(10_000), Currency.SOL: Decimal(50)}


def put_first_strategies(settings: Settings, as_of: datetime) -> list[str]:
    """The ids of what was added; nothing in a house that has strategies, nor of a chain whose node nobody named."""
    offered = [one for one in FIRST if one[1] is not Venue.SOLANA or settings.solana_rpc_url is not None]
    rows = [
        Strategy(
            strategy_id=strategy_id,
            venue=venue,
            stake_currency=STAKE_OF[venue],
            kind=kind,
            policy=policy.model_dump_json(),
            balance=BALANCE[STAKE_OF[venue]],
            enabled=True,
            created_at=as_of,
            updated_at=as_of,
        )
        for strategy_id, venue, kind, policy in offered
    ]
    return alone_with([row.strategy_id for row in rows], open_results(settings), partial(_put_where_none_is, rows))


def _put_where_none_is(rows: list[Strategy], within: Results) -> list[str]:
    if within.read(Strategy, only=["strategy_id"]).height:
        return []
    put_strategies(rows, "what a new house starts with", within)
    return [row.strategy_id for row in rows]
