"""The five presets: what is sold and the moonbag are the whole position, never more, in every order of events."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts import Exit, ExitPreset, Kind, Reason, Side, Venue
from domain.copying.evidence import Evidence
from domain.copying.exits.presets import PRESETS, exit_policy, preset_for
from domain.copying.exits.waiting import remaining, update_exits
from domain.copying.judging import Judge, leave
from domain.copying.policy import ExitPolicy, Policy
from domain.copying.portfolio import Holding, Portfolio
from tests.domain.conftest import AS_OF, LEADER
from tests.markets import an_instrument

BOUGHT, ENTRY = Decimal("1234567.891"), Decimal("4e-7")  # tokens, SOL a token
UNIT = Decimal("0.000001")  # the smallest amount of a mint of 6 digits
HOURS = st.integers(0, 200)


class Held:
    """A position that its preset's rules alone take apart; exits fill at once, in part, or wait."""

    def __init__(self, preset: ExitPreset, marked: Any, sale: Any) -> None:
        self.policy = Policy(exits=exit_policy(ExitPolicy(preset=preset.value)))
        self.marked, self.sale, self.shares = marked, sale, BOUGHT
        self.exits: list[Exit] = []
        self.asked: set[str] = set()
        self.peak = ENTRY

    def look(self, times: Decimal, hours: int, filled: Decimal, leader_sold: Decimal | None = None) -> None:
        """A cycle at `times` what a share cost: what is asked for now, and `filled` of what waits is sold."""
        if self.shares <= 0:
            return
        now = AS_OF + timedelta(hours=hours)
        price = ENTRY * times
        self.peak = max(self.peak, price)
        waiting = [one for one in self.exits if one.done_at is None]
        signals = leave([self._judge(price, waiting)], Evidence({"yes": an_instrument(token_id="yes")}), now)
        self.asked |= {signal.trade_id for signal in signals}
        if leader_sold is not None:
            signals.append(self.sale(reason=Reason.LEADER_EXITED, exit_fraction=leader_sold, side=Side.SELL, venue=Venue.SOLANA))
        done = [one for one in self.exits if one.done_at is not None]
        found = update_exits(waiting, signals, self.shares, UNIT, now)
        assert sum(remaining(one) for one in found if one.done_at is None) <= self.shares
        sold = [
            replace(one, sold_shares=one.sold_shares + remaining(one) * filled, orders=1) if one.done_at is None else one for one in found
        ]
        self.shares -= sum((after.sold_shares - before.sold_shares for before, after in zip(found, sold, strict=True)), Decimal(0))
        self.exits = done + sold

    def _judge(self, price: Decimal, waiting: list[Exit]) -> Judge:
        fields = {"shares": self.shares, "cost": ENTRY * self.shares, "bought_shares": BOUGHT, "opened_at": AS_OF, "venue": Venue.SOLANA}
        position = self.marked(mark_price=price, peak_price=self.peak, **fields)
        key = (LEADER, "yes")
        portfolio = Portfolio(Decimal(1), Decimal(1), {key: Holding("market", self.shares, position.cost, AS_OF)})
        for one in waiting:
            portfolio = portfolio.promised(key, remaining(one))
        return Judge(
            strategy_id="strategy",
            venue=Venue.SOLANA,
            kind=Kind.MIRROR,
            policy=self.policy,
            portfolio=portfolio,
            leaders=frozenset({LEADER}),
            judged=frozenset(self.asked),
            positions=(position,),
            underway=tuple(waiting),
        )

    @property
    def kept(self) -> Decimal:
        return self.shares / BOUGHT


@pytest.fixture(scope="session")
def held(a_marked_position: Any, a_signal: Any) -> Any:
    return lambda preset: Held(preset, a_marked_position, a_signal)


TIMES = st.sampled_from(
    ["0.1", "0.25", "0.35", "0.45", "0.5", "0.69", "0.99", "1.04", "1.5", "1.99", "2", "2.5", "3", "4.9", "5", "10", "12"]
)
EVENTS = st.lists(st.tuples(TIMES.map(Decimal), HOURS, st.sampled_from(["0", "0.3", "1"]).map(Decimal)), min_size=1, max_size=12)


@pytest.mark.parametrize("preset", ExitPreset)
@given(events=EVENTS)
@settings(deadline=None, max_examples=60)
def test_what_is_sold_and_the_moonbag_are_the_whole_position_in_every_order_of_events(
    held: Any, preset: ExitPreset, events: list[Any]
) -> None:
    """Never more than was bought, never into the moonbag but by its own stop; and when all rules have spoken only the moonbag is left."""
    one, policy = held(preset), PRESETS[preset]
    for times, hours, filled in sorted(events, key=lambda event: event[1]):
        one.look(times, hours, filled)
        own_stop = policy.moonbag_stop is not None and min(t for t, _, _ in events) <= 1 - policy.moonbag_stop
        assert one.shares >= 0
        assert own_stop or one.shares >= BOUGHT * policy.moonbag
        assert one.shares + sum(e.sold_shares for e in one.exits) == BOUGHT
    for _ in range(3):
        one.look(1 - policy.stop_loss, 300, Decimal(1))  # type: ignore[operator]  # every preset has a stop
    left = one.shares - BOUGHT * policy.moonbag
    assert left < BOUGHT * Decimal("1e-9")  # exits name ten digits of what they sell


