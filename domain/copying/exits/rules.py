"""The table of exit rules, the strongest first: where two speak, the first takes over what the other has left."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from data_contracts import Reason
from domain.copying.exits.rule import ExitRule, OwnExit, own_exit
from domain.copying.exits.stagnation import stagnation
from domain.copying.exits.stop_loss import stop_loss
from domain.copying.exits.take_profit import take_profit
from domain.copying.exits.time_exit import time_exit
from domain.copying.exits.trailing_stop import trailing_stop
from domain.copying.marking import MarkedPosition
from domain.copying.policy import ExitPolicy

RULES: Mapping[Reason, ExitRule | None] = {
    Reason.OPERATOR_EXIT: None,  # a person asks for it: `ordered.py`
    Reason.STOP_LOSS: stop_loss,
    Reason.LEADER_EXITED: None,  # no rule of ours: it comes with a trade
    Reason.TRAILING_STOP: trailing_stop,
    Reason.TIME_EXIT: time_exit,
    Reason.STAGNATION: stagnation,
    Reason.TAKE_PROFIT: take_profit,
}


TAKES_ALL = frozenset(  # all but a moonbag
    {Reason.OPERATOR_EXIT, Reason.STOP_LOSS, Reason.TRAILING_STOP, Reason.TIME_EXIT, Reason.STAGNATION}
)


def takes_over(reason: Reason, fraction: Decimal) -> bool:
    """Whether an exit takes what weaker ones have not sold yet: it wants all there is, or all but a moonbag."""
    return fraction == 1 or reason in TAKES_ALL


def strength(reason: Reason) -> int:
    """A reason's place in the table: the lower, the stronger."""
    return list(RULES).index(reason)


def own_exits(position: MarkedPosition, policy: ExitPolicy, as_of: datetime) -> list[OwnExit]:
    """Every rule that speaks for this position now, the strongest first. None for a position that is younger than the cycle."""
    if position.shares <= 0 or position.opened_at > as_of:
        return []
    rules = ((reason, rule) for reason, rule in RULES.items() if rule)
    return [own_exit(position, reason, asked, as_of) for reason, rule in rules for asked in rule(position, policy, as_of)]
