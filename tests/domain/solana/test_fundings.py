"""Who paid whom, out of what was read for a wallet."""

from dataclasses import replace
from decimal import Decimal

import pytest

from data_contracts import ReadAs
from domain.solana.fundings import LEAST, fundings_of
from domain.solana.programs import USDC
from domain.solana.services import EXCHANGES
from domain.solana.swaps import read_swaps
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import ChainTransaction
from tests.solana_transactions import SOL, Making

BINANCE = next(address for address, name in EXCHANGES.items() if name == "Binance")
Row = tuple[str, str, Decimal | None, str | None]


def paid(transaction: ChainTransaction, wallet: str = "OWNER", usd: Decimal | None = None) -> list[Row]:
    reading = read_swaps(transaction, wallet)
    return [(row.funder, row.wallet, row.amount, row.source_known) for row in fundings_of(reading, transaction, usd)]


def sent(lamports: int, source: str = "PURSE", to: str = "OWNER") -> ChainTransaction:
    return Making(payer=source, signers=(source,)).pay(source, to, lamports, by_hand=True).done()


def test_what_somebody_sent_is_a_payment_to_the_lamport() -> None:
    assert paid(sent(1_500_000_001)) == [("PURSE", "OWNER", Decimal("1.500000001"), None)]


def test_what_the_wallet_sent_on_is_one_as_well() -> None:
    assert paid(sent(2 * SOL, source="OWNER", to="INSIDER")) == [("OWNER", "INSIDER", Decimal(2), None)]


@pytest.mark.parametrize(("lamports", "rows"), [(LEAST, 1), (LEAST - 1, 0), (1, 0), (0, 0)])
def test_dust_is_no_payment(lamports: int, rows: int) -> None:
    """Whoever sends a few lamports to many strangers must not make one owner of them."""
    assert len(paid(sent(lamports))) == rows


def test_several_payments_of_one_transaction_are_one() -> None:
    twice = (
        Making(payer="PURSE", signers=("PURSE",)).pay("PURSE", "OWNER", SOL, by_hand=True).pay("PURSE", "OWNER", SOL, by_hand=True).done()
    )
    assert paid(twice) == [("PURSE", "OWNER", Decimal(2), None)]


def test_of_many_that_are_paid_at_once_each_reads_its_own() -> None:
    many = (
        Making(payer="PURSE", signers=("PURSE",)).pay("PURSE", "OWNER", SOL, by_hand=True).pay("PURSE", "OTHER", SOL, by_hand=True).done()
    )
    assert [row[1] for row in paid(many)] == ["OWNER"]
    assert [row[1] for row in paid(many, "PURSE")] == ["OWNER", "OTHER"]


def test_an_exchange_is_named() -> None:
    assert paid(sent(SOL, source=BINANCE))[0][3] == "Binance"


def test_a_tip_is_no_payment() -> None:
    assert paid(sent(SOL, source="OWNER", to=sorted(TIP_ACCOUNTS)[0])) == []


def test_dollars_count_at_the_rate_of_then_and_not_without_one() -> None:
    """300 dollars at 150 for a SOL are 2 SOL."""
    transaction = Making(payer="PURSE", signers=("PURSE",)).give(USDC, "PURSE", "OWNER", 300_000_000).done()
    assert paid(transaction, usd=Decimal(150)) == [("PURSE", "OWNER", Decimal(2), None)]
    assert paid(transaction) == []


def test_coins_that_were_sent_on_are_no_money() -> None:
    assert paid(Making(payer="PURSE", signers=("PURSE",)).give("COIN", "PURSE", "OWNER", 10**12).done()) == []


def test_what_a_sale_brought_is_no_payment() -> None:
    sale = Making().give("COIN", "OWNER", "POOL", 10**9).pay("POOL", "OWNER", SOL).done()
    assert read_swaps(sale, "OWNER").read_as is ReadAs.TRADE
    assert paid(sale) == []


def test_a_failed_transaction_paid_nobody() -> None:
    assert paid(replace(sent(SOL), error="InstructionError")) == []
