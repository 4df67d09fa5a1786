"""The Solana pipeline over real recordings: coins, wallets, profiles, payments, owners and copies come out, and the groups are found."""

import os
from pathlib import Path
from typing import Any

import pytest

from adapters.connect import in_memory
from flows.recording_replay import read_and_keep, replay_in_memory
from tasks.backtesting.backtests import Plan
from tasks.steps import bare_steps

PLAN = Plan(profile_every_days=1).without_spread()


def recording(name: str) -> Path:
    place = Path(os.environ.get("WALLETFLOW_RECORDINGS", "")) / name
    if not place.is_dir() or "WALLETFLOW_RECORDINGS" not in os.environ:
        pytest.skip(f"WALLETFLOW_RECORDINGS names no directory with {name}/")
    return place


@pytest.fixture(scope="module")
def traced() -> dict[str, Any]:
    place = recording("sol_funding_traces")
    with bare_steps(checked=True), in_memory(place, PLAN.conditions) as house:
        return read_and_keep(place, PLAN, house)[1]


def test_recorded_groups_are_found_by_who_paid_them(traced: dict[str, Any]) -> None:
    groups = traced["groups"]
    assert groups["precision"] >= 0.95
    assert groups["recall"] >= 0.90
    assert groups["joined_that_are_apart"] == 0


def test_coins_first_buyers_and_payments_come_out(traced: dict[str, Any]) -> None:
    assert traced["quarantined"] == 0
    assert min(traced[name] for name in ("coins", "first_buyers", "payments", "funding_edges", "clusters", "closed_positions")) > 0


def test_every_fleet_of_which_a_trade_is_on_record_is_found_and_somebody_is_copied() -> None:
    came = replay_in_memory(recording("sol_group_snipe_2026"), PLAN)
    groups = came["groups"]
    assert groups["found"] == groups["in_view"] > 0
    assert groups["precision"] >= 0.95
    assert came["first_buyers_bundled"] > 0
    (strategy,) = came["strategies"]
    assert strategy["fills"] > 0
