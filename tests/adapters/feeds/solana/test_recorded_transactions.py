"""What services were recorded to send, read to the lamport. Runs where WALLETFLOW_ORACLES points to the recordings.

The answers of EXPECTED.json were asserted against the recorded native changes; a file that is added to it is tested without a line here.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from adapters.feeds.solana.rpc_transactions import read_answer
from data_contracts import LineKind, NoTrade, ReadAs, Side
from domain.solana.accounting import account_for
from domain.solana.programs import USDC, USDT, WSOL
from domain.solana.readings import Reading
from domain.solana.swaps import read_swaps
from domain.solana.transactions import ChainTransaction, Unreadable, Version

SOL = 10**9
FEES = (LineKind.NETWORK_FEE, LineKind.PRIORITY_FEE)
UNITS = {"SOL": {WSOL}, "USDC(6)": {USDC}, "USDT(6)": {USDT}}
WALLET = "9JGuVmjXTeMea6VY6fpsu8783YeJME8bewyy9qv9UBxh"  # whose 52 transactions sol_pnl holds
LAUNCHER = "5awoNsCULYySQaxHsGYxd9Xm7cr3GjyTZj8FmU4zsVEf"


def transactions_in(answer: Any) -> Iterator[ChainTransaction]:
    """Of a recorded file: an answer, a webhook's array, or one payload."""
    for row in answer if isinstance(answer, list) else [answer]:
        transaction = read_enhanced(row) if "accountData" in row else read_answer(row)
        assert isinstance(transaction, ChainTransaction), transaction
        yield transaction


def everybody_in(transaction: ChainTransaction) -> set[str]:
    return {account.address for account in transaction.accounts} | {token.owner for token in transaction.tokens}


def told_otherwise(name: str, answer: dict[str, Any], transaction: ChainTransaction) -> list[str]:
    """What we read differently from what is right."""
    owner = transaction.signers[0] if transaction.signers else transaction.fee_payer
    reading = read_swaps(transaction, owner)
    swap = reading.swaps[0]
    read = {
        "kind": swap.side.value,
        "token_raw": swap.coin.raw,
        "token_decimals": swap.coin.decimals,
        "gross": swap.counter.raw,
        "venue_or_platform_fee": -reading.raw(swap.counter.mint, LineKind.VENUE_FEE),
        "fee_in_token_raw": -reading.raw(swap.coin.mint, LineKind.VENUE_FEE),
        "rent": -reading.raw(WSOL, LineKind.RENT),
        "tip": -reading.raw(WSOL, LineKind.TIP),
        "network_fee": -reading.raw(WSOL, *FEES),
        "native_delta": transaction.native_change(owner),
    }
    units = [] if swap.counter.mint in UNITS[answer["unit"]] else [f"{name}: paid in {swap.counter.mint}"]
    return units + [f"{name}: {key} is {answer[key]}, read as {read[key]}" for key in read if key in answer and answer[key] != read[key]]


def test_every_recorded_transaction_is_read_to_the_lamport(recorded: Any) -> None:
    answers = recorded("transactions/EXPECTED.json")["answers"]
    wrong = []
    for name, answer in answers.items():
        for transaction in transactions_in(recorded(f"transactions/{name}")):
            if answer["kind"] is not None:
                wrong += told_otherwise(name, answer, transaction)
                continue
            trades = [owner for owner in everybody_in(transaction) if read_swaps(transaction, owner).read_as is ReadAs.TRADE]
            wrong += [f"{name}: a trade of {owner}" for owner in trades]
    assert wrong == []


def test_a_failed_transaction_costs_its_fee(recorded: Any) -> None:
    (transaction,) = transactions_in(recorded("transactions/raw_error.json"))
    reading = read_swaps(transaction, transaction.fee_payer)
    assert (reading.read_as, reading.raw(WSOL)) == (ReadAs.FAILED, -169_118)


def test_the_senders_sol_is_the_senders_and_the_fee_is_the_fee_payers(recorded: Any) -> None:
    (transaction,) = transactions_in(recorded("transactions/helius_enhanced_feepayer_not_sender.json"))
    sender = read_swaps(transaction, "G2YxRa6wt1qePMwfJzdXZG62ej4qaTC7YURzuh2Lwd3t")
    assert (sender.why, sender.raw(WSOL, LineKind.MOVED), sender.raw(WSOL, *FEES)) == (NoTrade.MONEY_ONLY, -1_596_389_340, 0)
    assert read_swaps(transaction, transaction.fee_payer).raw(WSOL, *FEES) == -2_415_000


