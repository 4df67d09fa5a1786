"""What is known of the instruments a cycle touches, asked for again when it is old or missing."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

import polars as pl

from adapters.connect import feed_of, open_history, open_results
from adapters.settings import Settings
from adapters.stores.known_rows import keep, read_known
from data_contracts import Instrument, Venue
from data_contracts.frames import rows_of
from tasks.copying.venues import Tokens, by_venue
from tasks.quality import sorted_out
from tasks.together import each_by_itself, within

STALE_AFTER = timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
PATIENCE_S = 5.0  # of an exit with those who know its instrument better
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger("walletflow.instruments")
Key = tuple[type, str]  # row class, token
Said = list[tuple[object, ...]]  # all cells of a token's rows but their date


@dataclass(frozen=True, slots=True)
class Known:
    """What this process has read: rows, and what a venue said of those it said, as it said it: what it says again need not be checked."""

    rows: dict[Key, Any] = field(default_factory=dict)
    said: dict[Key, Said] = field(default_factory=dict)

    def date_again(self, frame: pl.DataFrame, row_class: type) -> pl.DataFrame:
        """The rows of those tokens of which this says anything new. What is as it was is only known to be so still."""
        said = _cells_by_token(frame)
        dates = dict(zip(frame["token_id"].to_list(), frame["updated_at"].to_list(), strict=True))
        new = {token_id for token_id, cells in said.items() if self.said.get((row_class, token_id)) != cells or dates[token_id] is None}
        for key in [(row_class, token_id) for token_id in said if token_id not in new]:
            if dates[key[1]] >= self.rows[key].updated_at:
                self.rows[key] = replace(self.rows[key], updated_at=dates[key[1]])
        return frame[[row for row, token_id in enumerate(frame["token_id"]) if token_id in new]] if len(new) < len(said) else frame

    def learn(self, frame: pl.DataFrame, row_class: type) -> None:
        """The later word is kept."""
        rows: list[Any] = rows_of(frame, row_class)
        said = _cells_by_token(frame)
        for row in rows:
            key = (row_class, row.token_id)
            before = self.rows.get(key)
            if before is None or row.updated_at >= before.updated_at:
                self.rows[key], self.said[key] = row, said[row.token_id]

    def contradict(self, instrument: Instrument) -> None:
        """Another word than its venue's last: that is new again when it is said again."""
        key = (Instrument, instrument.token_id)
        self.rows[key] = instrument
        self.said.pop(key, None)


def in_a_while(instrument: Instrument) -> timedelta:
    """How long what we know of an instrument is good for: its increment, its fee and its end seldom change."""
    return STALE_AFTER


def at_once(token_ids: Collection[str]) -> Callable[[Instrument], timedelta]:
    """As `in_a_while`, but these are read again in each cycle: an order of theirs failed, perhaps because their terms changed."""
    return lambda instrument: MOMENT if instrument.token_id in token_ids else STALE_AFTER


def instruments_of(
    tokens: Tokens, settings: Settings, as_of: datetime, stale_after: Callable[[Instrument], timedelta] = in_a_while
) -> dict[str, Instrument]:
    """The instruments by token. What has ended is never asked for again; what is open when it was last seen `stale_after` ago."""
    known = _known(settings.required("clickhouse_url"))
    wanted = set(tokens)
    unread = {token_id for token_id in wanted if (Instrument, token_id) not in known.rows}
    if unread:
        known.learn(open_history(settings).instruments(unread), Instrument)
    old = {token_id: venue for token_id, venue in tokens.items() if _is_old(known.rows.get((Instrument, token_id)), stale_after, as_of)}
    if old:
        _ask(old, known, settings, as_of)
    return {token_id: known.rows[Instrument, token_id] for token_id in wanted if (Instrument, token_id) in known.rows}


def at_hand(
    tokens: Tokens, settings: Settings, as_of: datetime, stale_after: Callable[[Instrument], timedelta] = in_a_while
) -> dict[str, Instrument]:
    """The same for exits, which must not wait: where stores and venue do not answer, what this process or the ledger remembers."""
    known = _known(settings.required("clickhouse_url")).rows
    old = {token_id: venue for token_id, venue in tokens.items() if _is_old(known.get((Instrument, token_id)), stale_after, as_of)}
    found = {token_id: known[Instrument, token_id] for token_id in tokens if token_id not in old}
    for venue, ids in by_venue(old).items():
        try:
            found |= within(PATIENCE_S, partial(instruments_of, dict.fromkeys(ids, venue), settings, as_of, stale_after))
        except Exception as error:  # noqa: BLE001 (whatever is wrong with others, it is no reason to stay in)
            log.warning("instruments of %s are as they were last known: %s", venue, error)
            found |= remembered(ids, settings)
    return found


