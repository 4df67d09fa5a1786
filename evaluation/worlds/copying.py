"""A world in which copying costs: what a leader knows goes into the price after its trade, so who comes later pays for it.

The law of one entry. The token stands at m, between 0.15 and 0.85; the leader knows its true chance q = m (1 + edge).
After its BUY the price goes from m to q, half of the way in the first 66 s: m(t) = m + (q - m)(1 - exp(-t / `decay_s`)).
Others trade all the while, at m(t) plus or minus half a spread; our own size moves the price as its `Frictions` say.
Some entries end with a sale of the leader's, the others at the resolution; markets of one event resolve by the same throw.

Calibrated to what was measured of copy trading (Luo et al., WWW 2026): the leader makes about +14 % a trade, who copies it after a minute,
with the fee of politics and 100 USD, about +3 %.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from data_contracts import Side, Trade, Venue
from data_contracts.frames import schema_of
from domain.polymarket.markets import with_terms
from domain.profiling.copied_trades import Frictions

Floats = npt.NDArray[np.float64]
LEADER = "0x" + "a" * 40
OTHERS = "0x" + "b" * 40
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LONG_S = 86_400.0  # a market's life: longer than any delay
FRICTIONS = Frictions()


@dataclass(frozen=True, slots=True)
class Law:
    """What one entry is drawn from."""

    edge: float = 0.16
    decay_s: float = 95.0
    low: float = 0.15
    high: float = 0.85
    markets_an_event: int = 2
    exits: float = 0.3  # the part of entries the leader sells again
    others_every_s: float = 8.0  # one trade of somebody else, on average
    others_usd: float = 40.0
    fee_rate: float = 0.04


LAW = Law()


@dataclass(frozen=True, slots=True)
class Entries:
    """The drawn entries: price before, true chance, the instant of the leader's exit (infinite: held), whether it won."""

    before: Floats
    chance: Floats
    exit_s: Floats
    won: npt.NDArray[np.bool_]
    event: npt.NDArray[np.int64]

    def price(self, after_s: Floats | float, law: Law) -> Floats:
        """The middle of the market so long after the leader's trade."""
        price: Floats = self.before + (self.chance - self.before) * (1 - np.exp(-after_s / law.decay_s))
        return price


def draw_entries(chance: np.random.Generator, events: int, law: Law) -> Entries:
    """Entries of so many events; all markets of an event hang on one throw."""
    event = np.repeat(np.arange(events), law.markets_an_event)
    before = chance.uniform(law.low, law.high, len(event))
    true = np.minimum(before * (1 + law.edge), 0.985)
    exits = np.where(chance.random(len(event)) < law.exits, 400 + chance.exponential(600, len(event)), np.inf)
    return Entries(before, true, exits, chance.random(events)[event] < true, event)


def gains(
    entries: Entries, law: Law, delay_s: float, notional: float, fee_multiplier: float = 1.0, traded_usd: Floats | None = None
) -> Floats:
    """What copying each entry brings under the law, on average over what others trade in the five minutes after unless that is given."""
    usual = FRICTIONS.window_s / law.others_every_s * law.others_usd
    volume = np.full(len(entries.before), usual) if traded_usd is None else traded_usd
    pays = _against_us(entries.price(delay_s, law), notional, volume, +1)
    pays = pays + law.fee_rate * fee_multiplier * pays * (1 - pays)
    sold = np.isfinite(entries.exit_s)
    takes = _against_us(entries.price(np.where(sold, entries.exit_s, 0) + delay_s, law), notional, volume, -1)
    takes = takes - law.fee_rate * fee_multiplier * takes * (1 - takes)
    return np.where(sold, takes, entries.won) / pays - 1


def leader_gains(entries: Entries, law: Law) -> Floats:
    """What the leader itself makes: it pays half the spread and nothing else."""
    sold = np.isfinite(entries.exit_s)
    takes = entries.price(np.where(sold, entries.exit_s, 0), law) - FRICTIONS.half_spread
    return np.where(sold, takes, entries.won) / (entries.before + FRICTIONS.half_spread) - 1


def truth(law: Law, delay_s: float, notional: float, fee_multiplier: float = 1.0, events: int = 400_000) -> float:
    """The expected return of a copy: the mean over so many events that its own error is about 0.001."""
    entries = draw_entries(np.random.default_rng(2_718_281), events, law)
    return float(gains(entries, law, delay_s, notional, fee_multiplier).mean())