def test_a_wallet_that_took_tokens_of_a_mayhem_coin_paid_dollars_and_did_not_sign(recorded: Any) -> None:
    """3,517,192 USDC units for 445,377,137,871 of the coin. Whoever signed it only paid the fee."""
    (transaction,) = transactions_in(recorded("chainstack/learning-examples/raw_buy_tx_from_gettransaction.json"))
    (swap,) = read_swaps(transaction, "BwWK17cbHxwWBKZkUYvzxLcNQ1YVyaFezduWbtm2de6s").swaps
    assert (swap.side, swap.coin.raw, swap.counter.mint, swap.counter.raw, swap.lamports) == (
        Side.BUY,
        445_377_137_871,
        USDC,
        3_517_192,
        None,
    )
    assert read_swaps(transaction, transaction.fee_payer).why == NoTrade.NOTHING_MOVED


@pytest.mark.parametrize(
    ("path", "gross", "coins", "fees", "rent"),
    [
        ("chainstack/learning-examples/raw_create_tx_from_gettransaction.json", 2_962_962_962, 96_449_438_144_093, 67_037_038, 9_757_920),
        ("transactions/chainstack_raw_create_tx.json", 98_750_018, 3_520_371_073_923, 2_125_257, 11_428_320),
    ],
)
def test_a_coin_that_is_created_and_bought_at_once_is_bought(
    recorded: Any, path: str, gross: int, coins: int, fees: int, rent: int
) -> None:
    """The first as parsed JSON, the second as base64. Gross + fees + rent + 10,000 is what the creator's SOL fell by."""
    (transaction,) = transactions_in(recorded(path))
    reading = read_swaps(transaction, transaction.fee_payer)
    (swap,) = reading.swaps
    assert (swap.side, swap.lamports, swap.coin.raw) == (Side.BUY, gross, coins)
    assert (-reading.raw(WSOL, LineKind.VENUE_FEE), -reading.raw(WSOL, LineKind.RENT)) == (fees, rent)
    assert transaction.native_change(transaction.fee_payer) == -(gross + fees + rent + 10_000)


def test_the_webhook_that_two_parsers_booked_wrong(recorded: Any) -> None:
    """11.263971513 SOL came, 0.113463653 went to a terminal, 0.007505001 to the network: +11.143002859.

    One parser said 22.414 SOL, another "BUY 0.1135 SOL".
    """
    (transaction,) = transactions_in(recorded("helius/webhook_pump_amm_sell_1756173223.json"))
    reading = read_swaps(transaction, transaction.fee_payer)
    (swap,) = reading.swaps
    assert (swap.side, swap.coin.raw, swap.lamports) == (Side.SELL, 3_666_988_222_932, 11_263_971_513)
    assert (-reading.raw(WSOL, LineKind.VENUE_FEE), -reading.raw(WSOL, *FEES)) == (113_463_653, 7_505_001)
    assert reading.raw(WSOL) == 11_143_002_859


@pytest.mark.parametrize(
    ("name", "side", "lamports", "coins"),
    [
        ("launchpad_buyDBCWebhookRes.json", Side.BUY, 200_000_000, 322_281_812_767_019),  # typed TRANSFER
        ("launchpad_dammv2SellRes.json", Side.SELL, 19_130, 1_000_000_000),  # typed UNKNOWN
    ],
)
def test_meteoras_swaps_are_swaps_whatever_they_are_called(recorded: Any, name: str, side: Side, lamports: int, coins: int) -> None:
    (transaction,) = transactions_in(recorded(f"helius/{name}"))
    (swap,) = read_swaps(transaction, LAUNCHER).swaps
    assert (swap.side, swap.lamports, swap.coin.raw) == (side, lamports, coins)


@pytest.mark.parametrize("name", ["migrateTokenRes", "getMigratedPoolAddressRes", "createTokenRes"])
def test_a_launch_and_a_migration_are_no_trades(recorded: Any, name: str) -> None:
    (transaction,) = transactions_in(recorded(f"helius/launchpad_{name}.json"))
    readings = {owner: read_swaps(transaction, owner).read_as for owner in everybody_in(transaction)}
    assert set(readings.values()) == {ReadAs.NOT_A_TRADE}


def read_sol_pnl(recorded: Any) -> list[tuple[ChainTransaction, Reading]]:
    transactions = list(transactions_in(recorded("helius/enhanced_txs_sol_pnl.json")))
    return [(transaction, read_swaps(transaction, WALLET)) for transaction in transactions]


