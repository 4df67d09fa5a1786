"""What Jupiter says of tokens, and what a swap would give."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.feeds.json_api import JsonApi, Key
from adapters.feeds.solana.jupiter import Jupiter, Quote, findings_of
from data_contracts.errors import Refused
from tests.adapters.feeds.conftest import Unpaced
from tests.adapters.feeds.solana.answers import answering

MINT = "3Y1SCEJABneLzJ1KL7f6jp5NyP7wxjtqmAy5qKAVpump"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
TOKEN = {
    "id": MINT,
    "name": "STONK",
    "symbol": "STONK",
    "decimals": 6,
    "dev": "creator",
    "launchpad": "pump.fun",
    "tokenProgram": "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
    "firstPool": {"id": "pool", "createdAt": "2026-11-03T11:00:00Z"},
    "holderCount": 250,
    "audit": {"mintAuthorityDisabled": True, "freezeAuthorityDisabled": False, "topHoldersPercentage": 25.5},
    "usdPrice": 0.0003,
    "liquidity": 52000.5,
    "mcap": 300000,
}


@pytest.fixture
def jupiter(serve: Any) -> Any:
    """Asks a server that gives these answers by path."""

    def ask(what: Any, answers: dict[str, Any], status: int = 200) -> Any:
        with serve(answering(answers, status)) as (url, _):
            return what(Jupiter(JsonApi(url, "jupiter", Unpaced())))

    return ask


def test_a_token_is_read(jupiter: Any) -> None:
    (found,) = jupiter(lambda api: api.recent(), {"/tokens/v2/recent": [TOKEN, {"id": "no mint"}, None]})
    assert (found.has_mint_authority, found.has_freeze_authority, found.top10_fraction) == (False, True, 0.255)
    assert (found.launched_at, found.pool, found.holders) == (datetime(2026, 11, 3, 11, tzinfo=UTC), "pool", 250)
    assert [one.found_in for one in findings_of([found], NOW)] == ["RECENT"]


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"audit": {}}, "has_mint_authority", None),  # not stated is not safe
        ({"audit": None}, "top10_fraction", None),
        ({"audit": {"mintAuthorityDisabled": "yes"}}, "has_mint_authority", None),
        ({"audit": {"topHoldersPercentage": 140}}, "top10_fraction", 1.0),
        ({"graduatedPool": "pumpswap pool"}, "pool", "pumpswap pool"),
        ({"firstPool": None}, "launched_at", None),
        ({"liquidity": None}, "liquidity_usd", None),
        ({"holderCount": 2.5}, "holders", None),
    ],
)
def test_an_odd_value_is_not_known(jupiter: Any, changes: dict[str, Any], field: str, value: Any) -> None:
    found = jupiter(lambda api: api.tokens([MINT]), {"/tokens/v2/search": [TOKEN | changes]})
    assert getattr(found[MINT], field) == value


def test_the_recorded_order_is_a_quote(recorded: Any, jupiter: Any) -> None:
    answer = recorded("jupiter/samples/v2_order_metis.json")
    found = jupiter(lambda api: api.quote(answer["inputMint"], answer["outputMint"], 100_000_000), {"/swap/v2/order": answer})
    assert (found.in_raw, found.out_raw, found.least_out_raw, found.fee_bps) == (100_000_000, 461_208_958, 460_024_271, 2)
    assert found.price_impact == pytest.approx(-0.00013115995)  # a gain of 0.013 percentage points


@pytest.mark.parametrize("error", ["NO_ROUTES_FOUND", "COULD_NOT_FIND_ANY_ROUTE", "TOKEN_NOT_TRADABLE"])
def test_no_route_is_no_quote(jupiter: Any, error: str) -> None:
    """Since 2026-11 as HTTP 400 {requestId, error}, without an errorCode."""
    assert jupiter(lambda api: api.quote(MINT, "SOL", 1), {"/swap/v2/order": {"requestId": "r", "error": error}}, 400) is None


def test_another_no_is_refused_with_its_words(jupiter: Any) -> None:
    with pytest.raises(Refused, match="amount is required"):
        jupiter(lambda api: api.quote(MINT, "SOL", 1), {"/swap/v2/order": {"error": "amount is required"}}, 400)


@pytest.mark.parametrize("out", [0, "0", None, "many"])
def test_nothing_out_is_no_quote(jupiter: Any, out: Any) -> None:
    assert jupiter(lambda api: api.quote(MINT, "SOL", 1), {"/swap/v2/order": {"outAmount": out}}) is None


def test_a_quote_without_its_finer_words_is_one(jupiter: Any) -> None:
    assert jupiter(lambda api: api.quote(MINT, "SOL", 5), {"/swap/v2/order": {"outAmount": "7"}}) == Quote(5, 7, 7, 0, None)


def test_a_key_goes_out_in_its_header_and_is_shown_nowhere(serve: Any) -> None:
    key = Key("x-api-key", SecretStr("hunter2"))
    with serve(answering({})) as (url, _):
        api = JsonApi(url, "jupiter", Unpaced(), key=key)
        assert api._client.headers["x-api-key"] == "hunter2"
        assert Jupiter(api).recent() == []
    assert "hunter2" not in repr(key)
