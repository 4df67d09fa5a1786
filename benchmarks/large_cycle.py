"""A copy cycle over a feed of 10,000 new trades with 50,000 followed wallets: seconds, calls to the feed, and peak memory.

Every trade is a followed wallet's. Each burst comes within 30 s, after two quiet minutes: the two minutes that are read again for safety
add no page. The house is the benchmark's own. The feed is a server in a process of its own that speaks the Data API, Gamma and the CLOB,
and counts who asks for what.
"""

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from benchmarks.followers import mirror_policy, put_strategy
from benchmarks.own_house import own_house
from data_contracts import Kind, Watermark
from data_contracts.frames import frame_of
from deployments.terminal import out, show_table

ORIGIN = datetime(2026, 11, 1, tzinfo=UTC)
APART_S = 360  # from burst to burst, with a quiet cycle halfway
BURST_S = 30
MARKETS = 40
LIMIT_S, LIMIT_CALLS = 5.0, 12
FEED_PATHS = ("/data/v2/status", "/data/v2/trades")


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with own_house() as house, _feed(house.port_base + 18, options) as url:
        settings = house.model_copy(update={"data_api_url": f"{url}/data", "gamma_url": f"{url}/gamma", "clob_url": f"{url}/clob"})
        _put_strategies(settings, options)
        cycles = list(_measured(settings, url, options))
    _show(cycles, options)


