"""The doors of the swaps: `/swap/v2/order`, `/build` and `/execute`, the node's RPC, and what operates them.

A fault is asked for at `/control/solana/faults`, as `{"on": "order", "what": "drainer", "kind": "takes_sol"}`, and used `times` times:
  on order    rate_limited, error, not_built, stale (its price is gone when it lands), twin (the same bytes again), drainer (`kind`)
  on execute  lost_before (nothing happens and no answer comes), lost_after (it lands, and no answer comes), misreported (it lands and is
              reported failed), never (a signature comes back, and it never lands), late (the same, and it lands `after_s` later),
              denied (it is reported failed, and lands `after_s` later), rejected, rate_limited, error
  on rpc      lost_before, lost_after, rate_limited, error; `method` narrows it to one
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.solana.drainers import DRAINERS
from sandbox.solana.jupiter_orders import Swaps
from sandbox.wire import Json

LOST, REFUSED = ("lost_before", "lost_after"), {"rate_limited": 429, "error": 500}
WHATS = {
    "order": (*REFUSED, "not_built", "stale", "twin", "drainer"),
    "execute": (*REFUSED, *LOST, "misreported", "never", "late", "denied", "rejected"),
    "rpc": (*REFUSED, *LOST),
}


@dataclass
class SwapFaults:
    """Those that are still to come, oldest first."""

    waiting: list[Json] = field(default_factory=list)

    def ask(self, rows: Any) -> None:
        """Raises ValueError for what is no fault."""
        for row in rows if isinstance(rows, list) else [rows]:
            if row.get("what") not in WHATS.get(row.get("on"), ()) or (row["what"] == "drainer" and row.get("kind") not in DRAINERS):
                raise ValueError(f"no fault: {row!r}")
            self.waiting.append({"times": 1, "skip": 0} | row)

    def take(self, on: str, method: str = "") -> Json:
        """The oldest that is meant for this request and due; one without a name where none is."""
        for fault in [one for one in self.waiting if one["on"] == on and one.get("method", method) == method]:
            if fault["skip"]:
                fault["skip"] -= 1
                continue
            fault["times"] -= 1
            if not fault["times"]:
                self.waiting.remove(fault)
            return fault
        return {"what": ""}


class Silence(Response):
    """No answer, and a closed connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 504, "headers": [(b"content-length", b"1"), (b"connection", b"close")]})


def swap_routes(swaps: Swaps, faults: SwapFaults) -> list[Route]:
    async def order(request: Request) -> Response:
        swaps.land_late()
        fault = faults.take("order")
        if fault["what"] in REFUSED:
            return _refused(fault)
        query = {**request.query_params, "fault": str(fault.get("kind", fault["what"]))}
        return JSONResponse((answer := swaps.order(query))[1], answer[0])

    async def build(request: Request) -> Response:
        swaps.land_late()
        status, told = swaps.build(dict(request.query_params))
        return JSONResponse(told, status)

    async def execute(request: Request) -> Response:
        swaps.land_late()
        fault, body = faults.take("execute"), await request.json()
        what = fault["what"]
        if what in REFUSED or what in ("lost_before", "rejected"):
            return _rejected() if what == "rejected" else _refused(fault)
        status, told = swaps.execute(body, what, float(fault.get("after_s", 0)))
        if what == "lost_after":
            return Silence()
        if what in ("misreported", "denied"):
            return JSONResponse({"status": "Failed", "code": -1001, "error": "Unknown error", "signature": told.get("signature", "")})
        return JSONResponse(told, status)

    return [
        Route("/swap/v2/order", order),
        Route("/swap/v2/build", build),
        Route("/swap/v2/execute", execute, methods=["POST"]),
    ]


def spoilt(route: Route, swaps: Swaps, faults: SwapFaults) -> Route:
    """The same door of a node, with the faults that were asked for it; what lands by itself has landed before it answers."""

    async def ask(request: Request) -> Response:
        swaps.land_late()
        fault = faults.take("rpc", await _method(request))
        if fault["what"] in REFUSED or fault["what"] == "lost_before":
            return _refused(fault)
        answer: Response = await route.endpoint(request)
        return Silence() if fault["what"] == "lost_after" else answer

    return Route(route.path, ask, methods=["POST"])


async def _method(request: Request) -> str:
    try:
        body = await request.json()
    except ValueError:
        return ""
    return str(body.get("method", "")) if isinstance(body, dict) else ""


def swap_control_routes(swaps: Swaps, faults: SwapFaults) -> list[Route]:
    """Funds wallets, shows the truth, asks for faults."""

    async def wallet(request: Request) -> Response:
        swaps.land_late()
        owner = request.path_params["owner"]
        if request.method == "POST":
            swaps.ledger.fund(owner, int((await request.json())["lamports"]))
        return JSONResponse(wallet_row(swaps, owner))

    async def ask(request: Request) -> Response:
        if request.method == "DELETE":
            faults.waiting.clear()
        elif request.method == "POST":
            return _asked(faults, await request.json())
        return JSONResponse(faults.waiting)

    return [
        Route("/control/solana/wallets/{owner}", wallet, methods=["GET", "POST"]),
        Route("/control/solana/faults", ask, methods=["GET", "POST", "DELETE"]),
    ]


def wallet_row(swaps: Swaps, owner: str) -> Json:
    """The truth about one wallet: its lamports, its coins by mint, and the transactions it is in."""
    ledger, mints = swaps.ledger, {one.quote.coin.launch.mint for one in swaps.ordered.values()}
    held = {mint: ledger.held(owner, mint) for mint in sorted(mints)}
    landed = [one for one in ledger.landed.values() if owner in one.accounts]
    return {
        "lamports": ledger.lamports(owner),
        "tokens": {mint: raw for mint, raw in held.items() if raw},
        "transactions": [{"signature": one.signature, "slot": one.slot, "err": one.error, "fee": one.meta["fee"]} for one in landed],
    }


def _asked(faults: SwapFaults, rows: Any) -> Response:
    try:
        faults.ask(rows)
    except (ValueError, AttributeError) as error:
        return JSONResponse({"error": str(error)}, 400)
    return JSONResponse(faults.waiting)


def _refused(fault: Json) -> Response:
    if fault["what"] in LOST:
        return Silence()
    headers = {"Retry-After": f"{fault.get('retry_after_s', 0):g}"} if fault["what"] == "rate_limited" else None
    return JSONResponse({"error": fault["what"]}, REFUSED[fault["what"]], headers)


def _rejected() -> Response:
    return JSONResponse({"status": "Failed", "code": -2004, "error": "Swap rejected"})
