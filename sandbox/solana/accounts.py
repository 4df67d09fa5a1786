"""What accounts hold: curves, pools, mints, wallets and their token accounts, each as its program lays it out."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np

from sandbox.solana.borsh import keys, u8, u32, u64
from sandbox.solana.calls import decimals
from sandbox.solana.chain import Chain
from sandbox.solana.curve_trades import MINT_BYTES, curve_data
from sandbox.solana.keys import PUMP, PUMP_SWAP, SYSTEM, WSOL, curve_of, token_account, token_program
from sandbox.solana.launches import Fate, Launch
from sandbox.solana.pool_trades import pool_data
from sandbox.solana.reserves import SUPPLY
from sandbox.solana.writing import FIXED

LOADER = "BPFLoaderUpgradeab1e11111111111111111111111"


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account. `parsed` is what a node reads in it, where it knows the program."""

    lamports: int
    owner: str
    data: bytes = b""
    executable: bool = False
    parsed: tuple[str, dict[str, object]] | None = None


class Accounts:
    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._lock = Lock()
        self._hashes = array("q")  # of the addresses of token accounts, as far as they were derived

    def state(self, address: str) -> AccountState | None:
        """None where the chain has no such account."""
        chain = self._chain
        if coin := chain.places.get(address):
            return self._curve(coin) if address == curve_of(coin.mint) else self._pool(address, coin)
        if coin := chain.launches.get(address):
            return self._mint(address, coin)
        if lamports := chain.balances.lamports.get(address, 0):
            return AccountState(lamports, SYSTEM)
        if address in FIXED:
            return AccountState(FIXED[address], LOADER, executable=address != WSOL)
        return self._token(address)

    def held_by(self, owner: str) -> Iterator[tuple[str, str]]:
        """(owner, mint) of all token accounts of an owner that are open."""
        balances = self._chain.balances
        return (key for key in balances.accounts.of_owner(owner) if balances.is_open(key))

    def holders(self, mint: str) -> list[tuple[str, int]]:
        """Of a mint: addresses of token accounts with what they hold, the most first."""
        balances = self._chain.balances
        held = sorted(((balances.holding(key)[1], key) for key in balances.accounts.of_mint(mint)), reverse=True)
        return [(token_account(*key), raw) for raw, key in held[:20] if raw]

    def token_key(self, address: str) -> tuple[str, str] | None:
        """Whose token account it is. Addresses are derived when the first stranger is asked for, and from then on as they come."""
        accounts = self._chain.balances.accounts
        with self._lock:
            for place in range(len(self._hashes), len(accounts)):
                self._hashes.append(hash(token_account(*accounts[place])))
            alike = np.flatnonzero(np.array(self._hashes, copy=False) == hash(address))
        return next((accounts[place] for place in alike.tolist() if token_account(*accounts[place]) == address), None)

    def token_state(self, key: tuple[str, str]) -> AccountState:
        owner, mint = key
        lamports, raw = self._chain.balances.holding(key)
        native = u32(1) + u64(lamports - raw) if mint == WSOL else bytes(12)
        data = keys(mint, owner) + u64(raw) + bytes(36) + u8(1) + native + u64(0) + bytes(36)
        data += b"" if mint == WSOL else b"\x02\x07\x00\x00\x00"
        info: dict[str, object] = {"isNative": mint == WSOL, "mint": mint, "owner": owner, "state": "initialized", "raw": raw}
        return AccountState(lamports, token_program(mint), data, parsed=("account", info))

    def _token(self, address: str) -> AccountState | None:
        key = self.token_key(address)
        return self.token_state(key) if key and self._chain.balances.is_open(key) else None

    def _curve(self, coin: Launch) -> AccountState:
        trade, lamports = self._chain.last_trades[coin.mint], self._chain.balances.lamports
        return AccountState(lamports[curve_of(coin.mint)], PUMP, curve_data(coin, trade.after))

    def _pool(self, address: str, coin: Launch) -> AccountState:
        return AccountState(self._chain.balances.lamports.get(address, 0), PUMP_SWAP, pool_data(coin))

    def _mint(self, mint: str, coin: Launch) -> AccountState:
        freezes = coin.creator if coin.fate is Fate.HONEYPOT else None
        frozen_by = u32(1) + keys(freezes) if freezes else bytes(36)
        data = (bytes(36) + u64(SUPPLY) + u8(decimals(mint)) + u8(1) + frozen_by).ljust(165, b"\0") + b"\x01"
        info: dict[str, object] = {"decimals": decimals(mint), "freezeAuthority": freezes, "isInitialized": True, "mintAuthority": None}
        state = info | {"supply": str(SUPPLY)}
        return AccountState(self._chain.balances.lamports[mint], token_program(mint), data.ljust(MINT_BYTES, b"\0"), parsed=("mint", state))
