"""What the figures of a report are made of, each with its arithmetic."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from data_contracts import (
    AccountLimits,
    AccountState,
    Currency,
    EdgeState,
    Fill,
    Form,
    Gap,
    GapEnd,
    Kind,
    OrderStatus,
    Period,
    Reason,
    RiskState,
    Settlement,
    Severity,
    Side,
    Signal,
    Strategy,
    TradingState,
    Venue,
    Verdict,
)
from data_contracts.frames import empty, frame_of
from domain.copying.account import USD_ONLY
from domain.copying.policy import Policy, RiskPolicy
from domain.copying.realizing import realized
from domain.ids import row_id
from domain.operating.reports.figures import Facts, changes, figures_of, latency
from domain.operating.reports.limits import deepest_fall, deepest_loss_usd
from domain.operating.reports.span import span_of
from domain.operating.reports.text import markdown, summary
from tests.ledger_rows import a_fill, a_leader, a_point, a_position, an_alert, an_order, signal_row

DAY = datetime(2026, 11, 27, tzinfo=UTC)
NOON, OVER = DAY + timedelta(hours=12), DAY + timedelta(days=1)
SPAN = span_of(Period.DAILY, DAY)


def a_strategy(**changes: Any) -> Strategy:
    plain: dict[str, Any] = {"strategy_id": "one", "venue": Venue.POLYMARKET, "stake_currency": Currency.USD, "kind": Kind.MIRROR}
    policy = Policy(risk=RiskPolicy(max_positions=4)).model_dump_json()
    plain |= {"policy": policy, "balance": Decimal(1_000), "enabled": True, "created_at": DAY, "updated_at": DAY}
    return Strategy(**(plain | changes))


def a_signal(name: str = "order", at: datetime = NOON, after_s: float = 12, **changes: Any) -> Signal:
    """Behind the order of that name, so long after the leader's trade."""
    ids = {"signal_id": row_id("signal", name), "trade_id": row_id("trade", name)}
    return signal_row(at, **(ids | {"traded_at": at - timedelta(seconds=after_s), "latency_s": after_s} | changes))


def framed(*rows: Any) -> pl.DataFrame:
    return frame_of(rows, type(rows[0]))


def money(**facts: Any) -> dict[str, Any]:
    """The line of the only strategy."""
    (line,) = figures_of(Facts(strategies=[a_strategy()], **facts), SPAN, OVER)["money"]
    return dict(line)


def test_what_an_operator_adds_is_no_gain() -> None:
    """1,010 of 1,000 before, 1,530 of 1,500 at the end: 30 gained in all, 10 of it before: 20."""
    line = money(equity=[a_point(DAY - timedelta(hours=1), "1010", "4"), a_point(NOON, "1530", "9", "1500")])
    assert (line["pnl"], line["realized"]) == (20, 5)
    assert line["pnl_of_balance"] == pytest.approx(20 / 1_500)


def test_what_an_operator_takes_is_no_loss() -> None:
    """1,010 of 1,000 before, 512 of 500 at the end: 2."""
    assert money(equity=[a_point(DAY - timedelta(hours=1), "1010"), a_point(NOON, "512", balance="500")])["pnl"] == 2


def test_a_point_of_an_older_version_began_with_what_the_strategy_has_now() -> None:
    assert money(equity=[a_point(DAY - timedelta(days=9), "990", balance=None), a_point(NOON, "997")])["pnl"] == 7  # -3 less -10


def test_a_strategy_without_a_point_before_the_day_began_within_it() -> None:
    assert money(equity=[a_point(NOON, "1004")])["pnl"] == 4


def test_an_idle_day_gains_nothing() -> None:
    """Its only point is of the week before."""
    line = money(equity=[a_point(DAY - timedelta(days=7), "1100", "60")])
    assert (line["pnl"], line["realized"], line["equity"], line["closed"]) == (0, 0, 1_100, 0)


def sold(market: str, pnl: str, closed: bool = True, bought: int = 1) -> list[Fill]:
    """100 bought for 40 USD, of which all or half is sold so that it brings this."""
    of, gone = {"market_id": market, "token_id": market}, Decimal(100 if closed else 50)
    log = []
    for number in range(bought):
        buy, sale = (an_order(NOON, f"{side} {number} {market}", side=side, sequence=2 * number + (side == "SELL"), **of) for side in Side)
        usd = gone * Decimal("0.40") + Decimal(pnl)
        log += [
            a_fill(buy, sequence=2 * number),
            a_fill(sale, shares=f"{gone}", sequence=2 * number + 1, notional=usd),
        ]
    return log


