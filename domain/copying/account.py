"""The account above all strategies: what their stakes are worth in USD, what they have open together, and how much more they may open.

Exact; nothing is guessed: a stake whose currency has no rate on record is worth nobody knows what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import NamedTuple

from data_contracts import AccountLimits, Currency, Rate, Reason, Venue
from data_contracts.words import STAKE_OF
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


class Exposed(NamedTuple):
    """What something open stands behind, is in, and is at."""

    leader: str
    token_id: str
    venue: Venue

    @property
    def currency(self) -> Currency:
        """What is paid there."""
        return STAKE_OF[self.venue]


@dataclass(frozen=True, slots=True)
class Account:
    """What all strategies have open while a cycle judges: USD at cost by what it is exposed to. Without `limits` anything may be.

    `is_priced`: False when something is open in a currency without a fresh rate, so that nobody knows how much it is in all.
    """

    limits: AccountLimits | None = None
    rates: Rates = field(default_factory=lambda: USD_ONLY)
    open: Mapping[Exposed, Decimal] = field(default_factory=dict)
    is_priced: bool = True

    def room(self, wanted: Exposed, owner_of: Callable[[str], str]) -> tuple[Decimal, Reason]:
        """Stake that may still go there, and what says so. All wallets of one owner are one counterparty, at every venue."""
        caps = [(cap, counts, reason) for cap, counts, reason in self._caps(wanted, owner_of) if cap is not None]
        if not caps:
            return UNBOUNDED, Reason.ACCOUNT_EXPOSURE_REACHED
        if not self.is_priced or wanted.currency not in self.rates:
            return NOTHING, Reason.RATE_MISSING
        rooms = [(cap - sum((usd for at, usd in self.open.items() if counts(at)), NOTHING), reason) for cap, counts, reason in caps]
        usd, reason = min(rooms, key=lambda one: one[0])
        return usd / self.rates[wanted.currency], reason

    def after_buy(self, bought: Exposed, cost: Decimal) -> "Account":
        """As if all of `cost` were spent: what one strategy opens, the next cannot."""
        if bought.currency not in self.rates:
            return replace(self, is_priced=False)
        usd = self.open.get(bought, NOTHING) + times(cost, self.rates[bought.currency])
        return replace(self, open={**self.open, bought: usd})

    def _caps(self, wanted: Exposed, owner_of: Callable[[str], str]) -> list[tuple[Decimal | None, Callable[[Exposed], bool], Reason]]:
        """Each limit with what counts against it. Of two that leave the same the first is told."""
        if self.limits is None:
            return []
        owner = owner_of(wanted.leader)
        return [
            (self.limits.max_open_usd, lambda at: True, Reason.ACCOUNT_EXPOSURE_REACHED),
            (self.limits.max_cluster_usd, lambda at: owner_of(at.leader) == owner, Reason.ACCOUNT_CLUSTER_REACHED),
            (self.limits.max_leader_usd, lambda at: at.leader == wanted.leader, Reason.ACCOUNT_LEADER_REACHED),
            (self.limits.max_token_usd, lambda at: at.token_id == wanted.token_id, Reason.ACCOUNT_TOKEN_REACHED),
            (self.limits.max_venue_usd, lambda at: at.venue is wanted.venue, Reason.ACCOUNT_VENUE_REACHED),
        ]


def account_of(limits: AccountLimits | None, portfolios: Iterable[tuple[Venue, Portfolio]], rates: Rates) -> Account:
    """The account as these portfolios make it, each at its own venue."""
    account = Account(limits, rates)
    for venue, portfolio in portfolios if limits else ():
        for (leader, token_id), holding in portfolio.holdings.items():
            account = account.after_buy(Exposed(leader, token_id, venue), holding.cost) if holding.cost else account
    return account
