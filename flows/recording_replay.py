"""The same steps over recorded trades, as fast as they go: leaders are chosen on the past only, and copied in the future."""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, task

from adapters.connect import in_memory, open_history
from adapters.settings import Settings, load_settings
from data_contracts import ClosedPosition, Market, Trade, WalletProfile
from flows.copy_trading import copy_cycle
from flows.wallet_profiling import profile
from tasks.first_strategies import put_first_strategies
from tasks.profiling import close_positions, keep_profiles, profile_wallets
from tasks.quality import check, insist
from tasks.recording import Recording, came_of_it, keep_recording, read_recording
from tasks.replaying import calendar_of, copied, write_out
from tasks.steps import bare_steps

log = logging.getLogger("walletflow.replay")


@flow(name="recording-replay", flow_run_name="replay {recording.name}")
def recording_replay(recording: Path, cycle_s: int = 30, profile_every_days: int = 30) -> dict[str, Any]:
    """Everything the recording came to, as one record. Run twice, it changes nothing."""
    settings = load_settings().for_replay(recording.resolve().name)
    seen = read_recording(recording)
    trades = check(seen.trades, Trade, settings, seen.ends_at)
    markets = check(seen.markets, Market, settings, seen.ends_at)
    insist(trades, of=seen.trades)
    keep_recording(recording, trades, markets, settings)
    closed = check(close_positions(settings, seen.ends_at), ClosedPosition, settings, seen.ends_at)
    profiles = check(profile_wallets(closed, settings, seen.ends_at), WalletProfile, settings, seen.ends_at)
    keep_profiles(closed, profiles, settings)
    with in_memory(recording) as memory:
        walk(Recording(trades, markets, seen.bids), memory, timedelta(seconds=cycle_s), timedelta(days=profile_every_days))
        write_out(memory, settings, seen.ends_at)
        return came_of_it(seen, trades, closed, settings) | {"strategies": copied(memory)}


def walk(recording: Recording, memory: Settings, cycle: timedelta, profile_every: timedelta) -> None:
    """Stretch by stretch: profile what is past, then run the cycles up to the next profile."""
    put_first_strategies(memory, recording.begins_at)
    start = recording.begins_at
    while start <= recording.ends_at:
        stop = start + profile_every
        cycles = replay_stretch(recording, memory, start, stop, cycle)
        log.info("%s to %s: %d cycles", start.date(), min(stop, recording.ends_at).date(), cycles)
        start = stop


@task
def replay_stretch(recording: Recording, memory: Settings, start: datetime, stop: datetime, cycle: timedelta) -> int:
    """The number of cycles run from `start` up to `stop`."""
    with bare_steps():
        open_history(memory).append(recording.trades.filter(recording.trades["traded_at"] <= start), Trade)
        profile(memory, start)
        calendar = calendar_of(recording, memory, cycle)
        cycles, now = 0, calendar.following(start, memory)
        while now is not None and now <= stop:
            copy_cycle(memory, now)
            cycles, now = cycles + 1, calendar.following(now, memory)
    return cycles
