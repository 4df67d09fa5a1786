"""Jupiter's tokens and quotes, as it writes them. Orders are quotes only: no taker is given a transaction here.

Source: https://github.com/jup-ag/docs, Tokens v2 and Swap v2"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.solana.coins import DAY_S, Coin, Coins, sol_usd
from sandbox.solana.keys import WSOL, address, curve_of, pool_of
from sandbox.wire import Clock, Json, utc

NEW, MOST_MINTS = 30, 100
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105 (a program, not a secret)
SLIPPAGE_BPS = 50


def jupiter_routes(coins: Coins, clock: Clock) -> list[Route]:
    async def recent(request: Request) -> Response:
        now_s = clock()
        return JSONResponse([_token(coin, now_s) for coin in coins.newest(now_s, NEW)])

    async def search(request: Request) -> Response:
        mints = request.query_params.get("query", "").split(",")[:MOST_MINTS]
        return JSONResponse([_token(coin, clock()) for coin in coins.named(mints, clock())])

    async def order(request: Request) -> Response:
        query, now_s = request.query_params, clock()
        given, wanted, amount = query.get("inputMint", ""), query.get("outputMint", ""), query.get("amount", "")
        if not amount.isdecimal() or int(amount) == 0:
            return JSONResponse({"requestId": _request_id(query), "error": "amount is required"}, status_code=400)
        mint = wanted if given == WSOL else given
        coin = next(coins.named([mint], now_s), None)
        out = _out(coin, given == WSOL, int(amount)) if coin and WSOL in (given, wanted) else 0
        if coin is None or not out:
            return JSONResponse({"requestId": _request_id(query), "error": "COULD_NOT_FIND_ANY_ROUTE"}, status_code=400)
        return JSONResponse(_order(coin, given, wanted, int(amount), out, now_s) | {"requestId": _request_id(query)})

    return [Route("/tokens/v2/recent", recent), Route("/tokens/v2/search", search), Route("/swap/v2/order", order)]


def fee_bps(coin: Coin, now_s: float) -> int:
    """Of a coin younger than a day 50, else 10."""
    return 50 if now_s - coin.launch.launched_at_s < DAY_S else 10


def _out(coin: Coin, is_buy: bool, amount: int) -> int:
    """Nobody sells a honeypot; of what was drained hardly anything comes."""
    if is_buy:
        return coin.reserves.buy(amount)[1]
    return 0 if coin.is_honeypot else coin.reserves.sell(amount)[1]


def _order(coin: Coin, given: str, wanted: str, amount: int, out: int, now_s: float) -> Json:
    after_fee = out * (10_000 - fee_bps(coin, now_s)) // 10_000
    return {
        "mode": "ultra",
        "inputMint": given,
        "outputMint": wanted,
        "inAmount": str(amount),
        "outAmount": str(after_fee),
        "otherAmountThreshold": str(after_fee * (10_000 - SLIPPAGE_BPS) // 10_000),
        "swapMode": "ExactIn",
        "slippageBps": SLIPPAGE_BPS,
        "feeBps": fee_bps(coin, now_s),
        "feeMint": wanted,
        "router": "metis",
        "routePlan": [{"swapInfo": {"label": "Pump.fun Amm" if coin.reserves.is_pool else "Pump.fun"}, "percent": 100}],
        "transaction": None,
    }


def _token(coin: Coin, now_s: float) -> Json:
    """What is a trap keeps its freeze authority: so it cannot be sold."""
    one, graduated = coin.launch, coin.graduated_at_s
    token: Json = {
        "id": one.mint,
        "name": one.name,
        "symbol": one.symbol,
        "decimals": 6,
        "dev": one.creator,
        "launchpad": "pump.fun",
        "tokenProgram": TOKEN_2022,
        "firstPool": {"id": curve_of(one.mint), "createdAt": utc(one.launched_at_s)},
        "holderCount": len({trade.wallet for trade in coin.trades}),
        "audit": {
            "mintAuthorityDisabled": True,
            "freezeAuthorityDisabled": not coin.is_honeypot,
            "topHoldersPercentage": round(100 * one.top10_fraction, 2),
        },
        "usdPrice": coin.reserves.price * sol_usd(now_s),
        "mcap": coin.reserves.price * 1e9 * sol_usd(now_s),
    }
    return token | ({} if graduated is None else {"graduatedPool": pool_of(one.mint), "graduatedAt": utc(graduated)})


def _request_id(query: object) -> str:
    return address("request", query)[:36]
