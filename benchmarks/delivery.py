"""How long from a webhook's delivery to its signal and its order, on a whole stack? The exit code is 1 at 5 s or more at p95.

In a house of its own: a mirror follows the busiest wallets of the sandbox's chain, and the sandbox's Helius posts what they do to the
inbox, as it happens and with its faults (late, twice, never). A cycle's rows bear the instant it takes for now, which is before it is done:
so a second clock, which counts, is when a row is first seen in Postgres. What the node showed before it was delivered measures nothing.
"""

import argparse
import os
import statistics
import sys
import time
from collections import Counter as Counts
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import polars as pl

from adapters.connect import open_history, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from benchmarks.machine import others_cores
from benchmarks.own_house import trading_house
from data_contracts import Currency, Delivery, JudgedTrade, Kind, Leader, Order, Strategy, Venue
from data_contracts.frames import frame_of
from deployments import prefect_api
from deployments.local_stack import home, sandbox
from deployments.terminal import out, show_table
from deployments.waking import CYCLE, unread
from domain.copying.policy import FirewallPolicy, OrderPolicy, Policy, RiskPolicy, SizingPolicy

MOST_S = 5.0  # what was promised of the 95th percentile
FEWEST_ORDERS = 20  # of fewer, the 95th percentile is the longest
LOOK_S, PATIENCE_S = 0.1, 120.0
RECENT, A_PAGE = 4_000, 5_000  # transactions of the chain, by which the busy are chosen
POLICY = Policy(
    firewall=FirewallPolicy(max_age_s=120),
    sizing=SizingPolicy(kind="percentage", percent=Decimal(20), min_notional=Decimal("0.01"), max_notional=Decimal("0.2")),
    risk=RiskPolicy(max_positions=20, max_positions_per_leader=20, scale_in=True),
    ordering=OrderPolicy(max_slippage=Decimal("0.20")),
)


@dataclass
class Watch:
    """When rows of Postgres were first seen there, by the signal they belong to."""

    results: Results
    judged: dict[str, datetime] = field(default_factory=dict)
    ordered: dict[str, datetime] = field(default_factory=dict)

    def look(self) -> None:
        for row_class, seen in ((JudgedTrade, self.judged), (Order, self.ordered)):
            names = self.results.read(row_class, only=["signal_id"])["signal_id"].to_list()
            now = datetime.now(UTC)
            for name in names:
                seen.setdefault(name, now)

    def look_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(LOOK_S)


@dataclass
class Found:
    """Seconds from a delivery to its rows, by either clock; and what became of the deliveries."""

    became: Counts[str] = field(default_factory=Counts)
    took_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    options = _options()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    with trading_house() as settings:
        wallets = busiest(settings, options.wallets)
        put_mirror(settings, wallets)
        watch_by_webhooks(settings)
        watch = Watch(open_results(settings))
        watch.look_for(options.warm_up)
        others, began = others_cores(1), datetime.now(UTC)
        watch.look_for(options.seconds)
        ended = datetime.now(UTC)
        wait_until_judged(settings, watch)
        found = compare(settings, watch, began, ended)
        report(settings, found, began, f"{len(wallets)} wallets, {options.seconds:.0f} s; others used {others:.2f} cores before")
    sys.exit(verdict(found))


def busiest(settings: Settings, many: int) -> list[str]:
    """Who bought or sold most often of late, by what the world itself tells."""
    headers = {"Authorization": f"Bearer {home.secret(settings.home, sandbox.NAME)}"}
    url, told, counted = sandbox.url(settings, "truth/solana/transactions"), list[Any](), Counts[str]()
    while len(told) % A_PAGE == 0:
        asked = {"after": len(told), "limit": A_PAGE}
        told += httpx.get(url, params=asked, headers=headers, timeout=60, trust_env=False).raise_for_status().json()
    for one in told[-RECENT:]:
        counted.update(truth["wallet"] for truth in one["wallets"] if truth["kind"] in ("buy", "sell"))
    return [wallet for wallet, _ in counted.most_common(many)]


