"""Strategies are rows: an operator creates and changes them, and orders how they may trade."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import AccountState, Kind, OperatorWord, Reason, RiskState, Strategy, TradingState, Venue
from data_contracts.errors import Refused
from data_contracts.frames import frame_of
from data_contracts.words import STAKE_OF
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy
from domain.copying.risk.permission import EVERY_STRATEGY, UNLIMITED, Computed, Permission, halts, permission, strictest
from tasks.copying.account import read_account
from tasks.copying.permissions import spoken_of
from tasks.copying.sound_rows import Broken, halt_of, set_broken_aside, sound_rows
from tasks.steps import step


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


@dataclass(frozen=True, slots=True)
class Ordered:
    """An operator's word, the halts it cleared with their reasons, and what holds now: the kill switch is stronger."""

    word: OperatorWord
    cleared: Mapping[str, Reason]
    now: Permission

    def lines(self) -> list[dict[str, str]]:
        """For a person: one line a halt that is over, and one for what holds."""
        over = [{"what": "cleared", "reason": reason.value, "halt": halt_id} for halt_id, reason in self.cleared.items()]
        return [*over, {"what": "holds", "reason": self.now.reason or "", "halt": self.now.state.value}]


@step
def order_state(strategy_id: str, state: TradingState, settings: Settings, as_of: datetime) -> Ordered:
    """An operator's word for one strategy, or for every one. Any but HALTED clears the halts that are on record now, and no later one.

    Raises Refused when there is no strategy of that name.
    """
    results = open_results(settings)
    if strategy_id != EVERY_STRATEGY and not results.read(Strategy, only=["strategy_id"], strategy_id=strategy_id).height:
        raise Refused(f"there is no strategy {strategy_id!r}: see the strategies table; {EVERY_STRATEGY} is every one")
    said = spoken_of(results)
    spoken, account = said[strategy_id], read_account(results, said[EVERY_STRATEGY])
    row_class, sound, broken = _computed(strategy_id, results)
    computed = next(iter(sound), None)
    found = halts(spoken, computed) | {halt_of(one): Reason.STRATEGY_UNREADABLE for one in broken}
    cleared = found if state is not TradingState.HALTED else {}
    set_broken_aside(row_class, [one for one in broken if cleared], results, as_of)  # the next cycle writes another in its place
    word = OperatorWord(strategy_id=strategy_id, ordered_at=as_of, state=state, clears=json.dumps(sorted(cleared)))
    results.write([Write(OperatorWord, frame_of([word], OperatorWord), "put")])
    after = replace(spoken, words=(*spoken.words, word))
    above = UNLIMITED if strategy_id == EVERY_STRATEGY else account.permission
    return Ordered(word, cleared, strictest([permission(TradingState(settings.trading_state), after, computed), above]))


def _computed(strategy_id: str, results: Results) -> tuple[type, Sequence[Computed], list[Broken]]:
    """What the rules computed of one strategy, or of all together."""
    if strategy_id == EVERY_STRATEGY:
        return AccountState, *sound_rows(results, AccountState)
    return RiskState, *sound_rows(results, RiskState, strategy_id=strategy_id)
