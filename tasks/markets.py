"""What is known of the markets a cycle touches, asked for again when it is old or missing."""

from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import open_feed, open_history
from adapters.settings import Settings
from data_contracts import Market
from data_contracts.frames import rows_of

STALE_AFTER = timedelta(minutes=10)


def markets_of(token_ids: Collection[str], settings: Settings, as_of: datetime, stale_after: timedelta = STALE_AFTER) -> dict[str, Market]:
    """Token → Market. A resolved market is never asked for again; an open one when it was last seen `stale_after` ago."""
    if not token_ids:
        return {}
    history = open_history(settings)
    known = history.markets(token_ids)
    fresh = known.filter(pl.col("payout").is_not_null() | (pl.col("updated_at") > as_of - stale_after))
    missing = set(token_ids) - set(fresh["token_id"])
    if missing:
        history.append(open_feed(settings).markets(missing, as_of), Market)
        known = history.markets(token_ids)
    return {market.token_id: market for market in rows_of(known, Market)}
