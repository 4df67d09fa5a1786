"""Misbehaviour on demand, counted: each fault is used `times` times by the requests it is meant for and is then gone.

What can be asked for, with the request it is `on` ("POST /order", "GET /data/orders", or "*"):
  rate_limited     429 with Retry-After (`retry_after_s`)         error            500
  restarting       425                                            cancel_only      503, cancels still work
  post_only        503, only post-only orders                     disabled         503
  timeout_before   nothing happens and no answer comes            timeout_after    it happens, and no answer comes
  partial          only `share` of every maker is there           unmatched        nobody is there: a FAK order is killed
  failed           its trades end FAILED                          retrying         its trades are retried before they are mined
`skip` lets that many such requests pass first. A lost answer is silence for `hold_s` seconds and then a closed connection."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from starlette._utils import get_route_path
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.exchange.refusals import CANCEL_ONLY
from sandbox.exchange.twists import TWISTS, Twist
from sandbox.wire import Json

_RESTRICTIONS: dict[str, tuple[int, Json]] = {
    "error": (500, {"error": "Internal server error"}),
    "rate_limited": (429, {"error": "Too Many Requests"}),
    "restarting": (425, {"error": "the exchange is restarting"}),
    "cancel_only": (503, {"error": CANCEL_ONLY}),
    "post_only": (503, {"error": "post-only mode: only post-only orders and cancels are allowed", "code": "post_only_mode"}),
    "disabled": (503, {"error": "Trading is currently disabled. Check polymarket.com for updates"}),
}
_LOST = ("timeout_before", "timeout_after")
WHATS = (*_RESTRICTIONS, *_LOST, "partial", *TWISTS)
_MOST = 1_000


@dataclass
class Fault:
    on: str
    what: str
    times: int = 1
    skip: int = 0
    share: Fraction = Fraction(1, 2)
    retry_after_s: float = 1
    hold_s: float = 0

    def row(self) -> Json:
        return {"on": self.on, "what": self.what, "times": self.times, "skip": self.skip}


@dataclass
class Faults:
    """Those that are still to come, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def ask(self, rows: Sequence[Any]) -> None:
        """Raises ValueError for what is no fault."""
        faults = [read_fault(row) for row in rows]
        if len(self.waiting) + len(faults) > _MOST:
            raise ValueError(f"more than {_MOST} faults")
        self.waiting += faults

    def take(self, request: str) -> Fault | None:
        """The oldest that is meant for this request and due. One request, one fault."""
        for fault in [fault for fault in self.waiting if fault.on in ("*", request)]:
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if not fault.times:
                self.waiting.remove(fault)
            return fault
        return None


def read_fault(row: Any) -> Fault:
    if not isinstance(row, dict) or row.get("what") not in WHATS or not isinstance(row.get("on"), str):
        raise ValueError(f"no fault: {row!r}; `what` is one of {', '.join(WHATS)}")
    fault = Fault(
        on=row["on"],
        what=row["what"],
        times=int(row.get("times", 1)),
        skip=int(row.get("skip", 0)),
        share=Fraction(str(row.get("share", "0.5"))),
        retry_after_s=float(row.get("retry_after_s", 1)),
        hold_s=float(row.get("hold_s", 0)),
    )
    if fault.times < 1 or fault.skip < 0 or not 0 <= fault.share <= 1 or fault.hold_s < 0:
        raise ValueError(f"out of range: {row!r}")
    return fault


class FaultyDoor:
    """Stands before the CLOB and spoils what it was asked to."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app, self._faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._faults.take(f"{scope['method']} {get_route_path(scope)}") if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.what in _LOST:
            await self._lose(fault, scope, receive, send)
        elif fault.what in _RESTRICTIONS:
            await _restricted(fault)(scope, receive, send)
        else:
            scope.setdefault("state", {})["twist"] = _twist(fault)
            await self._app(scope, receive, send)

    async def _lose(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.what == "timeout_after":
            await self._app(scope, receive, _swallow)
        await asyncio.sleep(fault.hold_s)
        # A server must begin an answer. One that breaks off before its only byte is a closed connection to every client.
        await send({"type": "http.response.start", "status": 504, "headers": [(b"content-length", b"1"), (b"connection", b"close")]})


async def _swallow(message: Message) -> None:
    """Nobody hears it."""


def _restricted(fault: Fault) -> Response:
    status, body = _RESTRICTIONS[fault.what]
    headers = {"Retry-After": f"{fault.retry_after_s:g}"} if status in (425, 429, 503) else None
    return JSONResponse(body, status, headers)


def _twist(fault: Fault) -> Twist:
    return Twist(share=fault.share) if fault.what == "partial" else TWISTS[fault.what]
