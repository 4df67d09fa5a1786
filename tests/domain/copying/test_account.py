"""The account above all strategies: the rate on record for an instant, every digit of it, and how much more may be opened."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import AccountLimits, Currency, Rate, Reason, Side, Signal, Trade, Venue
from domain.copying.account import USD_ONLY, Account, Exposed, Rates, fresh_rates, in_usd, total_usd
from domain.copying.evidence import Evidence
from domain.copying.judging import Judge, account_under, judge
from domain.copying.portfolio import Holding, Portfolio

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
LAMPORT = Decimal("1e-9")


def rate(minutes: int, usd: str) -> Rate:
    return Rate(currency=Currency.SOL, seen_at=AT + timedelta(minutes=minutes), usd=Decimal(usd), source="test")


RATES = [rate(0, "150"), rate(10, "172.5"), rate(-10, "100")]


@pytest.mark.parametrize(
    ("minutes", "usd"),
    [(-11, None), (-10, "200"), (-1, "200"), (0, "300"), (9, "300"), (10, "345"), (1000, "345")],
)
def test_two_sol_are_worth_what_the_last_rate_on_record_says(minutes: int, usd: str | None) -> None:
    assert in_usd(Decimal(2), Currency.SOL, AT + timedelta(minutes=minutes), RATES) == (None if usd is None else Decimal(usd))


def test_usd_are_usd_whatever_is_on_record() -> None:
    assert in_usd(Decimal("38.092"), Currency.USD, AT, []) == Decimal("38.092")


@given(st.integers(-(2**64), 2**64), st.integers(1, 10**12))
def test_no_lamport_is_lost_on_the_way(lamports: int, millionths: int) -> None:
    found = in_usd(lamports * LAMPORT, Currency.SOL, AT, [rate(0, str(Decimal(millionths) / 10**6))])
    assert found is not None
    assert Fraction(found) == Fraction(lamports, 10**9) * Fraction(millionths, 10**6)


@pytest.mark.parametrize(("age_s", "usd"), [(3600, "172.5"), (3600.000001, None), (-1, None)])
def test_a_limit_is_held_against_no_rate_older_than_an_hour(age_s: float, usd: str | None) -> None:
    """Nor against one of later: an old cycle that happens again knows what it knew."""
    at = RATES[1].seen_at + timedelta(seconds=age_s)
    assert fresh_rates(RATES[1:2], at).get(Currency.SOL) == (None if usd is None else Decimal(usd))


def test_of_nothing_no_rate_is_asked() -> None:
    assert total_usd([(Currency.USD, Decimal(5)), (Currency.SOL, Decimal(0))], USD_ONLY) == 5
    assert total_usd([(Currency.USD, Decimal(5)), (Currency.SOL, LAMPORT)], USD_ONLY) is None


# What may still be opened. Each of these strategies spends 50 USD a copy, unless it says otherwise.

HUNDRED = {Currency.USD: Decimal(1), Currency.SOL: Decimal(100)}  # USD a SOL
OTHER = "0x" + "b" * 40
Verdicts = Callable[..., list[Signal]]


def limits(**caps: str) -> AccountLimits:
    known: dict[str, Any] = dict.fromkeys(("max_open_usd", "max_cluster_usd", "max_daily_loss_usd", "max_drawdown"))
    return AccountLimits(set_at=AT, **(known | {name: Decimal(cap) for name, cap in caps.items()}))


def holding(cost: str, leader: str = OTHER, cash: str = "10000") -> Portfolio:
    """So much open behind a leader, in the strategy's own currency."""
    return Portfolio(Decimal(10_000), Decimal(cash), {(leader, "held"): Holding("held", Decimal(1), Decimal(cost), AT)})


@pytest.fixture
def verdicts(a_market: Any) -> Verdicts:
    """On these trades, by these strategies in their order, under the limits."""

    def ask(trades: list[Trade], judges: list[Judge], caps: AccountLimits | None, rates: Rates = HUNDRED, **evidence: Any) -> list[Signal]:
        markets = {"yes": a_market(), "mint": a_market(token_id="mint", venue=Venue.SOLANA, stake_currency=Currency.SOL, min_notional=0)}
        account = account_under(caps, judges, rates)
        return judge(trades, judges, Evidence(markets, **evidence), trades[0].seen_at + timedelta(seconds=10), account).signals

    return ask


@pytest.fixture
def on_solana(a_judge: Any) -> Callable[..., Judge]:
    """A strategy that spends half a SOL a copy."""

    def build(**changes: Any) -> Judge:
        sizing = {"kind": "fixed", "amount": 0.5, "min_notional": 0.01}
        return a_judge(policy={"sizing": sizing}, strategy_id="sols", venue=Venue.SOLANA, **changes)  # type: ignore[no-any-return]

    return build


