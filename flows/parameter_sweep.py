"""Many replays of one recording, each with other numbers; and whether the best of them is more than the best of many."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from adapters.connect import in_memory
from adapters.feeds.recorded_conditions import Conditions
from adapters.settings import Settings, load_settings
from data_contracts.errors import Refused
from domain.backtesting.comparison import corrected, finding
from flows.recording_replay import read_and_keep, replay_plans
from tasks.backtesting.backtests import AS_LIVE, Outcome, Plan, check_plan
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_sweep
from tasks.steps import bare_steps

MOST = 64
CONDITIONS = {field.name for field in fields(Conditions)} - {"fit"}  # that is a whole table
RUNS = {"cycle_s", "profile_every_days"}


@flow(name="parameter-sweep", flow_run_name="sweep {recording.name}")
def parameter_sweep(recording: Path, over: dict[str, list[str]], plan: Plan = AS_LIVE) -> list[dict[str, Any]]:
    """One record per variant and strategy. `over`: policy fields by path, or conditions of the replay, and the values to try."""
    records = sweep(recording, over, load_settings().for_replay(plan.place(recording.resolve().name)), plan)
    report_sweep(records)
    return records


def sweep_in_memory(recording: Path, over: dict[str, list[str]], plan: Plan = AS_LIVE) -> list[dict[str, Any]]:
    """The same records without a server or a store."""
    with bare_steps(checked=True), in_memory(recording, plan.conditions) as house:
        return sweep(recording, over, house, plan)


def sweep(recording: Path, over: dict[str, list[str]], settings: Settings, plan: Plan) -> list[dict[str, Any]]:
    """The steps of a sweep; `settings` name the stores the recording goes to."""
    plans = variants(over, plan)
    accepted, _ = read_and_keep(recording, plan, settings)
    outcomes = replay_plans(recording, accepted, [one for _, one in plans])
    return [record for strategy in sorted(outcomes[0].returns) for record in _compared(strategy, [said for said, _ in plans], outcomes)]


def variants(over: Mapping[str, Sequence[str]], plan: Plan) -> list[tuple[dict[str, str], Plan]]:
    """Every combination of the values, with its plan.

    Raises Refused for more than 64, as a week of replays is no answer, and for what cannot be varied.
    """
    combinations = [dict(zip(over, values, strict=True)) for values in product(*over.values())]
    if not over or not 1 <= len(combinations) <= MOST:
        raise Refused(f"{len(combinations) if over else 0} variants: name what to vary, with 1 to {MOST} combinations in all")
    return [(said, _plan(said, plan)) for said in combinations]


def _plan(said: Mapping[str, str], plan: Plan) -> Plan:
    assumed = {name: value for name, value in said.items() if name in CONDITIONS}
    runs = {name: _whole(name, value) for name, value in said.items() if name in RUNS}
    changes = tuple((name, value) for name, value in said.items() if name not in CONDITIONS | RUNS)
    varied = replace(plan, conditions=plan.conditions.changed(assumed), changes=plan.changes + changes, **runs)  # type: ignore[arg-type]
    check_plan(varied)
    return varied


def _whole(name: str, written: str) -> int:
    if not written.strip().isdecimal() or not int(written):
        raise Refused(f"{name}={written}: it must be a whole number above 0, such as {name}=30")
    return int(written)


def _compared(strategy: str, said: Sequence[Mapping[str, str]], outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Best first. `p_corrected` is the one to believe: as the best of all variants that were tried."""
    alone, best_of_all = corrected([outcome.of(strategy) for outcome in outcomes])
    records = []
    for number, (one, outcome) in enumerate(zip(said, outcomes, strict=True)):
        found = finding(strategy, outcome.of(strategy), outcome.returns[strategy], [])
        numbers = {"mean": found.mean, "low": found.low, "high": found.high}
        plain = {name: None if np.isnan(value) else value for name, value in numbers.items()}
        tried = {"strategy": strategy, "variant": ", ".join(f"{name}={value}" for name, value in one.items())}
        counts = {"positions": found.positions, "events": found.events, "total_return": found.total_return}
        records.append({**tried, **counts, **plain, "p_alone": float(alone[number]), "p_corrected": float(best_of_all[number])})
    return sorted(records, key=lambda record: (record["p_corrected"], record["p_alone"], record["variant"]))
