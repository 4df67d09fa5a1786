"""The venue's own addresses, against the packages that know them."""

import inspect
import re
from typing import Any

import pytest
from polymarket import environments
from py_clob_client.config import get_contract_config
from py_clob_client_v2.config import get_contract_config as get_contract_config_v2

from domain.discovery.infrastructure import KNOWN, what_is


def addresses(configuration: Any) -> set[str]:
    """Every address anywhere in it."""
    return {found.lower() for found in re.findall(r"0x[0-9a-fA-F]{40}\b", str(configuration))}


def test_every_address_of_the_official_client_is_known() -> None:
    found = addresses(inspect.getsource(environments))
    assert len(found) >= 20
    assert sorted(found - KNOWN.keys()) == []


@pytest.mark.parametrize("configuration", [get_contract_config(137), get_contract_config(137, True), get_contract_config_v2(137)])
def test_every_address_of_the_older_clients_is_known(configuration: Any) -> None:
    assert addresses(configuration)
    assert sorted(addresses(configuration) - KNOWN.keys()) == []


def test_an_address_is_known_however_it_is_written_and_a_wallet_is_nobody() -> None:
    assert what_is("0xE111180000d2663C0091e4f400237545B87B996B") == "exchange v2"
    assert what_is("0x" + "a" * 40) is None
    assert all(address == address.lower() and len(address) == 42 for address in KNOWN)
