"""pump.fun's bonding curves. Source: github.com/pump-fun/pump-public-docs, idl/pump.json of 2026-05-19 and what was appended since."""

from collections.abc import Callable

from data_contracts import Side
from domain.solana.borsh import key, several, struct, u16
from domain.solana.event_layouts import layout
from domain.solana.events import Event
from domain.solana.happenings import Graduation, Happening, Launch, PoolTrade, one_sol

SHAREHOLDERS = several(struct({"address": key, "share_bps": u16}))

LAYOUTS = (
    layout(
        "CreateEvent",
        "name:text symbol:text uri:text mint:key bonding_curve:key user:key",
        "creator:key timestamp:i64 virtual_token_reserves:u64 virtual_sol_reserves:u64 real_token_reserves:u64 token_total_supply:u64 "
        "token_program:key is_mayhem_mode:flag is_cashback_enabled:flag quote_mint:key virtual_quote_reserves:u64",
    ),
    layout(
        "TradeEvent",
        "mint:key sol_amount:u64 token_amount:u64 is_buy:flag user:key timestamp:i64 virtual_sol_reserves:u64 virtual_token_reserves:u64",
        "real_sol_reserves:u64 real_token_reserves:u64 fee_recipient:key fee_basis_points:u64 fee:u64 creator:key "
        "creator_fee_basis_points:u64 creator_fee:u64 track_volume:flag total_unclaimed_tokens:u64 total_claimed_tokens:u64 "
        "current_sol_volume:u64 last_update_timestamp:i64 ix_name:text mayhem_mode:flag cashback_fee_basis_points:u64 cashback:u64 "
        "buyback_fee_basis_points:u64 buyback_fee:u64 shareholders:shareholders quote_mint:key quote_amount:u64 "
        "virtual_quote_reserves:u64 real_quote_reserves:u64",
        shareholders=SHAREHOLDERS,
    ),
    layout("CompleteEvent", "user:key mint:key bonding_curve:key timestamp:i64", "quote_mint:key"),
    layout(
        "PostCompleteBuyEvent",
        "user:key mint:key bonding_curve:key quote_mint:key timestamp:i64 base_out:u64 quote_in:u64 fee_basis_points:u64 fee:u64 "
        "creator_fee_basis_points:u64 creator_fee:u64 buyback_fee:u64",
        "pool_base_reserves_before:u64 pool_quote_reserves_before:u64 pool_base_reserves_after:u64 pool_quote_reserves_after:u64",
    ),
    layout(
        "CompletePumpAmmMigrationEvent",
        "user:key mint:key mint_amount:u64 sol_amount:u64 pool_migration_fee:u64 bonding_curve:key timestamp:i64 pool:key",
        "quote_mint:key",
    ),
)


def read_launch(event: Event) -> Launch:
    """A coin on a curve of its own."""
    return Launch(
        program=event.program,
        mint=event.address("mint"),
        pool=event.address("bonding_curve"),
        quote_mint=one_sol(event.address("quote_mint")),
        creator=event.address("creator") or event.address("user"),
        user=event.address("user"),
        launched_at=event.instant("timestamp"),
        name=event.address("name"),
        symbol=event.address("symbol"),
        is_mayhem=event.is_set("is_mayhem_mode"),
    )


def read_trade(event: Event) -> PoolTrade:
    """A trade on a curve. `sol_amount` is 0 where the quote is not SOL."""
    return PoolTrade(
        program=event.program,
        pool="",
        mint=event.address("mint"),
        quote_mint=one_sol(event.address("quote_mint")),
        side=Side.BUY if event.is_set("is_buy") else Side.SELL,
        user=event.address("user"),
        token_raw=event.amount("token_amount"),
        quote_raw=event.amount("sol_amount") or event.amount("quote_amount"),
        fee_raw=event.total("fee", "creator_fee", "cashback"),
        traded_at=event.instant("timestamp"),
        token_reserve=event.amount("virtual_token_reserves"),
        quote_reserve=event.amount("virtual_sol_reserves") or event.amount("virtual_quote_reserves"),
        is_mayhem=event.is_set("mayhem_mode"),
    )


def read_buy_beyond(event: Event) -> PoolTrade:
    """What the buy that completes a curve gets beyond it: with its TradeEvent it is the buyer's whole trade."""
    return PoolTrade(
        program=event.program,
        pool=event.address("bonding_curve"),
        mint=event.address("mint"),
        quote_mint=one_sol(event.address("quote_mint")),
        side=Side.BUY,
        user=event.address("user"),
        token_raw=event.amount("base_out"),
        quote_raw=event.amount("quote_in"),
        fee_raw=event.total("fee", "creator_fee"),
        traded_at=event.instant("timestamp"),
        token_reserve=event.amount("pool_base_reserves_after"),
        quote_reserve=event.amount("pool_quote_reserves_after"),
    )


def read_graduation(event: Event) -> Graduation:
    """A curve that is sold out, and the pool it went on as once that is there."""
    return Graduation(
        program=event.program,
        mint=event.address("mint"),
        curve=event.address("bonding_curve"),
        pool=event.address("pool"),
        graduated_at=event.instant("timestamp"),
    )


READERS: dict[str, Callable[[Event], Happening]] = {
    "CreateEvent": read_launch,
    "TradeEvent": read_trade,
    "PostCompleteBuyEvent": read_buy_beyond,
    "CompleteEvent": read_graduation,
    "CompletePumpAmmMigrationEvent": read_graduation,
}
