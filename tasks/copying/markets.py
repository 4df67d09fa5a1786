"""What is known of the markets a cycle touches, asked for again when it is old or missing."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

import polars as pl

from adapters.connect import open_feed, open_history
from adapters.settings import Settings
from data_contracts import Market
from data_contracts.frames import rows_of
from tasks.quality import sorted_out

STALE_AFTER = timedelta(minutes=10)


def in_a_while(market: Market) -> timedelta:
    """Its tick, its fee and its end seldom change."""
    return STALE_AFTER


def markets_of(
    token_ids: Collection[str], settings: Settings, as_of: datetime, stale_after: Callable[[Market], timedelta] = in_a_while
) -> dict[str, Market]:
    """Token → Market. A resolved market is never asked for again; an open one when it was last seen `stale_after` ago."""
    known = _known(settings.required("clickhouse_url"))
    wanted = set(token_ids)

    def missing() -> set[str]:
        return {token_id for token_id in wanted if _is_old(known.get(token_id), stale_after, as_of)}

    unread = wanted - known.keys()
    if unread:
        _learn(known, open_history(settings).markets(unread))
    if missing():
        # Nothing can be bought in a market without a tick, a version or a fee: to a cycle it is unknown, and the quarantine says why.
        asked = sorted_out(open_feed(settings).markets(missing(), as_of), Market, settings, as_of)
        open_history(settings).append(_changed(asked, known), Market)
        _learn(known, asked)
    return {token_id: known[token_id] for token_id in wanted if token_id in known}


def _is_old(market: Market | None, stale_after: Callable[[Market], timedelta], as_of: datetime) -> bool:
    return market is None or (market.payout is None and market.updated_at <= as_of - stale_after(market))


def _changed(asked: pl.DataFrame, known: Mapping[str, Market]) -> pl.DataFrame:
    """Those that are not as they were. That nothing changed is only remembered: who starts anew asks anew."""
    rows = rows_of(asked, Market)
    before = [known.get(row.token_id) for row in rows]
    return asked.filter([old is None or replace(old, updated_at=row.updated_at) != row for old, row in zip(before, rows, strict=True)])


def _learn(known: dict[str, Market], frame: pl.DataFrame) -> None:
    for market in rows_of(frame, Market):
        before = known.get(market.token_id)
        if before is None or market.updated_at >= before.updated_at:
            known[market.token_id] = market


@lru_cache(maxsize=8)
def _known(history_url: str) -> dict[str, Market]:
    """What this process has read already: the steps of a cycle ask for the same markets five times."""
    return {}
