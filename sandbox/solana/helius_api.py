"""Helius' REST: the history of an address, transactions by signature, webhooks, who a wallet is and who paid it first.

Source: https://www.helius.dev/docs/api-reference"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.solana.deliveries import Deliveries
from sandbox.solana.enhanced_rows import enhanced_row
from sandbox.solana.funders import first_funding
from sandbox.solana.keys import WSOL, key
from sandbox.solana.node_errors import NodeError
from sandbox.solana.people import EXCHANGES, exchange_of
from sandbox.solana.slots import block_time
from sandbox.solana.webhooks import Refused
from sandbox.wire import Json

MOST, MOST_NAMED = 100, 100
CATEGORY = "Centralized Exchange"
BOUNDS = ("gt", "gte", "lt", "lte")
Answer = Callable[[Request, Any], Awaitable[object]]


class Helius:
    """Answers for the chain as Helius does, and keeps its webhooks."""

    def __init__(self, deliveries: Deliveries) -> None:
        self.deliveries, self.chain, self.history = deliveries, deliveries.chain, deliveries.history
        self.webhooks, self.faults, self.clock = deliveries.webhooks, deliveries.faults, deliveries.clock

    async def of_address(self, request: Request, _: Any) -> object:
        """The newest first, unless they are asked for in the chain's own order; either way from a signature on."""
        named, query = _address(request.path_params["address"]), request.query_params
        ascending = _one_of(query.get("sort-order", "desc"), "sort-order", ("desc", "asc")) == "asc"
        limit = _limit(query.get("limit", "100"))
        before, after = query.get("before-signature") or query.get("before"), query.get("after-signature") or query.get("until")
        asked: Json = {"sortOrder": "asc" if ascending else "desc", "limit": 1_000, "commitment": query.get("commitment", "finalized")}
        asked["filters"] = {name: _bounds(query, name) for name in ("slot", "time")}
        asked["filters"]["blockTime"] = asked["filters"].pop("time")
        return self._between(named, asked, before, after, limit, query.get("type"), query.get("source"))

    def _between(
        self, named: str, asked: Json, before: str | None, after: str | None, limit: int, kind: str | None, source: str | None
    ) -> list[Json]:
        blocks, now_s = self.chain.at(self.clock()).blocks, self.clock()
        end, begin = blocks.place_of(before) if before else None, blocks.place_of(after) if after else None
        found: list[Json] = []
        for place in self.history.places(now_s, named, asked):
            if (end is not None and place >= end) or (begin is not None and place <= begin):
                continue
            row = enhanced_row(self.history.written(place), now_s)
            if kind in (None, row["type"]) and source in (None, row["source"]):
                found.append(row)
            if len(found) == limit:
                break
        return found

    async def by_signature(self, request: Request, body: Any) -> object:
        signatures = body.get("transactions") if isinstance(body, dict) else None
        if not isinstance(signatures, list) or not 1 <= len(signatures) <= MOST:
            raise Refused(400, f"transactions must be an array of 1 to {MOST} signatures")
        places = [self.chain.at(self.clock()).blocks.place_of(str(one)) for one in signatures]
        return [enhanced_row(self.history.written(place), self.clock()) for place in places if place is not None]

    async def funded_by(self, request: Request, _: Any) -> object:
        """404 is nothing unusual: nobody paid it as far as the chain goes back."""
        found = first_funding(self.chain.at(self.clock()), _address(request.path_params["address"]))
        if found is None:
            raise Refused(404, "No funding transaction found")
        place, funder, lamports = found
        placed = self.chain.blocks[place]
        known = self._identity(funder)
        at = datetime.fromtimestamp(block_time(placed.slot), UTC)
        return {
            "funder": funder,
            "funderName": known["name"] if known else None,
            "funderType": known["type"] if known else None,
            "mint": WSOL,
            "symbol": "SOL",
            "amount": lamports / 1e9,
            "amountRaw": str(lamports),
            "decimals": 9,
            "date": at.isoformat().replace("+00:00", "Z"),
            "signature": self.chain.blocks.signature(placed),
            "timestamp": block_time(placed.slot),
            "slot": placed.slot,
        }

    async def identity(self, request: Request, _: Any) -> object:
        found = self._identity(_address(request.path_params["address"]))
        if found is None:
            raise Refused(404, "No identity information available for this address")
        return found

    async def identities(self, request: Request, body: Any) -> object:
        addresses = body.get("addresses") if isinstance(body, dict) else None
        if not isinstance(addresses, list) or not 1 <= len(addresses) <= MOST_NAMED:
            raise Refused(400, f"addresses must be an array of 1 to {MOST_NAMED}")
        return [self._identity(_address(one)) or {"address": one, "type": "unknown"} for one in addresses]

    def _identity(self, named: str) -> Json | None:
        known = {exchange_of(place).address(self.chain.seed): f"Sandbox Exchange {place + 1}" for place in range(EXCHANGES)}
        if named not in known:
            return None
        return {
            "address": named,
            "type": "exchange",
            "name": known[named],
            "category": "Centralized Exchange",
            "tags": ["Centralized Exchange"],
        }

    async def create(self, request: Request, body: Any) -> object:
        return self.webhooks.create(body, self.faults.most_webhooks).row()

    async def listed(self, request: Request, _: Any) -> object:
        return [webhook.row() for webhook in self.webhooks.all.values()]

    async def one(self, request: Request, _: Any) -> object:
        return self.webhooks.get(request.path_params["id"]).row()

    async def put(self, request: Request, body: Any) -> object:
        return self.webhooks.put(request.path_params["id"], body).row()

    async def switch(self, request: Request, body: Any) -> object:
        return self.webhooks.switch(request.path_params["id"], body).row()

    async def delete(self, request: Request, _: Any) -> object:
        self.webhooks.delete(request.path_params["id"])
        return None


