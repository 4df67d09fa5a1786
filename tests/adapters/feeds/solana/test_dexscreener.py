"""What DexScreener's real answers say, and what is left out of odd ones."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.feeds.json_api import JsonApi
from adapters.feeds.solana.dexscreener import DexScreener
from tests.adapters.feeds.conftest import Unpaced
from tests.adapters.feeds.solana.answers import answering

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MINT = "3Y1SCEJABneLzJ1KL7f6jp5NyP7wxjtqmAy5qKAVpump"
OTHER = "DppWLLeBgn49Poy15Jqq8vewEEtSrMBQNzKKzYgZpump"
WSOL = "So11111111111111111111111111111111111111112"
PAIR = {
    "chainId": "solana",
    "dexId": "pumpswap",
    "pairAddress": "pool",
    "baseToken": {"address": MINT, "name": "STONK", "symbol": "STONK"},
    "quoteToken": {"address": WSOL, "symbol": "SOL"},
    "priceNative": "0.000003465",
    "priceUsd": "0.0003798",
    "txns": {"h24": {"buys": 3578, "sells": 2657}},
    "volume": {"h24": 24660.15},
    "liquidity": {"usd": 52239.46},
    "marketCap": 379813,
    "pairCreatedAt": 1791632043000,
}


@pytest.fixture
def pairs(serve: Any) -> Any:
    def ask(*records: Any, wrap: Any = list) -> Any:
        with serve(answering({"/tokens/v1": wrap(records)})) as (url, _):
            return DexScreener(JsonApi(url, "dexscreener", Unpaced())).pairs([MINT, OTHER])

    return ask


def test_a_pool_is_read_to_the_digit(pairs: Any) -> None:
    found = pairs(PAIR)[MINT]
    assert (found.price, found.price_usd, found.liquidity_usd) == (Decimal("0.000003465"), 0.0003798, 52239.46)
    assert (found.buys_24h, found.sells_24h, found.volume_24h_usd) == (3578, 2657, 24660.15)
    assert found.created_at == datetime(2026, 10, 10, 11, 34, 3, tzinfo=UTC)


def test_the_recorded_answer_of_three_pools_is_read(recorded: Any, pairs: Any) -> None:
    answer = recorded("dexscreener/pairs_memecoinradar.json")
    found = pairs(*answer["pairs"])
    assert set(found) == {MINT, OTHER}  # of the three, those that were asked for
    assert found[OTHER].liquidity_usd is None  # a curve states none: that is not 0


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"liquidity": {"usd": 0}}, "liquidity_usd", 0.0),  # a rugged pool, recorded beside 64.9 million USD of volume
        ({"liquidity": None}, "liquidity_usd", None),
        ({"liquidity": {"usd": "52239.46"}}, "liquidity_usd", 52239.46),  # numbers as text occur
        ({"volume": {}}, "volume_24h_usd", None),
        ({"txns": {"h24": {"buys": "7"}}}, "buys_24h", 7),
        ({"txns": None}, "sells_24h", None),
        ({"priceUsd": "NaN"}, "price_usd", None),
        ({"priceNative": "1e-12"}, "price", Decimal("1e-12")),
        ({"priceNative": "0"}, "price", None),
        ({"quoteToken": {"address": "USDC"}}, "price", None),  # not in SOL
        ({"marketCap": -1}, "market_cap_usd", None),
        ({"pairCreatedAt": 1e300}, "created_at", None),
        ({"baseToken": {"address": MINT}}, "name", ""),
    ],
)
def test_an_odd_value_is_not_known_and_costs_nothing_else(pairs: Any, changes: dict[str, Any], field: str, value: Any) -> None:
    found = pairs(PAIR | changes)[MINT]
    assert getattr(found, field) == value
    assert found.pool == "pool"


@pytest.mark.parametrize(
    "record",
    [
        None,
        7,
        [],
        {},
        PAIR | {"chainId": "ethereum"},
        PAIR | {"pairAddress": None},
        PAIR | {"baseToken": {"address": "0xabc"}},
        PAIR | {"baseToken": None},
    ],
)
def test_what_is_no_pool_of_a_token_is_left_out_and_the_rest_stays(pairs: Any, record: Any) -> None:
    assert list(pairs(record, PAIR)) == [MINT]


@pytest.mark.parametrize("answer", [{"pairs": None}, {"pair": None, "pairs": None}, {"schemaVersion": "1.0.0"}, [], "gone"])
def test_an_answer_without_pools_is_no_pools(pairs: Any, answer: Any) -> None:
    assert pairs(wrap=lambda records: answer) == {}


def test_of_several_pools_the_one_with_most_liquidity_speaks(pairs: Any) -> None:
    small = PAIR | {"pairAddress": "small", "liquidity": {"usd": 10}, "volume": {"h24": 1e9}}
    assert pairs(small, PAIR, PAIR | {"pairAddress": "curve", "liquidity": None})[MINT].pool == "pool"


def test_findings_are_of_solana_once_a_place_and_say_what_was_paid(serve: Any) -> None:
    boosted = [{"chainId": "solana", "tokenAddress": MINT, "totalAmount": 500}, {"chainId": "base", "tokenAddress": "0x1"}]
    profiles = [{"chainId": "solana", "tokenAddress": MINT, "description": "to the moon"}, {"chainId": "solana", "tokenAddress": "no mint"}]
    with serve(answering({"/token-boosts": boosted, "/token-profiles": profiles})) as (url, _):
        found = DexScreener(JsonApi(url, "dexscreener", Unpaced())).findings(NOW)
    assert {(one.found_in, one.detail) for one in found} == {("BOOST", "500 boosts"), ("PROFILE", "to the moon")}


def test_more_mints_than_a_call_takes_are_asked_in_several(serve: Any) -> None:
    from domain.solana.base58 import encode_base58

    mints = [encode_base58(bytes([1, number]) + bytes(30)) for number in range(31)]
    with serve(answering({"/tokens/v1": []})) as (url, asked):
        DexScreener(JsonApi(url, "dexscreener", Unpaced())).pairs(mints)
        assert len(asked) == 2
