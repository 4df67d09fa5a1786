"""A curve read from its account: recorded, older and shorter, newer and longer, sold out, or none."""

import base64
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.solana.base58 import decode_base58
from domain.solana.curve import Fees
from domain.solana.curve_accounts import DISCRIMINATOR, NoCurve, read_curve
from domain.solana.programs import USDC, WSOL

FEES = Fees((95, 30))
NUMBERS = (1_000, 300, 700, 30, 9_999)  # virtual tokens and quote, real tokens and quote, supply


def account(is_complete: bool = False, behind: bytes = b"") -> bytes:
    return DISCRIMINATOR + b"".join(number.to_bytes(8, "little") for number in NUMBERS) + bytes([is_complete]) + behind


def test_the_recorded_account_is_read_and_its_numbers_agree(recorded: Any) -> None:
    """What was raised lies in the account above its rent, and virtual and real are apart by 30 SOL and 279.9 million coins."""
    value = recorded("chainstack/learning-examples/raw_bonding_curve_from_getaccountinfo.json")["result"]["value"]
    curve, quote_mint = read_curve(base64.b64decode(value["data"][0]), FEES)
    assert (curve.virtual_tokens, curve.virtual_quote, curve.real_quote) == (1_045_502_991_298_183, 30_789_008_086, 789_008_086)
    assert curve.virtual_quote - curve.real_quote == 30_000_000_000
    assert curve.virtual_tokens - curve.real_tokens == 279_900_000_000_000
    assert value["lamports"] - curve.real_quote == 1_941_840  # the rent of 151 bytes: (128 + 151) x 6,960
    assert (quote_mint, curve.is_mayhem) == (WSOL, False)


def test_an_account_of_before_creators_is_quoted_in_sol() -> None:
    curve, quote_mint = read_curve(account(), FEES)
    assert (curve.virtual_tokens, curve.virtual_quote, curve.real_tokens, curve.real_quote) == NUMBERS[:4]
    assert (quote_mint, curve.is_mayhem) == (WSOL, False)


def test_a_curve_in_dollars_says_so() -> None:
    curve, quote_mint = read_curve(account(behind=bytes(32) + b"\1\0" + decode_base58(USDC)), FEES)
    assert (quote_mint, curve.is_mayhem) == (USDC, True)


@given(st.binary(max_size=150))
def test_a_tail_nobody_told_us_of_changes_nothing(tail: bytes) -> None:
    whole = account(behind=bytes(32) + b"\0\1" + bytes(32))
    assert read_curve(whole + tail, FEES) == read_curve(whole, FEES)


def test_a_curve_that_is_sold_out_prices_nothing() -> None:
    with pytest.raises(NoCurve, match="sold out"):
        read_curve(account(is_complete=True), FEES)


@pytest.mark.parametrize("data", [b"", b"12345678", account()[:40], account()[8:]])
def test_what_is_no_curve_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(NoCurve):
        read_curve(data, FEES)


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(NoCurve):
        read_curve(DISCRIMINATOR + data, FEES)