def realized_of(*fills: Fill) -> pl.DataFrame:
    return realized(framed(*fills), empty(Settlement))


def test_the_interval_of_what_was_sold_is_over_markets_and_four_are_too_few() -> None:
    point = [a_point(NOON, "1000")]
    few = money(equity=point, realized=realized_of(*(fill for number in range(4) for fill in sold(f"m{number}", "2"))))
    assert (few["closed_pnl"], few["low"], few["high"], few["won"]) == (8, None, None, 4)
    pnl = ["3", "-1", "2", "4", "-2", "5"]
    more = money(equity=point, realized=realized_of(*(fill for number, one in enumerate(pnl) for fill in sold(f"m{number}", one))))
    assert more["low"] < 11 < more["high"]  # 3 - 1 + 2 + 4 - 2 + 5
    assert (more["closed"], more["won"], more["closed_pnl"]) == (6, 4, 11)


def test_each_opening_counts_and_what_was_sold_in_part() -> None:
    """One row a position with `closed_at` in the day was counted: the first of two openings of the day was not, nor what is still open."""
    line = money(equity=[a_point(NOON, "1000")], realized=realized_of(*sold("m", "7", bought=2), *sold("open", "3", closed=False)))
    assert (line["positions"], line["closed"], line["won"], line["closed_pnl"]) == (3, 2, 3, 17)


def test_slippage_is_against_the_leaders_price_and_fees_are_added_up() -> None:
    """Bought 100 at 0.42 where 0.40 was to be copied: 2.00 worse. Sold 50 at 0.45 where 0.44 was: 0.50 better. Fees 0.30 + 0.20."""
    buy, sale = an_order(NOON), an_order(NOON, "sale", side=Side.SELL)
    fills = [
        a_fill(buy, "100", "0.42", fee=Decimal("0.30")),
        a_fill(sale, "50", "0.45", fee=Decimal("0.20")),
    ]
    signals = framed(a_signal(), a_signal("sale", side=Side.SELL, leader_price=Decimal("0.44"), reason=Reason.LEADER_EXITED))
    line = money(equity=[a_point(NOON, "1000")], fills=framed(*fills), orders=framed(buy, sale), signals=signals)
    assert line["slippage"] == pytest.approx(1.5)
    assert (line["fees"], line["turnover"], line["fills"]) == (Decimal("0.50"), Decimal("64.5"), 2)  # 42 + 22.5


def test_a_signal_of_the_day_before_is_not_counted_though_its_order_is() -> None:
    """Judged one microsecond before midnight, ordered at midnight."""
    judged_at = DAY - timedelta(microseconds=1)
    facts = Facts(signals=framed(a_signal(at=judged_at)), orders=framed(an_order(DAY)))
    found = figures_of(facts, SPAN, OVER)
    assert (found["signals"], found["copied"], found["latency"]["orders"]) == (0, 0, 1)
    assert found["orders"] == [{"strategy_id": "one", "status": "FILLED", "reason": None, "count": 1}]


def test_what_was_skipped_is_counted_by_its_reason() -> None:
    skipped = [a_signal(str(number), verdict=Verdict.SKIP, reason=Reason.TRADE_STALE) for number in range(3)]
    other = a_signal("other", verdict=Verdict.SKIP, reason=Reason.FEED_LATE)
    found = figures_of(Facts(signals=framed(other, *skipped, a_signal())), SPAN, OVER)
    assert [(line["reason"], line["count"]) for line in found["skipped"]] == [("TRADE_STALE", 3), ("FEED_LATE", 1)]
    assert (found["signals"], found["copied"]) == (5, 1)


def waits(seconds: list[float]) -> tuple[pl.DataFrame, pl.DataFrame]:
    names = [str(number) for number in range(len(seconds))]
    orders = [an_order(NOON, name) for name in names]
    return framed(*orders), framed(*(a_signal(name, after_s=wait) for name, wait in zip(names, seconds, strict=True)))


