"""What makes a wallet dangerous to copy although its record is good: five statistics, each with a threshold and measured error rates.

wash   the part of its volume that came back: bought and sold within half an hour at the same price, or to itself in one transaction.
       A maker earns a cent on the way; who only makes volume does not.
bait   how surely it sells into those who copy it: entries that it sold, within minutes and higher, before the price fell back.
hedge  the part of its money that cannot be lost, because another leg in the same event pays when the copied one does not.
crowd  how many more wallets buy the token in the minute after its entry than in the minute before.
prearranged  how surely its bets are against wallets that trade with hardly anybody else: a record that its owner paid for.

`walletflow evaluate traps` measures how often each is wrong on wallets whose truth is known.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data_contracts import Side, Trap, TrapFlag
from data_contracts.frames import schema_of
from domain.profiling.copied_trades import MS, OURS, Tape, by_position, tape_of
from domain.profiling.prearranged import prearranged
from domain.statistics.resampling import SURE, Floats, wilson_low


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From these scores on a wallet is flagged; below `fewest` observations it never is."""

    wash: float = 0.5  # half of its volume
    bait: float = 0.3  # at least three entries in ten, surely
    hedge: float = 0.25  # a quarter of its money
    crowd: float = 2.0  # two more buyers, surely
    prearranged: float = 0.2  # one market in five, surely
    fewest: int = 5
    wash_window_s: float = 1800.0
    same_price: float = 0.005  # USD a share: half a cent is within the spread
    bait_window_s: float = 300.0
    crowd_window_s: float = 60.0

    def of(self, trap: Trap) -> float:
        value: float = getattr(self, trap.value)
        return value


USUAL = Thresholds()


def flags(
    trades: pl.DataFrame, markets: pl.DataFrame, as_of: datetime, wallets: pl.Series | None = None, thresholds: Thresholds = USUAL
) -> pl.DataFrame:
    """TrapFlag rows, one per wallet and trap that could be looked at, flagged or not."""
    if not trades.height:
        return pl.DataFrame(schema=schema_of(TrapFlag))
    scored = {
        Trap.WASH: washed(trades, thresholds),
        Trap.BAIT: baited(trades, markets, thresholds),
        Trap.HEDGE: hedged(trades, markets),
        Trap.CROWD: crowded(trades, markets, thresholds),
        Trap.PREARRANGED: prearranged(trades, thresholds.fewest),
    }
    frames = [
        scores.select(
            "wallet",
            pl.lit(trap.value).alias("trap"),
            pl.col("score").cast(pl.Float64),
            pl.lit(thresholds.of(trap)).alias("threshold"),
            ((pl.col("score") >= thresholds.of(trap)) & (pl.col("observations") >= thresholds.fewest)).alias("flagged"),
            pl.col("observations").cast(pl.Int64),
            pl.lit(as_of).alias("as_of"),
        )
        for trap, scores in scored.items()
    ]
    found = pl.concat(frames).cast(dict(schema_of(TrapFlag).items()))
    wanted = found if wallets is None else found.filter(pl.col("wallet").is_in(wallets.implode()))
    return wanted.sort("wallet", "trap")


def washed(trades: pl.DataFrame, thresholds: Thresholds = USUAL) -> pl.DataFrame:
    """Per wallet: the part of its volume that came back at the same price. One observation is a trade."""
    window = pl.col("traded_at").dt.epoch("s") // int(thresholds.wash_window_s)
    there_and_back = _came_back(trades.with_columns(window.alias("when")), thresholds.same_price)
    at_once = _came_back(trades.filter(pl.col("tx_hash") != "").with_columns(pl.col("tx_hash").alias("when")), 1.0)
    back = pl.concat([there_and_back, at_once]).group_by("wallet", "token_id", "when", maintain_order=True).agg(pl.col("usd").max())
    usd = pl.col("notional").cast(pl.Float64).sum()
    total = trades.group_by("wallet", maintain_order=True).agg(usd.alias("total"), pl.len().alias("observations"))
    joined = total.join(back.group_by("wallet", maintain_order=True).agg(pl.col("usd").sum()), on="wallet", how="left")
    return joined.filter(pl.col("total") > 0).with_columns((pl.col("usd").fill_null(0) / pl.col("total")).clip(0, 1).alias("score"))


