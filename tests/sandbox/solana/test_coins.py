"""The make-believe coins: the same on every machine, whole units conserved, and fates that show."""

from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from domain.solana.curve import Curve, Fees, Pool, new_pump_curve
from sandbox.solana.coins import EVERY_S, Coins
from sandbox.solana.dexscreener_api import dexscreener_routes
from sandbox.solana.jupiter_api import jupiter_routes
from sandbox.solana.keys import WSOL
from sandbox.solana.launches import Fate, launch
from sandbox.solana.reserves import FOR_SALE, Reserves

NOW_S = 1_795_000_000.0


@pytest.fixture(scope="module")
def coins() -> Coins:
    return Coins(7)


@pytest.fixture(scope="module")
def client(coins: Coins) -> TestClient:
    routes = [
        Mount("/dex", routes=dexscreener_routes(coins, lambda: NOW_S)),
        Mount("/jup", routes=jupiter_routes(coins, lambda: NOW_S)),
    ]
    return TestClient(Starlette(routes=routes))


def test_a_coin_is_the_same_whenever_it_is_drawn() -> None:
    assert launch(7, 3, 0.0) == launch(7, 3, 0.0)
    assert launch(7, 3, 0.0).mint != launch(8, 3, 0.0).mint


def test_no_coin_sells_more_than_there_is_and_no_lamport_comes_from_nowhere() -> None:
    for number in range(60):
        one = launch(7, number, 0.0)
        for trade in one.trades:
            assert 0 <= trade.after.left <= FOR_SALE or trade.after.is_pool
            assert trade.after.sol >= 0
        bought = sum(trade.lamports for trade in one.trades if trade.is_buy)
        assert sum(trade.lamports for trade in one.trades if not trade.is_buy) <= bought


def test_all_fates_occur_and_a_honeypot_is_never_sold() -> None:
    drawn = [launch(7, number, 0.0) for number in range(200)]
    assert set(Counter(one.fate for one in drawn)) == set(Fate)
    assert all(trade.is_buy for one in drawn if one.fate is Fate.HONEYPOT for trade in one.trades)
    assert any(trade.after.is_pool for one in drawn if one.fate is Fate.GRADUATES for trade in one.trades)


def test_buying_and_selling_at_once_loses_the_fees_twice() -> None:
    after, tokens = Reserves().buy(100_000_000)
    _, back = after.sell(tokens)
    assert back == pytest.approx(100_000_000 / 1.0125 * (1 - 0.0125), abs=5)  # each fee is rounded up, and the curve keeps a lamport


def test_a_new_coin_is_there_every_few_minutes(coins: Coins) -> None:
    now, later = coins.newest(NOW_S, 3), coins.newest(NOW_S + EVERY_S, 3)
    assert [coin.launch.mint for coin in now[:2]] == [coin.launch.mint for coin in later[1:]]


def test_the_lists_and_pools_are_written_as_dexscreener_writes_them(client: TestClient) -> None:
    listed = client.get("/dex/token-profiles/latest/v1").json()
    mints = [record["tokenAddress"] for record in listed][:30]
    pairs = client.get(f"/dex/tokens/v1/solana/{','.join(mints)}").json()
    assert {pair["baseToken"]["address"] for pair in pairs} == set(mints)
    assert all(isinstance(pair["priceUsd"], str) for pair in pairs)
    assert {("liquidity" in pair) for pair in pairs if pair["dexId"] == "pumpfun"} <= {False}


def test_a_quote_of_a_trap_buys_and_does_not_sell(coins: Coins, client: TestClient) -> None:
    trap = next(coin for coin in coins.newest(NOW_S) if coin.is_honeypot)
    query = {"inputMint": WSOL, "outputMint": trap.launch.mint, "amount": "100000000"}
    bought = client.get("/jup/swap/v2/order", params=query).json()
    back = {"inputMint": trap.launch.mint, "outputMint": WSOL, "amount": bought["outAmount"]}
    sold = client.get("/jup/swap/v2/order", params=back)
    assert (sold.status_code, sold.json()["error"]) == (400, "COULD_NOT_FIND_ANY_ROUTE")
    assert "errorCode" not in sold.json()


def test_the_newest_tokens_say_who_may_freeze_them(coins: Coins, client: TestClient) -> None:
    told = client.get("/jup/tokens/v2/recent").json()
    traps = {coin.launch.mint for coin in coins.newest(NOW_S) if coin.is_honeypot}
    assert len(told) == 30
    assert all(token["audit"]["freezeAuthorityDisabled"] == (token["id"] not in traps) for token in told)


@pytest.mark.parametrize("spent", [1_000_000, 100_000_000, 3_000_000_000, 2_999_999_999])
def test_reserves_trade_as_our_own_formulas_of_the_programs_say(spent: int) -> None:
    """Curve and pool, buys and sales, to the lamport: two independent writings of the same program."""
    curve = Reserves()
    ours = new_pump_curve(Fees((95, 30)))
    bought = curve.bought(spent)
    assert bought.tokens == ours.tokens_for(spent)
    assert bought.quote + bought.fees <= spent
    after = bought.after
    assert after.sell(bought.tokens)[1] == Curve(after.tokens, after.quote, after.left, after.sol, Fees((95, 30))).quote_for(bought.tokens)
    pool = Reserves(206_900_000_000_000, 85_000_000_000, 85_000_000_000, 206_900_000_000_000, is_pool=True)
    same = Pool(pool.tokens, pool.quote, fees=Fees((20, 5, 5)))
    assert (pool.bought(spent).tokens, pool.sell(10**12)[1]) == (same.tokens_for(spent), same.quote_for(10**12))


def test_the_buy_that_completes_a_curve_pays_for_what_is_left_only() -> None:
    """793.1 million coins bring 85,005,359,057 lamports, a lamport each time it was rounded up; 15,000,001 of them pay for the pool."""
    swapped = Reserves().bought(10**12)
    assert (swapped.tokens, swapped.quote) == (793_100_000_000_000, 85_005_359_057)
    assert swapped.after == Reserves(206_900_000_000_000, 84_990_359_056, 84_990_359_056, 206_900_000_000_000, is_pool=True)
