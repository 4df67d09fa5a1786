"""Who paid whom, without saying when or how much: such an edge says less, and what it cannot say is not taken for granted."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from data_contracts import Funding, Trade
from data_contracts.frames import empty, frame_of
from domain.clustering.funding import FundingPolicy, funding_links
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover

T0 = datetime(2026, 11, 3, tzinfo=UTC)
NOTHING = empty(Trade).select("wallet", "token_id", "side", "traded_at").with_columns(pl.lit("").alias("topic"))
Edge = tuple[str, str, float | None, str | None]  # funder, wallet, seconds after T0, amount


def paid(*edges: Edge, tx: str = "") -> pl.DataFrame:
    rows = [
        Funding(
            wallet=wallet,
            funder=funder,
            amount=None if amount is None else Decimal(amount),
            funded_at=None if at_s is None else T0 + timedelta(seconds=at_s),
            tx=tx or f"tx{number}",
            source_known=None,
        )
        for number, (funder, wallet, at_s, amount) in enumerate(edges)
    ]
    return frame_of(rows, Funding)


def weight(fundings: pl.DataFrame, one: str = "a", other: str = "b") -> float:
    links = funding_links(fundings, FundingPolicy())
    return float(links.filter((pl.col("one") == one) & (pl.col("other") == other))["weight"].sum())


def clusters(fundings: pl.DataFrame) -> list[list[str]]:
    return sorted(discover(NOTHING, fundings, [], {}, DiscoveryPolicy()).clusters.values())


def many(count: int, apart_s: float | None) -> list[Edge]:
    """By the clock, or at times nobody knows."""
    return [("f", f"w{number:02}", None if apart_s is None else number * apart_s, str(number + 1)) for number in range(count)]


COME_BY_THEMSELVES = np.random.default_rng(1).exponential(50_000, 600).cumsum()
PUBLIC: list[Edge] = [("f", f"x{number}", float(at_s), str(number + 10)) for number, at_s in enumerate(COME_BY_THEMSELVES)]


def test_a_payment_without_a_time_links_less_than_one_far_apart_in_time() -> None:
    """Unknown was taken for together: null is not greater than an hour, so the pair weighed 1. Two wallets: 1 / log2(2) = 1."""
    together, apart = weight(paid(("f", "a", 0, "1"), ("f", "b", 60, "2"))), weight(paid(("f", "a", 0, "1"), ("f", "b", 9_999, "2")))
    half, neither = weight(paid(("f", "a", 0, "1"), ("f", "b", None, "2"))), weight(paid(("f", "a", None, "1"), ("f", "b", None, "2")))
    assert (together, apart, half, neither) == (1.0, 0.3, 0.2, 0.2)


def test_a_purse_that_paid_two_at_unknown_times_still_joins_them() -> None:
    """0.2 a pair on average is above the 0.1 that a community needs."""
    assert clusters(paid(("f", "a", None, None), ("f", "b", None, None))) == [["a", "b", "f"]]


@pytest.mark.parametrize(("count", "joined"), [(10, True), (11, False)])
def test_of_many_wallets_paid_at_unknown_times_want_of_signs_is_not_enough(count: int, joined: bool) -> None:
    """Ten are linked weakly. Of eleven, paid when nobody knows, nothing says that they did not come by themselves."""
    assert bool(clusters(paid(*many(count, None)))) is joined


def test_the_same_wallets_paid_at_known_times_by_the_clock_are_one() -> None:
    assert len(clusters(paid(*many(30, 7_200.0)))[0]) == 31
    assert clusters(paid(*many(30, None))) == []


def test_a_few_known_times_do_not_speak_for_all_others() -> None:
    """Three payments at once among thirty whose times nobody knows: that is not "all at once"."""
    edges = [*many(30, None)[3:], *[("f", f"w{number:02}", float(number), str(number + 1)) for number in range(3)]]
    assert clusters(paid(*edges)) == []


def test_another_funder_of_the_very_same_wallets_still_speaks_for_a_purse() -> None:
    """A sign that needs no time: fourteen wallets whom two funders have in common, beside twenty funders who paid two each."""
    other = [("g", wallet, None, None) for _, wallet, *_ in many(14, None)]
    strangers = [(f"s{number // 2}", f"x{number}", None, None) for number in range(40)]
    found = clusters(paid(*many(14, None), *other, *strangers))
    assert any({f"w{number:02}" for number in range(14)} <= set(cluster) for cluster in found)


def test_equal_amounts_at_unknown_times_are_no_split_but_those_of_one_transaction_are() -> None:
    """Four equal payments by a funder who pays hundreds of others as well, and is no purse for that."""
    equal: list[Edge] = [("f", wallet, None, "2.5") for wallet in ("a", "b", "c", "d")]
    apart = paid(*PUBLIC, *equal)
    one = pl.concat([paid(*PUBLIC), paid(*equal, tx="one")])
    assert clusters(apart) == []
    assert clusters(one) == [["a", "b", "c", "d"]]


def test_payments_without_an_amount_are_never_equal() -> None:
    """Two nulls were one amount: a public funder's payments of the same minutes became a split."""
    unknown: list[Edge] = [("f", wallet, float(at_s), None) for at_s, wallet in enumerate(("a", "b", "c", "d"))]
    assert clusters(paid(*PUBLIC, *unknown)) == []


def test_a_dated_payment_stands_for_the_pair_where_an_undated_one_is_there_too() -> None:
    once = paid(("f", "a", 0, "1"), ("f", "b", 60, "2"))
    both = paid(("f", "a", None, None), ("f", "a", 0, "1"), ("f", "b", 60, "2"), ("f", "b", None, None))
    assert weight(both) == weight(once) == 1.0
