"""Strategies are rows: an operator creates and changes them."""

from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Kind, Strategy, Venue
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from tasks.steps import step

FIRST_BALANCE = Decimal(10_000)  # USD, of a strategy that is made of an environment


@step
def put_strategy(
    strategy_id: str,
    kind: Kind,
    policy: Policy,
    balance: Decimal,
    enabled: bool,
    settings: Settings,
    as_of: datetime,
    venue: Venue = Venue.POLYMARKET,
) -> Strategy:
    """Creates the strategy or changes it; what it holds and realized stays. Raises Refused for a decision kind nobody wrote."""
    if kind not in KINDS:
        raise Refused(f"{kind} is no decision kind: there are {', '.join(KINDS)}")
    results = open_results(settings)
    before = results.read(Strategy, only=["created_at"], strategy_id=strategy_id)["created_at"].drop_nulls()  # the rest may be unreadable
    strategy = Strategy(
        strategy_id=strategy_id,
        venue=venue,
        stake_currency=STAKE_OF[venue],
        kind=kind,
        policy=policy.model_dump_json(),
        balance=balance,
        enabled=enabled,
        created_at=before[0] if before.len() else as_of,
        updated_at=as_of,
    )
    results.write([Write(Strategy, frame_of([strategy], Strategy), "put")])
    return strategy
