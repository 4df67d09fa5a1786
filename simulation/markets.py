"""A handful of the sandbox's markets as a world of their own: the exchange trades them, and a tick may change under our hands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any

import polars as pl

from data_contracts import Instrument, PolymarketMarket
from data_contracts.frames import rows_of
from domain.polymarket.markets import DERIVED, SCHEMA, rows_by_class, with_terms
from sandbox.markets import CHUNK_S, LIVE, Market, draw_markets
from sandbox.world import Snapshot, World

ORIGIN = datetime(2026, 11, 28, tzinfo=UTC)
SEED, CHUNKS = 13, 20  # of the one world that all simulations take their markets from: three hours of it
FINE_MILLIS = 1
TOLD = {name: dtype for name, dtype in SCHEMA.items() if name not in DERIVED}
Terms = tuple[tuple[Instrument, PolymarketMarket], ...]  # of both outcomes


@cache
def drawn_markets() -> tuple[Market, ...]:
    """Every market there is, by when it opens."""
    begins_s = ORIGIN.timestamp()
    chunks = (draw_markets(SEED, chunk, begins_s + chunk * CHUNK_S, LIVE, float("inf")) for chunk in range(CHUNKS))
    return tuple(chain.from_iterable(chunks))


class FewMarkets(World):
    """These markets and nobody who trades them: what leaders do is the plan's."""

    def __init__(self, markets: Sequence[Market]) -> None:
        self.seed, self.origin, self.origin_s = SEED, ORIGIN, ORIGIN.timestamp()
        self._of_wallet, self._of_market = {}, {}
        self._markets, self._by_number = [], {}
        self._by_condition, self._by_token = {}, {}
        for market in markets:
            self._put(market)

    def at(self, now_s: float) -> Snapshot:
        return Snapshot(self, now_s, 0, len(self._markets))

    def market_of(self, token_id: str) -> Market:
        return self._by_token[token_id]

    def outcome_of(self, token_id: str) -> int:
        return self._by_token[token_id].token_ids.index(token_id)

    def refine_tick(self, token_id: str) -> bool:
        """Prices get a finer step, from one order to the next. False where they had it already."""
        market = self.market_of(token_id)
        if market.tick_millis == FINE_MILLIS:
            return False
        self._put(replace(market, tick_millis=FINE_MILLIS))
        return True

    def _put(self, market: Market) -> None:
        self._by_condition[market.condition_id] = market
        for token_id in market.token_ids:
            self._by_token[token_id] = market


@cache
def terms_of(market: Market, is_resolved: bool) -> Terms:
    """What Gamma says of a market, both outcomes; `updated_at` is to be put in by whoever asked."""
    rows = rows_by_class(with_terms(pl.DataFrame([_told(market, outcome, is_resolved) for outcome in (0, 1)], schema=TOLD)))
    return tuple(zip(rows_of(rows[Instrument], Instrument), rows_of(rows[PolymarketMarket], PolymarketMarket), strict=True))


def _told(market: Market, outcome: int, is_resolved: bool) -> dict[str, Any]:
    return {
        "token_id": market.token_ids[outcome],
        "market_id": market.condition_id,
        "outcome": market.outcomes[outcome],
        "outcome_index": outcome,
        "question": market.question,
        "category": market.category.slug,
        "event": market.event.slug,
        "price_increment": Decimal(market.tick_millis) / 1000,
        "min_shares": Decimal(5),
        "fee_rate": Decimal(str(market.category.fee_rate)),
        "fee_exponent": Decimal(1),
        "neg_risk": market.neg_risk,
        "version": "v1",
        "entry_denial": None,
        "ends_at": _instant(market.closes_s),
        "ended_at": _instant(market.resolves_s) if is_resolved else None,
        "ended_at_is_assumed": False,
        "payout": Decimal(int(outcome == market.winner)) if is_resolved else None,
        "updated_at": ORIGIN,
    }


def _instant(at_s: float) -> datetime:
    return datetime.fromtimestamp(int(at_s), UTC)
