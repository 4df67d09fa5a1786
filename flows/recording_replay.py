"""The same steps over recorded trades, as fast as they go: leaders are chosen on the past only, and copied in the future."""

import logging
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
from prefect import task

from adapters.connect import in_memory, open_history, open_recording
from adapters.feeds.solana.recorded import is_solana
from adapters.feeds.solana.recorded_rows import RecordedChain
from adapters.settings import Settings, load_settings
from data_contracts import EarlyBuyer, Funding, Instrument, SolanaToken, Trade, WalletProfile
from domain.backtesting.comparison import finding
from domain.profiling.patience import IMPATIENT
from flows.copy_trading import copy_cycle
from flows.wallet_profiling import close, judge_purchases, profile
from tasks.backtesting.backtests import AS_LIVE, Outcome, Plan, change_strategies, describe_backtest, outcome_of, put_stand_ins
from tasks.backtesting.recorded_chain import (
    describe_chain,
    describe_purchases,
    find_first_buyers,
    find_recorded_owners,
    keep_chain,
    put_recorded_strategy,
)
from tasks.backtesting.recorded_trades import Recording, keep_recording, read_recording, set_refused_aside, summarize_recording
from tasks.backtesting.recording_replay import calendar_of, summarize_strategies, write_out
from tasks.backtesting.spread_charged import charge_of_spread
from tasks.flow_runs import flow
from tasks.operating.first_strategies import put_first_strategies
from tasks.profiling.wallet_profiling import due_wallets, keep_profiles, profile_wallets, read_positions
from tasks.quality import check, insist
from tasks.steps import bare_steps, is_bare, quiet_steps

PROCESSES = 2
log = logging.getLogger("walletflow.replay")
log.setLevel(logging.INFO)


@flow(name="recording-replay", flow_run_name="replay {recording.name}")
def recording_replay(recording: Path, plan: Plan = AS_LIVE, random_leaders: int = 0) -> dict[str, Any]:
    """Everything the recording came to, as one record, and its rows in places of their own. Run twice, it changes nothing.

    `random_leaders`: so many times, the replay runs once more behind random leaders of the same activity, to compare with.
    """
    return replay(recording, load_settings().for_replay(plan.place(recording.resolve().name)), plan, random_leaders)


def replay_in_memory(recording: Path, plan: Plan = AS_LIVE, random_leaders: int = 0) -> dict[str, Any]:
    """The same record by the very same steps, without a server or a store: no row is kept."""
    with bare_steps(checked=True), in_memory(recording, plan.conditions) as house:
        return replay(recording, house, plan, random_leaders)


def replay(recording: Path, settings: Settings, plan: Plan, random_leaders: int) -> dict[str, Any]:
    """The steps of a replay; `settings` name the stores its rows go to."""
    plan = plan.without_spread() if is_solana(recording) else plan
    accepted, came = read_and_keep(recording, plan, settings)
    with in_memory(recording, plan.conditions) as memory:
        walk(accepted, memory, plan)
        write_out(memory, settings, accepted.ends_at)
        came |= {"strategies": summarize_strategies(memory)}
        came |= charge_of_spread(memory, accepted, plan.conditions, came["strategies"])
        if plan.train_until is None and not random_leaders:
            return came
        outcome = outcome_of(memory, accepted.markets)
    others = replay_plans(recording, accepted, [replace(plan, stand_ins=seed) for seed in range(random_leaders)])
    return came | {"backtest": [_compare(strategy_id, outcome, others) for strategy_id in sorted(outcome.returns)]}


def read_and_keep(recording: Path, plan: Plan, settings: Settings) -> tuple[Recording, dict[str, Any]]:
    """The rows that keep their contract, kept and profiled as a whole; and the recording in numbers."""
    seen = read_recording(recording, plan.conditions)
    trades = check(seen.trades, Trade, settings, seen.ends_at)
    instruments = {row_class: check(frame, row_class, settings, seen.ends_at) for row_class, frame in seen.rows.items()}
    insist(trades, of=seen.trades)
    set_refused_aside(seen, settings)
    keep_recording(recording, trades, instruments, settings, plan.conditions)
    close(settings, seen.ends_at, anew=True)
    for wallets in due_wallets(settings, seen.ends_at, IMPATIENT):
        keep_profiles(check(profile_wallets(wallets, settings, seen.ends_at), WalletProfile, settings, seen.ends_at), wallets, settings)
    accepted = seen.markets.join(instruments[Instrument], on="token_id", how="semi")
    came = summarize_recording(seen, trades, read_positions(settings), settings)
    if seen.chain is not None:
        came |= read_chain(seen.chain, trades, instruments[SolanaToken], settings, seen.ends_at)
    return Recording(trades, accepted, seen.bids, chain=seen.chain), came


