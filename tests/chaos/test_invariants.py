"""Each check of `make chaos` fails on a difference that is planted, and on nothing else: a check that cannot fail shows nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chaos.invariants import Ledger, Truth, differences
from data_contracts import (
    Deferral,
    Entrance,
    Exit,
    Gap,
    JudgedTrade,
    OrderStatus,
    Reason,
    Settlement,
    Side,
    Signal,
    TakenIntent,
    Trade,
    TradeIntent,
    Venue,
    Verdict,
)
from data_contracts.words import Awaited
from tests import ledger_rows
from tests.ledger_rows import LEADER, a_fill, a_position, an_order, signal_row, trade_row

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BEGAN, ENDED = NOW - timedelta(minutes=10), NOW
TRADED = NOW - timedelta(minutes=5)
BOUGHT = an_order(TRADED, "bought", order_hash="0xb", signal_id="s-buy")
SOLD = an_order(TRADED, "sold", order_hash="0xs", signal_id="s-sell", side=Side.SELL, shares=Decimal(40))
MISSED = an_order(TRADED, "missed", order_hash="0xm", signal_id="s-missed", status=OrderStatus.UNFILLED)
DONE_AT = {"done_at": NOW, "ended_by": Reason.EXIT_DONE}


def a_trade(name: str, **changes: Any) -> Trade:
    return trade_row(TRADED, trade_id=name, **changes)


def a_signal(name: str, **changes: Any) -> Signal:
    return signal_row(TRADED, signal_id=name, **changes)


def an_exit(**changes: Any) -> Exit:
    """Behind the leader out of 40 shares: tried once, and sold."""
    shares = {"entire": False, "wanted_shares": Decimal(40), "sold_shares": Decimal(40)}
    sold = {"signal_id": "s-sell", "reason": Reason.LEADER_EXITED, "orders": 1, "tried_at": TRADED, **shares, **DONE_AT}
    return ledger_rows.an_exit(TRADED, **(sold | changes))


def an_intent(name: str = "i") -> TradeIntent:
    words = {"market_id": "yes", "outcome": "Yes", "side": Side.BUY, "limit_price": None, "usd": Decimal(40), "shares": None}
    at = {"signalled_at": TRADED, "received_at": TRADED, "metadata": "{}", "digest": "d", "leader": LEADER}
    return TradeIntent(intent_id=name, entrance=Entrance.HTTP, venue=Venue.POLYMARKET, **words, **at)  # type: ignore[arg-type]


def taken(name: str = "i", trade_id: str = "t-posted", **changes: Any) -> TakenIntent:
    nothing = dict.fromkeys(("reason", "price", "shares", "notional", "limit_price", "held_before"), None)
    words = {
        "venue": Venue.POLYMARKET,
        "leader": LEADER,
        "market_id": "m",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "tx_hash": "",
    }
    return TakenIntent(**({"intent_id": name, "trade_id": trade_id, "traded_at": TRADED, "seen_at": TRADED} | nothing | words | changes))


def verdict_on(trade_id: str, signal_id: str, strategy_id: str = "one") -> JudgedTrade:
    return JudgedTrade(strategy_id=strategy_id, trade_id=trade_id, signal_id=signal_id, judged_at=NOW)


def at_the_venue(order_hash: str, side: str) -> dict[str, Any]:
    return {"order_hash": order_hash, "side": side}


def settled(order_hash: str, shares: int, status: str = "CONFIRMED") -> dict[str, Any]:
    return {"taker_order": order_hash, "shares": shares * 1_000_000, "status": status}


# 100 shares bought for 40 USD, 40 sold at 0.50 for 20 USD: 60 are left, and the wallet has 20 USD less.
LEDGER = Ledger(
    signals=[a_signal("s-buy"), a_signal("s-sell", side=Side.SELL), a_signal("s-missed"), a_signal("s-posted", verdict=Verdict.SKIP)],
    judged=[
        verdict_on("t-buy", "s-buy"),
        verdict_on("t-sell", "s-sell"),
        verdict_on("t-missed", "s-missed"),
        verdict_on("t-posted", "s-posted"),
    ],
    orders=[BOUGHT, SOLD, MISSED],
    fills=[a_fill(BOUGHT), a_fill(SOLD, "40", "0.50")],
    positions=[a_position(TRADED, "60", "24")],
    exits=[an_exit()],
    intents=[an_intent()],
    taken=[taken()],
    stored=[a_trade("t-buy"), a_trade("t-sell", side=Side.SELL), a_trade("t-missed")],
    trades_until=ENDED,
)
TRUTH = Truth(
    orders=[at_the_venue("0xb", "BUY"), at_the_venue("0xs", "SELL")],
    trades=[settled("0xb", 100), settled("0xs", 40)],
    tokens={"yes": 60_000_000},
    collateral=980_000_000,
    collateral_before=1_000_000_000,
    traded=LEDGER.stored,
    leaders={"one": [LEADER]},
    accepted={"i"},
    offered={"i", "never answered"},
    began=BEGAN,
    ended=ENDED,
)


def wrong(ours: Ledger = LEDGER, truth: Truth = TRUTH) -> set[str]:
    """The names of the checks that found something."""
    return {name for name, lines in differences(ours, truth).items() if lines}


def test_a_house_in_order_has_no_difference() -> None:
    assert differences(LEDGER, TRUTH) == {name: [] for name in differences(LEDGER, TRUTH)}


OURS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "an order at the venue that is not on record": ({"orders": [BOUGHT, MISSED]}, {"duplicate orders", "orders"}),
    "an exit that sold more than it wanted": ({"exits": [an_exit(wanted_shares=Decimal(39))]}, {"duplicate orders"}),
    "a trade without a verdict": ({"judged": LEDGER.judged[1:]}, {"lost verdicts"}),
    "an intent without a verdict": ({"judged": LEDGER.judged[:3]}, {"lost verdicts"}),
    "a verdict without its signal": ({"signals": LEDGER.signals[:3]}, {"two verdicts"}),
    "a trade judged twice": ({"judged": [*LEDGER.judged, verdict_on("t-buy", "s-missed")]}, {"two verdicts"}),
    "a signal of fewer trades than it says": ({"signals": [a_signal("s-buy", fills=2), *LEDGER.signals[1:]]}, {"two verdicts"}),
    "an order without an end": ({"orders": [BOUGHT, SOLD, replace(MISSED, status=OrderStatus.UNKNOWN)]}, {"orders"}),
    "a fill that is not booked": ({"fills": LEDGER.fills[:1]}, {"orders", "cash and shares", "positions"}),
    "a fill booked twice": (
        {"fills": [*LEDGER.fills, replace(LEDGER.fills[0], fill_id="again")]},
        {"orders", "cash and shares", "positions"},
    ),
    "a fee that is not booked": ({"fills": [replace(LEDGER.fills[0], fee=Decimal("0.01")), LEDGER.fills[1]]}, {"cash and shares"}),
    "a position that is not its log": ({"positions": [a_position(TRADED, "59", "24")]}, {"positions"}),
    "a position that is not there": ({"positions": []}, {"positions"}),
    "a sale without an exit": ({"exits": []}, {"exits"}),
    "an exit that nobody tries": (
        {"exits": [an_exit(done_at=None, ended_by=None, tried_at=ENDED - timedelta(minutes=20, seconds=1))]},
        {"exits"},
    ),
    "a trade before the watermark that is not stored": ({"stored": LEDGER.stored[1:]}, {"watermark"}),
    "a trade stored twice": ({"stored": [*LEDGER.stored, LEDGER.stored[0]]}, {"watermark"}),
    "a feed without a watermark": ({"trades_until": None}, {"watermark"}),
    "an intent accepted and not stored": ({"intents": []}, {"intents"}),
    "an intent that no cycle took in": ({"taken": []}, {"intents"}),
    "an intent taken in twice": ({"taken": [taken(), taken()]}, {"intents"}),
    "a halt by a contradiction": ({"halts": ["one: more sold than held"]}, {"halts"}),
}


@pytest.mark.parametrize(("changes", "found"), OURS.values(), ids=OURS.keys())
def test_a_difference_in_our_rows_is_found_by_the_check_that_it_is_for(changes: dict[str, Any], found: set[str]) -> None:
    assert wrong(replace(LEDGER, **changes)) == found


THEIRS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "an order twice at the venue": ({"orders": [*TRUTH.orders, TRUTH.orders[0]]}, {"duplicate orders"}),
    "a trade that failed in the end": ({"trades": [settled("0xb", 100, "FAILED"), settled("0xs", 40)]}, {"orders"}),
    "a cent too little in the wallet": ({"collateral": 979_990_000}, {"cash and shares"}),
    "a share of a token we know nothing of": ({"tokens": {"yes": 60_000_000, "no": 1}}, {"cash and shares"}),
    "an intent that nobody sent": ({"accepted": set(), "offered": set()}, {"intents"}),
    "a trade that never came to us": ({"traded": [*TRUTH.traded, a_trade("t-new")]}, {"lost verdicts", "watermark"}),
}


@pytest.mark.parametrize(("changes", "found"), THEIRS.values(), ids=THEIRS.keys())
def test_a_difference_at_the_venue_is_found_by_the_check_that_it_is_for(changes: dict[str, Any], found: set[str]) -> None:
    assert wrong(truth=replace(TRUTH, **changes)) == found


def test_one_signal_that_was_bought_twice_is_a_duplicate() -> None:
    """Both orders are on record, each with its hash and its fill: cash and shares agree, and the copy is twice as large as it was to be."""
    again = replace(BOUGHT, order_id="again", order_hash="0xb2")
    ours = replace(
        LEDGER, orders=[*LEDGER.orders, again], fills=[*LEDGER.fills, a_fill(again)], positions=[a_position(TRADED, "160", "64")]
    )
    bought = [*TRUTH.orders, at_the_venue("0xb2", "BUY")], [*TRUTH.trades, settled("0xb2", 100)]
    assert wrong(ours, replace(TRUTH, orders=bought[0], trades=bought[1], tokens={"yes": 160_000_000}, collateral=940_000_000)) == {
        "duplicate orders"
    }


EXPLAINED: dict[str, Callable[[], tuple[Ledger, Truth]]] = {
    "what is set aside needs no verdict": lambda: (
        replace(LEDGER, stored=LEDGER.stored[1:], judged=LEDGER.judged[1:], set_aside={"t-buy"}),
        TRUTH,
    ),
    "a sale that waits for an answer is not lost": lambda: (
        replace(
            LEDGER,
            judged=[row for row in LEDGER.judged if row.trade_id != "t-sell"],
            deferrals=[
                Deferral(
                    strategy_id="one",
                    trade_id="t-sell",
                    leader=LEADER,
                    token_id="yes",
                    traded_at=TRADED,
                    waits_for=Awaited.HOLDING,
                    bought_after=Decimal(0),
                    deferred_at=NOW,
                )
            ],
        ),
        TRUTH,
    ),
    "what lies in an open gap is on record as missing": lambda: (
        replace(
            LEDGER,
            stored=LEDGER.stored[1:],
            gaps=[Gap(source="polymarket", from_at=BEGAN, until_at=TRADED, filled_to_at=TRADED, cursor="", is_history=False, found_at=NOW)],
        ),
        TRUTH,
    ),
    "an exit that was tried twenty minutes ago still waits": lambda: (
        replace(LEDGER, exits=[an_exit(done_at=None, ended_by=None, tried_at=ENDED - timedelta(minutes=20))]),
        TRUTH,
    ),
    "what was traded before it began is nobody's claim": lambda: (
        LEDGER,
        replace(TRUTH, traded=[*TRUTH.traded, a_trade("old", traded_at=BEGAN)]),
    ),
    "a wallet nobody follows needs no verdict": lambda: (
        replace(LEDGER, stored=[*LEDGER.stored, a_trade("other", wallet="0x" + "b" * 40)]),
        replace(TRUTH, traded=[*TRUTH.traded, a_trade("other", wallet="0x" + "b" * 40)]),
    ),
    "what resolved is not redeemed and stays in the wallet": lambda: (
        replace(
            LEDGER,
            positions=[a_position(TRADED, "0", "0", closed_at=NOW)],
            settlements=[
                Settlement(
                    strategy_id="one",
                    leader=LEADER,
                    market_id="m",
                    token_id="yes",
                    shares=Decimal(60),
                    payout=Decimal(1),
                    realized_pnl=Decimal(36),
                    settled_at=NOW,
                )
            ],
        ),
        TRUTH,
    ),
}


@pytest.mark.parametrize("made", EXPLAINED.values(), ids=EXPLAINED.keys())
def test_what_is_explained_is_no_difference(made: Callable[[], tuple[Ledger, Truth]]) -> None:
    assert wrong(*made()) == set()
