"""A stop waits for nobody: each part that an exit does not need is taken away in turn, and what is to leave leaves in that same cycle.

The run fails all the same, but after it: a person must see that something is away. The process is new each time and remembers nothing.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest

from adapters.feeds.recorded import RecordedFeed
from adapters.stores.memory import MemoryResults
from adapters.stores.memory_history import MemoryHistory
from adapters.stores.results import Write
from adapters.venues.simulated import SimulatedVenue
from data_contracts import Exit, KnownRow, Order, Position, Reason, Signal
from data_contracts.errors import Unavailable, Unsafe
from domain.copying.policy import ExitPolicy, OwrrPolicy, Policy, SizingPolicy
from tasks.copying import instruments

LEADER, OTHER = "0x" + "a" * 40, "0x" + "b" * 40
Take = Callable[[pytest.MonkeyPatch], None]


def away(error: Exception) -> Callable[..., Any]:
    def raises(*args: object, **kwargs: object) -> Any:
        raise error

    return raises


def history(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("append", "trades", "arrivals", "trades_by_id", "activities", "instruments", "profiles"):
        monkeypatch.setattr(MemoryHistory, name, away(Unavailable("clickhouse: connection refused")))


def gamma(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordedFeed, "instruments", away(Unavailable("gamma: 503")))


def gamma_answers_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordedFeed, "instruments", away(ValueError("cannot convert float NaN")))


def graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.copying.judging.open_owners", away(Unavailable("graph: no route")))


def feed_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordedFeed, "confirmed_until", away(Unavailable("data-api: status 503")))


def consensus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.copying.needs.consensus_of", away(Unavailable("holders: 503")))


def quarantine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.copying.observing.insist", away(Unsafe("40 of 50 rows broke their contract")))


def trades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.copy_trading.observe_trades", away(Unavailable("data-api: 503")))


PARTS: list[Take] = [history, gamma, gamma_answers_nonsense, graph, feed_status, consensus, quarantine]
RULES = {
    Reason.STOP_LOSS: ("0.40", "0.20", ExitPolicy()),  # a fall of more than 0.20 at once is looked at twice
    Reason.TRAILING_STOP: ("0.60", "0.41", ExitPolicy(trailing=Decimal("0.3"))),
    Reason.TIME_EXIT: ("0.40", "0.40", ExitPolicy(max_hold_s=60)),
}


@pytest.fixture
def house(tape: Any, before_tape: Any, mirror: Policy) -> Callable[..., Any]:
    """Follows LEADER by a sizing that asks for the consensus; what it bought at 10 s is looked at again at 45 s."""

    def made(exits: ExitPolicy) -> Any:
        tape.trade(0, LEADER, "BUY", "1000", "0.40")
        home = before_tape(tape)
        home.follow([LEADER], mirror.model_copy(update={"exits": exits}))
        conviction = Policy(sizing=SizingPolicy(), owrr=OwrrPolicy(), exits=exits)
        home.follow([LEADER], conviction, "asking")
        home.cycle(10)
        home.cycle(45)
        return home

    return made


def failing(home: Any, take: Take, at_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cycle in a new process with a part away."""
    instruments._known.cache_clear()
    instruments._ledger_copies.cache_clear()
    take(monkeypatch)
    with pytest.raises((Unavailable, Unsafe, ValueError)):
        home.cycle(at_s)


def shares(home: Any) -> Decimal:
    return sum((position.shares for position in home.rows(Position)), Decimal(0))


def why(home: Any) -> set[Reason]:
    return {signal.reason for signal in home.rows(Signal, side="SELL", verdict="COPY")}


