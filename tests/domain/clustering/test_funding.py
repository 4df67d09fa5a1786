"""Which payments hint at one owner: purses, services, exchanges, splits, collectors."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Funding, Trade
from data_contracts.frames import empty, frame_of
from domain.clustering.funding import INFRASTRUCTURE, FundingPolicy, funding_links
from domain.clustering.wallet_clustering import DiscoveryPolicy, discover

T0 = datetime(2026, 11, 3, tzinfo=UTC)
POLICY = FundingPolicy()
NOTHING = empty(Trade).select("wallet", "token_id", "side", "traded_at").with_columns(pl.lit("").alias("topic"))
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


def clusters(fundings: pl.DataFrame, trades: pl.DataFrame = NOTHING) -> list[list[str]]:
    return sorted(discover(trades, fundings, [], {}, DiscoveryPolicy()).clusters.values())


def many(count: int, apart_s: float = 10_000.0) -> Sequence[Payment]:
    return [("f", f"w{number:02}", number * apart_s, str(number + 1)) for number in range(count)]


def test_two_wallets_of_one_purse_are_linked_and_each_is_linked_to_it() -> None:
    """1 / log2(2) = 1, paid within the hour."""
    found = paid(("f", "a", 0, "1"), ("f", "b", 60, "2"))
    assert (weight(found, "a", "b"), weight(found, "a", "f"), weight(found, "b", "f")) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("apart_s", "expected"), [(3_600, 1.0), (3_601, 0.3)])
def test_payments_far_apart_say_less(apart_s: float, expected: float) -> None:
    assert weight(paid(("f", "a", 0, "1"), ("f", "b", apart_s, "2")), "a", "b") == pytest.approx(expected)


@pytest.mark.parametrize(("wallets", "expected"), [(2, 1 / 1), (4, 1 / 2), (8, 1 / 3)])
def test_the_more_wallets_a_purse_paid_the_less_each_pair_says(wallets: int, expected: float) -> None:
    """1 / log2 of its wallets, paid within the hour."""
    assert weight(paid(*many(wallets, apart_s=60)), "w00", "w01") == pytest.approx(expected)


def test_but_never_too_little_to_join_two() -> None:
    """0.3 / log2(8) would be 0.1, and ten wallets hours apart fell into pieces: their links were below what joins."""
    assert weight(paid(*many(8)), "w00", "w01") == POLICY.least


@pytest.mark.parametrize("apart_s", [60, 7_200])
@pytest.mark.parametrize("wallets", [2, 10, 12, 16, 20, 25, 26, 100, 500])
def test_a_private_purse_joins_what_it_paid_however_many(wallets: int, apart_s: float) -> None:
    """12 wallets came out as 11, 16 as 6, 25 as 4, and of 26 and more none: a count took them for a hub."""
    assert clusters(paid(*many(wallets, apart_s))) == [["f", *sorted(wallet for _, wallet, _, _ in many(wallets))]]


def test_many_wallets_that_pay_one_collector_have_one_owner() -> None:
    payments = [(wallet, "till", at_s, amount) for _, wallet, at_s, amount in many(40, 60)]
    assert clusters(paid(*payments)) == [["till", *(f"w{number:02}" for number in range(40))]]


def test_a_purse_of_purses_is_their_owner() -> None:
    """One wallet pays three purses, each of which pays twenty wallets."""
    chain = [("main", purse, 60.0 * number, str(number + 1)) for number, purse in enumerate("xyz")]
    spread = [(purse, f"{purse}{number:02}", 60.0 * number, str(number + 1)) for purse in "xyz" for number in range(20)]
    assert [len(cluster) for cluster in clusters(paid(*chain, *spread))] == [64]


FLEET = [("f", "early", -1_000_000.0, "3"), *[("f", wallet, 20.0 * number, "5") for number, wallet in enumerate("bcd")]]


@pytest.mark.parametrize("of_second", [1, 3, 8])
def test_a_purse_that_alike_amounts_speak_for_keeps_its_wallets_though_one_has_another_purse(of_second: int) -> None:
    """As recorded: four wallets of one purse; the one paid days before was also paid by another, whose few pulled it away."""
    second = [("g", "early", -900_000.0, "0.5"), *[("g", f"x{number}", -8e5 + 2e5 * number, f"{9**number}") for number in range(of_second)]]
    found = clusters(paid(*FLEET, *second))
    assert [cluster for cluster in found if set("bcdf") <= set(cluster) and "early" in cluster], found


def test_a_purse_of_small_purses_is_their_owner_too() -> None:
    """Each pays alike amounts to five. Their links do not add up over all their pairs: they came out as three owners."""
    chain = [("main", purse, 60.0 * number, str(number + 1)) for number, purse in enumerate("xyz")]
    spread = [(purse, f"{purse}{number}", 60.0 * number, f"5.{number}") for purse in "xyz" for number in range(5)]
    assert [len(cluster) for cluster in clusters(paid(*chain, *spread))] == [19]


def test_who_was_paid_by_two_owners_joins_them_no_more_than_it_is_theirs() -> None:
    """Two purses of thirty; a friend got something of both. It stays with one of them, and they stay two."""
    one, other = ([(purse, f"{purse}{number:02}", 60.0 * number, str(number + 1)) for number in range(30)] for purse in "fg")
    found = clusters(paid(*one, *other, ("f", "friend", 99_999, "1"), ("g", "friend", 99_999, "1")))
    assert sorted(map(len, found)) == [31, 32]


def public_customers() -> Sequence[Payment]:
    """Forty customers at times and with amounts of their own; every third one also has a friend who pays nobody else."""
    chance = np.random.default_rng(1)
    customers = [("x", f"w{number:02}", float(chance.uniform(0, 9e6)), f"{chance.lognormal(0, 1):.4f}") for number in range(40)]
    friends = [(f"friend{number}", f"w{number:02}", float(chance.uniform(0, 9e6)), "1") for number in range(0, 40, 3)]
    return [*customers, *friends]


def test_an_exchange_that_serves_the_public_joins_nobody() -> None:
    assert clusters(paid(*public_customers())) == []


def trades_of(wallets: dict[str, Sequence[int]]) -> pl.DataFrame:
    """Tokens that each wallet bought, an hour after each other: nobody meets anybody."""
    rows = [(wallet, f"t{token}") for wallet, tokens in wallets.items() for token in tokens]
    frame = pl.DataFrame(rows, schema=["wallet", "token_id"], orient="row")
    hours = pl.int_range(pl.len()).cast(pl.Int64)
    return frame.with_columns(
        pl.lit("BUY").alias("side"), (pl.lit(T0) + pl.duration(hours=hours)).alias("traded_at"), pl.lit("").alias("topic")
    )


@pytest.mark.parametrize(("own_tokens", "joined"), [(True, True), (False, False)])
def test_what_its_wallets_trade_tells_a_purse_from_an_exchange(own_tokens: bool, joined: bool) -> None:
    """Sixty of two hundred wallets were paid by one funder, at random times. If they trade six tokens of forty, they are one owner's."""
    chance = np.random.default_rng(2)
    own = chance.choice(40, 6, replace=False)
    payments = [("f", f"w{number:03}", float(chance.uniform(0, 9e6)), f"{chance.lognormal(0, 1):.4f}") for number in range(60)]
    tokens = {f"w{number:03}": chance.choice(own if own_tokens and number < 60 else 40, 5, replace=False) for number in range(200)}
    found = clusters(paid(*payments), trades_of({wallet: list(map(int, held)) for wallet, held in tokens.items()}))
    assert [len(cluster) for cluster in found] == ([61] if joined else [])


