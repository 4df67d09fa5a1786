"""A replay as a backtest, without a run of Prefect: trained on the past, traded in the future, changed, and beside stand-ins."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.connect import in_memory, open_recording, open_results
from adapters.feeds.recorded_conditions import AS_RECORDED, Conditions
from data_contracts import Leader, Signal, Strategy
from data_contracts.errors import Refused
from domain.copying.policy import Policy
from domain.profiling.spreads import cost_of
from flows.parameter_sweep import variants
from flows.recording_replay import replay_bare, walk
from tasks.backtesting.backtests import AS_LIVE, Plan
from tasks.backtesting.recorded_trades import Recording
from tasks.steps import bare_steps

LEADER, OTHER, THIRD = ("0x" + letter * 40 for letter in "abc")
DAY = 86_400


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, new_tape: Callable[[Path], Any]) -> tuple[Path, Recording]:
    """LEADER wins 20 of 20 in ten days, and goes on winning: ten more, two an event day. Others trade about as often, and lose."""
    tape = new_tape(tmp_path_factory.mktemp("recordings") / "edge")
    for number in range(30):
        start, market = number * DAY / 2, f"m{number}"
        tape.trade(start, LEADER, "BUY", "400", "0.50", market=market)
        tape.trade(start + 30, OTHER, "BUY", "400", "0.52", outcome="No", market=market)
        tape.trade(start + 60, THIRD, "BUY", "400", "0.52", market=market)
        tape.trade(start + 61, THIRD, "BUY", "400", "0.53", outcome="No", market=market)
        tape.resolve(start + 4000, "Yes", market=market)
    directory = Path(tape.write())
    feed = open_recording(directory)
    return directory, Recording(feed.all_trades, feed.all_markets, feed.best_bids)


PLAN = Plan(profile_every_days=3, train_until="0.67", changes=(("follow.choose_by", "omega"),))


def test_until_training_ends_nothing_is_judged(recorded: tuple[Path, Recording]) -> None:
    directory, recording = recorded
    with bare_steps(), in_memory(directory) as memory:
        open_recording(directory).accept(recording.trades)
        walk(recording, memory, PLAN)
        first = open_results(memory).read(Signal)["traded_at"].min()
    assert first > PLAN.begins_at(recording)
    assert PLAN.begins_at(recording) - recording.begins_at > timedelta(days=9)


def test_the_copies_gain_where_the_leader_does_and_less_so_later_and_with_a_fee(recorded: tuple[Path, Recording]) -> None:
    """At once at 0.50; 60 s after the verdict at 0.52 or 0.53, past the limit of 5 % there is nothing; a fee takes its part."""
    outcomes = [replay_bare(*recorded, replace(PLAN, conditions=one)) for one in (Conditions(), Conditions(fee_multiplier=1))]
    plain, with_fee = (outcome.of("mirror-best") for outcome in outcomes)
    assert plain.height == with_fee.height >= 8
    assert plain["gain"].to_list() == pytest.approx([1.0] * plain.height)  # bought at 0.50, paid 1
    assert (with_fee["gain"] < 1).all()  # 1 / (0.50 + 0.04 x 0.25) - 1
    assert outcomes[0].returns["mirror-best"] > outcomes[1].returns["mirror-best"] > 0


def test_a_copy_pays_the_spread_that_recorded_books_have(recorded: tuple[Path, Recording]) -> None:
    """At the trades' own prices every copy doubled its money; 20 USD of politics at 0.50 cost a cent and a half a share."""
    free, charged = (
        replay_bare(*recorded, replace(PLAN, conditions=one)).of("mirror-best")
        for one in (Conditions(depth_usd=500), Conditions(depth_usd=500, spread="fitted"))
    )
    assert charged.height == free.height >= 8
    assert free["gain"].to_list() == pytest.approx([1.0] * free.height)
    costs = [cost_of(np.array(["politics"], object), np.array([0.5]), usd).mean[0] for usd in charged["invested"]]
    assert 1 / (1 + charged["gain"].to_numpy()) - 0.5 == pytest.approx(np.array(costs), rel=0.15)  # between two sizes a ladder is no curve


