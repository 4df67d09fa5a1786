"""What may be opened, and how much room is left."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Reason
from domain.copying.policy import RiskPolicy
from domain.copying.portfolio import Holding, Portfolio
from domain.copying.risk.limits import denial, room

POLICY = RiskPolicy()
KEY = ("leader", "token")


def itself(wallet: str) -> str:
    return wallet


def holding(cost: object = 10) -> Holding:
    return Holding("market", Decimal(100), Decimal(str(cost)))


def portfolio(holdings: dict[tuple[str, str], Holding], balance: int = 10_000) -> Portfolio:
    return Portfolio(Decimal(balance), Decimal(balance), holdings)


@pytest.mark.parametrize(("held", "expected"), [(9, None), (10, Reason.MAX_POSITIONS_REACHED)])
def test_the_eleventh_position_is_denied(held: int, expected: Reason | None) -> None:
    holdings = {(f"l{number}", f"t{number}"): holding() for number in range(held)}
    assert denial(portfolio(holdings), KEY, itself, POLICY) is expected


@pytest.mark.parametrize(("held", "expected"), [(2, None), (3, Reason.EXPOSURE_REACHED)])
def test_the_fourth_position_behind_one_owner_is_denied(held: int, expected: Reason | None) -> None:
    """The wallets differ; their owner is one."""
    holdings = {(f"wallet{number}", f"t{number}"): holding() for number in range(held)}
    assert denial(portfolio(holdings), KEY, lambda wallet: "owner", POLICY) is expected
    assert denial(portfolio(holdings), KEY, itself, POLICY) is None


def test_a_token_whose_order_has_no_answer_yet_is_not_bought_again() -> None:
    """An order whose answer was lost may be a fill: the position that says so is not there yet, and the leader buys on."""
    unanswered = Portfolio(Decimal(10_000), Decimal(10_000), awaited=frozenset({KEY}))
    assert denial(unanswered, KEY, itself, RiskPolicy(scale_in=True)) is Reason.TOKEN_ALREADY_HELD
    assert denial(unanswered, ("other", "token"), itself, POLICY) is Reason.TOKEN_ALREADY_HELD
    assert denial(unanswered, ("leader", "other"), itself, POLICY) is None


@pytest.mark.parametrize("scale_in", [True, False])
def test_while_an_order_has_no_answer_nothing_is_added_to_its_token_even_where_scaling_in_is_a_choice(scale_in: bool) -> None:
    """The lost order may be a fill of the position that is held already: with `scale_in` a second copy went on top of the unknown one."""
    unknown = Portfolio(Decimal(10_000), Decimal(10_000), {KEY: holding()}, unanswered=frozenset({KEY}))
    assert denial(unknown, KEY, itself, RiskPolicy(scale_in=scale_in)) is Reason.ORDER_UNANSWERED
    assert denial(unknown, ("other", "token"), itself, RiskPolicy(scale_in=scale_in)) is Reason.ORDER_UNANSWERED
    assert denial(unknown, ("leader", "other"), itself, RiskPolicy(scale_in=scale_in)) is None


def test_a_token_is_held_once_whoever_we_follow_into_it() -> None:
    assert denial(portfolio({("other", "token"): holding()}), KEY, itself, POLICY) is Reason.TOKEN_ALREADY_HELD
    assert denial(portfolio({("leader", "other"): holding()}), KEY, itself, POLICY) is None


@pytest.mark.parametrize(("scale_in", "expected"), [(False, Reason.TOKEN_ALREADY_HELD), (True, None)])
def test_adding_to_a_position_is_a_choice(scale_in: bool, expected: Reason | None) -> None:
    assert denial(portfolio({KEY: holding()}), KEY, itself, RiskPolicy(scale_in=scale_in)) is expected


def test_scaling_in_does_not_open_a_token_that_another_leader_brought() -> None:
    assert denial(portfolio({("other", "token"): holding()}), KEY, itself, RiskPolicy(scale_in=True)) is Reason.TOKEN_ALREADY_HELD


# How much room.


@pytest.mark.parametrize(
    ("holdings", "changes", "expected"),
    [
        ({}, {}, 2_500),  # a quarter of 10,000 in one token
        ({}, {"max_token_fraction": 1}, 5_000),  # half of it behind one leader
        ({("leader", "other"): 4_000}, {"max_token_fraction": 1}, 1_000),
        ({("leader", "other"): 6_000}, {}, -1_000),  # over the cap already
        ({KEY: 100}, {"max_position_notional": 300}, 200),
        ({("other", "other"): 9_950}, {"max_exposure": 10_000}, 50),
    ],
)
def test_room_is_what_the_tightest_cap_leaves(holdings: dict[tuple[str, str], int], changes: dict[str, object], expected: int) -> None:
    held = {key: holding(cost) for key, cost in holdings.items()}
    assert room(portfolio(held), KEY, itself, RiskPolicy(**changes)) == expected


def test_all_wallets_of_an_owner_share_its_room() -> None:
    held = {("its other wallet", "other"): holding(4_000)}
    shared = RiskPolicy(max_token_fraction=1)
    assert room(portfolio(held), KEY, lambda wallet: "owner", shared) == 1_000
    assert room(portfolio(held), KEY, itself, shared) == 5_000


@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.decimals(0, 5_000, places=2)), st.booleans())
def test_using_the_room_up_reaches_a_cap_and_passes_none(held: dict[tuple[str, str], Decimal], one_owner: bool) -> None:
    def owner(wallet: str) -> str:
        return "owner" if one_owner else wallet

    key = ("a", "x")
    before = portfolio({other: holding(cost) for other, cost in held.items()})
    left = room(before, key, owner, POLICY)
    if left > 0:
        after = before.after_buy(key, "market", left)
        assert room(after, key, owner, POLICY) == 0
        assert after.exposure <= POLICY.max_exposure
        assert sum(held.cost for (_, token), held in after.holdings.items() if token == "x") <= 2_500
        assert sum(held.cost for (leader, _), held in after.holdings.items() if owner(leader) == owner("a")) <= 5_000
