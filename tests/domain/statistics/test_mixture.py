"""What a crowd's evidence says of each wallet, however sure some are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from domain.statistics.mixture import EDGES, Floats, fit_mixture


@given(
    arrays(np.float64, st.tuples(st.integers(1, 12), st.just(EDGES.size)), elements=st.floats(-1e9, 1e9)),
    st.sampled_from([1.0, 1e-6, 1e3]),
)
def test_however_extreme_the_evidence_every_wallet_has_odds_that_add_up(evidence: Floats, scale: float) -> None:
    found = fit_mixture(evidence * scale)
    assert np.isfinite(found.odds).all()
    assert found.odds.sum(axis=1) == pytest.approx(1)
    assert ((found.luck >= 0) & (found.luck <= 1 + 1e-9)).all()
    assert found.shares.sum() == pytest.approx(1)


def evidence_of(wins: Floats, bets: Floats) -> Floats:
    """At even prices a win at edge e adds e - log((1 + exp(e)) / 2), a loss -log((1 + exp(e)) / 2)."""
    return np.asarray(wins[:, None] * EDGES - bets[:, None] * np.log((1 + np.exp(EDGES)) / 2))


@given(st.integers(80, 5_000_000), st.floats(0.9, 1))
def test_a_wallet_beyond_all_doubt_says_no_more_of_the_others_than_a_sure_one(bets: int, won: float) -> None:
    """300 wallets win 15 of 30 even bets, one at least nine in ten of eighty: the others are as lucky as beside 54 of 60."""
    others = np.full(300, 15.0), np.full(300, 30.0)
    beside = [
        fit_mixture(evidence_of(np.append(others[0], round(count * part)), np.append(others[1], count))).luck
        for count, part in ((bets, won), (60, 0.9))
    ]
    assert beside[0][-1] == pytest.approx(0, abs=1e-4)
    assert beside[0][:300] == pytest.approx(beside[1][:300], abs=0.01)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_evidence_that_is_no_number_is_refused(value: float) -> None:
    evidence = np.zeros((3, EDGES.size))
    evidence[1, 4] = value
    with pytest.raises(ValueError, match="the evidence of 1 wallets is not a finite number"):
        fit_mixture(evidence)
