"""What a wallet does when its turn comes: buy, sell or let it pass. One function per kind of wallet."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.books import Quote
from sandbox.categories import Category
from sandbox.paths import from_log_odds, log_odds
from sandbox.wallets import Kind, Wallet

_EDGE = 0.02  # USD per share that someone who knows wants above costs
_FORTUNATE = 0.15  # of a lucky wallet's turns; with more it could not be luck
_FEWEST_HUNDREDTHS = 500  # five shares, the venue's smallest order
_MOST_HUNDREDTHS = 400_000  # no order here eats a whole book


class Moment(NamedTuple):
    """What a wallet could see at its turn, and the dice it throws."""

    at_s: float
    truth: float  # of the first outcome; only some wallets look
    belief: float
    quote: Quote
    category: Category
    fortune: int | None  # the outcome a lucky wallet stumbles upon
    dice: tuple[float, float, float]  # uniform
    swing: float  # normal


class Order(NamedTuple):
    outcome: int
    is_buy: bool
    hundredths: int


Held = tuple[int, int]  # hundredths of a share of each outcome


def decide(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    return _DECIDE[wallet.kind](wallet, moment, held)


def estimate(wallet: Wallet, moment: Moment) -> float:
    """What the wallet thinks of the first outcome: the market's belief, corrected as far as its skill goes."""
    belief = log_odds(moment.belief)
    return from_log_odds(belief + wallet.knows(moment.at_s) * (log_odds(moment.truth) - belief) + 0.1 * moment.swing)


def _informed(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    first = estimate(wallet, moment)
    for outcome, worth in enumerate((first, 1 - first)):
        if held[outcome] and moment.quote.sell(outcome) / 1000 > worth + _cost(moment, outcome):
            return _sale(moment, outcome, held)
        if worth > moment.quote.buy(outcome) / 1000 + _cost(moment, outcome) + _EDGE:
            return _purchase(wallet, moment, outcome)
    return None


def _random(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    outcome = int(moment.dice[0] < 0.5)
    if held[outcome] and moment.dice[1] < 0.45:
        return _sale(moment, outcome, held)
    return _purchase(wallet, moment, outcome)


def _lucky(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    if moment.fortune is None or moment.dice[0] > _FORTUNATE:
        return _random(wallet, moment, held)
    return _purchase(wallet, moment, moment.fortune)


def _in_and_out(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    """Whatever it holds goes at once and whole; else it buys."""
    for outcome in (0, 1):
        if held[outcome] >= _FEWEST_HUNDREDTHS:
            return Order(outcome, False, min(held[outcome], _MOST_HUNDREDTHS))
    return _purchase(wallet, moment, int(moment.dice[0] < 0.5))


def _favourite(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    return _priced_between(600, 950, wallet, moment, held)


def _longshot(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    return _priced_between(20, 300, wallet, moment, held)


def _maker(wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    """Rests and waits; takes only to lay off what it was left with."""
    outcome = int(held[1] > held[0])
    return _sale(moment, outcome, held) if held[outcome] >= _FEWEST_HUNDREDTHS else None


def _priced_between(low: int, high: int, wallet: Wallet, moment: Moment, held: Held) -> Order | None:
    for outcome in (0, 1):
        if held[outcome] and moment.dice[1] < 0.2:
            return _sale(moment, outcome, held)
        if low <= moment.quote.buy(outcome) <= high:
            return _purchase(wallet, moment, outcome)
    return None


_DECIDE: dict[Kind, Callable[[Wallet, Moment, Held], Order | None]] = {
    Kind.SKILLED: _informed,
    Kind.LUCKY: _lucky,
    Kind.FAVOURITE: _favourite,
    Kind.LONGSHOT: _longshot,
    Kind.MAKER: _maker,
    Kind.DECAYING: _informed,
    Kind.INSIDER: _informed,
    Kind.WASH: _in_and_out,
    Kind.BAIT: _in_and_out,
    Kind.UNSKILLED: _random,
}


def _cost(moment: Moment, outcome: int) -> float:
    """The taker's fee in USD per share."""
    price = moment.quote.buy(outcome) / 1000
    return moment.category.fee_rate * price * (1 - price)


def _purchase(wallet: Wallet, moment: Moment, outcome: int) -> Order:
    usd = min(max(wallet.typical_usd * (0.4 + 1.6 * moment.dice[2] ** 2), 5.0), 5_000.0)
    hundredths = int(usd * 100_000 / moment.quote.buy(outcome))
    return Order(outcome, True, min(max(hundredths, _FEWEST_HUNDREDTHS), _MOST_HUNDREDTHS))


def _sale(moment: Moment, outcome: int, held: Held) -> Order:
    part = held[outcome] if moment.dice[2] < 0.6 else held[outcome] // 2
    wanted = held[outcome] if part < _FEWEST_HUNDREDTHS else part
    return Order(outcome, False, min(wanted, _MOST_HUNDREDTHS))