def _measured(settings: Settings, url: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from prefect import flow

    from flows.copy_trading import copy_cycle
    from tasks.steps import bare_steps, timed_steps

    came: list[Any] = []

    @flow(name="bench-large-cycle")
    def cycle(as_of: datetime) -> None:
        came.append(copy_cycle(settings, as_of))

    for number in range(1, options.cycles + 1):
        httpx.post(f"{url}/burst/{number}", trust_env=False).raise_for_status()
        time.sleep(options.pause_s)
        with timed_steps() as timings, bare_steps() if options.bare else nullcontext():
            began, cpu = time.perf_counter(), time.process_time()
            (cycle.fn if options.bare else cycle)(_burst_ends_at(number))
            seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        done = came.pop()
        asked = Counter(httpx.get(f"{url}/asked", trust_env=False).json())
        calls = sum(asked[path] for path in FEED_PATHS)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        out.print(
            f"cycle {number}: {done.trades.height} new trades, {done.signals.height} signals, {done.fills.height} fills: "
            f"{seconds:.2f} s ({cpu_s:.2f} s of CPU), {calls} feed calls, peak memory {peak_mib:.0f} MiB"
        )
        with bare_steps():
            cycle.fn(_burst_ends_at(number) + timedelta(seconds=APART_S / 2))
        came.clear()
        yield {"seconds": seconds, "calls": calls, "peak_mib": peak_mib, "asked": asked, "steps": timings, "trades": done.trades.height}


def _show(cycles: list[dict[str, Any]], options: argparse.Namespace) -> None:
    last = cycles[-1]
    out.print(f"\n{options.trades} new trades a cycle, {options.wallets} followed wallets, {options.strategies} strategies")
    seconds = [cycle["seconds"] for cycle in cycles]
    others = ", ".join(f"{path} {count}" for path, count in last["asked"].items() if path not in FEED_PATHS)
    rows = [
        ("cycle, seconds (median, worst)", f"{statistics.median(seconds):.2f}  {max(seconds):.2f}"),
        ("calls to the feed", str(max(cycle["calls"] for cycle in cycles))),
        ("other calls of the last cycle", others or "none"),
        ("peak memory, MiB", f"{last['peak_mib']:.0f}"),
    ]
    show_table(("measured", "value"), rows)
    spent: dict[str, float] = defaultdict(float)
    for name, took_s in last["steps"]:
        spent[name] += took_s
    slowest = sorted(spent.items(), key=lambda item: -item[1])[:8]
    show_table(("step of the last cycle", "s"), [(name, f"{took_s:.2f}") for name, took_s in slowest])
    kept = max(cycle["calls"] for cycle in cycles) <= LIMIT_CALLS and statistics.median(seconds) <= LIMIT_S
    out.print(f"at most {LIMIT_CALLS} calls and {LIMIT_S:.0f} s: {'yes' if kept else 'NO'}")


def _burst_ends_at(number: int) -> datetime:
    return ORIGIN + timedelta(seconds=APART_S * number)


def wallet(number: int) -> str:
    return f"0x{number:040x}"


def _put_strategies(settings: Settings, options: argparse.Namespace) -> None:
    """Each follows all wallets. Nothing is left to be read of the time before."""
    wallets = [wallet(number) for number in range(options.wallets)]
    for number in range(options.strategies):
        kind = Kind.MIRROR if number % 2 == 0 else Kind.OWRR
        put_strategy(f"large-{number}", kind, mirror_policy(1), wallets, settings, ORIGIN)
    marks = [Watermark(name=name, reached_at=ORIGIN) for name in ("trades:polymarket", "signals")]
    open_results(settings).write([Write(Watermark, frame_of(marks, Watermark))])


@contextmanager
def _feed(port: int, options: argparse.Namespace) -> Iterator[str]:
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(port, options.trades, options.wallets), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(trust_env=False) as client:
        for _ in range(300):
            try:
                client.get(f"{url}/asked")
                break
            except httpx.TransportError:
                time.sleep(0.5)
    try:
        yield url
    finally:
        server.terminate()
        server.join()


def _serve(port: int, trades: int, wallets: int) -> None:
    uvicorn.run(_app(trades, wallets), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def _app(trades: int, wallets: int) -> Starlette:
    asked: Counter[str] = Counter()
    feed: list[dict[str, Any]] = []  # newest first

    async def burst(request: Request) -> JSONResponse:
        number = int(request.path_params["number"])
        feed[:0] = _burst(number, trades, wallets)
        asked.clear()
        return JSONResponse({})

    async def status(request: Request) -> JSONResponse:
        asked["/data/v2/status"] += 1
        return JSONResponse({"data": {"age_seconds": 0, "serving": {"lag_seconds": 3}}})

    async def page(request: Request) -> JSONResponse:
        asked["/data/v2/trades"] += 1
        start, limit = int(request.query_params.get("cursor", 0)), int(request.query_params["limit"])
        more = start + limit < len(feed)
        pagination = {"limit": limit, "offset": 0, "has_more": more, "next_cursor": str(start + limit) if more else None}
        return JSONResponse({"data": feed[start : start + limit], "pagination": pagination})

    async def markets(request: Request) -> JSONResponse:
        asked["/gamma/markets/keyset"] += 1
        wanted = {int(token) // 2 for token in request.query_params.getlist("clob_token_ids")}
        return JSONResponse(
            {"markets": [_market(number) for number in sorted(wanted)] if request.query_params["closed"] == "false" else []}
        )

    async def holders(request: Request) -> JSONResponse:
        asked["/data/v2/holders"] += 1
        return JSONResponse({"data": [], "pagination": {"has_more": False}})

    async def books(request: Request) -> JSONResponse:
        asked["/clob/books"] += 1
        return JSONResponse([_book(row["token_id"]) for row in await request.json()])

    async def told(request: Request) -> JSONResponse:
        return JSONResponse(asked)

    return Starlette(
        routes=[
            Route("/burst/{number}", burst, methods=["POST"]),
            Route("/asked", told),
            Route("/data/v2/status", status),
            Route("/data/v2/trades", page),
            Route("/data/v2/holders", holders),
            Route("/gamma/markets/keyset", markets),
            Route("/clob/books", books, methods=["POST"]),
        ]
    )


def _burst(number: int, trades: int, wallets: int) -> list[dict[str, Any]]:
    """Trades of half a minute, the newest first; makers sell what takers buy, in one transaction."""
    rng = random.Random(number)  # noqa: S311 (a benchmark's feed)
    ends_s = int(_burst_ends_at(number).timestamp())
    return [_trade(number, place, ends_s - place * BURST_S // trades, rng, wallets) for place in range(trades)]


def _trade(burst: int, place: int, at_s: int, rng: random.Random, wallets: int) -> dict[str, Any]:
    token = rng.randrange(2 * MARKETS) + 2
    return {
        "proxy_wallet": wallet(rng.randrange(wallets)),
        "side": "BUY" if place % 2 == 0 else "SELL",
        "token_id": str(token),
        "market_id": f"0x{token // 2:064x}",
        "size": rng.randrange(500, 50_000) / 100,
        "price": rng.randrange(40, 60) / 100,
        "timestamp": at_s,
        "outcome": "Yes" if token % 2 == 0 else "No",
        "outcome_index": token % 2,
        "transaction_hash": f"0x{burst:032x}{place // 2:032x}",
    }


def _market(number: int) -> dict[str, Any]:
    return {
        "conditionId": f"0x{number:064x}",
        "question": f"Market {number}?",
        "outcomes": '["Yes", "No"]',
        "outcomePrices": '["0.5", "0.5"]',
        "clobTokenIds": f'["{2 * number}", "{2 * number + 1}"]',
        "version": "v1",
        "closed": False,
        "orderPriceMinTickSize": 0.01,
        "orderMinSize": 5,
        "feeType": "sports_fees",
        "feeSchedule": {"rate": 0.05, "exponent": 1},
        "events": [{"slug": f"event-{number}"}],
        "endDate": "2027-01-01T00:00:00Z",
    }


def _book(token_id: str) -> dict[str, Any]:
    return {"asset_id": token_id, "bids": [{"price": "0.49", "size": "5000"}], "asks": [{"price": "0.51", "size": "5000"}]}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trades", type=int, default=10_000)
    parser.add_argument("--wallets", type=int, default=50_000)
    parser.add_argument("--strategies", type=int, default=2, help="each follows all wallets; mirror and owrr by turns")
    parser.add_argument("--cycles", type=int, default=4)
    parser.add_argument("--pause-s", type=float, default=1.0)
    parser.add_argument("--bare", action="store_true", help="without Prefect and without its checks: the stores and our own work alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
