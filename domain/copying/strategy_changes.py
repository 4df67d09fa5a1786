"""What is another between two states of a strategy, line by line."""

from data_contracts import Strategy, StrategyVersion
from domain.copying.policy import Policy
from domain.copying.policy_changes import differences, in_words

CELLS = ("venue", "kind", "balance", "enabled")
Line = dict[str, str]
State = Strategy | StrategyVersion


def changed_lines(before: State | None, after: State, from_policy: Policy | None = None) -> list[Line]:
    """What it was and what it is, of each cell and number that differs. A new strategy was nothing; its policy that of `from_policy`."""
    old = from_policy or (Policy.of_record(before.policy) if before else Policy())
    cells = [(name, in_words(getattr(before, name)) if before else "", in_words(getattr(after, name))) for name in CELLS]
    lines = (*(line for line in cells if line[1] != line[2]), *differences(old, Policy.of_record(after.policy)))
    return [{"what": name, "was": was, "is": now} for name, was, now in lines]


def are_alike(one: State, other: State) -> bool:
    """Whether nothing is another between them; a policy is what it says, however it is written."""
    return not changed_lines(one, other)
