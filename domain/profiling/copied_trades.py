"""What a copier of a wallet would have earned at our delay, fees and depth, from the trades and books we have.

One line of thought for every BUY of a wallet: we buy `delay` later at the price the token then trades at, worse by what recorded books
say that buying so much at once costs; we pay the taker fee; we sell the same parts as the wallet does, as late, or hold to the resolution.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Instrument, Side
from data_contracts.frames import schema_of
from domain.profiling.spreads import FITTED, Cost, Spreads, cost_of
from domain.statistics.resampling import Floats

Ints = npt.NDArray[np.int64]
DELAYS_S = (0, 5, 30, 60, 300)
NOTIONALS = (10, 100, 1000)
MS = 1000


@dataclass(frozen=True, slots=True)
class Frictions:
    """What stands between a seen trade and ours where no book is on record: `spreads`, fitted to those that are.

    Without `spreads`, a law for worlds: `half_spread` is USD a share, and our size moves the price by `impact` x p(1-p) x N / (N + V +
    depth), with V the USD traded in the token in the `window_s` after. A price counts as available for `patience_s`; when nobody trades so
    soon, the last price before stands.
    """

    half_spread: float = 0.005
    impact: float = 0.25
    depth: float = 100.0
    window_s: float = 300.0
    patience_s: float = 120.0
    fee_multiplier: float = 1.0
    spreads: Spreads | None = None
    burst_s: float = 60.0  # BUYs of one wallet and token this close together are one entry: it took them as one


OURS = Frictions(spreads=FITTED)


@dataclass(frozen=True, slots=True)
class Tape:
    """All trades as arrays, by token and time; `clock` grows along both, so that one search finds a token at an instant."""

    clock: Ints  # ms of the tape, plus the token's place times `span`
    token: Ints
    price: Floats
    traded: Floats  # USD traded so far, over the whole tape
    span: int
    begins: datetime

    def at(self, token: Ints, at_ms: Ints) -> Ints:
        """The first trade of the tape that is not before these instants of these tokens."""
        found: Ints = np.searchsorted(self.clock, token * self.span + np.clip(at_ms, 0, self.span - 1))
        return found

    def prices(self, token: Ints, at_ms: Ints, frictions: Frictions) -> Floats:
        """The price a token then traded at: of the next trade if it comes soon enough, else of the last one before."""
        following = np.minimum(self.at(token, at_ms), len(self.clock) - 1)
        wait = self.clock[following] - (token * self.span + at_ms)
        soon = (self.token[following] == token) & (wait >= 0) & (wait <= frictions.patience_s * MS)
        before = np.maximum(self.at(token, at_ms + 1) - 1, 0)
        found: Floats = np.where(soon, self.price[following], self.price[before])
        return found

    def volume(self, token: Ints, at_ms: Ints, window_s: float) -> Floats:
        """USD traded in a token in the seconds after."""
        until = np.minimum(at_ms + int(window_s * MS), self.span - 1)
        padded = np.concatenate([[0.0], self.traded])
        volume: Floats = padded[self.at(token, until)] - padded[self.at(token, at_ms)]
        return volume


def tape_of(trades: pl.DataFrame) -> tuple[Tape, pl.DataFrame]:
    """The tape, and its trades in the same order with `token` (a number), `at_ms` and plain floats."""
    begins = trades["traded_at"].min()
    assert isinstance(begins, datetime)  # noqa: S101 (callers have trades)
    rows = trades.with_columns(
        pl.col("token_id").rank("dense").cast(pl.Int64).alias("token"),
        (pl.col("traded_at") - begins).dt.total_milliseconds().alias("at_ms"),
        *(pl.col(name).cast(pl.Float64) for name in ("price", "shares", "notional")),
    ).sort("token", "at_ms", "trade_id")
    token, at_ms = rows["token"].to_numpy(), rows["at_ms"].to_numpy()
    span = int(at_ms.max()) + 24 * 3_600 * MS
    traded = np.cumsum(rows["notional"].to_numpy())
    return Tape(token * span + at_ms, token, rows["price"].to_numpy(), traded, span, begins), rows


def copies(
    trades: pl.DataFrame,
    markets: pl.DataFrame,
    delays_s: tuple[float, ...] = DELAYS_S,
    notionals: tuple[float, ...] = NOTIONALS,
    frictions: Frictions = OURS,
    wallets: pl.Series | None = None,
    books: pl.DataFrame | None = None,
    delays: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row per BUY and cell of the grid: what copying it cost and brought, USD a share.

    `delays` (trade_id, own_delay_s) are those of single trades, in place of the grid's. `paid` is the price, `cost` price and fee, `worth`
    what its exits and the resolution paid: null while the end is not known. `spread` is what buying costs above the middle, between
    `spread_low` and `spread_high` in 90 % of books; `spread_rests_on` so many markets. `dear_gain` is the gain where books are dearer by as
    many deviations as leave one in twenty. `is_entry` is false for a further fill of one decision. A copy that comes after its token's end
    cannot be made: paid and cost are null.
    """
    tape, rows = tape_of(trades)
    own = rows if wallets is None else rows.filter(pl.col("wallet").is_in(wallets.implode()))
    since = [
        (pl.col(at) - tape.begins).dt.total_milliseconds().alias(name) for at, name in (("resolved_at", "end_ms"), ("ends_at", "due_ms"))
    ]
    own = by_position(own, markets, frictions).with_columns(since)
    cells = [(delay, notional) for delay in delays_s for notional in notionals]
    if delays is not None:
        own = own.join(delays, on="trade_id", how="left", maintain_order="left")
    spreads = [_spreads(own, tape, delay, notional, frictions) for delay, notional in cells]
    paid, costs, worths = _valued(own, tape, cells, [one.mean for one in spreads], frictions, books)
    dear = [one.dear for one in spreads]
    _, dear_costs, dear_worths = _valued(own, tape, cells, dear, frictions, books) if frictions.spreads else (paid, costs, worths)
    bought = (own["side"] == Side.BUY).to_numpy()
    names = ["trade_id", "wallet", "token_id", "market_id", "event", "category", "side", "traded_at", "price", "is_entry", "ended_at"]
    rows_out = own.select(names).filter(bought)
    frames = [
        rows_out.with_columns(
            pl.lit(float(delay)).alias("delay_s"),
            pl.lit(float(notional)).alias("notional"),
            pl.Series("paid", paid[bought, cell]),
            pl.Series("cost", costs[bought, cell]),
            pl.Series("worth", worths[bought, cell]),
            pl.Series("dear_gain", dear_worths[bought, cell] / dear_costs[bought, cell] - 1),
            pl.Series("spread", spread.mean[bought]),
            pl.Series("spread_low", spread.low[bought]),
            pl.Series("spread_high", spread.high[bought]),
            pl.Series("spread_rests_on", spread.rests_on[bought]),
        )
        for cell, ((delay, notional), spread) in enumerate(zip(cells, spreads, strict=True))
    ]
    return (
        pl.concat(frames)
        .with_columns(pl.col("paid", "cost", "worth", "dear_gain").fill_nan(None))
        .with_columns(gain=pl.col("worth") / pl.col("cost") - 1)
    )


