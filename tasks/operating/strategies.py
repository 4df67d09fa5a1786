"""A strategy that is made, or made anew, as a whole; the form changes single numbers (`strategy_editing.py`)."""

from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Kind, Strategy, Venue
from data_contracts.errors import Refused
from data_contracts.words import STAKE_OF
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from tasks.operating.strategy_versions import alone_with, put_strategies
from tasks.steps import step

FIRST_BALANCE = Decimal(10_000)  # USD, of a strategy that is made of an environment


@step
def put_strategy(
    strategy_id: str,
    kind: Kind,
    policy: Policy,
    balance: Decimal | None,
    enabled: bool,
    settings: Settings,
    as_of: datetime,
    venue: Venue = Venue.POLYMARKET,
    why: str = "",
) -> Strategy:
    """Creates the strategy or changes it; what it holds and realized stays, and without a balance that as well.

    Raises Refused for a decision kind nobody wrote.
    """
    if kind not in KINDS:
        raise Refused(f"{kind} is no decision kind: there are {', '.join(KINDS)}")

    def put(within: Results) -> Strategy:
        before = within.read(Strategy, only=["created_at", "balance"], strategy_id=strategy_id)  # the rest may be unreadable
        created_at, kept = (next(iter(before[name].drop_nulls()), None) for name in ("created_at", "balance"))
        strategy = Strategy(
            strategy_id=strategy_id,
            venue=venue,
            stake_currency=STAKE_OF[venue],
            kind=kind,
            policy=policy.model_dump_json(),
            balance=next(one for one in (balance, kept, FIRST_BALANCE) if one is not None),
            enabled=enabled,
            created_at=created_at or as_of,
            updated_at=as_of,
        )
        put_strategies([strategy], why, within)
        return strategy

    return alone_with([strategy_id], open_results(settings), put)
