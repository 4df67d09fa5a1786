"""What a curve and a pool would give is what the chain gave, to the last unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.solana.curve import Curve, Fees, Mayhem, Pool, new_pump_curve

AMOUNTS = st.integers(1, 10**15)


def test_the_recorded_first_buy_of_3_sol_gets_its_tokens_to_the_last_unit():
    curve = new_pump_curve(Fees((95, 30)))
    assert curve.fees.net_of(3_000_000_000) == 2_962_962_962
    assert curve.fees.taken_of(2_962_962_962) == 28_148_149 + 8_888_889  # = 3,000,000,000 with the net
    assert curve.tokens_for(3_000_000_000) == 96_449_438_144_093


def test_the_recorded_sale_brings_180101237_lamports_before_fees():
    before = Curve(1_060_215_859_440_065 - 6_251_953_735_542, 30_361_741_638 + 180_101_237, 0, 541_842_875)
    assert before.quote_for(6_251_953_735_542) == 180_101_237


def test_the_recorded_buy_of_so_many_tokens_costs_2_sol():
    before = Curve(945_606_349_505_399 + 59_023_574_727_001, 34_041_649_591 - 2_000_000_000, 10**15)
    assert before.cost_of(59_023_574_727_001) == 2_000_000_000


def test_the_recorded_buy_of_a_pool_gets_its_base_to_the_last_unit():
    pool = Pool(148_617_625_980, 344_034_375_969_831_999, fees=Fees((25, 5)))
    assert pool.fees.net_of(468_934_276_696_458) == 467_531_681_651_503
    assert pool.tokens_for(468_934_276_696_458) == 201_692_493


def test_a_mayhem_coin_is_not_priced_by_the_formula_that_was_16_percent_off():
    """Recorded: 445,377,137,871 tokens, where the reserves of the same event imply 383,406,320,825."""
    before = Curve(1_067_677_499_811_569 + 445_377_137_871, 9_798_461_752 - 3_517_192, 10**15)
    assert before.tokens_for(3_517_192) == 383_406_320_825
    mayhem = Curve(before.virtual_tokens, before.virtual_quote, 10**15, is_mayhem=True)
    for ask in (lambda: mayhem.tokens_for(1), lambda: mayhem.quote_for(1), lambda: mayhem.cost_of(1), mayhem.price):
        with pytest.raises(Mayhem):
            ask()


def test_fees_that_wait_in_the_vault_are_no_liquidity():
    """A pool of 100 SOL; a buy pays 10, of which 0.03 is a fee that stays: vault 110.00, virtual -0.03, priced at 109.97, swept or not."""
    kept = Pool(10**15, 110_000_000_000, -30_000_000)
    swept = Pool(10**15, 109_970_000_000, 0)
    assert kept.effective_quote == swept.effective_quote == 109_970_000_000
    assert kept.quote_for(10**12) == swept.quote_for(10**12)


def test_a_curve_sells_no_more_than_it_has():
    assert new_pump_curve(Fees()).tokens_for(10**15) == 793_100_000_000_000


def test_a_curve_graduates_at_about_85_sol():
    assert new_pump_curve(Fees()).cost_of(793_100_000_000_000) == 85_005_359_057  # 85.0054 SOL


@pytest.mark.parametrize("tokens", [-1, 1_073_000_000_000_000])
def test_more_tokens_than_the_curve_prices_have_no_cost(tokens):
    with pytest.raises(ValueError, match="tokens the curve prices"):
        new_pump_curve(Fees()).cost_of(tokens)


@given(AMOUNTS, st.lists(st.integers(0, 500), max_size=4).map(tuple))
def test_fees_and_net_are_never_more_than_was_spent(spent, rates):
    fees = Fees(rates)
    net = fees.net_of(spent)
    assert net >= 0
    assert net + fees.taken_of(net) <= spent or net == 0


@given(st.integers(1, 10**12))
def test_buying_and_selling_at_once_never_gains(spent):
    curve = new_pump_curve(Fees((95, 30)))
    tokens = curve.tokens_for(spent)
    after = Curve(curve.virtual_tokens - tokens, curve.virtual_quote + spent, 0, spent, curve.fees)
    assert after.quote_for(tokens) <= spent


@given(AMOUNTS, AMOUNTS, st.integers(1, 10**12))
def test_a_pool_never_gives_out_what_it_has(tokens, quote, spent):
    pool = Pool(tokens, quote, fees=Fees((2, 93, 30)))
    assert pool.tokens_for(spent) < max(tokens, 1)
    assert pool.quote_for(spent) <= quote


def test_a_pool_of_nothing_gives_nothing_and_has_no_price():
    empty = Pool(0, 5, -9)
    assert (empty.tokens_for(10), empty.quote_for(10), empty.effective_quote, empty.price()) == (0, 0, 0, None)
