"""Answers of the sandbox have the fields of recorded ones, down to the last: of transactions, accounts and Helius' payloads."""

from typing import Any

import pytest

from sandbox.solana.app import Solana
from sandbox.solana.enhanced_rows import enhanced_row
from sandbox.solana.keys import curve_of
from sandbox.solana.pool_trades import PoolTrade
from tests.domain.solana.conftest import recorded
from tests.solana_sandbox import StandingClock, small_solana

__all__ = ["recorded"]
PUMP_BUY = "chainstack/learning-examples/raw_buy_tx_from_gettransaction.json"
NEWER = {"costUnits"}  # than the recording: nodes write it since 2025


@pytest.fixture(scope="module")
def solana() -> Solana:
    clock = StandingClock()
    solana = small_solana(clock, history_s=2 * 3_600)
    solana.chain.at(clock())
    return solana


def shape(value: Any) -> Any:
    """Field names, and what kind of value each has; of a list what its first is."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def told(solana: Solana, encoding: str, uses_table: bool) -> Any:
    """A purchase on a curve of version 0 that succeeded and opened its account."""
    chain = solana.chain
    place = next(
        place
        for place, one in enumerate(chain.blocks)
        if getattr(one.did, "opens", False)
        and hasattr(one.did, "trade")
        and not isinstance(one.did, PoolTrade)
        and one.did.costs.uses_table is uses_table
        and one.did.costs.version == 0
    )
    options = {"encoding": encoding, "maxSupportedTransactionVersion": 1}
    return solana.node.history.transaction(solana.clock(), chain.blocks.signature(chain.blocks[place]), options)


def test_json_has_the_fields_of_a_recorded_purchase(solana: Solana, recorded: Any) -> None:
    ours, theirs = told(solana, "json", True), recorded("transactions/raw_open.json")["result"]
    assert set(ours) == set(theirs)
    assert set(ours["meta"]) - NEWER == set(theirs["meta"])
    message, recorded_message = (row["transaction"]["message"] for row in (ours, theirs))
    assert set(message) == set(recorded_message)
    assert shape(message["header"]) == shape(recorded_message["header"])
    assert set(message["addressTableLookups"][0]) == set(recorded_message["addressTableLookups"][0])
    call, recorded_call = ours["meta"]["innerInstructions"][0], theirs["meta"]["innerInstructions"][0]
    assert shape(call["instructions"][1]) == shape(recorded_call["instructions"][1])
    assert shape(ours["meta"]["postTokenBalances"][0]) == shape(theirs["meta"]["postTokenBalances"][0])
    assert set(ours["meta"]["loadedAddresses"]) == set(theirs["meta"]["loadedAddresses"])


def test_parsed_json_has_the_fields_of_a_recorded_purchase(solana: Solana, recorded: Any) -> None:
    ours, theirs = told(solana, "jsonParsed", True), recorded(PUMP_BUY)["result"]
    assert set(ours) == set(theirs)
    assert set(ours["meta"]) == set(theirs["meta"])
    assert set(ours["transaction"]["message"]) == set(theirs["transaction"]["message"])
    assert shape(ours["transaction"]["message"]["accountKeys"]) == shape(theirs["transaction"]["message"]["accountKeys"])
    sent = [_first(row, "transferChecked") for row in (ours, theirs)]
    assert shape(sent[0]) == shape(sent[1])
    assert {row["source"] for row in ours["transaction"]["message"]["accountKeys"]} == {"transaction", "lookupTable"}


def _first(row: Any, kind: str) -> Any:
    inner = [one for group in row["meta"]["innerInstructions"] for one in group["instructions"]]
    return next(one for one in inner if one.get("parsed", {}).get("type") == kind)


def test_an_account_has_the_fields_of_a_recorded_curve(solana: Solana, recorded: Any) -> None:
    mint = next(mint for mint, coin in solana.chain.launches.items() if coin.number % 4)  # every fourth is of a later kind, with a tail
    ask = {"jsonrpc": "2.0", "id": 1, "method": "getAccountInfo", "params": [curve_of(mint), {"encoding": "base64"}]}
    ours: Any = solana.node.answer(ask)
    theirs = recorded("chainstack/learning-examples/raw_bonding_curve_from_getaccountinfo.json")
    assert shape(ours) == shape(theirs)
    assert ours["result"]["value"]["space"] == theirs["result"]["value"]["space"] == 151


def test_an_enhanced_payload_has_the_fields_of_a_recorded_one(solana: Solana, recorded: Any) -> None:
    chain = solana.chain
    place = next(place for place, one in enumerate(chain.blocks) if isinstance(one.did, PoolTrade) and not one.did.code)
    ours = enhanced_row(solana.node.history.written(place), solana.clock())
    theirs = recorded("helius/webhook_pump_amm_sell_1756173223.json")[0]
    assert set(ours) == set(theirs)
    for part in ("nativeTransfers", "tokenTransfers"):
        assert shape(ours[part]) == shape(theirs[part])
    changes = [next(one for one in row["accountData"] if one["tokenBalanceChanges"]) for row in (ours, theirs)]
    assert shape(changes[0]) == shape(changes[1])
