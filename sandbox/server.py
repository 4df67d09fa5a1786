"""Serves a sandbox world on this machine: Polymarket's Data API under /data, Gamma under /gamma, the CLOB under /clob,
a node of Solana's chain under /solana, Helius under /helius, DexScreener under /dexscreener and Jupiter under /jupiter; what operates it
under /control.

Start it with `python -m sandbox.server --port 8765 --state sandbox.json`."""

import argparse
import asyncio
import gc
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from sandbox.clob_api import clob_routes
from sandbox.data_api import data_routes
from sandbox.exchange.api import exchange_routes
from sandbox.exchange.approvals import approval_routes
from sandbox.exchange.chain import Chain
from sandbox.exchange.channels import Channels
from sandbox.exchange.control import control_routes
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.faults import Faults, FaultyDoor
from sandbox.exchange.keeping import Keeping, KeptDoor
from sandbox.exchange.relayer import relayer_routes
from sandbox.exchange.rpc import rpc_routes
from sandbox.feed_faults import FeedFaults
from sandbox.gamma_api import gamma_routes
from sandbox.solana.app import HISTORY_S, Solana
from sandbox.solana.coins import DAY_S
from sandbox.state import found_or_new
from sandbox.wire import Clock
from sandbox.world import World

_HOST = "127.0.0.1"


class ShiftedClock:
    """The machine's clock, plus what it was moved ahead by."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s

    def advance(self, seconds: float) -> None:
        self.ahead_s += seconds


def app_of(world: World, clock: Clock = time.time, solana: Solana | None = None, exchange: Exchange | None = None) -> Starlette:
    """Draws the history first: whoever gets an answer gets it from a finished world. Solana's is drawn when it is first asked for."""
    world.at(clock())
    exchange, faults, feed = exchange or Exchange(world, clock), Faults(), FeedFaults()
    chain = Chain(exchange)
    clob = [*clob_routes(exchange), *exchange_routes(exchange)]

    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def geoblock(request: Request) -> Response:
        return JSONResponse(exchange.geoblock)

    async def truth(request: Request) -> Response:
        return JSONResponse({"seed": world.seed, "origin": world.origin.isoformat(), "wallets": world.truth()})

    channels, solana = Channels(exchange), solana or Solana.of(world.seed, clock, world.origin_s)

    async def drop_sockets(request: Request) -> Response:
        await channels.drop()
        return JSONResponse(None)

    @asynccontextmanager
    async def awake(_: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(channels.run()), asyncio.create_task(solana.run())]
        yield
        for task in running:
            task.cancel()

    return Starlette(
        lifespan=awake,
        routes=[
            Mount("/data", routes=[*data_routes(world, clock, feed), *approval_routes(exchange)]),
            Mount("/gamma", routes=gamma_routes(world, clock)),
            Mount("/clob", app=FaultyDoor(Router(clob), faults)),
            *channels.routes(),
            Mount("/geo", routes=[Route("/api/geoblock", geoblock)]),
            Mount("/relayer", routes=relayer_routes(exchange, chain)),
            *rpc_routes(exchange, chain),
            Route("/control/sockets", drop_sockets, methods=["DELETE"]),
            *solana.routes(),
            Mount("/control", routes=control_routes(exchange, faults, feed)),
            Route("/healthz", healthz),
            Route("/truth", truth),
        ],
    )


class AnnouncedServer(uvicorn.Server):
    """Writes one line once it listens, so that whoever started it knows when to come."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(self._line + "\n")
        sys.stdout.flush()


def main() -> None:
    serve(parser().parse_args(), lambda app: app)


def serve(options: argparse.Namespace, wrapped: Callable[[Starlette], ASGIApp]) -> None:
    """Until it is stopped. `wrapped` puts before it whatever decides who may ask."""
    state = found_or_new(options.state, options.seed, options.wallets, options.history_days, datetime.now(UTC))
    world, clock = state.world(), ShiftedClock()
    solana = Solana.of(world.seed, clock, world.origin_s, min(HISTORY_S, state.history_days * DAY_S))
    exchange = Exchange(world, clock)
    keeping = Keeping(exchange, options.state.with_name("exchange.pickle"), lambda: clock.ahead_s, clock.advance)
    keeping.load()
    solana.prepare()
    line = f"sandbox world (seed {state.seed}, origin {state.origin}) on http://{_HOST}:{options.port}"
    app = KeptDoor(wrapped(app_of(world, clock, solana, exchange)), keeping)
    config = uvicorn.Config(app, host=_HOST, port=options.port, access_log=False, log_level="warning")
    gc.freeze()  # half a million objects that never die; looking through them again stalled answers by 100 ms
    AnnouncedServer(config, line).run()


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.server", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, help="JSON file that names the world; made on the first start")
    parser.add_argument("--seed", type=int, default=7, help="of a new world (default: %(default)s)")
    parser.add_argument("--wallets", type=int, default=300, help="of a new world (default: %(default)s)")
    parser.add_argument("--history-days", type=int, default=45, help="before a new world's origin (default: %(default)s)")
    return parser


if __name__ == "__main__":
    main()
