"""`make chaos`: a whole house on the sandbox's exchange is killed and its calls are spoiled, by a seed; then it must have lost nothing.

The exit code is 0 only where every check holds, and enough happened to be checked.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from adapters.connect import open_results
from chaos.afflictions import Afflictions
from chaos.evidence import our_ledger, the_truth, told_by_the_feed
from chaos.house import House, end_schedule, live_house, run_once
from chaos.invariants import Ledger, Truth, differences, lost_verdicts
from chaos.kills import CYCLE, Cycles, Killer
from chaos.report import Run, report, verdict
from chaos.senders import Sender
from chaos.small_disk import small_disk
from chaos.strategies import follow
from data_contracts import Order
from data_contracts.errors import Refused, WalletflowError
from data_contracts.words import OPEN_ORDERS
from deployments import prefect_api
from deployments.terminal import out
from sandbox.feed_faults import LAG_S

CALM_S = 900.0  # patience for the house to become calm
ASK_S = 3.0
NOTHING_NEW_S = 7_200.0  # so late, a feed tells for two hours what was told before
AHEAD = timedelta(seconds=5)
AFFLICTIONS_APART = 1.5  # paces
SENDERS = 3
ENOUGH = threading.Event()


@dataclass
class Tried:
    """What a run has in its hands between its beginning and its check."""

    house: House
    leaders: Mapping[str, Sequence[str]]
    killer: Killer
    cycles: Cycles
    senders: Sequence[Sender]
    afflictions: Afflictions
    collateral: int
    began: datetime


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        code = one_run(options)
    except Refused as error:
        out.print(str(error), markup=False)
        code = 2
    sys.exit(code)


def one_run(options: argparse.Namespace) -> int:
    """What `verdict` says of it."""
    disk = small_disk(options.disk_mib) if options.disk_mib else nullcontext(options.home)
    with disk as home, live_house(options.seed, home) as house:
        tried = begin(house, options)
        took_s = disturb(tried, options)
        ended = calm(tried)
        ours, truth = collect(tried, ended)
        tried.cycles.recoveries(tried.killer.strikes)
        done = tried.killer.strikes, house.proxies.proxies, tried.senders, tried.afflictions.done
        run = Run(options.seed, took_s, *done, ours, truth, differences(ours, truth))
        report(run)
        return verdict(run, options.kills, options.faults)


def _end(*_: object) -> None:
    """Asked once it does no more harm, waits for calm and reports; asked twice it ends at once. What was started is stopped either way."""
    if ENOUGH.is_set():
        sys.exit(1)
    ENOUGH.set()


def begin(house: House, options: argparse.Namespace) -> Tried:
    """Everybody is followed from the first cycle on; checks begin a moment after it has ended well."""
    leaders = follow(house, house.wallets(), datetime.now(UTC))
    cycles = Cycles(house)
    until(lambda: bool(_seen(cycles)), "the first cycle", CALM_S)
    senders = [Sender(house, options.seed + number, options.intents_every) for number in range(SENDERS)]
    afflictions = Afflictions(house, options.seed, options.pace * AFFLICTIONS_APART)
    began, collateral = datetime.now(UTC), house.account()["collateral"]
    for run in (*(sender.run for sender in senders), afflictions.run):
        threading.Thread(target=run, daemon=True).start()
    return Tried(house, leaders, Killer(house, options.seed), cycles, senders, afflictions, collateral, began)


def disturb(tried: Tried, options: argparse.Namespace) -> float:
    """Until there were as many strikes and spoiled calls as were asked for. Returns how many seconds that took."""
    house, began, said = tried.house, time.monotonic(), 0.0
    house.proxies.spoil(options.faults > 0)
    while not ENOUGH.is_set() and (len(tried.killer.strikes) < options.kills or house.proxies.faults() < options.faults):
        if len(tried.killer.strikes) < options.kills:
            time.sleep(tried.killer.wait_s(options.pace))
            tried.killer.strike()
        else:
            time.sleep(options.pace)
        if house.proxies.faults() >= options.faults:
            house.proxies.spoil(False)
        _quietly(lambda: _seen(tried.cycles))
        _quietly(lambda: _tell_of_late(tried))
        if time.monotonic() - said > 60:
            said = time.monotonic()
            out.print(
                f"{said - began:5.0f} s: {len(tried.killer.strikes)} strikes, {house.proxies.faults()} spoiled calls,"
                f" {len(tried.cycles.ended)} cycles, {sum(len(sender.accepted) for sender in tried.senders)} intents accepted"
            )
    return time.monotonic() - began


def calm(tried: Tried) -> datetime:
    """No faults, everybody alive, all judged, nothing open; then nothing runs any more. Returns up to when all must be right."""
    house = tried.house
    house.proxies.spoil(False)
    for sender in tried.senders:
        sender.stopped.set()
    tried.afflictions.stopped.set()
    tried.killer.settle()
    until(lambda: house.control("/faults", method="DELETE") is None, "an exchange in a good mood", CALM_S)  # it may be dead just now
    ended = datetime.now(UTC) - AHEAD
    until(lambda: all(service.is_ready() for service in house.services.values()), "everything answers", CALM_S)
    until(lambda: not lost_verdicts(*collect(tried, ended)), "all is judged", CALM_S)
    until(lambda: house.control("/feed", {"lag_s": NOTHING_NEW_S}), "a feed that tells nothing new", CALM_S)  # else each cycle orders anew
    until(lambda: bool(_seen(tried.cycles)), "a look at the cycles", CALM_S)
    until(lambda: end_schedule(house.settings, CYCLE), "a server that ends a schedule", CALM_S)
    until(lambda: _is_over(tried), "the last orders' ends", CALM_S)
    until(lambda: end_schedule(house.settings, "order-execution"), "a server that ends a schedule", CALM_S)
    until(lambda: not _at_work(house, "order-execution"), "the executor's end", CALM_S)
    house.control("/feed", {"lag_s": LAG_S})
    return ended


def _is_over(tried: Tried) -> bool:
    """No run is at work and no order open, after one more cycle that has seen what the executor did last, and asked nothing new of him."""
    house = tried.house
    if _at_work(house, CYCLE) or _open_orders(house):
        return False
    before = _orders(house)
    run_id = run_once(house.settings, CYCLE)
    until(lambda: prefect_api.run(house.settings, run_id)["state_type"] in prefect_api.DONE, "one more cycle", CALM_S)
    return prefect_api.run(house.settings, run_id)["state_type"] == "COMPLETED" and not _open_orders(house) and _orders(house) == before


def _at_work(house: House, deployment: str) -> bool:
    return bool(prefect_api.runs(house.settings, deployment, ("RUNNING", "PENDING")))


def collect(tried: Tried, ended: datetime) -> tuple[Ledger, Truth]:
    truth = the_truth(tried.house, tried.leaders, tried.senders, tried.collateral, tried.began, ended)
    return our_ledger(tried.house, tried.began), truth


def until(ask: Callable[[], bool], what: str, patience_s: float) -> bool:
    """Whether it came true. Where it does not, the checks say what is wrong."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if _quietly(ask):
            return True
        time.sleep(ASK_S)
    out.print(f"in vain for {patience_s:.0f} s: {what}")
    return False