def put_mirror(settings: Settings, wallets: Sequence[str]) -> None:
    now = datetime.now(UTC)
    strategy = Strategy(
        strategy_id="bench",
        venue=Venue.SOLANA,
        stake_currency=Currency.SOL,
        kind=Kind.MIRROR,
        policy=POLICY.model_dump_json(),
        balance=Decimal(1_000),
        enabled=True,
        created_at=now,
        updated_at=now,
    )
    leaders = [Leader(strategy_id="bench", wallet=wallet, why="benchmark", chosen_at=now, dropped_at=None) for wallet in wallets]
    open_results(settings).write([Write(Strategy, frame_of([strategy], Strategy)), Write(Leader, frame_of(leaders, Leader), "put")])


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


def compare(settings: Settings, watch: Watch, began: datetime, ended: datetime) -> Found:
    """Each delivery of that time with the rows that came of it."""
    delivered = watch.results.read(Delivery, only=["signature", "received_at"])
    delivered = delivered.filter(pl.col("received_at").is_between(began, ended)).unique("signature", keep="first")
    trades = open_history(settings).trades(began - timedelta(hours=1), datetime.now(UTC), only=["trade_id", "tx_hash", "seen_at"])
    judged = watch.results.read(JudgedTrade, only=["trade_id", "signal_id", "judged_at"])
    told = trades.join(judged, on="trade_id", how="left").partition_by("tx_hash", as_dict=True)
    created = dict(watch.results.read(Order, only=["signal_id", "created_at"]).iter_rows())
    found = Found()
    for signature, received_at in delivered.iter_rows():
        rows = told[signature,].sort("judged_at") if (signature,) in told else None
        found.became[_became(found, rows, received_at, watch, created)] += 1
    return found


def _became(found: Found, rows: pl.DataFrame | None, received_at: datetime, watch: Watch, created: dict[str, datetime]) -> str:
    if rows is None:
        return "no trade of a wallet we follow"
    first = rows.row(0, named=True)
    if first["seen_at"] < received_at:
        return "shown by the node before"
    if first["signal_id"] is None:
        return "not judged"
    _add(found, "signal", received_at, watch.judged[first["signal_id"]], first["judged_at"])
    signal = next((name for name in rows["signal_id"] if name in created), None)
    if signal is None:
        return "judged, and not copied"
    _add(found, "order", received_at, watch.ordered[signal], created[signal])
    return "judged, and copied"


def _add(found: Found, name: str, received_at: datetime, stored_at: datetime, instant: datetime) -> None:
    found.took_s[f"{name} is stored"].append((stored_at - received_at).total_seconds())
    found.took_s[f"{name}, by its own instant"].append((instant - received_at).total_seconds())


def report(settings: Settings, found: Found, began: datetime, about: str) -> None:
    cycles = [run for run in prefect_api.runs(settings, CYCLE, ("COMPLETED",)) if datetime.fromisoformat(run["start_time"]) >= began]
    took_s = [float(run["total_run_time"]) for run in cycles]
    out.print(f"\n{about}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    woken = sum(not run["auto_scheduled"] for run in cycles)
    if len(took_s) > 1:
        out.print(f"{len(cycles)} cycles, {woken} of them woken: p50 {quantile(took_s, 0.5):.2f} s, p95 {quantile(took_s, 0.95):.2f} s")
    out.print(f"{found.became.total()} deliveries: {', '.join(f'{count} {what}' for what, count in found.became.most_common())}")
    rows = [
        [name, str(len(s)), *(f"{value:.2f}" for value in (quantile(s, 0.5), quantile(s, 0.95), max(s)))]
        for name, s in found.took_s.items()
    ]
    show_table(["from received_at until", "number", "p50 s", "p95 s", "longest s"], rows)


def verdict(found: Found) -> int:
    """The exit code. Where too few were copied, or something was not judged, nothing is shown."""
    ordered = found.took_s.get("order is stored", [])
    if len(ordered) < FEWEST_ORDERS or found.became["not judged"]:
        out.print(
            f"not shown: {len(ordered)} orders, {FEWEST_ORDERS} make a 95th percentile; {found.became['not judged']} deliveries not judged"
        )
        return 1
    p95 = quantile(ordered, 0.95)
    out.print(f"delivery to order below {MOST_S:.0f} s at p95: {'yes' if p95 < MOST_S else 'NO'} ({p95:.2f} s)")
    return int(p95 >= MOST_S)


def quantile(values: Sequence[float], part: float) -> float:
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[round(100 * part) - 1]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wallets", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--warm-up", type=float, default=60, help="seconds before: the first cycles look back")
    return parser.parse_args()


if __name__ == "__main__":
    main()
