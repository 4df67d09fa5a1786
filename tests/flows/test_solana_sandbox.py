"""The whole of Solana's path over the sandbox's own chain: wallets that trade there are read, copied by quotes, and left."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters.connect import in_memory, open_history
from data_contracts import Currency, Fill, Leader, Order, OrderStatus, Position, Reason, Side, Signal, Trade, Venue
from data_contracts.frames import rows_of
from domain.copying.policy import FirewallPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy
from sandbox.solana.people import Person
from tasks.steps import bare_steps
from tests.flows.conftest import Tape, TapeHouse, served
from tests.solana_sandbox import StandingClock, small_solana

SKILLED = [Person("wallet", place).address(7) for place in range(12)]
CYCLES = 30
POLICY = Policy(
    firewall=FirewallPolicy(max_age_s=120),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(20), min_notional=Decimal("0.01"), max_notional=Decimal(1)),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20),
    ordering=OrderPolicy(max_slippage=Decimal("0.20")),
)


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A house in memory that followed the twelve who know something for a quarter of an hour; and the chain as it was."""
    clock = StandingClock()
    solana = small_solana(clock)
    tape = Tape(tmp_path_factory.mktemp("home") / "tape")
    tape.trade(0, "0x" + "b" * 40, "BUY", "1000", "0.40")
    with contextmanager(served)(Starlette(routes=solana.routes())) as url, in_memory(tape.write()) as settings:
        house = TapeHouse(settings)
        found = {"solana_rpc_url": SecretStr(f"{url}/solana"), "jupiter_url": f"{url}/jupiter", "dexscreener_url": f"{url}/dexscreener"}
        calls = {"solana_rpc_calls_per_s": 10_000.0, "jupiter_calls_per_s": 10_000.0}
        house = replace(house, settings=house.settings.model_copy(update=found | calls))
        own = replace(house.strategy("sols", "mirror", POLICY), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(100))
        begin = datetime.fromtimestamp(clock.now_s, UTC)
        house.put(own, *(Leader(strategy_id="sols", wallet=one, why="test", chosen_at=begin, dropped_at=None) for one in SKILLED))
        for number in range(CYCLES):
            clock.now_s += 30
            cycle(house, begin + timedelta(seconds=30 * (number + 1)))
        yield house, solana.chain, begin


def cycle(house: Any, as_of: datetime) -> None:
    from flows.copy_trading import copy_cycle

    with bare_steps(checked=True):
        copy_cycle(house.settings, as_of)


def test_what_they_traded_is_copied_and_left_with_them(copied: Any) -> None:
    """Each trade of the twelve is in store as the world did it; purchases were copied, and what they sold is sold."""
    house, chain, begin = copied
    end = begin + timedelta(seconds=30 * CYCLES)
    stored = rows_of(open_history(house.settings).trades(begin, end, SKILLED), Trade)
    told = {
        (chain.blocks.signature(placed), truth.wallet, truth.kind)
        for placed in chain.blocks
        for truth in placed.did.truths()
        if truth.kind in ("buy", "sell") and truth.wallet in SKILLED and not placed.did.error
    }
    assert {(trade.tx_hash, trade.wallet, trade.side.lower()) for trade in stored} <= told
    assert len(stored) > 10
    reasons = [signal.reason for signal in house.rows(Signal)]
    assert Reason.LEADER_TRADED in reasons
    assert not {Reason.MARKET_UNKNOWN, Reason.FEED_LATE, Reason.VENUE_UNSAFE} & set(reasons)
    filled = [order for order in house.rows(Order) if order.status is OrderStatus.FILLED]
    assert {order.side for order in filled} == {Side.BUY, Side.SELL}
    assert Reason.LEADER_EXITED in {position.exit_reason for position in house.rows(Position)}


def test_what_is_booked_is_what_was_filled(copied: Any) -> None:
    """To the lamport: what positions hold and realized is what their fills come to."""
    house, _, _ = copied
    for position in house.rows(Position):
        fills = [fill for fill in house.rows(Fill) if (fill.leader, fill.token_id) == (position.leader, position.token_id)]
        shares = sum((fill.shares if fill.side is Side.BUY else -fill.shares for fill in fills), Decimal(0))
        money = sum((fill.notional * (1 if fill.side is Side.SELL else -1) - fill.fee for fill in fills), Decimal(0))
        assert position.shares == shares
        assert position.realized_pnl - position.cost == money
