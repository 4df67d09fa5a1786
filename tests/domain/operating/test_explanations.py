"""A signal told in sentences: a person reads what was known, why, and what became of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from data_contracts import Order, OrderStatus, Reason, Side, Signal, Venue, Verdict
from domain.ids import row_id
from domain.operating.explanations import Line, Record, explanation
from tests.ledger_rows import a_fill, a_position, an_order

ASignal = Callable[..., Signal]


def told(signal: Signal, **more: object) -> list[Line]:
    plain: dict[str, object] = {"score": None, "orders": (), "fills": (), "position": None}
    return explanation(Record(signal, **(plain | more)))  # type: ignore[arg-type]


def said(lines: list[Line], what: str) -> list[str]:
    return [line.said for line in lines if line.what == what]


def test_a_skip_names_its_reason_in_words_and_what_changes_it(a_signal: ASignal) -> None:
    lines = told(a_signal(verdict=Verdict.SKIP, reason=Reason.TRADE_STALE))
    assert said(lines, "why") == [
        "TRADE_STALE: The trade was too old when we saw it. What changes it: See the feed's lag in `walletflow doctor`; "
        "firewall.max_age_s allows older ones"
    ]
    assert not said(lines, "size")


def test_a_copy_is_told_to_the_position_it_became(a_signal: ASignal) -> None:
    """Two levels: 60 shares at 0.40 and 40 at 0.45 are 24 + 18 = 42 USD, 0.42 a share in the mean."""
    signal = a_signal(verdict=Verdict.COPY, reason=Reason.LEADER_TRADED, notional=Decimal("42.50"))
    order = an_order(signal.judged_at, signal_id=signal.signal_id)
    first = a_fill(order, "60", "0.40")
    second = replace(a_fill(order, "40", "0.45", fee=Decimal("0.1")), fill_id=row_id("second"), level=1)
    lines = told(
        signal, orders=[order], fills=[first, second], position=a_position(signal.judged_at, cost="42.1"), question="Will it rain?"
    )
    assert [line.what for line in lines] == ["market", "leader", "verdict", "why", "size", "order", "filled", "position"]
    assert said(lines, "size") == ["42.5 USD"]
    assert said(lines, "filled") == ["100 shares at 0.42 in the mean: 42 USD, fee 0.1 USD"]
    assert said(lines, "position") == ["100 shares, cost 42.1 USD; realized 0 USD, fees 0 USD"]


def test_an_order_that_was_denied_says_why(a_signal: ASignal) -> None:
    signal = a_signal(verdict=Verdict.COPY, reason=Reason.LEADER_TRADED)
    denied: Order = an_order(signal.judged_at, status=OrderStatus.DENIED, reason=Reason.SLIPPAGE_TOO_HIGH)
    assert said(told(signal, orders=[denied]), "why")[1].startswith("SLIPPAGE_TOO_HIGH: The price had moved too far from the leader's.")


def test_a_stop_has_no_leaders_trade_but_what_we_hold(a_signal: ASignal) -> None:
    signal = a_signal(verdict=Verdict.COPY, reason=Reason.STOP_LOSS, side=Side.SELL, exit_fraction=Decimal(1))
    lines = told(signal)
    assert not said(lines, "leader")
    assert said(lines, "size") == ["100.0% of what we hold"]


def test_lamports_are_told_to_the_last(a_signal: ASignal) -> None:
    signal = a_signal(verdict=Verdict.COPY, reason=Reason.SCORE_REACHED, venue=Venue.SOLANA, notional=Decimal("0.123456789"))
    assert said(told(signal), "size") == ["0.123456789 SOL"]


def test_a_price_is_told_however_small_it_is(a_signal: ASignal) -> None:
    """0.1 SOL for 1,000,000 shares is 0.0000001 a share; that was told as "at 0 in the mean". A swap may bring more than was asked for."""
    signal = a_signal(verdict=Verdict.COPY, venue=Venue.SOLANA, leader_price=Decimal("0.000000117056789"))
    order = an_order(signal.judged_at, signal_id=signal.signal_id, venue=Venue.SOLANA, limit_price=Decimal("0.000000117056789"))
    lines = told(signal, orders=[order], fills=[a_fill(order, "1000000", "0.0000001")])
    assert "shares at 0.0000001 in the mean: 0.1 SOL" in said(lines, "filled")[0]
    assert "at 0.000000117057 (" in said(lines, "leader")[0]
    assert "shares or more at 0.000000117057 or better" in said(lines, "order")[0]


def test_how_long_it_took_is_said(a_signal: ASignal) -> None:
    signal = a_signal(verdict=Verdict.SKIP, reason=Reason.MARKET_RESOLVED, latency_s=12.4)
    later = replace(signal, judged_at=signal.traded_at + timedelta(seconds=12))
    assert said(told(later), "verdict")[0].endswith("UTC, 12 s after it")