def test_nineteen_orders_have_no_95th_percentile_and_twenty_do() -> None:
    orders, signals = waits([float(number) for number in range(1, 20)])
    assert latency(orders, signals, SPAN) == {"orders": 19, "p50_s": 10.0, "p95_s": None, "slowest_s": 19.0}
    orders, signals = waits([float(number) for number in range(1, 21)])
    assert latency(orders, signals, SPAN)["p95_s"] == pytest.approx(19.05)  # 0.95 x 19 steps above 1


def test_an_exit_by_a_rule_of_ours_follows_no_trade_and_an_exit_tried_again_waits_once() -> None:
    orders = framed(
        an_order(NOON), an_order(NOON + timedelta(seconds=30), "again", signal_id=row_id("signal", "order")), an_order(NOON, "stop")
    )
    signals = framed(a_signal(after_s=5), a_signal("stop", reason=Reason.STOP_LOSS, side=Side.SELL, after_s=9))
    assert latency(orders, signals, SPAN) == {"orders": 1, "p50_s": 5.0, "p95_s": None, "slowest_s": 5.0}


def test_an_exit_that_was_first_tried_the_day_before_waits_in_that_days_report_alone() -> None:
    """Its retry after midnight counted as an order 1,205 s after the trade."""
    before, after = DAY - timedelta(seconds=1), DAY + timedelta(minutes=20)
    orders = framed(an_order(before), an_order(after, "again", signal_id=row_id("signal", "order")))
    signals = framed(a_signal(at=before, after_s=5))
    assert latency(orders, signals, SPAN)["orders"] == 0
    assert latency(orders, signals, span_of(Period.DAILY, before))["slowest_s"] == 5
    assert figures_of(Facts(orders=orders, signals=signals), SPAN, OVER)["orders"][0]["count"] == 1


def test_whom_we_follow_changed_within_the_day_only() -> None:
    leaders = [
        a_leader(DAY, "0x" + "1" * 40),
        a_leader(DAY - timedelta(days=9), "0x" + "2" * 40, dropped_at=NOON, why="it faded"),
        a_leader(DAY - timedelta(days=9), "0x" + "3" * 40),
        a_leader(OVER, "0x" + "4" * 40),
    ]
    found = changes(leaders, [an_edge("0x" + "3" * 40), an_edge("0x" + "9" * 40)], SPAN)
    assert [(line["wallet"][2], line["change"], line["why"]) for line in found] == [
        ("1", "followed", "test"),
        ("2", "dropped", "it faded"),
        ("3", "FADED", "rang"),  # of one that nobody ever followed nothing is said
    ]


def an_edge(wallet: str) -> EdgeState:
    plain: dict[str, Any] = dict.fromkeys(("edge", "statistic", "rings_from", "heard_from", "false_alarms"), 0.1)
    plain |= {"bets": 9, "win_rate": None, "losses_in_a_row": 0, "last_trade_at": DAY, "why": "rang", "brief": "GOOD", "form": Form.FADED}
    return EdgeState(wallet=wallet, changed_at=OVER - timedelta(seconds=1), checked_at=OVER, **plain)


def test_the_deepest_fall_is_within_one_day_and_what_was_taken_out_is_none() -> None:
    """From 1,000 at midnight to 950 is 5 %; overnight to 940 is of the next day; half of it taken out is no fall."""
    points = [
        a_point(DAY - timedelta(hours=1), "1000"),
        a_point(NOON, "950"),
        a_point(OVER + timedelta(hours=1), "940"),
        a_point(OVER + timedelta(hours=2), "440", balance="500"),
    ]
    assert deepest_fall(points, DAY) == pytest.approx(0.05)
    assert deepest_fall(points, OVER) == pytest.approx(10 / 950)


