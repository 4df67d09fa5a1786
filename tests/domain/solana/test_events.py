"""Events of launchpads: recorded ones to the last byte, older and newer ones as far as they go, broken ones with their reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts import Side
from domain.solana.base58 import decode_base58, encode_base58
from domain.solana.events import SELF_CALL, Event, UnreadableEvent
from domain.solana.happenings import Graduation, Launch, PoolMints, PoolTrade
from domain.solana.launchpads.launchpads import LAUNCHPADS, happenings_of, read_event, unknown_pools
from domain.solana.programs import NATIVE, USDC, WSOL, Program

KEY = bytes(range(32))
WALLET = encode_base58(KEY)


def _events(transaction):
    """Every event that a recorded transaction's inner instructions carry."""
    result = transaction.get("result", transaction)
    message = result["transaction"]["message"]
    keys = [key["pubkey"] if isinstance(key, dict) else key for key in message["accountKeys"]]
    for group in result["meta"]["innerInstructions"]:
        for call in group["instructions"]:
            event = read_event(call.get("programId") or keys[call["programIdIndex"]], decode_base58(call.get("data", "")))
            if event is not None:
                yield event


def _trade_event(*extra: bytes, name: bytes = b"buy") -> bytes:
    numbers = b"".join(value.to_bytes(8, "little") for value in (2_000_000_000, 59_023_574_727_001))
    reserves = b"".join(value.to_bytes(8, "little") for value in (1_733_064_914, 34_041_649_591, 945_606_349_505_399))
    (layout,) = (one for one in LAUNCHPADS[Program.PUMP].layouts.values() if one.name == "TradeEvent")
    return SELF_CALL + layout.discriminator + KEY + numbers + b"\1" + KEY + reserves + b"".join(extra)


@pytest.mark.parametrize(
    ("program", "name", "first_bytes"),
    [
        (Program.PUMP, "TradeEvent", "bddb7fd34ee661ee"),
        (Program.PUMP, "CreateEvent", "1b72a94ddeeb6376"),
        (Program.PUMP, "CompleteEvent", "5f72619cd42e9808"),
        (Program.PUMP, "CompletePumpAmmMigrationEvent", "bde95db95c94ea94"),
        (Program.PUMP_SWAP, "BuyEvent", "67f4521f2cf57777"),
        (Program.PUMP_SWAP, "SellEvent", "3e2f370aa503dc2a"),
        (Program.PUMP_SWAP, "CreatePoolEvent", "b1310cd2a076a774"),
        (Program.RAYDIUM_LAUNCHLAB, "PoolCreateEvent", "97d7e20976a173ae"),
        (Program.RAYDIUM_LAUNCHLAB, "TradeEvent", "bddb7fd34ee661ee"),
    ],
)
def test_an_event_begins_with_the_bytes_its_program_publishes(program, name, first_bytes):
    assert LAUNCHPADS[program].layouts[bytes.fromhex(first_bytes)].name == name


def test_a_recorded_launch_and_its_first_buy_are_read_to_the_last_byte(recorded):
    events = list(_events(recorded("chainstack/learning-examples/raw_create_tx_from_gettransaction.json")))
    assert [(event.name, event.unknown_bytes, event.missing) for event in events] == [("CreateEvent", 0, ()), ("TradeEvent", 0, ())]
    launch, trade = happenings_of(events, {})
    assert isinstance(launch, Launch)
    assert launch.symbol == "TAS"
    assert launch.quote_mint == WSOL
    assert not launch.is_mayhem
    assert isinstance(trade, PoolTrade)
    assert (trade.side, trade.token_raw, trade.quote_raw) == (Side.BUY, 96_449_438_144_093, 2_962_962_962)
    assert trade.user_quote_raw == 3_000_000_000
    assert trade.user == launch.creator


def test_a_recorded_mayhem_trade_is_in_dollars_and_says_so(recorded):
    (trade,) = happenings_of(_events(recorded("chainstack/learning-examples/raw_buy_tx_from_gettransaction.json")), {})
    assert isinstance(trade, PoolTrade)
    assert trade.is_mayhem
    assert (trade.quote_mint, trade.quote_raw, trade.token_raw) == (USDC, 3_517_192, 445_377_137_871)


def test_a_recorded_pool_turned_round_sells_the_coin_while_the_program_says_buy(recorded):
    events = list(_events(recorded("transactions/agavesim_json2.json")))
    (pool,) = unknown_pools(events, {})
    assert happenings_of(events, {}) == ()
    (trade,) = happenings_of(events, {pool: PoolMints(WSOL, "coin")})
    assert isinstance(trade, PoolTrade)
    assert (trade.side, trade.mint, trade.token_raw, trade.quote_raw) == (Side.SELL, "coin", 468_934_276_696_458, 201_692_493)
    assert trade.user_quote_raw == 201_692_493


