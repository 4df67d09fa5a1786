"""Whether an edge is gone, and how often we say so wrongly."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from data_contracts import BriefFlag, Form
from domain.decay.decay_detection import HORIZON, Threshold, brief_flag, cusum, fading, loss_evidence, returning, watch_bets

PRICES = np.random.default_rng(1).uniform(0.2, 0.8, 300)
EDGE = 0.6
NEVER = Threshold(99.0, 0.0)


def results(edge: float, paths: int, bets: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """(payoff, chance), one row a path."""
    rng = np.random.default_rng(seed)
    chance = rng.choice(PRICES, (paths, bets))
    return (rng.random(chance.shape) < chance * np.exp(edge) / (1 + chance * np.expm1(edge))).astype(float), chance


@pytest.mark.parametrize("rate", [0.29, 0.125, 0.04])
def test_false_alarms_come_as_often_as_stated(rate: float) -> None:
    """10,000 wallets that keep their edge; at 4 % the standard error is 0.2 points."""
    limit = fading(PRICES, EDGE, rate)
    payoff, chance = results(EDGE, 10_000, HORIZON)
    rang = (cusum(loss_evidence(payoff, chance, EDGE)).max(axis=1) >= limit.value).mean()
    assert limit.false_alarms == pytest.approx(rate, rel=0.02)
    assert rang == pytest.approx(limit.false_alarms, rel=0.10)


def test_a_wallet_without_an_edge_is_heard_again_as_seldom() -> None:
    limit = returning(PRICES, EDGE, 0.125)
    payoff, chance = results(0.0, 10_000, HORIZON)
    assert (cusum(-loss_evidence(payoff, chance, EDGE)).max(axis=1) >= limit.value).mean() == pytest.approx(0.125, rel=0.10)


def test_the_statistic_never_falls_below_zero_and_forgets_what_was_good() -> None:
    """-1 is forgotten; +2 and then -1 leave 1."""
    assert cusum(np.array([-1.0, 2.0, -1.0, 0.5])).tolist() == [0.0, 2.0, 1.0, 1.5]


def test_a_step_weighs_the_result_against_the_price() -> None:
    """Edge log 2 makes even odds two to one. A loss is then 1/2 to 1/3, a win 1/2 to 2/3: log 1.5 and log 0.75."""
    steps = loss_evidence(np.array([0.0, 1.0]), np.array([0.5, 0.5]), np.log(2))
    assert steps == pytest.approx([np.log(1.5), np.log(0.75)])


def test_losing_rings_and_winning_again_is_heard() -> None:
    """At even prices with edge log 2 a loss adds 0.405: five make 2.03. Then wins of 0.288 each take seven to make 2.01."""
    limit = Threshold(2.0, 0.04)
    payoff, chance = np.array([1.0] * 3 + [0.0] * 5 + [1.0] * 7), np.full(15, 0.5)
    edge = float(np.log(2))
    assert watch_bets(payoff[:7], chance[:7], edge, limit, limit).form is Form.IN_FORM
    faded = watch_bets(payoff[:8], chance[:8], edge, limit, limit)
    assert (faded.form, faded.since) == (Form.FADED, 7)
    assert watch_bets(payoff[:14], chance[:14], edge, limit, limit).form is Form.FADED
    back = watch_bets(payoff, chance, edge, limit, limit)
    assert (back.form, back.since, back.statistic) == (Form.IN_FORM, 14, 0.0)


def test_nothing_seen_is_nothing_against_a_wallet() -> None:
    assert watch_bets(np.array([]), np.array([]), EDGE, NEVER, NEVER).form is Form.IN_FORM


@pytest.mark.parametrize(
    ("won", "days", "flag"),
    [
        ([True] * 20, 29.99, BriefFlag.GOOD),
        ([True] * 20, 30, BriefFlag.DORMANT),
        ([True, False, False], 0, BriefFlag.GOOD),
        ([False, False, False], 0, BriefFlag.DOWNGRADED),
        ([False, False, False, True], 0, BriefFlag.GOOD),  # over with the next win
        ([True] * 8 + [False, False, True] * 4, 0, BriefFlag.GOOD),  # 12 of 20
        ([True, False, False] * 6 + [False, True], 0, BriefFlag.REVIEW),  # 7 of 20
        ([True, False, False] * 6 + [True, True], 0, BriefFlag.GOOD),  # 8 of 20 are 40 %
        ([True, False, False] * 6 + [False], 0, BriefFlag.DOWNGRADED),  # too few for a rate; three in a row
        ([False, False, False], 30, BriefFlag.DORMANT),  # the gravest
    ],
)
def test_the_rules_of_the_brief_begin_and_end_at_their_boundaries(as_of: datetime, won: list[bool], days: float, flag: BriefFlag) -> None:
    assert brief_flag(won, as_of - timedelta(days=days), as_of) is flag
