"""What wallets hold and what it earned them: a fold over trades, and what splits, merges, resolution and redemption add to it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.books import midpoint_millis
from sandbox.categories import fee_usd
from sandbox.markets import Market
from sandbox.noise import mix
from sandbox.trading import Trade
from sandbox.wallets import Kind, Wallet

SPLIT_HUNDREDTHS = 2_000  # the stock a maker begins with: 20 complete sets


@dataclass
class Position:
    """One wallet's holding of one outcome, at average cost. Costs and profits are USD and leave out fees."""

    wallet: Wallet
    market: Market
    outcome: int
    hundredths: int = 0
    entry_cost: float = 0.0
    entry_fees: float = 0.0
    bought_hundredths: int = 0
    bought_cost: float = 0.0  # of all ever bought, sold or not
    realized_pnl: float = 0.0
    split_hundredths: int = 0
    merged_hundredths: int = 0
    redeemed_hundredths: int = 0
    first_entry_s: float = 0.0
    last_event_s: float = 0.0

    @property
    def shares(self) -> float:
        return self.hundredths / 100

    @property
    def avg_price(self) -> float:
        """Of what is held; of all that was bought once nothing is."""
        if self.hundredths:
            return self.entry_cost / self.shares
        return 100 * self.bought_cost / self.bought_hundredths

    def add(self, trade: Trade) -> None:
        self.first_entry_s = self.first_entry_s or trade.at_s
        self.last_event_s = trade.at_s
        (self._buy if trade.is_buy else self._sell)(trade)

    def split(self, hundredths: int, at_s: float) -> None:
        """One half of a complete set, at half a dollar."""
        self.first_entry_s, self.last_event_s = self.first_entry_s or at_s, at_s
        self.split_hundredths = hundredths
        self._take(hundredths, hundredths / 200)

    def merge(self, hundredths: int, at_s: float) -> None:
        """As if sold at half a dollar."""
        self.merged_hundredths, self.last_event_s = hundredths, at_s
        self._give(hundredths, hundredths / 200)

    def redeem(self, at_s: float) -> None:
        self.redeemed_hundredths, self.last_event_s = self.hundredths, at_s
        self._give(self.hundredths, self.shares)

    def _buy(self, trade: Trade) -> None:
        self._take(trade.hundredths, trade.notional_usd)
        if trade.is_taker:
            self.entry_fees += fee_usd(self.market.category, trade.price_millis / 1000, trade.hundredths / 100)

    def _sell(self, trade: Trade) -> None:
        self._give(trade.hundredths, trade.notional_usd)

    def _take(self, hundredths: int, cost: float) -> None:
        self.hundredths += hundredths
        self.bought_hundredths += hundredths
        self.entry_cost += cost
        self.bought_cost += cost

    def _give(self, hundredths: int, proceeds: float) -> None:
        part = hundredths / self.hundredths
        self.realized_pnl += proceeds - self.entry_cost * part
        self.entry_cost *= 1 - part
        self.entry_fees *= 1 - part
        self.hundredths -= hundredths


def market_positions(trades: Iterable[Trade], now_s: float) -> list[Position]:
    """Of one market's trades, oldest first."""
    return _fold(trades, now_s)


def wallet_positions(trades: Iterable[Trade], now_s: float) -> list[Position]:
    """Of one wallet's trades, oldest first."""
    return _fold(trades, now_s)


def splits(wallet: Wallet, market: Market) -> bool:
    """Whether the wallet makes complete sets when it begins here: some makers, to have both outcomes to sell."""
    return wallet.kind is Kind.MAKER and mix(market.number, wallet.index, 5) % 10 == 0


def merged_at_s(wallet: Wallet, market: Market) -> float:
    """When the wallet turns what it holds of both outcomes back into dollars: between the close and the resolution, or never."""
    if not splits(wallet, market) and mix(market.number, wallet.index, 6) % 2:
        return float("inf")
    return market.closes_s + mix(market.number, wallet.index, 7) % max(1, int(market.resolves_s - market.closes_s))


def redeemed_at_s(wallet: Wallet, market: Market) -> float:
    """When the wallet turns its winning tokens into dollars: within six hours. Losing tokens stay where they are."""
    return market.resolves_s + 60 + mix(market.number, wallet.index, 4) % 21_600


def price_at(market: Market, outcome: int, now_s: float) -> float:
    """USD per share: the midpoint, its last value after the close, and 1 or 0 once resolved."""
    if market.resolved_at(now_s):
        return float(outcome == market.winner)
    return midpoint_millis(market, outcome, min(now_s, market.closes_s)) / 1000


def _fold(trades: Iterable[Trade], now_s: float) -> list[Position]:
    pairs: dict[tuple[Wallet, Market], tuple[Position, Position]] = {}
    for trade in trades:
        key = (trade.wallet, trade.market)
        if key not in pairs:
            pairs[key] = _open_pair(trade)
        pairs[key][trade.outcome].add(trade)
    for pair in pairs.values():
        _merge(pair, now_s)
        _redeem(pair, now_s)
    return [position for pair in pairs.values() for position in pair if position.bought_hundredths]


def _open_pair(first: Trade) -> tuple[Position, Position]:
    pair = Position(first.wallet, first.market, 0), Position(first.wallet, first.market, 1)
    if splits(first.wallet, first.market):
        for position in pair:
            position.split(SPLIT_HUNDREDTHS, first.at_s)
    return pair


def _merge(pair: tuple[Position, Position], now_s: float) -> None:
    sets, at_s = min(pair[0].hundredths, pair[1].hundredths), merged_at_s(pair[0].wallet, pair[0].market)
    if sets and at_s <= now_s:
        for position in pair:
            position.merge(sets, at_s)


def _redeem(pair: tuple[Position, Position], now_s: float) -> None:
    won = pair[pair[0].market.winner]
    redeemed_s = redeemed_at_s(won.wallet, won.market)
    if won.hundredths and redeemed_s <= now_s:
        won.redeem(redeemed_s)