def limits_of(**facts: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
    found = figures_of(Facts(strategies=[a_strategy()], **facts), SPAN, OVER)["limits"]
    return {(line["whose"], line["limit"]): (line["used"], line["most"], line["about"]) for line in found}


def test_the_report_has_every_limit_of_an_account_and_of_a_strategy() -> None:
    """Two of seven and three of eight it had. 40 and 25 USD are open after two wallets of one owner, 10 after another's."""
    wallets = [f"0x{digit * 40}" for digit in "123"]
    held = [
        a_position(NOON, cost=cost, leader=leader, token_id=token)
        for cost, leader, token in zip(("40", "25", "10"), wallets, ("a", "b", "a"), strict=True)
    ]
    caps = {"max_open_usd": 600, "max_cluster_usd": 300, "max_leader_usd": 100, "max_token_usd": 90, "max_venue_usd": 500}
    limits = AccountLimits(
        set_at=DAY, max_daily_loss_usd=Decimal(50), max_drawdown=0.2, **{name: Decimal(cap) for name, cap in caps.items()}
    )
    points = [a_point(DAY - timedelta(hours=1), "1000"), a_point(NOON, "970", open_positions=3), a_point(NOON + timedelta(hours=1), "990")]
    computed: dict[str, Any] = {"size_factor": Decimal(1), "looks": "[]", "rules": "{}", "resumed_at": None, "changed_at": DAY}
    stands: dict[str, Any] = {"state": TradingState.ACTIVE, "reason": None, "equity": Decimal(990), "cash": Decimal(915), "drawdown": 0.03}
    risk = RiskState(strategy_id="one", **stands, **computed)
    owned = dict.fromkeys(wallets[:2], "an owner of two")
    found = limits_of(
        equity=points, limits=limits, account=an_account(), risks=[risk], open_positions=framed(*held), owners=owned, rates=USD_ONLY
    )
    assert found == {
        ("account", "open in all"): (75, 600, ""),
        ("account", "open behind one owner"): (65, 300, "an owner of two"),
        ("account", "open after one leader"): (40, 100, wallets[0]),
        ("account", "open in one token"): (50, 90, "a"),
        ("account", "open at one venue"): (75, 500, "polymarket"),
        ("account", "below its peak"): (10, 20, ""),
        ("account", "lost within a day, at most"): (30, 50, ""),
        ("one", "positions, at most in the time"): (3, 4, ""),
        ("one", "positions"): (3, 4, ""),
        ("one", "positions after one leader"): (2, 3, "an owner of two"),
        ("one", "open in one position"): (40, 10_000, "a"),
        ("one", "open in all"): (75, 1_000, ""),
        ("one", "open after one leader"): (65, 500, "an owner of two"),
        ("one", "open in one token"): (50, 250, "a"),
        ("one", "below its peak"): (3, 30, ""),
        ("one", "lost within a day, at most"): (3, 15, ""),
    }


def test_what_nobody_limited_is_not_told_and_what_was_used_at_most_is() -> None:
    limits = AccountLimits(set_at=DAY, max_open_usd=None, max_cluster_usd=None, max_daily_loss_usd=None, max_drawdown=None)
    points = [a_point(NOON, "1000", open_positions=3), a_point(NOON + timedelta(hours=1), "1000", open_positions=1)]
    found = limits_of(equity=points, limits=limits, account=an_account())
    assert {whose for whose, _ in found} == {"one"}
    assert found["one", "positions, at most in the time"] == (3, 4, "")


def an_account() -> AccountState:
    """A tenth below its peak."""
    rules: dict[str, Any] = {"capital": "{}", "looks": "[]", "rules": "{}", "resumed_at": None, "changed_at": DAY}
    return AccountState(
        account="all",
        state=TradingState.ACTIVE,
        reason=None,
        equity_usd=Decimal(1_000),
        open_usd=Decimal(150),
        drawdown=0.1,
        **rules,
    )


def test_what_the_account_lost_is_added_up_over_its_strategies_and_what_was_taken_out_is_no_loss() -> None:
    """At midnight 1,000 and 500; the one gains 20 and the other loses 50: 30. Half of the other is taken out, and nothing more is lost."""
    two = a_strategy(strategy_id="two", balance=Decimal(250))
    of_two = {"strategy_id": "two"}
    curve = [
        a_point(DAY - timedelta(hours=2), "1000"),
        a_point(DAY - timedelta(hours=1), "500", balance="500", **of_two),
        a_point(NOON, "1020"),
        a_point(NOON + timedelta(hours=1), "450", balance="500", **of_two),
        a_point(NOON + timedelta(hours=2), "200", balance="250", **of_two),
    ]
    assert deepest_loss_usd([a_strategy(), two], curve, USD_ONLY, DAY) == 30
    coins = replace(two, stake_currency=Currency.SOL)
    assert deepest_loss_usd([a_strategy(), coins], curve, USD_ONLY, DAY) is None  # nobody knows what a SOL is worth


@pytest.mark.parametrize(
    ("found_at", "closed_at", "is_said"),
    [
        (DAY - timedelta(days=2), DAY - timedelta(microseconds=1), False),
        (DAY - timedelta(days=2), DAY, True),
        (OVER, None, False),
        (OVER - timedelta(seconds=1), None, True),
    ],
)
def test_a_hole_is_said_of_each_day_it_was_open(found_at: datetime, closed_at: datetime | None, is_said: bool) -> None:
    closed_by = GapEnd.FILLED if closed_at else None
    gap = Gap(
        source="trades",
        from_at=DAY,
        until_at=NOON,
        filled_to_at=NOON,
        cursor="",
        is_history=False,
        found_at=found_at,
        closed_at=closed_at,
        closed_by=closed_by,
    )
    assert bool(figures_of(Facts(gaps=[gap]), SPAN, OVER)["gaps"]) == is_said
    assert (
        figures_of(Facts(gaps=[replace(gap, is_history=True)]), SPAN, OVER)["gaps"] == []
    )  # a new house missed nothing before it was there


def test_a_day_without_anything_is_a_report_that_says_so() -> None:
    found = figures_of(Facts(), SPAN, OVER)
    assert summary(found) == "Fri 27 Nov 2026: nothing traded; 0 of 0 copied, 0 closed; no alert"
    text = markdown(found)
    for sentence in (
        "No strategy has an equity curve yet.",
        "No trade of anybody we follow came.",
        "No order was made.",
        "No order followed a trade.",
        "No signal that is followed up ended in this time.",
        "Nobody was chosen or dropped.",
        "No row was set aside; how many trades arrived is not known.",
        "Nothing was missed.",
    ):
        assert sentence in text


def test_a_line_of_the_summary_adds_no_sol_to_usd_and_has_no_negative_zero() -> None:
    coins = a_strategy(strategy_id="coins", venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(10))
    points = [a_point(NOON, "999.999"), a_point(NOON, "10.25", balance="10", strategy_id="coins")]
    found = figures_of(Facts(strategies=[a_strategy(), coins], equity=points), SPAN, OVER)
    assert summary(found).startswith("Fri 27 Nov 2026: +0.00 USD and +0.2500 SOL; ")
    assert found["usd"]["equity"] is None
    assert "a currency has no rate on record" in markdown(found)


def test_what_came_from_outside_does_not_end_its_cell() -> None:
    alert = an_alert(NOON, severity=Severity.WARNING, message="it said | or\nso")
    found = figures_of(Facts(alerts=[alert, replace(alert, severity=Severity.INFO)]), SPAN, OVER)
    assert summary(found).endswith("; 1 alert")  # what is only to know is none
    assert "it said \\| or so |" in markdown(found)


def test_every_table_of_the_text_has_as_many_cells_as_headings() -> None:
    order = an_order(NOON, status=OrderStatus.DENIED, reason=Reason.SLIPPAGE_TOO_HIGH)
    facts = Facts(
        strategies=[a_strategy()],
        equity=[a_point(NOON, "1004")],
        signals=framed(a_signal()),
        orders=framed(order),
        fills=empty(Fill),
        leaders=[a_leader(NOON)],
        cycles={"COMPLETED": 2_880},
    )
    text = markdown(figures_of(facts, SPAN, OVER))
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    assert all(len({line.count(" | ") for line in lines if set(line) - set("|- ")}) == 1 for lines in tables)
    assert "| one | DENIED | SLIPPAGE_TOO_HIGH | 1 |" in text
    assert "Cycles: 2880 completed." in text


def test_the_same_rows_in_another_order_make_the_same_report() -> None:
    strategies, two = [a_strategy(), a_strategy(strategy_id="two")], {"strategy_id": "two"}
    points = [a_point(NOON, "1004"), a_point(NOON, "998", **two)]
    signals = [a_signal("a"), a_signal("b", **two), a_signal("c", verdict=Verdict.SKIP, reason=Reason.TRADE_STALE)]
    orders = [an_order(NOON, "a"), an_order(NOON, "b", **two)]
    fills = [a_fill(order) for order in orders]
    one, other = (
        Facts(
            strategies=strategies,
            equity=points[::step],
            signals=framed(*signals[::step]),
            orders=framed(*orders[::step]),
            fills=framed(*fills[::step]),
        )
        for step in (1, -1)
    )
    assert figures_of(one, SPAN, OVER) == figures_of(other, SPAN, OVER)