def read_chain(chain: RecordedChain, trades: pl.DataFrame, tokens: pl.DataFrame, settings: Settings, as_of: datetime) -> dict[str, Any]:
    """What only a recording of Solana has, kept and in numbers: first buyers, payments, owners, and its groups beside those we find."""
    early = check(find_first_buyers(trades, tokens, as_of), EarlyBuyer, settings, as_of)
    fundings = check(chain.fundings, Funding, settings, as_of)
    keep_chain({EarlyBuyer: early, Funding: fundings}, settings)
    found = find_recorded_owners(trades, fundings, tokens)
    judged = judge_purchases(settings, as_of)
    return {"coins": tokens.height} | describe_chain(early, fundings, found, chain.groups) | describe_purchases(judged)


def walk(recording: Recording, memory: Settings, plan: Plan) -> None:
    """Stretch by stretch: profile what is past, then run the cycles up to the next profile."""
    start = plan.begins_at(recording)
    (put_first_strategies if recording.chain is None else put_recorded_strategy)(memory, start)
    if plan.changes:
        change_strategies(memory, plan.changes)
    stand_ins: dict[str, str] = {}
    stretch = replay_stretch.fn if is_bare() else replay_stretch
    while start <= recording.ends_at:
        stop = start + timedelta(days=plan.profile_every_days)
        cycles = stretch(recording, memory, start, stop, plan, stand_ins)
        log.info("%s to %s: %d cycles", start.date(), min(stop, recording.ends_at).date(), cycles)
        start = stop


@task
def replay_stretch(recording: Recording, memory: Settings, start: datetime, stop: datetime, plan: Plan, stand_ins: dict[str, str]) -> int:
    """The number of cycles run from `start` up to `stop`. Who stands in for whom stays in `stand_ins`."""
    with bare_steps(), quiet_steps():
        open_history(memory).append(recording.trades.filter(recording.trades["traded_at"] <= start), Trade)
        profile(memory, start)
        if plan.stand_ins is not None:
            stand_ins |= put_stand_ins(memory, start, plan.stand_ins, stand_ins)
        calendar = calendar_of(recording, memory, timedelta(seconds=plan.cycle_s))
        cycles, now = 0, calendar.following(start, memory)
        while now is not None and now <= stop:
            copy_cycle(memory, now)
            cycles, now = cycles + 1, calendar.following(now, memory)
    return cycles


def replay_plans(directory: Path, recording: Recording, plans: Sequence[Plan]) -> list[Outcome]:
    """The outcome of each plan, in processes of their own: the very same steps, bare."""
    if not plans:
        return []
    # Not forked: this process has threads of Prefect and of polars, whose locks would be copied as they are.
    with ProcessPoolExecutor(min(PROCESSES, len(plans)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(replay_bare, directory, recording), plans))


def replay_bare(directory: Path, recording: Recording, plan: Plan) -> Outcome:
    """One replay in this process, without a run of Prefect and without a trace in the stores."""
    log.setLevel(logging.WARNING)
    with bare_steps(), in_memory(directory, plan.conditions) as memory:
        feed = open_recording(directory, plan.conditions)
        feed.accept(recording.trades)
        known = Recording(recording.trades, feed.all_markets, feed.best_bids, chain=recording.chain)
        walk(known, memory, plan)
        return outcome_of(memory, known.markets)


def _compare(strategy_id: str, outcome: Outcome, others: Sequence[Outcome]) -> dict[str, Any]:
    random_returns = [other.returns[strategy_id] for other in others]
    found = finding(strategy_id, outcome.of(strategy_id), outcome.returns[strategy_id], random_returns)
    return describe_backtest(strategy_id, found, outcome.curve)
