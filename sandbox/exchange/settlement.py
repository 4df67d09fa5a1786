"""How a matched trade becomes a final one: it is mined and confirmed after a while, or retried, or it fails and moves nothing."""

from collections.abc import Callable
from heapq import heappop, heappush

from sandbox.exchange.contracts import route_of
from sandbox.exchange.ledger import UNLIMITED, USD, VAULT, WORLD, Ledger
from sandbox.exchange.orders import Trade, TradeStatus
from sandbox.noise import hex_id


class Settlement:
    def __init__(self, seed: int, ledger: Ledger, tell: Callable[[str, Trade], None]) -> None:
        self.in_s: tuple[float, float] = (0.5, 0.5)  # from matched to mined, from there to confirmed
        self._seed, self._ledger, self._tell = seed, ledger, tell
        self._due: list[tuple[float, int, Trade]] = []  # the next step of each: when, number

    def begin(self, trade: Trade) -> None:
        """What the parties owe is promised; what they get is not there yet."""
        self._ledger.promise(trade.legs)
        self._tell("matched", trade)
        self._wait(trade, trade.matched_s)

    def until(self, now_s: float) -> None:
        while self._due and self._due[0][0] <= now_s:
            due_s, _, trade = heappop(self._due)
            self._step(trade, due_s)

    def _wait(self, trade: Trade, at_s: float) -> None:
        delay_s = self.in_s[1 if trade.status is TradeStatus.MINED else 0]
        heappush(self._due, (at_s + delay_s, trade.number, trade))

    def _step(self, trade: Trade, at_s: float) -> None:
        trade.status, trade.updated_s = trade.path.pop(0), at_s
        if trade.status is TradeStatus.MINED and not self._can_pay(trade):
            trade.status, trade.path = TradeStatus.FAILED, []
        if trade.status in (TradeStatus.MINED, TradeStatus.FAILED):
            self._ledger.promise(trade.legs, -1)
        if trade.status is TradeStatus.MINED:
            trade.transaction_hash = hex_id(64, self._seed, "exchange", trade.number)
            self._ledger.move(trade.legs)
            self._use_allowances(trade)
        self._tell("trade", trade)
        if trade.path:
            self._wait(trade, at_s)

    def _can_pay(self, trade: Trade) -> bool:
        """A wallet may have moved away on the chain what it owed here."""
        owed = [(self._ledger.account(address), asset, units) for (address, asset), units in trade.legs.items() if units < 0]
        return all(account.address in (WORLD, VAULT) or account.balances.get(asset, 0) + units >= 0 for account, asset, units in owed)

    def _use_allowances(self, trade: Trade) -> None:
        """An ERC-20 allowance is used up as dollars go, unless it is the largest there is."""
        exchange = route_of(trade.market).exchange
        for (address, asset), units in trade.legs.items():
            account = self._ledger.account(address)
            if asset == USD and units < 0 and account.allowances.get(exchange, UNLIMITED) < UNLIMITED:
                account.allowances[exchange] += units
