"""Polymarket's Data API v2: trades, activity, positions, holders, resolutions and its own freshness.

Source: https://docs.polymarket.com/api-reference (the OpenAPI of data-api.polymarket.com/v2)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.data_rows import event_row, holder_row, position_row, resolution_row, trade_row
from sandbox.feed_faults import LAG_S as LAG_S
from sandbox.feed_faults import FeedFaults
from sandbox.leaderboard import leaderboard
from sandbox.markets import Market
from sandbox.noise import hex_id
from sandbox.positions import Position, market_positions, merged_at_s, redeemed_at_s, wallet_positions
from sandbox.trading import Trade
from sandbox.wallets import Wallet
from sandbox.wire import BadRequest, Clock, Json, Query, seal, unseal, utc
from sandbox.world import Snapshot, World

_MOST_CONDITIONS = 20
_CONDITION = ("condition", "condition_id")  # the documentation's name and the official client's
# `offset` is refused by the real venue as well; its other filters are not simulated.
_PARAMETERS = frozenset(_CONDITION) | {
    "user", "limit", "cursor", "taker_only", "side", "filter_type", "filter_amount", "start", "end", "type",
    "sort_direction", "exclude_deposits_withdrawals", "status", "include_pnl", "min_balance",
    "category", "time_period", "sort_by",
}  # fmt: skip


@dataclass(frozen=True)
class Shown(Snapshot):
    """The world as this feed shows it."""

    feed: FeedFaults


def show_to_feed(snapshot: Snapshot, feed: FeedFaults) -> Shown:
    return Shown(snapshot.world, snapshot.now_s, snapshot.trade_count, snapshot.market_count, feed)


def data_routes(world: World, clock: Clock, faults: FeedFaults | None = None) -> list[Route]:
    feed = faults or FeedFaults()

    def route(path: str, answer: Callable[[Shown, Query], Json]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(answer(show_to_feed(world.at(clock() - feed.lag_s), feed), Query(request).only(_PARAMETERS)))
            except BadRequest as error:
                return _refusal(error, str(request.url))

        return Route(path, endpoint)

    answers = [trades, activity, positions, holders, resolutions, status, leaderboard]
    return [route(f"/v2/{answer.__name__}", answer) for answer in answers]


def trades(snapshot: Shown, query: Query) -> Json:
    """Newest first, a keyset walk on the feed's sequence: trades that arrive during the walk do not disturb it."""
    limit, wanted = query.limit(100, 1000), TradeFilter(query, default_taker_only=True, default_least=0.01)
    if "user" not in query and ("start" in query or "end" in query):
        raise BadRequest("start and end need user", "start" if "start" in query else "end")
    known = takewhile(lambda found: "user" in query or found[1].at_s >= snapshot.feed.begins_s, _candidates(snapshot, query))
    found = ((sequence, trade) for sequence, trade in known if wanted.keeps(trade))
    page = list(islice(found, limit + 1))
    rows = [trade_row(trade) for _, trade in page[:limit]]
    return _page(rows, limit, snapshot.feed.seal(page[limit - 1][0]) if len(page) > limit else None)


def activity(snapshot: Snapshot, query: Query) -> Json:
    """One wallet's trades, splits, merges and redemptions, newest first unless asked otherwise."""
    limit, wallet = query.limit(100, 1000), _user(snapshot, query)
    ascending = query.choice("sort_direction", "ASC", "DESC") == "ASC"
    events = sorted(_events(snapshot, wallet, query) if wallet else [], key=lambda event: event[0], reverse=not ascending)
    if "cursor" in query:
        last = tuple(unseal(query.text("cursor") or "", "activity"))
        events = [event for event in events if (event[0] > last if ascending else event[0] < last)]
    page = events[:limit]
    return _page([row for _, row in page], limit, seal("activity", *page[-1][0]) if len(events) > limit else None)


def positions(snapshot: Snapshot, query: Query) -> Json:
    """One wallet's positions, or everybody's in one market; the largest value first."""
    limit, status_wanted = query.limit(100, 1000), _status(query)
    if "start" in query or "end" in query or "sort_direction" in query:
        raise BadRequest("positions come whole and by value here", "start")
    chosen = list(_positions(snapshot, query))
    both = Counter((p.wallet, p.market) for p in chosen if p.hundredths and not p.market.resolved_at(snapshot.now_s))
    rows = [position_row(p, both[p.wallet, p.market] == 2, snapshot.now_s) for p in chosen]
    rows = [row for row in rows if _has_status(row, status_wanted) and _is_large(row, query, status_wanted)]
    rows.sort(key=lambda row: (-row["current_value"], -row["last_event_at"], row["token_id"], row["proxy_wallet"]))
    start = _offset(query, f"positions {status_wanted}")
    cursor = seal(f"positions {status_wanted}", start + limit) if len(rows) > start + limit else None
    return _page(rows[start : start + limit], limit, cursor)


