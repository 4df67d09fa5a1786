"""Wallets that are traps for copiers, among wallets that only look like it, trade by trade.

Honest look-alikes stand beside each trap: makers (both sides, a cent apart) beside wash traders, scalpers (in and out within minutes,
price either way) beside bait, wallets that back several outcomes of an event or change their mind beside hedgers, and news traders (others
react to the same news a little later) beside crowded leaders, houses (the other side of nearly everybody, with regulars) beside wallets
whose counterparties are there to lose.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from data_contracts import Trade, Trap, Venue
from data_contracts.frames import schema_of
from domain.polymarket.markets import with_terms

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 60
EVENTS = 40
MARKETS_AN_EVENT = 4
HALF_SPREAD = 0.005
KINDS = {"holder": 40, "maker": 12, "scalper": 12, "backer": 12, "turncoat": 12, "newsreader": 12, "house": 12}
TRAPPED = {Trap.WASH: 12, Trap.BAIT: 12, Trap.HEDGE: 12, Trap.CROWD: 12, Trap.PREARRANGED: 12}


@dataclass
class World:
    """Trade and Market rows, and which trap each wallet is (None: none). A trap's own helpers are not listed."""

    trades: pl.DataFrame
    markets: pl.DataFrame
    traps: dict[str, Trap | None]
    kinds: dict[str, str]


@dataclass
class _Drawing:
    """Trades on their way. A token's price is a slow walk; a bump of a baited token falls back."""

    chance: np.random.Generator
    rows: list[tuple[str, int, int, float, str, float, float, str]] = field(default_factory=list)
    number: int = 0
    helpers: set[str] = field(default_factory=set)  # neither trap nor honest: they are there for a trap

    def __post_init__(self) -> None:
        steps = self.chance.normal(0, 0.004, (EVENTS * MARKETS_AN_EVENT, DAYS * 24 + 1))
        walk = self.chance.uniform(0.15, 0.4, (len(steps), 1)) + np.cumsum(steps, axis=1)
        self.walk = np.clip(walk, 0.05, 0.9)

    def price(self, market: int, outcome: int, at_s: float) -> float:
        hours = at_s / 3600
        here = int(hours)
        yes = self.walk[market, here] + (hours - here) * (self.walk[market, here + 1] - self.walk[market, here])
        return float(yes if outcome == 0 else 1 - yes)

    def trade(
        self, wallet: str, market: int, outcome: int, at_s: float, side: str, shares: float, bump: float = 0.0, tx: str = ""
    ) -> float:
        """The price it was done at: takers pay half the spread."""
        price = self.price(market, outcome, at_s) + bump + (HALF_SPREAD if side == "BUY" else -HALF_SPREAD)
        price = min(max(price, 0.01), 0.99)
        self.rows.append((wallet, market, outcome, at_s, side, shares, price, tx or self.transaction()))
        return price

    def transaction(self) -> str:
        self.number += 1
        return f"0x{self.number:064x}"

    def somewhere(self) -> tuple[int, float]:
        return int(self.chance.integers(EVENTS * MARKETS_AN_EVENT)), float(self.chance.uniform(3600, (DAYS - 1) * 86_400))

    def shares(self) -> float:
        return float(np.round(20 * (1 + self.chance.pareto(1.5)), 2))


def draw_world(seed: int) -> World:
    """One world of everybody."""
    drawing = _Drawing(np.random.default_rng(seed))
    traps: dict[str, Trap | None] = {}
    kinds: dict[str, str] = {}
    number = 0
    for kind, count in [*KINDS.items(), *((trap.value, count) for trap, count in TRAPPED.items())]:
        for _ in range(count):
            wallet = f"0x{number:040x}"
            traps[wallet], kinds[wallet] = (Trap(kind) if kind in list(Trap) else None), kind
            _BEHAVIOURS[kind](drawing, wallet)
            number += 1
    crowd = sorted({row[0] for row in drawing.rows} - traps.keys() - drawing.helpers)
    traps |= dict.fromkeys(crowd)
    kinds |= dict.fromkeys(crowd, "crowd")
    _background(drawing)
    return World(_trades(drawing), _markets(), traps, kinds)


