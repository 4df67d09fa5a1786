"""Which trades may be looked at: every boundary of the firewall, and the order of its rules."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from data_contracts import Reason, Side
from domain.copying.firewall import denial
from domain.copying.policy import FirewallPolicy
from domain.polymarket.exchanges import entry_denial

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("side", "age", "expected"),
    [
        (Side.BUY, timedelta(seconds=60), None),
        (Side.BUY, timedelta(seconds=60) + MICROSECOND, Reason.TRADE_STALE),
        (Side.SELL, timedelta(hours=24), None),
        (Side.SELL, timedelta(hours=24) + MICROSECOND, Reason.TRADE_STALE),
        (Side.BUY, timedelta(seconds=-5), None),  # a venue's clock may be 5 s ahead
        (Side.BUY, timedelta(seconds=-5) - MICROSECOND, Reason.TRADE_FROM_THE_FUTURE),
        (Side.SELL, timedelta(seconds=-5) - MICROSECOND, Reason.TRADE_FROM_THE_FUTURE),
    ],
)
def test_a_trade_is_looked_at_while_it_is_fresh(
    a_trade: Any, a_market: Any, as_of: datetime, side: Side, age: timedelta, expected: Reason | None
) -> None:
    assert denial(a_trade(side=side, traded_at=as_of - age), a_market(), FirewallPolicy(), as_of) == expected


@pytest.mark.parametrize(
    ("notional", "expected"), [(Decimal(1_000_000), None), (Decimal("1000000.000001"), Reason.NOTIONAL_EXCEEDS_MAXIMUM)]
)
def test_a_trade_above_the_sanity_cap_is_taken_for_an_error(
    a_trade: Any, a_market: Any, as_of: datetime, notional: Decimal, expected: Reason | None
) -> None:
    assert denial(a_trade(notional=notional), a_market(), FirewallPolicy(), as_of) == expected


@pytest.mark.parametrize(("after", "expected"), [(MICROSECOND, None), (timedelta(0), Reason.MARKET_RESOLVED)])
def test_a_market_is_over_from_the_instant_it_resolved(
    a_trade: Any, a_market: Any, as_of: datetime, after: timedelta, expected: Reason | None
) -> None:
    assert denial(a_trade(), a_market(ended_at=as_of + after), FirewallPolicy(), as_of) == expected


@pytest.mark.parametrize(
    ("markets", "expected"), [((), None), (("market",), None), (("other", "market"), None), (("other",), Reason.MARKET_NOT_ALLOWED)]
)
def test_an_empty_list_of_markets_allows_all(
    a_trade: Any, a_market: Any, as_of: datetime, markets: tuple[str, ...], expected: Reason | None
) -> None:
    assert denial(a_trade(), a_market(), FirewallPolicy(markets=markets), as_of) == expected


def test_a_market_nobody_told_us_about_is_not_traded(a_trade: Any, as_of: datetime) -> None:
    assert denial(a_trade(), None, FirewallPolicy(), as_of) is Reason.MARKET_UNKNOWN


def test_a_trade_that_breaks_every_rule_is_denied_by_the_first(a_trade: Any, a_market: Any, as_of: datetime) -> None:
    """Market allowed, then stale, then the cap: with each rule out of the way the next one speaks."""
    trade = a_trade(traded_at=as_of - timedelta(hours=1), notional=Decimal(2_000_000))
    strict = FirewallPolicy(markets=("other",))
    assert denial(trade, a_market(), strict, as_of) is Reason.MARKET_NOT_ALLOWED
    assert denial(trade, a_market(), FirewallPolicy(), as_of) is Reason.TRADE_STALE
    assert denial(trade, a_market(), FirewallPolicy(max_age_s=3600), as_of) is Reason.NOTIONAL_EXCEEDS_MAXIMUM


def test_what_forbids_to_get_in_does_not_forbid_to_get_out(a_trade: Any, a_market: Any, as_of: datetime) -> None:
    """A market was taken off the list while we held it: the leader's sell was denied, and we stayed in."""
    strict = FirewallPolicy(markets=("other",), max_leader_notional=Decimal(1))
    assert denial(a_trade(), a_market(), strict, as_of) is Reason.MARKET_NOT_ALLOWED
    assert denial(a_trade(side=Side.SELL), a_market(), strict, as_of) is None


V2_BINARY = "456322662693127080402085893806415780684933579476723864069977356327020658688"
COMBO = "1628948707922995775031622509772078765406110626872621424817699628095377506304"
CTF = "69515744437473089728151261939146426925489297565662421305942992110046228478629"


@pytest.mark.parametrize(
    ("version", "token_id", "expected"),
    [
        ("v1", CTF, None),
        ("v2", V2_BINARY, None),
        ("v1", V2_BINARY, Reason.MARKET_VERSION_UNKNOWN),  # a migrated mirror: which of the two exchanges would it be?
        ("v2", CTF, Reason.MARKET_VERSION_UNKNOWN),
        ("v3", V2_BINARY, Reason.MARKET_VERSION_UNKNOWN),
        ("v2", COMBO, Reason.MARKET_IS_COMBO),
        ("v1", COMBO, Reason.MARKET_IS_COMBO),
        ("recorded", "0xc:Yes", None),
    ],
)
def test_nothing_is_bought_whose_version_and_id_do_not_agree(
    a_trade: Any, a_market: Any, as_of: datetime, version: str, token_id: str, expected: Reason | None
) -> None:
    market = a_market(entry_denial=entry_denial(token_id, version), token_id=token_id)
    assert denial(a_trade(token_id=token_id), market, FirewallPolicy(), as_of) == expected
    assert denial(a_trade(token_id=token_id, side=Side.SELL), market, FirewallPolicy(), as_of) is None
