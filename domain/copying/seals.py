"""The judge's seal on an order: whoever executes takes none that the judge did not make so, whatever the database says.

It covers what an order asks for. How far it got, and the hash it is signed by, change on the way and are not part of it.
"""

import hashlib
import hmac
import json
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal

from data_contracts import Order

SEALED = (
    *("order_id", "signal_id", "strategy_id", "venue", "leader", "market_id", "token_id", "outcome"),
    *("side", "shares", "limit_price", "is_simulated", "created_at"),
)


def seal_of(order: Order, key: str) -> str:
    """HMAC-SHA256 over what it asks for, in hex."""
    asked = json.dumps([_text(getattr(order, name)) for name in SEALED])
    return hmac.new(key.encode(), asked.encode(), hashlib.sha256).hexdigest()


def is_sealed(order: Order, keys: Collection[str]) -> bool:
    """Whether one of these keys sealed it as it is now. The first is today's, further ones are former ones that still count."""
    return any(hmac.compare_digest(order.seal.encode(), seal_of(order, key).encode()) for key in keys)


def _text(value: object) -> str:
    """The same for what a store gives back: more zeros, another name of UTC."""
    if isinstance(value, Decimal):
        digits = f"{value:f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
