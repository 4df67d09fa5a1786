"""py-clob-client reads and logs in, and whatever would place an order with it says why it does not."""

from typing import Any

import pytest
from pydantic import SecretStr

from adapters.venues.polymarket.first_client import ReadingClient, key_is_known
from data_contracts.errors import Refused

UNUSED = SecretStr("0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a")  # public: key 4 of every test chain


@pytest.mark.parametrize("name", ["post_order", "post_orders", "create_and_post_order", "create_order", "create_market_order"])
def test_it_cannot_order(name: str) -> None:
    with pytest.raises(Refused, match="V1 orders are dead since 2026-04-28"):
        getattr(ReadingClient("http://127.0.0.1:9"), name)({})


def test_it_knows_whether_the_venue_has_an_api_key_of_a_private_key_and_makes_none(sandbox: Any) -> None:
    for _ in range(2):
        assert key_is_known(sandbox.settings.clob_url, UNUSED) is False
    sandbox.truth()
    _ = sandbox.venue._client.client  # logs in
    assert key_is_known(sandbox.settings.clob_url, sandbox.settings.live_key) is True
