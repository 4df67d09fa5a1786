"""What wallets hold and what it earned them: a fold over trades, and what resolution and redemption add to it."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from deployments.sandbox.books import midpoint_millis
from deployments.sandbox.categories import fee_usd
from deployments.sandbox.markets import Market
from deployments.sandbox.noise import mix
from deployments.sandbox.trading import Trade
from deployments.sandbox.wallets import Wallet

Key = TypeVar("Key", bound=Hashable)


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

    def redeem(self, at_s: float) -> None:
        self.realized_pnl += self.shares - self.entry_cost
        self.hundredths, self.entry_cost, self.entry_fees, self.last_event_s = 0, 0.0, 0.0, at_s

    def _buy(self, trade: Trade) -> None:
        self.hundredths += trade.hundredths
        self.bought_hundredths += trade.hundredths
        self.entry_cost += trade.notional_usd
        self.bought_cost += trade.notional_usd
        if trade.is_taker:
            self.entry_fees += fee_usd(self.market.category, trade.price_millis / 1000, trade.hundredths / 100)

    def _sell(self, trade: Trade) -> None:
        part = trade.hundredths / self.hundredths
        self.realized_pnl += trade.notional_usd - self.entry_cost * part
        self.entry_cost *= 1 - part
        self.entry_fees *= 1 - part
        self.hundredths -= trade.hundredths


def market_positions(trades: Iterable[Trade], now_s: float) -> list[Position]:
    """Of one market's trades, oldest first."""
    return _fold(trades, lambda trade: (trade.wallet, trade.outcome), now_s)


def wallet_positions(trades: Iterable[Trade], now_s: float) -> list[Position]:
    """Of one wallet's trades, oldest first."""
    return _fold(trades, lambda trade: (trade.market, trade.outcome), now_s)


def redeemed_at_s(wallet: Wallet, market: Market) -> float:
    """When the wallet turns its winning tokens into dollars: within six hours. Losing tokens stay where they are."""
    return market.resolves_s + 60 + mix(market.number, wallet.index, 4) % 21_600


def price_at(market: Market, outcome: int, now_s: float) -> float:
    """USD per share: the midpoint, its last value after the close, and 1 or 0 once resolved."""
    if market.resolved_at(now_s):
        return float(outcome == market.winner)
    return midpoint_millis(market, outcome, min(now_s, market.closes_s)) / 1000


def _fold(trades: Iterable[Trade], key: Callable[[Trade], Key], now_s: float) -> list[Position]:
    positions: dict[Key, Position] = {}
    for trade in trades:
        position = positions.get(key(trade))
        if position is None:
            position = positions[key(trade)] = Position(trade.wallet, trade.market, trade.outcome)
        position.add(trade)
    return [_redeemed(position, now_s) for position in positions.values()]


def _redeemed(position: Position, now_s: float) -> Position:
    redeemed_s = redeemed_at_s(position.wallet, position.market)
    if position.hundredths and position.outcome == position.market.winner and redeemed_s <= now_s:
        position.redeem(redeemed_s)
    return position
