"""Raydium LaunchLab's curves. Source: its published IDL. Its events name the pool only: mint and wallet stand in the instruction."""

from data_contracts import Side
from domain.solana.borsh import Fields, one_of, struct, text, u8, u64
from domain.solana.event_layouts import layout
from domain.solana.events import Event
from domain.solana.happenings import Launch, PoolMints, PoolTrade

MINT = struct({"decimals": u8, "name": text, "symbol": text, "uri": text})
RAISED: Fields = {"supply": u64, "total_quote_fund_raising": u64, "migrate_type": u8}
CURVE = one_of(
    ("constant", {"supply": u64, "total_base_sell": u64, "total_quote_fund_raising": u64, "migrate_type": u8}),
    ("fixed", RAISED),
    ("linear", RAISED),
)
VESTING = struct({"total_locked_amount": u64, "cliff_period": u64, "unlock_period": u64})
SIDE = one_of(("buy", {}), ("sell", {}))
STATUS = one_of(("fund", {}), ("migrate", {}), ("trade", {}))

LAYOUTS = (
    layout(
        "PoolCreateEvent",
        "pool_state:key creator:key config:key base_mint_param:mint curve_param:curve",
        "vesting_param:vesting amm_fee_on:u8",
        mint=MINT,
        curve=CURVE,
        vesting=VESTING,
    ),
    layout(
        "TradeEvent",
        "pool_state:key total_base_sell:u64 virtual_base:u64 virtual_quote:u64 real_base_before:u64 real_quote_before:u64 "
        "real_base_after:u64 real_quote_after:u64 amount_in:u64 amount_out:u64 protocol_fee:u64 platform_fee:u64 creator_fee:u64 "
        "share_fee:u64 trade_direction:side pool_status:status",
        "exact_in:flag",
        side=SIDE,
        status=STATUS,
    ),
)


def read_launch(event: Event) -> Launch:
    """A coin on a curve of its own."""
    named = event.parts("base_mint_param")
    return Launch(
        program=event.program,
        mint="",
        pool=event.address("pool_state"),
        quote_mint="",
        creator=event.address("creator"),
        user="",
        launched_at=None,
        name=str(named["name"]),
        symbol=str(named["symbol"]),
    )


def read_trade(event: Event, mints: PoolMints) -> PoolTrade:
    """A trade on a curve; fees are taken of the quote."""
    buys = event.parts("trade_direction")["variant"] == "buy"
    given, got = event.amount("amount_in"), event.amount("amount_out")
    fees = event.total("protocol_fee", "platform_fee", "creator_fee", "share_fee")
    return PoolTrade(
        program=event.program,
        pool=event.address("pool_state"),
        mint=mints.base,
        quote_mint=mints.quote,
        side=Side.BUY if buys else Side.SELL,
        user="",
        token_raw=got if buys else given,
        quote_raw=given - fees if buys else got + fees,
        fee_raw=fees,
        traded_at=None,
        token_reserve=event.amount("virtual_base") - event.amount("real_base_after"),
        quote_reserve=event.total("virtual_quote", "real_quote_after"),
    )


READERS = {"PoolCreateEvent": read_launch}
POOL_READERS = {"TradeEvent": read_trade}
