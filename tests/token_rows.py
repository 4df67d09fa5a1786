"""Rows of a coin for tests: sold by its curve for ten minutes, looked at a minute ago and sound; and what a test changes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from data_contracts import SolanaToken, TokenLook


def a_token(at: datetime, **changes: Any) -> SolanaToken:
    """Launched ten minutes before `at`."""
    plain: dict[str, Any] = {
        "token_id": "mint",
        "name": "Coin",
        "symbol": "C",
        "launchpad": "pump",
        "pool": "pool",
        "quote_token_id": "sol",
        "creator": "creator",
        "launched_by": "creator",
        "token_program": "token",
        "decimals": 6,
        "is_mayhem": False,
        "launched_at": at - timedelta(minutes=10),
        "launch_slot": 1,
        "graduated_at": None,
        "updated_at": at,
    }
    return SolanaToken(**(plain | changes))


def a_look(at: datetime, **changes: Any) -> TokenLook:
    """At that instant: 50,000 USD of liquidity, 70 bought and 30 sold, a fifth in ten hands, no authorities, 2 % lost there and back."""
    plain: dict[str, Any] = {
        "token_id": "mint",
        "looked_at": at,
        "price": Decimal("1e-7"),
        "price_usd": 2e-5,
        "liquidity_usd": 50_000.0,
        "market_cap_usd": 20_000.0,
        "volume_24h_usd": 9_000.0,
        "buys_24h": 70,
        "sells_24h": 30,
        "holders": 100,
        "top10_fraction": 0.20,
        "has_mint_authority": False,
        "has_freeze_authority": False,
        "is_sellable": True,
        "round_trip_loss": 0.02,
        "last_alive_at": at,
        "is_dead": False,
        "next_look_at": None,
    }
    return TokenLook(**(plain | changes))
