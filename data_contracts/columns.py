"""What a column may hold: its meaning, unit and bounds, declared once. No table is defined here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated


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
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2260, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning` includes the unit. Bounds are inclusive but for `above`; a pattern is of the whole text; `scale` counts decimals."""

    meaning: str
    at_least: int | datetime | None = None
    above: int | None = None
    at_most: int | datetime | None = None
    pattern: Pattern | None = None
    scale: int = 6


Text = Annotated[str, Column("free text")]
Name = Annotated[str, Column("a name, never empty", pattern=FILLED)]
RowId = Annotated[str, Column("32 hex digits, a function of what the row is about", pattern=HASH)]
Wallet = Annotated[
    str, Column("0x and 40 hex digits, a Solana address, or name: and a display name where a recording has no address", pattern=WALLET)
]
MarketId = Annotated[str, Column("a market", pattern=FILLED)]
TokenId = Annotated[str, Column("an outcome token of a market", pattern=FILLED)]
Price = Annotated[Decimal, Column("USD per share, 0 to 1", at_least=0, at_most=1, scale=10)]
Shares = Annotated[Decimal, Column("outcome shares, each worth 1 USD if its outcome wins", at_least=0)]
TradedShares = Annotated[Decimal, Column("outcome shares that changed hands", above=0)]
Notional = Annotated[Decimal, Column("USD: price times shares", at_least=0)]
Coins = Annotated[Decimal, Column("coins of the chain they were paid on", above=0, scale=9)]
Usd = Annotated[Decimal, Column("USD, not negative", at_least=0)]
SignedUsd = Annotated[Decimal, Column("USD, a gain above zero, a loss below")]
Fee = Annotated[Decimal, Column("USD paid to the venue", at_least=0)]
Payout = Annotated[Decimal, Column("USD per share at resolution, 0 to 1", at_least=0, at_most=1)]
Fraction = Annotated[float, Column("0 to 1", at_least=0, at_most=1)]
ExactFraction = Annotated[Decimal, Column("0 to 1", at_least=0, at_most=1, scale=10)]
Count = Annotated[int, Column("a count", at_least=0)]
Exponent = Annotated[int, Column("an exponent", at_least=1)]
Seconds = Annotated[float, Column("seconds", at_least=0)]
WholeSeconds = Annotated[int, Column("seconds", at_least=0)]
Statistic = Annotated[float, Column("a statistic")]
PositiveStatistic = Annotated[float, Column("a statistic, not negative", at_least=0)]
Instant = Annotated[datetime, Column("a UTC instant", at_least=EARLIEST, at_most=LATEST)]
Json = Annotated[str, Column("JSON text")]
