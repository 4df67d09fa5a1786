"""DESIGN, section 3: two venues, one engine. What differs is data; each row of its table is held against the code, word by word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

from data_contracts import (
    Currency,
    Doubt,
    FeeFormula,
    Fill,
    Instrument,
    Order,
    OrderStatus,
    Position,
    Settlement,
    Side,
    Signal,
    Strategy,
    Trade,
    Venue,
    contract_of,
)
from data_contracts.contract import Field
from data_contracts.frames import frame_of, rows_of
from data_contracts.words import STAKE_OF
from domain.copying.book import Level, book_of, takes
from domain.copying.fees import taker_fee
from domain.copying.ledger import fold, settlement_of
from domain.copying.marking import PATIENCE, mark_token, scale_of
from domain.copying.recovery import Fate, fate_of
from domain.ids import row_id
from domain.polymarket.amounts import Amounts
from domain.polymarket.exchanges import STANDARD
from domain.polymarket.order_hash import Account, order_hash
from domain.profiling.fair_prices import fair_chances
from tasks.fast_check import breaches
from tests.markets import an_instrument
from tests.second_venue import a_mint, levels, quoted

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
WALLET, MINT = "0x" + "a" * 40, "GoLDdear1111111111111111111111111111111111"
OF_AN_ORDER = (Trade, Strategy, Signal, Order, Fill, Position)


def column(row_class: type, name: str) -> Field:
    return next(field for field in contract_of(row_class).fields if field.name == name)


def a_trade(**changes: Any) -> Trade:
    fields: dict[str, Any] = {
        "trade_id": row_id("trade"),
        "source": "test",
        "venue": Venue.SOLANA,
        "wallet": WALLET,
        "market_id": MINT,
        "token_id": MINT,
        "outcome": MINT,
        "side": Side.BUY,
        "price": Decimal("172.5"),
        "shares": Decimal(1),
        "notional": Decimal("172.5"),
        "traded_at": AT,
        "seen_at": AT,
        "tx_hash": "",
        "ordinal": 0,
    }
    return Trade(**(fields | changes))


def an_order(**changes: Any) -> Order:
    fields: dict[str, Any] = {
        "order_id": row_id("order"),
        "signal_id": row_id("signal"),
        "strategy_id": "one",
        "venue": Venue.POLYMARKET,
        "leader": WALLET,
        "market_id": "m",
        "token_id": "1234",
        "outcome": "Yes",
        "side": Side.BUY,
        "shares": Decimal(2),
        "limit_price": Decimal("0.5"),
        "observed_price": Decimal("0.5"),
        "status": OrderStatus.PENDING,
        "reason": None,
        "is_simulated": False,
        "order_hash": "",
        "created_at": AT,
        "updated_at": AT,
    }
    return Order(**(fields | changes))


def a_fill(**changes: Any) -> Fill:
    fields: dict[str, Any] = {
        "fill_id": row_id("fill"),
        "order_id": row_id("order"),
        "strategy_id": "one",
        "venue": Venue.POLYMARKET,
        "leader": WALLET,
        "market_id": "m",
        "token_id": "yes",
        "outcome": "Yes",
        "side": Side.BUY,
        "price": Decimal("0.40"),
        "shares": Decimal(100),
        "notional": Decimal(40),
        "fee": Decimal("1.2"),
        "filled_at": AT,
        "sent_at": AT,
    }
    return Fill(**(fields | changes))


def broken(row: Any) -> list[str]:
    """The rules a row breaks."""
    return [str(breach) for breach in breaches(frame_of([row], type(row)), type(row))]


def as_stored(row: Any) -> Any:
    """With as many digits as a store keeps."""
    return rows_of(frame_of([row], type(row)), type(row))[0]


# venue


def test_venue_is_a_closed_vocabulary_on_everything_an_order_comes_from_and_leads_to() -> None:
    assert {venue.value for venue in Venue} == {"polymarket", "solana"}
    assert {column(row_class, "venue").kind for row_class in (*OF_AN_ORDER, Instrument)} == {Venue}
    assert not any(column(row_class, "venue").nullable for row_class in (*OF_AN_ORDER, Instrument))
    assert broken(replace(a_trade(), venue="moon")) == ["venue must be one of polymarket, solana"]


# token_id, market_id


def test_a_token_is_an_outcome_of_a_market_or_a_mint_that_is_its_own_market() -> None:
    for row_class in (Trade, Signal, Order, Fill, Position, Instrument, Settlement):
        assert {"token_id", "market_id"} <= set(contract_of(row_class).names)
        assert "condition_id" not in contract_of(row_class).names
    outcome, mint = an_instrument(), a_mint(MINT, AT)
    assert (outcome.token_id != outcome.market_id, mint.token_id == mint.market_id == MINT) == (True, True)


# stake


@pytest.mark.parametrize(
    ("row_class", "names"),
    [
        (Strategy, ["balance"]),
        (Trade, ["notional"]),
        (Signal, ["leader_notional", "notional"]),
        (Fill, ["notional", "fee"]),
        (Position, ["cost", "realized_pnl", "realized_before", "fees"]),
        (Settlement, ["realized_pnl"]),
    ],
)
def test_a_strategys_money_is_in_its_stake_and_exact_to_the_lamport(row_class: type, names: list[str]) -> None:
    for name in names:
        assert column(row_class, name).kind is Decimal
        assert column(row_class, name).column.scale >= 9  # a lamport is the ninth decimal of a SOL
        assert "stake" in column(row_class, name).column.meaning
        assert "USD" not in column(row_class, name).column.meaning


def test_a_venue_has_one_currency_and_a_lamport_survives_the_stores() -> None:
    assert STAKE_OF == {Venue.POLYMARKET: Currency.USD, Venue.SOLANA: Currency.SOL}
    assert (an_instrument().stake_currency, a_mint(MINT, AT).stake_currency) == (Currency.USD, Currency.SOL)
    paid = a_fill(notional=Decimal("18446744073.709551615"), fee=Decimal("0.000000001"))  # 2^64 - 1 lamports, and one
    assert as_stored(paid) == paid


# price


@pytest.mark.parametrize(
    ("venue", "price", "breaks"),
    [
        (Venue.POLYMARKET, "0", False),
        (Venue.POLYMARKET, "1", False),
        (Venue.POLYMARKET, "1.000000000000000001", True),
        (Venue.POLYMARKET, "-0.000000000000000001", True),
        (Venue.SOLANA, "172.5", False),
        (Venue.SOLANA, "1e-12", False),
        (Venue.SOLANA, "1e-18", False),
        (Venue.SOLANA, "0", True),
    ],
)
def test_a_price_is_stake_per_share_within_the_bounds_of_its_venue(venue: Venue, price: str, breaks: bool) -> None:
    trade = a_trade(venue=venue, price=Decimal(price))
    assert bool(broken(trade)) is breaks
    assert as_stored(trade).price == Decimal(price)


# shares


@pytest.mark.parametrize("decimals", [0, 6, 9, 18])
@pytest.mark.parametrize("raw", [1, 2**64 - 1, 2**64])
def test_a_raw_amount_of_up_to_2_to_the_64_is_never_rounded(decimals: int, raw: int) -> None:
    trade = a_trade(shares=Decimal(raw).scaleb(-decimals))
    assert as_stored(trade).shares.scaleb(decimals) == raw
    assert broken(trade) == []


def test_a_share_of_an_outcome_has_six_decimals_and_a_mint_its_own() -> None:
    assert (an_instrument().share_decimals, a_mint(MINT, AT).share_decimals) == (6, 9)


# how it ends


@pytest.mark.parametrize(("payout", "breaks"), [("0", False), ("0.5", False), ("1", False), ("1.000001", True), ("-0.000001", True)])
def test_an_outcome_ends_by_a_payout_of_nought_to_one(payout: str, breaks: bool) -> None:
    assert bool(broken(replace(an_instrument(), payout=Decimal(payout), ended_at=AT))) is breaks
    if not breaks:
        bought = a_fill()
        derived = fold([bought, settlement_of(fold([bought]).position, Decimal(payout), AT)])  # type: ignore[union-attr]
        assert derived is not None
        assert derived.position.realized_pnl == 100 * Decimal(payout) - Decimal("41.2")
        assert derived.position.closed_at == AT


def test_a_mint_does_not_end_and_where_nobody_buys_it_it_is_marked_at_nought_and_said_so() -> None:
    """No route sells it: believed after two minutes, for as long as it is so."""
    mint = a_mint(MINT, AT)
    assert (mint.ends_at, mint.ended_at, mint.payout, mint.highest_payout) == (None, None, None, None)
    was = mark_token(None, MINT, book_of(MINT, [Level(Decimal(2), Decimal(9))], [Level(Decimal("2.01"), Decimal(9))]), scale_of(mint), AT)
    gone = mark_token(was, MINT, None, scale_of(mint), AT)
    early = mark_token(gone, MINT, None, scale_of(mint), AT + PATIENCE - timedelta(seconds=1))
    late = mark_token(gone, MINT, None, scale_of(mint), AT + PATIENCE)
    assert [(one.price, one.doubt) for one in (was, gone, early, late)] == [
        (Decimal("2.005"), None),
        (Decimal("2.005"), Doubt.NO_BIDS),
        (Decimal("2.005"), Doubt.NO_BIDS),
        (Decimal(0), Doubt.NO_BIDS),
    ]


# the book


def test_levels_and_quotes_answer_the_same_question() -> None:
    """5 for 10 and 8 for 19 in all: 5 at 2, and 3 more at 3. Who wants 6 at 3 or better gets 5 and 1, and spends 13."""
    of_quotes = book_of(MINT, [], levels(quoted(("5", "10"), ("8", "19"))))
    of_levels = book_of(MINT, [], [Level(Decimal(2), Decimal(5)), Level(Decimal(3), Decimal(3))])
    assert of_quotes == of_levels
    for limit, spent in (("3", 13), ("2.99", 10), ("1.99", 0)):
        taken = takes(of_quotes.facing(Side.BUY), Side.BUY, Decimal(6), Decimal(limit))
        assert sum(level.price * level.shares for level in taken) == spent


# the order's name before it is sent


def test_an_order_has_its_name_before_it_is_sent_and_that_of_polymarket_is_a_function_of_the_order() -> None:
    names = contract_of(Order).names
    assert {"order_hash", "signed_bytes", "expires_at"} <= set(names)
    account, exchange = Account(WALLET, "0x" + "2" * 40, 3), STANDARD
    first = order_hash(an_order(), Amounts(1_000_000, 2_000_000), exchange, account)
    answered = replace(an_order(), status=OrderStatus.UNKNOWN, updated_at=AT + timedelta(days=1))
    assert order_hash(answered, Amounts(1_000_000, 2_000_000), exchange, account) == first
    assert order_hash(an_order(order_id=row_id("another")), Amounts(1_000_000, 2_000_000), exchange, account) != first


@pytest.mark.parametrize(("late_s", "fate"), [(0, Fate.ALONE), (0.000001, Fate.OVER)])
def test_what_expires_is_dead_for_certain_after_that_and_not_before(late_s: float, fate: Fate) -> None:
    expires_at = AT + timedelta(minutes=2)
    assert fate_of(an_order(expires_at=expires_at), expires_at + timedelta(seconds=late_s)) is fate


# fees


@pytest.mark.parametrize(
    ("instrument", "shares", "price", "fee"),
    [
        (an_instrument(fee_rate=Decimal("0.05")), "100", "0.40", "1.2"),  # 100 x 0.05 x 0.4 x 0.6
        (an_instrument(fee_rate=Decimal("0.05")), "100", "0.60", "1.2"),
        (an_instrument(fee_rate=Decimal(0)), "100", "0.40", "0"),
        (a_mint(MINT, AT), "10", "172.5", "4.3125"),  # 1,725 SOL, 25 basis points
    ],
)
def test_a_fee_is_by_the_instruments_own_formula(instrument: Instrument, shares: str, price: str, fee: str) -> None:
    assert taker_fee(Decimal(shares), Decimal(price), instrument) == Decimal(fee)
    assert instrument.fee_formula is (FeeFormula.BINARY if instrument.venue is Venue.POLYMARKET else FeeFormula.PROPORTIONAL)


def test_each_fee_is_on_record_with_its_fill_and_in_what_the_position_cost() -> None:
    sold = a_fill(fill_id=row_id("sold"), side=Side.SELL, notional=Decimal(50), fee=Decimal("0.3"), filled_at=AT + timedelta(1))
    derived = fold([a_fill(), sold])
    assert derived is not None
    assert derived.position.fees == Decimal("1.5")
    assert derived.position.realized_pnl == 50 - Decimal("0.3") - 40 - Decimal("1.2")


# what knowing nothing looks like


@pytest.mark.parametrize("price", [0.1, 0.35, 0.5, 0.8])
def test_who_knows_nothing_wins_as_often_as_the_price_it_paid_says(price: float) -> None:
    """1,000 bets of which that part wins: what is expected of one who knows nothing is the price itself."""
    payoff = np.zeros(1_000)
    payoff[: int(1_000 * price)] = 1
    chances = fair_chances(np.full(1_000, price), payoff, np.zeros(1_000, bool), np.ones(1_000))
    assert chances == pytest.approx(price, abs=1e-6)


# bounds of one venue


def test_a_bound_of_one_venue_is_declared_with_it_and_held_against_its_own_rows_one_by_one() -> None:
    declared = column(Trade, "price").column
    assert (declared.at_most_on, declared.above_on) == (((Venue.POLYMARKET, 1),), ((Venue.SOLANA, 0),))
    rows = [a_trade(trade_id=row_id(n), venue=venue, price=Decimal(price)) for n, (venue, price) in enumerate(MIXED)]
    found = breaches(frame_of(rows, Trade), Trade)
    assert [(breach.row, breach.column) for breach in found] == [(1, "price"), (2, "price")]
    assert frame_of(rows, Trade).filter(pl.col("price") > 1).height == 2  # one of them is good


MIXED = [(Venue.SOLANA, "172.5"), (Venue.POLYMARKET, "172.5"), (Venue.SOLANA, "0"), (Venue.POLYMARKET, "0")]