def _with_market(markets: pl.DataFrame, frictions: Frictions) -> pl.DataFrame:
    """A market without an event is an event of its own."""
    event = pl.when(pl.col("event") == "").then(pl.col("market_id")).otherwise(pl.col("event"))
    return markets.select(
        "token_id",
        event.alias("event"),
        "category",
        "ends_at",
        pl.col("ended_at").alias("resolved_at"),
        pl.col("payout").cast(pl.Float64),
        (pl.col("fee_rate").cast(pl.Float64) * frictions.fee_multiplier).alias("rate"),
        pl.col("fee_exponent").cast(pl.Float64).alias("exponent"),
    )


def by_position(rows: pl.DataFrame, markets: pl.DataFrame, frictions: Frictions) -> pl.DataFrame:
    """A wallet's trades of one token together, in time order, with the part each SELL took of what it held and when it all ended."""
    own = rows.join(_with_market(markets, frictions), on="token_id", how="left")
    bought = pl.col("side") == Side.BUY
    ours = ["wallet", "token_id"]
    signed = pl.when(bought).then(pl.col("shares")).otherwise(-pl.col("shares"))
    rows = own.sort("wallet", "token_id", "at_ms", "trade_id").with_columns(signed.cum_sum().over(ours).alias("after"))
    before = (pl.col("after") - signed).clip(lower_bound=0)
    part = pl.when(bought).then(0.0).when(before <= pl.col("shares")).then(1.0).otherwise(pl.col("shares") / before)
    waited = pl.col("at_ms") - pl.col("at_ms").shift(1).over([*ours, "side"])
    rows = rows.with_columns(
        part.alias("part"),
        (bought & (waited.is_null() | (waited > frictions.burst_s * MS))).alias("is_entry"),
        pl.col("event").fill_null(pl.col("market_id")),
        pl.col("category").fill_null(""),
        pl.col("rate", "exponent").fill_null(0.0),
        pl.int_range(pl.len()).reverse().over(ours).alias("from_end"),
    )
    gone = pl.when(pl.col("part") >= 1).then(pl.col("traded_at"))
    sold_out = gone.reverse().forward_fill().reverse().over(ours)  # the next time it sold everything
    return rows.with_columns(pl.coalesce(sold_out, pl.when(pl.col("payout").is_not_null()).then(pl.col("resolved_at"))).alias("ended_at"))


