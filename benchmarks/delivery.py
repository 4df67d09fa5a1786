"""How long from a webhook's delivery to its signal and its order, on a whole stack? The exit code is 1 at 5 s or more at p95.

In a house of its own: mirrors follow the busiest wallets of the sandbox's chain, and the sandbox's Helius posts what they do to the
inbox, as it happens and with its faults (late, twice, never). What counts is when a row is first seen in Postgres: rows bear the instant
that their cycle takes for now. What the node showed before it was delivered measures nothing.
"""

import argparse
import os
import statistics
import sys
import time
from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Write
from benchmarks.delivery_stages import STAGES, Run, TookS, Watch, runs_since, stages_of, steps_of
from benchmarks.machine import others_cores
from benchmarks.own_house import trading_house
from data_contracts import Currency, Delivery, JudgedTrade, Kind, Leader, Signal, Strategy, Venue
from data_contracts.frames import frame_of
from deployments import prefect_api
from deployments.local_stack import sandbox
from deployments.terminal import out, show_table
from deployments.waking import CYCLE
from domain.copying.policy import FirewallPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy
from tasks.copying.unread import unread

MOST_S = 5.0  # what was promised of the 95th percentile
FEWEST_ORDERS = 20  # of fewer, the 95th percentile is the longest
PATIENCE_S = 120.0
TOLD_S = 5.0  # until Prefect has heard of the last steps
STEPS = 12  # as many are shown, the dearest first
ORDERED, NOT_JUDGED = "order stored", "not judged"
MIRRORS = 8  # strategies
RECENT, A_PAGE = 4_000, 5_000  # transactions of the chain, by which the busy are chosen
POLICY = Policy(
    firewall=FirewallPolicy(max_age_s=120),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(20), min_notional=Decimal("0.01"), max_notional=Decimal("0.2")),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20, scale_in=True),
    ordering=OrderPolicy(max_slippage=Decimal("0.20")),
)


@dataclass
class Found:
    """Seconds from a delivery to its rows, by either clock, and of each stage between; and what became of the deliveries."""

    became: Counts[str] = field(default_factory=Counts)
    took_s: TookS = field(default_factory=lambda: defaultdict(list))
    stages_s: TookS = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, before: datetime, after: datetime) -> None:
        self.took_s[name].append((after - before).total_seconds())


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with trading_house() as settings:
        wallets = busiest(settings, options.wallets)
        put_mirrors(settings, wallets)
        watch_by_webhooks(settings)
        watch = Watch(open_results(settings))
        watch.look_for(options.warm_up)
        others, began = others_cores(1), datetime.now(UTC)
        watch.look_for(options.seconds)
        ended = datetime.now(UTC)
        wait_until_judged(settings, watch)
        time.sleep(TOLD_S)
        runs = runs_since(settings, began)
        found = compare(settings, watch, began, ended, runs)
        about = f"{len(wallets)} wallets, {options.seconds:.0f} s; others used {others:.2f} cores before"
        report(found, runs, steps_of(settings, runs), about)
    sys.exit(verdict(found))


def busiest(settings: Settings, many: int) -> list[str]:
    """Who bought or sold most often of late, by what the world itself tells."""
    headers = sandbox.operator(settings)
    url, told, counted = sandbox.url(settings, "truth/solana/transactions"), list[Any](), Counts[str]()
    while len(told) % A_PAGE == 0:
        asked = {"after": len(told), "limit": A_PAGE}
        told += httpx.get(url, params=asked, headers=headers, timeout=60, trust_env=False).raise_for_status().json()
    for one in told[-RECENT:]:
        counted.update(truth["wallet"] for truth in one["wallets"] if truth["kind"] in ("buy", "sell"))
    return [wallet for wallet, _ in counted.most_common(many)]


def put_mirrors(settings: Settings, wallets: Sequence[str]) -> None:
    """Each follows a part of the wallets: what one of them holds of a coin, which it buys once, is no reason for another not to buy."""
    now = datetime.now(UTC)
    mirrors = [_mirror(f"bench-{number}", now) for number in range(MIRRORS)]
    leaders = [
        Leader(strategy_id=mirrors[place % MIRRORS].strategy_id, wallet=wallet, why="benchmark", chosen_at=now, dropped_at=None)
        for place, wallet in enumerate(wallets)
    ]
    open_results(settings).write([Write(Strategy, frame_of(mirrors, Strategy)), Write(Leader, frame_of(leaders, Leader), "put")])


def _mirror(name: str, now: datetime) -> Strategy:
    return Strategy(
        strategy_id=name,
        venue=Venue.SOLANA,
        stake_currency=Currency.SOL,
        kind=Kind.MIRROR,
        policy=POLICY.model_dump_json(),
        balance=Decimal(1_000),
        enabled=True,
        created_at=now,
        updated_at=now,
    )


