"""Ratings, flags and the ledger of what was skipped, by the steps the flows take, in a house in memory before a tape."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from adapters.connect import open_feed, open_history
from data_contracts import (
    Copyability,
    Counterfactual,
    CounterfactualEnd,
    Leader,
    Reason,
    Trade,
    Trap,
    TrapFlag,
    Verdict,
)
from data_contracts.errors import Unsafe
from data_contracts.frames import frame_of
from domain.copying.policy import FollowPolicy, Policy, RiskPolicy, SizingPolicy
from flows.copyability_rating import copyability_rating, rate
from flows.wallet_profiling import profile
from tasks.backtesting.counterfactual import follow_signals, keep_counterfactuals, summarize_counterfactuals
from tasks.fast_check import breaches
from tasks.steps import bare_steps

WINNER, LOSER, WASHER = ("0x" + letter * 40 for letter in "abc")
T0_AS_OF_S = 20 * 3600


@pytest.fixture
def asked(before_tape: Callable[[Any], Any], tape: Any) -> Any:
    """WINNER's twelve tokens all pay; WASHER's as well, but most of what it trades it buys and sells at one price. An hour each."""
    for number in range(12):
        market, start = f"m{number}", number * 3600
        tape.trade(start, WINNER, "BUY", "100", "0.50", market=market)
        tape.trade(start + 5, LOSER, "BUY", "100", "0.50", outcome="No", market=market)
        tape.trade(start + 10, WASHER, "BUY", "1000", "0.50", market=market)
        tape.trade(start + 20, WASHER, "SELL", "1000", "0.50", market=market)
        tape.trade(start + 40, WASHER, "BUY", "10", "0.50", market=market)
        tape.resolve(start + 3000, "Yes", market=market)
    return before_tape(tape)


def at(home: Any, seconds: float = T0_AS_OF_S) -> Any:
    return open_feed(home.settings).all_trades["traded_at"].min() + timedelta(seconds=seconds)  # type: ignore[attr-defined]


def learnt(home: Any, **follow: Any) -> set[str]:
    """Whom a strategy with this choice follows after the house has profiled, rated and profiled again."""
    now = at(home)
    home.put(home.strategy("one", "mirror", Policy(follow=FollowPolicy(choose_by="omega", top=10, min_closed_positions=10, **follow))))
    with bare_steps():
        open_history(home.settings).append(open_feed(home.settings).trades(now - timedelta(days=9), now), Trade)
        profile(home.settings, now)
        rate(home.settings, now)
        profile(home.settings, now)
    return {row.wallet for row in home.rows(Leader, dropped_at=None)}


def test_a_wash_trader_with_a_perfect_record_is_followed_only_by_who_does_not_mind(asked: Any) -> None:
    """Both won twelve of twelve. By default nobody follows who is flagged as wash; its share: 12,000 of 12,060 USD."""
    assert learnt(asked) == {WINNER}
    assert learnt(asked, without_traps=()) == {WINNER, WASHER}
    (flag,) = asked.rows(TrapFlag, wallet=WASHER, trap=Trap.WASH)
    assert (flag.flagged, round(flag.score, 3)) == (True, 0.995)
    assert "flagged wash" in asked.rows(Leader, wallet=WASHER)[0].why


def test_who_asks_what_copying_brings_has_wallets_rated_before_it_chooses(asked: Any) -> None:
    """A share at 0.50 that pays 1 doubles the money: less than 150 %, more than 50 %."""
    assert learnt(asked, min_copy_return=0.5) == {WINNER}
    assert learnt(asked, min_copy_return=1.5) == set()
    rated = asked.rows(Copyability, wallet=WINNER, delay_s=30, notional=100)
    assert [(row.round_trips, row.events) for row in rated] == [(12, 12)]


def test_a_record_that_its_owner_paid_for_is_not_followed(before_tape: Callable[[Any], Any], tape: Any) -> None:
    """CROOK wins twelve of twelve as WINNER does, but against one wallet that trades with nobody else, at one instant and quantity."""
    crook, fool = "0x" + "d" * 40, "0x" + "e" * 40
    for number in range(12):
        market, start = f"m{number}", number * 3600
        tape.trade(start, WINNER, "BUY", "100", "0.50", market=market)
        tape.trade(start + 60, crook, "BUY", "100", "0.50", market=market)
        tape.trade(start + 60, fool, "BUY", "100", "0.50", outcome="No", market=market)
        tape.resolve(start + 3000, "Yes", market=market)
    home = before_tape(tape)
    assert learnt(home) == {WINNER}
    assert "prearranged" in {row.trap for row in home.rows(TrapFlag, wallet=crook, flagged=True)}


def test_no_leader_is_chosen_from_skills_that_break_their_contract(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """NaN grades were set aside with a warning, and the old ones stayed; a replay did not even look, and NaN was grade A."""
    monkeypatch.setattr("domain.profiling.grading.luck_if_chosen", lambda luck: np.full(luck.size, np.nan))
    with pytest.raises(Unsafe, match="of wallet_skills broke their contract: nothing is concluded from them"):
        learnt(asked)
    assert asked.rows(Leader) == []


def test_ratings_and_flags_keep_their_contracts(asked: Any) -> None:
    learnt(asked)
    for row_class in (Copyability, TrapFlag):
        rows = asked.rows(row_class)
        assert rows
        assert list(breaches(frame_of(rows, row_class), row_class)) == []


@pytest.mark.parametrize("wallets", [0, 1, 2])
def test_a_house_with_next_to_nobody_is_rated_without_an_error(
    wallets: int, before_tape: Callable[[Any], Any], tape: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first job rates a new house, whatever it has seen by then: nothing, or a few trades of wallets without a record."""
    for number in range(2):
        tape.trade(number, (WINNER, LOSER)[number], "BUY", "100", "0.50")
    home = before_tape(tape)
    if wallets:
        seen = open_feed(home.settings).trades(at(home, -60), at(home, 60))
        open_history(home.settings).append(seen.filter(seen["wallet"].is_in([WINNER, LOSER][:wallets])), Trade)
    monkeypatch.setattr("flows.copyability_rating.load_settings", lambda: home.settings)
    shown: list[str] = []
    monkeypatch.setattr("tasks.operating.run_reports.show_table", lambda rows, key, *_, **__: shown.append(key))
    with bare_steps():
        if wallets:
            profile(home.settings, at(home, 60))
        copyability_rating.fn(at(home, 60))
    assert home.rows(Copyability) == []
    assert "copyability" in shown


