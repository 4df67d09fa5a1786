"""What is known of the instruments a cycle touches, asked for again when it is old or missing."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
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
from tasks.copying.known_instruments import Known
from tasks.copying.venues import Tokens, by_venue
from tasks.quality import sorted_out
from tasks.together import each_by_itself, within

MOST_COPIES = 2_000  # instruments remembered as kept with the ledger: of another it is said once more
STALE_AFTER = timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
PATIENCE_S = 5.0  # of an exit with those who know its instrument better
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger("walletflow.instruments")


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
    found: dict[str, Instrument] = known.of(Instrument, tokens)
    if unread := tokens.keys() - found.keys():
        known.learn(open_history(settings).instruments(unread), Instrument)
        found |= known.of(Instrument, unread)
    old = {token_id: venue for token_id, venue in tokens.items() if _is_old(found.get(token_id), stale_after, as_of)}
    if old:
        _ask(old, known, settings, as_of)
        found |= known.of(Instrument, old)
    known.forget()
    return found


def at_hand(
    tokens: Tokens, settings: Settings, as_of: datetime, stale_after: Callable[[Instrument], timedelta] = in_a_while
) -> dict[str, Instrument]:
    """The same for exits, which must not wait: where stores and venue do not answer, what this process or the ledger remembers."""
    known: dict[str, Instrument] = _known(settings.required("clickhouse_url")).of(Instrument, tokens)
    old = {token_id: venue for token_id, venue in tokens.items() if _is_old(known.get(token_id), stale_after, as_of)}
    found = {token_id: known[token_id] for token_id in tokens if token_id not in old}
    for venue, ids in by_venue(old).items():
        try:
            found |= within(PATIENCE_S, partial(instruments_of, dict.fromkeys(ids, venue), settings, as_of, stale_after))
        except Exception as error:  # noqa: BLE001 (whatever is wrong with others, it is no reason to stay in)
            log.warning("instruments of %s are as they were last known: %s", venue, error)
            found |= remembered(ids, settings)
    return found


def remembered(token_ids: Collection[str], settings: Settings) -> dict[str, Instrument]:
    """What this process has read, or the ledger kept: nobody else is asked."""
    known = _known(settings.required("clickhouse_url"))
    found: dict[str, Instrument] = known.of(Instrument, token_ids)
    if unread := set(token_ids) - found.keys():
        kept = read_known(open_results(settings), Instrument, unread)
        known.add(kept.values())
        found |= kept | known.of(Instrument, unread)
    return found


def keep_for_exits(instruments: Iterable[Instrument], settings: Settings) -> None:
    """With the ledger, once a process and again when they changed: whoever else could say it may be away when we want to leave."""
    before = _ledger_copies(settings.required("postgres_url"))
    told = {one.token_id: one for one in instruments}
    new = {token_id: one for token_id, one in told.items() if replace(one, updated_at=LONG_AGO) != before.get(token_id)}
    keep(list(new.values()), open_results(settings))
    for token_id in told:
        before[token_id] = replace(told[token_id], updated_at=LONG_AGO) if token_id in new else before[token_id]
        before.move_to_end(token_id)
    while len(before) > MOST_COPIES:
        before.popitem(last=False)


def asked_anew(tokens: Tokens, increments: Mapping[str, Decimal | None], settings: Settings, as_of: datetime) -> dict[str, Instrument]:
    """The instruments by token, read anew after the venue contradicted us. `increments`: the venue's own word, None if it gave none."""
    known = _known(settings.required("clickhouse_url"))
    known.doubt(increments, LONG_AGO)
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
            open_history(settings).append(_changed(told, row_class, known), row_class)
            known.learn(told, row_class)


def _is_old(instrument: Instrument | None, stale_after: Callable[[Instrument], timedelta], as_of: datetime) -> bool:
    return instrument is None or (instrument.payout is None and instrument.updated_at <= as_of - stale_after(instrument))


def _changed(told: pl.DataFrame, row_class: type, known: Known) -> pl.DataFrame:
    """Those that are not as they were. That nothing changed is only remembered: who starts anew asks anew."""
    rows: list[Any] = rows_of(told, row_class)
    before = known.of(row_class, told["token_id"])
    return told.filter([(old := before.get(row.token_id)) is None or replace(old, updated_at=row.updated_at) != row for row in rows])


@lru_cache(maxsize=8)
def _ledger_copies(results_url: str) -> OrderedDict[str, Instrument]:
    """What this process has kept with the ledger, the last at the end."""
    return OrderedDict()


@lru_cache(maxsize=8)
def _known(history_url: str) -> Known:
    """What this process has read already: the steps of a cycle ask for the same instruments five times."""
    return Known()
