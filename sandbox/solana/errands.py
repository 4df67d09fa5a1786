"""What the people of the chain are about to do: each errand is due at an instant and becomes one transaction, or several."""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.noise import mix
from sandbox.solana.balances import Balances
from sandbox.solana.curve_trades import FROZEN, SLIPPED, CurveTrade, Launching
from sandbox.solana.deeds import LEGACY, TIPS, Costs, Deed
from sandbox.solana.keys import WSOL, pool_fees_of
from sandbox.solana.launches import LAMPORTS, CoinTrade, Fate, Launch
from sandbox.solana.people import CROWD, DUSTERS, INSIDERS, Person, exchange_of, house_of, mother_of
from sandbox.solana.pool_trades import Migration, PoolTrade
from sandbox.solana.reserves import Swapped
from sandbox.solana.rotations import Rotation
from sandbox.solana.transfers import Gift, Payments, Wrapping

Errand = Callable[[float], None]
PURSE, RICH = 3 * LAMPORTS, 80 * LAMPORTS  # below the one a wallet gets more from its exchange, above the other it brings some back
KEPT = LAMPORTS // 20  # of what goes back to who paid for a rug
DUST_EVERY_S, WRAP_EVERY_S, KEEPERS, DUSTED = 1_800.0, 1_200.0, 4, 12
FAILS, TRIES = 25, 4  # one in so many buys fails first, one in so many buyers of a trap tries to sell it
POOL_SLIPPED = 6004
ROTATES_WITHIN_S = 90.0


class Stage(Protocol):
    """Where errands are run: see chain.py."""

    seed: int
    begins_s: float
    balances: Balances
    last_trades: dict[str, CoinTrade]

    def push(self, at_s: float, errand: Errand) -> None: ...
    def do(self, deed: Deed) -> None: ...
    def launched(self, coin: Launch) -> None: ...
    def graduated(self, coin: Launch) -> None: ...


