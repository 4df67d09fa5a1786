"""What must be true before the first order: the chain is the one meant, the wallet is the key's, and the clocks agree."""

import time
from collections.abc import Callable

from adapters.venues.solana.rpc_node import RpcNode
from adapters.venues.solana.wallet_key import WalletKey
from data_contracts.errors import Unsafe

CLOCKS_MAY_DIFFER_S = 60.0


class StartChecks:
    """Remembers a good answer as long as the process lives; a bad one is asked for again."""

    def __init__(self, wallet: str, key: WalletKey | None, node: RpcNode, genesis: str, clock: Callable[[], float] = time.time) -> None:
        self._wallet, self._key, self._node, self._genesis, self._clock = wallet, key, node, genesis, clock
        self._passed = False

    def insist(self) -> None:
        """Raises Unsafe where an order would go wrong, Unavailable while nobody can say."""
        if self._passed:
            return
        if self._key is not None and self._key.address != self._wallet:
            raise Unsafe(f"WALLETFLOW_LIVE_SOLANA_WALLET is {self._wallet}, and the key is of {self._key.address}")
        genesis = self._node.genesis_hash()
        if genesis != self._genesis:
            raise Unsafe(f"the node of WALLETFLOW_SOLANA_RPC_URL is of chain {genesis}, not of {self._genesis} (WALLETFLOW_SOLANA_GENESIS)")
        behind_s = self._clock() - self._node.seconds()
        if abs(behind_s) > CLOCKS_MAY_DIFFER_S:
            raise Unsafe(f"this machine's clock and the chain's differ by {behind_s:.0f} s: what is stale cannot be told")
        self._passed = True