@pytest.mark.parametrize("funder", sorted(INFRASTRUCTURE)[:2])
def test_the_contracts_that_touch_everybody_link_nobody(funder: str) -> None:
    assert funding_links(paid((funder, "a", 0, "1"), (funder, "b", 0, "1")), POLICY).height == 0


EIGHT = [("payer", wallet, 5.0 * number, "0.731") for number, wallet in enumerate("abcdefgh")]


@pytest.mark.parametrize("known", [None, "some exchange"])
def test_a_split_counts_whoever_pays_it(known: str | None) -> None:
    """Eight equal payments 5 s apart were found when nobody named the payer, and gone when it was named an exchange."""
    assert [cluster[:8] for cluster in clusters(paid(*EIGHT, known=known))] == [list("abcdefgh")]
    assert weight(paid(*EIGHT, known=known), "a", "h") >= 1


def test_a_split_of_forty_by_an_exchange_is_one_owner_too() -> None:
    payments = [("f", f"w{number:02}", 5.0 * number, "0.731") for number in range(40)]
    assert clusters(paid(*payments, known="some exchange")) == [[f"w{number:02}" for number in range(40)]]


@pytest.mark.parametrize(("wallets", "joined"), [(2, False), (3, True), (4, True)])
@pytest.mark.parametrize("one_tx", [False, True])
def test_two_customers_may_withdraw_one_amount_in_a_minute_by_chance_three_hardly(wallets: int, joined: bool, one_tx: bool) -> None:
    """As recorded: Binance and OKX each paid 50 SOL less their fee to two wallets within a minute, and they were said to be one owner's."""
    payments = [("x", f"w{number}", 25.0 * number, "49.99") for number in range(wallets)]
    found = clusters(paid(*payments, known="some exchange", tx="batch" if one_tx else ""))
    assert found == ([[f"w{number}" for number in range(wallets)]] if joined else [])