@pytest.mark.parametrize(
    ("cap", "notional", "reason"),
    [
        ("150", "50", Reason.LEADER_TRADED),  # 100 are open: 50 more are just allowed
        ("149.99", "49.99", Reason.LEADER_TRADED),
        ("110", "10", Reason.LEADER_TRADED),
        ("109.99", "0", Reason.ACCOUNT_EXPOSURE_REACHED),  # 9.99 is less than a copy's minimum of 10
        ("100", "0", Reason.ACCOUNT_EXPOSURE_REACHED),
        ("99", "0", Reason.ACCOUNT_EXPOSURE_REACHED),  # set below what is open already
        ("0", "0", Reason.ACCOUNT_EXPOSURE_REACHED),
    ],
)
def test_what_all_strategies_have_open_leaves_so_much(
    verdicts: Verdicts, a_trade: Any, a_judge: Any, cap: str, notional: str, reason: Reason
) -> None:
    other = a_judge(strategy_id="other", leaders=frozenset(), portfolio=holding("100"))
    (signal,) = verdicts([a_trade()], [a_judge(), other], limits(max_open_usd=cap))
    assert (signal.notional, signal.reason) == (Decimal(notional), reason)


def test_the_fee_counts_as_open(verdicts: Verdicts, a_trade: Any, a_judge: Any, a_market: Any) -> None:
    """At 10 % a copy of 50 may cost 55: under 55 USD it is one of 50, under 44 one of 40."""
    dear = {"instruments": {"yes": a_market(fee_rate=Decimal("0.1"))}}
    for cap, notional in (("55", "50"), ("44", "40")):
        account = Account(limits(max_open_usd=cap))
        (signal,) = judge([a_trade()], [a_judge()], Evidence(**dear), a_trade().seen_at, account).signals
        assert signal.notional == Decimal(notional)


def test_what_one_strategy_opens_the_next_cannot(verdicts: Verdicts, a_trade: Any, a_judge: Any) -> None:
    """80 USD for all: the first takes 50, the second 30, the third nothing."""
    judges = [a_judge(strategy_id=name) for name in ("one", "two", "three")]
    found = verdicts([a_trade()], judges, limits(max_open_usd="80"))
    assert [(one.notional, one.reason) for one in found] == [
        (50, Reason.LEADER_TRADED),
        (30, Reason.LEADER_TRADED),
        (0, Reason.ACCOUNT_EXPOSURE_REACHED),
    ]


def test_a_strategy_can_only_be_stricter(verdicts: Verdicts, a_trade: Any, a_judge: Any) -> None:
    """Its own cap of 20 USD holds under an account that would allow a million, and its own says why."""
    strict = a_judge(policy={"sizing": {"kind": "fixed", "amount": 50}, "risk": {"max_exposure": 20}})
    full = replace(strict, portfolio=holding("20"))
    for one, notional, reason in ((strict, 20, Reason.LEADER_TRADED), (full, 0, Reason.EXPOSURE_REACHED)):
        (signal,) = verdicts([a_trade()], [one], limits(max_open_usd="1000000"))
        assert (signal.notional, signal.reason) == (notional, reason)


@pytest.mark.parametrize(("cap", "notional"), [("150", "0.5"), ("149", "0.49"), ("100.5", "0"), ("101", "0.01")])
def test_a_stake_in_sol_counts_in_usd_at_the_rate(
    verdicts: Verdicts, a_trade: Any, a_judge: Any, on_solana: Any, cap: str, notional: str
) -> None:
    """100 USD are open at Polymarket. At 100 USD a SOL, half a SOL is 50 USD, and the least copy of 0.01 SOL is one."""
    trade = a_trade(venue=Venue.SOLANA, token_id="mint")
    (signal,) = verdicts([trade], [on_solana(), a_judge(leaders=frozenset(), portfolio=holding("100"))], limits(max_open_usd=cap))
    assert signal.notional == Decimal(notional)


@pytest.mark.parametrize(("cap", "notional"), [("90", "50"), ("89.99", "49.99"), ("49.99", "0")])
def test_all_wallets_of_one_owner_are_one_counterparty_at_every_venue(
    verdicts: Verdicts, a_trade: Any, a_judge: Any, on_solana: Any, leader: str, cap: str, notional: str
) -> None:
    """0.4 SOL behind its other wallet at the other venue are 40 USD behind it."""
    sols = on_solana(leaders=frozenset(), portfolio=holding("0.4"))
    owners = {leader: "owner", OTHER: "owner"}
    (signal,) = verdicts([a_trade()], [a_judge(), sols], limits(max_cluster_usd=cap), owners=owners)
    assert signal.notional == Decimal(notional)
    assert (signal.reason is Reason.ACCOUNT_CLUSTER_REACHED) == (notional == "0")
    (stranger,) = verdicts([a_trade()], [a_judge(), sols], limits(max_cluster_usd=cap))
    assert (stranger.notional > 0) == (Decimal(cap) >= 10)  # behind a stranger nothing is open


