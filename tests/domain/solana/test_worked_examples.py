"""Accounting examples that were worked by hand (Kelows/million). Runs where WALLETFLOW_ORACLES points to them."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.feeds.solana.enhanced_transactions import read_enhanced
from domain.solana.deeds import lamports_for_dollars
from domain.solana.holdings import Deed, Holding, HoldingPolicy, after, fold
from domain.solana.programs import WSOL
from domain.solana.swaps import read_swaps
from domain.solana.transactions import ChainTransaction
from tests.solana_transactions import Making

POLICY = HoldingPolicy()


@pytest.fixture
def examples(recorded: Any) -> Any:
    return recorded("accounting/million_worked_examples.json")


def lamports(sol: Any) -> int:
    return int(Decimal(str(sol)).scaleb(9))


def deed(coin: str, raw: int, sol: Any, usd: Any, sol_price: Any) -> Deed:
    """As their rows say it: what a wallet's SOL and dollars did beside `raw` of a coin. Without either it is a transfer."""
    dollars = lamports_for_dollars(abs(int(usd * 10**6)), Decimal(str(sol_price))) or 0
    value = abs(lamports(sol)) + dollars
    return Deed(None, 0, coin, raw, value or None) if raw > 0 else Deed(coin, -raw, None, 0, value or None)


def test_what_a_transaction_changed_is_read_once(examples: Any) -> None:
    """Unwrapped SOL counts once (one parser said 1.6 for 0.799995), held wrapped SOL counts, a curve's tokens count."""
    for example in examples["tx_deltas"]:
        transaction = read_enhanced(example["tx"], {"TOK": 0})
        assert isinstance(transaction, ChainTransaction)
        assert transaction.sol_change(example["wallet"]) == lamports(example["expect"]["sol"])
        for mint, raw in example["expect"]["tokens"].items():
            assert transaction.token_change(example["wallet"], mint) == raw
        (swap,) = read_swaps(transaction, example["wallet"]).swaps
        assert swap.coin.raw == abs(example["expect"]["tokens"]["TOK"])


def test_a_sequence_of_deeds(examples: Any) -> None:
    holding = Holding()
    for row in examples["ledger_sequence"]:
        before, expect = holding, row["expect"]
        holding = after({"T": holding}, deed("T", row["qty"], row["sol"], row["usd"], row["sol_price"]), POLICY)["T"]
        realized = holding.realized_pnl - before.realized_pnl
        assert realized == lamports(expect["realized"] or 0)
        if "qty" in expect:
            assert (holding.raw, holding.average_cost) == (expect["qty"], lamports(expect["cost"]))
        assert holding.is_closed is expect.get("closed", False)


def test_single_deeds(examples: Any) -> None:
    for row in examples["ledger_single"]:
        start = fold([Deed(None, 0, "T", row["pos"]["qty"], lamports(row["pos"]["cost"]))]) if row["pos"] else {}
        holding = after(start, deed("T", row["qty"], row["sol"], row["usd"], row["sol_price"]), POLICY)["T"]
        expect = row["expect"]
        if expect.get("op") == "none":
            assert (holding.known_raw, holding.average_cost, holding.realized_pnl) == (0, 0, 0), row["name"]
        if "realized" in expect:
            assert holding.realized_pnl == lamports(expect["realized"]), row["name"]
        if expect.get("closed"):
            assert holding.is_closed, row["name"]


def replayed(replay: dict[str, Any]) -> dict[str, Holding]:
    holdings: dict[str, Holding] = {}
    for row in replay["txs"]:
        steps = replay.get("sol_price_steps") or [[0, replay["sol_price"]]]
        price = [price for since, price in steps if since <= row["ts"]][-1]
        coins = {mint: raw for mint, raw in row["legs"].items() if mint != "USDC"}
        if len(coins) == 2:
            (gave, out), (got, into) = sorted(coins.items(), key=lambda leg: leg[1])
            holdings |= after(holdings, Deed(gave, -out, got, into), POLICY)
            continue
        ((coin, raw),) = coins.items()
        holdings |= after(holdings, deed(coin, raw, row["sol"], row["legs"].get("USDC", 0), price), POLICY)
    return holdings


def test_replays(examples: Any) -> None:
    for replay in examples["replays"]:
        holdings, total = replayed(replay), 0
        for coin, expect in replay["expect"].items():
            if coin == "total":
                total = sum(holding.realized_pnl for holding in holdings.values())
                assert total == lamports(expect)
                continue
            holding = holdings[coin]
            read = {
                "realized": holding.realized_pnl,
                "held_cost": holding.average_cost,
                "cost": holding.received - holding.realized_pnl,  # of what was sold
                "sol_in": holding.paid,
                "sol_out": holding.received,
            }
            for key in expect.keys() & read.keys():
                assert read[key] == pytest.approx(lamports(expect[key]), abs=10**6 // 2), (replay["name"], coin, key)
            if "open" in expect:
                assert holding.is_closed is not expect["open"]
            assert holding.is_unbacked is expect.get("unbacked", False)


def test_little_sol_beside_two_coins_is_a_cost_and_much_is_not(examples: Any) -> None:
    """Told by a payload that shows the wallet's own account only."""
    for row in examples["rotation_test"]:
        making = Making()
        for mint, raw in row["legs"].items():
            making.give(mint, "POOL", "OWNER", raw)
        making.pay("POOL", "OWNER", lamports(row["sol"]))
        whole = making.as_helius()
        trimmed = making.as_helius(accounts=tuple(one for one in whole.accounts if one.address != "POOL"))
        reading = read_swaps(trimmed, "OWNER")
        is_rotation = len(reading.swaps) == 1 and reading.swaps[0].is_rotation
        assert is_rotation is row["is_rotation"]
    assert WSOL not in {mint for row in examples["rotation_test"] for mint in row["legs"]}
