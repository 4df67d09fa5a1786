"""What was posted becomes trades to judge: of which token, at what price, and whether a feed has shown the very same already."""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from adapters.connect import feed_of, open_history, open_results
from adapters.feeds.feed import MarketNames
from adapters.settings import Settings
from adapters.stores.results import Write, read_count
from data_contracts import Counter, Rate, Reason, Side, TakenIntent, Trade, TradeIntent, Venue
from data_contracts.errors import WalletflowError
from data_contracts.frames import rows_of
from data_contracts.words import STAKE_OF
from domain.copying.account import FRESH_FOR, USD_ONLY, Rates, fresh_rates
from domain.copying.posted import SEEN_WITHIN, seen_of, sizes, trade_id_of, trade_of
from tasks.copying.instruments import instruments_of
from tasks.copying.strategy_rows import StrategyRows
from tasks.copying.unread import due, unread
from tasks.copying.venues import books_of, together_in_one
from tasks.copying.watermarks import SIGNALS, read_watermark
from tasks.steps import step

AT_ONCE = 1_000  # intents a cycle; what is left waits for the next
log = logging.getLogger("walletflow.intents")
Named = tuple[str, str]  # market, outcome in small letters


@dataclass(frozen=True, slots=True)
class Token:
    """What a market and an outcome mean."""

    market_id: str
    token_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is known when intents are taken in: whom we follow, prices by intent, and what a stake is worth in USD."""

    followed: Collection[str]
    prices: Mapping[str, Decimal]
    rates: Rates
    seen_at: datetime


def take_posted(strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, is_live: bool = False) -> None:
    """Intents that arrived since the last cycle. Where none did there is no step."""
    if (waiting := unread(open_results(settings)).get(TradeIntent)) is not None:
        take_intents(waiting.read, strategies, settings, as_of, is_live)


@step
def take_intents(read: int, strategies: Sequence[StrategyRows], settings: Settings, as_of: datetime, is_live: bool = False) -> None:
    """Each becomes a TakenIntent: a trade to judge, or the reason why it is none. How far they are read moves with them.

    What arrived after `as_of` is another cycle's, unless this one is live; and where a venue cannot say what a market is, the intent waits,
    and those behind it.
    """
    results = open_results(settings)
    waiting = due(results.arrived(TradeIntent, read, AT_ONCE), as_of, is_live)
    followed = {wallet for own in strategies for wallet in own.leaders} | {held.leader for own in strategies for held in own.open_positions}
    taken = _taken(waiting, followed, settings, as_of)
    reached = waiting[len(taken) - 1].sequence if taken else read
    moved = Counter(name=read_count(TradeIntent), reached=reached)
    results.write([Write(TakenIntent, taken), Write(Counter, [moved], "put")])
    log.info("%d intents taken in, %d of them to judge", len(taken), sum(one.reason is None for one in taken))


def _taken(waiting: Sequence[TradeIntent], followed: Collection[str], settings: Settings, as_of: datetime) -> list[TakenIntent]:
    """One row an intent, up to the first of which its venue cannot be asked."""
    wanted = [one for one in waiting if one.leader in followed]
    tokens, away = _tokens(wanted, settings, as_of)
    known = [(one, tokens.get(_named(one))) for one in waiting]
    first_away = next((place for place, (one, _) in enumerate(known) if one.market_id in away and one.leader in followed), len(known))
    known = known[:first_away]
    prices = _prices([(one, token) for one, token in known if token], settings, as_of)
    seen_at = max(as_of, read_watermark(open_results(settings), SIGNALS) or as_of)
    found = Found(followed, prices, _rates({one.venue for one in wanted}, settings, as_of), seen_at)
    return _as_feeds_showed([_row(one, token, found) for one, token in known], settings)


def _row(intent: TradeIntent, token: Token | None, found: Found) -> TakenIntent:
    said = json.loads(intent.metadata)
    price = found.prices.get(intent.intent_id)
    sized = _sized(intent, token, price, found)
    reason, (shares, notional) = (sized, (None, None)) if isinstance(sized, Reason) else (None, sized)
    return TakenIntent(
        intent_id=intent.intent_id,
        trade_id=trade_id_of(intent),
        reason=reason,
        venue=intent.venue,
        leader=intent.leader,
        market_id=token.market_id if token else intent.market_id,
        token_id=token.token_id if token else "",
        outcome=token.outcome if token else intent.outcome,
        side=intent.side,
        price=price,
        shares=shares,
        notional=notional,
        limit_price=intent.limit_price,
        held_before=_exact(said.get("trader_position_size")),
        tx_hash=_hash(said.get("source_tx_hash")),
        # A clock that runs ahead, the sender's or the inbox's, must not make it a trade to come.
        traded_at=min(intent.signalled_at, intent.received_at, found.seen_at),
        seen_at=found.seen_at,
    )


def _sized(intent: TradeIntent, token: Token | None, price: Decimal | None, found: Found) -> tuple[Decimal, Decimal] | Reason:
    """Shares and stake, or why it is no trade."""
    if intent.leader not in found.followed:
        return Reason.LEADER_NOT_FOLLOWED
    if token is None:
        return Reason.MARKET_UNKNOWN
    if price is None:
        return Reason.BOOK_MISSING
    rate = found.rates.get(STAKE_OF[intent.venue])
    return Reason.RATE_MISSING if rate is None else sizes(intent, price, rate)


def _as_feeds_showed(rows: Sequence[TakenIntent], settings: Settings) -> list[TakenIntent]:
    """An intent of what a feed has shown already is that trade, and no second one."""
    claims = {one.intent_id: trade for one in rows if (trade := trade_of(one))}
    if not claims:
        return list(rows)
    first, last = min(one.traded_at for one in claims.values()), max(one.traded_at for one in claims.values())
    wallets = sorted({one.wallet for one in claims.values()})
    shown = rows_of(open_history(settings).trades(first - SEEN_WITHIN, last + SEEN_WITHIN, wallets), Trade)
    found = {name: seen_of(claim, shown) for name, claim in claims.items()}
    return [replace(one, trade_id=same[0].trade_id) if (same := found.get(one.intent_id)) else one for one in rows]


def _named(intent: TradeIntent) -> Named:
    return intent.market_id, intent.outcome.casefold()


def _tokens(intents: Sequence[TradeIntent], settings: Settings, as_of: datetime) -> tuple[dict[Named, Token], set[str]]:
    """What each market and outcome means; and the markets of which nobody could be asked."""
    mints = {_named(one): Token(one.market_id, one.market_id, one.market_id) for one in intents if one.venue is Venue.SOLANA}
    ours = [one for one in intents if one.venue is Venue.POLYMARKET]
    by_token = _by_token([one for one in ours if one.market_id.isdigit()], settings, as_of)
    named = {one.market_id for one in ours if not one.market_id.isdigit()}
    found = _by_name(open_history(settings).outcomes(sorted(named))) if named else {}
    wanted = {_named(one)[0] for one in ours if one.market_id in named and _named(one) not in found}
    asked, away = _asked(wanted, settings, as_of)
    return mints | by_token | found | asked, away


def _by_token(intents: Sequence[TradeIntent], settings: Settings, as_of: datetime) -> dict[Named, Token]:
    """A market that is named by its outcome's token."""
    tokens = {one.market_id: one.venue for one in intents}
    instruments = instruments_of(tokens, settings, as_of) if tokens else {}
    words = open_history(settings).polymarket_markets(sorted(tokens)) if tokens else pl.DataFrame()
    outcomes = dict(zip(words["token_id"], words["outcome"], strict=True)) if words.height else {}
    return {
        _named(one): Token(instruments[one.market_id].market_id, one.market_id, outcomes.get(one.market_id, one.outcome))
        for one in intents
        if one.market_id in instruments
    }


