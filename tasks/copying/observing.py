"""What did wallets do? New trades of all wallets come in by one walk over each source, however many wallets are followed.

A walk has so many pages. What it does not reach is a gap on record, worked off by `gap_filling`; new trades, exits and stops go on at once.
"""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from adapters.connect import feed_of, open_history, open_results
from adapters.feeds.feed import TradeSource, Walk, Wider, lag_s
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from data_contracts import Delivery, Gap, Quarantined, Trade, Venue
from data_contracts.frames import frame_of
from domain.operating.alerts import gap_finding, left_out_findings
from tasks.copying.arrivals import MOMENT, arrived
from tasks.copying.chain_readings import keep_besides
from tasks.copying.open_gaps import read_open_gaps
from tasks.copying.unread import unread
from tasks.copying.venues import PATIENCE_S, tell_of_unsafe, venues_in_use
from tasks.copying.watermarks import OVERLAP, is_lost, move_watermark, read_watermark, trades_of
from tasks.operating.alerting import raise_alert
from tasks.quality import insist
from tasks.steps import step
from tasks.together import each_by_itself, together

PAGES_A_CYCLE = 40  # 40,000 rows in 30 s and the overlap: four times what the busiest hours were said to bring
FIRST_LOOK_BACK = timedelta(minutes=5)
# While deliveries come: a look takes a free node up to 10 s, and what is delivered would wait for it.
LOOK_APART = timedelta(seconds=60)
LOOK_AGAIN, LONGEST_OUTAGE = timedelta(days=1), timedelta(days=30)  # where nobody knows how far we had come
log = logging.getLogger("walletflow.observing")


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a source brought: rows we have not stored yet, up to when all is there, and a gap it could not read.

    `besides` are rows of what only this source says, stored or not.
    """

    venue: Venue
    source: str
    trades: pl.DataFrame
    lag_s: float
    reached_at: datetime | None
    gap: Gap | None = None
    besides: Mapping[type, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """Trade rows we have not stored yet, unchecked, and the looks that brought them.

    `away` are the venues that did not answer, `unsafe` those of them that cannot be dealt with safely.
    """

    trades: pl.DataFrame
    looks: tuple[Look, ...]
    away: frozenset[Venue] = frozenset()
    unsafe: frozenset[Venue] = frozenset()

    @property
    def lag_s(self) -> float:
        """How far the source that is furthest behind is, in seconds."""
        return max((look.lag_s for look in self.looks), default=0.0)

    @property
    def lags_s(self) -> dict[Venue, float]:
        """The same of each venue: one that is late holds up no other."""
        return {look.venue: look.lag_s for look in self.looks} | dict.fromkeys(self.away, float("inf"))


@step
def observe_trades(settings: Settings, as_of: datetime) -> Seen:
    """What wallets did since we last looked, as arrived now."""
    results = open_results(settings)
    open_gaps, left_out = read_open_gaps(results)
    for finding in left_out_findings(left_out):
        raise_alert(finding, settings, as_of)
    asks = {venue: partial(_look, venue, open_gaps, settings, as_of) for venue in venues_in_use(settings)}
    looks, errors = each_by_itself(asks, PATIENCE_S, "trades")
    unsafe = tell_of_unsafe(errors, settings, as_of)
    trades = pl.concat([look.trades for look in looks.values()], how="diagonal")
    new = arrived(trades, results, as_of) if trades.height else trades
    return Seen(new, tuple(looks.values()), frozenset(errors), unsafe)


@step
def keep_trades(trades: pl.DataFrame, seen: Seen, settings: Settings, as_of: datetime) -> None:
    """Into ClickHouse first; only then the watermarks move, together with what could not be read.

    Raises Unsafe, when that is done, where too many of what was seen broke their contract.
    """
    results = open_results(settings)
    open_history(settings).append(trades, Trade)
    for look in seen.looks:
        keep_besides(look.besides, settings, as_of)
    gaps = [_beside_others(look.gap, results) for look in seen.looks if look.gap]
    marks = [move_watermark(trades_of(look.source), look.reached_at) for look in seen.looks if look.reached_at]
    results.write([*marks, Write(Gap, gaps)])
    for gap in gaps:
        raise_alert(gap_finding(gap), settings, as_of)
    log.info("%d new trades up to %s", trades.height, as_of)
    insist(trades, of=seen.trades)


def _beside_others(gap: Gap, results: Results) -> Gap:
    """A hole that begins where an earlier one did, which may be filled by now, is another: it begins a moment earlier.

    While a feed lags its watermark stands, and each look at it begins at one instant. One that this very look has written already stays.
    """
    taken = {one.from_at for one in results.rows(Gap, source=gap.source) if one.found_at != gap.found_at}
    while gap.from_at in taken:
        gap = replace(gap, from_at=gap.from_at - MOMENT)
    return gap


def _look(venue: Venue, open_gaps: Sequence[Gap], settings: Settings, as_of: datetime) -> Look:
    """Back to its watermark; what an open gap reaches up to is the gap's own affair."""
    source: TradeSource = feed_of(venue, settings)
    results, name = open_results(settings), source.source
    mark = read_watermark(results, trades_of(name)) or _recovered(name, settings, as_of)
    behind_s = lag_s(source, as_of)  # first: the walk goes by the clock that the venue told
    if mark is not None and mark > as_of - LOOK_APART and _is_told(source, results):
        return Look(venue, name, frame_of([], Trade), behind_s, None)
    left_to_gaps = [gap.until_at for gap in open_gaps if gap.source == name and not gap.is_history]
    after = max([(mark or as_of - FIRST_LOOK_BACK) - OVERLAP, *left_to_gaps])
    walk, known, set_aside = together(
        lambda: source.walk(after, as_of, PAGES_A_CYCLE),
        lambda: open_history(settings).trades(after, as_of, only=["trade_id"]),
        lambda: results.since(Quarantined, "seen_at", after, only=["row"]),
    )
    counted = {json.loads(row).get("trade_id") for row in set_aside["row"]}  # once, not in each cycle of the overlap
    fresh = _without(walk.trades, {*known["trade_id"], *counted})
    confirmed = _confirmed(mark, behind_s, as_of)
    gap = None if mark is None or confirmed is None else _gap(name, walk, fresh, (after, mark, confirmed), settings, as_of)
    return Look(venue, name, fresh, behind_s, confirmed, gap, walk.besides)