def baited(trades: pl.DataFrame, markets: pl.DataFrame, thresholds: Thresholds = USUAL) -> pl.DataFrame:
    """Per wallet: a lower bound (Wilson) of the part of its entries that were baits. One observation is an entry.

    An entry was a bait if within `bait_window_s` it sold at least half of what it had just bought, higher, and the price so long after
    the sale was lower than the sale's. Who merely trades fast does that by chance to one entry in four.
    """
    tape, rows = tape_of(trades)
    own = by_position(rows, markets, OURS)
    own = own.with_columns((pl.col("is_entry").cum_sum().over("wallet", "token_id")).alias("entry"))
    first = own.filter("is_entry").select(
        "wallet", "token_id", "entry", pl.col("at_ms").alias("began_ms"), pl.col("price").alias("paid"), pl.col("shares").alias("bought")
    )
    buys = (
        own.filter(pl.col("side") == Side.BUY)
        .group_by("wallet", "token_id", "entry", maintain_order=True)
        .agg(pl.col("shares").sum().alias("all_bought"))
    )
    sells = own.filter(pl.col("side") == Side.SELL).join(first, on=["wallet", "token_id", "entry"])
    quick = sells.filter(
        (pl.col("at_ms") - pl.col("began_ms") <= thresholds.bait_window_s * MS) & (pl.col("price") > pl.col("paid") + thresholds.same_price)
    )
    fell = _price_after(quick, tape, thresholds.bait_window_s) < quick["price"].to_numpy() - thresholds.same_price
    sold = (
        quick.with_columns(pl.Series("fell", fell))
        .filter("fell")
        .group_by("wallet", "token_id", "entry", maintain_order=True)
        .agg(pl.col("shares").sum())
    )
    entries = first.join(buys, on=["wallet", "token_id", "entry"]).join(
        sold, on=["wallet", "token_id", "entry"], how="left", suffix="_sold"
    )
    sold_shares = entries["shares"] if "shares" in entries.columns else entries["shares_sold"]
    marked = entries.with_columns((sold_shares.fill_null(0) >= entries["all_bought"] / 2).alias("bait"))
    counted = marked.group_by("wallet").agg(pl.col("bait").sum().alias("baits"), pl.len().alias("observations"))
    return counted.with_columns(pl.Series("score", wilson_low(counted["baits"].to_numpy(), counted["observations"].to_numpy())))


