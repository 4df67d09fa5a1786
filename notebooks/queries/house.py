"""The stores at one instant, and what the frames of every tab need of them: strategies, rates, names. Nothing is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from adapters.connect import open_graph, open_history, open_results
from adapters.settings import Settings, load_settings
from adapters.stores.graph import OwnerGraph
from adapters.stores.history import History
from adapters.stores.results import Results
from data_contracts import Currency, Leader, Rate, Strategy, Watermark
from data_contracts.errors import WalletflowError
from data_contracts.frames import empty

CYCLES = "signals"  # the watermark that moves when a cycle has judged
LATE_S = 90  # three cycles
BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
WINDOWS = {"1 hour": timedelta(hours=1), "24 hours": timedelta(days=1), "7 days": timedelta(days=7), "30 days": timedelta(days=30)}
EVERYTHING = "everything"
A_RATE_IS_KEPT = timedelta(days=1)  # this far before the first row its rate is looked for


@dataclass(frozen=True)
class House:
    """A house or a replay. Raises Unavailable where a store that is asked does not answer, Unsafe where no address is set."""

    settings: Settings
    now: datetime
    is_replay: bool = False

    @cached_property
    def results(self) -> Results:
        return open_results(self.settings)

    @cached_property
    def history(self) -> History:
        return open_history(self.settings)

    @cached_property
    def graph(self) -> OwnerGraph:
        return open_graph(self.settings)

    @cached_property
    def strategies(self) -> pl.DataFrame:
        """Strategy rows."""
        return self.results.read(Strategy)

    @cached_property
    def judged_until(self) -> datetime | None:
        """How far arrivals have their verdicts, asked for by name: a house keeps a watermark of each wallet besides."""
        return next(iter(self.results.read(Watermark, only=["reached_at"], name=CYCLES)["reached_at"]), None)

    @cached_property
    def watermarks(self) -> dict[str, datetime]:
        return dict(self.results.read(Watermark).select("name", "reached_at").iter_rows())

    @cached_property
    def followed(self) -> pl.DataFrame:
        """Leader rows of today."""
        return self.results.read(Leader, dropped_at=None)

    @cached_property
    def usd_now(self) -> dict[str, float]:
        """USD for one of a currency, by the last rate on record; without one it is not among them."""
        return {Currency.USD.value: 1.0} | {name: float(usd) for name, usd in self._last_rates().select("currency", "usd").iter_rows()}

    @cached_property
    def currencies(self) -> dict[str, str]:
        """What each strategy counts in."""
        return dict(self.strategies.select("strategy_id", "stake_currency").iter_rows())

    @cached_property
    def clusters(self) -> dict[str, str]:
        """Wallet → cluster."""
        return self.graph.owners()

    @cached_property
    def owners(self) -> dict[str, str]:
        """The same; nobody's, where the graph does not answer."""
        try:
            return self.clusters
        except WalletflowError:
            return {}

    def since(self, window: str) -> datetime:
        """When a window began."""
        return self.now - WINDOWS[window] if window in WINDOWS else BEGINNING

    def strategies_of(self, strategy: str | None = None, venue: str | None = None) -> list[str]:
        """Ids of the strategies that are asked for."""
        wanted = self.strategies if venue is None else self.strategies.filter(pl.col("venue") == venue)
        return [one for one in wanted["strategy_id"].to_list() if strategy in (None, one)]

    def priced(self, frame: pl.DataFrame, columns: Sequence[str], at: str | None = None) -> pl.DataFrame:
        """With `currency`, and `X_usd` for each of these columns: by the rate that was on record at the row's instant, or now.

        Null where none was on record then.
        """
        currency = pl.col("strategy_id").replace_strict(self.currencies, default=None, return_dtype=pl.String)
        rows = frame.with_columns(currency.alias("currency"))
        dated = self._at_their_rates(rows, at) if at else rows.with_columns(_usd_of(self.usd_now))
        worth = [(pl.col(name).cast(pl.Float64) * pl.col("_usd")).alias(f"{name}_usd") for name in columns]
        return dated.with_columns(worth).drop("_usd")

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """With `name` and `event`: a market's question or a coin's name; null where nobody has named it, or history does not answer."""
        try:
            names = self.names(frame["token_id"].unique().to_list())
        except WalletflowError:
            names = NO_NAMES
        return frame.join(names, on="token_id", how="left", maintain_order="left")

    def names(self, token_ids: Iterable[str]) -> pl.DataFrame:
        """`token_id`, `name` and `event` of these."""
        wanted = list(token_ids)
        if not wanted:
            return NO_NAMES
        coins = self.history.tokens(wanted).filter(pl.col("name") != "")
        markets = self.history.polymarket_markets(wanted).filter(pl.col("question") != "")
        of_coins = coins.select("token_id", pl.format("{} ({})", "name", "symbol").alias("name"), pl.lit("").alias("event"))
        return pl.concat([markets.select("token_id", pl.col("question").alias("name"), "event"), of_coins]).unique("token_id")

    def _last_rates(self) -> pl.DataFrame:
        """Rate rows, the last of each currency: each by the key's own index, for there is one more each half minute."""
        currencies = sorted({*self.currencies.values()} - {Currency.USD.value})
        return pl.concat([self.results.latest(Rate, "seen_at", 1, currency=name) for name in currencies] or [empty(Rate)])

    def _at_their_rates(self, rows: pl.DataFrame, at: str) -> pl.DataFrame:
        first = rows[at].min()
        if set(self.currencies.values()) <= {Currency.USD.value} or not isinstance(first, datetime):
            return rows.with_columns(_usd_of({Currency.USD.value: 1.0}))
        rates = self.results.since(Rate, "seen_at", max(BEGINNING, first - A_RATE_IS_KEPT))
        known = pl.concat([rates, self._last_rates()]).unique(["currency", "seen_at"]).sort("seen_at")
        dated = rows.with_row_index("_row").with_columns(pl.col(at).alias("_at")).sort("_at")
        joined = dated.join_asof(
            known.select("currency", pl.col("seen_at").alias("_at"), pl.col("usd").cast(pl.Float64).alias("_usd")),
            on="_at",
            by="currency",
            strategy="backward",
            check_sortedness=False,
        )
        one = pl.when(pl.col("currency") == Currency.USD.value).then(1.0).otherwise(pl.col("_usd"))
        return joined.with_columns(one.alias("_usd")).sort("_row").drop("_row", "_at")


def total(frame: pl.DataFrame, column: str) -> float:
    """The sum of what is known of a column."""
    return float(frame[column].cast(pl.Float64).sum())


def asked(**filters: Any) -> dict[str, Any]:
    """Those of these filters that somebody asks for: None asks for every row, an empty list for none."""
    return {name: value for name, value in filters.items() if value is not None}


def _usd_of(rates: dict[str, float]) -> pl.Expr:
    return pl.col("currency").replace_strict(rates, default=None, return_dtype=pl.Float64).alias("_usd")


NO_NAMES = pl.DataFrame(schema={"token_id": pl.String, "name": pl.String, "event": pl.String})


def house_of(replay: str = "") -> House:
    """The live house now, or a replay at its end. A replay's name may be given with its prefix."""
    name = replay.strip().removeprefix("replay_")
    live = load_settings()
    if not name:
        return House(live, datetime.now(UTC))
    house = House(live.for_replay(name), datetime.now(UTC), is_replay=True)
    return House(house.settings, max(house.watermarks.values(), default=house.now), is_replay=True)