@dataclass
class Errands:
    """`asked` counts what was drawn: every draw is another."""

    stage: Stage
    asked: int = 0
    _coming: dict[str, list[tuple[float, str, int]]] = field(default_factory=dict)  # purchases on curves, by wallet: when, mint, place
    _sold: dict[tuple[str, int], tuple[Launch, CoinTrade]] = field(default_factory=dict)  # what is sold in the transaction of a purchase

    def __post_init__(self) -> None:
        self.stage.push(self.stage.begins_s + DUST_EVERY_S, self._dust)
        self.stage.push(self.stage.begins_s + WRAP_EVERY_S, self._wrap)

    def prepare(self, coin: Launch) -> None:
        """A launch, all trades of it, and whoever pays its makers before."""
        push = self.stage.push
        push(coin.launched_at_s - 1_800 - self._draw(3_600), lambda at_s: self._fund(at_s, coin))
        for place, trade in enumerate(coin.trades):
            if trade.is_buy and place and not trade.after.is_pool:
                insort(self._coming.setdefault(trade.wallet, []), (trade.at_s, coin.mint, place))
            push(trade.at_s, lambda at_s, place=place: self._trade(at_s, coin, place))  # type: ignore[misc]  # bound here
            if trade.is_buy and trade.at_s > coin.launched_at_s + 1 and self._draw(FAILS) == 0:
                push(trade.at_s - 0.1, lambda at_s, trade=trade: self._fail(at_s, coin, trade))  # type: ignore[misc]
            if trade.sent_by:
                push(_between(coin, place), lambda at_s, trade=trade: self._give(at_s, coin, trade))  # type: ignore[misc]
            if coin.fate is Fate.HONEYPOT and place and self._draw(TRIES) == 0:
                push(trade.at_s + 60 + self._draw(3_600), lambda at_s, trade=trade: self._try(at_s, coin, trade))  # type: ignore[misc]
        if coin.fate is Fate.RUGGED:
            push(coin.trades[-1].at_s + 600, lambda at_s: self._collect(at_s, coin))

    def rescue(self, deed: Deed) -> Deed:
        """An exchange pays whoever cannot pay for a deed, just before it."""
        wants = -min(deed.moves().lamports.values()) + PURSE
        return Payments(self._exchange(deed.payer), ((deed.payer, wants + self._draw(2 * PURSE)),), self._costs())

    def _trade(self, at_s: float, coin: Launch, place: int) -> None:
        trade, stage = coin.trades[place], self.stage
        if not trade.is_buy and self._waits(coin, place):
            return
        if place == 0:
            stage.launched(coin)
            stage.do(Launching(coin, trade, self._costs(signatures=2)))
        elif (coin.mint, place) in self._sold:
            self._rotate(*self._sold.pop((coin.mint, place)), coin, trade)
        else:
            opens, closes = self._opens(coin, trade), self._closes(coin, trade)
            kind = PoolTrade if trade.before.is_pool else CurveTrade
            stage.do(kind(coin, trade, self._costs(at_s - coin.launched_at_s), opens, closes))
        stage.last_trades[coin.mint] = trade
        if trade.graduates:
            following = coin.trades[place + 1].at_s if place + 1 < len(coin.trades) else at_s + 1
            stage.push(at_s + max(min(0.5, (following - at_s) / 2), 0.0), lambda at_s: self._migrate(at_s, coin, trade))
        self._keep_purse(at_s, trade.wallet)

    def _opens(self, coin: Launch, trade: CoinTrade) -> bool:
        return not self.stage.balances.is_open((trade.wallet, coin.mint))

    def _closes(self, coin: Launch, trade: CoinTrade) -> bool:
        """Half of those who sell all they have close its account with it."""
        return not trade.is_buy and self.stage.balances.coins[trade.wallet, coin.mint] == trade.tokens and self._draw(2) == 0

    def _waits(self, coin: Launch, place: int) -> bool:
        """A sale on a curve waits for its wallet's next purchase, where that comes soon and nobody trades the coin before."""
        trade = coin.trades[place]
        coming = self._coming.get(trade.wallet, [])
        while coming and coming[0][0] <= trade.at_s:
            coming.pop(0)
        if not coming or trade.before.is_pool:
            return False
        at_s, mint, bought = coming[0]
        nobody_before_s = coin.trades[place + 1].at_s if place + 1 < len(coin.trades) else at_s + 1
        if mint == coin.mint or at_s > min(trade.at_s + ROTATES_WITHIN_S, nobody_before_s) or (mint, bought) in self._sold:
            return False
        self._sold[mint, bought] = coin, trade
        return True

    def _rotate(self, sold: Launch, sale: CoinTrade, bought: Launch, purchase: CoinTrade) -> None:
        opens, closes = self._opens(bought, purchase), self._closes(sold, sale)
        self.stage.do(Rotation(sold, sale, bought, purchase, self._costs(), opens, closes))
        self.stage.last_trades[sold.mint] = sale

    def _fail(self, at_s: float, coin: Launch, trade: CoinTrade) -> None:
        kind, code = (PoolTrade, POOL_SLIPPED) if trade.before.is_pool else (CurveTrade, SLIPPED)
        self.stage.do(kind(coin, trade, self._costs(), code=code))

    def _try(self, at_s: float, coin: Launch, bought: CoinTrade) -> None:
        sale = CoinTrade(at_s, bought.wallet, False, bought.after, Swapped(bought.after, bought.tokens, 0))
        self.stage.do(CurveTrade(coin, sale, self._costs(), code=FROZEN))

    def _migrate(self, at_s: float, coin: Launch, trade: CoinTrade) -> None:
        opens = not self.stage.balances.is_open((pool_fees_of(coin.creator), WSOL))
        self.stage.graduated(coin)
        self.stage.do(Migration(coin, trade.after, self._costs(), opens))

    def _give(self, at_s: float, coin: Launch, sale: CoinTrade) -> None:
        opens = not self.stage.balances.is_open((sale.wallet, coin.mint))
        self.stage.do(Gift(sale.sent_by, sale.wallet, coin.mint, sale.tokens, KEPT, opens, self._costs()))

    def _fund(self, at_s: float, coin: Launch) -> None:
        """Who rugs is paid by a mother, with its insiders, in one transaction; others by an exchange."""
        house, seed = house_of(coin.number), self.stage.seed
        paid = [(coin.creator, 8 * LAMPORTS + self._draw(LAMPORTS))]
        if coin.fate is not Fate.RUGGED:
            self.stage.do(Payments(self._exchange(coin.creator), tuple(paid), self._costs()))
            return
        paid += [(Person("insider", house, place).address(seed), 4 * LAMPORTS + self._draw(LAMPORTS)) for place in range(INSIDERS)]
        self.stage.do(Payments(mother_of(house).address(seed), tuple(paid), self._costs()))

    def _collect(self, at_s: float, coin: Launch) -> None:
        """What a rug brought goes back to who paid for it."""
        house, seed = house_of(coin.number), self.stage.seed
        for wallet in (coin.creator, *(Person("insider", house, place).address(seed) for place in range(INSIDERS))):
            left = self.stage.balances.lamports.get(wallet, 0) - KEPT
            if left > LAMPORTS:
                self.stage.do(Payments(wallet, ((mother_of(house).address(seed), left),), self._costs()))

    def _keep_purse(self, at_s: float, wallet: str) -> None:
        held = self.stage.balances.lamports.get(wallet, 0)
        if held < PURSE:
            self.stage.push(at_s + 5 + self._draw(60), lambda at_s: self._fill(at_s, wallet))
        elif held > RICH:
            self.stage.push(at_s + 60 + self._draw(600), lambda at_s: self._bring_back(at_s, wallet))

    def _fill(self, at_s: float, wallet: str) -> None:
        if self.stage.balances.lamports.get(wallet, 0) < PURSE:
            paid = ((wallet, 2 * PURSE + self._draw(3 * PURSE)),)
            self.stage.do(Payments(self._exchange(wallet), paid, self._costs()))

    def _bring_back(self, at_s: float, wallet: str) -> None:
        if (held := self.stage.balances.lamports.get(wallet, 0)) > RICH:
            self.stage.do(Payments(wallet, ((self._exchange(wallet), held // 2),), self._costs()))

    def _dust(self, at_s: float) -> None:
        """A few lamports, or none, to strangers who trade: it means nothing, and looks like a bond to who counts it."""
        seed = self.stage.seed
        known = [one for _ in range(DUSTED) if self.stage.balances.is_open(one := Person("wallet", self._draw(CROWD)).address(seed))]
        if known:
            dust = tuple((wallet, self._draw(6)) for wallet in dict.fromkeys(known))
            self.stage.do(Payments(Person("duster", self._draw(DUSTERS)).address(seed), dust, self._costs()))
        self.stage.push(at_s + DUST_EVERY_S / 2 + self._draw(int(DUST_EVERY_S)), self._dust)

    def _wrap(self, at_s: float) -> None:
        """Some wrap SOL and unwrap it the next time."""
        wallet = Person("keeper", self._draw(KEEPERS)).address(self.stage.seed)
        held = self.stage.balances.coins.get((wallet, WSOL), 0)
        lamports = held or LAMPORTS + self._draw(LAMPORTS)
        self.stage.do(Wrapping(wallet, lamports, held > 0, self._costs()))
        self.stage.push(at_s + WRAP_EVERY_S / 2 + self._draw(int(WRAP_EVERY_S)), self._wrap)

    def _exchange(self, wallet: str) -> str:
        return exchange_of(sum(wallet.encode())).address(self.stage.seed)

    def _costs(self, after_s: float = 9e9, signatures: int = 1) -> Costs:
        """Three in ten are legacy, six of version 0, one of version 1. Who is in a hurry, right after a launch, pays for it."""
        number = self._draw(1 << 60)
        version = (LEGACY, LEGACY, LEGACY, 0, 0, 0, 0, 0, 0, 1)[number % 10]
        hurries = after_s < 5
        priority = 0 if number // 10 % 4 == 0 and not hurries else 1_000 + number // 40 % (2_000_000 if hurries else 100_000)
        tip = 200_000 + number // 800 % 3_000_000 if hurries or number // 10 % 5 == 0 else 0
        return Costs(version, priority, tip, TIPS[number // 7 % len(TIPS)], version == 0 and number // 3 % 2 == 0, signatures)

    def _draw(self, below: int) -> int:
        self.asked += 1
        return mix(self.stage.seed, self.asked) % below


def _between(coin: Launch, place: int) -> float:
    """Half way from the purchase of what another wallet sells to its sale."""
    sale = coin.trades[place]
    bought_s = max(one.at_s for one in coin.trades[:place] if one.wallet == sale.sent_by and one.is_buy)
    return (bought_s + sale.at_s) / 2
