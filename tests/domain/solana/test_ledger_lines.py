"""Whatever happens in a transaction, its lines add up: for each party and each mint, to the last lamport."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from data_contracts import ReadAs
from domain.solana.counterparties import Counterparties
from domain.solana.programs import USDC, WSOL
from domain.solana.swaps import read_swaps
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import ChainTransaction
from tests.solana_transactions import SOL, Making

PARTIES = ["OWNER", "OTHER", "POOL", "POOL2", "VENUE", min(TIP_ACCOUNTS)]
MINTS = ["COIN", "COIN2", USDC, WSOL]
Step = Callable[[Making], Making]


def amounts(most: int = 5 * SOL) -> st.SearchStrategy[int]:
    return st.one_of(st.integers(0, most), st.sampled_from([1, 2_039_280, SOL]))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """One thing that can happen."""
    one, other = draw(st.sampled_from(PARTIES)), draw(st.sampled_from(PARTIES))
    mint, raw = draw(st.sampled_from(MINTS)), draw(amounts())
    kept = draw(st.integers(0, raw // 10))
    choices: list[Step] = [
        lambda making: making.pay(one, other, raw, by_hand=True),
        lambda making: making.pay(one, other, raw),
        lambda making: making.take(one, other, raw),
        lambda making: making.give(mint, one, other, raw, kept if mint != WSOL else 0),
        lambda making: making.mint(mint, one, raw) if mint != WSOL else making,
        lambda making: making.burn(mint, one, raw) if mint != WSOL else making,
        lambda making: making.open_program_account(f"{one}'s", 2_108_880, other) if f"{one}'s" not in making.lamports else making,
        lambda making: making.open(one, mint, other, raw if mint == WSOL else 0) if f"{one}/{mint}" not in making.purses else making,
        lambda making: making.close(one, WSOL, other) if f"{one}/{WSOL}" in making.purses else making,
    ]
    return draw(st.sampled_from(choices))


@st.composite
def deals(draw: st.DrawFn) -> Step:
    """One thing for another, perhaps over a third."""
    owner, pool, mints = draw(st.sampled_from(PARTIES[:3])), draw(st.sampled_from(PARTIES[2:4])), draw(st.permutations(MINTS))
    gave, passed, got = (draw(amounts()) for _ in range(3))
    direct: Step = lambda making: making.give(mints[0], owner, pool, gave).give(mints[1], pool, owner, got)  # noqa: E731
    routed: Step = lambda making: direct(making.give(mints[2], pool, "POOL3", passed).give(mints[1], "POOL3", pool, got))  # noqa: E731
    return draw(st.sampled_from([direct, routed]))


@st.composite
def transactions(draw: st.DrawFn) -> ChainTransaction:
    payer, signers = draw(st.sampled_from(PARTIES[:3])), draw(st.sets(st.sampled_from(PARTIES[:3])))
    making = Making(fee=draw(st.integers(5_000, 20_000_000)), payer=payer, signers=(payer, *sorted(signers - {payer})))
    for step in draw(st.lists(st.one_of(deals(), steps()), max_size=6)):
        step(making)
    error: Any = "failed" if draw(st.integers(0, 19)) == 0 else None
    return making.as_helius(error=error) if draw(st.booleans()) else making.done(error=error)


@given(transactions(), st.sampled_from(PARTIES))
def test_the_lines_of_a_mint_add_up_to_what_the_wallet_has_more_of(transaction: ChainTransaction, owner: str) -> None:
    reading = read_swaps(transaction, owner)
    assert reading.raw(WSOL) == transaction.sol_change(owner)
    for mint in {token.mint for token in transaction.tokens} - {WSOL}:
        assert reading.raw(mint) == transaction.token_change(owner, mint)


@given(transactions(), st.sampled_from(PARTIES))
def test_it_is_exactly_one_thing_and_says_why_unless_it_is_a_trade(transaction: ChainTransaction, owner: str) -> None:
    reading = read_swaps(transaction, owner)
    assert (reading.read_as is ReadAs.FAILED) == (transaction.error is not None)
    assert reading.read_as in (ReadAs.TRADE, ReadAs.NOT_A_TRADE, ReadAs.FAILED, ReadAs.UNREADABLE)
    assert bool(reading.why) == (reading.read_as is not ReadAs.TRADE)
    if reading.read_as is ReadAs.TRADE:
        assert reading.swaps


@given(transactions(), st.sampled_from(PARTIES))
def test_who_traded_a_coin_has_more_or_less_of_it(transaction: ChainTransaction, owner: str) -> None:
    """No coin is traded that the wallet's own balance does not show, and never more of it."""
    reading = read_swaps(transaction, owner)
    if reading.read_as is ReadAs.TRADE:
        for mint in {amount.mint for swap in reading.swaps for amount in (swap.gave, swap.got) if not amount.is_money}:
            got = sum(swap.got.raw for swap in reading.swaps if swap.got.mint == mint)
            gave = sum(swap.gave.raw for swap in reading.swaps if swap.gave.mint == mint)
            assert got - gave == transaction.token_change(owner, mint)


@given(transactions(), st.sampled_from(PARTIES))
def test_no_money_is_paid_or_got_twice(transaction: ChainTransaction, owner: str) -> None:
    """All swaps of a transaction together paid no more than pools gained, and got no more than pools lost."""
    reading, parties = read_swaps(transaction, owner), Counterparties(transaction, owner)
    if reading.read_as is ReadAs.TRADE and parties.is_told_by_balances:
        for mint in (USDC, WSOL):
            moved = [pool.get(mint, 0) for pool in parties.exchanges]
            assert sum(swap.gave.raw for swap in reading.swaps if swap.gave.mint == mint) <= sum(raw for raw in moved if raw > 0)
            assert sum(swap.got.raw for swap in reading.swaps if swap.got.mint == mint) <= -sum(raw for raw in moved if raw < 0)
