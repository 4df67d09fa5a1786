"""What arrives when, and in which order it is judged: whole cycles over small tapes, in memory, every number by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from adapters.connect import open_feed, open_history
from adapters.feeds.recorded import RecordedFeed
from data_contracts import Awaited, Deferral, JudgedTrade, LeaderHolding, Position, Reason, Side, Signal, Trade, Venue
from data_contracts.errors import Unavailable
from data_contracts.frames import frame_of
from domain.copying.policy import Policy
from domain.ids import row_id
from tasks.copying.arrivals import keep_new
from tasks.steps import bare_steps

T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
House = Callable[..., Any]


@pytest.fixture
def house(tape: Any, before_tape: House, mirror: Policy) -> House:
    """A house that follows LEADER with 10,000 USD, once the tape is complete: 10 % copies of at least `minimum` USD."""

    def made(leaders: list[str] = [LEADER], minimum: float = 1, scale_in: bool = True) -> Any:  # noqa: B006 (read only)
        sizing = mirror.sizing.model_copy(update={"min_notional": Decimal(minimum)})
        risk = mirror.risk.model_copy(update={"scale_in": scale_in})
        found = before_tape(tape)
        found.follow(leaders, mirror.model_copy(update={"sizing": sizing, "risk": risk}))
        return found

    return made


# The order within one second


@pytest.mark.parametrize("market", list("abcdefgh"))
def test_a_buy_and_its_sell_in_one_second_are_judged_as_the_feed_has_them(tape: Any, house: House, market: str) -> None:
    """They were ordered by trade_id, which is a hash: for half of the markets the SELL came first, as NOTHING_HELD, and the BUY was copied.

    We were left holding what the leader had sold already.
    """
    tape.trade(5, LEADER, "BUY", "1000", "0.40", market=market)
    tape.trade(5, LEADER, "SELL", "1000", "0.40", market=market)
    home = house()
    for at_s in (10, 40, 70):
        home.cycle(at_s)
    assert [position.shares for position in home.rows(Position)] == [0]


@pytest.mark.parametrize("market", list("abcdefgh"))
def test_a_sell_and_the_buy_after_it_in_one_second_leave_us_in(tape: Any, house: House, market: str) -> None:
    """It sold what it had before we followed it, and bought again: 40 USD at the limit of 0.42 are 95.23 shares."""
    tape.trade(5, LEADER, "SELL", "1000", "0.40", market=market)
    tape.trade(5, LEADER, "BUY", "1000", "0.40", market=market)
    home = house()
    for at_s in (10, 40, 70):
        home.cycle(at_s)
    reasons = {signal.side: signal.reason for signal in home.rows(Signal)}
    assert reasons == {Side.SELL: Reason.NOTHING_HELD, Side.BUY: Reason.LEADER_TRADED}
    assert [position.shares for position in home.rows(Position)] == [Decimal("95.23")]


# What is stored late, by whomever


def stored_late(home: Any, at_s: float, *trades: tuple[float, str, str]) -> None:
    """As reconciliation stores them: (second, side, shares) of LEADER in market m. The venue knew of them all along."""
    rows = frame_of([a_trade(traded_s, side, shares) for traded_s, side, shares in trades], Trade)
    known_to_the_venue(home, rows)
    with bare_steps():
        keep_new(rows, home.settings, T0 + timedelta(seconds=at_s))


def known_to_the_venue(home: Any, rows: pl.DataFrame) -> None:
    feed: Any = open_feed(home.settings)
    feed.accept(pl.concat([feed.all_trades, rows]).unique("trade_id"))


def a_trade(at_s: float, side: str, shares: str) -> Trade:
    at = T0 + timedelta(seconds=at_s)
    return Trade(
        trade_id=row_id(at_s, side, shares), source="polymarket", venue=Venue.POLYMARKET, wallet=LEADER,
        market_id="m", token_id="m:Yes", outcome="Yes",
        side=Side(side), price=Decimal("0.40"), shares=Decimal(shares), notional=Decimal("0.4") * Decimal(shares), traded_at=at,
        seen_at=at, tx_hash="", ordinal=0,
    )  # fmt: skip


@pytest.fixture
def holding(tape: Any, house: House) -> Any:
    """A house that copied the leader's 1,000 shares at 10 s: 95.23 of them; other cycles follow."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    home = house()
    for at_s in range(10, 3610, 600):
        home.cycle(at_s)
    return home


def test_a_sale_that_reconciliation_finds_an_hour_later_takes_us_out(holding: Any) -> None:
    """It was stored with its own time, long before the watermark of judging: nobody ever looked at it."""
    stored_late(holding, 3620, (60, "SELL", "1000"))
    holding.cycle(3640)
    assert [signal.reason for signal in holding.rows(Signal, side="SELL")] == [Reason.LEADER_EXITED]
    assert holding.rows(Position)[0].shares == 0


