"""Every entry the firewall lets through is copied. The consensus, where sizes depend on one, only says how much."""

from data_contracts import Reason
from domain.copying.evidence import Need
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry
from domain.copying.kinds.owrr import chance
from domain.copying.policy import Policy

SIZES_BY_CHANCE = ("conviction", "kelly")


def needs(policy: Policy) -> frozenset[Need]:
    """Nothing, unless its sizes go by the chance to win."""
    return frozenset({Need.CONSENSUS} if policy.sizing.kind in SIZES_BY_CHANCE else ())


def answer(entry: Entry) -> Conviction | Reason:
    """The leader traded: that is reason enough."""
    return Conviction(Reason.LEADER_TRADED, chance(entry.consensus, entry.policy.owrr, entry.as_of))


MIRROR = DecisionKind("mirror: firewall and sizing only", needs, answer)