def recording(seed: int, events: int, law: Law = LAW) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Trade and Market rows of one leader among others, as a feed would have them."""
    chance = np.random.default_rng(seed)
    entries = draw_entries(chance, events, law)
    frames = [_leader(entries, law)]
    horizon = np.where(np.isfinite(entries.exit_s), entries.exit_s, 0) + 1000
    counts = chance.poisson((horizon + 60) / law.others_every_s)
    market = np.repeat(np.arange(len(counts)), counts)
    after_s = chance.uniform(0, 1, len(market)) * (horizon[market] + 60) - 60
    buys = chance.random(len(market)) < 0.5
    at_trade = Entries(entries.before[market], entries.chance[market], after_s, buys, market)
    price = at_trade.price(np.maximum(after_s, 0), law) + np.where(buys, 1, -1) * FRICTIONS.half_spread
    usd = chance.exponential(law.others_usd, len(market))
    frames.append(_trades(market, after_s, OTHERS, buys, price, usd))
    trades = pl.concat(frames).with_row_index("number")
    named = trades.with_columns(pl.format("{}", pl.col("number").cast(pl.String).str.zfill(32)).alias("trade_id"))
    schema = schema_of(Trade)
    return named.select(list(schema)).cast(dict(schema.items())).sort("traded_at", "trade_id"), _markets(entries, law)


def _against_us(price: Floats, notional: float, volume: Floats, sign: int) -> Floats:
    worse = FRICTIONS.half_spread + FRICTIONS.impact * price * (1 - price) * notional / (notional + volume + FRICTIONS.depth)
    return np.clip(price + sign * worse, 0.0, 1.0)


def _leader(entries: Entries, law: Law) -> pl.DataFrame:
    here = np.arange(len(entries.before))
    sold = here[np.isfinite(entries.exit_s)]
    buys = _trades(
        here, np.zeros(len(here)), LEADER, np.ones(len(here), bool), entries.before + FRICTIONS.half_spread, np.full(len(here), 200.0)
    )
    shares = 200.0 / (entries.before + FRICTIONS.half_spread)
    price = entries.price(entries.exit_s, law)[sold] - FRICTIONS.half_spread
    sells = _trades(sold, entries.exit_s[sold], LEADER, np.zeros(len(sold), bool), price, shares[sold] * price)
    return pl.concat([buys, sells])


def _trades(
    market: npt.NDArray[np.int64], after_s: Floats, wallet: str, buys: npt.NDArray[np.bool_], price: Floats, usd: Floats
) -> pl.DataFrame:
    return (
        pl.DataFrame({"market": market, "after_s": after_s, "price": price, "notional": usd, "buys": buys})
        .select(
            pl.lit("world").alias("source"),
            pl.lit(Venue.POLYMARKET.value).alias("venue"),
            pl.lit(wallet).alias("wallet"),
            pl.format("m{}", "market").alias("market_id"),
            pl.format("m{}:Yes", "market").alias("token_id"),
            pl.lit("Yes").alias("outcome"),
            pl.when("buys").then(pl.lit(Side.BUY.value)).otherwise(pl.lit(Side.SELL.value)).alias("side"),
            "price",
            (pl.col("notional") / pl.col("price")).alias("shares"),
            "notional",
            (pl.lit(BEGIN) + pl.duration(microseconds=(pl.col("market") * LONG_S + pl.col("after_s")) * 1e6)).alias("traded_at"),
            pl.lit("").alias("tx_hash"),
            pl.lit(0).alias("ordinal"),
            pl.lit(0).alias("sequence"),
            pl.lit("").alias("pool"),
        )
        .with_columns(pl.col("traded_at").alias("seen_at"))
    )


def _markets(entries: Entries, law: Law) -> pl.DataFrame:
    here = np.arange(len(entries.before))
    ends = [BEGIN + timedelta(seconds=float(place * LONG_S + LONG_S / 2)) for place in here]
    frame = pl.DataFrame({"market": here, "event": entries.event, "won": entries.won, "ends": ends}).select(
        pl.format("m{}:Yes", "market").alias("token_id"),
        pl.format("m{}", "market").alias("market_id"),
        pl.lit("Yes").alias("outcome"),
        pl.lit(0).alias("outcome_index"),
        pl.lit("").alias("question"),
        pl.lit("politics").alias("category"),
        pl.format("event{}", "event").alias("event"),
        pl.lit(0.01).alias("price_increment"),
        pl.lit(5).alias("min_shares"),
        pl.lit(law.fee_rate).alias("fee_rate"),
        pl.lit(1).alias("fee_exponent"),
        pl.lit(False).alias("neg_risk"),
        pl.lit("v1").alias("version"),
        pl.col("ends").alias("ends_at"),
        pl.col("ends").alias("ended_at"),
        pl.col("won").cast(pl.Int8).alias("payout"),
        pl.col("ends").alias("updated_at"),
        pl.lit(False).alias("ended_at_is_assumed"),
    )
    return with_terms(frame)
