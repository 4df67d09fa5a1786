"""The account above all strategies: what their stakes are worth in USD, what they have open together, and how much more they may open.

Exact; nothing is guessed: a stake whose currency has no rate on record is worth nobody knows what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from data_contracts import AccountLimits, Currency, Rate, Reason
from domain.copying.portfolio import Portfolio

DIGITS = 76  # of a product of two amounts of 38: none of them is rounded
FRESH_FOR = timedelta(hours=1)  # no limit is held against a rate older than this: it counts as missing
NOTHING, UNBOUNDED = Decimal(0), Decimal("Infinity")
USD_ONLY: Mapping[Currency, Decimal] = {Currency.USD: Decimal(1)}
Rates = Mapping[Currency, Decimal]  # USD for one of each


def usd_rate(currency: Currency, at: datetime, rates: Iterable[Rate]) -> Decimal | None:
    """USD for one of `currency` by the last rate that was on record at that instant; None without one: a later one is no answer."""
    if currency is Currency.USD:
        return Decimal(1)
    known = [rate for rate in rates if rate.currency is currency and rate.seen_at <= at]
    return max(known, key=lambda rate: rate.seen_at).usd if known else None


def in_usd(stake: Decimal, currency: Currency, at: datetime, rates: Iterable[Rate]) -> Decimal | None:
    """What a stake was worth at that instant, to its last digit; None where nobody knows."""
    rate = usd_rate(currency, at, rates)
    return None if rate is None else times(stake, rate)


def fresh_rates(rates: Iterable[Rate], at: datetime) -> Rates:
    """USD for one of each currency of which somebody said so within the last hour."""
    fresh = [rate for rate in rates if at - rate.seen_at <= FRESH_FOR]
    found = {currency: usd_rate(currency, at, fresh) for currency in Currency}
    return {currency: usd for currency, usd in found.items() if usd is not None}


def total_usd(stakes: Iterable[tuple[Currency, Decimal]], rates: Rates) -> Decimal | None:
    """What all of these are worth together. Of nothing no rate is asked; None where one is missing."""
    total = NOTHING
    for currency, stake in stakes:
        if stake and currency not in rates:
            return None
        total += times(stake, rates.get(currency, NOTHING))
    return total


def times(stake: Decimal, rate: Decimal) -> Decimal:
    """Their product, to its last digit."""
    with localcontext() as exact:
        exact.prec = DIGITS
        return stake * rate


@dataclass(frozen=True, slots=True)
class Account:
    """What all strategies have open while a cycle judges: USD at cost by the leader it is behind. Without `limits` anything may be.

    `is_priced`: False when something is open in a currency without a fresh rate, so that nobody knows how much it is in all.
    """

    limits: AccountLimits | None = None
    rates: Rates = field(default_factory=lambda: USD_ONLY)
    behind: Mapping[str, Decimal] = field(default_factory=dict)
    is_priced: bool = True

    def room(self, leader: str, currency: Currency, owner_of: Callable[[str], str]) -> tuple[Decimal, Reason]:
        """Stake that may still go after this leader, and what says so. All wallets of one owner are one counterparty, at every venue."""
        if self.limits is None:
            return UNBOUNDED, Reason.ACCOUNT_EXPOSURE_REACHED
        owner = owner_of(leader)
        after_owner = sum((usd for other, usd in self.behind.items() if owner_of(other) == owner), NOTHING)
        caps = [
            (self.limits.max_open_usd, sum(self.behind.values(), NOTHING), Reason.ACCOUNT_EXPOSURE_REACHED),
            (self.limits.max_cluster_usd, after_owner, Reason.ACCOUNT_CLUSTER_REACHED),
        ]
        rooms = [(cap - used, reason) for cap, used, reason in caps if cap is not None]
        if not rooms:
            return UNBOUNDED, Reason.ACCOUNT_EXPOSURE_REACHED
        if not self.is_priced or currency not in self.rates:
            return NOTHING, Reason.RATE_MISSING
        usd, reason = min(rooms, key=lambda one: one[0])
        return usd / self.rates[currency], reason

    def after_buy(self, leader: str, cost: Decimal, currency: Currency) -> "Account":
        """As if all of `cost` were spent: what one strategy opens, the next cannot."""
        if currency not in self.rates:
            return replace(self, is_priced=False)
        return replace(self, behind={**self.behind, leader: self.behind.get(leader, NOTHING) + times(cost, self.rates[currency])})


def account_of(limits: AccountLimits | None, portfolios: Iterable[tuple[Currency, Portfolio]], rates: Rates) -> Account:
    """The account as these portfolios make it, each in its own currency."""
    account = Account(limits, rates)
    for currency, portfolio in portfolios if limits else ():
        for (leader, _), holding in portfolio.holdings.items():
            account = account.after_buy(leader, holding.cost, currency) if holding.cost else account
    return account
