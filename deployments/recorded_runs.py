"""The forms of `recording-replay` and `parameter-sweep`: they make the place their rows go to, which is the work of a migration.

What is replayed is imported, and no part of this file: a sweep's processes find it by its name.
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from adapters.settings import Settings, load_settings
from deployments.migrate import migrate
from flows.parameter_sweep import sweep, variants
from flows.recording_replay import replay
from tasks.backtesting.backtests import Plan
from tasks.backtesting.plan_form import PlanForm, require_recording, varied
from tasks.clock import name_run
from tasks.flow_runs import flow
from tasks.operating.run_reports import report_replay, report_sweep

AS_IT_OPENS = PlanForm()
Recorded = Annotated[str, Field(min_length=1, examples=["/data/recordings/pm_midterms_2022"])]
Draws = Annotated[int, Field(ge=0, le=100, examples=[20])]
Varied = Annotated[list[str], Field(min_length=1, examples=[["follow.min_omega=1.2,2", "delay_s=0,60"]])]


@flow(name="recording-replay", flow_run_name="replay {recording}")
def replay_recording(recording: Recorded, plan: PlanForm = AS_IT_OPENS, random_leaders: Draws = 0) -> None:
    """Runs the flows over recorded trades as fast as they go; nothing of the live house is touched, and no order leaves.

    Its rows go to a schema and a database of their own, and running it again changes nothing there. What came of it stands under the run,
    with the link to the results page of that place. A year of trades takes minutes to an hour.

    Args:
        recording: A directory on the worker's machine with trades.parquet and markets.parquet, or a recording of Solana
        plan: What the replay assumes, which the recording does not say
        random_leaders: How many times it runs once more behind random leaders of like activity, to compare with; 20 give 5 % its first step
    """
    directory, settings = require_recording(recording), load_settings()
    asked = plan.plan(directory, settings)
    place = made_place(directory, asked, settings)
    came = replay(directory, place, asked, random_leaders)
    signals, copied = (sum(row[name] for row in came["strategies"]) for name in ("signals", "copied"))
    name_run(f"replay {directory.name} · {copied} copied of {signals}")
    report_replay(came, asked.place(directory.name))


@flow(name="parameter-sweep", flow_run_name="sweep {recording}")
def sweep_recording(recording: Recorded, over: Varied, plan: PlanForm = AS_IT_OPENS) -> None:
    """Replays a recording with every combination of values, two at a time, and says which of them show an edge.

    The p-value to believe is the corrected one, which allows for having tried them all: the best of twenty useless settings looks good.
    At most 64 combinations; each takes as long as a replay.

    Args:
        recording: A directory on the worker's machine with trades.parquet and markets.parquet, or a recording of Solana
        over: What to vary, a line each: a field of a policy, delay_s, fee_multiplier, depth_usd, cycle_s, and its values
        plan: What all of them assume, which the recording does not say
    """
    directory, wanted, settings = require_recording(recording), varied(over), load_settings()
    asked = plan.plan(directory, settings)
    tried = len(variants(wanted, asked))
    records = sweep(directory, wanted, made_place(directory, asked, settings), asked)
    variants_tried = f"{tried} variant{'' if tried == 1 else 's'}"
    name_run(f"sweep {directory.name} · {variants_tried}, smallest p {min(record['p_corrected'] for record in records):.3f}")
    report_sweep(records)


def made_place(recording: Path, plan: Plan, settings: Settings) -> Settings:
    """The stores its rows go to, with every table."""
    place = settings.for_replay(plan.place(recording.name))
    migrate(place)
    return place