@pytest.mark.parametrize(
    ("preset", "kept"),
    [
        (ExitPreset.CONSERVATIVE, "0"),  # 50 + 50
        (ExitPreset.BALANCED, "0.34"),  # 33 + 33; the origin kept 52.4 %
        (ExitPreset.MOONBAG, "0.50"),  # 25 + 25; the origin kept 37.5 %
        (ExitPreset.QUICK_FLIP, "0"),
        (ExitPreset.DIAMOND, "0.50"),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_a_ladder_leaves_what_the_preset_says(held: Any, preset: ExitPreset, kept: str, at_once: bool) -> None:
    one = held(preset)
    for times in ("10",) if at_once else ("1.5", "2", "3", "5", "10"):
        one.look(Decimal(times), 1, Decimal(1))
    assert one.kept == pytest.approx(Decimal(kept), abs=Decimal("1e-9"))
    assert one.kept >= Decimal(kept)


def test_a_stop_takes_what_a_ladder_did_not_get_and_leaves_the_moonbag(held: Any) -> None:
    """Balanced: both steps wait for a buyer at 3x; the price falls to half: 66 % are sold by the stop, 34 % stay until 0.3x."""
    one = held(ExitPreset.BALANCED)
    one.look(Decimal(3), 1, Decimal(0))
    assert [e.reason for e in one.exits if e.done_at is None] == [Reason.TAKE_PROFIT] * 2
    one.look(Decimal("0.5"), 2, Decimal(1))
    assert one.kept == pytest.approx(Decimal("0.34"), abs=Decimal("1e-9"))
    one.look(Decimal("0.31"), 3, Decimal(1))
    assert one.kept == pytest.approx(Decimal("0.34"), abs=Decimal("1e-9"))
    one.look(Decimal("0.30"), 4, Decimal(1))
    assert one.shares == 0


def test_a_crash_through_both_stops_takes_all_in_one_look(held: Any) -> None:
    one = held(ExitPreset.BALANCED)
    one.look(Decimal("0.1"), 1, Decimal(1))
    assert one.shares == 0


def test_a_leader_that_sells_all_takes_the_moonbag_along(held: Any) -> None:
    one = held(ExitPreset.MOONBAG)
    one.look(Decimal("1.2"), 1, Decimal(1), leader_sold=Decimal(1))
    assert one.shares == 0


@pytest.mark.parametrize(
    ("hours", "times", "left"), [(6, "1.049", "0"), (6, "1.05", "1"), (6, "0.95", "1"), (6, "0.951", "0"), (5, "1", "1")]
)
def test_a_quick_flip_leaves_what_moved_less_than_5_percent_in_6_hours(held: Any, hours: int, times: str, left: str) -> None:
    one = held(ExitPreset.QUICK_FLIP)
    one.look(Decimal(times), hours, Decimal(1))
    assert one.kept == Decimal(left)


@pytest.mark.parametrize(
    ("score", "preset"),
    [(0.95, "diamond"), (0.90, "diamond"), (0.8999, "moonbag"), (0.80, "moonbag"), (0.7999, "balanced"), (0.70, "balanced")],
)
def test_the_surer_we_are_the_longer_we_stay(score: float, preset: str) -> None:
    assert preset_for(score) == preset


def test_how_far_below_its_price_an_exit_may_sell_stays_the_operators() -> None:
    found = exit_policy(ExitPolicy(preset="diamond", max_slippage=Decimal("0.02")))
    assert (found.max_slippage, found.stop_loss) == (Decimal("0.02"), Decimal("0.6"))


@pytest.mark.parametrize(
    ("preset", "scored", "stop"),
    [
        ("own", ExitPreset.DIAMOND, "0.4"),
        ("by_score", ExitPreset.DIAMOND, "0.6"),
        ("by_score", None, "0.5"),  # opened without a score: Balanced
        ("quick_flip", ExitPreset.DIAMOND, "0.3"),
    ],
)
def test_a_position_is_left_by_its_own_score_only_where_the_strategy_says_so(preset: Any, scored: ExitPreset | None, stop: str) -> None:
    assert exit_policy(ExitPolicy(preset=preset, stop_loss=Decimal("0.4")), scored).stop_loss == Decimal(stop)
