"""What a cycle makes of what was posted to us: an intent is one more way in which a leader's trade arrives. In memory, by hand."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_history, open_results
from adapters.feeds.recorded import RecordedFeed
from adapters.inbox.faults import Fault, set_aside
from adapters.inbox.posted_intents import intent_in
from adapters.stores.results import read_count
from data_contracts import (
    Counter,
    Entrance,
    Fill,
    JudgedTrade,
    Order,
    OrderStatus,
    Position,
    Reason,
    Side,
    Signal,
    TakenIntent,
    TradeIntent,
    Verdict,
)
from data_contracts.errors import Unavailable
from domain.copying.policy import Policy
from flows import copy_trading
from flows.copy_trading import copy_cycle
from tasks.copying.intent_records import count_intents, intent_records, refused_records, sender_gaps
from tasks.steps import bare_steps

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
T0 = datetime(2022, 11, 8, 12, tzinfo=UTC)


class PostBox:
    """A house before a tape on which somebody else trades at 0.40, and what is posted to it."""

    def __init__(self, home: Any) -> None:
        self.home, self.posted = home, 0

    def post(self, signalled_s: float, received_s: float | None = None, **changes: Any) -> None:
        """A BUY of 400 USD at 0.40, as the inbox would store it when it came."""
        self.posted += 1
        said = {
            "intent_id": f"intent-{self.posted}",
            "timestamp": (T0 + timedelta(seconds=signalled_s)).isoformat(),
            "source_trader": LEADER,
            "market_id": "m",
            "outcome": "YES",
            "side": "BUY",
            "size_usdc": 400,
            "metadata": {"price": Decimal("0.40")},
        } | changes
        received = T0 + timedelta(seconds=signalled_s if received_s is None else received_s)
        open_results(self.home.settings).receive([intent_in({k: v for k, v in said.items() if v is not None}, Entrance.HTTP, received)])

    def sell(self, signalled_s: float, shares: int, received_s: float | None = None, **seen: Any) -> None:
        self.post(signalled_s, received_s, side="SELL", size_usdc=None, size_tokens=shares, metadata={"price": Decimal("0.40")} | seen)

    def taken(self) -> list[Any]:
        return sorted(self.home.rows(TakenIntent), key=lambda one: int(one.intent_id.partition("-")[2]))

    def rows(self, row_class: type) -> list[Any]:
        found: list[Any] = self.home.rows(row_class)
        return found


@pytest.fixture
def before(tape: Any, before_tape: Callable[[Any], Any], mirror: Policy) -> Callable[..., PostBox]:
    def made(policy: Policy = mirror, trades: Sequence[Any] = ()) -> PostBox:
        tape.trade(-5, OTHER, "BUY", "1000", "0.40")
        tape.trade(-5, OTHER, "SELL", "1000", "0.40", outcome="No")
        for trade in trades:
            tape.trade(*trade)
        home = before_tape(tape)
        home.follow([LEADER], policy)
        return PostBox(home)

    return made


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def test_an_intent_takes_the_way_of_every_trade(before: Callable[..., PostBox]) -> None:
    """10 % of 400 USD are 40; at the limit of 0.42, 5 % worse, that is 95.23 shares, which cost 38.092 at 0.40."""
    box = before()
    box.post(5)
    box.home.cycle(10)
    taken, signal, fill = only(box.taken()), only(box.rows(Signal)), only(box.rows(Fill))
    assert (taken.reason, taken.price, taken.shares, taken.notional) == (None, Decimal("0.4"), Decimal(1000), Decimal(400))
    assert (signal.trade_id, signal.verdict, signal.leader, signal.outcome) == (taken.trade_id, Verdict.COPY, LEADER, "Yes")
    assert (signal.traded_at, signal.judged_at) == (T0 + timedelta(seconds=5), T0 + timedelta(seconds=10))
    assert (fill.shares, fill.notional) == (Decimal("95.23"), Decimal("38.092"))


def test_what_was_taken_in_is_not_taken_again(before: Callable[..., PostBox]) -> None:
    box = before()
    box.post(5)
    for at_s in (10, 10, 40):
        box.home.cycle(at_s)
    assert len(box.taken()) == len(box.rows(Signal)) == len(box.rows(Order)) == 1
    counted = {row.name: row.reached for row in box.rows(Counter)}
    assert (counted["trade_intents"], counted[read_count(TradeIntent)]) == (1, 1)


def test_what_arrives_after_a_cycle_s_instant_is_the_next_one_s(before: Callable[..., PostBox]) -> None:
    """An old `as_of` makes the old cycle happen again, and it had not come by then."""
    box = before()
    box.post(12)
    box.home.cycle(10)
    assert box.taken() == []
    box.home.cycle(15)
    assert only(box.taken()).seen_at == T0 + timedelta(seconds=15)


@pytest.mark.parametrize(("age_s", "reason"), [(60, Reason.LEADER_TRADED), (61, Reason.TRADE_STALE)])
def test_an_alert_that_was_sent_again_is_stale_by_its_own_time(before: Callable[..., PostBox], age_s: int, reason: Reason) -> None:
    box = before()
    box.post(100 - age_s, received_s=99)
    box.home.cycle(100)
    assert only(box.rows(Signal)).reason is reason


def test_a_sender_s_clock_that_runs_ahead_makes_no_trade_to_come(before: Callable[..., PostBox]) -> None:
    box = before()
    box.post(14, received_s=10)
    box.home.cycle(10)
    assert only(box.rows(Signal)).traded_at == T0 + timedelta(seconds=10)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source_trader": OTHER}, Reason.LEADER_NOT_FOLLOWED),
        ({"market_id": "nowhere"}, Reason.MARKET_UNKNOWN),
        ({"outcome": "Maybe"}, Reason.MARKET_UNKNOWN),
        ({"size_usdc": Decimal("1e-9")}, Reason.SIZE_BELOW_MINIMUM),
    ],
)
def test_what_is_no_trade_is_on_record_with_its_reason(before: Callable[..., PostBox], changes: dict[str, Any], reason: Reason) -> None:
    box = before()
    box.post(5, **changes)
    box.post(5)
    box.home.cycle(10)
    assert [one.reason for one in box.taken()] == [reason, None]
    assert len(box.rows(Signal)) == 1


def test_without_a_price_the_book_s_own_is_taken(before: Callable[..., PostBox]) -> None:
    box = before()
    box.post(5, metadata=None)
    box.home.cycle(10)
    assert only(box.taken()).price == Decimal("0.4")


@pytest.mark.parametrize(
    ("limit", "status", "reason"), [("0.41", OrderStatus.FILLED, None), ("0.39", OrderStatus.DENIED, Reason.PRICE_BEYOND_LIMIT)]
)
def test_nothing_is_bought_above_the_sender_s_limit(
    before: Callable[..., PostBox], limit: str, status: OrderStatus, reason: Reason
) -> None:
    """The book asks 0.40. Within 0.41 the order may pay 0.41, and not the 0.42 that 5 % would allow."""
    box = before()
    box.post(5, price_limit=Decimal(limit))
    box.home.cycle(10)
    order = only(box.rows(Order))
    assert (order.status, order.reason, order.limit_price) == (status, reason, Decimal(limit))


def test_intents_with_other_limits_are_not_one_intention(before: Callable[..., PostBox]) -> None:
    """Their sum would have no limit that is true of both."""
    box = before()
    box.post(5, price_limit=Decimal("0.41"))
    box.post(5, price_limit=Decimal("0.30"))
    box.home.cycle(10)
    assert sorted(order.limit_price for order in box.rows(Order)) == [Decimal("0.30"), Decimal("0.41")]


def test_ten_at_once_of_one_token_are_one_intention(before: Callable[..., PostBox]) -> None:
    """10 x 20 USD: 10 % of each is below the minimum of 10, of all it is 20."""
    box = before()
    for _ in range(10):
        box.post(5, size_usdc=20)
    box.home.cycle(10)
    signal = only(box.rows(Signal))
    assert (signal.fills, signal.leader_notional, signal.notional) == (10, Decimal(200), Decimal(20))
    assert len(box.rows(JudgedTrade)) == 10


def test_a_sale_that_is_posted_takes_us_out_in_proportion(before: Callable[..., PostBox]) -> None:
    """The leader held 1,000 and sells 250: we sell a quarter of our 95.23, in whole hundredths 23.80."""
    box = before()
    box.post(5)
    box.home.cycle(10)
    box.sell(20, 250, trader_position_size=1000)
    box.home.cycle(25)
    sale = only([order for order in box.rows(Order) if order.side is Side.SELL])
    assert (sale.status, sale.shares) == (OrderStatus.FILLED, Decimal("23.80"))


def test_what_the_leader_held_is_asked_where_the_sender_does_not_say(before: Callable[..., PostBox]) -> None:
    """The venue says 600 after a sale of 400 that it knows of: 1,000 before it. Ours goes by 40 %: 38.09 of 95.23."""
    box = before(trades=[(-100, LEADER, "BUY", "600", "0.40")])
    box.post(5)
    box.home.cycle(10)
    box.sell(20, 400)
    box.home.cycle(25)
    sale = only([order for order in box.rows(Order) if order.side is Side.SELL])
    assert sale.shares == Decimal("38.09")


def test_nothing_is_sold_that_we_do_not_hold(before: Callable[..., PostBox]) -> None:
    box = before()
    box.sell(5, 250, trader_position_size=1000)
    box.home.cycle(10)
    assert only(box.rows(Signal)).reason is Reason.NOTHING_HELD


def test_what_a_feed_shows_after_it_was_posted_is_copied_once(before: Callable[..., PostBox]) -> None:
    """The feed is four seconds late, and tells 1,002 shares at 0.40 where the sender told 400 USD. It has its verdict: the same signal."""
    box = before(trades=[(12, LEADER, "BUY", "1002", "0.40")])
    box.post(8)
    box.home.cycle(10)
    box.home.cycle(15)
    box.home.cycle(45)
    assert len(box.rows(Order)) == len(box.rows(Signal)) == 1
    assert [judged.signal_id for judged in box.rows(JudgedTrade)] == [only(box.rows(Signal)).signal_id] * 2


def test_what_a_feed_showed_before_it_was_posted_is_copied_once(before: Callable[..., PostBox]) -> None:
    box = before(trades=[(5, LEADER, "BUY", "1000", "0.40")])
    box.home.cycle(10)
    box.post(6, received_s=20)
    box.home.cycle(25)
    assert len(box.rows(Order)) == 1
    assert only(box.taken()).trade_id == only(box.rows(Signal)).trade_id


def test_what_comes_by_both_ways_in_one_cycle_is_copied_once(before: Callable[..., PostBox]) -> None:
    """As one intention of both it would be copied at twice its size."""
    box = before(trades=[(5, LEADER, "BUY", "1000", "0.40")])
    box.post(6)
    box.home.cycle(10)
    signal = only(box.rows(Signal))
    assert (signal.fills, signal.leader_notional) == (1, Decimal(400))


def test_a_sale_that_comes_by_both_ways_is_followed_once(before: Callable[..., PostBox]) -> None:
    """Half of ours, and not half of the rest as well."""
    box = before(trades=[(22, LEADER, "SELL", "500", "0.40")])
    box.post(5)
    box.home.cycle(10)
    box.sell(20, 500, trader_position_size=1000)
    box.home.cycle(21)
    box.home.cycle(30)
    assert only(box.rows(Position)).shares == Decimal("95.23") - Decimal("47.61")


FOUR_FILLS = [(at_s, LEADER, "SELL", "125", "0.40") for at_s in (22, 22, 23, 24)]


@pytest.mark.parametrize("looks", [(21, 30), (30,)])
def test_a_sale_that_was_posted_whole_and_that_a_feed_shows_in_fills_is_followed_once(
    before: Callable[..., PostBox], looks: Sequence[int]
) -> None:
    """500 of 1,000, posted; the feed shows four fills of 125. None is of that size: we sold half of what was left as well."""
    box = before(trades=[(-100, LEADER, "BUY", "1000", "0.40"), *FOUR_FILLS])
    box.post(5)
    box.home.cycle(10)
    box.sell(20, 500, trader_position_size=1000)
    for at_s in looks:
        box.home.cycle(at_s)
    assert only(box.rows(Position)).shares == Decimal("95.23") - Decimal("47.61")


def test_a_sale_that_a_feed_showed_in_fills_before_it_was_posted_is_followed_once(before: Callable[..., PostBox]) -> None:
    box = before(trades=[(2, LEADER, "BUY", "1000", "0.40"), *FOUR_FILLS])
    box.home.cycle(10)
    box.home.cycle(30)
    left = only(box.rows(Position)).shares
    box.sell(23, 500, trader_position_size=1000, received_s=40)
    box.home.cycle(45)
    assert only(box.rows(Position)).shares == left
    assert box.taken()[0].trade_id in {judged.trade_id for judged in box.rows(JudgedTrade)}


def test_a_purchase_that_a_feed_shows_in_fills_is_copied_once(before: Callable[..., PostBox]) -> None:
    box = before(trades=[(12, LEADER, "BUY", "250", "0.40")] * 4)
    box.post(8)
    box.home.cycle(10)
    box.home.cycle(15)
    assert len(box.rows(Signal)) == 1


def test_another_purchase_a_feed_shows_is_another_one(before: Callable[..., PostBox]) -> None:
    """Twice the size is not the same deed."""
    box = before(trades=[(12, LEADER, "BUY", "2000", "0.40")])
    box.post(8)
    box.home.cycle(10)
    box.home.cycle(15)
    assert len(box.rows(Signal)) == 2


def test_what_was_posted_and_skipped_does_not_hide_what_the_feed_shows(before: Callable[..., PostBox], mirror: Policy) -> None:
    """Posted with a limit the book is beyond, it was ordered in vain; with a stale time it is not copied, and the feed's own is fresh."""
    box = before(trades=[(70, LEADER, "BUY", "1000", "0.40")])
    box.post(11, received_s=72)
    box.home.cycle(69.5)
    box.home.cycle(75)
    assert len(box.rows(Order)) == 1