def holders(snapshot: Snapshot, query: Query) -> Json:
    """Who holds each token of a market, the largest holding first."""
    include_pnl, conditions = query.flag("include_pnl", False), _conditions(query)
    limit = query.limit(20, 100 if include_pnl else 1000)
    if not conditions or (include_pnl and len(conditions) > 1):
        raise BadRequest("include_pnl needs exactly one condition" if conditions else "condition is required", "condition")
    start, least = _offset(query, "holders"), query.number("min_balance", 0)
    groups = [group for market in _markets(snapshot, conditions) for group in _holdings(snapshot, market, least)]
    shown = [
        {"token_id": token_id, "holders": [holder_row(p, include_pnl, snapshot.now_s) for p in held[start : start + limit]]}
        for token_id, held in groups
    ]
    more = any(len(held) > start + limit for _, held in groups)
    return _page(shown, limit, seal("holders", start + limit) if more else None)


def resolutions(snapshot: Snapshot, query: Query) -> Json:
    conditions = _conditions(query)
    if not conditions:
        raise BadRequest("condition is required", "condition")
    return {"data": [resolution_row(market, snapshot.now_s) for market in _markets(snapshot, conditions)]}


def status(snapshot: Shown, query: Query) -> Json:
    block, lag_s = int((snapshot.now_s - 1_600_000_000) / 2), int(snapshot.feed.lag_s)
    feeds = [("activity_feed", 1), ("custody_balances", 1), ("pnl", None)]
    mechanisms = [{"name": name, "age_seconds": lag_s, "blocks_behind": behind} for name, behind in feeds]
    ingestion = {
        "cursors": 42,
        "chain_id": 137,
        "network": "polygon",
        "max_synced_block": block + 1,
        "min_synced_block": block,
        "most_lagged": {"source": "ctf_exchange_v2_order_filled", "block": block, "behind_max": 1},
        "lagging": [],
    }
    serving = {"lag_seconds": lag_s, "worst": "activity_feed", "mechanisms": mechanisms}
    computed_at = utc(int(snapshot.now_s + snapshot.feed.lag_s))
    return {"data": {"computed_at": computed_at, "age_seconds": 0, "serving": serving, "ingestion": ingestion}}


class TradeFilter:
    """Which trades a request wants. Read once, asked for each trade."""

    def __init__(self, query: Query, default_taker_only: bool, default_least: float) -> None:
        self.taker_only = query.flag("taker_only", default_taker_only)
        self.side = query.choice("side", "BUY", "SELL")
        self.by_cash = query.choice("filter_type", "CASH", "TOKENS") == "CASH"
        self.least = query.number("filter_amount", default_least)
        self.conditions = set(_conditions(query))
        self.start_s, self.end_s = query.number("start", 0), query.number("end", float("inf"))

    def keeps(self, trade: Trade) -> bool:
        if self.taker_only and not trade.is_taker:
            return False
        if self.side and trade.is_buy != (self.side == "BUY"):
            return False
        amount = trade.notional_usd if self.by_cash else trade.hundredths / 100
        return amount >= self.least and self.concerns(trade.market, trade.at_s)

    def concerns(self, market: Market, at_s: float) -> bool:
        wanted = not self.conditions or market.condition_id in self.conditions
        return wanted and self.start_s <= int(at_s) <= self.end_s


def _candidates(snapshot: Shown, query: Query) -> Iterator[tuple[int, Trade]]:
    """The trades of the shortest index that holds every wanted one, newest first, from the cursor on."""
    before = snapshot.feed.unseal(query.text("cursor") or "") if "cursor" in query else None
    conditions = _conditions(query)
    if "user" in query:
        wallet = _user(snapshot, query)
        return snapshot.trades(snapshot.wallet_sequences(wallet) if wallet else [], before)
    if conditions:
        indexes = (snapshot.market_sequences(market) for market in _markets(snapshot, conditions))
        return snapshot.trades(sorted(sequence for index in indexes for sequence in index), before)
    return snapshot.trades(before=before)


EventKey = tuple[float, int, int]  # when; splits before trades before the rest; sequence or market number
_TYPES = ("SPLIT", "TRADE", "MERGE", "REDEEM")


def _events(snapshot: Snapshot, wallet: Wallet, query: Query) -> Iterator[tuple[EventKey, Json]]:
    types, wanted = query.texts("type") or _TYPES, TradeFilter(query, default_taker_only=False, default_least=0)
    if "TRADE" in types:
        for sequence, trade in snapshot.trades(snapshot.wallet_sequences(wallet)):
            if wanted.keeps(trade):
                yield (trade.at_s, 1, sequence), trade_row(trade) | {"type": "TRADE", "usdc_size": round(trade.notional_usd, 6)}
    for position in [] if wanted.side else wallet_positions(snapshot.wallet_trades(wallet), snapshot.now_s):
        for kind, hundredths, at_s in _conversions(position):
            if hundredths and kind in types and wanted.concerns(position.market, at_s):
                yield (at_s, _TYPES.index(kind), position.market.number), event_row(position, kind, hundredths, at_s)


