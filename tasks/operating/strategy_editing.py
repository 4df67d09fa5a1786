"""Creates a strategy, or changes what was given of it: what is left empty stays as it is stored."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import VENUES, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Currency, Kind, Strategy, Venue
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from domain.copying.policy_changes import Changes, changed_policy, differences
from domain.wallet_addresses import venue_of
from tasks.copying.sound_rows import sound_rows
from tasks.steps import step

FIRST_BALANCE = {Currency.USD: Decimal(10_000)}  # of a new one, where none is given; in any other currency it is said
CELLS = ("venue", "kind", "balance", "enabled")


@dataclass(frozen=True, slots=True)
class StrategyChanges:
    """What an operator gave; None was left empty. `without` names rules of the policy to do without, as group.field."""

    venue: Venue | None = None
    kind: Kind | None = None
    balance: Decimal | None = None
    enabled: bool | None = None
    policy: Changes | None = None
    without: Collection[str] = field(default_factory=tuple)
    like: str | None = None  # a strategy that a new one is a copy of, but for what was given


@step
def change_strategy(strategy_id: str, changes: StrategyChanges, settings: Settings, as_of: datetime) -> list[dict[str, str]]:
    """Stores it, and says of each number that is another now what it was. What it holds and realized stays.

    Raises Refused for a venue nobody can reach, another venue than it has, a kind nobody wrote, numbers that do not go together, a wallet
    that trades elsewhere, and a copy of one that is not there, or of one strategy over another that is.
    """
    _insist_on_known(changes)
    results = open_results(settings)
    before = _stored(strategy_id, changes, results, as_of)
    if before and changes.like:
        raise Refused(f"{strategy_id} is there already: a copy needs a name of its own")
    fresh = before or _copied(strategy_id, changes, results, as_of) or _new(strategy_id, changes, as_of)
    if changes.venue not in (None, fresh.venue):
        raise Refused(f"{strategy_id} trades at {fresh.venue} and counts in {fresh.stake_currency}: create another one for {changes.venue}")
    given = {name: value for name in CELLS if (value := getattr(changes, name)) is not None}
    old = Policy.of_record(fresh.policy)
    new = _policy(old, changes)
    _insist_on_own_wallets(fresh, old, new)
    after = replace(fresh, policy=new.model_dump_json(), updated_at=as_of, **given)
    results.write([Write(Strategy, frame_of([after], Strategy), "put")])
    cells = [(name, _text(getattr(before, name)) if before else "", _text(getattr(after, name))) for name in CELLS]
    lines = [(name, was, now) for name, was, now in cells if was != now]
    return [{"what": name, "was": was, "is": now} for name, was, now in (*lines, *differences(old, new))]


def _text(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _insist_on_known(changes: StrategyChanges) -> None:
    if changes.venue is not None and changes.venue not in VENUES:
        raise Refused(f"nobody here can reach {changes.venue}: there are {', '.join(VENUES)}")
    if changes.kind is not None and changes.kind not in KINDS:
        raise Refused(f"{changes.kind} is no decision kind: there are {', '.join(KINDS)}")


def _insist_on_own_wallets(strategy: Strategy, old: Policy, new: Policy) -> None:
    """Such a wallet would be followed, and never copied. One that it names already hinders no other change."""
    for wallet in new.follow.wallets:
        if wallet not in old.follow.wallets and venue_of(wallet) is not strategy.venue:
            raise Refused(f"policy.follow.wallets: {wallet} trades at {venue_of(wallet)}, {strategy.strategy_id} at {strategy.venue}")


def _stored(strategy_id: str, changes: StrategyChanges, results: Results, as_of: datetime) -> Strategy | None:
    """As it is on record; None for a new one. Of a row that cannot be read everything has to be given: nobody mends it by guessing."""
    sound, broken = sound_rows(results, Strategy, strategy_id=strategy_id)
    if not broken:
        return next(iter(sound), None)
    record, faults = broken[0].record, "; ".join(broken[0].faults)
    missing = [name for name in (*CELLS, "policy") if getattr(changes, name) is None]
    if missing:
        raise Refused(f"{strategy_id} cannot be read ({faults}): give {', '.join(missing)} as well")
    created_at = record["created_at"] or as_of
    return replace(_new(strategy_id, changes, as_of), policy=str(record["policy"] or ""), created_at=created_at)


def _copied(strategy_id: str, changes: StrategyChanges, results: Results, as_of: datetime) -> Strategy | None:
    """A copy of the one that is named, under a name of its own. Raises Refused where there is none."""
    if changes.like is None:
        return None
    found = results.rows(Strategy, strategy_id=changes.like)
    if not found:
        raise Refused(f"there is no strategy {changes.like!r} to copy")
    return replace(found[0], strategy_id=strategy_id, enabled=True, created_at=as_of, updated_at=as_of)


def _new(strategy_id: str, changes: StrategyChanges, as_of: datetime) -> Strategy:
    """With what is usual where nothing was given."""
    venue = changes.venue or Venue.POLYMARKET
    balance = changes.balance or FIRST_BALANCE.get(STAKE_OF[venue])
    if balance is None:
        raise Refused(f"{strategy_id} is new and counts in {STAKE_OF[venue]}: give its balance")
    return Strategy(
        strategy_id=strategy_id,
        venue=venue,
        stake_currency=STAKE_OF[venue],
        kind=changes.kind or Kind.OWRR,
        policy=Policy().model_dump_json(),
        balance=balance,
        enabled=True,
        created_at=as_of,
        updated_at=as_of,
    )


def _policy(before: Policy, changes: StrategyChanges) -> Policy:
    try:
        return changed_policy(before, changes.policy, changes.without)
    except ValueError as error:
        raise Refused(f"policy: {error}") from error
