"""Wallets as people type them: written one way where that is safe, refused beside the field with the cure where it is not.

Found by trying (charmverse PR#1257, eattheblocks#69): all of them were accepted as typed; the wallet traded, and no signal was ever made.
"""

import json
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from data_contracts import Venue
from data_contracts.columns import WALLET
from domain.copying.policy import NO_MARKET, Policy
from domain.solana.base58 import ALPHABET
from domain.wallet_addresses import TYPED, TypedWallet, is_of, venue_of, wallet_of
from flows.cluster_editing import Wallets

ADDRESS = "0x" + "ab" * 20
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
SOLANA = "So11111111111111111111111111111111111111112"


@pytest.mark.parametrize("typed", [ADDRESS, ADDRESS.upper(), "0X" + "AB" * 20, f" {ADDRESS}", f"{ADDRESS}\n", f"\u200b{ADDRESS}\u00a0"])
def test_capitals_of_hex_digits_and_blanks_around_mean_nothing(typed: str) -> None:
    assert wallet_of(typed) == ADDRESS
    assert wallet_of(CHECKSUMMED) == CHECKSUMMED.lower()


@pytest.mark.parametrize("typed", [SOLANA, f" {SOLANA} ", "1" * 32])
def test_a_solana_address_keeps_its_capitals(typed: str) -> None:
    assert wallet_of(typed) == typed.strip()


@pytest.mark.parametrize(
    ("typed", "cure"),
    [
        ("", "write 0x and 40 hex digits"),
        ("  ", "take the line away"),
        ("ab" * 20, f"write {ADDRESS}"),
        ("AB" * 20, f"write {ADDRESS}"),
        ("0x" + "a" * 39, "here 39; copy it again"),
        ("0x" + "g" * 40, "copy it again"),
        ("0x" + "a" * 64, "here 64"),
        ("a" * 64, "a market or a transaction, not a wallet"),
        (f"https://polymarket.com/profile/{ADDRESS}", "copy the address that begins with 0x from that page"),
        ("polymarket.com/@name", "copy the address that begins with 0x from that page"),
        ("@name", "copy the address that begins with 0x from its profile"),
        ("vitalik.eth", "write the address it stands for"),
        ("name.sol", "write the address it stands for"),
        (SOLANA[:-1], "31 bytes of 32; its capitals count"),
        ("z" * 44, "33 bytes of 32"),
        (f"{ADDRESS}.", "here 41; copy it again"),
        ("0x" + "\uff11" * 40, "copy it again"),
        ("\uff10\uff58" + "ab" * 20, "neither 0x and 40 hex digits"),
        (f"ethereum:{ADDRESS}", "neither 0x and 40 hex digits"),
        (f"{ADDRESS[:8]}\u2026{ADDRESS[-4:]}", "copy it again"),
        (f"\u202a{ADDRESS}\u202c", "neither 0x and 40 hex digits"),
        ("somebody", "neither 0x and 40 hex digits nor a Solana address"),
    ],
)
def test_what_is_no_wallet_is_refused_with_the_cure(typed: str, cure: str) -> None:
    with pytest.raises(ValueError, match=re.escape(cure)):
        wallet_of(typed)


def test_a_policy_refuses_beside_the_field() -> None:
    with pytest.raises(ValidationError) as refusal:
        Policy.model_validate({"follow": {"wallets": [ADDRESS, "@name"]}})
    assert [error["loc"] for error in refusal.value.errors()] == [("follow", "wallets", 1)]


def test_two_spellings_are_one_leader_and_a_market_in_capitals_is_that_market() -> None:
    market = "0x" + "cd" * 32
    follow, firewall = {"wallets": [ADDRESS, f" {ADDRESS.upper()}"]}, {"markets": [market.upper(), market]}
    policy = Policy.model_validate({"follow": follow, "firewall": firewall})
    assert (policy.follow.wallets, policy.firewall.markets) == ((ADDRESS,), (market,))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "cd" * 32,
        "https://polymarket.com/event/it",
        "0x" + "c" * 63,
        "0x" + "c" * 65,
        "0x" + "g" * 64,
        "\u202a0x" + "c" * 64,
        f"'0x{'c' * 64}'",
        f"0x{'c' * 64}, 0x{'d' * 64}",
        "\uff10\uff58" + "c" * 64,
        "0x" + "\uff11" * 64,
    ],
)
def test_what_is_no_market_is_refused(typed: str) -> None:
    """A digit too few, or a mark of direction that nobody sees: such a market never trades, and nothing was ever copied."""
    with pytest.raises(ValidationError, match=r"write|page|copy it again"):
        Policy.model_validate({"firewall": {"markets": [typed]}})


def test_a_policy_of_an_earlier_version_is_read_and_never_follows_or_allows_more() -> None:
    policy = Policy.of_record(json.dumps({"follow": {"wallets": ["@name", ADDRESS.upper()], "top": 0}, "firewall": {"markets": [""]}}))
    assert (policy.follow.wallets, policy.firewall.markets) == ((ADDRESS,), (NO_MARKET,))  # an empty list would allow all markets
    assert Policy.of_record("{}") == Policy()
    assert Policy.of_record(Policy().model_dump_json()) == Policy()


def test_one_wallet_in_two_spellings_is_no_link() -> None:
    assert TypeAdapter(Wallets).validate_python([ADDRESS.upper(), SOLANA]) == (ADDRESS, SOLANA)
    with pytest.raises(ValidationError, match="one wallet in several spellings"):
        TypeAdapter(Wallets).validate_python([ADDRESS, f" {ADDRESS.upper()}"])


@given(st.text(max_size=50) | st.text("0123456789abcdefABCDEFxX ", max_size=45) | st.text(ALPHABET, min_size=30, max_size=46))
def test_whatever_is_typed_becomes_a_wallet_of_our_tables_that_the_form_takes_or_is_refused(typed: str) -> None:
    try:
        wallet = wallet_of(typed)
    except ValueError:
        return
    assert re.fullmatch(WALLET.regex, wallet)
    assert re.search(TYPED, wallet)
    assert wallet_of(wallet) == wallet


def test_the_form_carries_the_expression() -> None:
    schema: dict[str, Any] = TypeAdapter(TypedWallet).json_schema()
    assert schema["pattern"] == TYPED


@pytest.mark.parametrize(
    ("wallet", "venue"),
    [
        ("0x" + "b" * 40, Venue.POLYMARKET),
        ("name:7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", Venue.POLYMARKET),
        ("7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", Venue.SOLANA),
        ("1" * 32, Venue.SOLANA),
    ],
)
def test_an_address_says_where_its_wallet_trades(wallet: str, venue: Venue) -> None:
    assert venue_of(wallet) is venue
    assert pl.DataFrame({"wallet": [wallet]}).filter(is_of(venue)).height == 1
