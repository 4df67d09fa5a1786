"""Recorded trades: a directory of Parquet, in our words or in those of the recordings we know.

Named rules for what recordings lack. A wallet known by a display name is `name:` and that name. A market without token ids has one token
an outcome, `market:outcome`. A market without a resolution time resolved at its last trade. Without books, the leader's trade itself is the
book: its price, with `depth` times its shares on either side. Trades of zero shares stay in, and the contract sets them aside.
How times, numbers and winners may be written: `recorded_values.py` and `recorded_winners.py`. A time without a zone is taken for UTC.

With books (`books.parquet`: token_id, side, price, shares, as_of; a row is a level, BUY or bid, SELL or ask) the last snapshot counts: a
token's book is its levels of the latest as_of that is not in the future. Then trades are no books: a token without a snapshot has none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

import polars as pl

from adapters.feeds.feed import Walk
from adapters.feeds.polymarket.leaderboard import COLUMNS
from adapters.feeds.polymarket.trade_rows import as_activities, trade_frame
from adapters.feeds.recorded_index import Books, Markets, Tape
from adapters.feeds.recorded_spread import COSTS, ladder, with_costs
from adapters.feeds.recorded_values import required, with_number, with_text, with_time, with_words
from adapters.feeds.recorded_winners import RefusedMarket, payouts
from data_contracts import HolderPosition, LeaderHolding, Side, Trade
from data_contracts.errors import Refused
from data_contracts.frames import empty, fitted, fitting, schema_of
from domain.copying.book import Book, Level, book_of
from domain.polymarket.exchanges import RECORDED
from domain.polymarket.markets import rows_by_class, with_terms

RENAMED = {"ts": "traded_at", "condition_id": "market_id", "asset_id": "token_id", "size": "shares", "usd": "notional"}
RENAMED_MARKET = {
    "condition_id": "market_id",
    "end_date": "ends_at",
    "resolved_at": "ended_at",
    "closed_time": "ended_at",
    "event_slug": "event",
}
WHOLE = Decimal(1)  # USD: what no share is offered or sought at
DEPTH = Decimal(1)
TICK = Decimal("0.0001")
SHARE_UNIT = Decimal("0.000001")
TRADE_TEXTS = ("wallet", "market_id", "token_id", "outcome", "side", "tx_hash")
NEEDED_OF_TRADES = {
    "wallet": "who traded",
    "market_id": "which market",
    "outcome": "the outcome's name",
    "side": "BUY or SELL",
    "price": "USD a share",
    "shares": "how many",
    "traded_at": "when",
}
NEEDED_OF_MARKETS = {"market_id": "which market", "winner": "the outcome that won, empty where none has"}
NEEDED_OF_BOOKS = {"token_id": "which token", "side": "BUY or SELL", "price": "USD a share", "shares": "how many", "as_of": "since when"}
ADDRESS = r"^0x[0-9a-f]{40}$"


# What takers pay today, by category; a recording does not say what they paid then. Source: https://docs.polymarket.com/trading/fees
OFFICIAL_RATES = {"crypto": 0.07, "sports": 0.05, "finance": 0.04, "politics": 0.04, "tech": 0.04, "mentions": 0.04, "geopolitics": 0.0}
OTHER_RATE = 0.05

SpreadKind = Literal["fitted", "none"]
SPREADS: Mapping[str, SpreadKind] = {"fitted": "fitted", "none": "none"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a replay assumes that the recording does not say; the defaults assume nothing.

    Our orders reach the market `delay_s` after the cycle that decided them: they meet the books, or trades, of that instant, and nothing
    once the market is over. The taker fee is `fee_multiplier` times today's official one. Where trades are the books, `depth_usd` stand
    on either side in place of the shares of the trade; with the spread `fitted` they cost what recorded books cost, and not the trade's
    price.
    """

    delay_s: float = 0.0
    fee_multiplier: float = 0.0
    depth_usd: float | None = None
    spread: SpreadKind = "none"

    @property
    def address(self) -> str:
        """As the query of an address; empty for the defaults."""
        assumed = {name: value for name, value in asdict(self).items() if value != getattr(AS_RECORDED, name)}
        return f"?{urlencode(assumed)}" if assumed else ""

    @staticmethod
    def of(address: str) -> "tuple[Path, Conditions]":
        """The directory and the conditions of an address."""
        directory, _, query = address.partition("?")
        return Path(directory), AS_RECORDED.changed(dict(parse_qsl(query)))

    def changed(self, assumed: Mapping[str, str]) -> "Conditions":
        """With these assumptions as they are written. Raises Refused for a spread that is none."""
        spread = assumed.get("spread", self.spread)
        if spread not in SPREADS:
            raise Refused(f"{spread!r} is no spread: write {' or '.join(SPREADS)}")
        numbers: dict[str, Any] = {name: float(value) for name, value in assumed.items() if name != "spread"}
        return replace(self, **numbers, spread=SPREADS[spread])


