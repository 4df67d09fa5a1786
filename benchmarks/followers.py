"""Strategies and the wallets they follow, for a house that is measured."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Currency, Kind, Leader, Strategy, Venue
from data_contracts.frames import frame_of
from domain.copying.policy import Policy, RiskPolicy, SizingPolicy


def mirror_policy(min_notional: int) -> Policy:
    """Five percent of what the leader spends, up to 50 USD."""
    sizing = SizingPolicy(kind="percentage", percent=Decimal(5), min_notional=Decimal(min_notional), max_notional=Decimal(50))
    return Policy(sizing=sizing, risk=RiskPolicy(max_positions=20))


def put_strategy(name: str, kind: Kind, policy: Policy, wallets: Sequence[str], settings: Settings, since: datetime) -> None:
    """One with 10,000 USD that follows these wallets."""
    strategy = Strategy(
        venue=Venue.POLYMARKET,
        stake_currency=Currency.USD,
        strategy_id=name,
        kind=kind,
        policy=policy.model_dump_json(),
        balance=Decimal(10_000),
        enabled=True,
        created_at=since,
        updated_at=since,
    )
    leaders = [Leader(strategy_id=name, wallet=wallet, why="benchmark", chosen_at=since, dropped_at=None) for wallet in wallets]
    open_results(settings).write([Write(Strategy, frame_of([strategy], Strategy)), Write(Leader, frame_of(leaders, Leader), "put")])
