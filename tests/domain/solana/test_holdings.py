"""Average cost and first in first out, over what a wallet did with its coins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.solana.holdings import Deed, Holding, HoldingPolicy, Lot, fold

SOL = 10**9
ALL_COUNTS = HoldingPolicy(least_spent=0)


def buy(raw: int, lamports: int, coin: str = "A") -> Deed:
    return Deed(None, 0, coin, raw, lamports)


def sell(raw: int, lamports: int, coin: str = "A") -> Deed:
    return Deed(coin, raw, None, 0, lamports)


def came(raw: int, coin: str = "A") -> Deed:
    return Deed(None, 0, coin, raw)


def went(raw: int, coin: str = "A") -> Deed:
    return Deed(coin, raw, None, 0)


def held(*deeds: Deed, coin: str = "A") -> Holding:
    return fold(deeds)[coin]


def test_first_in_is_first_out_and_the_average_is_the_average() -> None:
    """1,000 for 1 SOL and 1,000 for 3; 500 of them sold for 1.5. First in: 1.5 - 0.5 = 1; average: 1.5 - 4 x 500/2,000 = 0.5."""
    holding = held(buy(1_000, SOL), buy(1_000, 3 * SOL), sell(500, 3 * SOL // 2))
    assert (holding.realized_first_in, holding.realized_pnl) == (SOL, SOL // 2)
    assert holding.lots == (Lot(500, SOL // 2), Lot(1_000, 3 * SOL))
    assert (holding.raw, holding.average_cost) == (1_500, 3 * SOL)


def test_what_is_sent_away_takes_its_cost_along_and_realizes_nothing() -> None:
    holding = held(buy(1_000, 2 * SOL), went(250), sell(750, 3 * SOL))
    assert (holding.realized_pnl, holding.realized_first_in, holding.raw) == (3 * SOL - 3 * SOL // 2, 3 * SOL - 3 * SOL // 2, 0)


def test_what_came_by_transfer_is_sold_at_a_result_nobody_knows() -> None:
    """300 bought for 3 SOL and 100 given: a sale of all for 8 brings 6 to what was bought."""
    holding = held(buy(300, 3 * SOL), came(100), sell(400, 8 * SOL))
    assert (holding.realized_pnl, holding.realized_first_in) == (3 * SOL, 3 * SOL)
    assert (holding.sold_of_unknown_cost, holding.is_unbacked) == (100, True)


def test_first_in_sells_what_came_first_even_if_its_cost_is_unknown() -> None:
    """100 given, then 300 bought for 3: of a sale of 100 the one method knows nothing, the other three quarters (2 x 3/4 - 3 x 75/300)."""
    holding = held(came(100), buy(300, 3 * SOL), sell(100, 2 * SOL))
    assert (holding.realized_first_in, holding.realized_pnl) == (0, 3 * SOL // 2 - 3 * SOL // 4)


def test_a_coin_for_a_coin_carries_the_cost_and_realizes_nothing() -> None:
    holdings = fold([buy(1_000, 2 * SOL), Deed("A", 500, "B", 40), sell(40, 3 * SOL, "B")])
    assert (holdings["A"].realized_pnl, holdings["A"].average_cost) == (0, SOL)
    assert (holdings["B"].realized_pnl, holdings["B"].realized_first_in) == (2 * SOL, 2 * SOL)


def test_of_half_known_coins_half_the_cost_is_carried() -> None:
    """100 bought for 1 SOL and 100 given, all exchanged for 50: 25 of them cost 1 SOL, 25 nobody knows."""
    holding = fold([buy(100, SOL), came(100), Deed("A", 200, "B", 50)])["B"]
    assert (holding.lots, holding.known_raw, holding.average_cost) == ((Lot(25, SOL), Lot(25, None)), 25, SOL)


def test_a_coin_that_was_not_held_carries_no_cost() -> None:
    holding = fold([Deed("C", 10, "D", 10), sell(10, SOL, "D")])["D"]
    assert (holding.realized_pnl, holding.is_unbacked) == (0, True)


def test_what_was_traded_at_a_price_nobody_knows_is_said() -> None:
    sold = held(buy(100, SOL), Deed("A", 100, None, 0, None, is_unpriced=True))
    assert (sold.realized_pnl, sold.raw, sold.is_unbacked) == (0, 0, True)
    assert held(Deed(None, 0, "A", 100, None, is_unpriced=True)).known_raw == 0


@pytest.mark.parametrize(("lamports", "known"), [(SOL // 100 - 1, 0), (SOL // 100, 1_000)])
def test_less_than_a_hundredth_of_a_sol_buys_nothing_whose_cost_means_something(lamports: int, known: int) -> None:
    holding = held(buy(1_000, lamports))
    assert (holding.raw, holding.known_raw) == (1_000, known)


@pytest.mark.parametrize(("sold", "closed"), [(979, False), (980, True), (1_000, True)])
def test_next_to_nothing_left_is_nothing(sold: int, closed: bool) -> None:
    assert held(buy(1_000, SOL), sell(sold, SOL)).is_closed is closed


def test_what_is_bought_again_after_all_was_gone_is_measured_anew() -> None:
    assert not held(buy(1_000, SOL), sell(1_000, SOL), buy(10, SOL)).is_closed


RAW, LAMPORTS = st.integers(1, 10**18), st.integers(0, 10**13)
TRADES = st.lists(st.one_of(st.builds(buy, RAW, LAMPORTS), st.builds(sell, RAW, LAMPORTS)), max_size=12)


@given(TRADES)
def test_no_lamport_is_lost_between_what_was_paid_received_realized_and_left(deeds: list[Deed]) -> None:
    """Of buys and sales that were held: received - paid = realized - cost of what is left, whichever way lots are chosen."""
    backed, raw = [], 0
    for deed in deeds:
        raw += deed.got_raw - deed.gave_raw
        if raw < 0:
            raw += deed.gave_raw
            continue
        backed.append(deed)
    holding = fold(backed, ALL_COUNTS).get("A", Holding())
    spent = holding.received - holding.paid
    assert spent == holding.realized_pnl - holding.average_cost
    assert spent == holding.realized_first_in - sum(lot.cost or 0 for lot in holding.lots)
    assert holding.raw == holding.known_raw == raw


@given(TRADES)
def test_when_all_is_sold_both_ways_realized_the_same(deeds: list[Deed]) -> None:
    holding = fold([*deeds, sell(10**21, 0)], ALL_COUNTS)["A"]
    assert (holding.raw, holding.average_cost) == (0, 0)
    if not holding.is_unbacked:
        assert holding.realized_pnl == holding.realized_first_in


@given(
    st.lists(
        st.one_of(st.builds(buy, RAW, LAMPORTS), st.builds(sell, RAW, LAMPORTS), st.builds(came, RAW), st.builds(went, RAW)), max_size=12
    )
)
def test_nothing_held_is_ever_negative(deeds: list[Deed]) -> None:
    holding = fold(deeds, ALL_COUNTS).get("A", Holding())
    assert 0 <= holding.known_raw <= holding.raw
    assert holding.average_cost >= 0
    assert all(lot.raw > 0 and (lot.cost is None or lot.cost >= 0) for lot in holding.lots)
