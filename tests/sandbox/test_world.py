"""The world keeps its own laws, whatever the seed."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.data_rows import trade_row
from sandbox.markets import LIVE, PAST, draw_markets
from sandbox.paths import STEPS
from sandbox.trading import Trade
from sandbox.wallets import KNOWING, Kind, Wallet
from sandbox.world import Snapshot, World

ORIGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW_S = ORIGIN.timestamp()
tiny_worlds = st.builds(lambda seed: World(seed, ORIGIN, wallets=30, history_days=1), st.integers(0, 2**40))
a_few_seeds = settings(max_examples=6, deadline=None)


def oldest_first(snapshot: Snapshot) -> list[Trade]:
    return [trade for _, trade in snapshot.trades()][::-1]


def written(snapshot: Snapshot) -> list[str]:
    return [repr(trade_row(trade)) for trade in oldest_first(snapshot)]


@a_few_seeds
@given(tiny_worlds)
def test_nobody_sells_more_than_they_hold(world: World) -> None:
    held: Counter[object] = Counter()
    for trade in oldest_first(world.at(NOW_S)):
        key = (trade.wallet, trade.market, trade.outcome)
        held[key] += trade.hundredths if trade.is_buy else -trade.hundredths
        assert held[key] >= 0


@a_few_seeds
@given(tiny_worlds)
def test_prices_are_on_the_tick_between_one_tick_and_one_dollar_less_a_tick(world: World) -> None:
    for trade in oldest_first(world.at(NOW_S)):
        tick = trade.market.tick_millis
        assert trade.price_millis % tick == 0
        assert tick <= trade.price_millis <= 1000 - tick
        assert trade.hundredths > 0


@a_few_seeds
@given(tiny_worlds)
def test_trades_happen_while_their_market_is_open(world: World) -> None:
    assert all(trade.market.open_at(trade.at_s) for trade in oldest_first(world.at(NOW_S)))


@a_few_seeds
@given(tiny_worlds)
def test_every_fill_moves_shares_from_one_wallet_to_another_or_makes_or_unmakes_a_pair(world: World) -> None:
    """Per fill, the change in dollars held equals the pairs made: shares of both outcomes, at a dollar a pair."""
    sides = oldest_first(world.at(NOW_S))
    takers, makers = sides[0::2], sides[1::2]
    for taker, maker in zip(takers, makers, strict=True):
        assert (taker.is_taker, maker.is_taker) == (True, False)
        assert taker.wallet is not maker.wallet
        if taker.outcome == maker.outcome:
            assert taker.is_buy != maker.is_buy
            assert taker.price_millis == maker.price_millis
        else:
            assert taker.is_buy == maker.is_buy
            assert taker.price_millis + maker.price_millis == 1000


@a_few_seeds
@given(tiny_worlds)
def test_of_two_exclusive_questions_exactly_one_comes_true(world: World) -> None:
    snapshot = world.at(NOW_S)
    rivals = defaultdict(list)
    for market in snapshot.markets():
        if market.neg_risk:
            rivals[market.event].append(market.winner)
    assert all(sorted(winners) == [0, 1] for winners in rivals.values())


def test_the_same_seed_and_origin_give_the_same_bytes_however_the_world_got_there() -> None:
    at_once, in_steps = (World(3, ORIGIN, wallets=30, history_days=1) for _ in range(2))
    for minutes in range(0, 121, 7):
        in_steps.at(NOW_S + 60 * minutes)
    assert written(in_steps.at(NOW_S + 7200)) == written(at_once.at(NOW_S + 7200))


def test_what_is_long_past_is_the_same_on_disk_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = World(3, ORIGIN, wallets=30, history_days=1)
    monkeypatch.setattr("sandbox.world._RECENT_TRADES", 16)
    on_disk = World(3, ORIGIN, wallets=30, history_days=1)
    assert written(on_disk.at(NOW_S + 3600)) == written(in_memory.at(NOW_S + 3600))


def test_the_path_of_a_market_that_is_over_is_what_it_was() -> None:
    """A day's history is 144 chunks of ten minutes; markets of the last five are still those of today."""
    begins_s = {chunk: NOW_S + 600 * chunk for chunk in range(-144, -5)}
    drawn = [market for chunk, at_s in begins_s.items() for market in draw_markets(3, chunk, at_s, PAST, NOW_S - 3000)]
    found = World(3, ORIGIN, wallets=30, history_days=1).at(NOW_S + 7200).markets()
    kept = {market.number: market.path for market in found if market.resolved_at(NOW_S)}
    assert len([one for one in drawn if one.number in kept]) > 20
    for one in drawn:
        path = kept.get(one.number, one.path)
        assert (path.truth, path.belief) == (one.path.truth, one.path.belief)