def _conversions(position: Position) -> Iterator[tuple[str, int, float]]:
    """Type, hundredths of a share, when. A complete set is told once, with its first outcome."""
    wallet, market = position.wallet, position.market
    if position.outcome == 0:
        yield "SPLIT", position.split_hundredths, position.first_entry_s
        yield "MERGE", position.merged_hundredths, merged_at_s(wallet, market)
    yield "REDEEM", position.redeemed_hundredths, redeemed_at_s(wallet, market)


def _positions(snapshot: Snapshot, query: Query) -> Iterable[Position]:
    conditions = _conditions(query)
    if "user" not in query and len(conditions) != 1:
        raise BadRequest("user or exactly one condition is required", "user")
    if "user" not in query:
        markets = _markets(snapshot, conditions)
        return (p for market in markets for p in market_positions(snapshot.market_trades(market), snapshot.now_s))
    wallet = _user(snapshot, query)
    held = wallet_positions(snapshot.wallet_trades(wallet), snapshot.now_s) if wallet else []
    return (position for position in held if not conditions or position.market.condition_id in conditions)


def _holdings(snapshot: Snapshot, market: Market, least: float) -> list[tuple[str, list[Position]]]:
    held = [p for p in market_positions(snapshot.market_trades(market), snapshot.now_s) if p.hundredths and p.shares >= least]
    held.sort(key=lambda position: (-position.hundredths, position.wallet.index))
    return [(token_id, [p for p in held if p.outcome == outcome]) for outcome, token_id in enumerate(market.token_ids)]


def _status(query: Query) -> str:
    status_wanted = query.choice("status", "OPEN", "REDEEMABLE", "REDEEMABLE_LOST", "MERGEABLE", "CLOSED") or "OPEN"
    if status_wanted in ("REDEEMABLE_LOST", "MERGEABLE") and "user" not in query:
        raise BadRequest(f"{status_wanted} needs user", "status")
    return status_wanted


def _has_status(row: Json, wanted: str) -> bool:
    """OPEN is everything still held, resolved or not. Lost and mergeable narrow; no row says them of itself."""
    if wanted == "OPEN":
        return bool(row["status"] != "CLOSED")
    if wanted == "REDEEMABLE_LOST":
        return bool(row["redeemable"] and row["current_price"] == 0)
    return bool(row["mergeable"] if wanted == "MERGEABLE" else row["status"] == wanted)


def _is_large(row: Json, query: Query, wanted: str) -> bool:
    by_cash = query.choice("filter_type", "CASH", "TOKENS") == "CASH"
    return wanted == "CLOSED" or bool(row["current_value" if by_cash else "current_size"] >= query.number("filter_amount", 0.1))


def _user(snapshot: Snapshot, query: Query) -> Wallet | None:
    """None: an address nobody has traded from, which is no error."""
    user = query.text("user")
    if user is None or len(user) != 42 or not user.startswith("0x"):
        raise BadRequest("user must be 0x and 40 hex digits", "user")
    return snapshot.world.wallets.get(user.lower())


def _conditions(query: Query) -> list[str]:
    conditions = list(dict.fromkeys(condition.lower() for condition in query.texts(*_CONDITION)))
    if len(conditions) > _MOST_CONDITIONS:
        raise BadRequest(f"at most {_MOST_CONDITIONS} conditions", "condition")
    for condition in conditions:
        if len(condition) != 66 or not condition.startswith("0x"):
            raise BadRequest(f"malformed condition {condition}", "condition")
    return conditions


def _markets(snapshot: Snapshot, conditions: list[str]) -> list[Market]:
    return [market for condition in conditions if (market := snapshot.market(condition))]


def _offset(query: Query, kind: str) -> int:
    """Boards walk by place: what changes during a walk can repeat or be skipped, as at the real venue."""
    return int(unseal(query.text("cursor") or "", kind)[0]) if "cursor" in query else 0


def _page(rows: list[Json], limit: int, next_cursor: str | None) -> Json:
    pagination = {"limit": limit, "offset": 0, "has_more": next_cursor is not None, "next_cursor": next_cursor}
    return {"data": rows, "pagination": pagination}


def _refusal(error: BadRequest, url: str) -> Response:
    body = {"error": error.message, "code": "invalid_request", "retryable": False, "trace_id": hex_id(32, url)[2:]}
    return JSONResponse(body | ({"parameter": error.parameter} if error.parameter else {}), status_code=400)
