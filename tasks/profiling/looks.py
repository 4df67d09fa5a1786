"""What a step of incremental profiling has to read: what changed since it was last done, in parts that fit into memory."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from adapters.connect import open_history
from adapters.settings import Settings
from adapters.stores.history import History, Part, Since
from data_contracts import ProfilingStep
from data_contracts.frames import frame_of, rows_of

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
ROWS_A_PART = 500_000  # in memory at once, whatever the store holds: half a gigabyte is an estimate


@dataclass(frozen=True, slots=True)
class Look:
    """What one step has to look at, part by part. `markets` are all that are known; None for `mark_at`: this look is not remembered."""

    step: str
    since: Since
    mark_at: datetime | None
    counted_at: datetime
    parts: tuple[Part, ...]
    markets: pl.DataFrame


def since_last(step: str, history: History, as_of: datetime) -> Since:
    """Since the step was last done; since ever if it never was, or was done for a later time than this one."""
    last = {row.step: row for row in rows_of(history.steps(), ProfilingStep)}.get(step)
    return _ever(as_of) if last is None or last.as_of > as_of else Since(last.mark_at, last.counted_at, last.as_of, as_of)


def look(step: str, settings: Settings, as_of: datetime, anew: bool = False) -> Look:
    """What changed since the step was last done, with all trades summed up. `anew`: everything, whatever was done before."""
    history = open_history(settings)
    mark_at = sum_up(settings, as_of, anew)
    counted_at = history.now()
    since = _ever(as_of) if anew else since_last(step, history, as_of)
    of = 1 + history.touched_rows(since) // ROWS_A_PART
    parts = tuple(Part(number, of) for number in range(of))
    return Look(step, since, None if anew else mark_at, counted_at, parts, _markets(history, as_of))


def _markets(history: History, as_of: datetime) -> pl.DataFrame:
    """All that are known, with `died_at` of the coins that were found dead by then."""
    looked = history.last_looks().filter(pl.col("is_dead"), pl.col("looked_at") <= as_of)
    died = looked.select("token_id", pl.col("looked_at").alias("died_at"))
    return history.markets().join(died, on="token_id", how="left", maintain_order="left")


def sum_up(settings: Settings, as_of: datetime, anew: bool = False) -> datetime:
    """Brings the sums of trades up to date. From where the next look goes on."""
    history = open_history(settings)
    since = _ever(as_of) if anew else since_last("totals", history, as_of)
    mark_at = history.mark(since)
    history.count_trades(since, _kept_from(settings, as_of))
    if not anew:
        remember("totals", mark_at, mark_at, as_of, history)
    return mark_at


def remember(step: str, mark_at: datetime, counted_at: datetime, as_of: datetime, history: History) -> None:
    """Stores how far the step came, for its next look."""
    row = ProfilingStep(step=step, mark_at=mark_at, counted_at=counted_at, as_of=as_of)
    history.append(frame_of([row], ProfilingStep), ProfilingStep)


def _ever(as_of: datetime) -> Since:
    return Since(None, None, BEGINNING, as_of)


def _kept_from(settings: Settings, as_of: datetime) -> datetime:
    """The first month of which no trade has expired: an older one must not be summed up from what is left of it."""
    if not settings.keep_days:
        return BEGINNING.replace(year=1970)
    begin = (as_of - timedelta(days=settings.keep_days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (begin + timedelta(days=32)).replace(day=1)
