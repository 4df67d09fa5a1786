"""The house in Prometheus' words, for whoever scrapes it: read from the rows and from Prefect's runs when it is asked, kept nowhere."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from adapters.settings import Settings
from data_contracts.errors import WalletflowError
from deployments import prefect_api
from deployments.waking import CYCLE
from tasks.operating.metrics import SETTLED, Grown, Stands, grow, stands

ENDED = ("COMPLETED", "FAILED", "CRASHED")
CYCLE_BOUNDS_S = (0.25, 0.5, 1, 2, 5, 10, 20, 60)
WAIT_BOUNDS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300)
# Of what stands: name, what it is, its labels.
GAUGES: Mapping[str, tuple[str, str, Sequence[str]]] = {
    "orders": ("walletflow_orders_last_hour", "Orders of the last hour by how they ended", ("strategy", "status", "reason")),
    "watermark_ages_s": ("walletflow_watermark_age_seconds", "Since when all of a source is stored", ("source",)),
    "holes": ("walletflow_holes_open", "Holes in what a source told us that are not filled", ("source",)),
    "open_usd": ("walletflow_open_usd", "USD at cost in open positions", ("strategy",)),
    "open_positions": ("walletflow_open_positions", "Open positions", ("strategy",)),
    "equity": ("walletflow_equity", "Cash and positions at their marks, in the strategy's currency", ("strategy", "currency")),
    "exits": ("walletflow_exits_open", "Exits that are asked for and not done", ("strategy",)),
    "alerts": ("walletflow_alerts_open", "Open alerts", ("severity",)),
    "held": ("walletflow_held", "1 for whoever may not do all that it could", ("strategy", "state", "reason")),
    "set_aside": ("walletflow_rows_set_aside_last_hour", "Rows of the last hour that broke their contract", ("table",)),
    "arrived": ("walletflow_arrived", "Rows posted to us, ever", ("table",)),
}
UP = "walletflow_up"


class Histogram:
    """Counts by bounds that grow from look to look."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds, self._counts, self._sum, self._all = bounds, [0] * len(bounds), 0.0, 0

    def add(self, seconds: float) -> None:
        self._sum, self._all = self._sum + seconds, self._all + 1
        for place, bound in enumerate(self._bounds):
            self._counts[place] += seconds <= bound

    def shown(self, name: str, says: str) -> Metric:
        buckets = [(str(float(bound)), count) for bound, count in zip(self._bounds, self._counts, strict=True)]
        return HistogramMetricFamily(name, says, [*buckets, ("+Inf", self._all)], sum_value=self._sum)


class House:
    """A collector: each scrape looks at what came since the last. A part that is away makes its own metrics missing, and is named."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._clock = settings, clock
        self._grown = Grown(clock() - SETTLED)
        self._waits, self._cycles = Histogram(WAIT_BOUNDS_S), Histogram(CYCLE_BOUNDS_S)
        self._ended: dict[str, int] = dict.fromkeys(ENDED, 0)
        self._seen_runs = clock().isoformat()

    def collect(self) -> Iterator[Metric]:
        """What `generate_latest` asks for."""
        up = GaugeMetricFamily(UP, "1 where a part answered", labels=["part"])
        for part, ask in (("postgres", self._of_rows), ("prefect", self._of_runs)):
            try:
                metrics = list(ask())
            except WalletflowError:
                metrics = []
            up.add_metric([part], float(bool(metrics)))
            yield from metrics
        yield up

    def _of_rows(self) -> Iterator[Metric]:
        as_of = self._clock()
        grow(self._grown, self._settings, as_of)
        for wait_s in self._grown.waits_s:
            self._waits.add(wait_s)
        self._grown.waits_s = []
        signals = CounterMetricFamily("walletflow_signals", "Verdicts by their reason", labels=["strategy", "verdict", "reason"])
        for labels, count in sorted(self._grown.signals.items()):
            signals.add_metric(labels, count)
        yield signals
        yield self._waits.shown("walletflow_trade_to_order_seconds", "From a leader's trade to our order for it")
        yield from _gauges(stands(self._settings, as_of))

    def _of_runs(self) -> Iterator[Metric]:
        runs = [run for run in prefect_api.runs(self._settings, CYCLE, ENDED) if (run["end_time"] or "") > self._seen_runs]
        for run in runs:
            self._ended[run["state_type"]] += 1
            if run["state_type"] == "COMPLETED":
                self._cycles.add(float(run["total_run_time"]))
        self._seen_runs = max([self._seen_runs, *(str(run["end_time"]) for run in runs)])
        ended = CounterMetricFamily("walletflow_cycles", "Cycles by how they ended", labels=["state"])
        for state, count in self._ended.items():
            ended.add_metric([state.lower()], count)
        yield ended
        yield self._cycles.shown("walletflow_cycle_seconds", "Seconds of a completed cycle")


def _gauges(standing: Stands) -> Iterator[Metric]:
    for field, (name, says, labels) in GAUGES.items():
        gauge = GaugeMetricFamily(name, says, labels=list(labels))
        for values, number in sorted(getattr(standing, field).items()):
            gauge.add_metric(list(values), float(number))
        yield gauge


class Exposed:
    """The page /metrics of a house, made at its first scrape; who may read it is decided before."""

    def __init__(self, settings: Settings) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(House(settings))
        self._registry: Any = registry

    def page(self) -> bytes:
        """As text."""
        return bytes(generate_latest(self._registry))
