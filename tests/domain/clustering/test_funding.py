"""Which payments hint at one owner: purses, hubs, exchanges, splits."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from data_contracts import Funding
from data_contracts.frames import frame_of
from domain.clustering.funding import INFRASTRUCTURE, FundingPolicy, funding_links

T0 = datetime(2026, 11, 3, tzinfo=UTC)
POLICY = FundingPolicy()
Payment = tuple[str, str, float, str]  # funder, wallet, seconds after T0, amount


def paid(*payments: Payment, known: str | None = None, tx: str = "") -> pl.DataFrame:
    rows = [
        Funding(
            wallet=wallet,
            funder=funder,
            amount=Decimal(amount),
            funded_at=T0 + timedelta(seconds=at_s),
            tx=tx or f"tx{number}",
            source_known=known,
        )
        for number, (funder, wallet, at_s, amount) in enumerate(payments)
    ]
    return frame_of(rows, Funding)


def weight(fundings: pl.DataFrame, one: str, other: str) -> float:
    links = funding_links(fundings, POLICY)
    return float(links.filter((pl.col("one") == one) & (pl.col("other") == other))["weight"].sum())


def many(count: int, apart_s: float = 10_000.0) -> Sequence[Payment]:
    return [("f", f"w{number:02}", number * apart_s, str(number + 1)) for number in range(count)]


def test_two_wallets_of_one_purse_are_linked_and_each_is_linked_to_it() -> None:
    """1 / log2(2) = 1, paid within the hour."""
    found = paid(("f", "a", 0, "1"), ("f", "b", 60, "2"))
    assert (weight(found, "a", "b"), weight(found, "a", "f"), weight(found, "b", "f")) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("apart_s", "expected"), [(3_600, 1.0), (3_601, 0.3)])
def test_payments_far_apart_say_less(apart_s: float, expected: float) -> None:
    assert weight(paid(("f", "a", 0, "1"), ("f", "b", apart_s, "2")), "a", "b") == pytest.approx(expected)


def test_the_more_wallets_a_purse_paid_the_less_it_says() -> None:
    """16 wallets: 1 / log2(16) = 0.25, times 0.3 for payments hours apart."""
    assert weight(paid(*many(16)), "w00", "w01") == pytest.approx(0.075)


@pytest.mark.parametrize(("wallets", "linked"), [(25, True), (26, False)])
def test_a_hub_links_nobody(wallets: int, linked: bool) -> None:
    assert (funding_links(paid(*many(wallets)), POLICY).height > 0) is linked


@pytest.mark.parametrize("funder", sorted(INFRASTRUCTURE)[:2])
def test_the_contracts_that_touch_everybody_link_nobody(funder: str) -> None:
    assert funding_links(paid((funder, "a", 0, "1"), (funder, "b", 0, "1")), POLICY).height == 0


def test_an_exchange_links_nobody_even_by_equal_amounts_at_one_moment() -> None:
    assert funding_links(paid(("f", "a", 0, "1"), ("f", "b", 0, "1"), known="some exchange"), POLICY).height == 0


@pytest.mark.parametrize(("apart_s", "amount", "linked"), [(600, "0.35", True), (601, "0.35", False), (10, "0.36", False)])
def test_equal_amounts_within_minutes_are_a_split_even_by_a_hub(apart_s: float, amount: str, linked: bool) -> None:
    busy = [*many(30), ("f", "x", 0, "0.35"), ("f", "y", apart_s, amount)]
    assert (weight(paid(*busy), "x", "y") > 0) is linked


def test_one_transaction_that_pays_equal_amounts_is_a_split() -> None:
    """As in the recorded traces: four wallets got 3 SOL each in one transaction."""
    found = paid(*[("f", wallet, 0, "3") for wallet in "abcd"], tx="one")
    assert weight(found, "a", "b") == pytest.approx(1 + 0.5)  # the split, and 1 / log2(4)


def test_what_a_wallet_pays_itself_says_nothing() -> None:
    assert funding_links(paid(("a", "a", 0, "1"), ("a", "b", 0, "1")), POLICY).height == 0