def test_52_swaps_of_one_wallet_are_52_trades_that_add_up_to_its_balance(recorded: Any) -> None:
    """Trimmed to accountData: their fee is what all accounts lost. Multi-hop routes and split orders are among them."""
    read = read_sol_pnl(recorded)
    assert [reading.read_as for _, reading in read] == [ReadAs.TRADE] * 52
    assert all(len(reading.swaps) == 1 for _, reading in read)
    assert sum(reading.raw(WSOL) for _, reading in read) == sum(transaction.native_change(WALLET) for transaction, _ in read)


def test_of_those_each_pool_says_the_same_as_the_wallet(recorded: Any) -> None:
    """What the wallet traded is what pools took or gave, to the lamport; the coins are the wallet's own."""
    for transaction, reading in read_sol_pnl(recorded):
        (swap,) = reading.swaps
        assert abs(transaction.token_change(WALLET, swap.coin.mint)) == swap.coin.raw
        assert reading.raw(WSOL, LineKind.TRADED) == (-1 if swap.side is Side.BUY else 1) * (swap.lamports or 0)


def test_one_transaction_is_the_same_in_every_encoding(recorded: Any) -> None:
    names = ["base64", "json", "json_parsed"]
    read = [read_answer(recorded(f"solders/tests/data/get_transaction_{name}_encoding.json")) for name in names]
    told = [
        (
            one.signature,
            one.slot,
            one.block_time,
            one.version,
            one.fee,
            one.fee_payer,
            one.signers,
            one.accounts,
            one.tokens,
            one.logs,
            one.error,
        )
        for one in read
        if isinstance(one, ChainTransaction)
    ]
    assert len(told) == 3
    assert told[0] == told[1] == told[2]
    assert isinstance(read[0], ChainTransaction)
    assert isinstance(read[1], ChainTransaction)
    assert read[0].instructions == read[1].instructions


def test_a_transaction_v1_is_read(recorded: Any) -> None:
    """First byte 0x81; the bytes are self-made, the balances are made up: 5 lamports to its second account."""
    encoded = recorded("transactions/EXPECTED.json")["v1_transaction_base64"]
    meta = {"fee": 5_000, "err": None, "preBalances": [10_000, 0, 1], "postBalances": [4_995, 5, 1]}
    read = read_answer({"slot": 450_000_000, "transaction": [encoded, "base64"], "meta": meta, "version": 1})
    assert isinstance(read, ChainTransaction)
    assert (read.version, read.fee_payer, len(read.accounts)) == (Version.V1, "FAe4sisG95oZ42w7buUn5qEE4TAnfTTFPiguZUHmhiF", 3)
    (payment,) = read.payments
    assert (payment.source, payment.lamports, payment.is_outer) == (read.fee_payer, 5, True)


def test_what_is_no_transaction_is_unreadable(recorded: Any) -> None:
    assert isinstance(read_answer(recorded("transactions/cyhole_get_ultra_order.json")), Unreadable)


FILES = [
    *(f"transactions/raw_{name}.json" for name in ("open", "open3", "add", "reduce1", "fail", "error", "transfer")),
    *(f"transactions/{name}.json" for name in ("agavesim_json1", "agavesim_json2", "chainstack_raw_create_tx", "cyhole_get_ultra_order")),
    *(f"transactions/helius_enhanced_{name}.json" for name in ("not_trades", "dusting_first8", "feepayer_not_sender")),
    *(
        f"helius/launchpad_{name}Res.json"
        for name in ("buyDBCWebhook", "dammv2Sell", "migrateToken", "getMigratedPoolAddress", "createToken")
    ),
    "helius/webhook_pump_amm_sell_1756173223.json",
    "helius/enhanced_txs_sol_pnl.json",
]


def test_every_recorded_signature_ends_as_exactly_one_thing(recorded: Any) -> None:
    """Read for whoever paid its fee. Trades: 52 of one wallet, 8 as the RPC writes them, 2 of Meteora and the webhook, 63.

    26 are no trades, of which the migration was recorded twice. One failed, one is an answer of another service, one never came.
    """
    readings = []
    for path in FILES:
        for row in recorded(path) if isinstance(recorded(path), list) else [recorded(path)]:
            read = read_enhanced(row) if "accountData" in row else read_answer(row)
            assert read is not None
            readings.append(read_swaps(read, read.fee_payer if isinstance(read, ChainTransaction) else ""))
    accounting, _ = account_for([*(reading.signature for reading in readings if reading.signature), "never came"], readings)
    counted = {"TRADE": 63, "NOT_A_TRADE": 26, "FAILED": 1, "UNREADABLE": 1, "GAP": 1}
    assert {read_as.value: count for read_as, count in accounting.counts.items()} == counted
    share = accounting.share(ReadAs.TRADE)
    assert (accounting.seen, share.count, round(share.rate, 3)) == (92, 63, 0.685)
    assert share.low < 0.685 < share.high
