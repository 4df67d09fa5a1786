"""A recorded file of intents as a recording: what their senders saw is all there is of prices, and each arrives when its sender saw it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from adapters.inbox.intents_file import read_lines
from adapters.inbox.tailed_lines import Line
from data_contracts import Quarantined, TradeIntent
from data_contracts.errors import Refused

SEEN_BY = "name:what-senders-saw"
LATEST = datetime(2259, 1, 1, tzinfo=UTC)  # an old file is read as if it were not old, and none of it lies ahead
SHARES = 1_000_000.0  # on either side of a book that nobody recorded


@dataclass(frozen=True, slots=True)
class RecordedIntents:
    """Intents in the order in which they arrive, each id once, and what of the file was none."""

    intents: Sequence[TradeIntent]
    bad: Sequence[Quarantined]
    repeated: int


def read_intents(path: Path) -> RecordedIntents:
    """Raises Refused for a file without an intent. An intent arrives `detection_latency_ms` after its leader's trade."""
    texts = path.read_bytes().split(b"\n")
    lines = [Line(path.name, number, text.rstrip(b"\r")) for number, text in enumerate(texts, 1) if text.strip()]
    rows, bad = read_lines(lines, LATEST)
    if not rows:
        raise Refused(f"{path} holds no intent: {bad[0].rules if bad else 'it is empty'}")
    once = {row.intent_id: row for row in reversed(rows)}
    arrived = [replace(row, received_at=row.signalled_at + _latency(row)) for row in once.values()]
    return RecordedIntents(sorted(arrived, key=lambda row: (row.received_at, row.intent_id)), bad, len(rows) - len(once))


def write_tape(intents: Sequence[TradeIntent], directory: Path) -> Path:
    """A recording of the prices that were seen, a print each; of a market whose price nobody saw there is none."""
    seen = [(one, price) for one in intents if (price := _price(one)) is not None]
    if not seen:
        raise Refused("no intent of it says a price: metadata.price, best_ask, best_bid or price_limit; name a recording as well")
    directory.mkdir(parents=True, exist_ok=True)
    names: dict[tuple[str, str], str] = {}
    rows = [
        {
            "traded_at": one.received_at,
            "wallet": SEEN_BY,
            "market_id": one.market_id,
            "outcome": names.setdefault((one.market_id, one.outcome.casefold()), one.outcome),
            "side": "BUY",
            "shares": SHARES,
            "price": float(price),
        }
        for one, price in seen
    ]
    pl.DataFrame(rows).write_parquet(directory / "trades.parquet")
    nothing = (pl.lit(None, pl.String).alias("winner"), pl.lit(None, pl.Datetime("us", "UTC")).alias("resolved_at"))
    markets = pl.DataFrame({"market_id": sorted({one.market_id for one, _ in seen})})
    markets.with_columns(*nothing, pl.lit("").alias("category")).write_parquet(directory / "markets.parquet")
    return directory


def ticks(intents: Sequence[TradeIntent], cycle_s: int) -> list[datetime]:
    """The instants of the cycles that have anything to do: the next after each arrival, and one more at the end."""
    period = timedelta(seconds=cycle_s)
    zero = datetime(1970, 1, 1, tzinfo=UTC)
    due = sorted({zero + -(-(one.received_at - zero) // period) * period for one in intents})
    return [*due, due[-1] + period]


def _latency(intent: TradeIntent) -> timedelta:
    return timedelta(milliseconds=json.loads(intent.metadata).get("detection_latency_ms", 0))


def _price(intent: TradeIntent) -> Decimal | None:
    said = json.loads(intent.metadata)
    texts = [said.get(name) for name in ("price", "best_ask", "best_bid")]
    return next((Decimal(text) for text in texts if text), intent.limit_price)
