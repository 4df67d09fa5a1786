"""Jupiter's tokens, as it writes them, beside its swaps (jupiter_orders.py).

Source: https://github.com/jup-ag/docs, Tokens v2 and Price v3"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.solana.coins import Coin, Coins, sol_usd
from sandbox.solana.jupiter_orders import Swaps
from sandbox.solana.keys import WSOL, curve_of, pool_of
from sandbox.solana.ledger import Ledger
from sandbox.solana.swap_api import SwapFaults, swap_routes
from sandbox.wire import Clock, Json, utc

NEW, MOST_MINTS, MOST_PRICED = 30, 100, 50
TOKEN_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105 (a program, not a secret)


def jupiter_routes(coins: Coins, clock: Clock, swaps: Swaps | None = None, faults: SwapFaults | None = None) -> list[Route]:
    """With swaps on a ledger of their own, unless there is one."""
    swaps = swaps or Swaps(coins, Ledger(coins.seed, clock), clock)

    async def recent(request: Request) -> Response:
        now_s = clock()
        return JSONResponse([_token(coin, now_s) for coin in coins.newest(now_s, NEW)])

    async def search(request: Request) -> Response:
        mints = request.query_params.get("query", "").split(",")[:MOST_MINTS]
        return JSONResponse([_token(coin, clock()) for coin in coins.named(mints, clock())])

    async def prices(request: Request) -> Response:
        """What has no price is left out."""
        now_s, mints = clock(), request.query_params.get("ids", "").split(",")[:MOST_PRICED]
        usd = {coin.launch.mint: coin.reserves.price * sol_usd(now_s) for coin in coins.named(mints, now_s)}
        of_sol = {WSOL: {"usdPrice": sol_usd(now_s), "decimals": 9, "blockId": 1}} if WSOL in mints else {}
        return JSONResponse(of_sol | {mint: {"usdPrice": price, "decimals": 6, "blockId": 1} for mint, price in usd.items()})

    tokens = [Route("/price/v3", prices), Route("/tokens/v2/recent", recent), Route("/tokens/v2/search", search)]
    return [*tokens, *swap_routes(swaps, faults or SwapFaults())]


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
        "holderCount": coin.wallets,
        "audit": {
            "mintAuthorityDisabled": True,
            "freezeAuthorityDisabled": not coin.is_honeypot,
            "topHoldersPercentage": round(100 * one.top10_fraction, 2),
        },
        "usdPrice": coin.reserves.price * sol_usd(now_s),
        "mcap": coin.reserves.price * 1e9 * sol_usd(now_s),
    }
    return token | ({} if graduated is None else {"graduatedPool": pool_of(one.mint), "graduatedAt": utc(graduated)})
