"""What an operator says of one strategy, or of every one: whether it may trade, and what it is to be out of. And who is held by what."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import AccountState, OperatorWord, Position, Reason, RiskState, Strategy, TradingState
from data_contracts.errors import Impossible, Refused
from data_contracts.frames import frame_of
from domain.copying.exits.ordered import EVERYTHING, is_meant
from domain.copying.risk.permission import (
    EVERY_STRATEGY,
    SILENCE,
    UNLIMITED,
    Computed,
    Permission,
    Spoken,
    halts,
    permission,
    strictest,
)
from tasks.copying.account import read_account
from tasks.copying.permissions import read_computed, read_spoken, spoken_of
from tasks.copying.sound_rows import Broken, all_strategies, halt_of, readable_rows, set_broken_aside, sound_rows
from tasks.steps import step


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

    def in_short(self) -> str:
        """What really holds: the kill switch, or a word for every strategy, may be stricter than what was just said."""
        holds = f"holds {self.now.state}" + (f", {self.now.reason}" if self.now.reason else "")
        return holds + (f" · {len(self.cleared)} halts cleared" if self.cleared else "")


@step
def order_state(
    strategy_id: str, state: TradingState, settings: Settings, as_of: datetime, why: str = "", exit_everything: bool = False
) -> Ordered:
    """An operator's word for one strategy, or for every one. Any but HALTED clears the halts that are on record now, and no later one.

    With `exit_everything` all that is held is sold as long as the word holds. Raises Refused when there is no strategy of that name.
    """
    results = open_results(settings)
    require_strategy(strategy_id, results)
    said = spoken_of(results)
    spoken, account = said[strategy_id], read_account(results, said[EVERY_STRATEGY])
    row_class, sound, broken = _computed(strategy_id, results)
    computed = next(iter(sound), None)
    found = halts(spoken, computed) | {halt_of(one): Reason.STRATEGY_UNREADABLE for one in broken}
    cleared = found if state is not TradingState.HALTED else {}
    set_broken_aside(row_class, [one for one in broken if cleared], results, as_of)  # the next cycle writes another in its place
    leaves = EVERYTHING if exit_everything else ""
    word = OperatorWord(
        strategy_id=strategy_id, ordered_at=as_of, state=state, clears=json.dumps(sorted(cleared)), why=why.strip(), leaves=leaves
    )
    results.write([Write(OperatorWord, frame_of([word], OperatorWord), "put")])
    after = replace(spoken, words=(*spoken.words, word))
    above = UNLIMITED if strategy_id == EVERY_STRATEGY else account.permission
    return Ordered(word, cleared, strictest([permission(TradingState(settings.trading_state), after, computed), above]))


@step
def order_exit(strategy_id: str, token_id: str, settings: Settings, as_of: datetime, why: str = "") -> list[Position]:
    """An operator wants to be out of what a strategy, or every one, holds of a token now: the next cycle sells all of it.

    Returns what is meant. Raises Impossible where nothing is.
    """
    results = open_results(settings)
    require_strategy(strategy_id, results)
    word = OperatorWord(strategy_id=strategy_id, ordered_at=as_of, state=None, clears="[]", why=why.strip(), leaves=token_id)
    held = readable_rows(results, Position, closed_at=None)
    mine = [one for one in held if strategy_id in (EVERY_STRATEGY, one.strategy_id) and one.shares > 0]
    meant = [one for one in mine if one.token_id == token_id and is_meant(word, token_id, one.opened_at)]
    if not meant:
        known = ", ".join(sorted({one.token_id for one in mine})) or "nothing"
        raise Impossible(f"{strategy_id} holds nothing of {token_id!r}; it holds {known}")
    results.write([Write(OperatorWord, frame_of([word], OperatorWord), "put")])
    return meant


def require_strategy(strategy_id: str, results: Results) -> None:
    """Raises Refused when there is no strategy of that name."""
    if strategy_id != EVERY_STRATEGY and not results.read(Strategy, only=["strategy_id"], strategy_id=strategy_id).height:
        raise Refused(f"there is no strategy {strategy_id!r}: see the strategies table; {EVERY_STRATEGY} is every one")


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds a strategy, or every one (*), back now: `says` is what a person, or the venue, said of it."""

    strategy_id: str
    state: TradingState
    reason: Reason | None
    since: datetime | None
    says: str = ""


def who_is_held(settings: Settings) -> list[Hold]:
    """Every strategy that may not do all, and why; first what holds every one. The kill switch is that of this process's environment."""
    results, switch = open_results(settings), TradingState(settings.trading_state)
    spoken, words = read_spoken(results)
    computed, states = read_computed(results, spoken)
    account = read_account(results, spoken[EVERY_STRATEGY])
    strategies, faults = all_strategies(results)
    out = {row.strategy_id for row in (*words, *states, *faults)}
    own = {
        one.strategy_id: permission(TradingState.ACTIVE, spoken[one.strategy_id], computed.get(one.strategy_id), one.strategy_id not in out)
        for one in strategies
    }
    above = [(EVERY_STRATEGY, permission(switch, SILENCE, None), SILENCE), (EVERY_STRATEGY, account.permission, account.spoken)]
    found = [*above, *((name, allowed, spoken[name]) for name, allowed in own.items())]
    return [Hold(name, one.state, one.reason, one.since, _says(one, said)) for name, one, said in found if one.reason]


def _says(held: Permission, spoken: Spoken) -> str:
    if held.reason is Reason.VENUE_CONTRADICTS_US:
        return spoken.standing[0].says
    if held.reason is not Reason.OPERATOR or spoken.word is None:
        return ""
    return f"{spoken.word.why} (exit everything)" if spoken.word.leaves else spoken.word.why


def _computed(strategy_id: str, results: Results) -> tuple[type, Sequence[Computed], list[Broken]]:
    """What the rules computed of one strategy, or of all together."""
    if strategy_id == EVERY_STRATEGY:
        return AccountState, *sound_rows(results, AccountState)
    return RiskState, *sound_rows(results, RiskState, strategy_id=strategy_id)
