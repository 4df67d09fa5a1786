"""The operator trades by hand on the venue's own page, with the wallet we trade with: what the ledger follows, and what it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from adapters.connect import open_results
from adapters.money_out import MoneyOut
from adapters.stores.results import Write
from data_contracts import Alert, Contradiction, Fill, FillKind, HandTrade, Instrument, Order, OrderStatus, Position, Reason, Side, Venue
from data_contracts.frames import frame_of
from domain.polymarket.amounts import UNITS
from flows.order_execution import execute
from tasks.copying.closed_elsewhere import _adopted, _desk, _explained, _follow, _note_trades, _short_of
from tasks.copying.rebuilding import find_differences
from tasks.steps import bare_steps
from tests.adapters.venues.polymarket.test_wallet_chain import other_side


@pytest.fixture(autouse=True)
def _bare() -> Iterator[None]:
    with bare_steps():
        yield


@dataclass
class Hands:
    """A live house on the sandbox that holds shares of one market, and the operator's own hands at the venue."""

    sandbox: Any
    market: Instrument

    def orders(self, *strategies: str) -> None:
        """Each buys what 4 USD buy."""
        for name in strategies:
            order = self.sandbox.order(self.market, name, strategy_id=name)
            open_results(self.sandbox.settings).write([Write(Order, frame_of([order], Order))])
            execute(self.sandbox.settings, self.sandbox.now)

    def trades(self, side: str, units: int, market: Instrument | None = None) -> Any:
        wanted = {"side": side, "token_id": (market or self.market).token_id, "units": units}
        return self.sandbox.control(f"/accounts/{self.sandbox.settings.live_wallet}/trades", wanted)

    def looks(self, after_s: float = 125) -> None:
        """The execution worker, a while later: every token has had its turn by then."""
        self.sandbox.clock.advance(after_s)
        execute(self.sandbox.settings, self.sandbox.now)

    def rows(self, row_class: type, **where: object) -> Any:
        return open_results(self.sandbox.settings).rows(row_class, **where)

    @property
    def held(self) -> dict[str, Decimal]:
        return {row.strategy_id: row.shares for row in self.rows(Position)}

    @property
    def by_hand(self) -> list[Fill]:
        return self.rows(Fill, kind=FillKind.BY_HAND)  # type: ignore[no-any-return]

    @property
    def wallet(self) -> Decimal:
        return Decimal(self.sandbox.truth()["tokens"].get(self.market.token_id, 0)) / UNITS

    def agree(self) -> None:
        """The ledger holds what the wallet holds, and a rebuild finds no difference."""
        assert sum(self.held.values()) == self.wallet
        assert find_differences(self.sandbox.settings) == []
        assert self.rows(Contradiction) == []


@pytest.fixture
def hands(sandbox: Any) -> Hands:
    sandbox.clock.advance(310)  # what other tests did with this wallet is too long ago to be told
    own = Hands(sandbox, sandbox.market(for_s=1000))
    sandbox.control(f"/accounts/{sandbox.settings.live_wallet}", {"tokens": {own.market.token_id: 0}})
    return own


def units(shares: Decimal) -> int:
    return int(shares * UNITS)


def test_what_was_sold_by_hand_is_adopted_as_the_venue_tells_it_and_the_second_look_finds_nothing(hands: Hands) -> None:
    """Before, the ledger held it for ever: each exit was refused for want of balance, and asked again."""
    hands.orders("one")
    hands.looks()
    bought = hands.held["one"]
    hands.trades("SELL", units(bought))
    hands.looks()
    (truth,) = [trade for trade in hands.sandbox.truth()["trades"] if trade["side"] == "SELL"]
    (noted,), (fill,) = hands.rows(HandTrade), hands.by_hand
    assert (noted.trade_id, noted.tx_hash != "") == (truth["id"], True)
    assert (fill.shares, fill.price, fill.order_id, fill.reason) == (bought, noted.price, noted.order_id, Reason.CLOSED_ELSEWHERE)
    usd = Decimal(truth["moves"]["pUSD"]) / UNITS
    assert fill.notional - fill.fee == usd  # what came into the wallet
    (position,) = hands.rows(Position)
    assert (position.shares, position.exit_reason, position.closed_at is not None) == (0, Reason.CLOSED_ELSEWHERE, True)
    hands.looks()
    assert len(hands.by_hand) == 1
    hands.agree()
    (alert,) = hands.rows(Alert, what="closed_elsewhere")
    assert "of one" in alert.message
    assert noted.tx_hash in alert.message


def test_what_it_brought_is_no_longer_out_of_the_wallet(hands: Hands) -> None:
    """Else a position closed by hand would count against the executor's cap for ever."""
    hands.orders("one")
    hands.looks()
    money = MoneyOut(hands.sandbox.settings.home, Venue.POLYMARKET)
    out = money.total
    hands.trades("SELL", units(hands.held["one"]))
    hands.looks()
    (fill,) = hands.by_hand
    assert money.total == out - (fill.notional - fill.fee)


def test_a_part_sold_by_hand_is_cut_among_the_strategies_that_hold_it(hands: Hands) -> None:
    hands.orders("one", "two")
    hands.looks()
    before = hands.held
    hands.trades("SELL", units(Decimal(3)))
    hands.looks()
    assert sum(fill.shares for fill in hands.by_hand) == 3
    cut = {fill.strategy_id: fill.shares for fill in hands.by_hand}
    whole = sum(before.values())
    assert all(abs(cut[name] - 3 * before[name] / whole) < Decimal("0.000001") for name in before)
    hands.agree()


