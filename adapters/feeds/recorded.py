"""Recorded trades: a directory of Parquet, in our words or in those of the recordings we know.

Named rules for what recordings lack. A wallet known by a display name is `name:` and that name. A market without token ids has one token
an outcome, `market:outcome`. A market without a resolution time resolved at its last trade. Without books, the leader's trade itself is the
book: its price, with `depth` times its shares on either side. Trades of zero shares stay in, and the contract sets them aside.
How times, numbers and winners may be written: `recorded_values.py` and `recorded_winners.py`. A time without a zone is taken for UTC.

With books (`books.parquet`: token_id, side, price, shares, as_of; a row is a level, BUY or bid, SELL or ask) the last snapshot counts: a
token's book is its levels of the latest as_of that is not in the future. Then trades are no books: a token without a snapshot has none.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from pathlib import Path

import polars as pl

from adapters.feeds.feed import Walk
from adapters.feeds.polymarket.leaderboard import COLUMNS
from adapters.feeds.polymarket.trade_rows import as_activities
from adapters.feeds.recorded_conditions import AS_RECORDED, Conditions
from adapters.feeds.recorded_files import insist_on_files, read_levels, read_markets, read_trades
from adapters.feeds.recorded_index import Books, Markets, Tape
from adapters.feeds.recorded_spread import COSTS, ladder, with_costs
from adapters.feeds.recorded_winners import RefusedMarket
from data_contracts import HolderPosition, LeaderHolding, Side
from data_contracts.frames import empty, fitting, schema_of
from domain.copying.book import Book, Level, book_of
from domain.polymarket.markets import rows_by_class

WHOLE = Decimal(1)  # USD: what no share is offered or sought at
DEPTH = Decimal(1)
SHARE_UNIT = Decimal("0.000001")


class RecordedFeed:
    """A recording, read once. Raises Refused when the directory holds none."""

    def __init__(self, directory: Path, conditions: Conditions = AS_RECORDED) -> None:
        self._directory = directory
        self._conditions = conditions
        self.source = f"recording:{directory.resolve().name}"
        insist_on_files(directory)

    @cached_property
    def all_trades(self) -> pl.DataFrame:
        """Every Trade row of the recording, in time order; equal rows keep their place in the file."""
        return read_trades(self._directory, self.source)

    @cached_property
    def all_markets(self) -> pl.DataFrame:
        """One row per outcome token that was traded, as `domain.polymarket.markets` describes it; without the markets that are refused."""
        return self._markets[0]

    @property
    def refused_markets(self) -> list[RefusedMarket]:
        """Those whose winner nobody can read: trades of theirs are trades in a market that is not known."""
        return self._markets[1]

    @cached_property
    def _markets(self) -> tuple[pl.DataFrame, list[RefusedMarket]]:
        return read_markets(self._directory, self.all_trades, self._conditions.fee_multiplier)

    def accept(self, trades: pl.DataFrame) -> None:
        """From now on the recording is these rows: those that kept their contract."""
        self.all_trades = trades.sort("traded_at", maintain_order=True)
        for name in ("_tape", "_books", "_priced"):  # made of other rows
            self.__dict__.pop(name, None)

    def confirmed_until(self, as_of: datetime) -> datetime:
        """A recording is complete."""
        return as_of

    def walk(self, after: datetime, until: datetime, max_pages: int, cursor: str = "") -> Walk:
        """In one page."""
        return Walk(self.trades(after, until), after)

    def trades(self, after: datetime, until: datetime) -> pl.DataFrame:
        """Trade rows with `after` < traded_at <= `until`, in time order."""
        return self._tape.between(after, until)

    @cached_property
    def _tape(self) -> Tape:
        return Tape(self.all_trades)

    def activities(self, wallets: Collection[str], after: datetime, until: datetime) -> pl.DataFrame:
        """A recording of trades tells of nothing else."""
        return as_activities(self.trades(after, until).filter(pl.col("wallet").is_in(list(wallets))).sort("wallet", maintain_order=True))

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """As known at `as_of`: a later resolution is not told yet."""
        return self._known_markets.known(token_ids, as_of)

    @cached_property
    def _known_markets(self) -> Markets:
        return Markets(self.all_markets, lambda markets, as_of: rows_by_class(as_known(markets, as_of)))

    def tokens_in(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """Every outcome that was ever traded."""
        return self.all_markets.filter(pl.col("market_id").is_in(list(market_ids))).select("market_id", "token_id", "outcome").unique()

    def holders(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """What the trades up to `as_of` left in the wallets: shares at the average price they were bought at."""
        long_ago = datetime.min.replace(tzinfo=as_of.tzinfo)
        if len(market_ids) == 1:
            seen = self._tape.of_market(*market_ids).between(long_ago, as_of)
        else:
            seen = self.trades(long_ago, as_of).filter(pl.col("market_id").is_in(list(market_ids)))
        return _holders(seen, as_of) if seen.height else empty(HolderPosition)

    def leaderboard(self, period: str, count: int) -> pl.DataFrame:
        """A recording has no boards."""
        return pl.DataFrame(schema=COLUMNS)

    def holding(self, wallet: str, market_id: str, token_id: str, as_of: datetime) -> LeaderHolding:
        """What its trades so far left. Whoever sold more than the recording saw it buy holds nothing."""
        seen = self.trades(datetime.min.replace(tzinfo=as_of.tzinfo), as_of)
        own = seen.filter((pl.col("wallet") == wallet) & (pl.col("token_id") == token_id))
        signed = pl.when(pl.col("side") == Side.BUY).then(pl.col("shares")).otherwise(-pl.col("shares"))
        shares = max(Decimal(0), Decimal(own.select(signed.sum()).item()))
        return LeaderHolding(wallet=wallet, token_id=token_id, market_id=market_id, shares=shares, known_at=as_of, asked_at=as_of)

    @cached_property
    def all_levels(self) -> pl.DataFrame | None:
        """Every level of the recorded books, best first within a snapshot; None when the recording has no books."""
        return read_levels(self._directory)

    def books(self, token_ids: Collection[str], as_of: datetime) -> dict[str, Book]:
        """The last recorded snapshot of each token, or its last trade as a book of one level a side: none from after `as_of`."""
        as_of += timedelta(seconds=self._conditions.delay_s)
        token_ids = self._still_open(token_ids, as_of) if self._conditions.delay_s else token_ids
        found = {token_id: self._books.last(token_id, as_of) for token_id in token_ids}
        return {token_id: book for token_id, book in found.items() if book is not None}

    @cached_property
    def _books(self) -> Books:
        if self.all_levels is not None:
            return Books(self.all_levels, "as_of", _book_of)
        return Books(self._priced, "traded_at", self._book_of_last)

    @cached_property
    def best_bids(self) -> pl.DataFrame:
        """`token_id`, `at`, `price`: the best bid of each token since each instant at which its book changed; null when nobody bids."""
        if self.all_levels is None:  # whatever stands around it: a mark is the middle
            priced = self.all_trades.filter(pl.col("price") > 0)
            return priced.select("token_id", pl.col("traded_at").alias("at"), pl.col("price").cast(pl.Float64))
        is_level = (pl.col("shares") > 0) & (pl.col("price") > 0) & (pl.col("price") < WHOLE)
        bid = pl.col("price").filter(pl.col("is_bid") & is_level).max().cast(pl.Float64)
        return self.all_levels.group_by("token_id", pl.col("as_of").alias("at")).agg(bid.alias("price")).sort("at", "token_id")

    @cached_property
    def _priced(self) -> pl.DataFrame:
        """The trades that books are made of."""
        priced = self.all_trades.filter((pl.col("price") > 0) & pl.col("traded_at").is_not_null())
        return with_costs(priced, self.all_markets, self._conditions.spreads) if self._conditions.spread == "fitted" else priced

    def _book_of_last(self, token_id: str, trades: pl.DataFrame) -> Book:
        trade = trades.row(-1, named=True)
        price, shares = trade["price"], self._depth(trade["price"], trade["shares"])
        costs = [trade[name] for name in COSTS if name in trade]
        return ladder(token_id, price, shares, costs) if costs else _book(token_id, price, shares)

    def _depth(self, price: Decimal, shares: Decimal) -> Decimal:
        usd = self._conditions.depth_usd
        return shares * DEPTH if usd is None else (Decimal(str(usd)) / price).quantize(SHARE_UNIT, ROUND_DOWN)

    def _still_open(self, token_ids: Collection[str], as_of: datetime) -> list[str]:
        ends = self._ends
        return sorted(token_id for token_id in set(token_ids) if token_id not in ends or ends[token_id] > as_of)

    @cached_property
    def _ends(self) -> dict[str, datetime]:
        return dict(self.all_markets.filter(pl.col("ended_at").is_not_null()).select("token_id", "ended_at").iter_rows())


def as_known(markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Market rows without what only the future knows, as of the instant of asking: the last trade is still to come."""
    over = pl.col("ended_at") <= as_of
    known = [pl.when(over).then(pl.col(name)).alias(name) for name in ("ended_at", "payout")]
    known.append((pl.col("ended_at_is_assumed") & over.fill_null(value=False)).alias("ended_at_is_assumed"))
    return markets.with_columns(*known, pl.lit(as_of).cast(markets.schema["updated_at"]).alias("updated_at"))


