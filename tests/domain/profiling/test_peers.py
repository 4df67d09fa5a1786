"""What the other buyers of the same token in the same minutes got."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.profiling.peers import USUAL, Peers, Purchases, cohorts, peer_bets, peer_null, peers_of, usual_hold
from domain.profiling.skill import Floats, luck_if_chosen, skill_of


def bought(got: list[float], at_s: list[float] | None = None, token: list[int] | None = None, held_s: float = 600.0) -> Purchases:
    """One purchase a wallet, all in one minute of one token unless said otherwise."""
    count = len(got)
    return Purchases(
        np.arange(count),
        np.array(token or [0] * count),
        np.array(at_s or np.arange(count, dtype=float)),
        np.array(got),
        np.full(count, held_s),
        count,
    )


def test_a_rank_is_the_share_of_the_others_who_got_less() -> None:
    """Of three others 0, 1, 2 and 3 got less: 0, 1/3, 2/3, 1."""
    assert peers_of(bought([0.1, 0.5, 2.0, 90.0])).rank.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_who_got_as_much_counts_half() -> None:
    assert peers_of(bought([2.0, 2.0, 1.0])).rank.tolist() == pytest.approx([0.75, 0.75, 0.0])


def test_a_purchase_without_others_says_nothing() -> None:
    """The second token has one buyer: its payoff is what is expected of it, and its weight in evidence nothing."""
    alone = bought([1.0, 2.0, 50.0], token=[0, 0, 1])
    peers = peers_of(alone)
    assert (peers.rank[2], peers.count[2], peers.reliability[2]) == (0.5, 0.0, 0.0)
    assert peer_bets(alone, peers).payoff[2] == 0.5


def test_others_are_those_of_the_same_minutes_and_the_same_token() -> None:
    """Windows of five minutes: 299 s is with 0 s, 300 s is not; another token never is."""
    cohort, order = cohorts(bought([1.0] * 4, at_s=[0.0, 299.0, 300.0, 0.0], token=[0, 0, 0, 1]))
    named = dict(zip(order.tolist(), cohort.tolist(), strict=True))
    assert named[0] == named[1]
    assert len({named[0], named[2], named[3]}) == 3


def test_a_crowd_is_split_by_the_order_in_which_it_bought() -> None:
    """41 in one window are 21 and 20, the first with the first: whoever was seconds earlier is not compared with the last of the minute."""
    cohort, _ = cohorts(bought([1.0] * (USUAL.most + 1)))
    assert np.bincount(cohort).tolist() == [21, 20]


def test_a_rank_among_few_is_drawn_to_the_middle_by_what_is_chance_of_it() -> None:
    """Among one other a rank is 0 or 1 and varies by 1/4, of which 1/12 is what he knows: a third."""
    peers = peers_of(bought([1.0, 2.0]))
    assert peers.reliability.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert peer_bets(bought([1.0, 2.0]), peers).payoff.tolist() == pytest.approx([1 / 3, 2 / 3])


def test_peers_count_the_more_the_more_alike_they_hold() -> None:
    """Two others got more and one less. The one who got less holds as long as this wallet; the two hold for a day."""
    alike = replace(bought([1.0, 0.5, 2.0, 2.0]), held_s=np.array([60.0, 60.0, 86_400.0, 86_400.0]))
    assert peers_of(alike).rank[0] > 0.99


def owned(got: list[float], owner: list[int]) -> Peers:
    return peers_of(replace(bought(got), owner=np.array(owner)))


def test_wallets_of_one_owner_are_one_peer() -> None:
    """Three of one owner got less than this wallet, one stranger more: one of two, not three of four."""
    got = [2.0, 1.0, 1.0, 1.0, 3.0]
    assert peers_of(bought(got)).rank[0] == pytest.approx(3 / 4)
    peers = owned(got, [0, 1, 1, 1, 4])
    assert (peers.rank[0], peers.count[0]) == (pytest.approx(1 / 2), pytest.approx(2.0))


def test_an_owners_own_wallets_are_none_of_its_peers() -> None:
    """Alone with itself it has none; the wallet beside it has one."""
    peers = owned([2.0, 1.0, 3.0], [0, 0, 2])
    assert peers.count.tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert peers.rank.tolist() == [0.0, 0.0, 1.0]
    assert owned([2.0, 1.0], [0, 0]).count.tolist() == [0.0, 0.0]


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=12), st.integers(1, 4))
def test_an_owner_who_splits_a_purchase_over_wallets_changes_nobodys_rank(got: list[float], times: int) -> None:
    """The last wallet's purchase, made by several of its owner's: as if it were one."""
    once = peers_of(bought(got))
    split = owned([*got, *[got[-1]] * times], [*range(len(got)), *[len(got) - 1] * times])
    strangers = slice(0, len(got) - 1)
    assert np.allclose(split.rank[strangers], once.rank[strangers])
    assert np.allclose(split.count[strangers], once.count[strangers])


def test_a_usual_hold_is_the_median_over_all_a_wallet_bought() -> None:
    three = Purchases(np.array([0, 0, 0]), np.arange(3), np.zeros(3), np.ones(3), np.array([10.0, 100.0, 1e6]), 1)
    assert np.exp(usual_hold(three)).tolist() == pytest.approx([100.0] * 3)


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=30), st.floats(0.01, 1e6))
def test_what_the_token_did_to_all_of_them_changes_no_rank(got: list[float], times: float) -> None:
    once, more = peers_of(bought(got)), peers_of(bought([value * times for value in got]))
    assert np.allclose(once.rank, more.rank)


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=30))
def test_ranks_of_a_cohort_have_their_mean_in_the_middle(got: list[float]) -> None:
    """Who is above one is below another: nobody can gain for all."""
    assert peers_of(bought(got)).rank.mean() == pytest.approx(0.5)


def drawn(seed: int, edge_of_first: float = 0.0, bias: float = 0.0) -> tuple[Purchases, Peers]:
    """300 wallets buy 60 of 120 tokens each, the tokens' gains with a tail of 1.3. The first ten know; `bias` is what half of the wallets
    get more than the others whatever they know."""
    rng = np.random.default_rng(seed)
    wallet = np.repeat(np.arange(300), 60)
    token = np.concatenate([rng.choice(120, 60, replace=False) for _ in range(300)])
    place = rng.random(wallet.size)
    if edge_of_first:
        tilted = np.log1p(place * np.expm1(edge_of_first)) / edge_of_first
        place = np.where(wallet < 10, tilted, place)
    gain = rng.random(120) ** (-1 / 1.3)
    hold = np.where(wallet % 2, 300.0, 36_000.0) * np.exp(rng.normal(0, 0.3, wallet.size))
    got = gain[token] * np.exp(place + bias * (wallet % 2))
    purchases = Purchases(wallet, token, rng.random(wallet.size) * 300, got, hold, 300)
    return purchases, peers_of(purchases)


def chosen(purchases: Purchases, peers: Peers, level: float = 0.1) -> set[int]:
    luck: Floats = skill_of(peer_bets(purchases, peers), peer_null(purchases, peers)).mixture.luck
    return set(np.flatnonzero(luck_if_chosen(luck) <= level).tolist())


def test_who_knows_when_to_leave_is_found() -> None:
    found = chosen(*drawn(1, edge_of_first=2.5))
    assert len(found & set(range(10))) >= 7
    assert len(found - set(range(10))) <= 1


def test_a_token_that_rose_a_hundredfold_makes_nobody_skilled() -> None:
    """All of them may have bought it: it is one draw, and heavy tails move no rank."""
    assert not chosen(*drawn(2))


def test_a_way_of_trading_that_does_better_is_no_knowledge() -> None:
    """Half of the wallets sell early and do better by it, token by token: what those who trade alike got is what is expected of them."""
    assert not chosen(*drawn(3, bias=1.5))


def test_what_no_way_of_trading_explains_is_scatter_between_wallets() -> None:
    """Every third wallet has a rule that beats the others a little each time: as many would pass for many who know."""
    purchases, _ = drawn(4)
    rule = np.where(purchases.wallet % 3 == 0, 0.4, 0.0)
    ruled = replace(purchases, got=purchases.got * np.exp(rule))
    peers = peers_of(ruled)
    steady = peer_null(ruled, peers)(np.zeros(ruled.wallet.size))
    assert steady.scatter > 0
    assert peer_null(*drawn(4))(np.zeros(ruled.wallet.size)).scatter < steady.scatter / 10