def _is_told(source: TradeSource, results: Results) -> bool:
    """Whether what we are woken for was brought to us. Whom nobody tells of is asked about at the next look."""
    return isinstance(source, Wider) and Delivery in unread(results)


def _recovered(source: str, settings: Settings, as_of: datetime) -> datetime | None:
    """In place of a watermark that cannot be read: a day ago, or the last trade in store where that is older. None of a new source.

    What is read again is stored once; what the walk does not reach is a gap like any other.
    """
    if not is_lost(open_results(settings), trades_of(source), as_of):
        return None
    stored = open_history(settings).trades(as_of - LONGEST_OUTAGE, as_of, only=["source", "traded_at"])
    last = stored.filter(pl.col("source") == source)["traded_at"].max()
    return min(last, as_of - LOOK_AGAIN) if isinstance(last, datetime) else as_of - LOOK_AGAIN


def _without(trades: pl.DataFrame, known: Collection[str | None]) -> pl.DataFrame:
    """Those whose id is not among these. A trade without an id is known to nobody."""
    new = [row for row, trade_id in enumerate(trades["trade_id"]) if trade_id is None or trade_id not in known]
    return trades if len(new) == trades.height else trades[new]


def _confirmed(mark: datetime | None, behind_s: float, as_of: datetime) -> datetime | None:
    """Never past what the source says that it has, and never back."""
    if behind_s == float("inf"):
        return mark
    confirmed = as_of - timedelta(seconds=behind_s)
    return confirmed if mark is None else max(mark, confirmed)


def _gap(
    source: str, walk: Walk, fresh: pl.DataFrame, marks: tuple[datetime, datetime, datetime], settings: Settings, as_of: datetime
) -> Gap | None:
    """What the walk did not reach: its pages ran out, or the feed ended before it came to anything we know.

    `marks`: back to where it was to go, the watermark before it, and the one after it.
    """
    after, mark, confirmed = marks
    if walk.complete_from > after:
        return _find_gap(source, after, walk.complete_from, walk.cursor, as_of)
    oldest = walk.trades["traded_at"].min()
    until = min(confirmed, oldest - MOMENT) if isinstance(oldest, datetime) else confirmed
    met = fresh.height < walk.trades.height
    lost = walk.has_ended and not met and until > mark and _knows_more(source, mark, settings)
    return _find_gap(source, after, until, "", as_of) if lost else None


def _knows_more(source: str, mark: datetime, settings: Settings) -> bool:
    """Whether it once told us of trades before its watermark: a feed that begins later now has lost some."""
    before = open_history(settings).trades(mark - timedelta(days=1), mark, only=["source"])
    return bool((before["source"] == source).any())


def _find_gap(source: str, after: datetime, until: datetime, cursor: str, as_of: datetime) -> Gap:
    return Gap(source=source, from_at=after, until_at=until, filled_to_at=until, cursor=cursor, is_history=False, found_at=as_of)
