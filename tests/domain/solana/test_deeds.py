"""From readings to what a wallet's coins cost and brought, in SOL and all told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.solana.deeds import deeds_of
from domain.solana.holdings import Deed, fold
from domain.solana.programs import USDC
from domain.solana.swaps import read_swaps
from domain.solana.tips import JITO
from tests.solana_transactions import SOL, Making

RATE = Decimal(150)  # USD for a SOL


def deeds(making: Making, rate: Decimal | None = None) -> list[Deed]:
    return list(deeds_of(read_swaps(making.done(), "OWNER"), rate))


def test_a_purchase_costs_its_price_and_fees_and_no_deposit() -> None:
    """2 SOL + fee 0.02 + tip 0.055 + network 0.000005; the deposit comes back."""
    making = Making().open("OWNER", "COIN").pay("OWNER", "CURVE", 2 * SOL).give("COIN", "CURVE", "OWNER", 59)
    making.pay("OWNER", "VENUE", 20_000_000).pay("OWNER", JITO.split()[0], 55_000_000, True)
    assert deeds(making) == [Deed(None, 0, "COIN", 59, 2_075_005_000)]


def test_a_sale_brings_what_its_costs_leave() -> None:
    making = Making().give("COIN", "OWNER", "CURVE", 59).take("CURVE", "OWNER", SOL).take("CURVE", "VENUE", 10_000_000)
    assert deeds(making) == [Deed("COIN", 59, None, 0, SOL + 10_000_000 - 10_000_000 - 5_000)]


def dollars(raw: int) -> Making:
    return Making().give("COIN", "OWNER", "POOL", 59).give(USDC, "POOL", "OWNER", raw)


def test_dollars_count_at_the_rate_of_their_instant() -> None:
    """225 USDC at 150 are 1.5 SOL, less 5,000 lamports."""
    assert deeds(dollars(225_000_000), RATE) == [Deed("COIN", 59, None, 0, 1_500_000_000 - 5_000)]


def test_dollars_without_a_rate_are_worth_what_nobody_knows() -> None:
    assert deeds(dollars(225_000_000)) == [Deed("COIN", 59, None, 0, None, is_unpriced=True)]


def test_dollars_that_were_sol_on_the_way_need_no_rate() -> None:
    making = Making().give(USDC, "OWNER", "A", 200_000_000).give("So11111111111111111111111111111111111111112", "A", "B", SOL)
    assert deeds(making.give("COIN", "B", "OWNER", 7), RATE) == [Deed(None, 0, "COIN", 7, SOL + 5_000)]


def test_costs_of_a_transaction_are_shared_by_its_swaps_to_the_lamport() -> None:
    """5,001 lamports over purchases of 2 SOL and 1: 3,334 and 1,667."""
    making = (
        Making(fee=5_001).pay("OWNER", "A", 2 * SOL).give("COIN", "A", "OWNER", 5).pay("OWNER", "B", SOL).give("COIN2", "B", "OWNER", 7)
    )
    assert deeds(making) == [Deed(None, 0, "COIN", 5, 2 * SOL + 3_334), Deed(None, 0, "COIN2", 7, SOL + 1_667)]


def test_a_coin_for_a_coin_is_one_deed() -> None:
    assert deeds(Making().give("COIN", "OWNER", "POOL", 500).give("COIN2", "POOL", "OWNER", 7)) == [Deed("COIN", 500, "COIN2", 7)]


@pytest.mark.parametrize(
    ("making", "deed"),
    [
        (Making().give("COIN", "OWNER", "FRIEND", 5), Deed("COIN", 5, None, 0)),
        (Making().give("COIN", "AIRDROP", "OWNER", 5), Deed(None, 0, "COIN", 5)),
    ],
)
def test_transfers_move_coins_and_no_money(making: Making, deed: Deed) -> None:
    assert deeds(making) == [deed]


def test_what_is_left_over_on_a_route_came_for_nothing() -> None:
    making = Making().pay("OWNER", "A", SOL).give("MIDDLE", "A", "OWNER", 1_000).give("MIDDLE", "OWNER", "B", 997)
    assert deeds(making.give("COIN", "B", "OWNER", 7)) == [Deed(None, 0, "COIN", 7, SOL + 5_000), Deed(None, 0, "MIDDLE", 3)]


def test_a_failed_transaction_does_nothing_to_any_coin() -> None:
    transaction = replace(dollars(5).done(), error="failed")
    assert list(deeds_of(read_swaps(transaction, "OWNER"))) == []


def test_a_round_trip_realizes_what_the_wallets_sol_says() -> None:
    """Bought for 1 SOL + 0.01, sold for 1.5 - 0.015, twice 5,000 lamports; the deposit of 2,039,280 was paid and returned."""
    buying = Making().open("OWNER", "COIN").pay("OWNER", "CURVE", SOL).pay("OWNER", "VENUE", SOL // 100).give("COIN", "CURVE", "OWNER", 59)
    selling = Making().give("COIN", "OWNER", "CURVE", 59).take("CURVE", "OWNER", 1_485_000_000).take("CURVE", "VENUE", 15_000_000)
    selling.close("OWNER", "COIN")
    both = [buying.done(), selling.done()]
    holding = fold(deed for one in both for deed in deeds_of(read_swaps(one, "OWNER")))["COIN"]
    assert holding.realized_pnl == holding.realized_first_in == sum(one.sol_change("OWNER") for one in both)
    assert holding.realized_pnl == 475_000_000 - 10_000
