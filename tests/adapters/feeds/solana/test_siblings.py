"""Each recorded trade, changed in one way that must not matter or must matter in one way: others of its kind read like it.

Runs where WALLETFLOW_ORACLES points to the recordings.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.rpc_transactions import read_answer
from data_contracts import LineKind, ReadAs
from domain.solana.base58 import encode_base58
from domain.solana.programs import MONEY_MINTS, USDC, USDT, WSOL
from domain.solana.readings import Reading, Swap
from domain.solana.swaps import read_swaps
from domain.solana.tips import TIP_ACCOUNTS
from domain.solana.transactions import Account, ChainTransaction, Unreadable

RAW = ["raw_open", "raw_open3", "raw_add", "raw_reduce1", "raw_fail", "agavesim_json1", "agavesim_json2", "chainstack_raw_create_tx"]
STRANGER = "Stranger"
Change = Callable[[ChainTransaction], ChainTransaction]


@pytest.fixture(params=RAW)
def answer(request: pytest.FixtureRequest, recorded: Any) -> Any:
    return recorded(f"transactions/{request.param}.json")


@pytest.fixture
def transaction(answer: Any) -> ChainTransaction:
    read = read_answer(answer)
    assert isinstance(read, ChainTransaction)
    return read


def reading_of(transaction: ChainTransaction, owner: str) -> Reading:
    reading = read_swaps(transaction, owner)
    assert reading.raw(WSOL) == transaction.sol_change(owner)
    return reading


def costs(reading: Reading) -> list[int]:
    return [reading.raw(WSOL, kind) for kind in (LineKind.VENUE_FEE, LineKind.TIP, LineKind.RENT)]


def renamed(transaction: ChainTransaction, names: Callable[[str], str]) -> ChainTransaction:
    """Every address but mints."""
    return replace(
        transaction,
        fee_payer=names(transaction.fee_payer),
        signers=tuple(map(names, transaction.signers or ())),
        accounts=tuple(replace(one, address=names(one.address)) for one in transaction.accounts),
        tokens=tuple(replace(one, account=names(one.account), owner=names(one.owner)) for one in transaction.tokens),
        payments=tuple(replace(one, source=names(one.source), destination=names(one.destination)) for one in transaction.payments),
        instructions=tuple(
            replace(one, program=names(one.program), accounts=tuple(map(names, one.accounts))) for one in transaction.instructions
        ),
    )


def with_mint(transaction: ChainTransaction, old: str, new: str, decimals: int) -> ChainTransaction:
    tokens = (replace(one, mint=new, decimals=decimals) if one.mint == old else one for one in transaction.tokens)
    return replace(transaction, tokens=tuple(tokens))


def test_a_venue_nobody_has_heard_of_is_read_like_the_known_ones(transaction: ChainTransaction) -> None:
    """All addresses are others, but those of landing services."""
    names = lambda address: address if address in TIP_ACCOUNTS else encode_base58(address.encode()[:32].ljust(32, b"x"))  # noqa: E731
    before, after = reading_of(transaction, transaction.fee_payer), reading_of(renamed(transaction, names), names(transaction.fee_payer))
    assert (after.read_as, after.swaps, after.lines) == (before.read_as, before.swaps, before.lines)


def test_the_order_of_accounts_means_nothing(transaction: ChainTransaction) -> None:
    turned = replace(transaction, accounts=transaction.accounts[::-1], tokens=transaction.tokens[::-1])
    before, after = (reading_of(one, transaction.fee_payer) for one in (transaction, turned))
    assert (after.swaps, costs(after)) == (before.swaps, costs(before))


def test_a_coin_of_other_decimals_is_traded_in_the_same_raw_amounts(transaction: ChainTransaction) -> None:
    (before,) = reading_of(transaction, transaction.fee_payer).swaps
    (after,) = reading_of(with_mint(transaction, before.coin.mint, "COIN", 2), transaction.fee_payer).swaps
    assert (after.coin.mint, after.coin.decimals, after.coin.raw) == ("COIN", 2, before.coin.raw)
    assert (after.side, after.counter, after.lamports) == (before.side, before.counter, before.lamports)


def test_a_failed_one_trades_nothing(transaction: ChainTransaction) -> None:
    assert reading_of(replace(transaction, error="failed"), transaction.fee_payer).read_as is ReadAs.FAILED


def test_a_fee_that_a_stranger_pays_is_none_of_the_wallets(transaction: ChainTransaction) -> None:
    """The stranger signs and pays; the wallet's balance is higher by the fee."""
    owner, fee = transaction.fee_payer, transaction.fee or 0
    accounts = [
        replace(one, change=one.change + fee, after=(one.after or 0) + fee) if one.address == owner else one for one in transaction.accounts
    ]
    payer = Account(STRANGER, -fee, fee, 0, is_signer=True)
    given = replace(transaction, fee_payer=STRANGER, signers=(STRANGER, *(transaction.signers or ())), accounts=(payer, *accounts))
    before, after = reading_of(transaction, owner), reading_of(given, owner)
    assert (after.swaps, costs(after)) == (before.swaps, costs(before))
    assert after.raw(WSOL, LineKind.NETWORK_FEE, LineKind.PRIORITY_FEE) == 0


