"""Looks at tokens: price, liquidity, holders, authorities, and whether they can be sold, by two quotes."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from adapters.connect import TokenServices, open_history, open_token_services
from adapters.feeds.solana.dexscreener import Pair
from adapters.feeds.solana.jupiter import TokenRecord
from adapters.settings import Settings
from data_contracts import Instrument, SolanaToken, TokenLook
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of, rows_of
from domain.discovery.token_looks import round_trip_loss, scheduled
from domain.discovery.token_surveillance import is_alive
from domain.solana.programs import LAMPORTS, WSOL
from tasks.discovery.token_discovery import token_of
from tasks.steps import step

MOST_LOOKS = 300  # of one run: ten calls for their pools, three for their records
MOST_PROBES = 20  # round trips of one run: two quotes each, at half a call a second without a key
PROBE_RAW = LAMPORTS // 10  # 0.1 SOL
log = logging.getLogger("walletflow.tokens")


@step
def due_tokens(settings: Settings, as_of: datetime) -> list[str]:
    """The tokens whose next look is due, the longest overdue first; one never looked at is due since it was found."""
    return open_history(settings).due_tokens(as_of, MOST_LOOKS)


@step
def look_at_tokens(token_ids: Sequence[str], settings: Settings, as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """TokenLook rows, one for each; and SolanaToken rows of what the services say that they are, where we did not know."""
    if not token_ids:
        return frame_of([], TokenLook), frame_of([], SolanaToken)
    history, services = open_history(settings), open_token_services(settings)
    known = {row.token_id: row for row in rows_of(history.tokens(token_ids), SolanaToken)}
    before = {row.token_id: row for row in rows_of(history.last_looks(token_ids), TokenLook)}
    pairs, records = services.dexscreener.pairs(token_ids), services.jupiter.tokens(token_ids)
    seen = [_look(name, pairs.get(name), records.get(name), as_of) for name in token_ids]
    probed = _probed(seen, before, services)
    looks = [scheduled(probed.get(look.token_id, look), before.get(look.token_id), known.get(look.token_id)) for look in seen]
    named = [token_of(one, as_of) for name, one in records.items() if name not in known and one.decimals is not None]
    log.info(
        "%d looked at, %d can be sold, %d are dead",
        len(looks),
        sum(look.is_sellable is True for look in looks),
        sum(one.is_dead for one in looks),
    )
    return frame_of(looks, TokenLook), frame_of(named, SolanaToken)


@step
def keep_looks(looks: pl.DataFrame, tokens: pl.DataFrame, settings: Settings) -> None:
    """Into ClickHouse. What was found dead is written anew as an instrument: then the positions in it look new, and are closed."""
    history = open_history(settings)
    dead = looks.filter("is_dead")["token_id"].to_list()
    died = set(dead) - set(history.last_looks(dead).filter("is_dead")["token_id"]) if dead else set()
    history.append(looks, TokenLook)
    if died:
        history.append(history.instruments(sorted(died)), Instrument)
    history.append(tokens, SolanaToken)


def _look(token_id: str, pair: Pair | None, record: TokenRecord | None, as_of: datetime) -> TokenLook:
    """The pool's word of how it trades, Jupiter's of who holds it; each for the other where one is silent."""
    return TokenLook(
        token_id=token_id,
        looked_at=as_of,
        price=pair.price if pair else None,
        price_usd=_first("price_usd", pair, record),
        liquidity_usd=_first("liquidity_usd", pair, record),
        market_cap_usd=_first("market_cap_usd", pair, record),
        volume_24h_usd=pair.volume_24h_usd if pair else None,
        buys_24h=pair.buys_24h if pair else None,
        sells_24h=pair.sells_24h if pair else None,
        holders=record.holders if record else None,
        top10_fraction=record.top10_fraction if record else None,
        has_mint_authority=record.has_mint_authority if record else None,
        has_freeze_authority=record.has_freeze_authority if record else None,
        is_sellable=None,
        round_trip_loss=None,
        last_alive_at=as_of,
        is_dead=False,
        next_look_at=None,
    )


def _first(field: str, *said: Pair | TokenRecord | None) -> float | None:
    """The first that states it."""
    return next((value for one in said if one is not None and (value := getattr(one, field)) is not None), None)


def _probed(looks: Sequence[TokenLook], before: Mapping[str, TokenLook], services: TokenServices) -> dict[str, TokenLook]:
    """Looks with a round trip, as many as the rate limit has room for: those never probed and those that live first.

    The others keep what the last probe said.
    """

    def urgency(look: TokenLook) -> tuple[bool, bool, str]:
        earlier = before.get(look.token_id)
        return earlier is not None and earlier.is_sellable is not None, not is_alive(look), look.token_id

    found = {}
    for place, look in enumerate(sorted(looks, key=urgency)):
        earlier = before.get(look.token_id)
        probe = _probe(look.token_id, services) if place < MOST_PROBES else None
        if probe is not None:
            found[look.token_id] = replace(look, is_sellable=probe[0], round_trip_loss=probe[1])
        elif earlier is not None:
            found[look.token_id] = replace(look, is_sellable=earlier.is_sellable, round_trip_loss=earlier.round_trip_loss)
    return found


def _probe(token_id: str, services: TokenServices) -> tuple[bool, float | None] | None:
    """Whether a route sells what 0.1 SOL buys, and what the round trip loses. None where the service would not say."""
    try:
        bought = services.jupiter.quote(WSOL, token_id, PROBE_RAW)
        if bought is None:
            return None  # what cannot be bought says nothing of a sale
        sold = services.jupiter.quote(token_id, WSOL, bought.out_raw)
    except (Unavailable, Refused) as error:
        log.warning("no quote of %s: %s", token_id, error)
        return None
    return sold is not None, round_trip_loss(PROBE_RAW, sold.out_raw if sold else None)