AS_RECORDED = Conditions()
CHARGED = Conditions(spread="fitted")


class RecordedFeed:
    """A recording, read once. Raises Refused when the directory holds none."""

    def __init__(self, directory: Path, conditions: Conditions = AS_RECORDED) -> None:
        self._directory = directory
        self._conditions = conditions
        self.source = f"recording:{directory.resolve().name}"
        for name in ("trades", "markets"):
            if not (directory / f"{name}.parquet").is_file():
                raise Refused(f"{directory} is no recording: it has no {name}.parquet")

    @cached_property
    def all_trades(self) -> pl.DataFrame:
        """Every Trade row of the recording, in time order; equal rows keep their place in the file."""
        raw = self._read("trades", RENAMED, NEEDED_OF_TRADES, TRADE_TEXTS, ("price", "shares", "notional"), ("traded_at",))
        raw = raw.with_columns(pl.col("side").str.strip_chars().str.to_uppercase())
        if raw.height and raw["traded_at"].null_count() == raw.height:
            raise Refused("trades.parquet: traded_at, row 1: no row says when it happened: write 2026-11-03T12:00:00Z")
        if "token_id" not in raw.columns:
            raw = raw.with_columns(_token_id())
        if "tx_hash" not in raw.columns:
            raw = raw.with_columns(pl.lit("").alias("tx_hash"))
        if "notional" not in raw.columns:
            raw = raw.with_columns((pl.col("price") * pl.col("shares")).cast(pl.Float64).round(6).alias("notional"))
        typed = pl.col("wallet").str.strip_chars()
        address = typed.str.to_lowercase()
        named = pl.when(address.str.contains(ADDRESS)).then(address).otherwise(pl.concat_str(pl.lit("name:"), typed))
        return trade_frame(raw.with_columns(named.alias("wallet")), self.source).sort("traded_at", maintain_order=True)

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
        raw = self._read(
            "markets", RENAMED_MARKET, NEEDED_OF_MARKETS, ("market_id", "question", "category", "event"), (), ("ends_at", "ended_at")
        )
        tokens = self.all_trades.group_by("market_id", "token_id", maintain_order=True).agg(
            pl.col("outcome").drop_nulls().first(), pl.col("traded_at").max().alias("last_traded_at")
        )
        last = tokens.group_by("market_id").agg(pl.col("last_traded_at").max().alias("market_last_traded_at"))
        markets = _one_row_a_market(raw.drop("token_id", "outcome", strict=False))
        joined = tokens.join(markets, on="market_id", how="inner").join(last, on="market_id")
        paid, refused = payouts(raw, tokens, "markets.parquet")
        known = joined.filter(~pl.col("market_id").is_in([one.market_id for one in refused]))
        return _market_frame(known.join(paid, on="token_id", how="left"), self._conditions.fee_multiplier), refused

    def _read(
        self,
        name: str,
        renamed: Mapping[str, str],
        needed: Mapping[str, str],
        texts: Sequence[str],
        numbers: Sequence[str],
        times: Sequence[str],
    ) -> pl.DataFrame:
        """A file with its columns under our names and in our types. Raises Refused, in one line, for what cannot be read with certainty."""
        file = f"{name}.parquet"
        try:
            frame = with_words(_renamed(pl.read_parquet(self._directory / file), renamed))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise Refused(f"{file}: it is no Parquet that can be read: {str(error).splitlines()[0]}") from error
        required(frame, needed, file)
        for columns, read in ((texts, with_text), (numbers, with_number), (times, with_time)):
            for column in columns:
                frame = read(frame, column, file)
        return frame

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
        path = self._directory / "books.parquet"
        if not path.is_file():
            return None
        raw = self._read("books", {}, NEEDED_OF_BOOKS, ("token_id", "side"), ("price", "shares"), ("as_of",))
        levels = raw.select("token_id", _is_bid(), *_exact(raw, "price", "shares"), "as_of")
        best_first = pl.when("is_bid").then(-pl.col("price")).otherwise(pl.col("price"))
        return levels.drop_nulls().sort("token_id", "as_of", best_first, maintain_order=True)

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
        return with_costs(priced, self.all_markets) if self._conditions.spread == "fitted" else priced

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


