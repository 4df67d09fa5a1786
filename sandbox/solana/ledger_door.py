"""The chain and the ledger as one node: what people of the sandbox do comes from the chain, what is sent to it is executed on the ledger.

What lands is written into the chain's blocks, so that its history, its statuses and its webhooks show it."""

from collections.abc import Iterator
from typing import Any

from starlette.routing import Route

from sandbox.solana.accounts import Accounts, AccountState
from sandbox.solana.chain import Chain
from sandbox.solana.jupiter_orders import Swaps
from sandbox.solana.keys import WSOL
from sandbox.solana.ledger import Landed, Ledger
from sandbox.solana.ledger_rpc import LedgerRpc
from sandbox.solana.node import Node
from sandbox.solana.node_api import node_routes
from sandbox.solana.node_faults import NodeFaults
from sandbox.solana.outside import Outside
from sandbox.solana.swap_api import SwapFaults, spoilt
from sandbox.wire import Clock


class LedgerDoor:
    """Asked as the node is, whose faults are its own."""

    def __init__(self, node: Node, swaps: Swaps) -> None:
        self._node, self._rpc = node, LedgerRpc(swaps.ledger, swaps.send)
        self.faults: NodeFaults = node.faults

    def answer(self, asked: Any) -> object:
        """One request, or several at once."""
        return [self._one(one) for one in asked] if isinstance(asked, list) and asked else self._one(asked)

    def _one(self, asked: Any) -> object:
        method = asked.get("method") if isinstance(asked, dict) else None
        return self._rpc.answer(asked) if method in self._rpc.methods else self._node.answer(asked)


class AllAccounts(Accounts):
    """Those of the chain, and those that only the ledger has."""

    def __init__(self, chain: Chain, ledger: Ledger) -> None:
        super().__init__(chain)
        self._ledger = ledger

    def state(self, address: str) -> AccountState | None:
        return super().state(address) or self._of_ledger(address)

    def held_by(self, owner: str) -> Iterator[tuple[str, str]]:
        listed = list(super().held_by(owner))
        yield from listed
        yield from ((owner, mint) for mint in sorted(self._ledger.mints) if (owner, mint) not in listed and self._ledger.holds(owner, mint))

    def token_state(self, key: tuple[str, str]) -> AccountState:
        address = self._ledger.holds(*key)
        return (self._of_ledger(address) if address else None) or super().token_state(key)

    def _of_ledger(self, address: str) -> AccountState | None:
        account = self._ledger.account(address)
        if account is None or not account.lamports:
            return None
        holds = self._ledger.holding(account)
        parsed = None
        if holds is not None:
            mint, owner, raw = holds
            parsed = ("account", {"isNative": mint == WSOL, "mint": mint, "owner": owner, "state": "initialized", "raw": raw})
        return AccountState(account.lamports, str(account.owner), bytes(account.data), account.executable, parsed)


def joined(node: Node, swaps: Swaps, chain: Chain, clock: Clock) -> LedgerDoor:
    """The node answers for both from now on."""

    def include(landed: Landed) -> None:
        chain.include(clock(), Outside(landed.signature, landed.data, landed.meta, landed.keys))

    swaps.ledger.tell = include
    node.accounts = AllAccounts(chain, swaps.ledger)
    node.history.accounts = node.accounts
    return LedgerDoor(node, swaps)


def door_routes(door: LedgerDoor, swaps: Swaps, faults: SwapFaults) -> list[Route]:
    """Where the node is asked, and where its faults are asked for."""
    return [spoilt(route, swaps, faults) if route.path.startswith("/solana") else route for route in node_routes(door)]