def _orders(house: House) -> int:
    return open_results(house.settings).read(Order, only=["order_id"]).height


def _open_orders(house: House) -> bool:
    return bool(open_results(house.settings).records(Order, status=OPEN_ORDERS))


def _seen(cycles: Cycles) -> int:
    cycles.look()
    return len(cycles.ended)


def _tell_of_late(tried: Tried) -> None:
    now = datetime.now(UTC)
    told = told_by_the_feed(tried.house, now - timedelta(minutes=2), now)
    for sender in tried.senders:
        sender.trades = told


def _quietly(ask: Callable[[], object]) -> bool:
    """Whether it is so; no while a part of the house is away."""
    try:
        return bool(ask())
    except (WalletflowError, OSError, httpx.HTTPError):
        return False


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--faults", type=int, default=2_000, help="calls that are spoiled")
    parser.add_argument("--seed", type=int, default=20_261_128)
    parser.add_argument("--pace", type=float, default=6.0, help="seconds between two strikes, in the mean")
    parser.add_argument("--intents-every", type=float, default=0.3, help="seconds")
    parser.add_argument("--home", type=Path, default=None, help="keep it there; without it the home is gone at the end")
    parser.add_argument("--disk-mib", type=int, default=0, help="give the home a disk of so many MiB, filled now and then: 3000. Root only")
    return parser.parse_args()


if __name__ == "__main__":
    main()
