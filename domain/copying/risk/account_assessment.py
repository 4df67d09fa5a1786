"""The computed state of the account: what its rules say of all strategies together, in USD, after one more look."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal

from data_contracts import AccountLimits, AccountState, Currency, OperatorWord, Reason, TradingState
from domain.copying.account import Rates, total_usd
from domain.copying.risk.account_drawdown import AccountDrawdown
from domain.copying.risk.assessment import begun_anew, drawdown_from
from domain.copying.risk.looks import Looks
from domain.copying.risk.permission import UNLIMITED, Permission, resumed_at, strictest
from domain.copying.risk.rule import Figures
from domain.copying.risk.rules import account_looked_at, dump_memory, rules_of

ACCOUNT = "all"  # there is one
UNPRICED = Permission(TradingState.REDUCING, Reason.RATE_MISSING)
NOTHING = Decimal(0)
Capital = Mapping[Currency, Decimal]


@dataclass(frozen=True, slots=True)
class Stakes:
    """One strategy in its own currency: what it began with, what it is worth, and what it has open at cost."""

    currency: Currency
    balance: Decimal
    equity: Decimal
    exposure: Decimal


def assess_account(
    stakes: Sequence[Stakes],
    rates: Rates,
    limits: AccountLimits,
    before: AccountState | None,
    words: Sequence[OperatorWord],
    as_of: datetime,
) -> AccountState:
    """The state after this look. While a rate is missing nobody knows how the account stands: nothing is entered, what is kept stays."""
    equity = total_usd(((one.currency, one.equity) for one in stakes), rates)
    kept = before or _begun(stakes, words, as_of)
    state = kept if equity is None else _after_look(kept, equity, _capital(stakes), rates, limits, words, as_of)
    missing = UNPRICED if equity is None and _is_limited(limits) else UNLIMITED
    says = strictest([missing, *(Permission(rule.state, rule.reason) for rule in rules_of(state.rules).values())])
    reason = None if says.state is TradingState.ACTIVE else says.reason
    return replace(
        state,
        state=says.state,
        reason=reason,
        equity_usd=equity,
        open_usd=total_usd(((one.currency, one.exposure) for one in stakes), rates),
        changed_at=kept.changed_at if (says.state, reason) == (kept.state, kept.reason) else as_of,
    )


def _after_look(
    before: AccountState,
    equity: Decimal,
    capital: Capital,
    rates: Rates,
    limits: AccountLimits,
    words: Sequence[OperatorWord],
    as_of: datetime,
) -> AccountState:
    """What was added to the strategies, or taken from them, is taken out of what the rules compare with: it is no gain and no loss."""
    resumed = resumed_at(words)
    anew = resumed != before.resumed_at
    added = total_usd(_added(before, capital).items(), rates) or NOTHING
    looks = (Looks() if anew else Looks.of(before.looks).funded(added)).after(equity, as_of)
    figures = Figures(equity, looks.steady, as_of)
    rules = account_looked_at(before.rules, added, figures)
    rules = [(begun_anew(rule, words, figures) if anew else rule).after(figures, limits) for rule in rules]
    peak = next((rule.peak_equity for rule in rules if isinstance(rule, AccountDrawdown)), equity)
    return replace(
        before,
        drawdown=drawdown_from(peak, equity),
        capital=_text_of(capital),
        looks=looks.text(),
        rules=dump_memory(rules),
        resumed_at=resumed,
    )


def _begun(stakes: Sequence[Stakes], words: Sequence[OperatorWord], as_of: datetime) -> AccountState:
    return AccountState(
        account=ACCOUNT,
        state=TradingState.ACTIVE,
        reason=None,
        equity_usd=None,
        open_usd=None,
        drawdown=0.0,
        capital=_text_of(_capital(stakes)),
        looks="[]",
        rules="{}",
        resumed_at=resumed_at(words),
        changed_at=as_of,
    )


def _is_limited(limits: AccountLimits) -> bool:
    return any(getattr(limits, one.name) is not None for one in fields(limits) if one.name != "set_at")


def _capital(stakes: Sequence[Stakes]) -> Capital:
    """What strategies began with, by currency."""
    capital: dict[Currency, Decimal] = defaultdict(Decimal)
    for one in stakes:
        capital[one.currency] += one.balance
    return capital


def _text_of(capital: Capital) -> str:
    return json.dumps({currency.value: str(capital[currency]) for currency in sorted(capital)})


def capital_of(state: AccountState) -> Capital:
    """What its strategies began with when it was looked at, by currency. Raises ValueError, or as Decimal does, for what cannot be read."""
    amounts = json.loads(state.capital)
    if not isinstance(amounts, dict):
        raise ValueError(f"{state.capital[:40]!r} are no amounts by currency")
    return {Currency(name): Decimal(amount) for name, amount in amounts.items()}


def _added(before: AccountState, capital: Capital) -> Capital:
    then = capital_of(before)
    return {currency: capital.get(currency, NOTHING) - then.get(currency, NOTHING) for currency in {*then, *capital}}
