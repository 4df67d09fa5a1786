"""The worlds that decay and the cost of copying are scored on keep what they promise."""

import numpy as np
import pytest

from domain.profiling.memecoins import CopyTerms
from evaluation.solana import copyability, decay
from evaluation.worlds.copied_coins import LAW, gains, multiples, truth


def test_a_leader_makes_fourteen_percent_and_a_copy_three() -> None:
    """Luo et al., WWW 2026. Most entries lose: the mean is made by few."""
    multiple = multiples(np.random.default_rng(1), 400_000)
    assert multiple.mean() - 1 == pytest.approx(0.14, abs=0.01)
    assert np.median(multiple) < 0.7
    assert truth(CopyTerms()) == pytest.approx(0.03, abs=0.01)


def test_a_copy_without_delay_and_cost_is_the_leader_s_trade_but_for_its_own_sale() -> None:
    free = CopyTerms(delay_s=0.0, fee_of_the_young=0.0, impact=0.0)
    assert gains(np.array([2.0]), free)[0] == pytest.approx(1.0)
    assert gains(np.array([2.0]), CopyTerms(delay_s=1e-9, fee_of_the_young=0.0, impact=0.0))[0] == pytest.approx(2 * (1 - LAW.falls) - 1)


@pytest.mark.parametrize("topic", [copyability, decay])
def test_what_is_claimed_holds_on_one_seed(topic: object) -> None:
    scores = list(topic.scores(range(1)))  # type: ignore[attr-defined]
    assert [score.case for score in scores if score.held is False] == []
    assert [score for score in scores if score.held]
