"""The first buyers of a token, by what its curve saw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Side
from domain.discovery.first_buyers import EarlyBuyerPolicy, LaunchPlace, PlacedTrade, early_buyers
from domain.solana.happenings import Launch, PoolTrade
from domain.solana.programs import LAMPORTS, USDC, WSOL, Program

LAUNCHED = datetime(2026, 11, 3, 12, tzinfo=UTC)
AS_OF = LAUNCHED + timedelta(hours=3)
LAUNCH = Launch(Program.PUMP, "Mint", "curve", WSOL, "Creator", "Signer", LAUNCHED)
PLACE = LaunchPlace(LAUNCH, 1000, LAUNCHED, 6, frozenset({"Paid"}))


def traded(wallet, side=Side.BUY, sol=1.0, tokens=1000, slot=1100, index=0, after_s=60.0):
    """A trade of `tokens` tokens of 6 digits for `sol` SOL in all."""
    raw = PoolTrade(Program.PUMP, "", "Mint", WSOL, side, wallet, tokens * 10**6, int(sol * LAMPORTS), 0, None, 0, 0)
    return PlacedTrade(raw, slot, index, f"{wallet}{slot}{index}", LAUNCHED + timedelta(seconds=after_s))


def test_an_early_buyer_who_sold_at_a_gain_is_a_candidate():
    (row,) = early_buyers(PLACE, [traded("W", sol=2), traded("W", Side.SELL, sol=3, tokens=900, slot=1200)], AS_OF)
    assert (row.spent, row.received, row.gain, row.sold_fraction) == (Decimal(2), Decimal(3), 0.5, 0.9)
    assert row.is_candidate


@pytest.mark.parametrize(
    "trades",
    [
        [traded("W", sol=2), traded("W", Side.SELL, sol=2.999999, tokens=900, slot=1200)],  # gained 49.99995 %
        [traded("W", sol=2), traded("W", Side.SELL, sol=3, tokens=899, slot=1200)],  # sold 89.9 %
        [traded("W", sol=2, after_s=1800.001), traded("W", Side.SELL, sol=3, tokens=900, slot=1200)],  # came after half an hour
        [traded("W", sol=2, slot=1000), traded("W", Side.SELL, sol=3, tokens=900, slot=1200)],  # bundled with the launch
        [traded("Creator", sol=2), traded("Creator", Side.SELL, sol=3, tokens=900, slot=1200)],
        [traded("Signer", sol=2), traded("Signer", Side.SELL, sol=3, tokens=900, slot=1200)],
        [traded("Paid", sol=2), traded("Paid", Side.SELL, sol=3, tokens=900, slot=1200)],  # by the deployer, before
    ],
)
def test_who_misses_one_rule_or_was_no_stranger_is_no_candidate(trades):
    (row,) = early_buyers(PLACE, trades, AS_OF)
    assert not row.is_candidate


def test_exactly_half_an_hour_is_early():
    (row,) = early_buyers(PLACE, [traded("W", sol=2, after_s=1800), traded("W", Side.SELL, sol=3, slot=1200)], AS_OF)
    assert row.is_candidate


@pytest.mark.parametrize(
    ("slot", "bundled", "sniper"), [(1000, True, True), (1001, False, True), (1002, False, True), (1003, False, False)]
)
def test_bundles_and_snipers_are_told_by_the_slot(slot, bundled, sniper):
    (row,) = early_buyers(PLACE, [traded("W", slot=slot)], AS_OF)
    assert (row.is_bundled, row.is_sniper) == (bundled, sniper)


def test_rank_goes_by_slot_then_by_place_in_the_slot_whatever_order_they_came_in():
    trades = [traded("third", slot=1101), traded("second", slot=1100, index=7), traded("first", slot=1100, index=3)]
    assert [row.wallet for row in early_buyers(PLACE, trades, AS_OF)] == ["first", "second", "third"]


def test_only_the_first_are_kept_and_their_later_trades_still_count():
    trades = [traded("a"), traded("b", slot=1101), traded("c", slot=1102), traded("a", slot=1103), traded("c", Side.SELL, slot=1104)]
    rows = early_buyers(PLACE, trades, AS_OF, replace(EarlyBuyerPolicy(), first=2))
    assert [(row.wallet, row.spent) for row in rows] == [("a", 2), ("b", 1)]


def test_tokens_that_came_from_elsewhere_and_purchases_for_dollars_are_no_part_of_it():
    dollars = traded("usd")
    dollars = replace(dollars, trade=replace(dollars.trade, quote_mint=USDC))
    assert early_buyers(PLACE, [traded("gift", Side.SELL), dollars], AS_OF) == ()


def test_who_sold_more_than_it_bought_sold_all_of_it():
    (row,) = early_buyers(PLACE, [traded("W", tokens=10), traded("W", Side.SELL, tokens=30, slot=1200)], AS_OF)
    assert row.sold_fraction == 1.0


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(Side), st.integers(1, 50), st.integers(1000, 1010)), max_size=30))
def test_no_stake_is_lost_among_the_first(trades):
    """With room for all: what the rows spent and received is what those who bought spent, and received from their first buy on."""
    placed = [traded(wallet, side, sol, slot=slot, index=index) for index, (wallet, side, sol, slot) in enumerate(trades)]
    rows = early_buyers(PLACE, placed, AS_OF)
    bought = [one for one in placed if one.trade.side is Side.BUY]
    assert sum(row.spent for row in rows) * LAMPORTS == sum(one.trade.quote_raw for one in bought)
    first = {one.trade.user: one.place for one in sorted(bought, key=lambda one: one.place, reverse=True)}
    after = [one for one in placed if one.trade.side is Side.SELL and one.trade.user in first and one.place > first[one.trade.user]]
    assert sum(row.received for row in rows) * LAMPORTS == sum(one.trade.quote_raw for one in after)
