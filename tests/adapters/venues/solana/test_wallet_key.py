"""The key: by file or by value, never shown, and worth nothing without the word."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from adapters.connect import executes_here, open_venue
from adapters.settings import LIVE_WORD, Settings
from adapters.venues.solana.jupiter_venue import JupiterVenue
from adapters.venues.solana.simulated_swaps import SimulatedSwaps
from adapters.venues.solana.wallet_key import WalletKey, read_key
from data_contracts import Venue
from data_contracts.errors import Unsafe

PAIR = Keypair.from_seed(bytes(32))  # everybody knows it
SECRET = json.dumps(list(bytes(PAIR)))


def settings(**changes: Any) -> Settings:
    here = "http://127.0.0.1:9"
    plain = {
        "jupiter_url": here,
        "dexscreener_url": here,
        "solana_rpc_url": here,
        "postgres_url": "memory:key",
        "clickhouse_url": "memory:key",
    }
    return Settings(**(plain | changes))


@pytest.mark.parametrize("text", [SECRET, str(PAIR)])
def test_it_is_read_from_a_file_of_its_owner_alone_or_from_the_setting(tmp_path: Path, text: str) -> None:
    path = tmp_path / "id.json"
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    assert read_key(SecretStr(str(path))).address == read_key(SecretStr(text)).address == str(PAIR.pubkey())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "id.json"
    path.write_text(SECRET)
    path.chmod(mode)
    with pytest.raises(Unsafe, match="chmod 600"):
        read_key(SecretStr(str(path)))


@pytest.mark.parametrize("text", ["", "[1, 2]", "[1000]", SECRET[:-10], str(PAIR)[:-3], "0OIl", "/nowhere/id.json", str(PAIR.pubkey())])
def test_what_is_no_key_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(Unsafe, match="WALLETFLOW_LIVE_SOLANA_KEY") as found:
        read_key(SecretStr(text))
    assert found.value.__cause__ is None
    assert len(text) < 8 or "/" in text or text not in str(found.value)


def test_it_shows_its_address_and_no_more() -> None:
    key = WalletKey(PAIR)
    shown = f"{key!r} {key} {vars(key).keys()}"
    assert str(PAIR.pubkey()) in shown
    assert str(PAIR) not in shown


def test_a_transaction_without_a_slot_of_ours_is_not_signed() -> None:
    other = Keypair.from_seed(bytes([1] * 32))
    message = MessageV0.try_compile(other.pubkey(), [], [], Hash.default())
    with pytest.raises(Unsafe, match="0 slots"):
        WalletKey(PAIR).signed(VersionedTransaction.populate(message, [Signature.default()]))


def test_a_key_without_the_word_signs_nothing() -> None:
    """Simulation: nothing that could sign is even opened."""
    without = settings(live_solana_key=SECRET, live_solana_wallet=str(PAIR.pubkey()))
    assert isinstance(open_venue(Venue.SOLANA, without), SimulatedSwaps)
    with pytest.raises(Unsafe, match="needs exactly"):
        open_venue(Venue.SOLANA, without.model_copy(update={"live": LIVE_WORD.lower()}))


def test_the_word_and_a_named_wallet_make_it_live_and_the_key_makes_it_execute() -> None:
    """Polymarket stays simulated where only Solana's wallet is named, and Solana where only Polymarket's is."""
    live = settings(live=LIVE_WORD, live_solana_wallet=str(PAIR.pubkey()))
    assert isinstance(open_venue(Venue.SOLANA, live), JupiterVenue)
    assert (executes_here(live, Venue.SOLANA), executes_here(live, Venue.POLYMARKET), executes_here(live)) == (False, True, False)
    with_key = live.model_copy(update={"live_solana_key": SecretStr(SECRET)})
    assert executes_here(with_key)
    elsewhere = settings(live=LIVE_WORD, live_wallet="0x" + "1" * 40)
    assert (elsewhere.is_live_on(Venue.SOLANA), elsewhere.is_live_on(Venue.POLYMARKET)) == (False, True)
