"""What the doctor says of the venue: simulated, live without a key here, and live with all that an order needs, or what is missing."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from data_contracts import Venue
from deployments.findings import FAIL, OK, WARN
from deployments.health import one, venue


def asked(sandbox: Any, **change: Any) -> tuple[str, str, str]:
    found = one(partial(venue, Venue.POLYMARKET), sandbox.settings.model_copy(update=change))
    return found.verdict, found.seen, found.cure


def test_simulation_needs_nothing(sandbox: Any) -> None:
    assert asked(sandbox, live="", live_key=None, live_wallet=None) == (OK, "simulated: no order leaves, and no key is needed", "")


def test_where_the_key_is_not_the_addresses_are_looked_at(sandbox: Any) -> None:
    verdict, seen, _ = asked(sandbox, live_key=None)
    assert (verdict, "the key is elsewhere" in seen) == (OK, True)
    verdict, seen, _ = asked(sandbox, live_key=None, live_wallet="0x" + "1" * 40)
    assert (verdict, "does not belong to the key" in seen) == (FAIL, True)


def test_where_the_key_is_money_and_limit_are_named(sandbox: Any) -> None:
    """Five orders of the largest are the least that should be there: 5 x 2,000 of 10,000 USD."""
    _ = sandbox.venue._client.client  # logged in once
    verdict, seen, _ = asked(sandbox, live_max_order=Decimal(2_000))
    assert (verdict, seen) == (OK, "live: 10000 USD, one order at most 2000 USD")
    verdict, seen, cure = asked(sandbox, live_max_order=Decimal("2000.01"))
    assert (verdict, "fewer than 5 orders of 2000.01 USD" in seen, "Deposit" in cure) == (WARN, True, True)


@pytest.mark.parametrize(
    ("account", "said", "cure"),
    [
        ({"allowances": False}, "allowances are missing", "allowance-setting"),
        ({"collateral": 999_999}, "0.999999 USD in", "Deposit"),
    ],
)
def test_what_is_missing_is_named_with_its_cure(sandbox: Any, account: dict[str, Any], said: str, cure: str) -> None:
    _ = sandbox.venue._client.client
    sandbox.control(f"/accounts/{sandbox.settings.live_wallet}", account)
    verdict, seen, how = asked(sandbox)
    assert (verdict, said in seen, cure in how) == (FAIL, True, True)


def test_a_closed_place_is_a_failure(sandbox: Any) -> None:
    sandbox.control("/geoblock", {"blocked": True, "country": "US", "region": "NY"})
    verdict, seen, _ = asked(sandbox)
    assert (verdict, "Polymarket is closed to this place (US NY)" in seen) == (FAIL, True)


def test_a_slip_in_the_word_is_a_failure(sandbox: Any) -> None:
    assert asked(sandbox, live="yes")[0] == FAIL
