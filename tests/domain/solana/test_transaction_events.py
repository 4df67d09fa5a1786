"""What programs said happened, and what the wallet's balances say: two readings of one transaction that must agree."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.rpc_transactions import read_answer
from domain.solana.events import SELF_CALL, Event
from domain.solana.happenings import PoolMints, PoolTrade
from domain.solana.launchpads.launchpads import LAUNCHPADS, happenings_of
from domain.solana.programs import USDC, WSOL, Program
from domain.solana.swaps import read_swaps
from domain.solana.transaction_events import events_in
from domain.solana.transactions import ChainTransaction, Instruction
from tests.solana_transactions import SOL, Making

(TRADE,) = (one for one in LAUNCHPADS[Program.PUMP].layouts.values() if one.name == "TradeEvent")
EVENT = TRADE.discriminator + bytes(32) + b"".join(number.to_bytes(8, "little") for number in (2 * SOL, 59)) + b"\1" + bytes(32) + bytes(24)


def said(transaction: ChainTransaction) -> list[tuple[str, int, int]]:
    events = [event for event in events_in(transaction) if isinstance(event, Event)]
    return [(event.name, event.amount("sol_amount"), event.amount("token_amount")) for event in events]


@pytest.fixture
def bought() -> ChainTransaction:
    return Making().pay("OWNER", "CURVE", 2 * SOL).give("COIN", "CURVE", "OWNER", 59).done()


def test_an_event_that_a_program_sends_itself_is_read(bought: ChainTransaction) -> None:
    call = Instruction(Program.PUMP, (), SELF_CALL + EVENT, 0, 3, 3)
    assert said(replace(bought, instructions=(call,))) == [("TradeEvent", 2 * SOL, 59)]


def test_an_instruction_that_only_begins_like_an_event_is_none(bought: ChainTransaction) -> None:
    assert events_in(replace(bought, instructions=(Instruction(Program.PUMP, (), EVENT, 0),))) == ()


def test_an_event_in_the_log_belongs_to_the_program_that_was_running(bought: ChainTransaction) -> None:
    """The router's own data looks the same and is none of pump's."""
    logged = f"Program data: {b64encode(EVENT).decode()}"
    logs = ("Program ROUTER invoke [1]", f"Program {Program.PUMP} invoke [2]", logged, f"Program {Program.PUMP} success", logged)
    assert said(replace(bought, logs=logs)) == [("TradeEvent", 2 * SOL, 59)]


def test_what_is_written_both_ways_happened_once(bought: ChainTransaction) -> None:
    call = Instruction(Program.PUMP, (), SELF_CALL + EVENT, 0, 3, 3)
    logs = (f"Program {Program.PUMP} invoke [1]", f"Program data: {b64encode(EVENT).decode()}")
    assert said(replace(bought, instructions=(call,), logs=logs)) == [("TradeEvent", 2 * SOL, 59)]
    assert len(said(replace(bought, instructions=(call, call), logs=logs))) == 2


@pytest.mark.parametrize("line", ["Program data: ???", "Program data:", "Program data: ", "Log truncated", "Program", ""])
def test_a_log_that_says_nothing_is_no_error(bought: ChainTransaction, line: str) -> None:
    assert events_in(replace(bought, logs=(f"Program {Program.PUMP} invoke [1]", line))) == ()


def test_a_failed_transaction_said_nothing(bought: ChainTransaction) -> None:
    call = Instruction(Program.PUMP, (), SELF_CALL + EVENT, 0, 3, 3)
    assert events_in(replace(bought, instructions=(call,), error="failed")) == ()


@pytest.mark.parametrize(
    ("path", "is_turned"),
    [
        ("transactions/raw_open.json", False),
        ("transactions/raw_fail.json", False),
        ("transactions/agavesim_json2.json", True),
        ("transactions/chainstack_raw_create_tx.json", False),
        ("chainstack/learning-examples/raw_create_tx_from_gettransaction.json", False),
        ("chainstack/learning-examples/raw_buy_tx_from_gettransaction.json", False),
    ],
)
def test_recorded_events_and_balances_say_the_same(recorded: Any, path: str, is_turned: bool) -> None:
    """The same side, coin, coins and money without fees, found in two ways that share no line."""
    transaction = read_answer(recorded(path))
    assert isinstance(transaction, ChainTransaction)
    trade = traded(transaction, is_turned)
    (swap,) = read_swaps(transaction, trade.user).swaps
    assert (swap.side, swap.coin.mint, swap.coin.raw, swap.counter.raw) == (trade.side, trade.mint, trade.token_raw, trade.quote_raw)


def test_a_fee_that_meteora_keeps_in_its_vault_is_seen_by_the_event_alone(recorded: Any) -> None:
    """The event says 0.196 SOL and a fee of 0.004, the balances 0.2."""
    transaction = read_enhanced(recorded("helius/launchpad_buyDBCWebhookRes.json"))
    assert isinstance(transaction, ChainTransaction)
    trade = traded(transaction, False)
    (swap,) = read_swaps(transaction, transaction.fee_payer).swaps
    assert (swap.coin.raw, swap.counter.raw) == (trade.token_raw, trade.user_quote_raw)
    assert (trade.quote_raw, trade.fee_raw) == (196_000_000, 4_000_000)


def traded(transaction: ChainTransaction, is_turned: bool) -> PoolTrade:
    """The one trade its events tell of."""
    events = [event for event in events_in(transaction) if isinstance(event, Event)]
    (coin,) = {token.mint for token in transaction.tokens} - {WSOL, USDC}
    mints = PoolMints(WSOL, coin) if is_turned else PoolMints(coin, WSOL)
    happened = happenings_of(events, {account.address: mints for account in transaction.accounts})
    (trade,) = (one for one in happened if isinstance(one, PoolTrade))
    return trade