def test_another_seed_gives_another_world() -> None:
    first, second = (World(seed, ORIGIN, wallets=30, history_days=1).at(NOW_S) for seed in (3, 4))
    assert not set(written(first)) & set(written(second))


def test_what_was_seen_does_not_change_when_time_goes_on(world: World) -> None:
    before = written(world.at(NOW_S))
    assert written(world.at(NOW_S + 1800))[: len(before)] == before
    assert written(world.at(NOW_S)) == before


def test_nothing_from_after_now_shows(world: World) -> None:
    world.at(NOW_S + 3600)
    snapshot = world.at(NOW_S + 5)
    assert max(trade.at_s for trade in oldest_first(snapshot)) <= NOW_S + 5
    assert max(market.opens_s for market in snapshot.markets()) <= NOW_S + 5


def test_about_forty_markets_are_open_at_any_time_and_end_one_by_one(world: World) -> None:
    for minutes in (0, 13, 47, 90):
        now_s = NOW_S + 60 * minutes
        closing = [market.closes_s for market in world.at(now_s).markets() if market.open_at(now_s)]
        assert 15 <= len(closing) <= 80
        assert len(set(closing)) > len(closing) / 2
    resolved = [market for market in world.at(NOW_S + 180).markets() if NOW_S < market.resolves_s <= NOW_S + 180]
    assert resolved, "who watches for three minutes sees a market resolve"


def test_half_a_minute_brings_some_fifteen_to_forty_five_trades(world: World) -> None:
    two_hours = [trade for trade in oldest_first(world.at(NOW_S + 7200)) if trade.is_taker and trade.at_s > NOW_S]
    assert 15 <= len(two_hours) / 240 <= 45


def test_one_transaction_may_hold_several_fills_and_even_equal_ones(world: World) -> None:
    takers = [trade for trade in oldest_first(world.at(NOW_S)) if trade.is_taker]
    per_transaction = Counter((trade.market, trade.order) for trade in takers)
    assert max(per_transaction.values()) == 2
    assert max(Counter(takers).values()) == 2


