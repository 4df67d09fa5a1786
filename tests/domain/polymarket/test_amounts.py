"""What a signed order gives and asks for, to the unit: as the vectors and the official client say, and the old client but for its bug."""

import json
import os
from collections.abc import Iterator
from dataclasses import astuple
from decimal import Decimal
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polymarket._internal.actions.orders.limit import _compute_limit_order_amounts
from polymarket._internal.actions.orders.market import _compute_market_order_amounts
from py_clob_client_v2.order_builder.builder import ROUNDING_CONFIG, OrderBuilder

from data_contracts import Side
from domain.polymarket.amounts import COMPUTED_DIGITS, Amounts, is_on_tick, keeps_limit, limit_amounts, market_amounts

TICKS = sorted(COMPUTED_DIGITS)
SEEDS = [20261103, 7, 11, 13, 1_000_003]
ORDERS_A_SEED = 2_000  # five seeds: 10,000 orders, each as a limit and as a market order
OLD_CLIENT = OrderBuilder(signer=None)
Case = tuple[str, Side, Decimal, Decimal, Decimal]  # form, side, price, size, tick


@pytest.fixture(scope="module")
def oracles() -> Path:
    if "WALLETFLOW_ORACLES" not in os.environ:
        pytest.skip("WALLETFLOW_ORACLES is not set: it names the directory with polymarket/ in it")
    return Path(os.environ["WALLETFLOW_ORACLES"]) / "polymarket"


@pytest.fixture(scope="module")
def rows(oracles: Path) -> dict[str, list[dict[str, Any]]]:
    return dict(json.loads((oracles / "order_vectors.json").read_text()))


@pytest.fixture(scope="module")
def official(oracles: Path) -> dict[str, Any]:
    return dict(json.loads((oracles / "official_test_vectors.json").read_text()))


def ours(case: Case) -> Amounts:
    form, side, price, size, tick = case
    return (limit_amounts if form == "limit" else market_amounts)(side, price, size, tick)


def official_client(case: Case) -> Amounts:
    """polymarket-client 0.14.0, in Decimal."""
    form, side, price, size, tick = case
    if form == "limit":
        return Amounts(*_compute_limit_order_amounts(price=price, size=size, side=side.value, tick_size=tick))
    return Amounts(*_compute_market_order_amounts(amount=size, price=price, side=side.value, tick_size=tick))


def old_client(case: Case) -> Amounts:
    """py-clob-client-v2 1.2.1, in float."""
    form, side, price, size, tick = case
    compute = OLD_CLIENT.get_order_amounts if form == "limit" else OLD_CLIENT.get_market_order_amounts
    return Amounts(*compute(side.value, float(size), float(price), ROUNDING_CONFIG[str(tick)])[1:])


def slips(value: Decimal, digits: int) -> bool:
    """Whether the float rounds down past the number it was given: floor(0.29 * 100) is 28, floor(69.49 * 100) is 6948."""
    return bool(floor(float(value) * 10**digits) != int(value.scaleb(digits)))


def is_float_bug(case: Case) -> bool:
    """The known bugs of py-clob-client-v2 (its issue 68): sizes slip in any order, prices in a market order, and large products by a step.

    Large: it rounds to four digits more than the amount has, so from 10^11 steps on a double has no digits left.
    """
    form, _, price, size, tick = case
    if slips(size, 2) or (form == "market" and slips(price, ROUNDING_CONFIG[str(tick)].price)):
        return True
    step = 10 ** (6 - COMPUTED_DIGITS[tick])
    (maker, taker), (old_maker, old_taker) = astuple(ours(case)), astuple(old_client(case))
    off = [(here, there) for here, there in ((maker, old_maker), (taker, old_taker)) if here != there]
    return len(off) == 1 and abs(off[0][0] - off[0][1]) == step and off[0][0] / step >= 10**11


def random_cases(seed: int) -> Iterator[Case]:
    chance = np.random.default_rng(seed)
    for _ in range(ORDERS_A_SEED):
        tick = TICKS[chance.integers(len(TICKS))]
        price = tick * int(chance.integers(1, int(1 / tick)))
        digits = int(chance.integers(0, 5))  # sizes are cut to two digits
        size = Decimal(int(chance.integers(1, 10 ** int(chance.integers(2, 9))))).scaleb(-digits)
        side = (Side.BUY, Side.SELL)[chance.integers(2)]
        yield from ((form, side, price, size, tick) for form in ("limit", "market"))


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_thousand_orders_are_the_official_clients_to_the_unit(seed: int) -> None:
    differing = [case for case in random_cases(seed) if ours(case) != official_client(case)]
    assert differing == []


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_thousand_orders_are_the_old_clients_but_for_its_float_bug(seed: int) -> None:
    """Every difference is one of a slipped float, and there are such differences: or the bug is gone and this exception with it."""
    differing = [case for case in random_cases(seed) if ours(case) != old_client(case)]
    assert [case for case in differing if not is_float_bug(case)] == []
    assert 0 < len(differing) < 0.1 * 2 * ORDERS_A_SEED


cases = st.sampled_from(TICKS).flatmap(
    lambda tick: st.tuples(
        st.sampled_from(["limit", "market"]),
        st.sampled_from(list(Side)),
        st.integers(1, int(1 / tick) - 1).map(lambda ticks: ticks * tick),
        st.decimals("0.01", "1000000", places=4),
        st.just(tick),
    )
)


