"""Creates a strategy, or changes what was given of it: what is left empty stays as it is stored. Or takes it back to an earlier version."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import VENUES, open_results
from adapters.settings import Settings
from adapters.stores.results import Results
from data_contracts import Currency, Kind, Strategy, Venue
from data_contracts.errors import Refused
from data_contracts.words import STAKE_OF
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from domain.copying.policy_changes import Changes, changed_policy
from domain.copying.strategy_changes import CELLS, Line, changed_lines
from domain.wallet_addresses import venue_of
from tasks.copying.sound_rows import readable_rows, sound_rows
from tasks.operating.strategy_versions import alone_with, put_strategies, version_of
from tasks.steps import step

FIRST_BALANCE = {Currency.USD: Decimal(10_000)}  # of a new one, where none is given; in any other currency it is said


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
    back_to: int | None = None  # a version of its own; nothing else may be given then
    why: str = ""  # kept with the version


@step
def change_strategy(strategy_id: str, changes: StrategyChanges, settings: Settings, as_of: datetime) -> list[Line]:
    """Stores it, and says of each number that is another now what it was. What it holds and realized stays; so does what it was.

    Raises Refused for a venue nobody can reach, another venue than it has, a kind nobody wrote, numbers that do not go together, a wallet
    that trades elsewhere, a copy of one that is not there, or of one strategy over another that is, and a version there is not.
    """
    return alone_with([strategy_id], open_results(settings), lambda within: change_within(within, strategy_id, changes, as_of))


def change_within(within: Results, strategy_id: str, changes: StrategyChanges, as_of: datetime) -> list[Line]:
    """The same for whoever is alone with it."""
    _insist_on_known(changes)
    if changes.back_to is not None:
        return _go_back(within, strategy_id, changes, changes.back_to, as_of)
    before = _stored(strategy_id, changes, within, as_of)
    if before and changes.like:
        raise Refused(f"{strategy_id} is there already: a copy needs a name of its own")
    fresh = before or _copied(strategy_id, changes, within, as_of) or _new(strategy_id, changes, as_of)
    if changes.venue not in (None, fresh.venue):
        raise Refused(f"{strategy_id} trades at {fresh.venue} and counts in {fresh.stake_currency}: create another one for {changes.venue}")
    given = {name: value for name in CELLS if (value := getattr(changes, name)) is not None}
    old = Policy.of_record(fresh.policy)
    new = _policy(old, changes)
    _insist_on_own_wallets(fresh, old, new)
    after = replace(fresh, policy=new.model_dump_json(), updated_at=as_of, **given)
    put_strategies([after], changes.why.strip() or (f"a copy of {changes.like}" if changes.like else ""), within)
    return changed_lines(before, after, from_policy=old)


def _go_back(within: Results, strategy_id: str, changes: StrategyChanges, number: int, as_of: datetime) -> list[Line]:
    """A new version that equals that one. A row that cannot be read hinders nothing: all of it is given."""
    if replace(changes, why="") != StrategyChanges(back_to=number, without=changes.without) or changes.without:
        raise Refused(f"version {number} is taken as it was: leave everything else empty, and change it afterwards")
    after = version_of(strategy_id, number, within, as_of)
    before = next(iter(readable_rows(within, Strategy, strategy_id=strategy_id)), None)
    put_strategies([after], ": ".join(filter(None, (f"back to version {number}", changes.why.strip()))), within)
    return changed_lines(before, after)


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