@pytest.mark.parametrize("reason", RULES)
@pytest.mark.parametrize("take", [*PARTS, trades])
def test_our_own_rules_need_the_ledger_a_price_and_the_venue(
    tape: Any, house: Any, take: Take, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leader buys on at 70 s in another market, for which every part is needed."""
    before, price, policy = RULES[reason]
    tape.trade(40, OTHER, "BUY", "1000", before)
    tape.trade(70, OTHER, "BUY", "1000", price)
    tape.trade(71, LEADER, "BUY", "1000", "0.40", market="n")
    home = house(policy)
    assert shares(home) == Decimal("95.23")
    failing(home, take, 75, monkeypatch)
    assert (shares(home), why(home)) == (0, {reason})


@pytest.mark.parametrize("take", PARTS)
def test_a_leaders_sale_that_is_known_takes_us_out_whoever_is_away(
    tape: Any, house: Any, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sells half: 47.61 of 95.23. Without ClickHouse the venue is asked what it has left."""
    tape.trade(70, LEADER, "SELL", "500", "0.40")
    tape.trade(71, LEADER, "BUY", "1000", "0.40", market="n")
    home = house(ExitPolicy())
    failing(home, take, 75, monkeypatch)
    assert (shares(home), why(home)) == (Decimal("95.23") - Decimal("47.61"), {Reason.LEADER_EXITED})


@pytest.mark.parametrize("take", [*PARTS, trades])
def test_an_exit_that_waits_for_a_buyer_is_tried_again_whoever_is_away(
    tape: Any, house: Any, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop at 0.20 met a bid of 0.10, too far below it; at 75 s somebody bids 0.19."""
    tape.trade(40, OTHER, "BUY", "1000", "0.10")
    tape.trade(70, OTHER, "BUY", "1000", "0.19")
    tape.trade(71, LEADER, "BUY", "1000", "0.40", market="n")
    home = house(ExitPolicy())
    assert [one.done_at for one in home.rows(Exit)] == [None]
    failing(home, take, 75, monkeypatch)
    assert shares(home) == 0


@pytest.mark.parametrize("take", PARTS)
def test_what_left_in_a_cycle_that_failed_is_not_sold_again_by_the_next(
    tape: Any, house: Any, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape.trade(70, LEADER, "SELL", "500", "0.40")
    tape.trade(71, LEADER, "BUY", "1000", "0.40", market="n")
    home = house(ExitPolicy())
    failing(home, take, 75, monkeypatch)
    monkeypatch.undo()
    home.cycle(105)
    assert [signal.verdict for signal in home.rows(Signal, side="SELL", strategy_id="mirror")] == ["COPY"]
    assert sum(p.shares for p in home.rows(Position) if p.market_id == "m") == Decimal("47.62")


def test_without_the_ledger_nothing_leaves_and_afterwards_everything_does_once(
    tape: Any, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judged, and Postgres goes away before the verdict is on record: no order is posted. Back again, the copy is made, once."""
    tape.trade(70, LEADER, "BUY", "1000", "0.40", market="n")
    home, posted = house(ExitPolicy()), list[str]()
    post, write = SimulatedVenue.post, MemoryResults.write

    def noting(venue: SimulatedVenue, orders: Sequence[Order], *more: Any) -> Any:
        posted.extend(order.order_id for order in orders)
        return post(venue, orders, *more)

    def away_for_orders(results: MemoryResults, writes: Sequence[Write]) -> None:
        if any(one.row_class is Order for one in writes):
            raise Unavailable("postgres: connection refused")
        write(results, writes)

    monkeypatch.setattr(SimulatedVenue, "post", noting)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryResults, "write", away_for_orders)
        with pytest.raises(Unavailable, match="postgres"):
            home.cycle(75)
    assert posted == []
    home.cycle(90)
    home.cycle(105)
    assert [order.order_id for order in home.rows(Order, token_id="n:Yes", strategy_id="mirror")] == posted[:1]
    assert len(posted) == len(set(posted)) > 0


def test_what_is_needed_to_sell_is_with_the_ledger_before_the_first_fill(tape: Any, house: Any) -> None:
    """A house of an earlier version gets it with its first cycle, for all it holds."""
    home = house(ExitPolicy())
    assert {known.token_id for known in home.rows(KnownRow)} == {"m:Yes"}