def hedged(trades: pl.DataFrame, markets: pl.DataFrame) -> pl.DataFrame:
    """Per wallet: the part of what it paid that it gets back however its events end. One observation is a trade.

    In one market that is a USD for each pair of Yes and No. In a neg-risk event at most one market says Yes: if market j does, its Yes
    and every other market's No are paid, and if none of those it trades does, every No is. What it sold again before is no leg.
    """
    bought = pl.col("side") == Side.BUY
    shares, usd = pl.col("shares").cast(pl.Float64), pl.col("notional").cast(pl.Float64)
    legs = trades.group_by("wallet", "market_id", "token_id", maintain_order=True).agg(
        (shares.filter(bought).sum() - shares.filter(~bought).sum()).clip(lower_bound=0).alias("held"),
        (usd.filter(bought).sum() / shares.filter(bought).sum()).alias("paid"),
        pl.len().alias("observations"),
    )
    known = legs.join(markets.select("token_id", "event", "neg_risk", "outcome_index"), on="token_id", how="left")
    in_event = pl.col("neg_risk").fill_null(False) & (pl.col("event").fill_null("") != "")
    known = known.with_columns(
        pl.when(in_event).then(pl.col("event")).otherwise(pl.col("market_id")).alias("event"),
        in_event.alias("exclusive"),
        (pl.col("held") * pl.col("paid")).fill_nan(0).fill_null(0).alias("cost"),
    )
    first = pl.col("held").filter(pl.col("outcome_index") == 0).sum()
    conditions = known.group_by("wallet", "event", "exclusive", "market_id", maintain_order=True).agg(
        first.alias("yes"),
        (pl.col("held").sum() - first).alias("no"),
        pl.len().alias("outcomes"),
        pl.col("cost").sum(),
        pl.col("observations").sum(),
    )
    one_market = pl.min_horizontal("yes", "no").sum()
    many = pl.col("no").sum() + pl.min_horizontal((pl.col("yes") - pl.col("no")).min(), pl.lit(0.0))
    events = conditions.group_by("wallet", "event", "exclusive", maintain_order=True).agg(
        pl.when(pl.col("exclusive").first()).then(many).otherwise(one_market).alias("locked"),
        pl.col("cost").sum(),
        pl.col("observations").sum(),
    )
    totals = events.group_by("wallet", maintain_order=True).agg(pl.col("locked").sum(), pl.col("cost").sum(), pl.col("observations").sum())
    return totals.filter(pl.col("cost") > 0).with_columns((pl.col("locked") / pl.col("cost")).clip(0, 1).alias("score"))


def crowded(trades: pl.DataFrame, markets: pl.DataFrame, thresholds: Thresholds = USUAL) -> pl.DataFrame:
    """Per wallet: a lower bound of the mean number of buyers its entries draw within the window. One observation is an entry."""
    _, rows = tape_of(trades)
    entries = by_position(rows, markets, OURS).filter("is_entry").sort("token", "at_ms")
    token, at_ms = entries["token"].to_numpy(), entries["at_ms"].to_numpy()
    span, window = int(at_ms.max(initial=0)) * 2 + 10 * MS * int(thresholds.crowd_window_s), int(thresholds.crowd_window_s * MS)
    clock = (token * span) + at_ms + window  # shifted, so that a minute before the first trade is no other token
    after = np.searchsorted(clock, clock + window, side="right") - np.searchsorted(clock, clock, side="right")
    before = np.searchsorted(clock, clock, side="left") - np.searchsorted(clock, clock - window, side="left")
    more = entries.with_columns(pl.Series("more", after - before))
    counted = more.group_by("wallet").agg(
        pl.col("more").mean().alias("mean"), pl.col("more").std().fill_null(0).alias("spread"), pl.len().alias("observations")
    )
    return counted.with_columns((pl.col("mean") - SURE * pl.col("spread") / pl.col("observations").sqrt()).alias("score"))


def _came_back(trades: pl.DataFrame, same_price: float) -> pl.DataFrame:
    """Per wallet, token and `when`: USD of what was both bought and sold at about one price, both ways counted."""
    bought = pl.col("side") == Side.BUY
    shares, usd = pl.col("shares").cast(pl.Float64), pl.col("notional").cast(pl.Float64)
    both = trades.group_by("wallet", "token_id", "when", maintain_order=True).agg(
        shares.filter(bought).sum().alias("in"),
        shares.filter(~bought).sum().alias("out"),
        usd.filter(bought).sum().alias("paid"),
        usd.filter(~bought).sum().alias("got"),
    )
    met = both.filter((pl.col("in") > 0) & (pl.col("out") > 0))
    paid, got = pl.col("paid") / pl.col("in"), pl.col("got") / pl.col("out")
    back = pl.min_horizontal("in", "out") * (paid + got)
    return met.filter((paid - got).abs() < same_price).select("wallet", "token_id", pl.col("when").cast(pl.String), back.alias("usd"))


def _price_after(trades: pl.DataFrame, tape: Tape, seconds: float) -> Floats:
    then = trades["at_ms"].to_numpy() + int(seconds * MS)
    return tape.prices(trades["token"].to_numpy(), then, OURS)
