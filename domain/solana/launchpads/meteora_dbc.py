"""Meteora's dynamic bonding curves. Source: github.com/MeteoraAg/dynamic-bonding-curve, event.rs and event/transfer_hook.rs (0.2.0)."""

from collections.abc import Mapping

from data_contracts import Side
from domain.solana.borsh import Value, struct, u8, u64, u128
from domain.solana.event_layouts import EventLayout, layout
from domain.solana.events import Event
from domain.solana.happenings import Launch, PoolMints, PoolTrade

GIVES_BASE, GIVES_QUOTE = 0, 1  # trade_direction
SWAP = struct({"amount_in": u64, "minimum_amount_out": u64})
RESULT = struct(
    {
        "actual_input_amount": u64,
        "output_amount": u64,
        "next_sqrt_price": u128,
        "trading_fee": u64,
        "protocol_fee": u64,
        "referral_fee": u64,
    }
)
SWAP_2 = struct({"amount_0": u64, "amount_1": u64, "swap_mode": u8})
RESULT_2 = struct(
    {
        "included_fee_input_amount": u64,
        "excluded_fee_input_amount": u64,
        "amount_left": u64,
        "output_amount": u64,
        "next_sqrt_price": u128,
        "trading_fee": u64,
        "protocol_fee": u64,
        "referral_fee": u64,
    }
)


def _layouts_of(hooked: str) -> tuple[EventLayout, ...]:
    """Pools whose token has a transfer hook say the same in events of their own names."""
    return (
        layout(f"EvtInitializePool{hooked}", "pool:key config:key creator:key base_mint:key", "pool_type:u8 activation_point:u64"),
        layout(
            f"EvtSwap2{hooked}",
            "pool:key config:key trade_direction:u8 has_referral:flag swap_parameters:swap swap_result:result",
            "quote_reserve_amount:u64 migration_threshold:u64 current_timestamp:u64",
            swap=SWAP_2,
            result=RESULT_2,
        ),
        layout(f"EvtCurveComplete{hooked}", "pool:key config:key base_reserve:u64 quote_reserve:u64"),
    )


LAYOUTS = (
    *_layouts_of(""),
    *_layouts_of("WithTransferHook"),
    layout(
        "EvtSwap",
        "pool:key config:key trade_direction:u8 has_referral:flag params:swap swap_result:result amount_in:u64",
        "current_timestamp:u64",
        swap=SWAP,
        result=RESULT,
    ),
)


def read_launch(event: Event) -> Launch:
    """A coin on a curve of its own. What it is quoted in stands in its config."""
    return Launch(
        program=event.program,
        mint=event.address("base_mint"),
        pool=event.address("pool"),
        quote_mint="",
        creator=event.address("creator"),
        user="",
        launched_at=None,
    )


def read_swap(event: Event, mints: PoolMints) -> PoolTrade:
    """A trade on a curve; fees are taken of the quote. EvtSwap and EvtSwap2 are two words for one trade."""
    result = event.parts("swap_result")
    buys = event.amount("trade_direction") == GIVES_QUOTE
    fees = sum(_whole(result, name) for name in ("trading_fee", "protocol_fee", "referral_fee"))
    given, got = _whole(result, "included_fee_input_amount") or event.amount("amount_in"), _whole(result, "output_amount")
    return PoolTrade(
        program=event.program,
        pool=event.address("pool"),
        mint=mints.base,
        quote_mint=mints.quote,
        side=Side.BUY if buys else Side.SELL,
        user="",
        token_raw=got if buys else given,
        quote_raw=given - fees if buys else got + fees,
        fee_raw=fees,
        traded_at=event.instant("current_timestamp"),
        token_reserve=0,
        quote_reserve=event.amount("quote_reserve_amount"),
    )


def _whole(parts: Mapping[str, Value], name: str) -> int:
    return int(parts.get(name, 0))  # type: ignore[arg-type]  # the layout says it is a whole number


READERS = {"EvtInitializePool": read_launch, "EvtInitializePoolWithTransferHook": read_launch}
POOL_READERS = {"EvtSwap": read_swap, "EvtSwap2": read_swap, "EvtSwap2WithTransferHook": read_swap}
