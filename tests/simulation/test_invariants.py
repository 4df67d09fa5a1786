"""Each invariant falls on a planted violation, and on nothing else: one that cannot fall shows nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import (
    AccountLimits,
    Contradiction,
    Currency,
    JudgedTrade,
    Kind,
    OperatorWord,
    OrderStatus,
    Reason,
    Side,
    Signal,
    Strategy,
    TradingState,
    Venue,
    Verdict,
    Watermark,
)
from domain.copying.ledger import fold
from simulation.invariants import ALWAYS, CALM, our_ledger_is_the_venues
from simulation.sight import Account, Arrival, Sight
from tests.ledger_rows import a_fill, a_leader, an_exit, an_order, signal_row, trade_row

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TRADED = NOW - timedelta(minutes=5)
BOUGHT = an_order(TRADED, "bought", order_hash="0xb", signal_id="to buy")
FILL = a_fill(BOUGHT)  # 100 shares for 40 USD
HELD = fold([FILL])
assert HELD is not None
SOLD = an_order(TRADED, "sold", order_hash="0xs", signal_id="to sell", side=Side.SELL)
HALT = OperatorWord(strategy_id="one", ordered_at=TRADED, state=TradingState.HALTED, clears="[]")
GO_ON = replace(HALT, state=TradingState.ACTIVE)
NAMES = {one.name: one.holds for one in ALWAYS} | {holds.__name__: holds for holds in CALM}


def a_signal(name: str, **changes: Any) -> Signal:
    return signal_row(TRADED, signal_id=name, **changes)


TRADE = trade_row(TRADED, trade_id="trade")
STRATEGY = Strategy(
    strategy_id="one",
    venue=Venue.POLYMARKET,
    stake_currency=Currency.USD,
    kind=Kind.MIRROR,
    policy="{}",
    balance=Decimal(100),
    enabled=True,
    created_at=TRADED,
    updated_at=TRADED,
)
JUDGED = JudgedTrade(strategy_id="one", trade_id="trade", signal_id="to buy", judged_at=TRADED)
MARK = Watermark(name="trades:polymarket", reached_at=NOW)
LIMITS = AccountLimits(set_at=TRADED, max_open_usd=Decimal(40), max_cluster_usd=None, max_daily_loss_usd=None, max_drawdown=None)
SOUND = (STRATEGY, a_leader(TRADED), LIMITS, a_signal("to buy"), JUDGED, BOUGHT, FILL, HELD.position, MARK)
EXIT = an_exit(TRADED, signal_id="to sell", orders=1, tried_at=TRADED)


def rows_of(*rows: Any) -> Callable[[type], list[Any]]:
    return lambda row_class: [row for row in rows if type(row) is row_class]


def without(*names: type) -> tuple[Any, ...]:
    return tuple(row for row in SOUND if type(row) not in names)


def swapped(row: Any) -> tuple[Any, ...]:
    return (*without(type(row)), row)


def seen(*rows: Any, **changes: Any) -> Sight:
    """100 shares were bought for 40 USD, and everybody agrees."""
    plain: dict[str, Any] = {
        "arrivals": (Arrival("0xb", BOUGHT),),
        "matched": {"0xb": Decimal(100)},
        "account": Account(Decimal(-40), {"yes": Decimal(100)}),
        "shown": (TRADE,),
        "stored": frozenset({"trade"}),
        "claimed_until": NOW,
        "judged_before": {("one", "trade"): "to buy"},
        "now": NOW,
    }
    return Sight(rows=rows_of(*(rows or SOUND)), **(plain | changes))


TWICE = replace(BOUGHT, order_hash="0xc")
PLANTED: dict[str, list[Sight]] = {
    "is_on_record_before_it_is_posted": [seen(arrivals=(Arrival("0xz", None),), matched={})],
    "is_bought_once_for_a_signal": [
        seen(
            arrivals=(Arrival("0xb", BOUGHT), Arrival("0xc", replace(TWICE, order_id="another"))),
            matched={"0xb": Decimal(1), "0xc": Decimal(1)},
        )
    ],
    "is_matched_once_for_an_order": [
        seen(
            arrivals=(Arrival("0xs", SOLD), Arrival("0xt", replace(SOLD, order_hash="0xt")), Arrival("0xb", BOUGHT)),
            matched={"0xs": Decimal(1), "0xt": Decimal(1), "0xb": Decimal(2)},
        )
    ],
    "no_more_is_sold_than_was_bought": [
        seen(arrivals=(Arrival("0xb", BOUGHT), Arrival("0xs", SOLD)), matched={"0xb": Decimal(1), "0xs": Decimal("1.01")})
    ],
    "nothing_is_entered_while_halted": [
        seen(arrivals=(Arrival("0xb", BOUGHT, (HALT,)),)),
        seen(arrivals=(Arrival("0xb", BOUGHT, (replace(HALT, strategy_id="*", state=TradingState.REDUCING),)),)),
    ],
    "each_verdict_is_given_once": [
        seen(*without(JudgedTrade)),
        seen(*swapped(replace(JUDGED, signal_id="another")), a_signal("another", verdict=Verdict.SKIP)),
        seen(*without(Signal), judged_before={}),
    ],
    "each_copy_has_its_order": [seen(*SOUND, a_signal("without"))],
    "positions_are_what_their_fills_make": [
        seen(*swapped(replace(HELD.position, fees=Decimal(1)))),
        seen(*without(type(HELD.position)), STRATEGY),
    ],
    "cash_is_what_fills_left_and_never_negative": [
        seen(*swapped(replace(STRATEGY, balance=Decimal("39.99")))),
        seen(*swapped(replace(HELD.position, cost=Decimal(39), lots='[["100", "39"]]'))),
    ],
    "no_watermark_is_past_the_data": [
        seen(claimed_until=NOW - timedelta(seconds=1)),
        seen(stored=frozenset()),
    ],
    "no_exit_is_denied_for_what_denies_entries": [
        seen(*SOUND, a_signal("old", side=Side.SELL, verdict=Verdict.SKIP, reason=Reason.TRADE_STALE)),
        seen(*SOUND, a_signal("dear", side=Side.SELL, verdict=Verdict.SKIP, reason=Reason.EXPOSURE_REACHED)),
        seen(*SOUND, replace(SOLD, status=OrderStatus.DENIED, reason=Reason.LIVE_LIMIT)),
    ],
    "the_account_keeps_its_limits": [
        seen(*swapped(replace(LIMITS, max_open_usd=Decimal("39.98")))),
        seen(*SOUND, an_order(TRADED, "open", status=OrderStatus.UNKNOWN, shares=Decimal(1))),
    ],
    "the_venue_never_contradicts_us": [
        seen(*SOUND, Contradiction(contradiction_id="c", strategy_id="one", says="it does not add up", seen_at=NOW))
    ],
    "nothing_waits_for_ever": [
        seen(*swapped(replace(BOUGHT, status=OrderStatus.PENDING))),
        seen(*SOUND, EXIT),
    ],
    "every_followed_trade_has_its_verdict": [seen(*without(JudgedTrade), judged_before={})],
    "our_ledger_is_the_venues": [
        seen(account=Account(Decimal("-40.000001"), {"yes": Decimal(100)})),
        seen(account=Account(Decimal(-40), {"yes": Decimal("99.99")})),
        seen(account=Account(Decimal(-40), {"yes": Decimal(100), "no": Decimal(1)})),
    ],
}


def test_every_invariant_has_a_planted_violation() -> None:
    assert PLANTED.keys() == NAMES.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_where_all_is_well(name: str) -> None:
    assert list(NAMES[name](seen())) == []


@pytest.mark.parametrize(("name", "sight"), [(name, sight) for name, sights in PLANTED.items() for sight in sights])
def test_it_falls_on_a_planted_violation(name: str, sight: Sight) -> None:
    assert len(list(NAMES[name](sight))) >= 1


@pytest.mark.parametrize("held_back", [Reason.SLIPPAGE_TOO_HIGH, Reason.BOOK_MISSING])
def test_an_exit_without_a_buyer_waits_for_one(held_back: Reason) -> None:
    assert list(NAMES["nothing_waits_for_ever"](seen(*SOUND, replace(EXIT, held_back=held_back)))) == []


@pytest.mark.parametrize(("said", "since"), [((), (HALT,)), ((HALT, GO_ON), ()), ((HALT,), (GO_ON,))])
def test_what_was_halted_after_the_step_began_or_let_go_on_could_leave(said: Any, since: Any) -> None:
    assert list(NAMES["nothing_is_entered_while_halted"](seen(arrivals=(Arrival("0xb", BOUGHT, said, since),)))) == []


def test_a_sale_and_its_write_off_leave_what_the_exchange_has() -> None:
    sold = a_fill(SOLD, shares="99.995", price="0.50", side=Side.SELL, fill_id="sale")
    assert list(our_ledger_is_the_venues(Sight(rows=rows_of(FILL, sold), account=Account(Decimal("9.9975"), {})))) == []
