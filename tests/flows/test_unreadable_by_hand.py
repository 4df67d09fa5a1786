"""A row of ours that cannot be read takes its own strategy out of buying, says so, and keeps nobody from leaving.

One such row, written by hand or by a version that knew other words, used to end every cycle of every strategy.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Alert, Gap, OperatorWord, Position, Quarantined, Reason, RiskState, Signal, Strategy, TradingState, Watermark
from data_contracts.words import Severity
from domain.copying.policy import Policy
from tasks.copying.gap_filling import next_gap
from tasks.operating.strategies import put_strategy
from tasks.operating.trading_state import order_state
from tasks.steps import bare_steps

LEADER = "0x" + "a" * 40
T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
pytestmark = pytest.mark.usefixtures("bare")

BROKEN_STRATEGIES: dict[str, dict[str, Any]] = {
    "a balance that is no number": {"balance": None},
    "a negative balance": {"balance": Decimal(-1)},
    "a kind of a later version": {"kind": "oracle"},
    "a kind nobody wrote yet": {"kind": "oracle of a later version"},
    "a venue nobody knows": {"venue": "moon"},
    "a currency nobody knows": {"stake_currency": "DOGE"},
    "a policy that is no JSON": {"policy": "{"},
    "a policy with NaN": {"policy": '{"sizing": {"percent": NaN}}'},
    "no policy": {"policy": ""},
}
BROKEN_STATES: dict[str, dict[str, Any]] = {
    "no memory": {"rules": ""},
    "a memory that is null": {"rules": "null"},
    "a memory that is a list": {"rules": "[]"},
    "a memory that is a number": {"rules": "3"},
    "a rule without its peak": {"rules": '{"drawdown": {}}'},
    "a peak that is no number": {"rules": '{"drawdown": {"peak_equity": "NaN"}}'},
    "a day without a zone": {"rules": '{"daily_loss": {"day_started_at": "2022-11-08T00:00:00", "day_started_equity": "1"}}'},
    "a rule that is no rule": {"rules": '{"drawdown": 7}'},
    "looks that are no JSON": {"looks": "x"},
    "a look that is no number": {"looks": '[["2022-11-08T12:00:00+00:00", "NaN"]]'},
    "a look without a zone": {"looks": '[["2022-11-08T12:00:00", "1"]]'},
    "a state nobody knows": {"state": "PAUSED"},
    "a reason nobody knows": {"reason": "MOOD"},
    "no equity": {"equity": None},
    "a factor above one": {"size_factor": Decimal(2)},
}
BROKEN_POSITIONS: dict[str, dict[str, Any]] = {
    "no cost": {"cost": None},
    "no shares": {"shares": None},
    "an exit reason nobody knows": {"exit_reason": "MOOD"},
    "lots that are no JSON": {"lots": "{"},
    "negative shares": {"shares": Decimal(-5)},
}


@pytest.fixture
def bare() -> Iterator[None]:
    """Steps are plain functions, an operator's too."""
    with bare_steps():
        yield


