"""Does a wallet still know what it knew? A sequential test of its bets with a stated rate of false alarms, and the brief's three rules.

**The test** is Page's CUSUM on the log-likelihood ratio of "the edge is gone" to "the edge is as it was", bet by bet, against the price
that was paid. It never falls below zero, and rings when it reaches a threshold. The threshold is no matter of taste: it is where a wallet
that keeps its edge rings within its next 100 bets with the wanted probability, computed for this wallet's own edge and prices by following
the distribution of the statistic bet by bet. A wallet that rang is heard again when the mirrored test (the edge is back, not gone) rings.

**The brief's rules** look at wins alone. They are kept and shown; a healthy wallet that wins 60 % breaks one within 100 bets in 99 of 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from data_contracts.words import BriefFlag, Form

Floats = npt.NDArray[np.float64]

FALSE_ALARMS = 0.04  # per 100 bets of a wallet that keeps its edge
HORIZON = 100
STATES = 300  # of the statistic between zero and the threshold
PRICES = 12  # a wallet's prices are told apart by this many quantiles
HALVINGS = 14  # of the interval the threshold is looked for in
HIGHEST = 12.0  # e^12 to 1
ROLLING, LOWEST_WIN_RATE, LOSSES, SILENCE = 20, 0.40, 3, timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Threshold:
    """`false_alarms` is the probability that a wallet as it should be reaches `value` within HORIZON bets."""

    value: float
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Watched:
    """What the test says after the last bet. `since`: the place of the bet that last changed the form, None if none did."""

    form: Form
    statistic: float
    since: int | None


def loss_evidence(payoff: Floats, chance: Floats, edge: float) -> Floats:
    """Evidence per bet that the edge is gone: the log-likelihood ratio of no edge to `edge`, in log-odds."""
    return np.asarray(np.log1p(chance * np.expm1(edge)) - edge * payoff)


def cusum(steps: Floats) -> Floats:
    """Page's statistic after each step, along the last axis."""
    walk = np.cumsum(steps, axis=-1)
    return np.asarray(walk - np.minimum(np.minimum.accumulate(walk, axis=-1), 0))


def fading(chances: Floats, edge: float, false_alarms: float = FALSE_ALARMS) -> Threshold:
    """Where to ring, so that a wallet that keeps `edge` and pays prices with chances like these rings that seldom."""
    chance, wins = _typical(chances, edge)
    return _threshold(loss_evidence(np.ones(PRICES), chance, edge), loss_evidence(np.zeros(PRICES), chance, edge), wins, false_alarms)


def returning(chances: Floats, edge: float, false_alarms: float = FALSE_ALARMS) -> Threshold:
    """Where to hear a wallet again, so that one without an edge is heard that seldom."""
    chance, wins = _typical(chances, 0.0)
    return _threshold(-loss_evidence(np.ones(PRICES), chance, edge), -loss_evidence(np.zeros(PRICES), chance, edge), wins, false_alarms)


def watch_bets(payoff: Floats, chance: Floats, edge: float, fades: Threshold, returns: Threshold) -> Watched:
    """The bets in the order their results came: alarm, recovery, alarm, as often as they happen."""
    form, start, since = Form.IN_FORM, 0, None
    steps = loss_evidence(payoff, chance, edge)
    while True:
        sign, limit = (1, fades.value) if form is Form.IN_FORM else (-1, returns.value)
        statistic = cusum(sign * steps[start:])
        rung = np.flatnonzero(statistic >= limit)
        if not rung.size:
            return Watched(form, float(statistic[-1]) if statistic.size else 0.0, since)
        since = start + int(rung[0])
        form, start = (Form.FADED if form is Form.IN_FORM else Form.IN_FORM), since + 1


def brief_flag(won: Sequence[bool], last_trade_at: datetime, as_of: datetime) -> BriefFlag:
    """The brief's rules, the gravest first; each is over as soon as what it names is."""
    if as_of - last_trade_at >= SILENCE:
        return BriefFlag.DORMANT
    if len(won) >= LOSSES and not any(won[-LOSSES:]):
        return BriefFlag.DOWNGRADED
    if len(won) >= ROLLING and sum(won[-ROLLING:]) < LOWEST_WIN_RATE * ROLLING:
        return BriefFlag.REVIEW
    return BriefFlag.GOOD


def rings_within(chances: Floats, edge: float, limit: float, bets: int) -> float:
    """The probability that a wallet that keeps `edge`, and pays prices with chances like these, rings within so many bets."""
    chance, wins = _typical(chances, edge)
    steps = np.concatenate([loss_evidence(np.ones(PRICES), chance, edge), loss_evidence(np.zeros(PRICES), chance, edge)])
    return _rings(steps, np.concatenate([wins, 1 - wins]) / PRICES, limit, bets)


def _typical(chances: Floats, edge: float) -> tuple[Floats, Floats]:
    """Quantiles of the chances paid for, and how often each wins with this edge."""
    chance = np.quantile(chances, (np.arange(PRICES) + 0.5) / PRICES)
    return chance, chance * np.exp(edge) / (1 + chance * np.expm1(edge))


def _threshold(if_won: Floats, if_lost: Floats, wins: Floats, false_alarms: float) -> Threshold:
    """The lowest value that is reached no oftener than that, by halving."""
    steps, probabilities = np.concatenate([if_won, if_lost]), np.concatenate([wins, 1 - wins]) / PRICES
    low, high = 0.0, HIGHEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _rings(steps, probabilities, middle) > false_alarms else (low, middle)
    return Threshold(high, _rings(steps, probabilities, high))


def _rings(steps: Floats, probabilities: Floats, limit: float, bets: int = HORIZON) -> float:
    """The probability of reaching `limit` within so many steps: the distribution over STATES, and what has left it."""
    unit = limit / STATES
    place = np.arange(STATES)[:, None] + np.maximum(steps / unit, -float(STATES))[None, :]
    place = np.maximum(place, 0.0)
    low = np.floor(place).astype(np.int64)
    share = place - low
    origin = np.broadcast_to(np.arange(STATES)[:, None], place.shape)
    moves = np.zeros(STATES * (STATES + 1))
    for target, part in ((low, 1 - share), (low + 1, share)):  # what falls between two states is split between them
        flat = (origin * (STATES + 1) + np.minimum(target, STATES)).ravel()
        moves += np.bincount(flat, (part * probabilities[None, :]).ravel(), moves.size)
    inside = moves.reshape(STATES, STATES + 1)[:, :STATES]
    now = np.zeros(STATES)
    now[0] = 1.0
    for _ in range(bets):
        now = now @ inside
    return float(1 - now.sum())
