"""Where a coin was traded."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.pool_addresses import curve_address, pool_address
from adapters.feeds.solana.rpc_transactions import read_row
from domain.solana.swaps import read_swaps
from domain.solana.trades import trades_of
from domain.solana.transactions import ChainTransaction
from tests.solana_transactions import SOL, Making

AT = datetime(2026, 11, 28, tzinfo=UTC)


def pools(transaction: Any, owner: str = "") -> list[str]:
    assert isinstance(transaction, ChainTransaction)
    wallet = owner or transaction.fee_payer
    return [trade.pool for trade in trades_of(read_swaps(transaction, wallet), transaction, "test", AT)]


def test_a_curve_is_whoever_gave_the_coin() -> None:
    making = Making().pay("OWNER", "CURVE", SOL).pay("OWNER", "FEES", SOL // 100).give("COIN", "CURVE", "OWNER", 10**6)
    assert pools(making.done(), "OWNER") == ["CURVE"]


def test_of_two_pools_it_is_the_one_that_gave_more() -> None:
    making = Making().pay("OWNER", "SMALL", SOL).give("COIN", "SMALL", "OWNER", 10**6)
    making.pay("OWNER", "LARGE", 3 * SOL).give("COIN", "LARGE", "OWNER", 3 * 10**6)
    assert pools(making.done(), "OWNER") == ["LARGE"]


def test_a_recorded_purchase_on_a_curve_names_the_curve_that_follows_from_its_mint(recorded: Any) -> None:
    row = recorded("transactions/raw_open.json")
    transaction = read_row(row.get("result", row))
    assert isinstance(transaction, ChainTransaction)
    (trade,) = trades_of(read_swaps(transaction, transaction.fee_payer), transaction, "rpc", AT)
    assert trade.pool == curve_address(trade.token_id)


def test_a_recorded_sale_on_pump_swap_names_its_pool(recorded: Any) -> None:
    (payload,) = [recorded("helius/webhook_pump_amm_sell_1756173223.json")]
    row = payload[0] if isinstance(payload, list) else payload
    transaction = read_enhanced(row)
    assert isinstance(transaction, ChainTransaction)
    (trade,) = trades_of(read_swaps(transaction, transaction.fee_payer), transaction, "helius", AT)
    assert trade.pool == pool_address(trade.token_id)


@pytest.mark.parametrize("side", [1, -1])
def test_a_sale_and_a_purchase_name_the_same_pool(side: int) -> None:
    making = Making()
    if side > 0:
        making.pay("OWNER", "CURVE", SOL).give("COIN", "CURVE", "OWNER", 10**6)
    else:
        making.give("COIN", "OWNER", "CURVE", 10**6).take("CURVE", "OWNER", SOL)
    assert pools(making.done(), "OWNER") == ["CURVE"]
