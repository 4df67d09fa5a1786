"""The world: all that has happened up to an instant, as a pure function of the seed, the origin and that instant.

It has no clock and speaks no protocol. What it keeps is only what it would compute again; what is long past, it keeps on disk."""

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, takewhile
from math import isinf
from struct import Struct

from sandbox.markets import CHUNK_S, LIVE, PAST, Event, Market, draw_markets
from sandbox.spool import Places, Spool, Spooled
from sandbox.trading import Trade, trade_market
from sandbox.wallets import SHARES, Crowd, Shares, Wallet, draw_wallets

# Live markets begin this many chunks before the origin, so that the first visitor finds a full house.
_LIVE_FROM_CHUNK = -5
_CHUNKS_PER_DAY = 86_400 // CHUNK_S
_TRADE = Struct("<dIIIIHBBB")  # a Trade as it is on disk: its market by number, its wallet by index
_RECENT_TRADES = 4_096  # of an hour or so: open markets have theirs in memory


class World:
    def __init__(self, seed: int, origin: datetime, wallets: int = 300, history_days: int = 45, shares: Shares = SHARES) -> None:
        self.seed, self.origin, self.origin_s = seed, origin, origin.timestamp()
        self.crowd = Crowd(draw_wallets(seed, wallets, self.origin_s, shares))
        self.wallets = {wallet.address: wallet for wallet in self.crowd.wallets}
        self._drawn = -history_days * _CHUNKS_PER_DAY  # the next chunk to draw
        self._ahead: dict[int, list[Trade]] = defaultdict(list)  # by chunk: drawn with their market, due later
        self._feed = Spooled(_packed, self._unpacked, kept=_RECENT_TRADES, size=_TRADE.size)
        self._markets: list[Market] = []
        self._markets_s = array("d")
        self._spool = Spool()
        self._of_wallet: dict[Wallet, Places] = defaultdict(lambda: Places(self._spool))
        self._of_market: dict[Market, array[int]] = defaultdict(lambda: array("I"))
        self._by_number: dict[int, Market] = {}
        self._by_condition: dict[str, Market] = {}
        self._by_token: dict[str, Market] = {}
        self._not_over: list[Market] = []

    def at(self, now_s: float) -> "Snapshot":
        """Everything as it stands at `now_s`, Unix seconds."""
        while self._drawn <= (now_s - self.origin_s) // CHUNK_S:
            self._draw_chunk(self._drawn)
            self._drawn += 1
        return Snapshot(self, now_s, self._until(now_s), bisect_right(self._markets_s, now_s))

    def truth(self) -> list[dict[str, object]]:
        """Who is who: what no venue tells, for scoring what others conclude."""
        return [
            {
                "proxy_wallet": w.address,
                "kind": w.kind.value,
                "skill": w.skill,
                "typical_usd": round(w.typical_usd, 2),
                "knows_until_s": None if isinf(w.knows_until_s) else w.knows_until_s,
                "group": w.group,
                "jitter_s": w.jitter_s,
                "funder": w.funder,
            }
            for w in self.crowd.wallets
        ]

    def _draw_chunk(self, chunk: int) -> None:
        live, starts_s = chunk >= _LIVE_FROM_CHUNK, self.origin_s + chunk * CHUNK_S
        self._put_away(starts_s)
        latest_close_s = float("inf") if live else self.origin_s + _LIVE_FROM_CHUNK * CHUNK_S
        for market in draw_markets(self.seed, chunk, starts_s, LIVE if live else PAST, latest_close_s):
            self._open(market)
        due = self._ahead.pop(chunk, [])
        due.sort(key=lambda trade: trade.at_s)  # stable: fills of one order stay together
        for trade in due:
            self._append(trade)

    def _open(self, market: Market) -> None:
        self._markets.append(market)
        self._markets_s.append(market.opens_s)
        self._not_over.append(market)
        self._by_number[market.number] = market
        self._by_condition[market.condition_id] = market
        for token_id in market.token_ids:
            self._by_token[token_id] = market
        for trade in trade_market(self.seed, market, self.crowd, self.origin_s):
            self._ahead[int((trade.at_s - self.origin_s) // CHUNK_S)].append(trade)

    def _until(self, now_s: float) -> int:
        """How many trades there are by then. Mostly that is near the end, where they are in memory."""
        recent = max(len(self._feed) - _RECENT_TRADES, 0)
        begins = recent if self._feed and self._feed[recent].at_s <= now_s else 0
        return bisect_right(self._feed, now_s, begins, key=lambda trade: trade.at_s)

    def _append(self, trade: Trade) -> None:
        self._of_wallet[trade.wallet].append(len(self._feed))
        self._of_market[trade.market].append(len(self._feed))
        self._feed.append(trade)

    def _put_away(self, now_s: float) -> None:
        """The paths of markets that are over by now."""
        for market in self._not_over:
            if market.resolved_at(now_s):
                market.path.put_away(self._spool)
        self._not_over = [market for market in self._not_over if not market.resolved_at(now_s)]

    def _unpacked(self, data: bytes) -> Trade:
        at_s, number, wallet, hundredths, order, price_millis, outcome, is_buy, is_taker = _TRADE.unpack(data)
        market, trader = self._by_number[number], self.crowd.wallets[wallet]
        return Trade(at_s, market, trader, outcome, bool(is_buy), price_millis, hundredths, order, bool(is_taker))


def _packed(trade: Trade) -> bytes:
    at_s, market, wallet, outcome, is_buy, price_millis, hundredths, order, is_taker = trade
    return _TRADE.pack(at_s, market.number, wallet.index, hundredths, order, price_millis, outcome, is_buy, is_taker)


@dataclass(frozen=True)
class Snapshot:
    """The world at one instant. A trade's sequence is its place in the feed and never changes."""

    world: World
    now_s: float
    trade_count: int
    market_count: int

    def trades(self, sequences: Sequence[int] | None = None, before: int | None = None) -> Iterator[tuple[int, Trade]]:
        """(sequence, trade), newest first: all, or those at `sequences`; only those before sequence `before`."""
        end = self.trade_count if before is None else min(before, self.trade_count)
        places = range(end) if sequences is None else sequences[: bisect_left(sequences, end)]
        feed = self.world._feed
        return ((place, feed[place]) for place in reversed(places))

    def wallet_sequences(self, wallet: Wallet) -> Sequence[int]:
        places = self.world._of_wallet.get(wallet)
        return places.all() if places else ()

    def market_sequences(self, market: Market) -> Sequence[int]:
        return self.world._of_market.get(market, [])

    def wallet_trades(self, wallet: Wallet) -> list[Trade]:
        """Oldest first."""
        return [trade for _, trade in self.trades(self.wallet_sequences(wallet))][::-1]

    def market_trades(self, market: Market) -> list[Trade]:
        """Oldest first."""
        return [trade for _, trade in self.trades(self.market_sequences(market))][::-1]

    def markets(self, after_number: int = 0) -> Iterator[Market]:
        """Those that have opened, oldest first, with a number above `after_number`."""
        markets = self.world._markets
        start = bisect_right(markets, after_number, hi=self.market_count, key=lambda market: market.number)
        return (markets[place] for place in range(start, self.market_count))

    def market(self, condition_id: str) -> Market | None:
        market = self.world._by_condition.get(condition_id)
        return market if market and market.opens_s <= self.now_s else None

    def token(self, token_id: str) -> tuple[Market, int] | None:
        market = self.world._by_token.get(token_id)
        return (market, market.token_ids.index(token_id)) if market and market.opens_s <= self.now_s else None

    def event_markets(self, event: Event) -> list[Market]:
        """Their numbers are one after the other, and the first is the event's."""
        following = map(self.world._by_number.get, count(event.number))
        return [market for market in takewhile(lambda one: one is not None and one.event is event, following) if market]
