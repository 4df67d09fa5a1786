"""When a person is called: each rule at its boundary, and how long an alert lasts."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import AccountState, Mark, Reason, Severity, TradingState
from domain.copying.marking import with_marks
from domain.operating.alerts import House, StrategyMoney, UnreadableRow, alert_of, findings, update_alerts
from tests import ledger_rows
from tests.ledger_rows import a_leader
from tests.second_venue import a_mint

GOOD, BAD = (True, 1.0), (False, 1.0)


def a_standing(equity: str, day: str = "100") -> StrategyMoney:
    return StrategyMoney("one", Decimal(100), Decimal(equity), Decimal(day))


def names(house: House, as_of: datetime) -> list[tuple[str, str]]:
    return [(finding.what, finding.severity.value) for finding in findings(house, as_of)]


def test_a_house_of_which_nothing_is_known_raises_nothing(as_of: datetime) -> None:
    assert names(House(), as_of) == []


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        (House(cycles=[BAD, BAD, GOOD]), []),
        (House(cycles=[BAD, BAD]), []),
        (House(cycles=[BAD, BAD, BAD, GOOD]), [("cycles_failing", "critical")]),
        (House(cycles=[(True, 20.0)]), []),
        (House(cycles=[(True, 20.1)]), [("cycle_slow", "warning")]),
        (House(cycles=[(False, 99.0)]), []),  # it failed, and that is another alert
        (House(feed_lags_s={"polymarket": 90.0}), []),
        (House(feed_lags_s={"polymarket": 90.1}), [("feed_late", "warning")]),
        (House(feed_lags_s={"polymarket": float("inf")}), [("feed_late", "warning")]),
        (House(feed_lags_s={"polymarket": 100, "solana": 100}), [("feed_late", "warning")] * 2),
        (House(unsafe={"solana": "wrong chain"}), [("venue_unsafe", "critical")]),
        (House(unaccounted=["signature"]), [("chain_unaccounted", "critical")]),
        (House(orders=4, orders_failed=1), []),  # 25 %
        (House(orders=7, orders_failed=2), [("orders_failing", "critical")]),  # 28.6 %
        (House(orders=3, orders_failed=3), []),  # too few to say
        (House(consensus_asked=10, consensus_missed=5), []),
        (House(consensus_asked=11, consensus_missed=6), [("consensus_uncached", "warning")]),
        (House(money=[a_standing("90")]), []),  # 10 % of 100
        (House(money=[a_standing("89.99")]), [("daily_loss", "warning")]),
        (House(money=[a_standing("50.01", day="50.01")]), []),
        (House(money=[a_standing("50", day="50")]), [("strategy_halved", "critical")]),
        (House(money=[a_standing("0", day="0")]), [("strategy_halved", "critical")]),
    ],
)
def test_a_rule_holds_from_its_boundary_on(as_of: datetime, house: House, expected: list[tuple[str, str]]) -> None:
    assert names(house, as_of) == expected


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (TradingState.ACTIVE, None, []),
        (TradingState.REDUCING, Reason.ACCOUNT_DAILY_LOSS, []),  # one look is no evidence
        (TradingState.HALTED, Reason.ACCOUNT_DAILY_LOSS, [("account_halted", "critical")]),
        (TradingState.HALTED, Reason.ACCOUNT_DRAWDOWN, [("account_halted", "critical")]),
        (TradingState.REDUCING, Reason.RATE_MISSING, [("rate_missing", "warning")]),
    ],
)
def test_what_holds_all_strategies_back_is_told_once(as_of: datetime, state: TradingState, reason: Reason | None, expected: Any) -> None:
    known = {"equity_usd": None, "open_usd": None, "capital": "{}", "looks": "[]", "rules": "{}", "resumed_at": None, "changed_at": as_of}
    account = AccountState(account="all", state=state, reason=reason, drawdown=0.2, **known)  # type: ignore[arg-type]
    assert names(House(account=account), as_of) == expected


@pytest.mark.parametrize(("pnl", "losing"), [("-29.99", False), ("-30", True), ("30", False), (None, False)])
def test_a_position_that_lost_three_tenths_of_its_cost_is_told(
    a_marked_position: Any, as_of: datetime, pnl: str | None, losing: bool
) -> None:
    """100 shares that cost 100: at 0.70 they are worth 70."""
    mark = None if pnl is None else (100 + Decimal(pnl)) / 100
    position = a_marked_position(cost=Decimal(100), mark_price=mark)
    assert names(House(positions=[position]), as_of) == ([("position_losing", "warning")] if losing else [])


@pytest.mark.parametrize(("minutes", "severity"), [(0, "warning"), (4.99, "warning"), (5, "critical")])
def test_what_is_down_is_a_warning_and_after_five_minutes_critical(as_of: datetime, minutes: float, severity: str) -> None:
    house = House(down={"graph": "refused"}, down_since={"graph": as_of - timedelta(minutes=minutes)})
    assert names(house, as_of) == [("down", severity)]


@pytest.mark.parametrize(
    ("signal_h", "follows_h", "silent"),
    [(47.9, 100, False), (48, 100, True), (None, 48, True), (None, 47.9, False), (None, None, False), (72, 1, False)],
)
def test_two_days_without_a_signal_are_told_where_somebody_is_followed(
    as_of: datetime, signal_h: float | None, follows_h: float | None, silent: bool
) -> None:
    def ago(hours: float | None) -> datetime | None:
        return None if hours is None else as_of - timedelta(hours=hours)

    house = House(last_signal_at=ago(signal_h), follows_since=ago(follows_h))
    assert names(house, as_of) == ([("no_signal", "warning")] if silent else [])


@pytest.mark.parametrize(("hours", "named"), [(1.9, []), (2, [("leader_never_seen", "info")])])
def test_a_followed_wallet_that_never_traded_is_named_when_its_record_should_be_there(as_of: datetime, hours: float, named: Any) -> None:
    """One wrong digit is a wallet like any other: it was followed for ever, and nothing ever came of it."""
    chosen_at = as_of - timedelta(hours=hours)
    leader = a_leader(chosen_at, why="named; never seen trading so far")
    assert names(House(unseen=[leader]), as_of) == named


@pytest.mark.parametrize(("days", "expected"), [(2.9, []), (3, [("settlement_late", "warning")]), (None, [])])
def test_money_in_a_market_that_is_over_and_does_not_pay_is_told(
    as_of: datetime, a_marked_position: Any, days: float | None, expected: list[Any]
) -> None:
    """What its answer says is no payout: it is asked again for ever, and nobody looked at it."""
    held = [a_marked_position(cost=Decimal(100)), a_marked_position(cost=Decimal(20), leader="0x" + "b" * 40)]
    ends = {} if days is None else {held[0].token_id: as_of - timedelta(days=days)}
    assert names(House(positions=held, ends=ends), as_of) == expected
    assert all("120.00" in finding.message for finding in findings(House(positions=held, ends=ends), as_of))


def test_what_cannot_be_read_of_a_strategy_is_one_alert_with_a_cure_for_each_table(as_of: datetime) -> None:
    rows = [UnreadableRow("one", "strategies", "balance is required"), UnreadableRow("one", "exits", "reason must be one of …")]
    (finding,) = findings(House(unreadable=rows), as_of)
    assert (finding.severity, finding.about) == (Severity.CRITICAL, "one")
    assert "strategy-editing" in finding.message
    assert "table exits in Postgres" in finding.message


def test_every_message_says_what_to_do(as_of: datetime, a_marked_position: Any) -> None:
    house = House(
        cycles=[BAD] * 3,
        down={"graph": "refused"},
        feed_lags_s={"polymarket": 100},
        orders=9,
        orders_failed=9,
        consensus_asked=20,
        consensus_missed=20,
        money=[a_standing("10")],
        positions=[a_marked_position(cost=Decimal(100), mark_price=Decimal("0.5"))],
        follows_since=as_of - timedelta(days=9),
    )
    found = findings(house, as_of)
    assert len(found) == 9
    assert all(":" in finding.message or ";" in finding.message for finding in found)


def test_an_alert_lasts_as_long_as_its_rule_holds_and_is_then_cleared(as_of: datetime) -> None:
    """A night of one fault is one alert, whatever the hour; when it comes back it is another one."""
    down = findings(House(down={"graph": "refused"}), as_of)
    (first,) = update_alerts(down, [], as_of)
    later = as_of + timedelta(hours=3)
    worse = findings(House(down={"graph": "refused"}, down_since={"graph": first.raised_at}), later)
    (lasting,) = update_alerts(worse, [first], later)
    assert lasting.alert_id == first.alert_id
    assert (lasting.severity, lasting.raised_at, lasting.seen_at, lasting.cleared_at) == (Severity.CRITICAL, as_of, later, None)
    (cleared,) = update_alerts([], [lasting], later)
    assert cleared == replace(lasting, cleared_at=later)
    assert alert_of(down[0], later).alert_id != first.alert_id
    assert alert_of(down[0], as_of + timedelta(seconds=1)).alert_id == first.alert_id


@pytest.mark.parametrize(
    ("price", "ends", "expected"),
    [
        ("0", False, [("token_dead", "warning")]),
        ("0.000000000000000001", False, [("position_losing", "warning")]),
        ("0", True, [("position_losing", "warning")]),  # its resolution says what it was worth
        (None, False, []),
    ],
)
def test_of_a_coin_nobody_buys_it_is_said_that_it_is_valued_at_nothing(
    as_of: datetime, price: str | None, ends: bool, expected: Any
) -> None:
    coin = replace(a_mint("coin", as_of), highest_payout=Decimal(1) if ends else None)
    position = ledger_rows.a_position(as_of, outcome="coin")
    mark = Mark(token_id=position.token_id, price=Decimal(price or 0), marked_at=as_of, doubt=None, doubted_price=None, doubted_at=None)
    marks = {position.token_id: mark} if price else {}
    (marked,) = with_marks([position], marks, {}, {position.token_id: coin})
    assert names(House(positions=[marked]), as_of) == expected