def watch_by_webhooks(settings: Settings) -> None:
    """What the flow webhook-syncing does."""
    from tasks.copying.webhook_syncing import carry_out, plan_webhooks
    from tasks.steps import bare_steps

    with bare_steps():
        carry_out(plan_webhooks(settings), settings)


def wait_until_judged(settings: Settings, watch: Watch) -> None:
    """All that was delivered is read, and the cycle that read it is over."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and (unread(watch.results) or prefect_api.runs(settings, CYCLE, ("PENDING", "RUNNING"), limit=1)):
        watch.look_for(1)


def compare(settings: Settings, watch: Watch, began: datetime, ended: datetime, runs: Sequence[Run]) -> Found:
    """Each delivery of that time with the rows that came of it."""
    delivered = watch.results.read(Delivery, only=["signature", "received_at"])
    delivered = delivered.filter(pl.col("received_at").is_between(began, ended)).unique("signature", keep="first")
    trades = open_history(settings).trades(began - timedelta(hours=1), datetime.now(UTC), only=["trade_id", "tx_hash", "seen_at"])
    judged = watch.results.read(JudgedTrade, only=["trade_id", "signal_id", "judged_at"])
    told = trades.join(judged, on="trade_id", how="left").partition_by("tx_hash", as_dict=True)
    why = dict(watch.results.read(Signal, only=["signal_id", "reason"]).iter_rows())
    found = Found()
    for signature, received_at in delivered.iter_rows():
        rows = told[signature,].sort("judged_at") if (signature,) in told else None
        found.became[_became(found, rows, (signature, received_at), watch, runs, why)] += 1
    return found


def _became(
    found: Found,
    rows: pl.DataFrame | None,
    delivered: tuple[str, datetime],
    watch: Watch,
    runs: Sequence[Run],
    why: Mapping[str, str],
) -> str:
    signature, received_at = delivered
    if rows is None:
        return "no trade of a wallet we follow"
    first = rows.row(0, named=True)
    if first["seen_at"] < received_at:
        return "shown by the node before"
    if first["signal_id"] is None:
        return NOT_JUDGED
    found.add("signal stored", received_at, watch.judged[first["signal_id"]])
    signal = next((name for name in rows["signal_id"] if name in watch.ordered), None)
    if signal is None:
        return f"skipped: {why.get(first['signal_id'], 'one intention with another')}"
    found.add(ORDERED, received_at, watch.ordered[signal])
    if signal in watch.answered:
        found.add("order answered by the venue", received_at, watch.answered[signal])
    for name, seconds in stages_of(signature, signal, received_at, watch, runs).items():
        found.stages_s[name].append(seconds)
    return "copied"


def report(found: Found, runs: Sequence[Run], steps_s: TookS, about: str) -> None:
    out.print(f"\n{about}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    woken = sum(run.asked_at is not None for run in runs)
    _show(f"{len(runs)} cycles, {woken} of them woken", {"a cycle": [run.took_s for run in runs]} | dict(list(steps_s.items())[:STEPS]))
    out.print(f"\n{found.became.total()} deliveries: {', '.join(f'{count} {what}' for what, count in found.became.most_common())}")
    _show("where the seconds of the copied ones go", {name: found.stages_s[name] for name in STAGES if name in found.stages_s})
    _show("from received_at until", found.took_s)


def _show(title: str, took_s: TookS) -> None:
    rows = [
        [name, str(len(s)), *(f"{value:.2f}" for value in (quantile(s, 0.5), quantile(s, 0.95), max(s)))] for name, s in took_s.items() if s
    ]
    out.print(f"\n{title}; number, p50, p95 and longest in seconds:")
    show_table(["", "number", "p50 s", "p95 s", "longest s"], rows)


def verdict(found: Found) -> int:
    """The exit code. Where too few were copied, or something was not judged, nothing is shown."""
    ordered = found.took_s.get(ORDERED, [])
    if len(ordered) < FEWEST_ORDERS or found.became[NOT_JUDGED]:
        missing = f"{len(ordered)} orders, {FEWEST_ORDERS} make a 95th percentile; {found.became[NOT_JUDGED]} deliveries not judged"
        out.print(f"delivery to order below {MOST_S:.0f} s at p95: NOT SHOWN, {missing}")
        return 1
    p95 = quantile(ordered, 0.95)
    out.print(f"delivery to order below {MOST_S:.0f} s at p95 of {len(ordered)} orders: {'yes' if p95 < MOST_S else 'NO'} ({p95:.2f} s)")
    return int(p95 >= MOST_S)


def quantile(values: Sequence[float], part: float) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * part) - 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wallets", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--warm-up", type=float, default=60, help="seconds before: the first cycles look back")
    return parser.parse_args()


if __name__ == "__main__":
    main()