def test_a_sale_of_three_days_ago_still_takes_us_out(holding: Any) -> None:
    stored_late(holding, 3 * 86_400, (60, "SELL", "1000"))
    holding.cycle(3 * 86_400 + 30)
    assert holding.rows(Position)[0].shares == 0


def test_a_buy_that_comes_late_is_judged_and_stale(holding: Any) -> None:
    stored_late(holding, 3620, (70, "BUY", "500"))
    holding.cycle(3640)
    assert [signal.reason for signal in holding.rows(Signal, side="BUY")] == [Reason.LEADER_TRADED, Reason.TRADE_STALE]


def test_a_flow_that_took_longer_than_a_cycle_is_heard_all_the_same(holding: Any) -> None:
    """Reconciliation began at 3,000 s and stores now; cycles judged up to 3,010 s meanwhile, and 500 s more pass."""
    holding.cycle(3500)
    stored_late(holding, 3000, (60, "SELL", "1000"))
    holding.cycle(3530)
    assert holding.rows(Position)[0].shares == 0


def test_what_two_writers_store_is_judged_once(holding: Any) -> None:
    """Reconciliation finds it while a cycle stores it; and a third writer, ten minutes later, did not know either."""
    stored_late(holding, 3620, (60, "SELL", "500"))
    holding.cycle(3640)
    shares = holding.rows(Position)[0].shares
    again = frame_of([replace(a_trade(60, "SELL", "500"), seen_at=T0 + timedelta(seconds=4240))], Trade)
    open_history(holding.settings).append(again, Trade)
    for at_s in (4250, 4280):
        holding.cycle(at_s)
    assert holding.rows(Position)[0].shares == shares == Decimal("47.62")
    assert len(holding.rows(Signal, side="SELL")) == 1


def test_a_trade_keeps_the_arrival_of_whoever_brought_it_first(holding: Any) -> None:
    for at_s in (3620, 3900):
        stored_late(holding, at_s, (60, "SELL", "500"))
        holding.cycle(at_s)
    trades = open_history(holding.settings).trades(T0 + timedelta(seconds=50), T0 + timedelta(seconds=70))
    assert trades["seen_at"].to_list() == [T0 + timedelta(seconds=3620)]


def test_an_old_cycle_does_not_see_what_arrived_after_it(tape: Any, before_tape: House, mirror: Policy) -> None:
    """The cycle of 40 s happens again, on stores that know by now of a SELL at 20 s, which came at 3,620 s."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    outcomes = []
    for late in (False, True):
        home = before_tape(tape)
        home.follow([LEADER], mirror)
        if late:
            open_history(home.settings).append(
                frame_of([replace(a_trade(20, "SELL", "1000"), seen_at=T0 + timedelta(seconds=3620))], Trade), Trade
            )
        for at_s in (10, 40):
            home.cycle(at_s)
        outcomes.append([home.rows(row_class) for row_class in (Signal, Position)])
    assert outcomes[0] == outcomes[1]


# Fills of one order


def test_fifty_fills_of_one_order_are_copied_like_one_fill_of_their_sum(tape: Any, house: House) -> None:
    """10 % copies, at least 10 USD: of 50 fills of 10 USD nothing was copied, of one fill of 500 USD 50."""
    for _ in range(50):
        tape.trade(5, LEADER, "BUY", "25", "0.40")
    home = house(minimum=10)
    home.cycle(10)
    (signal,) = home.rows(Signal)
    assert (signal.fills, signal.leader_notional, signal.leader_shares, signal.notional) == (50, 500, 1250, 50)
    named = {row.trade_id for row in home.rows(JudgedTrade, signal_id=signal.signal_id)}
    assert len(named) == 50
    assert signal.trade_id in named


def test_a_small_fill_before_large_ones_does_not_stand_for_them(tape: Any, house: House) -> None:
    """30 USD, then five of 100: 10 USD were copied, or none, and the rest was TOKEN_ALREADY_HELD. 10 % of 530 are 53, capped at 50."""
    tape.trade(5, LEADER, "BUY", "75", "0.40")
    for at_s in (5, 5, 6, 7, 8):
        tape.trade(at_s, LEADER, "BUY", "250", "0.40")
    home = house(minimum=1, scale_in=False)
    home.cycle(10)
    assert [(signal.fills, signal.notional, signal.reason) for signal in home.rows(Signal)] == [(6, 50, Reason.LEADER_TRADED)]


def test_fills_at_several_prices_have_their_average(tape: Any, house: House) -> None:
    """100 at 0.30 and 300 at 0.50: 180 USD for 400 shares."""
    tape.trade(5, LEADER, "BUY", "100", "0.30")
    tape.trade(6, LEADER, "BUY", "300", "0.50")
    home = house()
    home.cycle(10)
    (signal,) = home.rows(Signal)
    assert (signal.leader_price, signal.leader_notional, signal.notional) == (Decimal("0.45"), 180, 18)


@pytest.mark.parametrize("other", [{"wallet": OTHER}, {"market": "n"}, {"outcome": "No"}])
def test_what_another_wallet_does_or_in_another_token_is_another_intention(tape: Any, house: House, other: dict[str, str]) -> None:
    tape.trade(5, LEADER, "BUY", "100", "0.40")
    tape.trade(5, other.get("wallet", LEADER), "BUY", "100", "0.40", other.get("outcome", "Yes"), other.get("market", "m"))
    home = house(leaders=[LEADER, OTHER])
    home.cycle(10)
    assert [signal.fills for signal in home.rows(Signal)] == [1, 1]


def test_a_stale_fill_makes_the_fresh_ones_no_older(tape: Any, house: House) -> None:
    """A minute and eleven seconds ago, and five seconds ago: the first is stale, the second is copied alone."""
    tape.trade(0, OTHER, "BUY", "1", "0.40")
    tape.trade(9, LEADER, "BUY", "1000", "0.40")
    tape.trade(75, LEADER, "BUY", "500", "0.40")
    home = house()
    home.cycle(8)
    home.cycle(80)
    assert sorted((s.reason, s.fills, s.notional) for s in home.rows(Signal)) == [
        (Reason.LEADER_TRADED, 1, 20),
        (Reason.TRADE_STALE, 1, 0),
    ]


def test_ten_sales_of_one_order_sell_the_part_they_are_of_the_whole(tape: Any, house: House) -> None:
    """10 x 50 of 1,000 shares: half of our 95.23, in one order of 47.61."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    for _ in range(10):
        tape.trade(40, LEADER, "SELL", "50", "0.40")
    home = house()
    home.cycle(10)
    home.cycle(45)
    (signal,) = home.rows(Signal, side="SELL")
    assert (signal.exit_fraction, signal.fills) == (Decimal("0.5"), 10)
    assert home.rows(Position)[0].shares == Decimal("47.62")


