"""PumpSwap's pools, where pump.fun's coins go on. Source: github.com/pump-fun/pump-public-docs, idl/pump_amm.json of 2026-05-19 and what
was appended since: `virtual_quote_reserves` is signed, and below zero while fees wait in the vault."""

from dataclasses import replace

from data_contracts import Side
from domain.solana.event_layouts import layout
from domain.solana.events import Event
from domain.solana.happenings import PoolMints, PoolTrade
from domain.solana.programs import WSOL

LAYOUTS = (
    layout(
        "CreatePoolEvent",
        "timestamp:i64 index:u16 creator:key base_mint:key quote_mint:key base_mint_decimals:u8 quote_mint_decimals:u8 base_amount_in:u64 "
        "quote_amount_in:u64 pool_base_amount:u64 pool_quote_amount:u64 minimum_liquidity:u64 initial_liquidity:u64 "
        "lp_token_amount_out:u64 pool_bump:u8 pool:key",
        "lp_mint:key user_base_token_account:key user_quote_token_account:key coin_creator:key is_mayhem_mode:flag",
    ),
    layout(
        "BuyEvent",
        "timestamp:i64 base_amount_out:u64 max_quote_amount_in:u64 user_base_token_reserves:u64 user_quote_token_reserves:u64 "
        "pool_base_token_reserves:u64 pool_quote_token_reserves:u64 quote_amount_in:u64 lp_fee_basis_points:u64 lp_fee:u64 "
        "protocol_fee_basis_points:u64 protocol_fee:u64 quote_amount_in_with_lp_fee:u64 user_quote_amount_in:u64 pool:key user:key",
        "user_base_token_account:key user_quote_token_account:key protocol_fee_recipient:key protocol_fee_recipient_token_account:key "
        "coin_creator:key coin_creator_fee_basis_points:u64 coin_creator_fee:u64 track_volume:flag total_unclaimed_tokens:u64 "
        "total_claimed_tokens:u64 current_sol_volume:u64 last_update_timestamp:i64 min_base_amount_out:u64 ix_name:text "
        "cashback_fee_basis_points:u64 cashback:u64 buyback_fee_basis_points:u64 buyback_fee:u64 virtual_quote_reserves:i128",
    ),
    layout(
        "SellEvent",
        "timestamp:i64 base_amount_in:u64 min_quote_amount_out:u64 user_base_token_reserves:u64 user_quote_token_reserves:u64 "
        "pool_base_token_reserves:u64 pool_quote_token_reserves:u64 quote_amount_out:u64 lp_fee_basis_points:u64 lp_fee:u64 "
        "protocol_fee_basis_points:u64 protocol_fee:u64 quote_amount_out_without_lp_fee:u64 user_quote_amount_out:u64 pool:key user:key",
        "user_base_token_account:key user_quote_token_account:key protocol_fee_recipient:key protocol_fee_recipient_token_account:key "
        "coin_creator:key coin_creator_fee_basis_points:u64 coin_creator_fee:u64 cashback_fee_basis_points:u64 cashback:u64 "
        "buyback_fee_basis_points:u64 buyback_fee:u64 virtual_quote_reserves:i128",
    ),
)


def read_swap(event: Event, mints: PoolMints) -> PoolTrade:
    """A trade of a pool, in the words of its coin: where the base is SOL, whoever buys the base sells the coin."""
    trade = _of_base(event, mints)
    return _turned(trade, mints) if mints.base == WSOL else trade


def _of_base(event: Event, mints: PoolMints) -> PoolTrade:
    buys = event.name == "BuyEvent"
    return PoolTrade(
        program=event.program,
        pool=event.address("pool"),
        mint=mints.base,
        quote_mint=mints.quote,
        side=Side.BUY if buys else Side.SELL,
        user=event.address("user"),
        token_raw=event.amount("base_amount_out" if buys else "base_amount_in"),
        quote_raw=event.amount("quote_amount_in" if buys else "quote_amount_out"),
        fee_raw=event.total("lp_fee", "protocol_fee", "coin_creator_fee", "cashback"),
        traded_at=event.instant("timestamp"),
        token_reserve=event.amount("pool_base_token_reserves"),
        quote_reserve=event.total("pool_quote_token_reserves", "virtual_quote_reserves"),
    )


def _turned(trade: PoolTrade, mints: PoolMints) -> PoolTrade:
    """The fee is taken in the coin there: what the wallet gave or got of the coin has it in it."""
    return replace(
        trade,
        mint=mints.quote,
        quote_mint=WSOL,
        side=Side.SELL if trade.side is Side.BUY else Side.BUY,
        token_raw=trade.user_quote_raw,
        quote_raw=trade.token_raw,
        fee_raw=0,
        token_reserve=trade.quote_reserve,
        quote_reserve=trade.token_reserve,
    )


def read_mints(event: Event) -> PoolMints:
    """What a new pool trades."""
    return PoolMints(event.address("base_mint"), event.address("quote_mint"))


MINTS = {"CreatePoolEvent": read_mints}
POOL_READERS = {"BuyEvent": read_swap, "SellEvent": read_swap}
