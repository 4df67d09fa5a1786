"""The account as it is on record: its limits, how it stands under them, what was said of all strategies, and what currencies are worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.stores.results import Results
from data_contracts import AccountLimits, AccountState, Counter, Currency, Rate, Side, TradingState
from data_contracts.frames import rows_of
from data_contracts.words import STAKE_OF
from domain.copying.account import FRESH_FOR, USD_ONLY, Account, Rates, fresh_rates
from domain.copying.judging import NO_LIMITS, Judge, account_under
from domain.copying.risk.permission import SILENCE, Permission, Spoken, permission
from domain.operating.alerts import UnreadableRow
from tasks.copying.sound_rows import halt_of, sound_rows, unreadable

DECIDED = {Side.BUY: "purchases decided", Side.SELL: "sales decided"}  # the names of their counters


@dataclass(frozen=True, slots=True)
class AccountRows:
    """What holds for every strategy: what was said of all of them, what they may do together, and how they stand under that."""

    spoken: Spoken = SILENCE
    limits: AccountLimits | None = None
    state: AccountState | None = None
    unreadable: tuple[UnreadableRow, ...] = ()
    decided: Mapping[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))  # as `read_decided` says, when it was read

    @property
    def permission(self) -> Permission:
        """What no strategy may do more than."""
        return permission(TradingState.ACTIVE, self.spoken, self.state, not self.unreadable)


def read_account(results: Results, spoken: Spoken) -> AccountRows:
    """`spoken`: what was said of every strategy. A state that cannot be read and that an operator cleared is as if it were not there."""
    limits, broken_limits = read_limits(results)
    states, broken = sound_rows(results, AccountState)
    left = [one for one in broken if halt_of(one) not in spoken.cleared]
    return AccountRows(spoken, limits, next(iter(states), None), (*broken_limits, *unreadable(AccountState, left)))


def read_decided(results: Results) -> dict[Side, int]:
    """How often a cycle has decided on purchases, and on sales: who counts on what is left sees by it whether another was faster."""
    counted = {row.name: row.reached for row in results.rows(Counter, name=list(DECIDED.values()))}
    return {side: counted.get(name, 0) for side, name in DECIDED.items()}


def read_limits(results: Results) -> tuple[AccountLimits | None, list[UnreadableRow]]:
    """What an operator set last, None where nobody ever did; and that row if it cannot be read."""
    sound, broken = sound_rows(results, AccountLimits)
    limits = max(sound, key=lambda row: row.set_at, default=None)
    last = [one for one in broken if limits is None or one.record["set_at"] is None or one.record["set_at"] > limits.set_at]
    return limits, unreadable(AccountLimits, last)


def read_rates(results: Results, currencies: Iterable[Currency], as_of: datetime) -> Rates:
    """USD for one of each of these, as far as it is on record and fresh. Where all are USD nobody is asked."""
    if set(currencies) <= set(USD_ONLY):
        return USD_ONLY
    return fresh_rates(rows_of(results.since(Rate, "seen_at", as_of - FRESH_FOR).drop_nulls("usd"), Rate), as_of)


def account_now(limits: AccountLimits | None, judges: Sequence[Judge], results: Results, as_of: datetime) -> Account:
    """What these strategies have open together, and what they may."""
    if limits is None:
        return NO_LIMITS
    return account_under(limits, judges, read_rates(results, {STAKE_OF[one.venue] for one in judges}, as_of))
