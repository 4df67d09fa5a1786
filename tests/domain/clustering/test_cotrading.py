"""Who trades together: the windows, the null, the error rate, and the traps that counting falls into."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clustering.cotrading import CoTradingPolicy, co_trades, threshold
from domain.clustering.meetings import acts, components, meetings, near

POLICY = CoTradingPolicy()
ALONE = np.arange(10)


def column(*values: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, np.int64)


def met_within(window_s: float, at: list[float], wallets: list[int], tokens: list[int] | None = None) -> int:
    trades = acts(column(*wallets), column(*(tokens or [0] * len(at))), np.array(at, float), wallets=10)
    return int(meetings(trades, near(trades, window_s, 64), ALONE, window_s, 64).pair.size)


@pytest.mark.parametrize(("apart_s", "expected"), [(4.999, 1), (5.0, 1), (5.001, 0)])
def test_a_window_ends_at_its_own_second(apart_s: float, expected: int) -> None:
    assert met_within(5.0, [0.0, apart_s], [1, 2]) == expected


def test_a_wallet_does_not_meet_itself_and_nobody_meets_across_tokens() -> None:
    assert met_within(5.0, [0.0, 1.0], [1, 1]) == 0
    assert met_within(5.0, [0.0, 1.0], [1, 2], tokens=[0, 1]) == 0


def test_two_wallets_meet_once_a_token_however_often_they_trade_there() -> None:
    assert met_within(5.0, [0.0, 1.0, 100.0, 101.0], [1, 2, 1, 2]) == 1


@pytest.mark.parametrize(("crowd", "expected"), [(3, 6), (2, 0)])
def test_a_moment_with_too_many_others_beside_it_says_nothing(crowd: int, expected: int) -> None:
    """Four at once make six pairs; each end of them has three others beside it."""
    trades = acts(column(0, 1, 2, 3), column(0, 0, 0, 0), np.zeros(4), wallets=10)
    assert meetings(trades, near(trades, 5.0, 64), ALONE, 5.0, crowd).pair.size == expected


@pytest.mark.parametrize(
    ("p_values", "tested", "expected"),
    [
        ([0.001, 0.004, 0.02], 5, 0.02),  # 0.05 x 1/5 = 0.01, x 2/5 = 0.02, x 3/5 = 0.03: 0.02 passes as the third
        ([0.001, 0.004, 0.04], 5, 0.004),
        ([0.2], 5, -1.0),
        ([], 5, -1.0),
        ([0.001, 0.004], 50, 0.001),  # those not given count: 0.05 x 1/50 = 0.001, x 2/50 = 0.002
    ],
)
def test_the_step_up_accepts_up_to_the_last_p_value_below_its_line(p_values: list[float], tested: int, expected: float) -> None:
    assert threshold(np.array(p_values), tested, 0.05) == expected


@given(st.lists(st.floats(0, 1), max_size=12), st.integers(0, 20))
def test_the_step_up_is_benjamini_and_hochbergs_as_written(p_values: list[float], untested: int) -> None:
    """The greatest k with p(k) ≤ q k / m, written as a loop."""
    hypotheses = len(p_values) + untested
    passing = [p for k, p in enumerate(sorted(p_values), 1) if p <= 0.1 * k / max(hypotheses, 1)]
    assert threshold(np.array(p_values), hypotheses, 0.1) == (passing[-1] if passing else -1.0)


def crowd_with(pair_gap_s: float | None, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """300 wallets buy 10 of 200 tokens each, at their own time; wallets 0 and 1 also buy 8 tokens together, if a gap is given."""
    chance = np.random.default_rng(seed)
    wallet, token = np.repeat(np.arange(300), 10), chance.integers(0, 200, 3_000)
    at_s = token * 10_000.0 + chance.exponential(240.0, 3_000)
    if pair_gap_s is None:
        return wallet, token, at_s
    together = np.arange(8)
    signal = together * 10_000.0 + chance.exponential(240.0, 8)
    joint = (np.repeat([0, 1], 8), np.tile(together, 2), np.concatenate((signal, signal + pair_gap_s)))
    return tuple(np.concatenate(both) for both in zip((wallet, token, at_s), joint, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize(("gap_s", "window_s"), [(1.0, 5.0), (12.0, 15.0), (40.0, 60.0)])
def test_two_that_buy_together_are_found_in_the_window_their_delay_falls_into(gap_s: float, window_s: float) -> None:
    found = co_trades(acts(*crowd_with(gap_s)), POLICY)
    assert list(zip(found.one, found.other, found.window_s, strict=True)) == [(0, 1, window_s)]
    assert found.tokens[0] >= 8
    assert found.expected[0] < 1


def test_four_minutes_apart_is_out_of_reach_of_timing() -> None:
    assert co_trades(acts(*crowd_with(240.0)), POLICY).one.size == 0


def test_nobody_is_found_among_wallets_that_each_buy_by_themselves() -> None:
    assert [co_trades(acts(*crowd_with(None, seed)), POLICY).one.size for seed in range(5)] == [0] * 5


def test_without_trades_there_is_nothing_to_find() -> None:
    nothing = np.empty(0, np.int64)
    assert co_trades(acts(nothing, nothing, np.empty(0)), POLICY).one.size == 0


def test_a_component_is_named_after_its_smallest_node() -> None:
    assert components(column(4, 2), column(2, 3), 6).tolist() == [0, 1, 2, 2, 2, 5]