def _asked(market_ids: Collection[str], settings: Settings, as_of: datetime) -> tuple[dict[Named, Token], set[str]]:
    feed: Any = feed_of(Venue.POLYMARKET, settings) if market_ids else None
    if not isinstance(feed, MarketNames):
        return {}, set()
    try:
        return _by_name(feed.tokens_in(sorted(market_ids), as_of)), set()
    except WalletflowError as error:
        log.warning("what %d markets are cannot be asked now, their intents wait: %s", len(market_ids), error)
        return {}, set(market_ids)


def _by_name(tokens: pl.DataFrame) -> dict[Named, Token]:
    rows = tokens.select("market_id", "token_id", "outcome").iter_rows()
    return {(market_id, outcome.casefold()): Token(market_id, token_id, outcome) for market_id, token_id, outcome in rows}


def _prices(named: Sequence[tuple[TradeIntent, Token]], settings: Settings, as_of: datetime) -> dict[str, Decimal]:
    """What the sender saw; where it says nothing of a price, what the book says now; and else its limit."""
    said = {intent.intent_id: _said_price(intent) for intent, _ in named}
    untold = {token.token_id: intent.venue for intent, token in named if said[intent.intent_id] is None}
    books = together_in_one(books_of(untold, settings, as_of)) if untold else {}
    found = dict[str, Decimal | None]()
    for intent, token in named:
        book = books.get(token.token_id)
        found[intent.intent_id] = said[intent.intent_id] or (book.best(intent.side) if book else None) or intent.limit_price
    return {intent_id: price for intent_id, price in found.items() if price}


def _said_price(intent: TradeIntent) -> Decimal | None:
    said = json.loads(intent.metadata)
    return _exact(said.get("price") or said.get("best_ask" if intent.side is Side.BUY else "best_bid")) or None


def _rates(venues: Collection[Venue], settings: Settings, at: datetime) -> Rates:
    """Of dollars nobody is asked."""
    if all(STAKE_OF[venue] in USD_ONLY for venue in venues):
        return USD_ONLY
    return fresh_rates(rows_of(open_results(settings).since(Rate, "seen_at", at - FRESH_FOR), Rate), at)


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _hash(text: str | None) -> str:
    """As feeds write it: hex in small letters, and of base 58 every capital counts."""
    return (text.lower() if text.startswith(("0x", "0X")) else text) if text else ""
