"""DexScreener's lists and pools, as it writes them: numbers as text, no liquidity on a curve, boosts that were paid for.

Source: https://docs.dexscreener.com/api/reference"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.solana.coins import DAY_S, Coin, Coins, sol_usd
from sandbox.solana.keys import WSOL, curve_of, pool_of
from sandbox.wire import Clock, Json

LISTED, MOST_MINTS = 30, 30


def dexscreener_routes(coins: Coins, clock: Clock) -> list[Route]:
    def route(path: str, answer: Callable[[Request, float], object]) -> Route:
        async def endpoint(request: Request) -> Response:
            return JSONResponse(answer(request, clock()))

        return Route(path, endpoint)

    def boosts(request: Request, now_s: float) -> object:
        paid = [coin for coin in coins.newest(now_s) if coin.launch.boosted_at_s is not None and coin.launch.boosted_at_s <= now_s]
        return [_listed(coin) | {"amount": 10, "totalAmount": 10 * (1 + coin.launch.number % 50)} for coin in paid[:LISTED]]

    def profiles(request: Request, now_s: float) -> object:
        filled = [coin for coin in coins.newest(now_s) if coin.traded > 20]  # who takes the trouble has risen already
        return [_listed(coin) for coin in filled[:LISTED]]

    def pairs(request: Request, now_s: float) -> object:
        mints = request.path_params["mints"].split(",")[:MOST_MINTS]
        return [_pair(coin, now_s) for coin in coins.named(mints, now_s) if coin.traded]

    return [
        route("/token-profiles/latest/v1", profiles),
        route("/token-boosts/latest/v1", boosts),
        route("/token-boosts/top/v1", boosts),
        route("/tokens/v1/solana/{mints}", pairs),
    ]


def _listed(coin: Coin) -> Json:
    return {"chainId": "solana", "tokenAddress": coin.launch.mint, "description": coin.launch.name}


def _pair(coin: Coin, now_s: float) -> Json:
    """A curve has no `liquidity` at all, a pool both of its sides."""
    today = coin.lamports_since(now_s - DAY_S)
    usd, reserves, one = sol_usd(now_s), coin.reserves, coin.launch
    pair: Json = {
        "chainId": "solana",
        "dexId": "pumpswap" if reserves.is_pool else "pumpfun",
        "pairAddress": pool_of(one.mint) if reserves.is_pool else curve_of(one.mint),
        "baseToken": {"address": one.mint, "name": one.name, "symbol": one.symbol},
        "quoteToken": {"address": WSOL, "name": "Wrapped SOL", "symbol": "SOL"},
        "priceNative": f"{reserves.price:.12f}",
        "priceUsd": f"{reserves.price * usd:.12f}",
        "txns": {"h24": {"buys": sum(one > 0 for one in today), "sells": sum(one < 0 for one in today)}},
        "volume": {"h24": round(sum(map(abs, today)) / 1e9 * usd, 2)},
        "marketCap": round(reserves.price * 1e9 * usd, 2),
        "pairCreatedAt": int(one.launched_at_s * 1000),
    }
    return pair | ({"liquidity": {"usd": round(2 * reserves.sol / 1e9 * usd, 2)}} if reserves.is_pool else {})
