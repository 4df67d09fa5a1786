"""Grades keep their contract, and nobody's is ruined by somebody else's, however extreme what one wallet did."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import WalletSkill
from domain.profiling.grading import graded_numbers
from domain.profiling.skill import LOUDEST, _most_heard
from domain.statistics.mixture import EDGES, NOTHING, fit_mixture
from tasks.fast_check import breaches

AT = datetime(2026, 11, 3, tzinfo=UTC)
Bettor = tuple[int, int, float]  # bets, of which it wins so many, at this price


def graded(bettors: list[Bettor]) -> pl.DataFrame:
    """WalletSkill rows in their order; every bet in an event of its own."""
    sizes = [bets for bets, _, _ in bettors]
    each = np.arange(sum(sizes), dtype=np.uint64)
    numbers = pl.DataFrame(
        {
            "wallet": np.repeat(np.arange(len(bettors), dtype=np.uint64), sizes),
            "event": each,
            "market": each,
            "price": np.repeat([price for _, _, price in bettors], sizes).astype(float),
            "payoff": np.concatenate([np.arange(bets) < wins for bets, wins, _ in bettors] or [np.zeros(0)]).astype(float),
        }
    )
    names = pl.DataFrame({"number": np.arange(len(bettors), dtype=np.uint64), "wallet": [f"0x{n:040x}" for n in range(len(bettors))]})
    return graded_numbers(numbers, names, AT).skills


def a_crowd(wallets: int = 300) -> list[Bettor]:
    """30 fair bets each."""
    return [(30, int(wins), 0.5) for wins in np.random.default_rng(1).binomial(30, 0.5, wallets)]


@pytest.mark.parametrize(
    ("one", "grade"),
    [
        ((1_300, 1_300, 0.5), "A"),
        ((1_000_000, 1_000_000, 0.5), "A"),
        ((40_000, 24_000, 0.5), "A"),
        ((10_000, 10_000, 0.001), "A"),
        ((1_000_000, 0, 0.5), "F"),
        ((1_000_000, 0, 0.999), "F"),
        ((1, 1, 0.001), "F"),
        ((1, 0, 0.999), "F"),
        ((100, 100, 0.0), "A"),
        ((100, 0, 1.0), "F"),
    ],
)
def test_whatever_one_wallet_did_each_row_keeps_its_contract_and_the_others_keep_their_grades(one: Bettor, grade: str) -> None:
    """A million losses at 0.50 taught everybody that 0.50 is worth 0.24: 300 of 300 fair bettors had grade A.

    One wallet was heard with a hundredth of all bets, and of a million bets of its own that is more than 300 others have together.
    """
    found = graded([*a_crowd(), one])
    assert list(breaches(found, WalletSkill)) == []
    assert found["grade"][-1] == grade
    assert found["skilled"][:-1].max() < 0.5  # nobody else rather knows something than not
    assert found["bets_needed"].null_count() == 0


@pytest.mark.parametrize(("wins", "grade"), [(2_000, "A"), (0, "F")])
def test_where_all_are_sure_each_has_its_grade(wins: int, grade: str) -> None:
    found = graded([(2_000, wins, 0.5)] * 50)
    assert list(breaches(found, WalletSkill)) == []
    assert set(found["grade"]) == {grade}


@pytest.mark.parametrize(("tosses", "knows"), [(1, False), (5, False), (12, False), (14, True)])
def test_three_hundred_wallets_that_won_the_same_toss_of_a_coin_know_nothing(tosses: int, knows: bool) -> None:
    """All of them had 0.92 and grade B for one toss. 12 fair ones say 8.3 nats, whoever bet on them; somebody knows from 8.6."""
    wallets, each = np.repeat(np.arange(300, dtype=np.uint64), tosses), np.tile(np.arange(tosses, dtype=np.uint64), 300)
    numbers = pl.DataFrame({"wallet": wallets, "event": each, "market": each, "price": 0.5, "payoff": 1.0})
    names = pl.DataFrame({"number": np.arange(300, dtype=np.uint64), "wallet": [f"0x{n:040x}" for n in range(300)]})
    found = graded_numbers(numbers, names, AT).skills
    assert (found["skilled"].min() > 0.5, found["skilled"].max() > 0.5) == (knows, knows)


def test_of_no_wallets_there_are_no_grades() -> None:
    assert graded([]).height == 0
    assert fit_mixture(np.zeros((0, EDGES.size))).prevalence == 0


@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=8))
def test_every_row_keeps_its_contract_whoever_bets(bettors: list[tuple[int, float, float]]) -> None:
    assert list(breaches(graded([(bets, round(bets * part), price) for bets, part, price in bettors]), WalletSkill)) == []


def evidence(value: float) -> np.ndarray:
    """300 wallets of whom nothing is known, and one with so many nats for every edge above nothing and against every one below."""
    rows = np.zeros((301, EDGES.size))
    rows[300] = value * np.sign(EDGES)
    return rows


@pytest.mark.parametrize("nats", [744, 745, 746, 1e6, 1e300, 1e308])  # e^745 is the largest number whose inverse is not nothing
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.filterwarnings("error")
def test_evidence_beyond_all_numbers_is_certainty(nats: float, sign: int) -> None:
    """1e308 for one edge and -1e308 against another differ by more than a number holds."""
    found = fit_mixture(evidence(sign * nats))
    assert found.odds.sum(axis=1) == pytest.approx(np.ones(301))
    assert found.luck[300] == pytest.approx(0 if sign > 0 else 1, abs=1e-12)
    assert found.luck[:300].min() > 0.8


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_evidence_is_no_odds_either(value: float) -> None:
    rows = evidence(1.0)
    rows[7, NOTHING + 3] = value
    with pytest.raises(ValueError, match="the evidence of 1 wallets is not a finite number"):
        fit_mixture(rows)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=300))
def test_no_wallet_is_heard_with_more_than_its_part_of_what_is_heard(counts: list[int]) -> None:
    """But where the wallets are so few, or half of them so loud, that none could be: then none is heard with more than the median."""
    most = _most_heard(np.array(counts))
    heard = np.minimum(counts, most)
    assert most == pytest.approx(np.median(counts)) or heard.max() <= LOUDEST * heard.sum() * (1 + 1e-9)


def test_one_in_a_crowd_of_equals_is_heard_out() -> None:
    """Of 200 wallets with 100 bets each nobody is loud: 1 % of 20,000 is 200."""
    assert _most_heard(np.full(200, 100)) >= 100