def test_while_the_venue_cannot_say_what_a_market_is_the_intent_waits(
    before: Callable[..., PostBox], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = before()
    box.post(4)
    box.post(5, market_id="new")
    box.post(6)
    found = RecordedFeed.tokens_in

    def away(*asked: Any) -> Any:
        raise Unavailable("gamma does not answer")

    box.home.cycle(3)
    monkeypatch.setattr(RecordedFeed, "tokens_in", away)
    box.home.cycle(10)
    assert box.taken() == []
    monkeypatch.setattr(RecordedFeed, "tokens_in", found)
    box.home.cycle(15)
    assert [one.reason for one in box.taken()] == [None, Reason.MARKET_UNKNOWN, None]


def test_a_claim_is_no_part_of_what_is_known_of_a_wallet(before: Callable[..., PostBox]) -> None:
    """Whoever may post could else make a record for anybody."""
    box = before()
    box.post(5)
    box.home.cycle(10)
    traders = open_history(box.home.settings).traders(T0 + timedelta(seconds=60))
    assert set(traders["wallet"]) == {OTHER}


def test_numbers_that_a_sender_left_out_are_named(before: Callable[..., PostBox]) -> None:
    """A bot's 16, 18 and 21 came: 17, 19 and 20 did not. Who numbers nothing has no gap."""
    box = before()
    for sequence in (18, 16, 21):
        box.post(5, metadata={"price": Decimal("0.40"), "sender": "bot", "sequence": sequence})
    box.post(5)
    assert sender_gaps(box.home.settings) == {"bot": [(17, 17), (19, 20)]}
    assert count_intents(box.home.settings, T0)["missing"] == 3


def test_everything_that_was_posted_is_on_record_with_what_became_of_it(before: Callable[..., PostBox], mirror: Policy) -> None:
    """One copied, one skipped as it is stale, one denied as nobody follows its leader, one that waits, and one that was refused."""
    box = before()
    box.post(5)
    box.post(-90, received_s=6)
    box.post(7, source_trader=OTHER)
    box.home.cycle(10)
    box.post(12)
    box.home.put(set_aside(b"{}", TradeIntent, "inbox", [Fault("side", "is missing")], T0))
    records = list(intent_records(box.home.settings))
    assert [record["became"] for record in records] == ["copied", "skipped", "denied", "waiting"]
    copied, skipped, denied, waiting = records
    assert (copied["intent_id"], copied["usd"], copied["sequence"]) == ("intent-1", "400.000000000", 1)
    (verdict,) = copied["verdicts"]
    assert (verdict["strategy_id"], verdict["verdict"], verdict["orders"][0]["status"]) == ("mirror", "COPY", "FILLED")
    assert skipped["verdicts"][0]["reason"] == "TRADE_STALE"
    assert (denied["reason"], denied["verdicts"]) == ("LEADER_NOT_FOLLOWED", [])
    assert (waiting["taken_at"], waiting["trade_id"]) == (None, None)
    (refused,) = refused_records(box.home.settings)
    assert (refused["became"], refused["reasons"], refused["posted"]) == ("refused", ["side: is missing"], "{}")
    assert all(json.loads(json.dumps(record)) == record for record in (*records, refused))
    assert intent_records_after(box, 3) == ["waiting"]
    assert count_intents(box.home.settings, T0 - timedelta(hours=1)) == {
        "accepted": 4,
        "copied": 1,
        "skipped: TRADE_STALE": 1,
        "denied: LEADER_NOT_FOLLOWED": 1,
        "waiting": 1,
        "refused": 1,
    }
    assert count_intents(box.home.settings, T0 + timedelta(seconds=8)) == {"accepted": 1, "waiting": 1}


def intent_records_after(box: PostBox, number: int) -> list[str]:
    return [record["became"] for record in intent_records(box.home.settings, number)]


def live(box: PostBox, at_s: float) -> None:
    """A cycle as the worker runs it: nobody gave it an instant."""
    with bare_steps():
        copy_cycle(box.home.settings, T0 + timedelta(seconds=at_s), is_live=True)


@pytest.mark.parametrize("ahead_s", [2, 3_600])
def test_an_inbox_whose_clock_is_ahead_makes_nothing_wait(before: Callable[..., PostBox], ahead_s: float) -> None:
    """Two seconds ahead, what it posted was due for none of three cycles that it woke; an hour ahead, what came then waited with it."""
    box = before()
    box.post(9, received_s=9 + ahead_s)
    box.post(10, received_s=10)
    live(box, 10)
    assert [one.traded_at for one in box.taken()] == [T0 + timedelta(seconds=9), T0 + timedelta(seconds=10)]
    assert box.rows(Signal)[0].reason is Reason.LEADER_TRADED
    live(box, 40)
    assert len(box.taken()) == len(box.rows(JudgedTrade)) == 2


def test_of_a_cycle_whose_instant_was_given_it_is_not_due(before: Callable[..., PostBox]) -> None:
    """Whoever asks what a cycle of then saw gets that, with all that came behind it."""
    box = before()
    box.post(9, received_s=12)
    box.post(10, received_s=10)
    box.home.cycle(11)
    assert box.taken() == []
    box.home.cycle(12)
    assert len(box.taken()) == 2


def test_clocks_of_sender_and_inbox_that_are_ahead_make_no_trade_to_come(before: Callable[..., PostBox]) -> None:
    """Both on one machine whose clock jumped: a trade of an hour from now would be denied, as one from the future."""
    box = before()
    box.post(3_609, received_s=3_610)
    live(box, 10)
    signal = only(box.rows(Signal))
    assert (signal.reason, signal.traded_at) == (Reason.LEADER_TRADED, T0 + timedelta(seconds=10))


@pytest.mark.parametrize(("given", "is_live"), [(None, True), (T0, False)])
def test_a_run_is_live_when_nobody_gave_it_an_instant(monkeypatch: pytest.MonkeyPatch, given: datetime | None, is_live: bool) -> None:
    asked = []
    monkeypatch.setattr(copy_trading, "load_settings", lambda: None)
    monkeypatch.setattr(copy_trading, "report_cycle", lambda cycle: None)
    monkeypatch.setattr(copy_trading, "copy_cycle", lambda settings, as_of, is_live: asked.append(is_live))
    copy_trading.copy_trading.fn(given)
    assert asked == [is_live]
