"""What wallets do on the chain without the exchange: allow, send, split, merge, redeem. The calls are the contracts' own ABI.

Not a chain: no gas, no blocks, no contract code. What a call of a known contract does is done to the ledger; any other reverts.
Source of the calls: polymarket-client 0.14.0, actions.relayer.calls."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from sandbox.exchange.contracts import (
    COLLATERAL_ADAPTER,
    CTF,
    NEG_RISK_ADAPTER,
    NEG_RISK_COLLATERAL_ADAPTER,
    POSITION_MANAGER,
    PUSD,
    ROUTER,
    is_position_id,
)
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import UNLIMITED, USD, Account, Legs, pair_legs, redeem_legs
from sandbox.markets import Market

_SHARES = (CTF, NEG_RISK_ADAPTER, POSITION_MANAGER)
_ADAPTERS = (COLLATERAL_ADAPTER, NEG_RISK_COLLATERAL_ADAPTER)


class Reverted(Exception):
    """The chain's no: nothing of the transaction happened."""


class Call(NamedTuple):
    to: str
    data: bytes


class Chain:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange, self._ledger = exchange, exchange.ledger
        self._reads = _by_selector(
            (PUSD,), {"allowance(address,address)": self._allowance, "balanceOf(address)": self._dollars},
            _SHARES, {"balanceOf(address,uint256)": self._shares, "balanceOfBatch(address[],uint256[])": self._many_shares},
            _SHARES, {"isApprovedForAll(address,address)": self._is_approved},
        )  # fmt: skip
        ctf = "(address,bytes32,bytes32,uint256[],uint256)"
        self._writes = _by_selector(
            (PUSD,), {"approve(address,uint256)": self._approve, "transfer(address,uint256)": self._transfer},
            _SHARES, {"setApprovalForAll(address,bool)": self._approve_all},
            _ADAPTERS, {f"splitPosition{ctf}": self._split, f"mergePositions{ctf}": self._merge},
            _ADAPTERS, {"redeemPositions(address,bytes32,bytes32,uint256[])": self._redeem},
            (ROUTER,), {"split(bytes31,uint256)": self._split_v2, "merge(bytes31,uint256)": self._merge_v2},
            (ROUTER,), {"redeem(bytes31,uint256,uint256)": self._redeem_v2},
        )  # fmt: skip

    def read(self, call: Call) -> bytes:
        """eth_call. Raises Reverted."""
        found: bytes = self._find_method(self._reads, call)()
        return found

    def run(self, wallet: str, calls: Iterable[Call]) -> None:
        """All of them or none. Raises Reverted."""
        account = self._ledger.account(wallet)
        before = dict(account.allowances), set(account.operators)
        done: list[Legs] = []
        try:
            for call in calls:
                legs = self._find_method(self._writes, call, account)()
                self._check(account, legs)
                self._ledger.move(legs)
                done.append(legs)
        except Reverted:
            account.allowances, account.operators = before
            for legs in reversed(done):
                self._ledger.move({place: -units for place, units in legs.items()})
            raise
        self._exchange.revalidate(wallet)

    def would_run(self, wallet: str, call: Call) -> None:
        """eth_estimateGas: as `run`, and then as if it had not been."""
        with suppress(_Undone):
            self.run(wallet, self._then_undone(call))

    def _then_undone(self, call: Call) -> Iterable[Call]:
        yield call
        raise _Undone

    def _find_method(self, methods: "Methods", call: Call, *first: Account) -> Callable[[], Any]:
        found = methods.get((call.to.lower(), call.data[:4]))
        if found is None:
            raise Reverted(f"no such contract or method: {call.to} {call.data[:4].hex()}")
        types, method = found
        try:
            values = decode(types, call.data[4:])
        except DecodingError as error:
            raise Reverted("malformed call") from error
        return lambda: method(*first, call.to, *values)

    def _check(self, account: Account, legs: Legs) -> None:
        for (address, asset), units in legs.items():
            if address == account.address and account.balances.get(asset, 0) + units < 0:
                raise Reverted("transfer amount exceeds balance")

    # -- reads --------------------------------------------------------------------------------------------------------

    def _allowance(self, contract: str, owner: str, spender: str) -> bytes:
        return encode(["uint256"], [self._ledger.account(owner).allowance(PUSD, to_checksum_address(spender))])

    def _dollars(self, contract: str, owner: str) -> bytes:
        return encode(["uint256"], [self._ledger.account(owner).balances.get(USD, 0)])

    def _shares(self, contract: str, owner: str, token_id: int) -> bytes:
        return encode(["uint256"], [self._balance_of(contract, owner, token_id)])

    def _many_shares(self, contract: str, owners: tuple[str, ...], token_ids: tuple[int, ...]) -> bytes:
        return encode(["uint256[]"], [[self._balance_of(contract, *place) for place in zip(owners, token_ids, strict=True)]])

    def _balance_of(self, contract: str, owner: str, token_id: int) -> int:
        """A contract knows the ids of its own protocol only."""
        ours = is_position_id(str(token_id)) == (contract.lower() == POSITION_MANAGER.lower())
        return self._ledger.account(owner).balances.get(str(token_id), 0) if ours else 0

    def _is_approved(self, contract: str, owner: str, operator: str) -> bytes:
        place = to_checksum_address(contract), to_checksum_address(operator)
        return encode(["bool"], [place in self._ledger.account(owner).operators])

    # -- writes: each changes what it allows and says what it moves ---------------------------------------------------

    def _approve(self, account: Account, contract: str, spender: str, units: int) -> Legs:
        account.allowances[str(to_checksum_address(spender))] = units
        return {}

    def _approve_all(self, account: Account, contract: str, operator: str, approved: bool) -> Legs:
        place = str(to_checksum_address(contract)), str(to_checksum_address(operator))
        (account.operators.add if approved else account.operators.discard)(place)
        return {}

    def _transfer(self, account: Account, contract: str, to: str, units: int) -> Legs:
        other = self._ledger.account(str(to_checksum_address(to))).address
        return {} if other == account.address else {(account.address, USD): -units, (other, USD): units}

    def _split(self, account: Account, adapter: str, _: str, __: bytes, condition: bytes, ___: Any, units: int) -> Legs:
        self._spend(account, adapter, units)
        return pair_legs(account.address, self._market(condition, adapter).token_ids, units)

    def _merge(self, account: Account, adapter: str, _: str, __: bytes, condition: bytes, ___: Any, units: int) -> Legs:
        self._must_operate(account, CTF, adapter)
        return pair_legs(account.address, self._market(condition, adapter).token_ids, -units)

    def _redeem(self, account: Account, adapter: str, _: str, __: bytes, condition: bytes, ___: Any) -> Legs:
        self._must_operate(account, CTF, adapter)
        market = self._resolved(self._market(condition, adapter))
        held = account.balances.get(market.token_ids[0], 0), account.balances.get(market.token_ids[1], 0)
        return redeem_legs(account.address, market.token_ids, market.winner, held)

    def _split_v2(self, account: Account, router: str, condition: bytes, units: int) -> Legs:
        self._spend(account, router, units)
        return pair_legs(account.address, self._market(condition, router).token_ids, units)

    def _merge_v2(self, account: Account, router: str, condition: bytes, units: int) -> Legs:
        self._must_operate(account, POSITION_MANAGER, router)
        return pair_legs(account.address, self._market(condition, router).token_ids, -units)

    def _redeem_v2(self, account: Account, router: str, condition: bytes, outcome: int, units: int) -> Legs:
        self._must_operate(account, POSITION_MANAGER, router)
        market = self._resolved(self._market(condition, router))
        return redeem_legs(account.address, market.token_ids, market.winner, (units, 0) if outcome == 0 else (0, units))

    def _spend(self, account: Account, spender: str, units: int) -> None:
        allowed = account.allowance(PUSD, str(to_checksum_address(spender)))
        if allowed < units:
            raise Reverted("transfer amount exceeds allowance")
        if allowed < UNLIMITED:
            account.allowances[str(to_checksum_address(spender))] = allowed - units

    def _must_operate(self, account: Account, contract: str, operator: str) -> None:
        if (contract, str(to_checksum_address(operator))) not in account.operators:
            raise Reverted("need operator approval for third party transfers")

    def _market(self, condition: bytes, through: str) -> Market:
        snapshot = self._exchange.advance()
        market = snapshot.market("0x" + condition.hex())
        if market is None or through.lower() != _way_of(market).lower():
            raise Reverted("condition not prepared yet")
        return market

    def _resolved(self, market: Market) -> Market:
        if not market.resolved_at(self._exchange.clock()):
            raise Reverted("result for condition not received yet")
        return market


class _Undone(Reverted):
    """It would have run."""


Methods = dict[tuple[str, bytes], tuple[list[str], Callable[..., Any]]]


def _by_selector(*groups: Any) -> Methods:
    """Pairs of contracts and {signature: method}."""
    found: Methods = {}
    for contracts, methods in zip(groups[::2], groups[1::2], strict=True):
        for signature, method in methods.items():
            types = signature[signature.index("(") + 1 : -1].split(",")
            found.update({(contract.lower(), keccak(text=signature)[:4]): (types, method) for contract in contracts})
    return found


def _way_of(market: Market) -> str:
    """Through which contract a market's pairs are made, melted and redeemed."""
    if is_position_id(market.token_ids[0]):
        return ROUTER
    return NEG_RISK_COLLATERAL_ADAPTER if market.neg_risk else COLLATERAL_ADAPTER
