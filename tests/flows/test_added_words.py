"""What it takes to add a decision kind and a risk rule, with words of their own: a copy of this tree in which exactly that is done.

A kind is stored, offered in the operator's form and checked in every row, so its word stands in the closed vocabulary of `words.py`, which
imports nothing and cannot read the table of kinds: that is one line more. Of a rule nobody stores the name but the rule.
"""

import shutil
import subprocess
import sys
from difflib import ndiff
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROOMS = ("adapters", "data_contracts", "domain", "flows", "tasks")

NEW_FILES = {
    "domain/copying/kinds/whales.py": '''
"""A leader's 1,000 USD are reason enough."""

from data_contracts import Reason
from domain.copying.kinds.kind import Conviction, DecisionKind, Entry


def answer(entry: Entry) -> Conviction | Reason:
    return Conviction(Reason.LEADER_TRADED) if entry.trade.notional >= 1000 else Reason.CONFIDENCE_TOO_LOW


WHALES = DecisionKind("whales: large trades only", lambda policy: frozenset(), answer)
''',
    "domain/copying/risk/quiet_afterwards.py": '''
"""Risk rule: nothing is entered in the five minutes after a look at less than 10,000 USD."""

from datetime import timedelta
from typing import ClassVar, Self

from pydantic import AwareDatetime

from data_contracts import Reason, TradingState
from domain.copying.policy import RiskPolicy
from domain.copying.risk.rule import Figures, Rule


class QuietAfterwards(Rule):
    name: ClassVar[str] = "quiet_afterwards"
    reason: ClassVar[Reason] = Reason.TRADING_REDUCING

    less_at: AwareDatetime | None = None

    @classmethod
    def begun(cls, figures: Figures) -> Self:
        return cls()

    def after(self, figures: Figures, policy: RiskPolicy) -> Self:
        less_at = figures.as_of if figures.equity < 10_000 else self.less_at
        quiet = less_at is not None and figures.as_of - less_at < timedelta(minutes=5)
        return self.saying(TradingState.REDUCING if quiet else TradingState.ACTIVE, figures.as_of, less_at=less_at)
''',
}
NEW_LINES = {  # file → (the line before it, the new line): tables with their imports, and the word
    "domain/copying/kinds/kinds.py": [
        ("from domain.copying.kinds.score import SCORE", "from domain.copying.kinds.whales import WHALES"),
        ("    Kind.SCORE: SCORE,", "    Kind.WHALES: WHALES,"),
    ],
    "data_contracts/words.py": [('    MIRROR = "mirror"', '    WHALES = "whales"')],
    "domain/copying/risk/rules.py": [
        ("from domain.copying.risk.drawdown import Drawdown", "from domain.copying.risk.quiet_afterwards import QuietAfterwards"),
        ("    StopsInARow,", "    QuietAfterwards,"),
    ],
}
CYCLES = """
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from adapters.connect import in_memory, open_results
from data_contracts import RiskState, Signal, Strategy
from domain.copying.policy import FollowPolicy, Policy, SizingPolicy
from flows.copy_trading import copy_cycle
from flows.strategy_editing import edit_strategy
from tasks.profiling.leaders import choose_leaders
from tasks.operating.strategies import put_strategy
from tasks.steps import bare_steps
from data_contracts import Kind

T0, LEADER, tape = datetime(2022, 11, 8, 12, tzinfo=UTC), "0x" + "a" * 40, Path(sys.argv[1])
trades = [(0, "m", 1000.0), (0, "small", 500.0), (40, "late", 1000.0)]
rows = [{"traded_at": T0 + timedelta(seconds=at), "wallet": LEADER, "market_id": market, "outcome": "Yes", "side": "BUY",
         "shares": usd / 0.5, "price": 0.5} for at, market, usd in trades]
pl.DataFrame(rows).write_parquet(tape / "trades.parquet")
markets = pl.DataFrame({"market_id": ["m", "small", "late"], "winner": [None] * 3}, schema={"market_id": pl.String, "winner": pl.String})
markets.with_columns(pl.lit("politics").alias("category")).write_parquet(tape / "markets.parquet")
policy = Policy(follow=FollowPolicy(wallets=(LEADER,), top=0), sizing=SizingPolicy(kind="fixed", amount=Decimal(50)))
assert "whales" in str(edit_strategy.parameters.model_dump()), "the form offers it"
with in_memory(tape) as settings, bare_steps():
    put_strategy("one", Kind("whales"), policy, Decimal(10_000), True, settings, T0)
    choose_leaders(settings, T0)
    copy_cycle(settings, T0 + timedelta(seconds=10))
    put_strategy("one", Kind("whales"), policy, Decimal(9_000), True, settings, T0)
    copy_cycle(settings, T0 + timedelta(seconds=50))
    results = open_results(settings)
    for one in sorted(results.rows(Signal), key=lambda one: one.market_id):
        print(one.market_id, one.kind, one.reason)
    print("quiet_afterwards" in results.rows(RiskState)[0].rules)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what runs, with the new files and lines."""
    tree = tmp_path / "tree"
    for room in ROOMS:
        shutil.copytree(REPOSITORY / room, tree / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in NEW_FILES.items():
        (tree / name).write_text(text.lstrip())
    for name, lines in NEW_LINES.items():
        for before, new in lines:
            text = (tree / name).read_text()
            assert text.count(f"{before}\n") == 1, before
            (tree / name).write_text(text.replace(f"{before}\n", f"{before}\n{new}\n"))
    return tree


def changed(tree: Path) -> dict[str, list[str]]:
    """By file that is not as it is here, the lines that differ; of a new file none are told."""
    files = sorted(path.relative_to(tree) for room in ROOMS for path in (tree / room).rglob("*.py"))
    found = {}
    for file in files:
        before = (REPOSITORY / file).read_text().splitlines() if (REPOSITORY / file).exists() else None
        after = (tree / file).read_text().splitlines()
        if before != after:
            found[str(file)] = [] if before is None else [line for line in ndiff(before, after) if line[0] in "+-"]
    return found


def test_a_kind_and_a_rule_of_new_names_are_a_file_and_a_line_in_their_table_each_and_the_kind_its_word(tree: Path, tmp_path: Path) -> None:
    """1,000 USD are copied, 500 are not, and 1,000 more after the balance fell are denied by the new rule."""
    (tmp_path / "tape").mkdir()
    run = subprocess.run([sys.executable, "-c", CYCLES, tmp_path / "tape"], cwd=tree, capture_output=True, text=True, check=False)
    assert run.stdout.splitlines() == [
        "late whales TRADING_REDUCING",
        "m whales LEADER_TRADED",
        "small whales CONFIDENCE_TOO_LOW",
        "True",
    ], run.stderr[-2000:]
    assert changed(tree) == {name: [] for name in NEW_FILES} | {name: [f"+ {new}" for _, new in lines] for name, lines in NEW_LINES.items()}