def _book_of(token_id: str, levels: pl.DataFrame) -> Book:
    """Levels of one snapshot, in any order."""
    sides: dict[bool, list[Level]] = {True: [], False: []}
    for is_bid, price, shares in levels.select("is_bid", "price", "shares").iter_rows():
        sides[is_bid].append(Level(price, shares))
    return book_of(token_id, sides[True], sides[False], price_below=WHOLE)


def _book(token_id: str, price: Decimal, shares: Decimal) -> Book:
    level = (Level(price, shares),)
    return Book(token_id, bids=level, asks=level)


def _holders(seen: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    bought = pl.col("side") == Side.BUY
    shares, notional = pl.col("shares").cast(pl.Float64), pl.col("notional").cast(pl.Float64)
    grouped = seen.group_by("market_id", "token_id", "wallet", maintain_order=True).agg(
        (shares.filter(bought).sum() - shares.filter(~bought).sum()).alias("held"),
        (notional.filter(bought).sum() / shares.filter(bought).sum()).alias("paid"),
        pl.col("price").last().cast(pl.Float64).alias("last_price"),
    )
    held = grouped.filter((pl.col("held") > 0) & pl.col("paid").is_finite())
    frame = held.select(
        "market_id",
        "token_id",
        "wallet",
        pl.col("held").alias("shares"),
        pl.col("paid").clip(0, 1).alias("avg_price"),
        (pl.col("held") * pl.col("paid")).alias("cost"),
        (pl.col("held") * pl.col("last_price")).alias("current_value"),
        pl.lit(as_of).alias("as_of"),
    )
    return fitting(frame, schema_of(HolderPosition))
