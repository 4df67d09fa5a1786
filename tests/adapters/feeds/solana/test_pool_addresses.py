"""Curves and pools found without asking anybody: the same addresses that recorded transactions name."""

from typing import Any

import pytest

from adapters.feeds.solana.pool_addresses import curve_address, pool_address

LAUNCHED = "CWiTGbCiDd8BKtNYNE2boT9fJGFG2MU53Uf6HQk4pump"


def test_the_curve_is_the_one_that_the_recorded_launch_names() -> None:
    assert curve_address(LAUNCHED) == "3jJ83NDorkbFkF1JKbEfFWGeX16aXUiwby9RwJm9kat3"


def test_the_pool_is_the_one_that_dexscreener_was_recorded_to_name(recorded: Any) -> None:
    pairs = recorded("dexscreener/pairs_memecoinradar.json")["pairs"]
    told = {pair["baseToken"]["address"]: (pair["dexId"], pair["pairAddress"]) for pair in pairs}
    derived = {"pumpswap": pool_address, "pumpfun": curve_address}
    assert {mint: derived[place](mint) for mint, (place, _) in told.items()} == {mint: pool for mint, (_, pool) in told.items()}


def test_a_pool_against_dollars_is_another() -> None:
    assert pool_address(LAUNCHED) != pool_address(LAUNCHED, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")


@pytest.mark.parametrize("mint", ["", "0xabc", "not a mint", LAUNCHED[:-4]])
def test_what_is_no_mint_has_no_curve(mint: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        curve_address(mint)
