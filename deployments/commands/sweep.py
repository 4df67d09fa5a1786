"""Replay a recording with many settings at once, and allow for having tried many."""

from typing import Annotated

import typer

from adapters.feeds.recorded_conditions import Conditions
from adapters.feeds.recorded_files import check_columns
from adapters.feeds.solana.recorded import is_solana
from adapters.settings import load_settings
from deployments.commands.replay import (
    Change,
    Cycle,
    Delay,
    Depth,
    Fee,
    Keep,
    ProfileEvery,
    Recorded,
    Spread,
    TrainUntil,
    is_kept,
    prepare,
)
from deployments.migrate import migrate
from deployments.terminal import out, show_json, show_table


def command(
    recording: Recorded,
    over: Annotated[list[str], typer.Option(help="What to vary, and its values: follow.min_omega=1.2,2,3 or delay_s=0,60. Repeatable")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, a record per variant and strategy")] = False,
    cycle_s: Cycle = 30,
    profile_every_days: ProfileEvery = None,
    train_until: TrainUntil = None,
    delay_s: Delay = 0.0,
    fee_multiplier: Fee = 0.0,
    depth_usd: Depth = None,
    spread: Spread = "fitted",
    changes: Change = None,
    keep: Keep = None,
) -> None:
    """Replay a recording with every combination of values, two at a time, and print which of them show an edge.

    The p-value to believe is the corrected one: the best of twenty useless settings looks good, and this compares it with the best of
    twenty useless settings (Romano and Wolf's step-down, resampling whole events).
    """
    keeps = is_kept(keep)
    prepare(quiet=as_json, with_server=keeps)
    from flows.parameter_sweep import parameter_sweep, sweep_in_memory, variants
    from tasks.backtesting.backtests import Plan
    from tasks.backtesting.plan_form import charged_as_here, every, pairs, varied

    plan = Plan(
        cycle_s,
        every(profile_every_days, recording),
        train_until,
        charged_as_here(Conditions(delay_s, fee_multiplier, depth_usd).changed({"spread": spread}), load_settings()),
        tuple(pairs(changes or [])),
    )
    wanted = varied(over)
    variants(wanted, plan)  # what cannot be varied is said before anything is read
    if not is_solana(recording):
        check_columns(recording)
    if keeps:
        migrate(load_settings().for_replay(plan.place(recording.resolve().name)))
    records = (parameter_sweep if keeps else sweep_in_memory)(recording.resolve(), wanted, plan)
    if as_json:
        show_json(records)
        return
    columns = ("strategy", "variant", "positions", "events", "total_return", "mean", "low", "high", "p_alone", "p_corrected")
    show_table(columns, [[_text(record[column]) for column in columns] for record in records])
    best = min(record["p_corrected"] for record in records)
    out.print(
        "No edge: no variant gains more than the best of so many would by luck." if best > 0.05 else f"Smallest corrected p: {best:.3f}"
    )


def _text(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
