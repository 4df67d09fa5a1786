"""The judge knows the table of decision kinds and none of its names: one line adds another."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data_contracts import Kind, Reason
from domain.copying.evidence import Need
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry
from domain.copying.kinds.kinds import KINDS
from domain.copying.policy import Policy, SizingPolicy

REPOSITORY = Path(__file__).parents[4]


def whales(entry: Entry) -> Conviction | Reason:
    """A kind of this test: what is worth 100 USD or more is surely right."""
    return Conviction(Reason.LEADER_TRADED, chance=1.0) if entry.trade.notional >= 100 else Reason.CONFIDENCE_TOO_LOW


@pytest.fixture
def whale_kind(monkeypatch: pytest.MonkeyPatch) -> Kind:
    monkeypatch.setitem(KINDS, Kind.SCORE, DecisionKind("score: whales only", lambda policy: frozenset(), whales))  # type: ignore[arg-type]
    return Kind.SCORE


@pytest.mark.parametrize(("notional", "reason"), [(100, Reason.LEADER_TRADED), (99, Reason.CONFIDENCE_TOO_LOW)])
def test_a_kind_is_one_line_in_the_table(
    whale_kind: Kind, a_trade: Any, a_judge: Any, verdict_on: Any, notional: int, reason: Reason
) -> None:
    assert verdict_on(a_trade(notional=notional), a_judge(kind=whale_kind)).reason is reason


def test_a_kinds_chance_to_win_sizes_what_goes_by_it(whale_kind: Kind, a_trade: Any, a_judge: Any, verdict_on: Any) -> None:
    """10,000 USD x 2 % at a chance of 1: 200 USD."""
    one = a_judge(kind=whale_kind, policy={"sizing": {"kind": "conviction", "risk_fraction": 0.02}})
    assert verdict_on(a_trade(), one).notional == 200


def test_only_what_a_strategy_needs_is_named(as_of: datetime) -> None:
    """Mirror's fixed sizes need nobody's opinion; its conviction sizes, and every consensus, do."""
    fixed, by_conviction = (Policy(sizing=SizingPolicy(kind=kind)) for kind in ("fixed", "conviction"))
    assert [KINDS[Kind.MIRROR].needs(policy) for policy in (fixed, by_conviction)] == [frozenset(), {Need.CONSENSUS}]
    assert KINDS[Kind.OWRR].needs(fixed) == {Need.CONSENSUS}


def test_nobody_but_the_table_asks_which_kind_it_is() -> None:
    """The words may be stored, shown and offered; what follows from them stands in the kind's own file."""
    asks = re.compile(r"\bKind\.[A-Z]+|\.kind (is|==|in)\b(?! (not )?FillKind)")  # a fill's kind is another word
    rooms = [REPOSITORY / room for room in ("domain/copying", "tasks/copying", "flows")]
    files = [path for room in rooms for path in room.rglob("*.py") if path.name != "kinds.py"]
    named = [f"{path}: {line}" for path in files for line in path.read_text().splitlines() if asks.search(line)]
    assert [line for line in named if "sizing.kind" not in line] == []
