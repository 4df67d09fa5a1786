"""The node's door: POST /solana. Who asks too much gets 429 and is told when to come back."""

import asyncio
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.solana.node_errors import PARSE
from sandbox.solana.node_faults import NodeFaults

TOO_MANY = {"jsonrpc": "2.0", "error": {"code": 429, "message": "Too many requests for a specific RPC call"}, "id": None}


class Answering(Protocol):
    """A node, or whoever stands before one."""

    faults: NodeFaults

    def answer(self, asked: Any) -> object: ...


def node_routes(node: Answering) -> list[Route]:
    async def ask(request: Request) -> Response:
        if node.faults.take_busy():
            return JSONResponse(TOO_MANY, 429, {"Retry-After": f"{node.faults.retry_after_s:g}"})
        try:
            asked: Any = await request.json()
        except ValueError:
            return JSONResponse({"jsonrpc": "2.0", "error": {"code": PARSE, "message": "Parse error"}, "id": None}, 200)
        await asyncio.sleep(0)
        return JSONResponse(node.answer(asked))

    async def faults(request: Request) -> Response:
        return JSONResponse(node.faults.ask(await request.json() if request.method == "POST" else {}))

    return [
        *(Route(path, ask, methods=["POST"]) for path in ("/solana", "/solana/", "/solana/rpc")),
        Route("/control/solana/node", faults, methods=["GET", "POST"]),
    ]
