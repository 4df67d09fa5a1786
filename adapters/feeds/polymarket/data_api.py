"""Polymarket's Data API v2: the trades of all wallets, what one wallet did, who holds what, and how fresh it is.

Source: https://docs.polymarket.com/api-reference (the OpenAPI of data-api.polymarket.com/v2)
"""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from adapters.feeds.feed import TooFarBack
from adapters.feeds.json_api import JsonApi
from adapters.feeds.pace import Pace
from adapters.feeds.polymarket.data_records import activities_of, said, trades_of
from adapters.feeds.reading import frame_from, instant, number
from data_contracts import Activity, HolderPosition
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import empty, schema_of

PAGE = 1000
HOLDERS = 100  # per token: the most that comes with what they paid
AT_ONCE = 8
CLOCKS_APART = timedelta(minutes=10)
Record = dict[str, Any]


class DataApi:
    """Reads; needs no key."""

    source = "polymarket"

    def __init__(self, url: str, pace: Pace | None = None) -> None:
        self._api = JsonApi(url, "data", pace)
        self._told_at: datetime | None = None  # what the venue's clock said when it was last asked how late it is

    def lag_s(self) -> float:
        """Age of the answer plus how far its slowest mechanism is behind; infinite when the API does not know."""
        data = self._api.get("/v2/status", parts=["data"])["data"]
        try:
            age_s, lag_s = number(data["age_seconds"]), data["serving"]["lag_seconds"]
            lags_s = float("inf") if lag_s is None else number(lag_s)
            told_at = instant(data.get("computed_at"))
            self._told_at = None if told_at is None else told_at + timedelta(seconds=age_s or 0)
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise Unavailable(f"/v2/status: an answer of another shape, {error!r}: {str(data)[:200]}") from error
        if age_s is None or lags_s is None:
            raise Unavailable(f"/v2/status: its seconds are no numbers: {str(data)[:200]}")
        return age_s + lags_s

    def trades(self, after: datetime, until: datetime, max_pages: int) -> pl.DataFrame:
        """One walk over the feed of all wallets, newest first, makers included, back to `after`.

        What came in after `until` waits for the next walk. What lies ahead of the venue's own clock never happened: it is handed on, for
        the checks to name.
        """
        records: list[Record] = []
        start_s = int(after.timestamp())
        for page in self._pages(max_pages, after):
            records += (row for row in page if not 0 <= _at_s(row, otherwise=start_s) < start_s)  # a page ends long before
        at = pl.col("traded_at")  # a trade without a time stays in: the checks name it, and nothing is lost
        never = max(until, self._told_at or until) + CLOCKS_APART
        return trades_of(records, self.source).filter(at.is_null() | ((at > after) & (at <= until)) | (at > never))

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        """Everything these wallets did, oldest first, each by a walk of its own: for backfill and reconciliation, never for a cycle."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            frames = list(pool.map(lambda wallet: self._activities_of(wallet, after, until), wallets))
        return pl.concat(frames) if frames else empty(Activity)

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """One call a market: the answer with what holders paid takes one market at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            frames = list(pool.map(lambda market_id: self._holders_of(market_id, as_of), market_ids))
        return pl.concat(frames) if frames else empty(HolderPosition)

    def held_shares(self, wallet: str, token_id: str) -> float | None:
        """What the venue says a wallet holds of a token now."""
        positions = self._walk("/v2/positions", {"user": wallet, "limit": PAGE, "filter_amount": 0})
        held = (number(said(row, "current_size")) for page in positions for row in page if said(row, "token_id") == token_id)
        return next(held, 0.0)  # a number that cannot be read is not 0: then nobody can say

    def _activities_of(self, wallet: str, after: datetime, until: datetime) -> pl.DataFrame:
        span = {"start": int(after.timestamp()), "end": int(until.timestamp())}  # whole seconds, both ends included
        pages = self._walk("/v2/activity", {"user": wallet, "sort_direction": "ASC", "limit": PAGE} | span)
        at = pl.col("happened_at")
        return activities_of([row for page in pages for row in page], self.source).filter(at.is_null() | ((at > after) & (at <= until)))

    def _holders_of(self, market_id: str, as_of: datetime) -> pl.DataFrame:
        parameters = {"condition": market_id, "include_pnl": "true", "limit": HOLDERS}
        try:
            answer = self._api.get("/v2/holders", parameters, parts=["data"])
        except Refused:  # a market it does not know has no holders; the others of the cycle have
            return empty(HolderPosition)
        records = [
            {
                "market_id": market_id,
                "token_id": said(group, "token_id") or group.get("token"),
                "wallet": str(said(row, "proxy_wallet") or "").lower(),
                "shares": row.get("amount"),
                "avg_price": row.get("avg_price"),
                "cost": row.get("entry_cost_usdc"),
                "current_value": row.get("current_value"),
                "as_of": as_of,
            }
            for group in _records(answer["data"])
            for row in _records(group.get("holders"))
        ]
        return _typed(records, HolderPosition)

    def _pages(self, max_pages: int, after: datetime) -> Iterator[list[Record]]:
        for count, page in enumerate(self._walk("/v2/trades", {"taker_only": "false", "limit": PAGE})):
            if count == max_pages:  # and there is one more
                raise TooFarBack(f"{count} pages of trades did not reach back to {after}: run wallet-profiling, it reads longer gaps")
            yield page
            if any(_at_s(row, otherwise=after.timestamp()) < after.timestamp() for row in page[-1:]):
                return

    def _walk(self, path: str, parameters: dict[str, Any]) -> Iterator[list[Record]]:
        cursor: dict[str, str] = {}
        while True:
            answer = self._api.get(path, parameters | cursor, parts=["data", "pagination"], or_list=True)
            if isinstance(answer, list):  # version one, which has no cursor
                if len(answer) >= parameters["limit"]:
                    raise Unavailable(f"{path}: a full page of version one, behind which nobody can read on")
                yield _records(answer)
                return
            yield _records(answer["data"])
            pagination = answer["pagination"] if isinstance(answer["pagination"], dict) else {}
            if not pagination.get("has_more"):
                return
            following = pagination.get("next_cursor")
            if not isinstance(following, str) or not following or following == cursor.get("cursor"):
                raise Unavailable(f"{path}: there is more, and no cursor to it: {pagination}")
            cursor = {"cursor": following}


def _at_s(record: Record, otherwise: float) -> float:
    at_s = number(record.get("timestamp"))
    return otherwise if at_s is None else at_s


def _records(rows: Any) -> list[Record]:
    """What is no record has none of its fields: the checks name it, and the others stand. Raises Unavailable for what is no list."""
    if not isinstance(rows or [], list):
        raise Unavailable(f"an answer of another shape, no list of records: {str(rows)[:200]!r}")
    return [row if isinstance(row, dict) else {} for row in rows or []]


def _typed(records: list[Record], row_class: type) -> pl.DataFrame:
    schema = schema_of(row_class)
    if not records:
        return empty(row_class)
    return frame_from(records, schema)