def test_what_he_bought_by_hand_stays_his_and_his_sale_takes_that_first(hands: Hands) -> None:
    """He buys for 5 USD by hand and sells as much again: ours is still there. What he sells beyond that is adopted."""
    hands.orders("one")
    hands.looks()
    bought = hands.held["one"]
    hands.trades("BUY", 5 * UNITS)
    hands.looks()
    own = hands.wallet - bought
    assert own > 0
    assert [alert.about for alert in hands.rows(Alert, what="traded_elsewhere")] == [hands.market.token_id]
    hands.trades("SELL", units(own.quantize(Decimal("0.01"))))
    hands.looks()
    assert (hands.held, hands.by_hand) == ({"one": bought}, [])
    hands.trades("SELL", units(Decimal(2)))
    hands.looks()
    assert hands.held["one"] == hands.wallet < bought
    hands.agree()


def test_a_trade_in_what_we_do_not_hold_is_on_record_and_followed_by_nothing(hands: Hands) -> None:
    hands.looks()
    hands.trades("BUY", 5 * UNITS)
    hands.looks()
    assert {trade.side for trade in hands.rows(HandTrade)} == {Side.BUY}
    assert (hands.rows(Position), hands.by_hand) == ([], [])
    assert [alert.what for alert in hands.rows(Alert)] == ["traded_elsewhere"]


def test_a_lost_answer_of_our_own_is_never_taken_for_a_hand(hands: Hands) -> None:
    """Our own sale was matched and its answer lost: its hash is on record, so it is booked as ours, once."""
    hands.orders("one")
    hands.looks()
    sale = hands.sandbox.order(hands.market, "sale", side=Side.SELL, strategy_id="one", shares=Decimal(2))
    hands.sandbox.post((sale, hands.market))  # and nobody heard what came of it
    unknown = [{**{name: getattr(sale, name) for name in sale.__slots__}, "status": OrderStatus.UNKNOWN}]
    open_results(hands.sandbox.settings).write([Write(Order, frame_of([Order(**row) for row in unknown], Order))])
    hands.looks()
    hands.looks()
    assert (hands.rows(HandTrade), hands.by_hand) == ([], [])
    assert [fill.kind for fill in hands.rows(Fill, order_id=sale.order_id)] == [FillKind.TRADE]
    hands.agree()


def test_of_two_workers_that_looked_at_the_same_time_one_adopts_and_nobody_is_halted(hands: Hands) -> None:
    """The other had asked the wallet, and found all quiet, before the first one booked."""
    hands.orders("one")
    hands.looks()
    token_id, sold = hands.market.token_id, hands.held["one"]
    hands.trades("SELL", units(sold))
    hands.sandbox.clock.advance(125)
    settings, now = hands.sandbox.settings, hands.sandbox.now
    first, second = (_desk(Venue.POLYMARKET, hands.sandbox.venue, settings, now) for _ in range(2))
    _note_trades(second)
    lacking = _short_of(second, [token_id])[token_id]
    parts = _explained(second, token_id, lacking)
    assert [fill.shares for fill in _adopted(first)] == [sold]
    assert _follow(second, token_id, lacking, parts) == []
    assert [fill.shares for fill in hands.by_hand] == [sold]
    hands.agree()


def test_shares_that_left_without_a_trade_halt_as_ever(hands: Hands) -> None:
    """Sent to another wallet: nothing at the venue explains it, so nothing is booked and the operator is called."""
    hands.orders("one")
    hands.looks()
    held = hands.held
    account = f"/accounts/{hands.sandbox.settings.live_wallet}"
    hands.sandbox.control(account, {"tokens": {hands.market.token_id: 0}})
    hands.looks()
    (said,) = hands.rows(Contradiction)
    assert "no trade of the account explains it" in said.says
    assert (hands.held, hands.by_hand) == (held, [])
    hands.sandbox.control(account, {"tokens": {hands.market.token_id: units(held["one"])}})


def test_what_is_matched_and_not_final_waits(hands: Hands) -> None:
    """The shares are on their way out for a minute: nothing is adopted, and nobody halted."""
    hands.orders("one")
    hands.looks()
    hands.sandbox.settles(mined_s=0, confirmed_s=200)
    hands.trades("SELL", units(hands.held["one"]))
    hands.looks(61)
    assert (hands.by_hand, hands.rows(Contradiction)) == ([], [])
    hands.looks(200)
    assert sum(fill.shares for fill in hands.by_hand) > 0
    hands.agree()


def test_a_merge_by_hand_is_left_to_set_merging(hands: Hands) -> None:
    """It takes as much of both outcomes, and no trade explains it: nobody is halted, `set-merging` books it."""
    hands.orders("one")
    first = hands.market
    hands.market = other_side(hands.sandbox, first)
    hands.orders("two")
    hands.looks()
    tokens = hands.sandbox.truth()["tokens"]
    gone = {token_id: tokens[token_id] - 2 * UNITS for token_id in (first.token_id, hands.market.token_id)}
    hands.sandbox.control(f"/accounts/{hands.sandbox.settings.live_wallet}", {"tokens": gone})
    hands.looks()
    hands.looks()
    assert (hands.by_hand, hands.rows(Contradiction)) == ([], [])


def test_what_only_a_simulation_holds_is_in_no_wallet_and_halts_nobody(hands: Hands) -> None:
    """A house that simulated before it went live holds shares nobody ever bought."""
    hands.orders("one")
    (order,) = hands.rows(Order)
    values = {**{name: getattr(order, name) for name in order.__slots__}, "is_simulated": True}
    open_results(hands.sandbox.settings).write([Write(Order, frame_of([Order(**values)], Order), "put")])
    account = f"/accounts/{hands.sandbox.settings.live_wallet}"
    hands.sandbox.control(account, {"tokens": {hands.market.token_id: 0}})
    hands.looks()
    assert hands.rows(Contradiction) == []