def remembered(token_ids: Collection[str], settings: Settings) -> dict[str, Instrument]:
    """What this process has read, or the ledger kept: nobody else is asked."""
    known = _known(settings.required("clickhouse_url")).rows
    unread = {token_id for token_id in token_ids if (Instrument, token_id) not in known}
    if unread:
        for token_id, instrument in read_known(open_results(settings), Instrument, unread).items():
            known.setdefault((Instrument, token_id), instrument)
    return {token_id: known[Instrument, token_id] for token_id in token_ids if (Instrument, token_id) in known}


def keep_for_exits(instruments: Iterable[Instrument], settings: Settings) -> None:
    """With the ledger, once a process and again when they changed: whoever else could say it may be away when we want to leave."""
    before = _ledger_copies(settings.required("postgres_url"))
    new = {one.token_id: one for one in instruments if replace(one, updated_at=LONG_AGO) != before.get(one.token_id)}
    keep(list(new.values()), open_results(settings))
    before.update({token_id: replace(one, updated_at=LONG_AGO) for token_id, one in new.items()})


def asked_anew(tokens: Tokens, increments: Mapping[str, Decimal | None], settings: Settings, as_of: datetime) -> dict[str, Instrument]:
    """The instruments by token, read anew after the venue contradicted us. `increments`: the venue's own word, None if it gave none."""
    known = _known(settings.required("clickhouse_url"))
    for key in [(Instrument, token_id) for token_id in increments]:
        if key in known.rows:
            known.rows[key] = replace(known.rows[key], updated_at=LONG_AGO)
    now = at_hand(tokens, settings, as_of)
    for token_id, increment in increments.items():
        if token_id in now and increment is not None:
            now[token_id] = replace(now[token_id], price_increment=increment)
            known.contradict(now[token_id])
    return now


def _ask(tokens: Tokens, known: Known, settings: Settings, as_of: datetime) -> None:
    """Each venue of its own tokens, and what it says besides is kept beside it."""
    asks = {venue: partial(_ask_venue, venue, ids, known, settings, as_of) for venue, ids in by_venue(tokens).items()}
    each_by_itself(asks, PATIENCE_S, "instruments")


def _ask_venue(venue: Venue, token_ids: Collection[str], known: Known, settings: Settings, as_of: datetime) -> None:
    """Without an increment or a fee it stays unknown: the quarantine says why."""
    for row_class, frame in feed_of(venue, settings).instruments(token_ids, as_of).items():
        new = known.date_again(frame, row_class)
        if new.height:
            told = sorted_out(new, row_class, settings, as_of)
            open_history(settings).append(_changed(told, row_class, known.rows), row_class)
            known.learn(told, row_class)


def _is_old(instrument: Instrument | None, stale_after: Callable[[Instrument], timedelta], as_of: datetime) -> bool:
    return instrument is None or (instrument.payout is None and instrument.updated_at <= as_of - stale_after(instrument))


def _changed(told: pl.DataFrame, row_class: type, known: Mapping[Key, Any]) -> pl.DataFrame:
    """Those that are not as they were. That nothing changed is only remembered: who starts anew asks anew."""
    rows: list[Any] = rows_of(told, row_class)
    before = [known.get((row_class, row.token_id)) for row in rows]
    return told.filter([old is None or replace(old, updated_at=row.updated_at) != row for old, row in zip(before, rows, strict=True)])


def _cells_by_token(frame: pl.DataFrame) -> dict[str, Said]:
    """By token."""
    token, date = frame.columns.index("token_id"), frame.columns.index("updated_at")
    said: dict[str, Said] = defaultdict(list)
    for cells in frame.iter_rows():
        said[cells[token]].append((*cells[:date], *cells[date + 1 :]))
    return said


@lru_cache(maxsize=8)
def _ledger_copies(results_url: str) -> dict[str, Instrument]:
    """What this process has kept with the ledger."""
    return {}


@lru_cache(maxsize=8)
def _known(history_url: str) -> Known:
    """What this process has read already: the steps of a cycle ask for the same instruments five times."""
    return Known()
