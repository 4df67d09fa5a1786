"""Polymarket's Gamma: what the markets are about, and how they ended.

Source: https://docs.polymarket.com/api-reference/markets/list-markets-keyset-pagination"""

import json
from collections.abc import Callable
from itertools import islice

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.books import quote_at
from sandbox.categories import CATEGORIES, Category
from sandbox.exchange.contracts import is_position_id
from sandbox.markets import Event, Market
from sandbox.positions import price_at
from sandbox.wire import BadRequest, Clock, Json, Query, seal, unseal, utc
from sandbox.world import Snapshot, World

_ICON = "https://sandbox.invalid/icon.png"
_BORN = "2023-10-25T18:55:50.681Z"
# `offset` is refused by the real Gamma as well; its other filters and orders are not simulated.
_PARAMETERS = frozenset({"limit", "after_cursor", "closed", "condition_ids", "clob_token_ids", "slug", "include_tag"})


def gamma_routes(world: World, clock: Clock) -> list[Route]:
    def route(path: str, answer: Callable[[Snapshot, Query], object]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                return JSONResponse(answer(world.at(clock()), Query(request).only(_PARAMETERS)))
            except BadRequest as error:
                return JSONResponse({"type": "validation error", "error": error.message}, status_code=422)

        return Route(path, endpoint)

    return [route("/markets/keyset", markets), route("/events/keyset", events), route("/tags", tags)]


def markets(snapshot: Snapshot, query: Query) -> Json:
    """Oldest first. As at the real Gamma, `closed` is false and `tags` are missing unless asked for, even when ids are given."""
    limit, after = _walk(query, "markets", 100)
    closed, with_tags = query.flag("closed", False), query.flag("include_tag", False)
    page = list(islice((m for m in _chosen(snapshot, query, after) if m.resolved_at(snapshot.now_s) == closed), limit + 1))
    shown = page[:limit]
    rows = [
        market_row(market, snapshot) | {"events": [event_row(market.event, snapshot)]} | (_tags(market.category) if with_tags else {})
        for market in shown
    ]
    return {"markets": rows} | _next("markets", page, shown)


def events(snapshot: Snapshot, query: Query) -> Json:
    limit, after = _walk(query, "events", 500)
    firsts = (m for m in snapshot.markets(after) if m.number == m.event.number and _wants_event(m.event, snapshot, query))
    page = list(islice(firsts, limit + 1))
    shown = page[:limit]
    rows = [
        event_row(m.event, snapshot)
        | {"markets": [market_row(market, snapshot) for market in snapshot.event_markets(m.event)]}
        | _tags(m.category)
        for m in shown
    ]
    return {"events": rows} | _next("events", page, shown)


def tags(snapshot: Snapshot, query: Query) -> list[Json]:
    return [tag_row(category) for category in CATEGORIES]


def market_row(market: Market, snapshot: Snapshot) -> Json:
    now_s = snapshot.now_s
    volume = round(sum(trade.notional_usd for trade in snapshot.market_trades(market) if trade.is_taker), 6)
    return {
        "id": str(market.number),
        "version": "v2" if is_position_id(market.token_ids[0]) else "v1",
        "question": market.question,
        "conditionId": market.condition_id,
        "questionID": market.question_id,
        "slug": market.slug,
        "resolutionSource": "",
        "description": f"This market will resolve to {market.outcomes[0]} or {market.outcomes[1]} as the sandbox world decides.",
        "image": _ICON,
        "icon": _ICON,
        "outcomes": json.dumps(market.outcomes),
        "outcomePrices": json.dumps([_price(market, outcome, now_s) for outcome in (0, 1)]),
        **({"positionIds": market.token_ids} if is_position_id(market.token_ids[0]) else {"clobTokenIds": json.dumps(market.token_ids)}),
        "volume": str(volume),
        "volumeNum": volume,
        "volumeClob": volume,
        "liquidity": "0" if now_s >= market.closes_s else "20000",
        "liquidityNum": 0 if now_s >= market.closes_s else 20_000,
        "active": True,
        "archived": False,
        "restricted": True,
        "enableOrderBook": True,
        "acceptingOrders": market.open_at(now_s),
        "orderPriceMinTickSize": market.tick_millis / 1000,
        "orderMinSize": 5,
        "negRisk": market.neg_risk,
        "negRiskOther": False,
        **_life(market),
        **_fees(market),
        **_quotes(market, snapshot),
        **({"negRiskMarketID": market.event.neg_risk_market_id} if market.neg_risk else {}),
        **(_ending(market) if market.resolved_at(now_s) else _proposal(market, now_s)),
    }


def event_row(event: Event, snapshot: Snapshot) -> Json:
    return {
        "id": str(event.number),
        "ticker": event.slug,
        "slug": event.slug,
        "title": event.title,
        "description": event.title,
        "startDate": utc(event.opens_s),
        "creationDate": utc(event.opens_s),
        "createdAt": utc(event.opens_s),
        "endDate": utc(event.closes_s),
        "image": _ICON,
        "icon": _ICON,
        "active": True,
        "closed": snapshot.now_s >= event.resolves_s,
        "archived": False,
        "restricted": True,
        "enableOrderBook": True,
        "negRisk": event.neg_risk,
        **({"negRiskMarketID": event.neg_risk_market_id} if event.neg_risk else {}),
    }


def tag_row(category: Category) -> Json:
    return {"id": category.tag_id, "label": category.label, "slug": category.slug, "createdAt": _BORN, "requiresTranslation": False}


def _tags(category: Category) -> Json:
    return {"tags": [tag_row(category)]}


def _life(market: Market) -> Json:
    return {
        "createdAt": utc(market.opens_s),
        "startDate": utc(market.opens_s),
        "startDateIso": utc(market.opens_s)[:10],
        "acceptingOrdersTimestamp": utc(market.opens_s),
        "endDate": utc(market.closes_s),
        "endDateIso": utc(market.closes_s)[:10],
    }


def _fees(market: Market) -> Json:
    """`takerBaseFee` is 1000 at the real venue too, and means nothing: the schedule is what is charged."""
    schedule = {"exponent": 1, "rate": market.category.fee_rate, "takerOnly": True, "rebateRate": 0.25}
    return {
        "makerBaseFee": 1000,
        "takerBaseFee": 1000,
        "feesEnabled": True,
        "feeType": market.category.fee_type,
        "feeSchedule": schedule,
    }


def _quotes(market: Market, snapshot: Snapshot) -> Json:
    if not market.open_at(snapshot.now_s):
        return {}
    quote = quote_at(market, snapshot.now_s)
    last = next((trade for _, trade in snapshot.trades(snapshot.market_sequences(market))), None)
    prices = {"bestBid": quote.bid / 1000, "bestAsk": quote.ask / 1000, "spread": (quote.ask - quote.bid) / 1000}
    if last is None:
        return prices
    return prices | {"lastTradePrice": (last.price_millis if last.outcome == 0 else 1000 - last.price_millis) / 1000}


def _ending(market: Market) -> Json:
    return {
        "closed": True,
        "closedTime": utc(int(market.resolves_s)).replace("T", " ").replace("Z", "+00"),  # Gamma's own format for this one
        "umaEndDate": utc(int(market.resolves_s)),
        "umaResolutionStatus": "resolved",
        "umaResolutionStatuses": '["proposed"]',
        "automaticallyResolved": True,
    }


def _proposal(market: Market, now_s: float) -> Json:
    """Between the close and the resolution the market still counts as open, but takes no orders."""
    if now_s < market.closes_s:
        return {"closed": False, "umaResolutionStatuses": "[]"}
    return {"closed": False, "umaResolutionStatus": "proposed", "umaResolutionStatuses": '["proposed"]'}


def _price(market: Market, outcome: int, now_s: float) -> str:
    return f"{price_at(market, outcome, now_s):.4f}".rstrip("0").rstrip(".")


def _chosen(snapshot: Snapshot, query: Query, after: int) -> list[Market]:
    """By id where ids are given, else everything after the cursor that has a wanted slug."""
    conditions, tokens, slugs = query.texts("condition_ids"), query.texts("clob_token_ids"), query.texts("slug")
    found = [snapshot.market(condition) for condition in conditions]
    found += [pair[0] if (pair := snapshot.token(token)) else None for token in tokens]
    if conditions or tokens:
        chosen = {market.number: market for market in found if market and market.number > after}
        return [chosen[number] for number in sorted(chosen)]
    return [market for market in snapshot.markets(after) if not slugs or market.slug in slugs]


def _wants_event(event: Event, snapshot: Snapshot, query: Query) -> bool:
    slugs = query.texts("slug")
    return (snapshot.now_s >= event.resolves_s) == query.flag("closed", False) and (not slugs or event.slug in slugs)


def _walk(query: Query, kind: str, most: int) -> tuple[int, int]:
    """The page size, and the number after which the page begins."""
    cursor = query.text("after_cursor")
    return query.limit(20, most), int(unseal(cursor, kind, "after_cursor")[0]) if cursor else 0


def _next(kind: str, page: list[Market], shown: list[Market]) -> Json:
    """On the last page there is no `next_cursor` at all."""
    return {"next_cursor": seal(kind, shown[-1].number)} if len(page) > len(shown) else {}
