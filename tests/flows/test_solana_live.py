"""The copy cycle live on the sandbox's Solana: judged, signed where the key is, executed by LiteSVM, booked from the chain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters import connect
from adapters.connect import Place, open_results
from adapters.settings import LIVE_WORD
from data_contracts import (
    Contradiction,
    Currency,
    Exit,
    Fill,
    Instrument,
    Leader,
    Order,
    OrderStatus,
    Position,
    Reason,
    Side,
    SwapReceipt,
    Venue,
)
from data_contracts.frames import frame_of
from domain.copying.policy import FirewallPolicy, Policy, SizingPolicy
from tasks.copying.booking import book
from tasks.copying.order_execution import recover_orders
from tasks.copying.rent_returns import return_rents
from tasks.copying.strategy_rows import read_strategies
from tasks.steps import bare_steps
from tests.adapters.venues.solana.conftest import Chain, a_mint, chain, chain_server  # noqa: F401 (fixtures)
from tests.second_venue import SecondFeed, quoted

T0 = datetime.fromisoformat("2022-11-08T12:00:00+00:00")
LEADER = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
POLICY = Policy(
    firewall=FirewallPolicy(max_age_s=60), sizing=SizingPolicy(kind="fixed", amount=Decimal("0.1"), min_notional=Decimal("0.01"))
)


class LiveHome:
    """A leader buys a coin of the sandbox at what it costs there; a strategy of ours follows with 0.1 SOL each time."""

    def __init__(self, home: Any, place: Chain, feed: SecondFeed, directory: Path) -> None:
        self.chain, self.feed = place, feed
        self.mint = place.coin().launch.mint
        wallet = {"live": LIVE_WORD, "live_solana_wallet": place.wallet, "home": directory}
        self.without_key = home.settings.model_copy(update=wallet)
        self.with_key = self.without_key.model_copy(update={"live_solana_key": SecretStr("held by the venue of this test")})
        self.home = replace(home, settings=self.with_key)

    def trades(self, at_s: float, side: str, tokens: str) -> None:
        """At the price of the moment, which is in the book as well."""
        price = self.chain.price(a_mint(self.mint, T0), Side.BUY)
        self.feed.trade(at_s, LEADER, side, tokens, str(price), self.mint)
        depth = Decimal(10**9)
        self.feed.asks[self.mint] = quoted((str(depth), str(depth * price)))
        self.feed.bids[self.mint] = quoted((str(depth), str(depth * price * Decimal("0.99"))))

    def only(self, row_class: type, **where: Any) -> Any:
        rows = self.home.rows(row_class, **where)
        assert len(rows) == 1, rows
        return rows[0]


@pytest.fixture
def live(chain: Chain, tape: Any, before_tape: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LiveHome:  # noqa: F811
    feed = SecondFeed(T0)
    feed.instruments = lambda ids, at: {Instrument: frame_of([a_mint(one, at) for one in sorted(ids)], Instrument)}  # type: ignore[method-assign]
    monkeypatch.setitem(connect.VENUES, Venue.SOLANA, Place(lambda settings: feed, lambda settings: chain.venue))
    tape.trade(0, "0x" + "b" * 40, "BUY", "1000", "0.40")
    home = before_tape(tape)
    own = replace(home.strategy("sols", "mirror", POLICY), venue=Venue.SOLANA, stake_currency=Currency.SOL, balance=Decimal(100))
    home.put(own, Leader(strategy_id="sols", wallet=LEADER, why="test", chosen_at=T0, dropped_at=None))
    return LiveHome(home, chain, feed, tmp_path)


def test_a_purchase_is_copied_on_the_chain_booked_once_confirmed_and_left_with_its_leader(live: LiveHome) -> None:
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    sent = live.only(Order)
    assert (sent.status, sent.order_hash) == (OrderStatus.MATCHED, live.chain.landed()[0])  # its block is not confirmed yet
    assert live.home.rows(Fill) == []
    live.chain.clock.advance(1)
    live.home.cycle(40)
    receipt, position = live.only(SwapReceipt), live.only(Position)
    assert live.only(Order).status is OrderStatus.FILLED
    assert position.shares == Decimal(live.chain.held(a_mint(live.mint, T0))).scaleb(-6)
    assert receipt.sol_change == Decimal(live.chain.lamports).scaleb(-9) - 10
    live.trades(45, "SELL", "1000000")
    live.home.cycle(70)
    live.chain.clock.advance(1)
    live.home.cycle(100)
    assert (live.only(Position).shares, live.chain.held(a_mint(live.mint, T0))) == (0, 0)
    assert live.only(Exit).ended_by is Reason.EXIT_DONE
    assert sum(row.sol_change for row in live.home.rows(SwapReceipt)) == Decimal(live.chain.lamports).scaleb(-9) - 10


@pytest.mark.parametrize("why", ["its price is gone", "our SOL is gone"])
def test_what_landed_and_failed_is_over_costs_its_fee_and_is_not_sent_again(live: LiveHome, why: str) -> None:
    """Its fee was on record with the receipt and nowhere else: the strategy believed to have 100 SOL, for ever."""
    if why == "its price is gone":
        live.chain.fault("order", "stale")
    else:
        take_sol_between_signing_and_sending(live)
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    live.chain.clock.advance(1)
    live.home.cycle(40)
    live.home.cycle(70)
    order, receipt = live.only(Order), live.only(SwapReceipt)
    assert (order.status, order.reason, live.home.rows(Fill)) == (OrderStatus.UNFILLED, Reason.TRANSACTION_FAILED, [])
    assert live.chain.landed() == [order.order_hash]
    assert (receipt.succeeded, receipt.sol_change) == (False, -receipt.network_fee - receipt.priority_fee)
    (own,) = read_strategies(open_results(live.home.settings))
    assert own.portfolio.cash == 100 + receipt.sol_change < 100


def test_the_deposit_of_what_was_left_comes_back_and_is_booked_once(live: LiveHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bought and sold for good: the account's 0.00207408 SOL come back for 5,000 lamports, and the strategy has what the chain says."""
    monkeypatch.setattr("adapters.live_account.open_live_swaps", lambda settings: live.chain.venue)
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    live.chain.clock.advance(1)
    live.home.cycle(40)
    held = a_mint(live.mint, T0)
    assert looked_for_deposits(live, 0) == []  # what is held is left alone
    live.trades(45, "SELL", "1000000")
    live.home.cycle(70)
    live.chain.clock.advance(1)
    live.home.cycle(100)
    assert live.chain.ledger.holds(live.chain.wallet, live.mint)
    assert looked_for_deposits(live, 1) == []  # it is sent, and booked by the next look
    assert (live.chain.held(held), live.chain.ledger.holds(live.chain.wallet, live.mint)) == (0, None)
    for hours in (2, 3):
        (closing,) = looked_for_deposits(live, hours)
        assert (closing.rent, closing.network_fee, closing.strategy_id) == (Decimal("0.00207408"), Decimal("0.000005"), "sols")
    (own,) = read_strategies(open_results(live.home.settings))
    assert own.portfolio.cash == 100 + Decimal(live.chain.lamports).scaleb(-9) - 10
    assert sum(row.rent for row in live.home.rows(SwapReceipt)) == 0


