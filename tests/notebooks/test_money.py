"""Money on the results page adds up: whatever it is told by, and on whichever tab it stands."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from pydantic import SecretStr

from adapters.settings import Settings
from adapters.stores.results import Write
from data_contracts import Counterfactual, CounterfactualEnd, Currency, Kind, OrderStatus, Reason, Side, Strategy, Venue, Verdict
from data_contracts.frames import frame_of
from domain.backtesting.counterfactual import summarize_by_reason
from domain.ids import row_id
from notebooks.queries import overview, performance, trading
from notebooks.queries.house import House, total
from tests.ledger_rows import LEADER, OF_ALL, a_fill, a_position, an_exit, an_order
from tests.notebooks.seeded import NoOwners
from tests.notebooks.test_tabs import shown
from tests.random_logs import MOVES, OTHER, log_of, rows_kept

NOON = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_memories = count()


def a_house(*rows: Any, now: datetime = NOON) -> House:
    """One strategy that began with 1,000 USD, and these rows."""
    address = SecretStr(f"memory:money {next(_memories)}")
    house = House(Settings(postgres_url=address, clickhouse_url=address, graph_url="memory:", graph_password=None), now)
    house.__dict__["graph"] = NoOwners()
    of_usd: dict[str, Any] = {"venue": Venue.POLYMARKET, "stake_currency": Currency.USD, "kind": Kind.MIRROR, "policy": "{}"}
    since: dict[str, Any] = {"balance": Decimal(1_000), "enabled": True, "created_at": now - 90 * DAY, "updated_at": now}
    by_class: dict[type, list[Any]] = {}
    for row in (Strategy(strategy_id="one", **of_usd, **since), *rows):
        by_class.setdefault(type(row), []).append(row)
    house.results.write([Write(row_class, own) for row_class, own in by_class.items()])
    return house


def bought_and_sold(*sums: str, fee: str = "1") -> list[Any]:
    """100 shares each time for 40 USD, sold for these sums; an hour apart, the last one an hour ago. With the position of them."""
    fills = []
    for number in range(2 * len(sums)):
        side = Side.SELL if number % 2 else Side.BUY
        at = NOON - (2 * len(sums) - number) * HOUR
        usd = Decimal(sums[number // 2]) if side is Side.SELL else Decimal(40)
        fills.append(a_fill(an_order(at, f"order {number}", side=side), notional=usd, fee=Decimal(fee), category="politics"))
    return rows_kept(fills)


@given(moves=MOVES)
@settings(max_examples=10)
def test_whatever_it_is_told_by_it_adds_up_to_what_overview_says(moves: list[Any]) -> None:
    """Openings, exits in part, reopenings, merges, write-offs and settlements: Performance once counted closed rows, one a position."""
    log = log_of(moves, NOON - 3 * DAY)
    house = a_house(*rows_kept(log))
    realized = total(overview.strategies(house), "realized_pnl_usd")
    rows = performance.realized(house)
    for by in performance.BY:
        assert total(performance.performance(rows, by), "gain_usd") == pytest.approx(realized, abs=1e-6)
    earlier = total(overview.strategies(a_house(*rows_kept([one for one in log if _at(one) < NOON - DAY]))), "realized_pnl_usd")
    assert total(performance.realized(house, NOON - DAY), "gain_usd") == pytest.approx(realized - earlier, abs=1e-6)  # of a window


def _at(entry: Any) -> datetime:
    at: datetime = getattr(entry, "filled_at", None) or entry.settled_at
    return at


def test_a_position_that_was_opened_twice_has_the_fees_of_each_opening_and_both_results() -> None:
    """Positions once said fees 4, of both openings, beside the gain of the last. 50 - 1 - 41 = 8, 52 - 1 - 41 = 10."""
    house = a_house(*bought_and_sold("50", "52"))
    assert trading.closed_positions(house).select("gain_usd", "fees_usd").rows() == [(10.0, 2.0), (8.0, 2.0)]
    (line,) = performance.performance(performance.realized(house), "strategy").to_dicts()
    assert (line["gain_usd"], line["fees_usd"], line["positions"], line["won"]) == (18.0, 4.0, 2, 2)
    assert "$2.00" in shown(house, "Positions")
    assert "+$18.00" in shown(house, "Performance", by="market")


def test_what_closed_and_is_open_again_still_counts() -> None:
    """Its row has no `closed_at`, so that its first opening once stood nowhere."""
    closed = bought_and_sold("50")
    again = a_fill(an_order(NOON, "again"), notional=Decimal(44))
    house = a_house(*rows_kept([*closed[:2], again]))
    assert trading.closed_positions(house)["gain_usd"].to_list() == [8.0]
    assert total(performance.realized(house), "gain_usd") == 8.0


def test_the_last_closed_positions_are_the_last_whatever_was_sold_in_part_since() -> None:
    house = a_house(*bought_and_sold("50", "52", "39"))
    assert trading.closed_positions(house, count=1)["gain_usd"].to_list() == [-3.0]  # 39 - 1 - 41
    assert trading.closed_positions(house, count=2)["gain_usd"].to_list() == [-3.0, 10.0]
    assert trading.closed_positions(house, since=NOON - 3 * HOUR)["gain_usd"].to_list() == [-3.0, 10.0]


def test_a_day_is_the_utc_day_of_the_sale() -> None:
    """Of 100 bought for 40, a quarter is sold at 23:59:59 for 12.50 and a half at midnight for 25: 12.50 - 10, 25 - 20."""
    midnight = NOON.replace(hour=0)
    bought = a_fill(an_order(midnight - HOUR))
    sold = [
        a_fill(an_order(at, f"{at}", side=Side.SELL), shares, "0.50")
        for at, shares in ((midnight - timedelta(seconds=1), "25"), (midnight, "50"))
    ]
    rows = performance.realized(a_house(*rows_kept([bought, *sold])))
    found = performance.performance(rows, "day").select("of", "gain_usd", "positions").rows()
    assert found == [("2026-11-28", 5.0, 1), ("2026-11-27", 2.5, 1)]


def test_of_many_the_best_and_the_worst_are_shown() -> None:
    rows = pl.DataFrame({"of": list("abcde"), "gain_usd": [5.0, 4.0, 3.0, 2.0, 1.0]})
    assert performance._extremes(rows, "market", 3)["of"].to_list() == ["a", "b", "e"]
    assert performance._extremes(rows, "day", 3)["of"].to_list() == ["a", "b", "c"]
    assert performance._extremes(rows, "market", 5).height == 5


def ended(name: str, end: CounterfactualEnd, gain: float, ended_at: datetime | None) -> Counterfactual:
    own: dict[str, Any] = {key: OF_ALL[key] for key in ("strategy_id", "leader", "market_id", "token_id")}
    judged: dict[str, Any] = {"verdict": Verdict.SKIP, "reason": Reason.TRADE_STALE, "judged_at": NOON - 2 * DAY, "as_of": NOON}
    cost: dict[str, Any] = {"leader_price": Decimal("0.4"), "price": Decimal("0.4"), "delay_s": 9.0, "stake": Decimal(100)}
    came: dict[str, Any] = {"end": end, "gain": gain, "pnl": Decimal(str(gain)) * 100, "ended_at": ended_at}
    return Counterfactual(signal_id=row_id(name), event=name, category="politics", **own, **judged, **cost, **came)


def test_what_skips_would_have_brought_is_what_the_report_says_of_them() -> None:
    """What nobody would have filled brought 0 there, and was left out here: +30 % of one beside +15 % of two."""
    rows = [ended("a", CounterfactualEnd.LEADER, 0.3, NOON), ended("b", CounterfactualEnd.UNFILLED, 0.0, NOON - DAY)]
    house = a_house(*rows, ended("c", CounterfactualEnd.OPEN, 0.0, None))
    (line,) = performance.followed_up(house).to_dicts()
    (said,) = summarize_by_reason(frame_of(rows, Counterfactual)).to_dicts()
    assert (line["rows"], line["return"], float(line["pnl"])) == (said["signals"], said["mean"], said["pnl"]) == (2, 0.15, 30.0)


@pytest.mark.parametrize(("before", "counted"), [(timedelta(0), 1), (timedelta(microseconds=1), 0)])
def test_the_window_holds_for_what_skips_would_have_brought(before: timedelta, counted: int) -> None:
    """With 24 hours chosen, all time was shown."""
    house = a_house(ended("a", CounterfactualEnd.RESOLUTION, 0.3, NOON - DAY - before))
    assert performance.followed_up(house, NOON - DAY).height == counted


def test_a_strategy_that_only_tries_yesterdays_exit_again_has_its_orders_of_today() -> None:
    """It judged nothing since midnight, and Overview said "0 of 0 orders filled" while it sold."""
    filled, denied = (an_order(NOON, f"{status}", side=Side.SELL, status=status) for status in (OrderStatus.FILLED, OrderStatus.DENIED))
    (row,) = overview.strategies(a_house(filled, denied)).to_dicts()
    assert (row["judged_today"], row["copied_today"], row["orders_today"], row["filled_today"]) == (0, 0, 2, 1)


def test_a_wallets_figures_are_all_its_own() -> None:
    """Fees paid, what was traded and the exits stayed everybody's beside one wallet's exposure and slippage."""
    other = a_fill(an_order(NOON - HOUR, "of the other", leader=OTHER, token_id="no"), "1000", fee=Decimal(77))
    house = a_house(
        *bought_and_sold("50"),
        *rows_kept([other]),
        an_exit(NOON, leader=OTHER, wanted_shares=Decimal(333)),
        an_exit(NOON, signal_id=row_id(2)),
    )
    text = shown(house, "Positions", leader=LEADER)
    assert "$2.00 on $90.00 traded" in text  # 40 bought and 50 sold, 1 each
    assert "Exits underway: 1" in text
    assert "333" not in text
    assert "$79.00 on $490.00 traded" in shown(house, "Positions")


def test_what_a_strategy_that_is_off_realized_is_not_forgotten() -> None:
    """Overview left it out of what was realized, where Performance has it."""
    off = a_position(NOON, "0", "0", strategy_id="off", realized_pnl=Decimal(-5), closed_at=NOON)
    house = a_house(*bought_and_sold("50"), off)
    (one,) = house.results.rows(Strategy)
    house.results.write([Write(Strategy, [replace(one, strategy_id="off", enabled=False)])])
    assert "Realized PnL +$3.00" in shown(House(house.settings, NOON), "Overview")