def helius_routes(helius: Helius) -> list[Route | Mount]:
    faults = helius.faults

    def route(path: str, methods: dict[str, Answer]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await _answered(helius, request, methods[request.method])

        return Route(path, endpoint, methods=list(methods))

    async def control(request: Request) -> Response:
        try:
            return JSONResponse(faults.ask(await request.json() if request.method == "POST" else {}))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    async def told(request: Request) -> Response:
        return JSONResponse(helius.deliveries.rows())

    doors = [
        route("/v0/addresses/{address}/transactions", {"GET": helius.of_address}),
        route("/v0/transactions", {"POST": helius.by_signature}),
        route("/v0/webhooks", {"GET": helius.listed, "POST": helius.create}),
        route("/v0/webhooks/{id}", {"GET": helius.one, "PUT": helius.put, "PATCH": helius.switch, "DELETE": helius.delete}),
        route("/v1/wallet/{address}/funded-by", {"GET": helius.funded_by}),
        route("/v1/wallet/{address}/identity", {"GET": helius.identity}),
        route("/v1/wallet/batch-identity", {"POST": helius.identities}),
    ]
    return [
        Mount("/helius", routes=doors),
        Route("/control/solana/helius", control, methods=["GET", "POST"]),
        Route("/truth/solana/deliveries", told),
    ]


async def _answered(helius: Helius, request: Request, answer: Answer) -> Response:
    if helius.faults.take_busy():
        return JSONResponse({"error": "rate limited", "code": 429}, 429, {"Retry-After": "1"})
    if helius.faults.key and helius.faults.key not in (request.query_params.get("api-key"), request.headers.get("x-api-key")):
        return JSONResponse({"error": "invalid api key provided", "code": 401}, 401)
    try:
        body = await request.json() if request.method in ("POST", "PUT", "PATCH") else None
        return JSONResponse(await answer(request, body))
    except Refused as refusal:
        return JSONResponse(refusal.row, refusal.status)
    except NodeError as error:
        return JSONResponse({"error": error.row["message"], "code": 400}, 400)
    except ValueError:
        return JSONResponse({"error": "invalid request body", "code": 400}, 400)


def _address(named: Any) -> str:
    try:
        key(named)
    except (ValueError, TypeError):
        raise Refused(400, "Invalid wallet address", f"{named!r:.60} is not a valid Solana address") from None
    return str(named)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise Refused(400, f"limit must be between 1 and {MOST}")
    return int(text)


def _one_of(value: str, name: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise Refused(400, f"{name} must be one of {', '.join(choices)}")
    return value


def _bounds(query: Any, name: str) -> dict[str, int] | None:
    """`gte-time=...`, `lt-slot=...`."""
    found = {bound: query[f"{bound}-{name}"] for bound in BOUNDS if f"{bound}-{name}" in query}
    if not all(value.isdecimal() for value in found.values()):
        raise Refused(400, f"a bound of {name} is no whole number")
    return {bound: int(value) for bound, value in found.items()} or None