def _valued(
    own: pl.DataFrame,
    tape: Tape,
    cells: list[tuple[float, float]],
    spreads: list[Floats],
    frictions: Frictions,
    books: pl.DataFrame | None,
) -> tuple[Floats, Floats, Floats]:
    """(trades x cells) price and cost of a share bought after each trade, and what one held after it will bring: NaN where not known."""
    is_buy = (own["side"] == Side.BUY).to_numpy()
    rate, exponent = own["rate"].to_numpy(), own["exponent"].to_numpy()
    end_ms = own["end_ms"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    prices, costs, gets = (np.empty((len(own), len(cells))) for _ in range(3))
    for cell, ((delay, notional), worse) in enumerate(zip(cells, spreads, strict=True)):
        then = _then(own, delay)
        price = tape.prices(own["token"].to_numpy(), then, frictions)
        pays, takes = np.minimum(price + worse, 1.0), np.maximum(price - worse, 0.0)
        if books is not None:
            pays, takes = _from_books(own, then - own["at_ms"].to_numpy(), notional, books, pays, takes)
        over = then > end_ms
        prices[:, cell] = np.where(over, np.nan, pays)
        costs[:, cell] = np.where(over, np.nan, pays + _fee(pays, rate, exponent))
        gets[:, cell] = np.where(over, np.nan, takes - _fee(takes, rate, exponent))
    return prices, costs, _worth(own, is_buy, gets)


def _then(own: pl.DataFrame, delay_s: float) -> Ints:
    """When we trade, in ms of the tape: after the grid's delay, or the trade's own."""
    own_ms = own["own_delay_s"].fill_null(np.nan).to_numpy() * MS if "own_delay_s" in own.columns else np.full(len(own), np.nan)
    then: Ints = own["at_ms"].to_numpy() + np.where(np.isnan(own_ms), delay_s * MS, own_ms).astype(np.int64)
    return then


def _spreads(own: pl.DataFrame, tape: Tape, delay_s: float, notional: float, frictions: Frictions) -> Cost:
    """USD a share that we pay above, or get below, the price the token trades at."""
    then, token = _then(own, delay_s), own["token"].to_numpy()
    price = tape.prices(token, then, frictions)
    if frictions.spreads:
        to_end_s = (own["due_ms"].cast(pl.Float64).fill_null(np.nan).to_numpy() - then) / MS
        midnight = tape.begins.replace(hour=0, minute=0, second=0, microsecond=0)
        hour = ((tape.begins - midnight).total_seconds() + then / MS) // 3_600 % 24
        return cost_of(own["category"].to_numpy(), price, notional, frictions.spreads, to_end_s, hour)
    volume = tape.volume(token, then, frictions.window_s)
    law = np.asarray(frictions.half_spread + frictions.impact * price * (1 - price) * notional / (notional + volume + frictions.depth))
    return Cost(law, law, law, np.full(law.size, np.inf), law)


def _fee(price: Floats, rate: Floats, exponent: Floats) -> Floats:
    """USD a share, as `domain.copying.fees.taker_fee` has it."""
    fee: Floats = rate * (price * (1 - price)) ** np.maximum(exponent, 1)
    return fee


def _worth(own: pl.DataFrame, is_buy: npt.NDArray[np.bool_], gets: Floats) -> Floats:
    """Backwards through each position: a share held before a SELL brings the sold part at its price, and the rest what comes after.

    All positions go back together, the last trade of each, then the last but one: as many rounds as the longest has trades.
    """
    payout = own["payout"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    part = own["part"].to_numpy()
    worth = np.empty_like(gets)
    order = np.argsort(own["from_end"].to_numpy(), kind="stable")
    counts = np.bincount(own["from_end"].to_numpy())
    later = 0
    for round_, count in enumerate(counts):
        now = order[later : later + count]
        after = (
            np.repeat(payout[now][:, None], gets.shape[1], axis=1) if round_ == 0 else _next_worth(now, is_buy, part, gets, worth, payout)
        )
        worth[now] = after
        later += count
    return worth


def _next_worth(now: Ints, is_buy: npt.NDArray[np.bool_], part: Floats, gets: Floats, worth: Floats, payout: Floats) -> Floats:
    """What a share held just after these trades brings: through the next trade of the same position."""
    following = now + 1
    sold, kept = part[following][:, None], 1 - part[following][:, None]
    # An exit that comes after the end cannot be made: the resolution pays instead. What is kept of nothing is nothing, known or not.
    get = np.where(np.isnan(gets[following]), payout[following][:, None], gets[following])
    rest = np.where(kept > 0, kept * worth[following], 0.0)
    through_sale = sold * get + rest
    return np.where(is_buy[following][:, None], worth[following], through_sale)


def _from_books(
    own: pl.DataFrame, delay_ms: Ints, notional: float, books: pl.DataFrame, pays: Floats, takes: Floats
) -> tuple[Floats, Floats]:
    """Where a book was on record at that time, what walking it costs; elsewhere what the trades say."""
    delayed = own.select("token_id", "traded_at", pl.Series("delay_ms", delay_ms)).with_row_index("row")
    when = delayed.with_columns((pl.col("traded_at") + pl.duration(milliseconds="delay_ms")).alias("at"))
    for is_bid, prices in ((False, pays), (True, takes)):
        walked = walk_books(when, books.filter(pl.col("is_bid") == is_bid), notional)
        prices[walked["row"].to_numpy()] = walked["walked"].to_numpy()
    return pays, takes


def walk_books(when: pl.DataFrame, levels: pl.DataFrame, notional: float, fresh_s: float = 60.0) -> pl.DataFrame:
    """`row` and `walked`: the average price of `notional` USD in the last book, `fresh_s` old at most; thin books are left out."""
    snapshots = levels.select("token_id", "as_of").unique().sort("as_of").with_columns(pl.col("as_of").alias("taken_at"))
    found = when.sort("at").join_asof(
        snapshots, left_on="at", right_on="as_of", by="token_id", tolerance=f"{int(fresh_s)}s", check_sortedness=False
    )
    met = found.filter(pl.col("taken_at").is_not_null()).join(
        levels.with_columns(pl.col("price", "shares").cast(pl.Float64)),
        left_on=["token_id", "taken_at"],
        right_on=["token_id", "as_of"],
        maintain_order="left_right",
    )
    spent = (pl.col("price") * pl.col("shares")).cum_sum().over("row")
    part = (
        (pl.lit(notional) - (spent - pl.col("price") * pl.col("shares")))
        .clip(lower_bound=0)
        .clip(upper_bound=pl.col("price") * pl.col("shares"))
    )
    walked = (
        met.with_columns(part.alias("part"))
        .group_by("row", maintain_order=True)
        .agg((pl.col("part").sum() / (pl.col("part") / pl.col("price")).sum()).alias("walked"), pl.col("part").sum().alias("filled"))
    )
    return walked.filter(pl.col("filled") >= notional * 0.999).select("row", "walked")


def markets_known(markets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Market rows as known at an instant: what resolves later has not ended yet."""
    over = pl.col("ended_at") <= as_of
    schema = schema_of(Instrument)
    return markets.with_columns(*[pl.when(over).then(pl.col(name)).cast(schema[name]).alias(name) for name in ("ended_at", "payout")])
