"""What a column may hold: its meaning, unit and bounds, declared once. No table is defined here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from data_contracts.words import Venue


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a whole text must match, and the same in words: "must be …". It means the same to Python's expressions and to polars'.

    They differ in what is a blank (Python counts 1c to 1f, separators of old tapes) and in `$` and `.`, so these are spelt out.
    """

    regex: str
    says: str


# No store of ours takes a text with a NUL in it: one such letter would lose all rows that are written with it.
WRITABLE = Pattern(r"[^\x00]*", "text without a NUL character")
FILLED = Pattern(r"[^\x00]*[^\s\x00\x1c-\x1f][^\x00]*", "text that is not blank, without a NUL character")
HASH = Pattern(r"[0-9a-f]{32}", "32 hex digits in small letters")
WALLET = Pattern(
    r"(?:0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44}|name:[^\s\x00\x1c-\x1f]+)",
    "0x and 40 hex digits in small letters, a Solana address, or name: and a name without blanks",
)
BASE64 = Pattern(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", "base64")
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2260, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning` includes the unit. Bounds are inclusive but for `above`; a pattern is of the whole text; `scale` counts decimals.

    `at_most_on` and `above_on` bound the rows of one venue only, in tables that name the venue.
    """

    meaning: str
    at_least: int | datetime | None = None
    above: int | None = None
    at_most: int | datetime | None = None
    pattern: Pattern | None = None
    scale: int = 6
    at_most_on: tuple[tuple[Venue, int], ...] = ()
    above_on: tuple[tuple[Venue, int], ...] = ()


Text = Annotated[str, Column("free text")]
SignedBytes = Annotated[str, Column("what was signed, base64; empty where it is made when it is posted", pattern=BASE64)]
Name = Annotated[str, Column("a name, never empty", pattern=FILLED)]
RowId = Annotated[str, Column("32 hex digits, a function of what the row is about", pattern=HASH)]
Wallet = Annotated[
    str, Column("0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address", pattern=WALLET)
]
MarketId = Annotated[str, Column("a market", pattern=FILLED)]
TokenId = Annotated[str, Column("a token: an outcome of a market, or a mint", pattern=FILLED)]
# 1.23456e-9 SOL is a price. The raw amount of a token is a whole number up to 2^64 of units that are 18 decimals at most: 20 digits before
# the point and 18 behind it hold every one. Stakes are exact to the lamport, the ninth decimal of a SOL, and a USD has six.
Price = Annotated[Decimal, Column("stake per share", at_least=0, scale=18, at_most_on=((Venue.POLYMARKET, 1),))]
TradedPrice = Annotated[
    Decimal, Column("stake per share", at_least=0, scale=18, at_most_on=((Venue.POLYMARKET, 1),), above_on=((Venue.SOLANA, 0),))
]
OutcomePrice = Annotated[Decimal, Column("USD per outcome share, 0 to 1", at_least=0, at_most=1, scale=18)]
Shares = Annotated[Decimal, Column("shares of a token", at_least=0, scale=18)]
SignedShares = Annotated[Decimal, Column("shares of a token, above zero where they came, below where they went", scale=18)]
TradedShares = Annotated[Decimal, Column("shares that changed hands", above=0, scale=18)]
Notional = Annotated[Decimal, Column("stake: price times shares", at_least=0, scale=9)]
Coins = Annotated[Decimal, Column("coins of the chain they were paid on", above=0, scale=9)]
UsdRate = Annotated[Decimal, Column("USD for one of a currency", above=0, scale=18)]
Usd = Annotated[Decimal, Column("USD, not negative", at_least=0, scale=9)]
SignedUsd = Annotated[Decimal, Column("USD, a gain above zero, a loss below", scale=9)]
Stake = Annotated[Decimal, Column("stake, not negative", at_least=0, scale=9)]
SignedStake = Annotated[Decimal, Column("stake, a gain above zero, a loss below", scale=9)]
Fee = Annotated[Decimal, Column("stake paid to the venue", at_least=0, scale=9)]
Payout = Annotated[Decimal, Column("USD per share at resolution, 0 to 1", at_least=0, at_most=1)]
Fraction = Annotated[float, Column("0 to 1", at_least=0, at_most=1)]
ExactFraction = Annotated[Decimal, Column("0 to 1", at_least=0, at_most=1, scale=10)]
Count = Annotated[int, Column("a count", at_least=0)]
VersionNumber = Annotated[int, Column("a version, counted from 1", at_least=1)]
Exponent = Annotated[int, Column("an exponent", at_least=1)]
Seconds = Annotated[float, Column("seconds", at_least=0)]
WholeSeconds = Annotated[int, Column("seconds", at_least=0)]
Statistic = Annotated[float, Column("a statistic")]
PositiveStatistic = Annotated[float, Column("a statistic, not negative", at_least=0)]
Instant = Annotated[datetime, Column("a UTC instant", at_least=EARLIEST, at_most=LATEST)]
Json = Annotated[str, Column("JSON text")]
