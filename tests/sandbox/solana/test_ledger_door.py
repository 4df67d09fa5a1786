"""The sandbox's node answers for the chain and the ledger at once: what is sent to it is executed, and its history shows it."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.message import to_bytes_versioned
from solders.transaction import VersionedTransaction
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sandbox.solana.app import Solana
from sandbox.solana.keys import WSOL
from sandbox.solana.launches import Fate
from sandbox.solana.ledger import seed_of
from sandbox.solana.packing import Packing
from tests.solana_sandbox import StandingClock, small_solana

US = Keypair.from_seed(seed_of("somebody"))
LAMPORTS = 10**9


@pytest.fixture
def solana() -> Solana:
    solana = small_solana(StandingClock())
    solana.swaps.ledger.fund(str(US.pubkey()), LAMPORTS)
    return solana


@pytest.fixture
def ask(solana: Solana) -> Callable[..., Any]:
    client = TestClient(Starlette(routes=solana.routes()))

    def asked(method: str, *params: Any) -> Any:
        told = client.post("/solana", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).json()
        return told.get("result", told.get("error"))

    return asked


def a_swap(solana: Solana) -> tuple[str, str]:
    """A BUY for 0.1 SOL, signed by us and the maker: base 64; and its mint."""
    coin = next(one for one in solana.coins.newest(solana.clock()) if one.launch.fate is Fate.FADES)
    query = {"inputMint": WSOL, "outputMint": coin.launch.mint, "amount": str(LAMPORTS // 10), "taker": str(US.pubkey())}
    _, order = solana.swaps.order(query)
    plain = VersionedTransaction.from_bytes(b64decode(order["transaction"]))
    ours = [US.sign_message(to_bytes_versioned(plain.message)), *plain.signatures[1:]]
    return b64encode(bytes(VersionedTransaction.populate(plain.message, ours))).decode(), coin.launch.mint


def test_what_is_sent_is_executed_and_its_history_and_balances_show_it(solana: Solana, ask: Callable[..., Any]) -> None:
    swap, mint = a_swap(solana)
    would = ask("simulateTransaction", swap, {"accounts": {"encoding": "base64", "addresses": [str(US.pubkey())]}})["value"]
    signature = ask("sendTransaction", swap, {"skipPreflight": True})
    solana.clock.now_s += 20  # type: ignore[attr-defined]
    (status,) = ask("getSignatureStatuses", [signature])["value"]
    (listed,) = ask("getSignaturesForAddress", str(US.pubkey()))
    shown = ask("getTransaction", signature, {"encoding": "json", "maxSupportedTransactionVersion": 1})
    assert (status["confirmationStatus"], listed["signature"], shown["meta"]["err"]) == ("finalized", signature, None)
    done, packing = solana.chain.blocks.done[solana.chain.blocks.place_of(signature) or 0], Packing({})
    assert packing.unpacked(packing.packed(done)) == done
    after = ask("getBalance", str(US.pubkey()))["value"]
    assert would["accounts"][0]["lamports"] == after == LAMPORTS + shown["meta"]["postBalances"][0] - shown["meta"]["preBalances"][0]
    (held,) = ask("getTokenAccountsByOwner", str(US.pubkey()), {"mint": mint}, {"encoding": "jsonParsed"})["value"]
    assert int(held["account"]["data"]["parsed"]["info"]["tokenAmount"]["amount"]) == solana.swaps.ledger.held(str(US.pubkey()), mint) > 0


def test_the_same_bytes_are_executed_once_and_old_ones_never(solana: Solana, ask: Callable[..., Any]) -> None:
    first, _ = a_swap(solana)
    ask("sendTransaction", first, {"skipPreflight": True})
    assert "AlreadyProcessed" in ask("sendTransaction", first, {"skipPreflight": True})["message"]
    late, _ = a_swap(solana)
    solana.clock.now_s += 120  # type: ignore[attr-defined]
    assert "BlockhashNotFound" in ask("sendTransaction", late, {"skipPreflight": True})["message"]


def test_more_than_a_wallet_has_is_not_sent_and_one_that_signs_not_neither(solana: Solana, ask: Callable[..., Any]) -> None:
    swap, _ = a_swap(solana)
    solana.swaps.ledger.fund(str(US.pubkey()), LAMPORTS // 100)
    assert "Custom" in ask("sendTransaction", swap)["message"]
    broken = b64decode(swap)
    assert (
        "SignatureFailure"
        in ask("sendTransaction", b64encode(broken[:1] + bytes(64) + broken[65:]).decode(), {"skipPreflight": True})["message"]
    )
