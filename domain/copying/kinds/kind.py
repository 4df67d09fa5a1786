"""What a decision kind is: the evidence it needs, and what it makes of an entry. A new one is a file here and its line in `kinds.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from data_contracts import Consensus, Instrument, Reason, Trade
from domain.copying.evidence import Evidence, Need
from domain.copying.policy import Policy


@dataclass(frozen=True, slots=True)
class Entry:
    """A leader's BUY that everything else allows, as a kind is asked about it."""

    trade: Trade
    instrument: Instrument
    policy: Policy
    evidence: Evidence
    as_of: datetime

    @property
    def consensus(self) -> Consensus | None:
        """Of the skilled holders, by whoever votes in this strategy."""
        return self.evidence.consensus.get((self.trade.token_id, self.policy.owrr.votes_by))


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 1 each: the whole, its four factors, and what these are made of. `other_owners` is a count."""

    score: float
    wallet_score: float
    win_rate: float
    pnl: float
    consistency: float
    cluster_score: float
    other_owners: int
    token_score: float
    liquidity: float
    age: float
    concentration: float
    timing_score: float
    since_launch: float
    demand: float


@dataclass(frozen=True, slots=True)
class Conviction:
    """Why it is copied, how likely it wins if anybody can say (0 to 1), and its score where the kind gives one."""

    reason: Reason
    chance: float | None = None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class Unconvinced:
    """Why it is not copied, with a score that shall be on record all the same."""

    reason: Reason
    score: Score


@dataclass(frozen=True, slots=True)
class DecisionKind:
    """`says` is for the operator's form, `needs` what is fetched for a strategy of these numbers, `answer` a conviction or our no."""

    says: str
    needs: Callable[[Policy], frozenset[Need]]
    answer: Callable[[Entry], Conviction | Unconvinced | Reason]