def test_a_recorded_buy_that_meteora_writes_twice_is_one_trade(recorded):
    answer = recorded("helius/launchpad_buyDBCWebhookRes.json")
    calls = (answer[0] if isinstance(answer, list) else answer)["instructions"]
    inner = [(call["programId"], decode_base58(call["data"])) for outer in calls for call in outer["innerInstructions"]]
    events = [event for event in (read_event(*call) for call in inner) if isinstance(event, Event)]
    assert [event.name for event in events] == ["EvtSwap", "EvtSwap2"]
    (pool,) = unknown_pools(events, {})
    (trade,) = happenings_of(events, {pool: PoolMints("coin", WSOL)})
    assert isinstance(trade, PoolTrade)
    assert (trade.side, trade.token_raw, trade.quote_raw, trade.fee_raw) == (Side.BUY, 322_281_812_767_019, 196_000_000, 4_000_000)
    assert trade.user_quote_raw == 200_000_000
    (old,) = happenings_of(events[:1], {pool: PoolMints("coin", WSOL)})  # a program of before EvtSwap2
    assert isinstance(old, PoolTrade)
    assert old.user_quote_raw == 200_000_000


def test_a_recorded_meteora_launch_names_its_mint_and_creator(recorded):
    answer = recorded("helius/launchpad_createTokenRes.json")
    (launch,) = happenings_of(_events(answer[0] if isinstance(answer, list) else answer), {})
    assert isinstance(launch, Launch)
    assert launch.mint == "GLZPY8BKvz4SskptWRpNZ29UJPmS9BYx1enRHUa9oSDx"


def test_an_event_of_an_older_program_is_read_and_says_what_it_lacks():
    event = read_event(Program.PUMP, _trade_event())
    assert isinstance(event, Event)
    assert event.missing[0] == "real_sol_reserves"
    (trade,) = happenings_of([event], {})
    assert isinstance(trade, PoolTrade)
    assert (trade.quote_raw, trade.fee_raw, trade.quote_mint) == (2_000_000_000, 0, WSOL)


@given(st.binary(min_size=1, max_size=60))
def test_what_a_newer_program_writes_behind_is_counted_and_changes_nothing(tail):
    """pump.fun appended 8 bytes on 2026-10-02 without a word; whoever asked for the exact length saw no trade any more."""
    (layout,) = (one for one in LAUNCHPADS[Program.PUMP].layouts.values() if one.name == "CompleteEvent")
    whole = layout.discriminator + KEY * 3 + (1_733_064_914).to_bytes(8, "little") + KEY
    event = read_event(Program.PUMP, whole + tail)
    assert isinstance(event, Event)
    assert event.unknown_bytes == len(tail)
    assert event.fields == read_event(Program.PUMP, whole).fields  # type: ignore[union-attr]


@pytest.mark.parametrize("cut", range(1, 9))
def test_an_event_that_ends_inside_a_field_is_unreadable_with_the_field_named(cut):
    event = read_event(Program.PUMP, _trade_event()[:-cut])
    assert isinstance(event, UnreadableEvent)
    assert "virtual_token_reserves" in event.reason


def test_a_flag_of_2_is_a_layout_we_do_not_know():
    data = bytearray(_trade_event())
    data[16 + 32 + 16] = 2
    event = read_event(Program.PUMP, bytes(data))
    assert isinstance(event, UnreadableEvent)
    assert "is_buy" in event.reason


@given(st.binary(max_size=200))
def test_no_bytes_whatever_raise(data):
    for program in (*Program, "another"):
        for first in (b"", SELF_CALL, *LAUNCHPADS.get(program, LAUNCHPADS[Program.PUMP]).layouts):
            read_event(program, first + data)


def test_a_buy_that_completes_a_curve_is_two_trades_of_one_buyer():
    def event(name, **fields):
        return Event(Program.PUMP, name, {"user": WALLET, "mint": "coin", "timestamp": 1_733_064_914} | fields)

    happened = happenings_of(
        [
            event("TradeEvent", is_buy=True, sol_amount=900, token_amount=90, quote_mint=NATIVE),
            event("CompleteEvent", bonding_curve="curve"),
            event("PostCompleteBuyEvent", bonding_curve="curve", base_out=10, quote_in=110, fee=5, quote_mint=WSOL),
        ],
        {},
    )
    bought = [one for one in happened if isinstance(one, PoolTrade)]
    assert sum(one.token_raw for one in bought) == 100
    assert sum(one.user_quote_raw for one in bought) == 1015
    assert [one.pool for one in happened if isinstance(one, Graduation)] == [""]


@given(st.binary(max_size=40))
def test_base_58_comes_back_as_it_went(data):
    assert decode_base58(encode_base58(data)) == data


def test_base_58_has_no_zero():
    with pytest.raises(ValueError, match="'0' is no letter of base 58"):
        decode_base58("10")