def _renamed(raw: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Our names for theirs; of two that mean the same, the first that is there."""
    for theirs, ours in names.items():
        raw = raw if ours in raw.columns else raw.rename({theirs: ours}, strict=False)
    return raw


def _one_row_a_market(raw: pl.DataFrame) -> pl.DataFrame:
    """Many write a row an outcome: of each column the first that says something."""
    return raw.group_by("market_id", maintain_order=True).agg(pl.all().drop_nulls().first())


def _token_id() -> pl.Expr:
    return pl.concat_str(pl.col("market_id"), pl.lit(":"), pl.col("outcome")).alias("token_id")


def _is_bid() -> pl.Expr:
    """Null for any other word: no level."""
    words = {"BUY": True, "BID": True, "SELL": False, "ASK": False}
    return pl.col("side").str.to_uppercase().replace_strict(words, default=None, return_dtype=pl.Boolean).alias("is_bid")


def _exact(raw: pl.DataFrame, *names: str) -> list[pl.Expr]:
    return [fitted(name, raw.schema[name], schema_of(Trade)[name]) for name in names]


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


def _market_frame(joined: pl.DataFrame, fee_multiplier: float) -> pl.DataFrame:
    columns = joined.columns
    ended = pl.col("ended_at") if "ended_at" in columns else pl.lit(None)
    ends = pl.col("ends_at") if "ends_at" in columns else pl.lit(None)
    is_over = pl.col("payout").is_not_null()
    ended_at = pl.when(is_over).then(pl.coalesce(ended, pl.col("market_last_traded_at")))
    texts = {name: pl.col(name).fill_null("") if name in columns else pl.lit("") for name in ("question", "category", "event")}
    frame = joined.select(
        "token_id",
        "market_id",
        "outcome",
        (pl.col("outcome").rank("dense").over("market_id").cast(pl.Int64) - 1).alias("outcome_index"),
        *[expression.alias(name) for name, expression in texts.items()],
        pl.lit(TICK).alias("price_increment"),
        pl.lit(Decimal(0)).alias("min_shares"),
        (_official_rate(texts["category"]) * fee_multiplier).alias("fee_rate"),
        pl.lit(1).alias("fee_exponent"),
        pl.lit(False).alias("neg_risk"),
        pl.lit(RECORDED).alias("version"),
        ends.alias("ends_at"),
        ended_at.alias("ended_at"),
        "payout",
        pl.coalesce(ended_at, pl.col("market_last_traded_at")).alias("updated_at"),
        (is_over & ended.is_null()).alias("ended_at_is_assumed"),
    )
    return with_terms(frame).sort("token_id")


def _official_rate(category: pl.Expr) -> pl.Expr:
    """By the first word of a category: politics/us-midterms-2022 is politics."""
    return category.str.split("/").list.first().replace_strict(OFFICIAL_RATES, default=OTHER_RATE, return_dtype=pl.Float64)
