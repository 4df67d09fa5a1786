"""A recorded file of intents, judged again as if it arrived now: the very same steps, in memory. Twice it comes to the very same."""

import json
from collections import Counter
from contextlib import ExitStack
from functools import partial
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.brief_settings import BriefSettings
from adapters.connect import in_memory, open_results
from adapters.feeds.recorded_conditions import Conditions
from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Fill, Kind, Leader, Strategy, Venue
from data_contracts.words import STAKE_OF
from domain.copying.policy import Policy
from flows.copy_trading import copy_cycle
from tasks.backtesting.recorded_intents import RecordedIntents, read_intents, ticks, write_tape
from tasks.copying.intent_records import intent_records
from tasks.operating.strategies import FIRST_BALANCE
from tasks.operating.strategy_versions import alone_with, put_strategies
from tasks.steps import bare_steps, quiet_steps

STRATEGY = "intents"


def replay_intents(path: Path, brief: BriefSettings, cycle_s: int = 30, recording: Path | None = None) -> dict[str, Any]:
    """What became of each intent, and a hash of it all. Prices and books are the recording's, or those that the senders saw.

    Leaders are FOLLOW_TRADERS; where that is empty, all that the file names.
    """
    recorded = read_intents(path)
    with ExitStack() as stack:
        directory = recording or write_tape(recorded.intents, Path(stack.enter_context(TemporaryDirectory())) / "tape")
        house = stack.enter_context(in_memory(directory, Conditions(spread="none")))
        stack.enter_context(bare_steps())
        stack.enter_context(quiet_steps())
        cycles = _run(recorded, brief.policy(), house, cycle_s)
        records = list(intent_records(house))
        fills = len(open_results(house).rows(Fill))
    became = Counter(str(record["became"]) for record in records)
    whole = json.dumps(records, sort_keys=True)
    return {
        "intents": len(records),
        "repeated": recorded.repeated,
        "bad_lines": [{"where": json.loads(row.row)["where"], "rules": row.rules} for row in recorded.bad],
        "cycles": cycles,
        "fills": fills,
        "became": dict(sorted(became.items())),
        "records": records,
        "hash": blake2b(whole.encode(), digest_size=16).hexdigest(),
    }


def _run(recorded: RecordedIntents, policy: Policy, house: Settings, cycle_s: int) -> int:
    results = open_results(house)
    instants = ticks(recorded.intents, cycle_s)
    _put_strategy(policy, sorted({one.leader for one in recorded.intents}), house, recorded)
    results.receive(recorded.intents)
    for now in instants:
        copy_cycle(house, now)
    return len(instants)


def _put_strategy(policy: Policy, named: list[str], house: Settings, recorded: RecordedIntents) -> None:
    began = recorded.intents[0].signalled_at
    strategy = Strategy(
        strategy_id=STRATEGY,
        venue=Venue.POLYMARKET,
        stake_currency=STAKE_OF[Venue.POLYMARKET],
        kind=Kind.MIRROR,
        policy=policy.model_dump_json(),
        balance=FIRST_BALANCE,
        enabled=True,
        created_at=began,
        updated_at=began,
    )
    wallets = policy.follow.wallets or named
    leaders = [Leader(strategy_id=STRATEGY, wallet=wallet, why="named", chosen_at=began, dropped_at=None) for wallet in wallets]
    alone_with([STRATEGY], open_results(house), partial(put_strategies, [strategy], "what a replay of intents starts with"))
    open_results(house).write([Write(Leader, leaders)])
