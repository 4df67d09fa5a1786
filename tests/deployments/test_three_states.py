"""A house of before: one row said what an operator ordered, the venue contradicted and the rules computed. Nothing of it is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from adapters.connect import open_results
from adapters.settings import Settings
from adapters.stores.postgres import engine_of
from data_contracts import Contradiction, OperatorWord, Reason, RiskState, TradingState
from deployments.migrate import _alembic, migrate_postgres
from domain.copying.policy import RiskPolicy
from domain.copying.risk.assessment import assess
from tasks.copying.permissions import permissions

T0 = datetime(2026, 11, 3, 12, tzinfo=UTC)
BEFORE = "0008"  # the revision before
OLD = [
    ("calm", "ACTIVE", None),
    ("resumed", "ACTIVE", "OPERATOR"),
    ("held", "HALTED", "OPERATOR"),
    ("reducing", "REDUCING", "OPERATOR"),
    ("contradicted", "HALTED", "VENUE_CONTRADICTS_US"),
    ("fallen", "HALTED", "DRAWDOWN"),
    ("daily", "HALTED", "DAILY_LOSS"),
    ("losing", "HALTED", "WIN_RATE_LOW"),
]


@pytest.fixture
def house(postgres_url: str) -> Iterator[Settings]:
    """Eight strategies as the version before kept them: 8,000 USD, a peak of 12,000, a day that began with 9,000, three stops in a row."""
    settings = Settings(postgres_url=f"{postgres_url}?options=-csearch_path%3Dthree_states")  # type: ignore[arg-type]
    with engine_of(settings.required("postgres_url")).begin() as connection:
        connection.execute(sa.text("CREATE SCHEMA three_states"))
        command.upgrade(_alembic(connection), BEFORE)
        for strategy_id, state, reason in OLD:
            connection.execute(
                sa.text(
                    "INSERT INTO risk_states (strategy_id, state, reason, equity, cash, day_started_at, day_started_equity, peak_equity,"
                    " drawdown, changed_at, stops_in_a_row, size_factor)"
                    " VALUES (:id, :state, :reason, 8000, 4000, :day, 9000, 12000, 0.33, :at, 3, 0.5)"
                ),
                {"id": strategy_id, "state": state, "reason": reason, "day": T0.replace(hour=0), "at": T0},
            )
    yield settings
    engine_of(settings.required("postgres_url")).dispose()
    with engine_of(postgres_url).begin() as connection:
        connection.execute(sa.text("DROP SCHEMA three_states CASCADE"))


def holding(settings: Settings) -> dict[str, tuple[str, str | None]]:
    allowed = permissions(open_results(settings), TradingState.ACTIVE)
    return {name: (allowed[name].state.value, allowed[name].reason and allowed[name].reason.value) for name, _, _ in OLD}  # type: ignore[union-attr]


def test_what_held_before_holds_after(house: Settings) -> None:
    migrate_postgres(house)
    assert holding(house) == {name: (state, reason if state != "ACTIVE" else None) for name, state, reason in OLD}


def test_each_fact_is_where_its_writer_is(house: Settings) -> None:
    migrate_postgres(house)
    results = open_results(house)
    assert {(word.strategy_id, word.state) for word in results.rows(OperatorWord)} == {
        ("resumed", TradingState.ACTIVE),
        ("held", TradingState.HALTED),
        ("reducing", TradingState.REDUCING),
    }
    assert [one.strategy_id for one in results.rows(Contradiction)] == ["contradicted"]
    computed = {state.strategy_id: state.reason for state in results.rows(RiskState)}
    assert {name: reason for name, reason in computed.items() if reason} == {
        "fallen": Reason.DRAWDOWN,
        "daily": Reason.DAILY_LOSS,
        "losing": Reason.WIN_RATE_LOW,
    }


def test_the_rules_go_on_with_what_they_kept(house: Settings) -> None:
    """Peak 12,000: the first looks at 8,000 are 33 % below it. The day that began with 9,000 allows 7,650."""
    migrate_postgres(house)
    before = {state.strategy_id: state for state in open_results(house).rows(RiskState)}["calm"]
    kept: dict[str, Any] = json.loads(before.rules)
    assert (kept["drawdown"]["peak_equity"], kept["daily_loss"]["day_started_equity"]) == ("12000.000000", "9000.000000")
    after = assess("calm", (before.equity, before.cash), [], before, [], RiskPolicy(), T0 + timedelta(seconds=30))
    assert (after.state, after.reason, float(after.size_factor)) == (TradingState.HALTED, Reason.DRAWDOWN, 1.0)


def test_there_and_back_again(house: Settings) -> None:
    migrate_postgres(house)
    with engine_of(house.required("postgres_url")).begin() as connection:
        command.downgrade(_alembic(connection), BEFORE)
        rows = connection.execute(sa.text("SELECT strategy_id, state, reason, peak_equity, day_started_equity FROM risk_states")).all()
    assert {(row.strategy_id, row.state) for row in rows} == {(name, state) for name, state, _ in OLD}
    assert {(row.peak_equity, row.day_started_equity) for row in rows} == {(12_000, 9_000)}
