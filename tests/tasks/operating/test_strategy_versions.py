"""What a strategy was is kept for ever, whoever changed it, and it can be that again."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.connect import in_memory, open_results
from adapters.settings import Settings
from data_contracts import Kind, Quarantined, Strategy, StrategyVersion
from data_contracts.errors import Refused
from domain.copying.policy import FollowPolicy, Policy
from domain.copying.policy_changes import PolicyChanges
from tasks.operating.first_strategies import put_first_strategies
from tasks.operating.following import name_wallet
from tasks.operating.strategies import put_strategy
from tasks.operating.strategy_editing import StrategyChanges, change_strategy
from tasks.operating.strategy_versions import history_lines
from tests.flows.conftest import Tape, TapeHouse

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
WALLET = "0x" + "a" * 40
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[TapeHouse]:
    """An empty house in memory."""
    with in_memory(a_tape(tmp_path)) as house:
        yield TapeHouse(house)


def a_tape(directory: Path) -> Path:
    tape = Tape(directory / "tape")
    tape.trade(0, WALLET, "BUY", "1000", "0.40")
    return tape.write()


def edit(home: Any, second: int = 0, strategy_id: str = "one", **given: Any) -> list[dict[str, str]]:
    return change_strategy(strategy_id, StrategyChanges(**given), home.settings, T0 + timedelta(seconds=second))


def versions(home: Any, strategy_id: str = "one") -> list[StrategyVersion]:
    return list(home.rows(StrategyVersion, strategy_id=strategy_id))


def state(row: Strategy | StrategyVersion) -> tuple[object, ...]:
    return row.venue, row.kind, row.policy, row.balance, row.enabled


def percent(number: float) -> Any:
    return PolicyChanges.model_validate({"sizing": {"percent": number}})


def test_an_edit_keeps_what_was_there_before_it(home: Any) -> None:
    """An edit overwrote the row: what it was stood in an artifact alone, which goes after 14 days."""
    edit(home, balance=Decimal(1_000), why="to begin with")
    edit(home, 1, policy=percent(25), why="it copied too little")
    edit(home, 2, enabled=False)
    assert [(row.version, row.updated_at, row.why, row.balance, row.enabled) for row in versions(home)] == [
        (1, T0, "to begin with", 1_000, True),
        (2, T0 + timedelta(seconds=1), "it copied too little", 1_000, True),
        (3, T0 + timedelta(seconds=2), "", 1_000, False),
    ]
    assert [Policy.of_record(row.policy).sizing.percent for row in versions(home)] == [Policy().sizing.percent, 25, 25]
    assert state(versions(home)[-1]) == state(home.rows(Strategy)[0])


def test_going_back_is_a_new_version_that_equals_the_old_one(home: Any) -> None:
    edit(home, balance=Decimal(1_000))
    edit(home, 1, policy=percent(25), balance=Decimal(2_000))
    assert edit(home, 2, back_to=1, why="it lost") == [
        {"what": "balance", "was": "2000", "is": "1000"},
        {"what": "sizing.percent", "was": "25", "is": str(Policy().sizing.percent)},
    ]
    first, second, third = versions(home)
    assert state(third) == state(first) == state(home.rows(Strategy)[0])
    assert (third.why, third.updated_at, third.created_at) == ("back to version 1: it lost", T0 + timedelta(seconds=2), T0)
    edit(home, 3, back_to=2)  # undone once more
    assert state(versions(home)[3]) == state(second)


def test_what_changes_nothing_is_no_version(home: Any) -> None:
    edit(home)
    before = home.rows(Strategy)
    assert edit(home, 1, balance=Decimal(10_000), enabled=True, policy=PolicyChanges.model_validate({})) == []
    assert edit(home, 2, back_to=1) == []
    assert home.rows(Strategy) == before
    assert len(versions(home)) == 1


def test_a_policy_that_is_only_written_another_way_is_no_version(home: Any) -> None:
    """An older version wrote fewer fields: each strategy would have had a version that differs in nothing."""
    home.put(replace(home.strategy("one", "mirror", Policy()), policy="{}"))
    assert edit(home, balance=home.rows(Strategy)[0].balance) == []
    assert versions(home) == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"back_to": 2}, "one has no version 2: it has 1"),
        ({"back_to": 1, "balance": Decimal(5)}, "version 1 is taken as it was: leave everything else empty"),
        ({"back_to": 1, "without": ["exits.stop_loss"]}, "leave everything else empty"),
        ({"back_to": 1, "strategy_id": "nine"}, "nine has no version 1: none is on record of it"),
    ],
)
def test_a_version_there_is_not_and_one_with_changes_are_refused(home: Any, given: dict[str, Any], says: str) -> None:
    edit(home)
    with pytest.raises(Refused, match=says):
        edit(home, 1, **given)
    assert len(home.rows(StrategyVersion)) == 1


def test_a_row_of_before_there_were_versions_or_by_another_hand_becomes_one_first(home: Any) -> None:
    row = home.strategy("one", "mirror", Policy())
    home.put(row)
    edit(home, 1, balance=Decimal(7))
    home.put(replace(home.rows(Strategy)[0], balance=Decimal(8)))  # by SQL
    edit(home, 2, balance=Decimal(9))
    assert [(one.version, one.balance, one.why) for one in versions(home)] == [
        (1, row.balance, "as it was found"),
        (2, 7, ""),
        (3, 8, "as it was found"),
        (4, 9, ""),
    ]


def test_a_row_that_cannot_be_read_is_set_aside_and_any_version_takes_its_place(home: Any) -> None:
    edit(home, balance=Decimal(7))
    home.put(replace(home.rows(Strategy)[0], kind="oracle", balance=Decimal("NaN")))
    edit(home, 1, back_to=1)
    assert state(home.rows(Strategy)[0]) == state(versions(home)[0])
    assert [one.version for one in versions(home)] == [1, 2]
    (aside,) = home.rows(Quarantined)
    assert (aside.table, "oracle" in aside.row) == ("strategies", True)


def test_a_version_that_is_read_no_more_is_refused_and_its_number_is_not_given_twice(home: Any) -> None:
    edit(home)
    home.put(replace(versions(home)[0], policy='{"sizing": {"percent": "much"}}'), replace(versions(home)[0], version=2, policy="no JSON"))
    with pytest.raises(Refused, match="version 1 of one cannot be read any more: sizing"):
        edit(home, 1, back_to=1)
    edit(home, 2, balance=Decimal(5))
    assert max(one.version for one in versions(home)) >= 3


def test_every_writer_leaves_a_version(home: Any) -> None:
    put_first_strategies(home.settings, T0)
    put_strategy("two", Kind.MIRROR, Policy(), Decimal(5), True, home.settings, T0, why="of the environment")
    edit(home, 1, "three", like="two")
    name_wallet("two", WALLET, True, home.settings, T0 + timedelta(seconds=1))
    name_wallet("two", WALLET, False, home.settings, T0 + timedelta(seconds=2))
    found = [(one.strategy_id, one.version, one.why) for one in home.rows(StrategyVersion)]
    assert found == [
        ("consensus", 1, "what a new house starts with"),
        ("mirror-best", 1, "what a new house starts with"),
        ("three", 1, "a copy of two"),
        ("two", 1, "of the environment"),
        ("two", 2, f"follow {WALLET}"),
        ("two", 3, f"unfollow {WALLET}"),
    ]


def test_nothing_else_writes_strategies() -> None:
    """Benchmarks, chaos and the simulation make houses of their own; what writes out a replay takes its versions along."""
    sources = [path for room in ("tasks", "flows", "deployments", "notebooks", "adapters") for path in (ROOT / room).rglob("*.py")]
    writers = [path.name for path in sources if re.search(r"Write\(\s*Strategy\b", path.read_text())]
    assert writers == ["strategy_versions.py"]


def test_the_history_says_of_each_version_what_it_made_another(home: Any) -> None:
    edit(home, kind=Kind.MIRROR, balance=Decimal(1_000), policy=PolicyChanges.model_validate({"follow": {"top": 7}}))
    edit(home, 1, enabled=False, policy=percent(25), why="enough")
    found = [(one["version"], one["what"], one["was"], one["is"], one["why"]) for one in history_lines("one", open_results(home.settings))]
    assert found == [
        (1, "venue", "", "polymarket", ""),
        (1, "kind", "", "mirror", ""),
        (1, "balance", "", "1000", ""),
        (1, "enabled", "", "yes", ""),
        (1, "follow.top", str(FollowPolicy().top), "7", ""),
        (2, "enabled", "yes", "no", "enough"),
        (2, "sizing.percent", str(Policy().sizing.percent), "25", "enough"),
    ]
    with pytest.raises(Refused, match="nothing is on record of a strategy 'nine'"):
        history_lines("nine", open_results(home.settings))


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with in_memory(a_tape(tmp_path_factory.mktemp("versions"))) as house:
        yield house


EDITS = st.one_of(
    st.builds(lambda stake: {"balance": Decimal(stake)}, st.integers(1, 3)),
    st.builds(lambda is_on: {"enabled": is_on}, st.booleans()),
    st.builds(lambda number: {"policy": percent(number)}, st.integers(1, 3)),
    st.builds(lambda number: {"back_to": number}, st.integers(1, 4)),
)


@settings(max_examples=20)
@given(st.lists(EDITS, min_size=1, max_size=8), st.uuids())
def test_whatever_is_done_each_version_is_as_it_was_written_and_the_last_is_the_row(
    memory: Settings, edits: list[dict[str, Any]], name: Any
) -> None:
    results, strategy_id, before = open_results(memory), f"s-{name.hex[:20]}", list[StrategyVersion]()
    change_strategy(strategy_id, StrategyChanges(), memory, T0)
    for second, changes in enumerate(edits, 1):
        if changes.get("back_to", 0) > len(before):
            continue
        change_strategy(strategy_id, StrategyChanges(**changes), memory, T0 + timedelta(seconds=second))
        after = results.rows(StrategyVersion, strategy_id=strategy_id)
        assert after[: len(before)] == before
        assert [one.version for one in after] == list(range(1, len(after) + 1))
        assert state(after[-1]) == state(results.rows(Strategy, strategy_id=strategy_id)[0])
        before = after