def _holder(drawing: _Drawing, wallet: str) -> None:
    """Buys and mostly waits for the end."""
    for _ in range(int(drawing.chance.integers(10, 60))):
        market, at_s = drawing.somewhere()
        outcome, shares = int(drawing.chance.random() < 0.3), drawing.shares()
        drawing.trade(wallet, market, outcome, at_s, "BUY", shares)
        if drawing.chance.random() < 0.3:
            drawing.trade(wallet, market, outcome, at_s + drawing.chance.uniform(3600, 80_000), "SELL", shares)


def _maker(drawing: _Drawing, wallet: str) -> None:
    """Rests on both sides: buys half a cent below, sells half a cent above the middle, within minutes, with whoever comes."""
    for _ in range(int(drawing.chance.integers(60, 200))):
        market, at_s = drawing.somewhere()
        shares = drawing.shares()
        drawing.trade(wallet, market, 0, at_s, "BUY", shares, bump=-2 * HALF_SPREAD)
        drawing.trade(wallet, market, 0, at_s + drawing.chance.exponential(400), "SELL", shares, bump=2 * HALF_SPREAD)


def _scalper(drawing: _Drawing, wallet: str) -> None:
    """In and out within minutes; the price moved either way, and goes on from there."""
    for _ in range(int(drawing.chance.integers(15, 60))):
        market, at_s = drawing.somewhere()
        shares, move = drawing.shares(), drawing.chance.normal(0, 0.02)
        drawing.trade(wallet, market, 0, at_s, "BUY", shares)
        drawing.trade(wallet, market, 0, at_s + drawing.chance.uniform(30, 280), "SELL", shares, bump=move)
        after = move + drawing.chance.normal(0, 0.02)
        _someone(drawing, market, at_s + 600, after)


def _backer(drawing: _Drawing, wallet: str) -> None:
    """Backs two of an event's four outcomes: two bets, of which at most one wins. Nothing is locked in."""
    for _ in range(int(drawing.chance.integers(6, 25))):
        event, at_s = int(drawing.chance.integers(EVENTS)), drawing.somewhere()[1]
        for place in drawing.chance.choice(MARKETS_AN_EVENT, 2, replace=False):
            drawing.trade(wallet, event * MARKETS_AN_EVENT + int(place), 0, at_s + drawing.chance.uniform(0, 600), "BUY", drawing.shares())


def _turncoat(drawing: _Drawing, wallet: str) -> None:
    """Changes its mind: sells the one outcome and then buys the other."""
    for _ in range(int(drawing.chance.integers(8, 25))):
        market, at_s = drawing.somewhere()
        shares = drawing.shares()
        drawing.trade(wallet, market, 0, at_s, "BUY", shares)
        drawing.trade(wallet, market, 0, at_s + 40_000, "SELL", shares)
        drawing.trade(wallet, market, 1, at_s + 41_000, "BUY", shares)


def _newsreader(drawing: _Drawing, wallet: str) -> None:
    """Buys on news; one or two others read them as well, before it or after it."""
    for _ in range(int(drawing.chance.integers(8, 40))):
        market, at_s = drawing.somewhere()
        drawing.trade(wallet, market, 0, at_s, "BUY", drawing.shares())
        for _ in range(int(drawing.chance.integers(0, 3))):
            _someone(drawing, market, at_s + drawing.chance.uniform(-40, 90), 0.01, side="BUY")


def _wash(drawing: _Drawing, wallet: str) -> None:
    """Makes volume: buys and sells the same back to its second wallet; a few honest bets between."""
    for _ in range(int(drawing.chance.integers(40, 120))):
        market, at_s = drawing.somewhere()
        shares = drawing.shares() * 3
        drawing.trade(wallet, market, 0, at_s, "BUY", shares, bump=-HALF_SPREAD)
        drawing.trade(wallet, market, 0, at_s + drawing.chance.exponential(240), "SELL", shares, bump=HALF_SPREAD)
    for _ in range(int(drawing.chance.integers(5, 30))):
        market, at_s = drawing.somewhere()
        drawing.trade(wallet, market, 0, at_s, "BUY", drawing.shares())


