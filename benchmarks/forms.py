"""`make bench-forms`: how long each flow that a person asks for takes, in a house of a million signals and ten million trades.

In a whole house of its own, filled as `make bench-page` fills its tables, whose schedules stand still. Fails where a run takes more than a
second. From the click it takes longer: a worker asks every two seconds what there is to do.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx

from adapters.settings import Settings
from benchmarks.driven_house import still_schedules
from benchmarks.own_house import trading_house, warm_worker_alone
from benchmarks.results_page import MOST_S, fill
from data_contracts.errors import Unavailable
from deployments import prefect_api
from deployments.local_stack import sandbox
from deployments.local_stack.services import Service
from deployments.terminal import out, show_table

TIMES = 3  # each; the first of a process is not what a person meets all day, so the middle one counts
PATIENCE_S = 60.0
LEADER, FRIEND = "0x" + "0" * 39 + "1", "0x" + "0" * 39 + "2"


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with trading_house(_workers) as settings:
        fill(settings, options.signals, options.trades)
        known = {str(found["name"]): str(found["id"]) for found in prefect_api.deployments(settings)}
        rows = [(name, *took(settings, known[name], said)) for name, said in forms(settings)]
    show_table(
        ["flow", "its run, s", "from the click, s", "ended"],
        [[name, f"{run:.2f}", f"{all_of_it:.2f}", end] for name, run, all_of_it, end in rows],
    )
    bad = [name for name, run_s, _, end in rows if run_s > MOST_S or end != "COMPLETED"]
    out.print(f"each run within {MOST_S:.0f} s: {'NO: ' + ', '.join(bad) if bad else 'yes'}")
    sys.exit(bool(bad))


def _workers(given: Settings) -> list[Service]:
    still_schedules(given)
    return warm_worker_alone(given)


def forms(settings: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a person fills in. The rows that are meant are there: `benchmarks.results_page.FILLED` makes them."""
    outcome, coin = an_outcome(settings), a_coin(settings)
    yield "strategy-editing", {"strategy_id": "s0", "balance": 12_000}
    yield "account-limits", {"max_open_usd": 50_000}
    yield "trading-state", {"strategy_id": "s0", "state": "REDUCING", "why": "benchmark"}
    yield "position-closing", {"strategy_id": "s1", "token_id": "t5", "why": "benchmark"}
    yield "leader-following", {"wallet": LEADER, "strategy_id": "s0"}
    yield "leader-standing", {"wallet": FRIEND, "standing": "PAUSED", "why": "benchmark"}
    yield "wallet-explaining", {"wallet": LEADER}
    yield "position-settling", {"dry_run": True}
    yield "signal-explaining", {"name": hashlib.md5(b"10", usedforsecurity=False).hexdigest()}
    yield "token-scoring", {"token_id": outcome}
    yield "token-scoring", {"token_id": coin}
    yield "cluster-editing", {"wallets": [LEADER, FRIEND], "why": "benchmark"}


def an_outcome(settings: Settings) -> str:
    """A token of a market of the sandbox that is open."""
    (market, *_) = _asked(settings, "gamma/markets/keyset")["markets"]
    return str(json.loads(market["clobTokenIds"])[0])


def a_coin(settings: Settings) -> str:
    """The newest of its chain."""
    return str(_asked(settings, "jupiter/tokens/v2/recent")[0]["id"])


def _asked(settings: Settings, path: str) -> Any:
    return httpx.get(sandbox.url(settings, path), timeout=60, trust_env=False).raise_for_status().json()


def took(settings: Settings, deployment_id: str, said: dict[str, Any]) -> tuple[float, float, str]:
    """Seconds of the run and from the click to its end, of the middle one of several; and how the last ended."""
    seconds, end = [], ""
    for _ in range(TIMES):
        clicked = time.monotonic()
        run = _ended(settings, prefect_api.start_run(settings, deployment_id, said))
        seconds.append((_run_s(run), time.monotonic() - clicked))
        end = str(run["state_type"])
    middle = sorted(seconds)[TIMES // 2]
    return *middle, end


def _ended(settings: Settings, run_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while (run := prefect_api.run(settings, run_id))["state_type"] not in prefect_api.DONE:
        if time.monotonic() > deadline:
            raise Unavailable(f"{run['name']}: not done after {PATIENCE_S:.0f} s")
        time.sleep(0.05)
    return run


def _run_s(run: dict[str, Any]) -> float:
    return (datetime.fromisoformat(run["end_time"]) - datetime.fromisoformat(run["start_time"])).total_seconds()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--signals", type=int, default=1_000_000)
    parser.add_argument("--trades", type=int, default=10_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