def test_in_out_and_in_again_between_two_looks_leaves_us_as_far_in_as_the_leader(tape: Any, house: House) -> None:
    """Bought 500, sold 500, bought 500: of 1,000 bought it holds half. We copy the sum, 95.23, and sell half of it with the next look."""
    for side in ("BUY", "SELL", "BUY"):
        tape.trade(5, LEADER, side, "500", "0.40")
    home = house()
    home.cycle(10)
    home.cycle(40)
    assert home.rows(Position)[0].shares == Decimal("47.62")
    assert {signal.side: signal.fills for signal in home.rows(Signal)} == {Side.BUY: 2, Side.SELL: 1}


# What waits is a row


def test_a_sale_that_waits_holds_nobody_up_and_is_read_alone(tape: Any, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can say what the leader held. The watermark of judging stayed before that sale, and each cycle read everything since."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(20, LEADER, "SELL", "400", "0.40")
    for number in range(10):
        tape.trade(40 + 30 * number, OTHER, "BUY", "100", "0.40", market=f"n{number}")
    home = house(leaders=[LEADER, OTHER])
    home.cycle(10)
    held = RecordedFeed.holding
    monkeypatch.setattr(RecordedFeed, "holding", lambda *asked: None)
    for at_s in range(25, 325, 30):
        home.cycle(at_s)
        assert home.watermark("signals") == T0 + timedelta(seconds=at_s)
        (waiting,) = home.rows(Deferral)
        assert (waiting.ended_at, waiting.waits_for, waiting.deferred_at) == (None, Awaited.HOLDING, T0 + timedelta(seconds=25))
    assert len(home.rows(Signal, leader=OTHER)) == 9
    monkeypatch.setattr(RecordedFeed, "holding", held)
    home.cycle(330)
    assert home.rows(Deferral)[0].ended_at == T0 + timedelta(seconds=330)
    (signal,) = home.rows(Signal, side="SELL")
    assert (signal.exit_fraction, signal.traded_at) == (Decimal("0.4"), T0 + timedelta(seconds=20))


def test_a_sale_that_waits_is_over_when_what_it_is_about_is_gone(tape: Any, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(20, LEADER, "SELL", "400", "0.40")
    tape.resolve(100, "No")
    home = house()
    home.cycle(10)
    monkeypatch.setattr(RecordedFeed, "holding", lambda *asked: None)
    home.cycle(40)
    home.cycle(110)
    assert [row.ended_at for row in home.rows(Deferral)] == [T0 + timedelta(seconds=110)]


def test_two_strategies_wait_each_for_itself(tape: Any, house: House, mirror: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second follows since 640 s and holds nothing: the sale that the first waits for is none of its business."""
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(5, LEADER, "SELL", "400", "0.40")
    home = house()
    home.cycle(10)
    holding = RecordedFeed.holding
    monkeypatch.setattr(RecordedFeed, "holding", lambda *asked: None)
    for at_s in (40, 340, 640):
        home.cycle(at_s)
    home.follow([LEADER], mirror, "second")
    monkeypatch.setattr(RecordedFeed, "holding", holding)
    home.cycle(670)
    assert sorted((signal.strategy_id, signal.side) for signal in home.rows(Signal)) == [("mirror", Side.BUY), ("mirror", Side.SELL)]


def test_what_is_stored_again_long_after_it_was_judged_is_not_judged_again(holding: Any) -> None:
    """Another writer did not know of it and stored it once more, with an arrival of its own."""
    stored_late(holding, 3620, (60, "SELL", "500"))
    for at_s in (3640, 3940, 4240):
        holding.cycle(at_s)
    again = frame_of([replace(a_trade(60, "SELL", "500"), seen_at=T0 + timedelta(seconds=4250))], Trade)
    open_history(holding.settings).append(again, Trade)
    holding.cycle(4270)
    assert len(holding.rows(Signal, side="SELL")) == 1
    assert holding.rows(Position)[0].shares == Decimal("47.62")


def test_what_is_stored_while_the_first_cycle_after_a_night_judges_is_judged_by_the_next(holding: Any) -> None:
    """Cycles stood still from 3,010 to 40,000 s. Reconciliation of 20,000 s stores its row when that cycle has read already."""
    late = frame_of([replace(a_trade(60, "SELL", "1000"), seen_at=T0 + timedelta(seconds=20_000))], Trade)
    holding.cycle(40_000)
    known_to_the_venue(holding, late)
    open_history(holding.settings).append(late, Trade)
    holding.cycle(40_030)
    assert holding.rows(Position)[0].shares == 0


# What the leader held


def test_a_leader_of_whom_we_saw_a_hundredth_takes_a_hundredth_of_ours_along(tape: Any, house: House) -> None:
    """It holds 10,000 from before we watched, buys 100 that we copy, and sells 100: we sold everything, and the venue was not asked."""
    tape.trade(-9000, LEADER, "BUY", "9900", "0.40")
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "109", "0.40")
    home = house()
    home.cycle(10)
    home.cycle(45)
    (signal,) = home.rows(Signal, side="SELL")
    assert signal.exit_fraction == Decimal("0.01")  # 109 of 10,900
    (known,) = home.rows(LeaderHolding)
    assert (known.shares, known.known_at) == (10_791, T0 + timedelta(seconds=45))


def test_an_answer_that_lags_behind_the_sale_gives_the_same_part(tape: Any, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tape.trade(-9000, LEADER, "BUY", "9900", "0.40")
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "109", "0.40")
    holding = RecordedFeed.holding
    monkeypatch.setattr(RecordedFeed, "holding", lambda feed, *asked: holding(feed, *asked[:3], asked[3] - timedelta(seconds=30)))
    home = house()
    home.cycle(10)
    home.cycle(45)
    assert [signal.exit_fraction for signal in home.rows(Signal, side="SELL")] == [Decimal("0.01")]


def test_fifty_strategies_ask_once_and_a_sale_that_waits_asks_no_more(
    tape: Any, house: House, mirror: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "500", "0.40")
    holding, asked = RecordedFeed.holding, []
    monkeypatch.setattr(RecordedFeed, "holding", lambda feed, *about: asked.append(about) or holding(feed, *about))
    home = house()
    for number in range(5):
        home.follow([LEADER], mirror, f"another {number}")
    for at_s in (10, 45, 75, 105):
        home.cycle(at_s)
    assert len(home.rows(Signal, side="SELL")) == 6
    assert len(asked) == 1


def test_a_venue_that_cannot_be_asked_makes_the_sale_wait_and_nobody_else(tape: Any, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: Any) -> None:
        raise Unavailable("the data API does not answer")

    tape.trade(0, LEADER, "BUY", "1000", "0.40")
    tape.trade(40, LEADER, "SELL", "500", "0.40")
    tape.trade(41, OTHER, "BUY", "1000", "0.40", market="n")
    home = house(leaders=[LEADER, OTHER])
    home.cycle(10)
    with monkeypatch.context() as patch:
        patch.setattr(RecordedFeed, "holding", silent)
        home.cycle(45)
    assert [signal.leader for signal in home.rows(Signal) if signal.traded_at > T0 + timedelta(seconds=30)] == [OTHER]
    home.cycle(75)
    assert [signal.exit_fraction for signal in home.rows(Signal, side="SELL")] == [Decimal("0.5")]
