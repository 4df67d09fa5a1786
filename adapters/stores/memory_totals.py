"""What profiling asks, answered from frames in memory: the same answers as ClickHouse's, for replays and tests."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl

from adapters.stores.history import Part, Since
from adapters.stores.memory_tables import WRITTEN_AT, MemoryTables
from data_contracts import (
    Activity,
    Bet,
    ClosedPosition,
    Instrument,
    PolymarketMarket,
    ProfilingStep,
    Trade,
    TradeTotal,
    WalletProfile,
    contract_of,
)
from data_contracts.frames import EPOCH, MICROSECOND
from domain.profiling.totals import totals_of


class MemoryTotals(MemoryTables):
    """The `Totals` of the `History` store."""

    def mark(self, since: Since) -> datetime:
        later = self._new(Trade, since).filter(pl.col("traded_at") > since.until)[WRITTEN_AT].min()
        return later - MICROSECOND if isinstance(later, datetime) else self._clock

    def now(self) -> datetime:
        return self._clock

    def count_trades(self, since: Since, kept_from: datetime) -> None:
        month = pl.col("traded_at").dt.truncate("1mo")
        new = self._new(Trade, since).select("wallet", "token_id", month.alias("month_at")).unique()
        trades = self._table(Trade).filter((pl.col("traded_at") <= since.until) & (month >= kept_from))
        touched = trades.with_columns(month.alias("month_at")).join(
            new, on=["wallet", "token_id", "month_at"], how="semi", maintain_order="left"
        )
        self.append(totals_of(touched), TradeTotal)

    def touched_rows(self, since: Since) -> int:
        return self._touched(self._table(TradeTotal), since).height

    def touched_totals(self, since: Since, part: Part) -> pl.DataFrame:
        touched = self._touched(self._table(TradeTotal), since)
        return touched.filter((pl.col("first_at") <= since.until) & _in(part))

    def touched_activities(self, since: Since, part: Part) -> pl.DataFrame:
        told = self._table(Activity).filter((pl.col("happened_at") <= since.until) & _in(part))
        mine = told if since.written is None else told.filter(pl.col("wallet").is_in(self._whole(since).implode()))
        return mine.sort("happened_at", "activity_id")

    def touched_keys(self, row_class: type, since: Since, part: Part) -> pl.DataFrame:
        return self._touched(self._table(row_class), since).filter(_in(part)).select("wallet", "token_id", "market_id")

    def outcomes(self, market_ids: Collection[str]) -> pl.DataFrame:
        return self._among(TradeTotal, "market_id", market_ids).select("market_id", "token_id", "outcome").unique()

    def unended_tokens(self) -> pl.DataFrame:
        ended = self._table(Instrument).filter(pl.col("payout").is_not_null())
        return self._table(TradeTotal).select("token_id").unique().join(ended, on="token_id", how="anti").sort("token_id")

    def traders(self, until: datetime) -> pl.DataFrame:
        trades = self._table(Trade).filter(pl.col("traded_at") <= until).group_by("wallet")
        return trades.agg(pl.len().alias("trades"), pl.col("notional").cast(pl.Float64).sum().alias("usd")).sort("wallet")

    def unexplained(self) -> pl.DataFrame:
        sold = self._table(ClosedPosition).filter("oversold").group_by("wallet").agg(pl.col("proceeds").sum())
        return sold.sort("proceeds", "wallet", descending=[True, False])

    def activity_of_wallets(self, until: datetime) -> pl.DataFrame:
        trades = self._table(Trade).filter(pl.col("traded_at") <= until)
        none, one = pl.lit(0, pl.Int64), pl.lit(1, pl.Int64)
        traded = trades.select("wallet", one.alias("trades"), none.alias("closed"), last_at="traded_at", changed_at=pl.lit(None))
        closed = self._with_write_times(ClosedPosition).select(
            "wallet", none.alias("trades"), one.alias("closed"), last_at="closed_at", changed_at=WRITTEN_AT
        )
        both = pl.concat([traded.cast(closed.schema), closed]).group_by("wallet")
        return both.agg(pl.col("trades", "closed").sum(), pl.col("last_at", "changed_at").max()).sort("wallet")

    def profiled_wallets(self) -> pl.DataFrame:
        lifetime = self._with_write_times(WalletProfile).filter((pl.col("window_days") == 0) & (pl.col("category") == "all"))
        rows = pl.sum_horizontal("trades", "closed_positions", "oversold_positions").alias("rows")
        return lifetime.select("wallet", "as_of", rows, WRITTEN_AT).sort("wallet")

    def profile_keys(self, wallets: Collection[str]) -> pl.DataFrame:
        return self._among(WalletProfile, "wallet", wallets).select(contract_of(WalletProfile).key)

    def closed_since(self, written: datetime) -> tuple[int, int]:
        rows = self._with_write_times(ClosedPosition)
        return rows.filter(pl.col(WRITTEN_AT) > written).height, rows.height

    def bet_numbers(self, until: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
        bets = self._table(Bet).filter(pl.col("resolved_at") <= until).sort("wallet", "token_id")
        numbers = bets.select(
            pl.col("wallet").hash(),
            pl.col("event").hash(),
            pl.col("market_id").hash().alias("market"),
            pl.col("price", "payoff").cast(pl.Float64),
        )
        return numbers, bets.select(pl.col("wallet").hash().alias("number"), "wallet").unique().sort("wallet")

    def closed_positions(self, wallets: Collection[str] | None = None, only: Sequence[str] | None = None) -> pl.DataFrame:
        rows = self._among(ClosedPosition, "wallet", wallets).sort("wallet", "token_id")
        return rows if only is None else rows.select(only)

    def matched_trades(self, wallets: Collection[str], until: datetime, only: Sequence[str]) -> pl.DataFrame:
        trades = self._table(Trade).filter(pl.col("traded_at") <= until)
        mine = pl.col("wallet").is_in(list(wallets))
        matches = trades.filter(mine & (pl.col("tx_hash") != ""))["tx_hash"].unique()
        return trades.filter(mine | pl.col("tx_hash").is_in(matches.implode())).select(only)

    def steps(self) -> pl.DataFrame:
        return self._table(ProfilingStep).sort("step")

    def _new(self, row_class: type, since: Since) -> pl.DataFrame:
        written = since.counted if row_class is TradeTotal else since.written
        return self._with_write_times(row_class).filter(pl.col(WRITTEN_AT) > (written or EPOCH))

    def _touched(self, rows: pl.DataFrame, since: Since) -> pl.DataFrame:
        if since.written is None:
            return rows
        traded = self._new(TradeTotal, since).select("wallet", "market_id", pl.lit(True).alias("traded")).unique()
        market, wallet = (pl.col(name).is_in(values.implode()) for name, values in self._beside_trades(since))
        joined = rows.join(traded, on=["wallet", "market_id"], how="left", maintain_order="left")
        return joined.filter(pl.col("traded").fill_null(False) | market | wallet).drop("traded")

    def _beside_trades(self, since: Since) -> tuple[tuple[str, pl.Series], tuple[str, pl.Series]]:
        return ("market_id", self._ended(since)), ("wallet", self._whole(since))

    def _ended(self, since: Since) -> pl.Series:
        """Markets that were written since, or ended since by what had been written before."""
        is_new = pl.col(WRITTEN_AT) > (since.written or EPOCH)
        is_due = ((pl.col("ended_at") > since.before) & (pl.col("ended_at") <= since.until)).fill_null(False)
        described = pl.col("token_id").is_in(self._new(PolymarketMarket, since)["token_id"].implode())
        return self._with_write_times(Instrument).filter(is_new | is_due | described)["market_id"].unique()

    def _whole(self, since: Since) -> pl.Series:
        """Wallets that did more than trade, and of which something changed: a conversion in one market says something of others.

        Of a market nobody told us about, the trades of others tell what outcomes a set of it has.
        """
        written = self._with_write_times(Activity)
        is_new = pl.col(WRITTEN_AT) > (since.written or EPOCH)
        is_due = (pl.col("happened_at") > since.before) & (pl.col("happened_at") <= since.until)
        traded = self._new(TradeTotal, since)
        untold = traded.join(self._table(Instrument), on="market_id", how="anti")["market_id"]
        ended = self._ended(since)
        held = self._table(TradeTotal).filter(pl.col("market_id").is_in(ended.implode()))["wallet"]
        markets, wallets = pl.concat([ended, untold]).unique(), pl.concat([traded["wallet"], held]).unique()
        of_market, mine = pl.col("market_id").is_in(markets.implode()), pl.col("wallet").is_in(wallets.implode())
        return written.filter(is_new | is_due | of_market | mine)["wallet"].unique()


def _in(part: Part) -> pl.Expr:
    return pl.col("wallet").hash() % part.of == part.number