@pytest.fixture
def house(tape: Any, before_tape: Callable[[Any], Any], mirror: Policy) -> Any:
    """`broken` and `sound` both follow LEADER, bought Yes of market `m` after it, and see it buy `n` at 40 and sell `m` at 70."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "BUY", "1000", "0.40", market="n")
    tape.trade(70, LEADER, "SELL", "1000", "0.40")
    tape.trade(100, LEADER, "BUY", "1000", "0.40", market="o")
    home = before_tape(tape)
    for name in ("broken", "sound"):
        home.follow([LEADER], mirror, name)
    home.cycle(10)
    return home


def verdicts(home: Any, strategy_id: str, after_s: float) -> list[tuple[str, str, Reason]]:
    """(market, side, reason) of its signals about trades after these seconds, oldest first."""
    signals = sorted(home.rows(Signal, strategy_id=strategy_id), key=lambda signal: signal.traded_at)
    return [(one.market_id, one.side, one.reason) for one in signals if one.traded_at > T0 + timedelta(seconds=after_s)]


AS_EVER = [("n", "BUY", Reason.LEADER_TRADED), ("m", "SELL", Reason.LEADER_EXITED)]
OUT = [("n", "BUY", Reason.STRATEGY_UNREADABLE), ("m", "SELL", Reason.LEADER_EXITED)]


def told(home: Any) -> list[tuple[str, str, Severity]]:
    return [(alert.what, alert.about, alert.severity) for alert in home.rows(Alert)]


def one_row(home: Any, row_class: type, **where: object) -> Any:
    (row,) = home.rows(row_class, **where)
    return row


@pytest.mark.parametrize("change", BROKEN_STRATEGIES.values(), ids=BROKEN_STRATEGIES)
def test_a_strategy_that_cannot_be_read_buys_nothing_leaves_and_is_called_by_name(house: Any, change: dict[str, Any]) -> None:
    house.put(replace(one_row(house, Strategy, strategy_id="broken"), **change))
    house.cycle(45)
    house.cycle(75)
    assert verdicts(house, "sound", 10) == AS_EVER
    assert verdicts(house, "broken", 10) == OUT
    assert told(house) == [("strategy_unreadable", "broken", Severity.CRITICAL)]


def test_saving_it_again_is_the_cure(house: Any, mirror: Policy) -> None:
    """What was broken is no hindrance to the form that mends it: it once read the very row it was to replace."""
    house.put(replace(one_row(house, Strategy, strategy_id="broken"), kind="oracle", balance=None))
    house.cycle(45)
    put_strategy("broken", "mirror", mirror, Decimal(10_000), True, house.settings, T0 + timedelta(seconds=80))
    house.cycle(75)
    house.cycle(105)
    assert verdicts(house, "broken", 10)[-1] == ("o", "BUY", Reason.LEADER_TRADED)


@pytest.mark.parametrize("change", BROKEN_STATES.values(), ids=BROKEN_STATES)
def test_a_risk_state_that_cannot_be_read_halts_entries_until_an_operator_lets_its_rules_begin_anew(
    house: Any, change: dict[str, Any]
) -> None:
    """Begun anew by itself it would forget a drawdown it had halted for. What it was is in quarantine then."""
    house.put(replace(one_row(house, RiskState, strategy_id="broken"), **change))
    before = house.raw(RiskState, strategy_id="broken")
    house.cycle(45)
    assert (verdicts(house, "sound", 10), verdicts(house, "broken", 10)) == (AS_EVER[:1], OUT[:1])
    assert told(house) == [("strategy_unreadable", "broken", Severity.CRITICAL)]
    assert house.raw(RiskState, strategy_id="broken") == before
    ordered = order_state("broken", TradingState.ACTIVE, house.settings, T0 + timedelta(seconds=60))
    assert (list(ordered.cleared.values()), ordered.now.state) == ([Reason.STRATEGY_UNREADABLE], TradingState.ACTIVE)
    house.cycle(75)
    house.cycle(105)
    assert verdicts(house, "broken", 45) == [AS_EVER[1], ("o", "BUY", Reason.LEADER_TRADED)]
    assert one_row(house, RiskState, strategy_id="broken").state is TradingState.ACTIVE
    assert [row.table for row in house.rows(Quarantined)] == ["risk_states"]


@pytest.mark.parametrize("change", [{"clears": "{"}, {"clears": "3"}, {"state": "PAUSED"}], ids=str)
def test_a_word_of_the_operator_that_cannot_be_read_is_taken_for_a_halt(house: Any, change: dict[str, Any]) -> None:
    """It may have been one. The next word that can be read holds."""
    word = OperatorWord(strategy_id="broken", ordered_at=T0 + timedelta(seconds=20), state=TradingState.ACTIVE, clears="[]")
    house.put(replace(word, **change))
    house.cycle(45)
    assert verdicts(house, "sound", 10) == AS_EVER[:1]
    assert verdicts(house, "broken", 10) == [("n", "BUY", Reason.OPERATOR)]
    assert told(house) == [("strategy_unreadable", "broken", Severity.CRITICAL)]
    order_state("broken", TradingState.ACTIVE, house.settings, T0 + timedelta(seconds=90))
    house.cycle(105)
    assert verdicts(house, "broken", 75) == [("o", "BUY", Reason.LEADER_TRADED)]


@pytest.mark.parametrize("change", BROKEN_POSITIONS.values(), ids=BROKEN_POSITIONS)
def test_a_position_that_cannot_be_read_is_derived_from_its_fills_again(house: Any, change: dict[str, Any]) -> None:
    """The log of fills is the truth, and it was not broken."""
    whole = one_row(house, Position, strategy_id="broken")
    house.put(replace(whole, **change))
    house.cycle(45)
    house.cycle(75)
    assert [verdicts(house, name, 10) for name in ("sound", "broken")] == [AS_EVER, AS_EVER]
    assert one_row(house, Position, strategy_id="broken", market_id="m").shares == 0


NO_INSTANT = [
    None,
    datetime.max.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
]  # Postgres' infinity is read as the last and the first


@pytest.mark.parametrize("name", ["trades:recording:", "signals", "signals before"])
@pytest.mark.parametrize("reached_at", NO_INSTANT, ids=["none", "infinity", "-infinity"])
def test_a_watermark_that_cannot_be_read_loses_no_trade_and_is_written_anew(house: Any, name: str, reached_at: datetime | None) -> None:
    """Not even the sale of 70 s, although the next cycle is twenty minutes away: it goes on after the last trade that is in store."""
    (mark,) = [row for row in house.rows(Watermark) if row.name == name or (row.name.startswith(name) and name.endswith(":"))]
    house.put(replace(mark, reached_at=reached_at))
    house.cycle(1_200)
    assert verdicts(house, "sound", 60)[0] == ("m", "SELL", Reason.LEADER_EXITED)
    assert one_row(house, Watermark, name=mark.name).reached_at >= T0 + timedelta(seconds=10)
    assert [row.table for row in house.rows(Quarantined)] == ["watermarks"]
    house.cycle(1_230)
    assert len(verdicts(house, "sound", 60)) == 2


def test_a_gap_that_cannot_be_read_stops_no_cycle_and_is_called_by_name(house: Any) -> None:
    """It is left alone: nobody knows from when to when trades are missing."""
    broken = a_gap(filled_to_at=None)
    house.put(broken, a_gap("another source", closed_at=None))
    house.cycle(45)
    assert verdicts(house, "sound", 10) == AS_EVER[:1]
    assert next_gap(house.settings, T0 + timedelta(minutes=5)) is None
    named = [alert for alert in told(house) if alert[0] == "row_unreadable"]
    assert named == [("row_unreadable", "gaps", Severity.WARNING)]
    assert house.rows(Gap, source="a source") == [broken]


def a_gap(source: str = "a source", **changes: Any) -> Gap:
    whole = Gap(source=source, from_at=T0, until_at=T0, filled_to_at=T0, cursor="", is_history=False, found_at=T0)
    return replace(whole, **changes)