@pytest.mark.parametrize(("wallets", "joined"), [(2, False), (3, True)])
def test_so_it_is_with_an_exchange_that_nobody_names_but_evidence_shows(wallets: int, joined: bool) -> None:
    """Forty customers at times and with amounts of their own, of whom thirteen have a friend: it serves the public."""
    twins = [("x", f"twin{number}", 1e7 + 25.0 * number, "49.99") for number in range(wallets)]
    assert clusters(paid(*public_customers(), *twins)) == ([[f"twin{number}" for number in range(wallets)]] if joined else [])


def test_an_exchange_links_nobody_by_what_is_no_split() -> None:
    """Payments of one second, but unequal; or equal, but of an amount that others get all the time."""
    assert clusters(paid(("f", "a", 0, "1"), ("f", "b", 1, "2"), ("f", "c", 2, "3"), known="some exchange")) == []
    price = [("f", f"w{number}", 10_000.0 * number, "1") for number in range(9)]
    assert clusters(paid(*price, ("f", "a", 5_000, "1"), ("f", "b", 5_001, "1"), known="some exchange")) == []


def test_who_is_named_once_is_known_in_every_row() -> None:
    """A label on one of its payments names the payer, not the payment."""
    named, others = paid(*many(1), known="some exchange"), paid(*many(9)[1:])
    assert clusters(pl.concat([named, others])) == []


@pytest.mark.parametrize(("apart_s", "amount", "linked"), [(600, "0.35", True), (601, "0.35", False), (10, "0.36", False)])
def test_equal_amounts_within_minutes_are_a_split_even_by_one_who_pays_many(apart_s: float, amount: str, linked: bool) -> None:
    busy = [*many(30), ("f", "x", 0, "0.35"), ("f", "y", apart_s, amount)]
    assert (weight(paid(*busy), "x", "y") > 0) is linked


def test_one_transaction_that_pays_equal_amounts_is_a_split() -> None:
    """As in the recorded traces: four wallets got 3 SOL each in one transaction."""
    found = paid(*[("f", wallet, 0, "3") for wallet in "abcd"], tx="one")
    assert weight(found, "a", "b") == pytest.approx(1 + 0.5)  # the split, and 1 / log2(4)


def test_payments_without_a_time_or_of_one_instant_are_no_error() -> None:
    found = paid(*many(30)).with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("funded_at"))
    assert [len(cluster) for cluster in clusters(found)] in ([], [31])
    assert [len(cluster) for cluster in clusters(paid(*many(30, 0)))] == [31]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 10**6), st.integers(1, 3), st.booleans()), max_size=60))
def test_whoever_pays_whom_every_cluster_is_of_wallets_that_payments_connect(rows: list[tuple[int, int, int, int, bool]]) -> None:
    frames = [
        paid(*[(f"n{a}", f"n{b}", t, str(amount)) for a, b, t, amount, known in rows if known is named], known=name)
        for named, name in ((False, None), (True, "x"))
    ]
    payments = pl.concat(frames)
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from(payments.select("funder", "wallet").iter_rows())
    found = clusters(payments)
    assert len({wallet for cluster in found for wallet in cluster}) == sum(map(len, found))
    assert all(set(cluster) <= nx.node_connected_component(graph, cluster[0]) for cluster in found)


def test_what_a_wallet_pays_itself_says_nothing() -> None:
    assert funding_links(paid(("a", "a", 0, "1"), ("a", "b", 0, "1")), POLICY).height == 0


@pytest.mark.parametrize(("amount", "linked"), [("0.001", True), ("0.000999", False), ("0.000000001", False)])
def test_dust_links_nobody(amount: str, linked: bool) -> None:
    """Whoever sends a few lamports to strangers wants to be seen by them, and owns none of them."""
    payments = [("f", "a", 0.0, amount), ("f", "b", 60.0, amount)]
    assert (weight(paid(*payments), "a", "b") > 0) is linked


def test_who_dusts_hundreds_makes_no_cluster() -> None:
    dust = [("f", f"w{number:03}", number * 5.0, "0.000001") for number in range(300)]
    assert clusters(paid(*dust)) == []