def test_where_a_currency_has_no_rate_nothing_is_entered(verdicts: Verdicts, a_trade: Any, a_judge: Any, on_solana: Any) -> None:
    """A lamport is open, and nobody knows how many USD that is. Without it, only who would spend SOL is denied."""
    caps, dollars, sols = limits(max_open_usd="1000"), a_judge(), on_solana()
    open_sol = replace(sols, portfolio=holding("1e-9"), leaders=frozenset())
    on_sol = a_trade("mint", venue=Venue.SOLANA, token_id="mint")
    assert [one.reason for one in verdicts([a_trade()], [dollars, open_sol], caps, USD_ONLY)] == [Reason.RATE_MISSING]
    both = verdicts([a_trade(), on_sol], [dollars, sols], caps, USD_ONLY)
    assert [one.reason for one in both] == [Reason.LEADER_TRADED, Reason.RATE_MISSING]
    assert [one.reason for one in verdicts([on_sol], [sols], None, USD_ONLY)] == [Reason.LEADER_TRADED]  # nobody limited it: nobody asks


@pytest.mark.parametrize(
    ("caps", "rates"), [(limits(max_open_usd="0", max_cluster_usd="0"), HUNDRED), (limits(max_open_usd="9"), USD_ONLY)]
)
def test_an_exit_needs_no_room_and_no_rate(
    verdicts: Verdicts, a_trade: Any, on_solana: Any, leader: str, caps: AccountLimits, rates: Rates
) -> None:
    held = Portfolio(Decimal(10), Decimal(9), {(leader, "mint"): Holding("mint", Decimal(5), Decimal(1), AT - timedelta(days=90))})
    sale = a_trade(side=Side.SELL, venue=Venue.SOLANA, token_id="mint")
    (signal,) = verdicts([sale], [on_solana(portfolio=held)], caps, rates, held_before={sale.trade_id: Decimal(500)})
    assert (signal.reason, signal.exit_fraction) == (Reason.LEADER_EXITED, Decimal("0.5"))


WALLETS = [OTHER, "0x" + "a" * 40, "0x" + "c" * 40]
SPENT = st.tuples(st.sampled_from(WALLETS), st.sampled_from(list(Venue)), st.integers(1, 10**12))


@given(st.lists(SPENT, max_size=8), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**9))
def test_who_spends_no_more_than_its_room_passes_no_cap(spent: list[tuple[str, Venue, int]], most: int, behind: int, rate: int) -> None:
    """Whatever order strategies and venues come in: to the last lamport."""
    caps, owner_of = limits(max_open_usd=str(most), max_cluster_usd=str(behind)), {OTHER: "0x" + "a" * 40}
    account = Account(caps, {Currency.USD: Decimal(1), Currency.SOL: Decimal(rate) / 10**6})
    for leader, venue, lamports in spent:
        wanted = Exposed(leader, "token", venue)
        room, _ = account.room(wanted, lambda wallet: owner_of.get(wallet, wallet))
        cost = min(lamports * LAMPORT, max(Decimal(0), room)).quantize(LAMPORT, "ROUND_DOWN")
        account = account.after_buy(wanted, cost)
    one_owner = sum((usd for at, usd in account.open.items() if at.leader in (OTHER, "0x" + "a" * 40)), Decimal(0))
    assert sum(account.open.values()) <= most
    assert one_owner <= behind


CAPS = {
    "max_open_usd": (Exposed("x", "y", Venue.SOLANA), Reason.ACCOUNT_EXPOSURE_REACHED),
    "max_cluster_usd": (Exposed("ours", "y", Venue.SOLANA), Reason.ACCOUNT_CLUSTER_REACHED),
    "max_leader_usd": (Exposed("him", "y", Venue.SOLANA), Reason.ACCOUNT_LEADER_REACHED),
    "max_token_usd": (Exposed("x", "it", Venue.SOLANA), Reason.ACCOUNT_TOKEN_REACHED),
    "max_venue_usd": (Exposed("x", "y", Venue.POLYMARKET), Reason.ACCOUNT_VENUE_REACHED),
}
WANTED = Exposed("him", "it", Venue.POLYMARKET)
OWNERS = {"him": "one owner", "ours": "one owner"}


@pytest.mark.parametrize("cap", CAPS)
def test_each_limit_counts_what_is_open_of_its_own_kind_at_every_venue(cap: str) -> None:
    """40 USD are open of that kind and 1,000 of none but the sum; of 100 USD, 60 are left."""
    alike, reason = CAPS[cap]
    account = Account(limits(**{cap: "100" if cap != "max_open_usd" else "1100"}), HUNDRED)
    account = account.after_buy(alike, Decimal(40) / HUNDRED[alike.currency])
    account = account.after_buy(Exposed("nobody", "nothing", Venue.SOLANA), Decimal(10))
    assert account.room(WANTED, lambda wallet: OWNERS.get(wallet, wallet)) == (60, reason)


@pytest.mark.parametrize("cap", CAPS)
@pytest.mark.parametrize(("most", "notional"), [("50", "50"), ("49.99", "49.99"), ("10", "10"), ("9.99", "0")])
def test_a_copy_fits_to_the_cent_or_is_skipped_with_the_reason(
    verdicts: Verdicts, a_trade: Any, a_judge: Any, cap: str, most: str, notional: str
) -> None:
    """A copy is of 50 USD, and of 10 at least."""
    (signal,) = verdicts([a_trade()], [a_judge()], limits(**{cap: most}))
    assert signal.notional == Decimal(notional)
    assert signal.reason is (Reason.LEADER_TRADED if signal.notional else CAPS[cap][1])