@given(case=cases)
def test_any_order_is_the_official_clients_to_the_unit(case: Case) -> None:
    assert ours(case) == official_client(case)


@given(case=cases)
def test_no_order_gives_more_or_asks_for_less_than_its_limit_allows(case: Case) -> None:
    """The named side is never more than we said, and the computed one is at most one step below what the limit makes of it."""
    form, side, price, size, tick = case
    amounts = ours(case)
    named = amounts.taker if (form, side) == ("limit", Side.BUY) else amounts.maker
    assert named <= size * 10**6
    step = Decimal(10) ** (6 - COMPUTED_DIGITS[tick])
    if side is Side.SELL:
        assert 0 <= amounts.maker * price - amounts.taker < step
    elif form == "market":
        assert 0 <= amounts.maker / price - amounts.taker < step
    else:
        assert 0 <= amounts.taker * price - amounts.maker < step


@pytest.mark.parametrize("form", ["limit", "market"])
def test_the_vectors_of_the_old_client_are_ours_but_for_its_float_bug(form: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """On purpose: BUY 67 USD at 0.29 signs 239.2857 shares there, which is 0.28 a share and meets no ask at 0.29; here 231.0344."""
    size = "size" if form == "limit" else "amount"
    table = [(row, (form, Side(row["side"]), Decimal(row["price"]), Decimal(row[size]), Decimal(row["tick"]))) for row in rows[form]]
    differing = [case for row, case in table if ours(case) != Amounts(row["maker"], row["taker"])]
    assert len(table) == 360
    assert len(differing) == {"limit": 3, "market": 16}[form]
    assert all(is_float_bug(case) for case in differing)


def test_the_limit_orders_of_the_clients_own_tests_are_ours(official: dict[str, Any]) -> None:
    for row in official["order_amounts_limit"]["rows"]:
        amounts = limit_amounts(Side(row["side"]), Decimal(row["price"]), Decimal(row["size"]), Decimal("0.01"))
        assert amounts == Amounts(row["maker"], row["taker"]), row


def test_the_amounts_of_the_unified_clients_tests_are_ours(official: dict[str, Any]) -> None:
    """12.34 of each. On purpose not asserted: `taker_protected`, the TypeScript client's rule, which asks for one unit more."""
    block = official["unified_sdk_amounts"]
    size = Decimal("12.34")
    for row in block["limit_and_market_sell"]:
        price, tick = Decimal(row["price"]), Decimal(row["tick"])
        assert limit_amounts(Side.BUY, price, size, tick) == Amounts(row["product"], 12_340_000)
        assert limit_amounts(Side.SELL, price, size, tick) == Amounts(12_340_000, row["product"])
        assert market_amounts(Side.SELL, price, size, tick) == Amounts(12_340_000, row["product"])
    for row in block["market_buy"]:
        asked = market_amounts(Side.BUY, Decimal(row["price"]), size, Decimal(row["tick"]))
        assert asked == Amounts(12_340_000, row["taker_unprotected"])
        assert asked.taker < row["taker_protected"]


def test_the_further_rows_of_the_unified_clients_tests_are_ours(official: dict[str, Any]) -> None:
    """A protected BUY of the TypeScript client rounds shares up: one step of the amount more than ours, so ours is the safer limit."""
    for row in official["unified_sdk_amounts"]["extra"]:
        price, tick, size = Decimal(row["price"]), Decimal(row["tick"]), Decimal(row.get("size") or row["amount"])
        amounts = ours((row["kind"], Side(row["side"]), price, size, tick))
        rounds_up = row["kind"] == "market" and row["side"] == "BUY"
        step = 10 ** (6 - COMPUTED_DIGITS[tick]) if rounds_up else 0
        assert amounts == Amounts(row["maker"], row["taker"] - step), row


@pytest.mark.parametrize(
    ("price", "tick", "fits"),
    [
        ("0.01", "0.01", True),
        ("0.99", "0.01", True),
        ("0.995", "0.01", False),
        ("0", "0.01", False),
        ("1", "0.01", False),
        ("0.995", "0.005", True),
        ("0.3725", "0.0025", True),
        ("0.3715", "0.0025", False),
    ],
)
def test_a_price_lies_on_the_tick_and_a_tick_away_from_both_ends(price: str, tick: str, fits: bool) -> None:
    assert is_on_tick(Decimal(price), Decimal(tick)) is fits
    if not fits:
        with pytest.raises(ValueError, match="is not a price on the tick"):
            market_amounts(Side.BUY, Decimal(price), Decimal(10), Decimal(tick))


def test_a_tick_the_venue_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match=r"no tick of 0\.02"):
        limit_amounts(Side.BUY, Decimal("0.5"), Decimal(10), Decimal("0.02"))


@pytest.mark.parametrize(("usd", "kept"), [("1.00", True), ("0.02", False)])
def test_so_small_a_buy_that_rounding_could_reach_the_next_price_does_not_keep_its_limit(usd: str, kept: bool) -> None:
    """At 0.9: 1.00 USD asks for 1.1111 shares (0.90001 each); 0.02 USD for 0.0222 (0.9009 each, above the next price 0.9001)."""
    price = Decimal("0.9")
    assert keeps_limit(market_amounts(Side.BUY, price, Decimal(usd), Decimal("0.01")), price) is kept