def looked_for_deposits(live: LiveHome, hours: int) -> list[SwapReceipt]:
    """The receipts of closed accounts after a look so many hours later."""
    live.chain.clock.advance(1)
    with bare_steps():
        return_rents(live.with_key, T0 + timedelta(hours=hours))
    live.chain.clock.advance(1)
    return [row for row in live.home.rows(SwapReceipt) if row.traded == 0]


def take_sol_between_signing_and_sending(live: LiveHome) -> None:
    """Somebody spends what is in the wallet once the order is signed: enough is left for the network's fee, not for the swap."""
    sign = live.chain.venue.sign

    def signed(order: Order, instrument: Instrument) -> Any:
        told = sign(order, instrument)
        live.chain.ledger.fund(live.chain.wallet, 5_000_000)
        return told

    live.chain.venue.sign = signed  # type: ignore[method-assign]


def test_the_deposit_of_an_account_is_money_that_is_not_free(live: LiveHome) -> None:
    """0.00207408 SOL lie in the coin's account as long as it is open: what the strategy may spend is what the chain says is left."""
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    live.chain.clock.advance(1)
    live.home.cycle(40)
    (own,) = read_strategies(open_results(live.home.settings))
    assert own.realized_pnl == live.only(SwapReceipt).rent == Decimal("-0.00207408")
    assert own.portfolio.cash == Decimal(live.chain.lamports).scaleb(-9) - 10 + 100


def test_where_no_key_is_an_order_waits_unsigned_for_the_worker_that_has_it(live: LiveHome) -> None:
    live.home = replace(live.home, settings=live.without_key)
    key, live.chain.venue._key = live.chain.venue._key, None
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    waiting = live.only(Order)
    assert (waiting.status, waiting.order_hash, waiting.signed_bytes) == (OrderStatus.PENDING, "", "")
    live.chain.venue._key = key
    with bare_steps():
        now = T0.replace(second=15)
        book(recover_orders(live.with_key, now), live.with_key, now)
    sent = live.only(Order)
    assert (sent.status, [sent.order_hash]) == (OrderStatus.MATCHED, live.chain.landed())
    assert sent.signed_bytes
    assert sent.last_valid_height


def test_a_router_with_a_drainer_gets_no_signature_and_its_strategy_stops(live: LiveHome) -> None:
    live.chain.fault("order", "drainer", kind="gets_allowance")
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    order, halt = live.only(Order), live.only(Contradiction)
    assert (order.status, order.reason, order.order_hash) == (OrderStatus.DENIED, Reason.TRANSACTION_UNSAFE, "")
    assert halt.strategy_id == "sols"
    assert "a drainer's" in halt.says
    live.trades(35, "BUY", "2000000")
    live.home.cycle(40)
    assert len(live.home.rows(Order, status=OrderStatus.DENIED)) == len(live.home.rows(Order)) == 1
    assert live.chain.landed() == []


def test_a_router_that_is_away_leaves_an_order_on_record_and_gets_it_later(live: LiveHome) -> None:
    live.chain.fault("order", "error", times=8)
    live.trades(0, "BUY", "1000000")
    live.home.cycle(10)
    assert (live.only(Order).status, live.only(Order).reason) == (OrderStatus.PENDING, Reason.VENUE_UNAVAILABLE)
    live.chain.faults.waiting.clear()
    live.home.cycle(40)
    assert live.only(Order).status is OrderStatus.MATCHED
    assert len(live.chain.landed()) == 1