MIRROR = Policy(
    sizing=SizingPolicy(kind="fixed", amount=Decimal(20), min_notional=Decimal(1)),
    risk=RiskPolicy(max_positions=1),
)


def test_every_skipped_entry_is_followed_to_its_end_and_reckoned_by_its_rule(tape: Any, before_tape: Callable[[Any], Any]) -> None:
    """The strategy holds one position at most: it copies the first of seven BUYs and skips six that would all have doubled."""
    for number in range(7):
        tape.trade(number, WINNER, "BUY", "100", "0.50", market=f"m{number}")
        tape.trade(60, LOSER, "BUY", "4000", "0.50", market=f"m{number}")  # it is no thin market: 100 USD hardly move it
        tape.resolve(3000, "Yes", market=f"m{number}")
    home = before_tape(tape)
    home.follow([WINNER], MIRROR)
    for at_s in (30, 90):
        home.cycle(at_s)
    with bare_steps():
        for asked_s, ends in ((1000, {CounterfactualEnd.OPEN}), (4000, {CounterfactualEnd.RESOLUTION})):
            rows = follow_signals(home.settings, at(home, asked_s), 30)
            keep_counterfactuals(rows, home.settings)
            assert {row.end for row in home.rows(Counterfactual)} == ends
        again = follow_signals(home.settings, at(home, 5000), 30)
        found = {row["verdict"]: row for row in summarize_counterfactuals(home.settings, at(home, 5000), 30).to_dicts()}
    assert again.height == 0  # an end that is known is not asked for again
    assert list(breaches(frame_of(home.rows(Counterfactual), Counterfactual), Counterfactual)) == []
    skipped = found[Verdict.SKIP]
    assert (skipped["reason"], skipped["signals"], skipped["the_rule"]) == (Reason.MAX_POSITIONS_REACHED, 6, "costs")
    assert 0.5 < skipped["mean"] < 1  # 1 / (0.50 + half a cent + our own size) - 1
    assert (found[Verdict.COPY]["signals"], found[Verdict.COPY]["the_rule"]) == (1, "too few events to say")