def test_the_truth_is_a_fair_forecast_of_the_outcome() -> None:
    """Of markets whose first outcome has a chance of 30 to 70 in 100, halfway through as at the start, it wins that often."""
    markets = [market for chunk in range(120) for market in draw_markets(1, chunk, NOW_S, LIVE, float("inf"))]
    for step in (0, STEPS // 2):
        middling = [market for market in markets if 0.3 <= market.path.truth[step] <= 0.7]
        forecast = sum(market.path.truth[step] for market in middling) / len(middling)
        won = sum(market.winner == 0 for market in middling) / len(middling)
        assert len(middling) > 500
        assert won == pytest.approx(forecast, abs=0.06)  # three standard errors of 500 coins


def test_skilled_wallets_earn_and_unskilled_ones_pay() -> None:
    world = World(7, ORIGIN, wallets=300, history_days=15)
    profit: Counter[Kind] = Counter()
    for trade in oldest_first(world.at(NOW_S)):
        if trade.market.resolved_at(NOW_S):
            payout_millis = 1000 * (trade.outcome == trade.market.winner)
            gain = (payout_millis - trade.price_millis) * trade.hundredths
            profit[trade.wallet.kind] += gain if trade.is_buy else -gain
    assert profit[Kind.SKILLED] > 0 > profit[Kind.UNSKILLED]
    assert profit[Kind.LONGSHOT] < 0


def test_the_truth_names_every_wallet_and_gives_skill_to_those_who_know_alone(world: World) -> None:
    told = world.truth()
    assert {row["proxy_wallet"] for row in told} == set(world.wallets)
    assert all((row["skill"] != 0) == (row["kind"] in KNOWING) for row in told)
    assert all((row["knows_until_s"] is not None) == (row["kind"] == "decaying") for row in told)
    assert all((row["group"] is not None) == (row["kind"] in ("insider", "wash")) for row in told)


@pytest.fixture(scope="module")
def crooked() -> Snapshot:
    """Twelve insiders in four groups, four wallets that wash, four baits and twenty decaying ones among sixty."""
    shares = {Kind.MAKER: 0.1, Kind.INSIDER: 0.2, Kind.WASH: 4 / 60, Kind.BAIT: 4 / 60, Kind.DECAYING: 20 / 60}
    return World(11, ORIGIN, wallets=60, history_days=25, shares=shares).at(NOW_S)


def first_trades(snapshot: Snapshot, wallet: Wallet) -> dict[object, float]:
    """By market, the instant of the wallet's first trade of its own accord."""
    return {trade.market: trade.at_s for trade in reversed(snapshot.wallet_trades(wallet)) if trade.is_taker}


def test_insiders_trade_within_their_jitter_and_every_other_group_shares_a_funder(crooked: Snapshot) -> None:
    """A quarter and more of the gaps between two of a group in one market are within four mean jitters; by chance they are hours."""
    groups = crooked.world.crowd.groups
    assert [len({member.funder for member in members} - {None}) for members in groups.values()] == [1, 0, 1, 0]
    for members in groups.values():
        firsts = [first_trades(crooked, member) for member in members]
        gaps = [abs(one[market] - other[market]) for one, other in combinations(firsts, 2) for market in one.keys() & other.keys()]
        near = [gap for gap in gaps if gap <= 4 * members[0].jitter_s]
        assert len(near) >= len(gaps) / 4 > 0


def test_who_washes_trades_with_its_partner_and_comes_out_even(crooked: Snapshot) -> None:
    """Of all its fills as a taker, every one is with the other of its pair."""
    sides = oldest_first(crooked)
    pairs = [(taker.wallet, maker.wallet) for taker, maker in zip(sides[0::2], sides[1::2], strict=True) if taker.wallet.kind is Kind.WASH]
    assert pairs
    assert all(taker.group == maker.group for taker, maker in pairs)


def test_who_decays_is_right_until_its_day_and_no_better_than_others_after(crooked: Snapshot) -> None:
    """Wins less prices, in dollars a share bought: about 0.1 before."""
    surplus: dict[bool, list[float]] = {True: [], False: []}
    for trade in oldest_first(crooked):
        if trade.wallet.kind is Kind.DECAYING and trade.is_buy and trade.is_taker and trade.market.resolved_at(NOW_S):
            won = trade.outcome == trade.market.winner
            surplus[trade.at_s < trade.wallet.knows_until_s].append(won - trade.price_millis / 1000)
    before, after = (sum(values) / len(values) for values in (surplus[True], surplus[False]))
    assert before > 0.04
    assert after < before / 2


def test_a_world_that_slept_wakes_up_where_it_would_have_been() -> None:
    slept, awake = (World(5, ORIGIN, wallets=30, history_days=1) for _ in range(2))
    slept.at(NOW_S)
    morning_s = (ORIGIN + timedelta(hours=3)).timestamp()
    assert written(slept.at(morning_s)) == written(awake.at(morning_s))