def test_stand_ins_take_the_places_of_all_leaders(recorded: tuple[Path, Recording]) -> None:
    directory, recording = recorded
    with bare_steps(), in_memory(directory) as memory:
        open_recording(directory).accept(recording.trades)
        walk(recording, memory, replace(PLAN, stand_ins=1))
        leaders = open_results(memory).rows(Leader, dropped_at=None)
        judged = open_results(memory).read(Signal)["leader"].unique().to_list()
    assert leaders
    assert LEADER not in {row.wallet for row in leaders} | set(judged)
    assert all(row.why == f"random, in place of {LEADER}" for row in leaders)


def test_what_goes_to_another_process_and_comes_back_is_the_same(recorded: tuple[Path, Recording]) -> None:
    """A process takes ten seconds to import what it needs, so here only the letters are posted: the recording, the plan, the outcome."""
    (_, plan) = variants({"sizing.max_notional": ["20"]}, PLAN)[0]
    here = replay_bare(*recorded, plan)
    there = replay_bare(recorded[0], *pickle.loads(pickle.dumps((recorded[1], plan))))  # noqa: S301 (our own bytes)
    assert pickle.loads(pickle.dumps(there)).positions.rows() == here.positions.rows()  # noqa: S301
    assert here.positions["invested"].max() <= 20


def test_a_change_is_in_every_strategy_and_a_misspelt_one_is_refused(recorded: tuple[Path, Recording]) -> None:
    directory, recording = recorded
    with bare_steps(), in_memory(directory) as memory:
        for changes in ((("follow.min_omegas", "2"),), (("follow", "2"),), (("follow.top", "many"),)):
            with pytest.raises(Refused, match="follow"):
                walk(recording, memory, Plan(train_until="0.99", changes=changes))
        walk(recording, memory, Plan(train_until="0.99", changes=(("follow.min_omega", "2.5"),)))
        policies = [Policy.model_validate_json(row.policy) for row in open_results(memory).rows(Strategy)]
    assert [policy.follow.min_omega for policy in policies] == [2.5, 2.5]


@pytest.mark.parametrize("text", ["soon", "1.0", "-0.1", "2031-01-01"])
def test_a_training_that_leaves_nothing_to_test_is_refused(recorded: tuple[Path, Recording], text: str) -> None:
    with pytest.raises(Refused, match=r"between 0 and 1|nothing to test"):
        Plan(train_until=text).begins_at(recorded[1])


def test_every_combination_is_a_variant_and_too_many_are_refused() -> None:
    said = [one for one, _ in variants({"follow.min_omega": ["1", "2"], "delay_s": ["0", "60"]}, AS_LIVE)]
    assert [tuple(one.values()) for one in said] == [("1", "0"), ("1", "60"), ("2", "0"), ("2", "60")]
    (_, plan) = variants({"spread": ["none"]}, AS_LIVE)[0]
    assert plan.conditions == AS_RECORDED
    (_, plan) = variants({"delay_s": ["60"], "cycle_s": ["10"], "follow.top": ["3"]}, AS_LIVE)[0]
    assert (plan.conditions.delay_s, plan.cycle_s, plan.changes) == (60.0, 10, (("follow.top", "3"),))
    with pytest.raises(Refused, match="65 variants"):
        variants({"follow.top": [str(number) for number in range(65)]}, AS_LIVE)
    with pytest.raises(Refused):
        variants({}, AS_LIVE)


def test_what_is_assumed_differently_lies_elsewhere() -> None:
    plain = Plan(cycle_s=10, conditions=AS_RECORDED)
    assert plain.place("midterms") == Plan(conditions=AS_RECORDED).place("midterms") == "midterms"  # as it always was
    assert AS_LIVE.place("midterms") == Plan(cycle_s=10).place("midterms") == "midterms_fitted"
    places = {plan.place("midterms") for plan in (Plan(train_until="0.5"), Plan(train_until="0.6"), Plan(conditions=Conditions(30)))}
    assert len(places) == 3
    assert all(place.startswith("midterms_") for place in places)
