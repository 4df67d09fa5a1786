"""The Solana part of the sandbox: its coins, its chain, and the doors through which they are asked."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from sandbox.solana import truth
from sandbox.solana.chain import Chain
from sandbox.solana.coins import Coins
from sandbox.solana.deliveries import Deliveries
from sandbox.solana.dexscreener_api import dexscreener_routes
from sandbox.solana.helius_api import Helius, helius_routes
from sandbox.solana.helius_faults import HeliusFaults
from sandbox.solana.jupiter_api import jupiter_routes
from sandbox.solana.jupiter_orders import Swaps
from sandbox.solana.ledger import Ledger
from sandbox.solana.ledger_door import LedgerDoor, door_routes, joined
from sandbox.solana.node import Node
from sandbox.solana.node_faults import NodeFaults
from sandbox.solana.swap_api import SwapFaults, swap_control_routes
from sandbox.solana.webhooks import Webhooks
from sandbox.wire import Clock

HISTORY_S, BUSY_S = 4 * 86_400.0, 8 * 3_600.0  # of the chain before the world's origin; the last of it is as busy as from then on
KNOWN_S = 4 * 3_600.0  # so long before the origin some stop to know
ERA_S = 3 * 86_400.0  # a chain that is opened anew so long after its origin begins anew: nobody waits for weeks to be drawn


@dataclass(frozen=True)
class Solana:
    """Drawn when it is first asked for; `prepare` draws it before."""

    coins: Coins
    chain: Chain
    node: Node
    helius: Helius
    clock: Clock
    swaps: Swaps
    swap_faults: SwapFaults
    door: LedgerDoor

    @classmethod
    def of(cls, seed: int, clock: Clock, origin_s: float, history_s: float = HISTORY_S) -> "Solana":
        era_s = origin_s + max((clock() - origin_s) // ERA_S, 0) * ERA_S
        coins = Coins(seed, era_s - BUSY_S, origin_s - KNOWN_S)
        chain = Chain(seed, coins, era_s - history_s)
        node = Node(chain, clock, NodeFaults())
        helius = Helius(Deliveries(chain, node.history, Webhooks(), HeliusFaults(), clock))
        swaps = Swaps(coins, Ledger(seed, clock), clock)
        return cls(coins, chain, node, helius, clock, swaps, SwapFaults(), joined(node, swaps, chain, clock))

    def prepare(self) -> None:
        """Draws all until now, and whose token account is whose: what otherwise the first who asks waits for."""
        self.chain.at(self.clock())
        self.node.accounts.token_key("")

    async def run(self) -> None:
        """Delivers webhooks until it is cancelled."""
        await self.helius.deliveries.run()

    def routes(self) -> list[Route | Mount]:
        async def told(request: Request) -> Response:
            """`/truth/solana`: who is who, and the coins. `/truth/solana/transactions?after=0&limit=1000`: what each was."""
            chain, query = self.chain.at(self.clock()), request.query_params
            if request.url.path.endswith("/transactions"):
                return JSONResponse(truth.transactions(chain, int(query.get("after", 0)), int(query.get("limit", 1_000))))
            return JSONResponse({"seed": chain.seed, "wallets": truth.wallets(chain), "coins": truth.coins(chain)})

        return [
            Mount("/dexscreener", routes=dexscreener_routes(self.coins, self.clock)),
            Mount("/jupiter", routes=jupiter_routes(self.coins, self.clock, self.swaps, self.swap_faults)),
            *door_routes(self.door, self.swaps, self.swap_faults),
            *swap_control_routes(self.swaps, self.swap_faults),
            *helius_routes(self.helius),
            Route("/truth/solana", told),
            Route("/truth/solana/transactions", told),
        ]
