"""What the skilled holders of a market agree on, kept for five minutes: per token, by cluster and by wallet."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

import polars as pl

from adapters.connect import feed_of, open_history, open_results
from adapters.feeds.feed import Holders
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Consensus, HolderPosition, Instrument, Venue
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of
from domain.copying.kinds.owrr import Holder, agreement
from tasks.copying.sound_rows import set_broken_aside, sound_rows
from tasks.quality import sorted_out
from tasks.together import together

FRESH_FOR = timedelta(minutes=5)
VOTERS = ("cluster", "wallet")
RECORD = ["wallet", "category", "omega", "closed_positions"]
log = logging.getLogger("walletflow.consensus")
ConsensusKey = tuple[str, str]  # token, who votes


def consensus_of(
    instruments: Collection[Instrument], owners: Mapping[str, str], voters: Collection[str], settings: Settings, as_of: datetime
) -> dict[ConsensusKey, Consensus]:
    """By token and voter, where the venue says who holds what. Fresh where it can be; when holders cannot be had the last known value,
    whose age shows; else a neutral 0.5.

    An old `as_of` neither reads what was computed after it nor writes over it.
    """
    instruments = [one for one in instruments if isinstance(feed_of(one.venue, settings), Holders)]
    token_ids = sorted(instrument.token_id for instrument in instruments)
    if not token_ids:
        return {}
    results = open_results(settings)
    sound, broken = sound_rows(results, Consensus, token_id=token_ids)
    if broken:  # asked for anew, as if there were none
        set_broken_aside(Consensus, broken, results, as_of)
    stored = {(row.token_id, row.votes_by): row for row in sound}
    kept = {key: row for key, row in stored.items() if row.computed_at <= as_of}
    old = [instrument for instrument in instruments if any(_is_old(kept.get((instrument.token_id, voter)), as_of) for voter in voters)]
    try:
        fresh = weighed(old, owners, settings, as_of)
    except Unavailable as error:
        log.warning("holders cannot be had, the last known consensus stays: %s", error)
        return {(instrument.token_id, voter): _neutral(instrument, voter, as_of) for instrument in instruments for voter in VOTERS} | kept
    newest = [row for row in fresh if _is_old(stored.get((row.token_id, row.votes_by)), as_of)]
    results.write([Write(Consensus, newest, "put")])
    return kept | {(row.token_id, row.votes_by): row for row in fresh}


def weighed(instruments: Collection[Instrument], owners: Mapping[str, str], settings: Settings, as_of: datetime) -> list[Consensus]:
    """The consensus of these markets' holders as they are now."""
    if not instruments:
        return []
    asked = pl.concat([_holders(venue, markets, settings, as_of) for venue, markets in _by_venue(instruments).items()], how="diagonal")
    held = sorted_out(asked, HolderPosition, settings, as_of)
    history = open_history(settings)
    wallets = held["wallet"].unique().to_list()
    profiles, _ = together(lambda: history.profiles(wallets, only=RECORD), lambda: history.append(held, HolderPosition))
    records = _records(profiles)
    by_market: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in held.to_dicts():
        by_market[row["market_id"]].append(row)
    return [_one(one, by_market[one.market_id], records, owners, voter, as_of) for one in instruments for voter in VOTERS]


def _by_venue(instruments: Iterable[Instrument]) -> dict[Venue, set[str]]:
    grouped: dict[Venue, set[str]] = defaultdict(set)
    for instrument in instruments:
        grouped[instrument.venue].add(instrument.market_id)
    return grouped


def _holders(venue: Venue, market_ids: Collection[str], settings: Settings, as_of: datetime) -> pl.DataFrame:
    """HolderPosition rows; none where the venue does not say who holds what."""
    feed = feed_of(venue, settings)
    return feed.holders(sorted(market_ids), as_of) if isinstance(feed, Holders) else frame_of([], HolderPosition)


def _neutral(instrument: Instrument, votes_by: str, as_of: datetime) -> Consensus:
    """Nobody knows: half and half, which copies nothing. Never stored, so the next cycle asks again."""
    return _one(instrument, [], {}, {}, votes_by, as_of)


def _is_old(row: Consensus | None, as_of: datetime) -> bool:
    return row is None or row.computed_at <= as_of - FRESH_FOR


def _records(profiles: pl.DataFrame) -> dict[tuple[str, str], tuple[float | None, int]]:
    """(wallet, category) → omega and number of closed positions, over the lifetime."""
    return {(wallet, category): (omega, closed) for wallet, category, omega, closed in profiles.iter_rows()}


def _one(
    instrument: Instrument,
    held: Iterable[dict[str, object]],
    records: Mapping[tuple[str, str], tuple[float | None, int]],
    owners: Mapping[str, str],
    votes_by: str,
    as_of: datetime,
) -> Consensus:
    sides: tuple[list[Holder], list[Holder]] = ([], [])
    for row in held:
        wallet = str(row["wallet"])
        omega, resolved = records.get((wallet, instrument.category), (None, 0))
        owner = owners.get(wallet, wallet) if votes_by == "cluster" else wallet
        holder = Holder(wallet, owner, float(str(row["cost"])), float(str(row["current_value"])), omega, resolved)
        sides[0 if row["token_id"] == instrument.token_id else 1].append(holder)
    found = agreement(*sides)
    return Consensus(
        token_id=instrument.token_id,
        votes_by=votes_by,
        market_id=instrument.market_id,
        category=instrument.category,
        owrr=found.owrr,
        score_for=found.score_for,
        score_against=found.score_against,
        qualified_for=found.qualified_for,
        qualified_against=found.qualified_against,
        confidence=found.confidence,
        computed_at=as_of,
    )