def _bait(drawing: _Drawing, wallet: str) -> None:
    """Buys, is copied, sells into the bump, and the price falls back: half to nine in ten of its entries. The others it holds."""
    often = drawing.chance.uniform(0.5, 0.9)
    for _ in range(int(drawing.chance.integers(12, 40))):
        market, at_s = drawing.somewhere()
        shares = drawing.shares()
        drawing.trade(wallet, market, 0, at_s, "BUY", shares)
        if drawing.chance.random() < often:
            top = drawing.chance.uniform(0.02, 0.06)
            for wait in np.cumsum(drawing.chance.exponential(15, 3)):
                _someone(drawing, market, at_s + wait, top * 0.7, side="BUY")
            out = at_s + drawing.chance.uniform(60, 240)
            drawing.trade(wallet, market, 0, out, "SELL", shares, bump=top)
            for wait in drawing.chance.uniform(20, 500, 4):  # those who copied it get out, ever lower
                _someone(drawing, market, out + wait, top * max(0.0, 1 - wait / 120), side="SELL")


def _hedge(drawing: _Drawing, wallet: str) -> None:
    """Shows one leg, and buys the other outcome or every sibling's No minutes to hours later: most of its money is safe."""
    for _ in range(int(drawing.chance.integers(6, 25))):
        market, at_s = drawing.somewhere()
        shares = drawing.shares()
        drawing.trade(wallet, market, 0, at_s, "BUY", shares)
        if drawing.chance.random() < 0.75:
            drawing.trade(wallet, market, 1, at_s + drawing.chance.uniform(60, 7200), "BUY", shares * drawing.chance.uniform(0.6, 1.0))


def _crowd(drawing: _Drawing, wallet: str) -> None:
    """Two to ten wallets buy after it, most within the minute."""
    for _ in range(int(drawing.chance.integers(8, 40))):
        market, at_s = drawing.somewhere()
        drawing.trade(wallet, market, 0, at_s, "BUY", drawing.shares())
        for wait in drawing.chance.exponential(20, int(drawing.chance.integers(2, 11))):
            _someone(drawing, market, at_s + wait, 0.01, side="BUY")


def _house(drawing: _Drawing, wallet: str) -> None:
    """Makes a market: the other side of whoever comes, and three regulars make about half of their bets with it."""
    for _ in range(int(drawing.chance.integers(60, 140))):
        market, at_s = drawing.somewhere()
        _match(drawing, f"0x{0xC0000 + int(drawing.chance.integers(200)):040x}", wallet, market, at_s)
    for regular in range(3):
        visitor = f"0x{int(wallet, 16) * 8 + 0xA0000 + regular:040x}"
        for _ in range(int(drawing.chance.integers(8, 30))):
            market, at_s = drawing.somewhere()
            if drawing.chance.random() < 0.5:
                _match(drawing, visitor, wallet, market, at_s)
            else:
                drawing.trade(visitor, market, 0, at_s, "BUY", drawing.shares())


def _prearranged(drawing: _Drawing, wallet: str) -> None:
    """Two to four wallets of its own lose to it, by mint or by sale; a few honest bets between. What wins is known to whoever waited."""
    partners = [f"0x{int(wallet, 16) * 8 + 0xB0000 + number:040x}" for number in range(int(drawing.chance.integers(2, 5)))]
    drawing.helpers |= set(partners)
    for _ in range(int(drawing.chance.integers(30, 120))):
        market, at_s = drawing.somewhere()
        _match(drawing, wallet, str(drawing.chance.choice(partners)), market, at_s, minted=drawing.chance.random() < 0.5)
    for _ in range(int(drawing.chance.integers(2, 15))):
        market, at_s = drawing.somewhere()
        drawing.trade(wallet, market, 0, at_s, "BUY", drawing.shares())


