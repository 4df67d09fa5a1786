"""Polymarket's Data API v2: the trades of all wallets, what one wallet did, who holds what, and how fresh it is.

Source: https://docs.polymarket.com/api-reference (the OpenAPI of data-api.polymarket.com/v2)
"""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from adapters.feeds.feed import Walk
from adapters.feeds.json_api import JsonApi
from adapters.feeds.pace import Pace
from adapters.feeds.polymarket.data_records import activities_of, trades_of, value_of
from adapters.feeds.reading import exact_number, frame_from, instant, number, records_in
from data_contracts import Activity, HolderPosition, LeaderHolding
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import empty, schema_of

PAGE = 1000
HOLDERS = 100  # per token: the most that comes with what they paid
AT_ONCE = 8
MOST_EMPTY = 10  # pages in a row
SHARE_DIGITS, SHARE_DECIMALS = 38, 6
LONGEST_LAG_S = 366 * 86_400
CLOCKS_APART = timedelta(minutes=10)
LONG_AGO_S = 1_577_836_800  # 2020: what a row says of before is no time of a trade
Record = dict[str, Any]


class DataApi:
    """Reads; needs no key."""

    source = "polymarket"

    def __init__(self, url: str, pace: Pace | None = None) -> None:
        self._api = JsonApi(url, "data", pace)
        self._lag_s: float | None = None
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
        self._lag_s = age_s + lags_s
        return self._lag_s

    def confirmed_until(self, as_of: datetime) -> datetime | None:
        """Everything up to then is in its answers, by its own account, and by its own clock: ours may be minutes ahead of it."""
        lag_s = self.lag_s()
        return _before(as_of if self._told_at is None else min(as_of, self._told_at), lag_s)

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        """Over the feed of all wallets, newest first, makers included, back to `after` or over about `max_pages`.

        It ends between two seconds: only whole ones have their order, and tell equal fills apart. What came in after `until` waits for the
        next walk. What lies ahead of the venue's own clock never happened: it is handed on, for the checks to name.
        """
        pages, ended = self._pages(int(after.timestamp()), max_pages, cursor)
        start_s = max(int(after.timestamp()), 0) if pages.is_done or ended else pages.cut_s + 1
        records = [row for page in pages.records for row in page if not 0 <= _at_s(row, otherwise=start_s) < start_s]
        at = pl.col("traded_at")  # a trade without a time stays in: the checks name it, and nothing is lost
        never = max(until, self._told_at or until) + CLOCKS_APART
        trades = trades_of(records, self.source).filter(at.is_null() | ((at > after) & (at <= until)) | (at > never))
        if pages.is_done or ended:
            return Walk(trades, after, has_ended=not pages.is_done)
        return Walk(trades, datetime.fromtimestamp(pages.cut_s, UTC), pages.cut_cursor)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        """Everything these wallets did, oldest first, each by a walk of its own: for backfill and reconciliation, never for a cycle."""
        if len(wallets) == 1:
            return self._activities_of(next(iter(wallets)), after, until)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            frames = list(pool.map(lambda wallet: self._activities_of(wallet, after, until), wallets))
        return pl.concat(frames, how="diagonal") if frames else empty(Activity)

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """One call a market: the answer with what holders paid takes one market at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            frames = list(pool.map(lambda market_id: self._holders_of(market_id, as_of), market_ids))
        return pl.concat(frames, how="diagonal") if frames else empty(HolderPosition)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding | None:
        """A position says when it last changed, and so what it knows of; one that is not there is known as late as the API is."""
        parameters = {"user": wallet, "condition": market_id, "limit": PAGE, "filter_amount": 0}
        rows = (row for page, _ in self._walk("/v2/positions", parameters) for row in page)
        position = next((row for row in rows if value_of(row, "token_id") == token_id), {})
        changed_s, shares = number(position.get("last_event_at")) or 0.0, number(value_of(position, "current_size")) if position else 0.0
        is_told = LONG_AGO_S < changed_s <= as_of.timestamp() + CLOCKS_APART.total_seconds()
        known_at = datetime.fromtimestamp(changed_s, UTC) if is_told else self._confirmed_lately(as_of)
        held = exact_number(shares, SHARE_DIGITS, SHARE_DECIMALS)
        if known_at is None or held is None or held < 0:  # a number that cannot be is not 0: then nobody can say
            return None
        return LeaderHolding(
            wallet=wallet,
            token_id=token_id,
            market_id=market_id,
            shares=held,
            known_at=min(known_at, as_of),
            asked_at=as_of,
        )

    def _confirmed_lately(self, as_of: datetime) -> datetime | None:
        """By the lag of the last look: a cycle has just asked."""
        return _before(as_of, self.lag_s() if self._lag_s is None else self._lag_s)

    def _activities_of(self, wallet: str, after: datetime, until: datetime) -> pl.DataFrame:
        span = {"start": int(after.timestamp()), "end": int(until.timestamp())}  # whole seconds, both ends included
        pages = self._walk("/v2/activity", {"user": wallet, "sort_direction": "ASC", "limit": PAGE} | span)
        at = pl.col("happened_at")
        return activities_of([row for page, _ in pages for row in page], self.source).filter(at.is_null() | ((at > after) & (at <= until)))

    def _holders_of(self, market_id: str, as_of: datetime) -> pl.DataFrame:
        parameters = {"condition": market_id, "include_pnl": "true", "limit": HOLDERS}
        try:
            answer = self._api.get("/v2/holders", parameters, parts=["data"])
        except Refused:  # a market it does not know has no holders; the others of the cycle have
            return empty(HolderPosition)
        records = [
            {
                "market_id": market_id,
                "token_id": value_of(group, "token_id") or group.get("token"),
                "wallet": str(value_of(row, "proxy_wallet") or "").lower(),
                "shares": row.get("amount"),
                "avg_price": row.get("avg_price"),
                "cost": row.get("entry_cost_usdc"),
                "current_value": row.get("current_value"),
                "as_of": as_of,
            }
            for group in records_in(answer["data"])
            for row in records_in(group.get("holders"))
        ]
        return _typed(records, HolderPosition)

    def _pages(self, start_s: int, max_pages: int, cursor: str) -> tuple["_Pages", bool]:
        """The pages of one walk, and whether the feed ended with them."""
        pages = _Pages(start_s, cursor)
        for page, next_cursor in self._walk("/v2/trades", {"taker_only": "false", "limit": PAGE}, cursor):
            pages.add(page, next_cursor)
            if pages.is_done or (next_cursor and len(pages.records) >= max_pages and pages.may_be_cut):
                return pages, False
        return pages, True

    def _walk(self, path: str, parameters: dict[str, Any], cursor: str = "") -> Iterator[tuple[list[Record], str]]:
        """Page by page, each with the cursor of the next one, "" after the last. Raises Unavailable where it goes round in circles."""
        been, last, empties = {cursor}, list[Record](), 0
        while True:
            at = {"cursor": cursor} if cursor else {}
            answer = self._api.get(path, parameters | at, parts=["data", "pagination"], or_list=True)
            if isinstance(answer, list):  # version one, which has no cursor
                if len(answer) >= parameters["limit"]:
                    raise Unavailable(f"{path}: a full page of version one, behind which nobody can read on")
                yield records_in(answer), ""
                return
            pagination = answer["pagination"] if isinstance(answer["pagination"], dict) else {}
            following = pagination.get("next_cursor") if pagination.get("has_more") else ""
            if not isinstance(following, str) or (pagination.get("has_more") and (not following or following in been)):
                raise Unavailable(f"{path}: there is more, and no cursor to it: {pagination}")
            page = records_in(answer["data"])
            empties = 0 if page else empties + 1
            if (page and page == last) or empties > MOST_EMPTY:  # its fills would count as so many more of the same
                raise Unavailable(f"{path}: page after page of {'the same' if page else 'nothing'}, and more behind it: {pagination}")
            yield page, following
            if not following:
                return
            cursor, last = following, page
            been.add(cursor)


class _Pages:
    """Pages of the feed as they come, newest first, and where they can be cut so that no second is torn.

    `cut_s`: the oldest second, of which more may stand on the next page. `cut_cursor`: of the page on which it begins.
    """

    def __init__(self, start_s: int, cursor: str) -> None:
        self.records: list[list[Record]] = []
        self._start_s, self._cursors = start_s, [cursor]
        self.cut_s, self._oldest_s = -1, list[float]()

    def add(self, page: list[Record], next_cursor: str) -> None:
        self.records.append(page)
        self._cursors.append(next_cursor)
        before = self._oldest_s[-1] if self._oldest_s else float("inf")
        told = (at_s for row in reversed(page) if (at_s := _at_s(row, otherwise=0)) > LONG_AGO_S)
        self._oldest_s.append(min(before, next(told, before)))
        self.cut_s = int(self._oldest_s[-1]) if self._oldest_s[-1] < float("inf") else self._start_s

    @property
    def is_done(self) -> bool:
        """It reached back before its start."""
        return bool(self.records) and self.cut_s < self._start_s

    @property
    def may_be_cut(self) -> bool:
        """Not within the first page: the next walk would begin where this one did."""
        return self._cut_page > 0

    @property
    def cut_cursor(self) -> str:
        return self._cursors[self._cut_page]

    @property
    def _cut_page(self) -> int:
        return next((place for place, at_s in enumerate(self._oldest_s) if at_s <= self.cut_s), 0)


def _before(as_of: datetime, lag_s: float) -> datetime | None:
    """None for a lag that is no answer: one of 1e300 s lies before all time."""
    return as_of - timedelta(seconds=lag_s) if abs(lag_s) < LONGEST_LAG_S else None


def _at_s(record: Record, otherwise: float) -> float:
    at_s = number(record.get("timestamp"))
    return otherwise if at_s is None else at_s


def _typed(records: list[Record], row_class: type) -> pl.DataFrame:
    schema = schema_of(row_class)
    if not records:
        return empty(row_class)
    return frame_from(records, schema)