def test_a_larger_network_fee_changes_no_price(transaction: ChainTransaction) -> None:
    owner = transaction.fee_payer
    accounts = tuple(replace(one, change=one.change - 7_000_000) if one.address == owner else one for one in transaction.accounts)
    dearer = replace(transaction, fee=(transaction.fee or 0) + 7_000_000, accounts=accounts)
    before, after = reading_of(transaction, owner), reading_of(dearer, owner)
    assert (after.swaps, costs(after)) == (before.swaps, costs(before))
    assert after.raw(WSOL, LineKind.PRIORITY_FEE) == before.raw(WSOL, LineKind.PRIORITY_FEE) - 7_000_000


def test_helius_own_reading_of_it_says_the_same(transaction: ChainTransaction) -> None:
    """Without balances before, signers and instructions."""
    payload = {
        "signature": transaction.signature,
        "slot": transaction.slot,
        "feePayer": transaction.fee_payer,
        "fee": transaction.fee,
        "type": "UNKNOWN",
        "accountData": [
            {
                "account": one.address,
                "nativeBalanceChange": one.change,
                "tokenBalanceChanges": [
                    {
                        "userAccount": token.owner,
                        "tokenAccount": token.account,
                        "mint": token.mint,
                        "rawTokenAmount": {"tokenAmount": str(token.change), "decimals": token.decimals},
                    }
                    for token in transaction.tokens
                    if token.account == one.address and token.change
                ],
            }
            for one in transaction.accounts
        ],
    }
    told = read_enhanced(payload)
    assert isinstance(told, ChainTransaction)
    (before,), (after,) = reading_of(transaction, transaction.fee_payer).swaps, reading_of(told, transaction.fee_payer).swaps
    assert (after.side, after.coin, after.counter.mint) == (before.side, before.coin, before.counter.mint)
    assert after.counter.raw - before.counter.raw == curves_deposit(transaction, before)


def curves_deposit(transaction: ChainTransaction, swap: Swap) -> int:
    """A curve that is opened in the same transaction holds its deposit beside its price: without instructions they are one amount."""
    return 1_691_280 if swap.coin.mint in transaction.born_mints else 0


def test_dollars_of_another_kind_are_dollars(recorded: Any) -> None:
    read = read_answer(recorded("transactions/raw_open3.json"))
    assert isinstance(read, ChainTransaction)
    (before,), (after,) = (reading_of(one, read.fee_payer).swaps for one in (read, with_mint(read, USDC, USDT, 6)))
    assert (after.counter.mint, after.counter.raw, after.coin, after.lamports) == (USDT, before.counter.raw, before.coin, before.lamports)


def test_a_coin_in_the_place_of_dollars_makes_it_a_sale_and_a_purchase_over_sol(recorded: Any) -> None:
    """The recorded route goes over wrapped SOL: 0.891398241 of it."""
    read = read_answer(recorded("transactions/raw_open3.json"))
    assert isinstance(read, ChainTransaction)
    sale, purchase = sorted(reading_of(with_mint(read, USDC, "COIN", 6), read.fee_payer).swaps, key=lambda swap: swap.side, reverse=True)
    assert (sale.coin.mint, sale.coin.raw, sale.lamports) == ("COIN", 200_000_000, 891_398_241)
    assert (purchase.coin.raw, purchase.lamports) == (1_198_591_705, 891_398_241)


def test_without_what_its_lookup_table_gave_it_is_unreadable(recorded: Any) -> None:
    answer = recorded("transactions/raw_open3.json")
    answer["result"]["meta"]["loadedAddresses"] = None
    assert isinstance(read_answer(answer), Unreadable)


def test_what_only_a_pool_did_is_no_trade_of_a_wallet_that_stood_by(transaction: ChainTransaction) -> None:
    """A stranger whose empty account is named in it."""
    stood_by = replace(transaction, accounts=(*transaction.accounts, Account(STRANGER, 0, 5, 5)))
    assert reading_of(stood_by, STRANGER).read_as is ReadAs.NOT_A_TRADE


def test_the_price_of_every_recorded_trade_is_in_money(transaction: ChainTransaction) -> None:
    for swap in reading_of(transaction, transaction.fee_payer).swaps:
        assert swap.counter.mint in MONEY_MINTS
