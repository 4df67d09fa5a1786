"""Launches and trades of curves whose programs name the pool only: mint, wallet and money come from the transaction around them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from data_contracts import Side
from domain.discovery.first_buyers import LaunchPlace, early_buyers
from domain.discovery.launch_events import seen_of, trades_in
from domain.solana.base58 import decode_base58, encode_base58
from domain.solana.events import SELF_CALL
from domain.solana.launchpads.launchpads import LAUNCHPADS
from domain.solana.programs import USD1, WSOL, Program
from domain.solana.transactions import ChainTransaction, Instruction
from tests.solana_transactions import FIRST_SECOND, SOL, Making

POOL = encode_base58(bytes(range(1, 33)))
KEYS = decode_base58(POOL)
CREATOR = encode_base58(bytes(range(2, 34)))


def event(program: Program, name: str, *parts: bytes) -> Instruction:
    """As the program sends it to itself."""
    (layout,) = (one for one in LAUNCHPADS[program].layouts.values() if one.name == name)
    return Instruction(program, (), SELF_CALL + layout.discriminator + b"".join(parts), 0, 0, 2)


def u64s(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(8, "little") for number in numbers)


def launchlab_trade(amount_in: int, amount_out: int, fee: int, side: Side) -> Instruction:
    """Pool; nine reserves; in, out; four fees, of which the first is not 0; side, status, exact in."""
    numbers = u64s(*[10**9] * 7, amount_in, amount_out, fee, 0, 0, 0)
    return event(Program.RAYDIUM_LAUNCHLAB, "TradeEvent", KEYS, numbers, bytes([side is Side.SELL, 0, 1]))


def meteora_trade(amount_in: int, amount_out: int, fee: int, side: Side) -> Instruction:
    """Pool, config; direction, no referral; what was asked; what came of it; reserves and time."""
    result = u64s(amount_in, amount_in - (fee if side is Side.BUY else 0), 0, amount_out) + bytes(16) + u64s(fee, 0, 0)
    head = KEYS + bytes(32) + bytes([side is Side.BUY, 0]) + u64s(amount_in, 0) + b"\0"
    return event(Program.METEORA_DBC, "EvtSwap2", head, result, u64s(0, 0, 0))


def buying(wallet: str, money: int, coins: int, slot: int, call: Instruction, mint: str = WSOL) -> ChainTransaction:
    """The curve's vaults are of an authority that all its pools share."""
    making = Making(payer=wallet, signers=(wallet,)).give(mint, wallet, "AUTHORITY", money).give("COIN", "AUTHORITY", wallet, coins)
    at = FIRST_SECOND + timedelta(seconds=slot - 1_000)
    return making.done(signature=f"buy {wallet}", slot=slot, block_time=at, instructions=(call,))


def selling(wallet: str, money: int, coins: int, slot: int, call: Instruction) -> ChainTransaction:
    making = Making(payer=wallet, signers=(wallet,)).give("COIN", wallet, "AUTHORITY", coins).give(WSOL, "AUTHORITY", wallet, money)
    at = FIRST_SECOND + timedelta(seconds=slot - 1_000)
    return making.done(signature=f"sell {wallet}", slot=slot, block_time=at, instructions=(call,))


def launching(program: Program) -> ChainTransaction:
    if program is Program.METEORA_DBC:
        call = event(program, "EvtInitializePool", KEYS, bytes(32), decode_base58(CREATOR), bytes(32))
    else:
        words = b"".join(len(word).to_bytes(4, "little") + word for word in (b"Coin", b"C", b"u"))
        curve = b"\0" + u64s(10**15, 8 * 10**14, 85 * SOL) + b"\0"
        call = event(program, "PoolCreateEvent", KEYS, decode_base58(CREATOR), bytes(32), b"\6" + words + curve)
    made = Making(payer="LAUNCHER", signers=("LAUNCHER",)).mint("COIN", "AUTHORITY", 10**15)
    return made.done(signature="launch", slot=1_000, instructions=(call,))


@pytest.mark.parametrize(("program", "said"), [(Program.RAYDIUM_LAUNCHLAB, launchlab_trade), (Program.METEORA_DBC, meteora_trade)])
def test_first_buyers_of_another_launchpad_are_found_as_those_of_pump(program: Program, said: object) -> None:
    """EARLY pays 2 SOL and gets 3 for 95 % of it; LATER only buys. Of 2 SOL 0.02 are a fee, which stays in the vault."""
    assert callable(said)
    stream = [
        launching(program),
        buying("EARLY", 2 * SOL, 1_000, 1_100, said(2 * SOL, 1_000, SOL // 50, Side.BUY)),
        buying("LATER", SOL, 400, 1_150, said(SOL, 400, SOL // 100, Side.BUY)),
        selling("EARLY", 3 * SOL, 950, 1_200, said(950, 3 * SOL, SOL // 33, Side.SELL)),
    ]
    coin = seen_of(stream, "COIN", curves=[POOL])
    assert coin.launch is not None
    assert (coin.launch.launch.creator, coin.launch.launch.user, coin.launch.slot) == (CREATOR, "LAUNCHER", 1_000)
    assert [(one.trade.user, one.trade.side, one.trade.quote_mint) for one in coin.trades] == [
        ("EARLY", Side.BUY, WSOL),
        ("LATER", Side.BUY, WSOL),
        ("EARLY", Side.SELL, WSOL),
    ]
    place = LaunchPlace(coin.launch.launch, coin.launch.slot, coin.launch.at, 6)
    early, later = early_buyers(place, coin.trades, FIRST_SECOND)
    assert (early.wallet, early.spent, early.received, early.is_candidate) == ("EARLY", 2, 3, True)
    assert (later.wallet, later.is_candidate) == ("LATER", False)
    assert len(list(trades_in(stream, coin, "test", FIRST_SECOND))) == 3


def test_a_curve_quoted_in_dollars_is_not_counted_in_sol() -> None:
    """200 USD1 of 6 digits would be 0.2 SOL."""
    stream = [buying("W", 200_000_000, 1_000, 1_100, launchlab_trade(200_000_000, 1_000, 0, Side.BUY), mint=USD1)]
    (one,) = seen_of(stream, "COIN", curves=[POOL]).trades
    assert (one.trade.user, one.trade.quote_mint) == ("W", USD1)


def test_who_traded_is_nobody_where_two_got_as_much() -> None:
    making = Making(payer="RELAYER", signers=("RELAYER",)).give(WSOL, "A", "AUTHORITY", SOL)
    both = making.give("COIN", "AUTHORITY", "A", 500).give("COIN", "AUTHORITY", "B", 500)
    read = both.done(instructions=(launchlab_trade(SOL, 500, 0, Side.BUY),))
    (one,) = seen_of([read], "COIN", curves=[POOL]).trades
    assert one.trade.user == ""


def test_another_curve_in_the_same_transaction_is_not_this_coin() -> None:
    read = buying("W", SOL, 500, 1_100, launchlab_trade(SOL, 500, 0, Side.BUY))
    assert seen_of([read], "COIN", curves=["another"]).trades == ()
    failed: Sequence[ChainTransaction] = [replace(read, error="6001")]
    assert seen_of(failed, "COIN", curves=[POOL]).trades == ()
