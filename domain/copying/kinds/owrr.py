"""Which outcome do the skilled holders favour? Omega-weighted, by the square root of the money they have at risk."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, isnan, sqrt

from data_contracts import Confidence, Consensus, Instrument, Reason
from domain.copying.evidence import Need
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry
from domain.copying.policy import OwrrPolicy

TOP_HOLDERS = 20
MIN_RESOLVED = 10
MIN_QUALIFIED = 3
OMEGA_BOUNDS = (0.1, 5.0)
NEUTRAL = 0.5


@dataclass(frozen=True, slots=True)
class Holder:
    """A wallet's open position on one side, with its record in the market's category. `owner` is its cluster, or itself."""

    wallet: str
    owner: str
    money_at_risk: float
    value: float
    omega: float | None
    resolved_positions: int


@dataclass(frozen=True, slots=True)
class Vote:
    """What one owner says."""

    owner: str
    omega: float
    money_at_risk: float

    @property
    def weight(self) -> float:
        return self.omega * sqrt(self.money_at_risk)


@dataclass(frozen=True, slots=True)
class Agreement:
    """OWRR of a side against the others, 0 to 1, and what stands behind it. 0.5 when too few are qualified."""

    owrr: float
    score_for: float
    score_against: float
    qualified_for: int
    qualified_against: int
    confidence: Confidence


def agreement(holders_for: Sequence[Holder], holders_against: Sequence[Holder]) -> Agreement:
    """How far the qualified holders favour one side."""
    votes_for, votes_against = votes(holders_for), votes(holders_against)
    counts = len(votes_for), len(votes_against)
    if min(counts) < MIN_QUALIFIED:
        return Agreement(NEUTRAL, 0.0, 0.0, *counts, Confidence.INSUFFICIENT)
    score_for, score_against = (sum(vote.weight for vote in side) for side in (votes_for, votes_against))
    total = score_for + score_against
    return Agreement(score_for / total if total else NEUTRAL, score_for, score_against, *counts, confidence_of(sum(counts)))


def votes(holders: Sequence[Holder]) -> list[Vote]:
    """One vote per owner among the side's 20 most valuable holders: risk summed, omega weighted by risk."""
    top = sorted(holders, key=lambda holder: (-holder.value, holder.wallet))[:TOP_HOLDERS]
    owners: dict[str, list[Holder]] = defaultdict(list)
    for holder in top:
        if _qualified(holder):
            owners[holder.owner].append(holder)
    return [_vote(owner, members) for owner, members in owners.items()]


def omega_of(gains: float, losses: float) -> float | None:
    """Gains per loss, clamped to 0.1 … 5. Nothing lost is 5; no result at all is no record."""
    _low, high = OMEGA_BOUNDS
    if gains <= 0 and losses <= 0:
        return None
    return high if losses <= 0 else clamp(gains / losses)


def clamp(omega: float) -> float:
    """Omega within the bounds that keep one lucky wallet from outvoting the rest."""
    low, high = OMEGA_BOUNDS
    return min(max(omega, low), high)


def confidence_of(qualified: int) -> Confidence:
    """20 voters are high, 12 medium, fewer low."""
    return Confidence.HIGH if qualified >= 20 else Confidence.MEDIUM if qualified >= 12 else Confidence.LOW


def at_least(confidence: Confidence, minimum: Confidence) -> bool:
    """Whether a confidence reaches a minimum."""
    order = [Confidence.INSUFFICIENT, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]
    return order.index(confidence) >= order.index(minimum)


def slider(owrr: float) -> int:
    """0 to 100 as people see it. Half goes up: Python's round would turn 40.5 into 40."""
    return floor(100 * owrr + 0.5)


def _qualified(holder: Holder) -> bool:
    """No record and NaN do not vote: one NaN would make the whole consensus NaN."""
    has_record = holder.omega is not None and not isnan(holder.omega) and holder.resolved_positions >= MIN_RESOLVED
    return has_record and holder.money_at_risk > 0


def _vote(owner: str, members: Iterable[Holder]) -> Vote:
    members = list(members)
    risk = sum(member.money_at_risk for member in members)
    omega = sum(clamp(member.omega or 0.0) * member.money_at_risk for member in members) / risk
    return Vote(owner, omega, risk)


def consensus_denial(
    outcome: str, instrument: Instrument, consensus: Consensus | None, policy: OwrrPolicy, as_of: datetime
) -> Reason | None:
    """Steps 1 to 3 of seven: a tracked category, a consensus of now strictly past its threshold, enough voters behind it."""
    if not instrument.category or (policy.categories and instrument.category not in policy.categories):
        return Reason.CATEGORY_NOT_TRACKED
    if consensus is None or consensus.confidence is Confidence.INSUFFICIENT:
        return Reason.CONSENSUS_INSUFFICIENT
    if not is_current(consensus, policy, as_of):
        return Reason.CONSENSUS_STALE
    threshold = 100 - policy.no_below if outcome == "No" else policy.yes_above
    if not consensus.owrr > threshold / 100:  # 100 x 0.55 is 55.00000000000001, above 55
        return Reason.CONSENSUS_BELOW_THRESHOLD
    return None if at_least(consensus.confidence, policy.min_confidence) else Reason.CONFIDENCE_TOO_LOW


def is_current(consensus: Consensus, policy: OwrrPolicy, as_of: datetime) -> bool:
    """Whether it may still speak: what the holders thought an hour ago copies nothing, and neither does what they will think."""
    return 0 <= (as_of - consensus.computed_at).total_seconds() <= policy.max_age_s


def chance(consensus: Consensus | None, policy: OwrrPolicy, as_of: datetime) -> float | None:
    """That the outcome wins, as far as its holders know; None where too few of them say so, or said so too long ago."""
    speaks = consensus is not None and consensus.confidence is not Confidence.INSUFFICIENT and is_current(consensus, policy, as_of)
    return consensus.owrr if consensus and speaks else None


def answer(entry: Entry) -> Conviction | Reason:
    """The consensus favours it, or why not."""
    policy, consensus = entry.policy.owrr, entry.consensus
    denied = consensus_denial(entry.trade.outcome, entry.instrument, consensus, policy, entry.as_of)
    return denied or Conviction(Reason.CONSENSUS_FAVOURS, chance(consensus, policy, entry.as_of))


OWRR = DecisionKind("owrr: consensus of the skilled holders", lambda policy: frozenset({Need.CONSENSUS}), answer)
