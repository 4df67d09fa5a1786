"""Swaps as Trade rows: every digit of SOL and coin, and no row where nobody knows the price."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from data_contracts import Side, Trade, Venue
from data_contracts.frames import frame_of, rows_of
from domain.solana.programs import USDC, WSOL
from domain.solana.swaps import read_swaps
from domain.solana.trades import trades_of, unpriced
from domain.solana.transactions import ChainTransaction
from tasks.fast_check import breaches
from tests.solana_transactions import FIRST_SECOND, SOL, Making

SEEN_AT = FIRST_SECOND + timedelta(seconds=1)
COIN, WALLET = "COin111111111111111111111111111111111111111", "owner11111111111111111111111111111111111111"


def trades(transaction: ChainTransaction, rate: str | None = None, owner: str = "OWNER") -> list[Trade]:
    return list(trades_of(read_swaps(transaction, owner), transaction, "helius", SEEN_AT, None if rate is None else Decimal(rate)))


def bought(raw: int, lamports: int, decimals: int = 6) -> ChainTransaction:
    making = Making().pay("OWNER", "CURVE", lamports).give("COIN", "CURVE", "OWNER", raw)
    making.decimals["COIN"] = decimals
    return making.done()


def test_a_purchase_is_a_row_with_every_digit() -> None:
    """59,023,574.727001 of a coin for 2 SOL."""
    (trade,) = trades(bought(59_023_574_727_001, 2 * SOL))
    assert (trade.venue, trade.side, trade.wallet, trade.token_id, trade.market_id) == (Venue.SOLANA, Side.BUY, "OWNER", "COIN", "COIN")
    assert (trade.shares, trade.notional) == (Decimal("59023574.727001"), Decimal("2.000000000"))
    assert trade.price == Decimal("0.000000033884765693")
    assert (trade.traded_at, trade.seen_at, trade.tx_hash, trade.ordinal) == (FIRST_SECOND, SEEN_AT, "S", 0)


def test_a_sale_is_a_row() -> None:
    making = Making().give("COIN", "OWNER", "CURVE", 10**6).take("CURVE", "OWNER", 3)
    (trade,) = trades(making.done())
    assert (trade.side, trade.shares, trade.notional, trade.price) == (Side.SELL, Decimal(1), Decimal("3e-9"), Decimal("3e-9"))


@pytest.mark.parametrize("decimals", [0, 6, 9, 18])
def test_the_largest_amount_there_is_keeps_its_digits(decimals: int) -> None:
    making = Making().pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 2**64 - 1)
    making.decimals["COIN"] = decimals
    (trade,) = trades(making.done())
    assert int(trade.shares.scaleb(decimals)) == 2**64 - 1


def dollars() -> ChainTransaction:
    return Making().give("COIN", "OWNER", "POOL", 10**6).give(USDC, "POOL", "OWNER", 225_000_000).done()


def test_dollars_are_sol_at_the_rate_on_record() -> None:
    (trade,) = trades(dollars(), "150")
    assert (trade.notional, trade.price) == (Decimal("1.5"), Decimal("1.5"))


def test_without_a_rate_there_is_no_row_and_the_swap_is_said_to_have_none() -> None:
    assert trades(dollars()) == []
    (swap,) = unpriced(read_swaps(dollars(), "OWNER"))
    assert (swap.counter.mint, swap.counter.raw) == (USDC, 225_000_000)
    assert unpriced(read_swaps(dollars(), "OWNER"), Decimal(150)) == ()


def test_a_coin_for_a_coin_has_no_price_in_sol() -> None:
    transaction = Making().give("COIN", "OWNER", "POOL", 500).give("COIN2", "POOL", "OWNER", 7).done()
    assert trades(transaction, "150") == []
    assert len(unpriced(read_swaps(transaction, "OWNER"), Decimal(150))) == 1


def test_a_coin_for_a_coin_over_sol_is_two_rows() -> None:
    """A leader who leaves one coin for another has left it: the sale is there to be copied."""
    making = Making().give("COIN", "OWNER", "A", 500).give("So11111111111111111111111111111111111111112", "A", "B", SOL)
    rows = trades(making.give("COIN2", "B", "OWNER", 7).done())
    assert [(row.token_id, row.side, row.ordinal) for row in rows] == [("COIN", Side.SELL, 0), ("COIN2", Side.BUY, 1)]
    assert len({row.trade_id for row in rows}) == 2


def test_reading_again_finds_the_same_ids_and_another_wallet_has_others() -> None:
    making = Making(signers=("OWNER", "OTHER")).pay("OWNER", "CURVE", 2 * SOL).give("COIN", "CURVE", "OWNER", 20)
    transaction = making.pay("OTHER", "CURVE", SOL).give("COIN", "CURVE", "OTHER", 11).done()
    assert trades(transaction) == trades(transaction)
    assert {row.trade_id for row in trades(transaction)}.isdisjoint(row.trade_id for row in trades(transaction, owner="OTHER"))


def test_rows_of_one_second_keep_the_chains_order() -> None:
    one = bought(1, SOL)
    places = [(400_000_000, 9), (400_000_000, 10), (400_000_001, 0)]
    rows = [trades(replace(one, slot=slot, index=index))[0] for slot, index in places]
    assert sorted(rows, key=lambda row: row.sequence) == rows


@pytest.mark.parametrize("error", ["failed", None])
def test_what_is_no_trade_gives_no_row(error: str | None) -> None:
    assert trades(replace(Making().pay("OWNER", "FRIEND", SOL).done(), error=error)) == []


def test_a_transaction_whose_time_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="time of its block"):
        trades(replace(bought(1, SOL), block_time=None))


def test_the_rows_keep_their_contract_and_come_back_from_a_frame_as_they_were() -> None:
    making = Making(payer=WALLET, signers=(WALLET,)).pay(WALLET, "CURVE", 2 * SOL).give(COIN, "CURVE", WALLET, 59_023_574_727_001)
    rows = trades(making.done(), owner=WALLET)
    frame = frame_of(rows, Trade)
    assert list(breaches(frame, Trade)) == []
    assert rows_of(frame, Trade) == rows


def two_swaps() -> ChainTransaction:
    """COIN for 3 SOL, of which 1 SOL buys COIN2."""
    making = Making().give("COIN", "OWNER", "POOL", 500).give(WSOL, "POOL", "OWNER", 3 * SOL)
    return making.pay("OWNER", "CURVE", SOL).give("COIN2", "CURVE", "OWNER", 7).done()


def two_ways_to_pay() -> ChainTransaction:
    making = Making().pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 100)
    return making.give(USDC, "OWNER", "POOL", 150_000_000).give("COIN", "POOL", "OWNER", 99).done()


@pytest.mark.parametrize("transaction", [two_swaps(), two_ways_to_pay()], ids=["two coins", "two ways to pay"])
def test_a_transaction_has_the_same_trades_in_whatever_order_a_service_lists_its_accounts(transaction: ChainTransaction) -> None:
    """Helius lists accounts in another order than a node. The ids of its two trades were swapped: a wallet seen by both had four."""
    told = trades(transaction, "150")
    otherwise = replace(transaction, tokens=transaction.tokens[::-1], accounts=transaction.accounts[::-1])
    assert len(told) == 2
    assert trades(otherwise, "150") == told


def test_of_two_swaps_the_sale_that_paid_for_the_other_comes_first() -> None:
    assert [(trade.token_id, trade.side) for trade in trades(two_swaps())] == [("COIN", Side.SELL), ("COIN2", Side.BUY)]


@pytest.mark.parametrize("decimals", [19, 40, 100, 255])
def test_a_coin_with_more_decimals_than_any_table_has_is_set_aside_alone(decimals: int) -> None:
    """Whoever makes a coin may give it 255: its price was more than could be rounded, and the whole look at the chain was lost."""
    (trade,) = trades(bought(5, SOL, decimals))
    assert {breach.column for breach in breaches(frame_of([trade], Trade), Trade)} >= {"shares"}