def _match(drawing: _Drawing, buyer: str, other: str, market: int, at_s: float, minted: bool = False) -> None:
    """One transaction: what one buys, the other sells; or it buys the opposite, and a new pair is minted."""
    shares, tx = drawing.shares(), drawing.transaction()
    drawing.trade(buyer, market, 0, at_s, "BUY", shares, tx=tx)
    drawing.trade(other, market, int(minted), at_s, "BUY" if minted else "SELL", shares, tx=tx)


def _someone(drawing: _Drawing, market: int, at_s: float, bump: float, side: str | None = None) -> None:
    """One of two hundred wallets of the crowd."""
    wallet = f"0x{0xC0000 + int(drawing.chance.integers(200)):040x}"
    way = side or ("BUY" if drawing.chance.random() < 0.5 else "SELL")
    drawing.trade(wallet, market, 0, min(max(at_s, 0.0), DAYS * 86_400 - 1), way, drawing.shares(), bump)


def _background(drawing: _Drawing) -> None:
    """Somebody trades every token every eight hours or so."""
    for market in range(EVENTS * MARKETS_AN_EVENT):
        for at_s in np.sort(drawing.chance.uniform(0, DAYS * 86_400, DAYS * 3)):
            _someone(drawing, market, float(at_s), 0.0)


_BEHAVIOURS: dict[str, Callable[[_Drawing, str], None]] = {
    "holder": _holder,
    "maker": _maker,
    "scalper": _scalper,
    "backer": _backer,
    "turncoat": _turncoat,
    "newsreader": _newsreader,
    "house": _house,
    "wash": _wash,
    "bait": _bait,
    "hedge": _hedge,
    "crowd": _crowd,
    "prearranged": _prearranged,
}


def _trades(drawing: _Drawing) -> pl.DataFrame:
    columns = ["wallet", "market", "outcome_number", "at_s", "side", "shares", "price", "tx_hash"]
    raw = pl.DataFrame(drawing.rows, schema=columns, orient="row").with_row_index("number")
    outcome = pl.when(pl.col("outcome_number") == 0).then(pl.lit("Yes")).otherwise(pl.lit("No"))
    frame = raw.with_columns(
        pl.col("number").cast(pl.String).str.zfill(32).alias("trade_id"),
        pl.lit("world").alias("source"),
        pl.lit(Venue.POLYMARKET.value).alias("venue"),
        pl.format("m{}", "market").alias("market_id"),
        pl.format("m{}:{}", "market", outcome).alias("token_id"),
        outcome.alias("outcome"),
        (pl.col("shares") * pl.col("price")).alias("notional"),
        (pl.lit(BEGIN) + pl.duration(microseconds=pl.col("at_s") * 1e6)).alias("traded_at"),
        pl.lit(0).alias("ordinal"),
        pl.lit(0).alias("sequence"),
        pl.lit("").alias("pool"),
    ).with_columns(pl.col("traded_at").alias("seen_at"))
    schema = schema_of(Trade)
    return frame.select(list(schema)).cast(dict(schema.items())).sort("traded_at", "trade_id")


def _markets() -> pl.DataFrame:
    end = BEGIN + timedelta(days=DAYS)
    rows = [
        {
            "token_id": f"m{market}:{outcome}",
            "market_id": f"m{market}",
            "outcome": outcome,
            "outcome_index": place,
            "question": "",
            "category": "politics",
            "event": f"e{market // MARKETS_AN_EVENT}",
            "price_increment": 0.01,
            "min_shares": 5,
            "fee_rate": 0.04,
            "fee_exponent": 1,
            "neg_risk": True,
            "version": "v1",
            "ends_at": end,
            "ended_at": end,
            "payout": int((market % MARKETS_AN_EVENT == 0) == (place == 0)),
            "updated_at": end,
            "ended_at_is_assumed": False,
        }
        for market in range(EVENTS * MARKETS_AN_EVENT)
        for place, outcome in enumerate(("Yes", "No"))
    ]
    return with_terms(pl.DataFrame(rows))
