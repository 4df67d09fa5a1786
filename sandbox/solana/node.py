"""A node of the chain, asked by JSON-RPC as Solana's own nodes are; with Helius' getTransactionsForAddress beside it.

Source: https://solana.com/docs/rpc/http"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.solana.accounts import Accounts, AccountState
from sandbox.solana.calls import decimals, rent
from sandbox.solana.chain import Chain, slot_seen
from sandbox.solana.keys import address, base58, key, token_account, token_program, unbase58
from sandbox.solana.node_errors import NO_REQUEST, NOT_CONFIRMED, SKIPPED, SLOT_NOT_REACHED, UNKNOWN_METHOD, NodeError, invalid
from sandbox.solana.node_faults import NodeFaults
from sandbox.solana.node_history import History, status_of
from sandbox.solana.parsed_calls import amount
from sandbox.solana.reserves import SUPPLY
from sandbox.solana.slots import HASH_LIVES, block_time, blockhash, has_block, height_of, slot_at
from sandbox.wire import Clock, Json

MOST_ACCOUNTS, MOST_STATUSES = 100, 256
VERSION = "4.3.0"


class Node:
    """Answers for the chain. What it is sent goes to whoever executes it: see ledger_door.py."""

    def __init__(self, chain: Chain, clock: Clock, faults: NodeFaults) -> None:
        self.chain, self.clock, self.faults = chain, clock, faults
        self.accounts = Accounts(chain)
        self.history = History(chain, self.accounts)
        self._methods: dict[str, Callable[..., object]] = {
            "getSignaturesForAddress": self._signatures,
            "getTransaction": self._transaction,
            "getTransactionsForAddress": self._page,
            "getSlot": lambda options=None: self._slot(options),
            "getBlockHeight": lambda options=None: height_of(self._slot(options)),
            "getBlockTime": self._block_time,
            "getLatestBlockhash": self._latest_blockhash,
            "isBlockhashValid": self._is_blockhash_valid,
            "getBalance": self._balance,
            "getAccountInfo": self._account_info,
            "getMultipleAccounts": self._several_accounts,
            "getTokenAccountsByOwner": self._tokens_by_owner,
            "getTokenAccountBalance": self._token_balance,
            "getTokenLargestAccounts": self._largest,
            "getTokenSupply": self._supply,
            "getSignatureStatuses": self._statuses,
            "getMinimumBalanceForRentExemption": lambda size, *_: rent(int(size)),
            "getFirstAvailableBlock": lambda *_: _first_block(chain.begins_s),
            "getHealth": lambda *_: "ok",
            "getVersion": lambda *_: {"feature-set": 1, "solana-core": VERSION},
            "getGenesisHash": lambda *_: address(chain.seed, "genesis"),
            "getRecentPrioritizationFees": lambda *_: [{"prioritizationFee": 5_000, "slot": self._slot({"commitment": "processed"})}],
        }

    def answer(self, asked: Any) -> object:
        """One request, or several at once."""
        if isinstance(asked, list) and asked:
            return [self._one(one) for one in asked]
        return self._one(asked)

    def _one(self, asked: Any) -> Json:
        head: Json = {"jsonrpc": "2.0", "id": asked.get("id") if isinstance(asked, dict) else None}
        try:
            if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
                raise NodeError(NO_REQUEST, "Invalid request")
            return head | {"result": self._called(asked["method"], asked.get("params") or [])}
        except NodeError as error:
            return head | {"error": error.row}

    def _called(self, method: str, params: Any) -> object:
        run = self._methods.get(method)
        if run is None or method in self.faults.missing_methods:
            raise NodeError(UNKNOWN_METHOD, "Method not found")
        try:
            return run(*params)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise invalid(str(error)) from error

    def _signatures(self, named: str, options: Json | None = None) -> list[Json]:
        self._reached(options)
        return self.history.signatures(self.clock(), _checked(named), options or {})

    def _transaction(self, signature: str, options: Json | str | None = None) -> Json | None:
        if len(unbase58(signature)) != 64:
            raise invalid("WrongSize")
        given = {"encoding": options} if isinstance(options, str) else options or {}
        return self.history.transaction(self.clock(), signature, given)

    def _page(self, named: str, options: Json | None = None) -> Json:
        self._reached(options)
        return self.history.page(self.clock(), _checked(named), options or {})

    def _slot(self, options: Json | None) -> int:
        self._reached(options)
        return slot_seen(self.clock(), str((options or {}).get("commitment") or "finalized"))

    def _reached(self, options: Json | None) -> None:
        wanted, seen = (options or {}).get("minContextSlot"), slot_seen(self.clock(), str((options or {}).get("commitment") or "finalized"))
        if wanted is not None and wanted > seen:
            raise NodeError(SLOT_NOT_REACHED, "Minimum context slot has not been reached", {"contextSlot": seen})

    def _block_time(self, slot: int) -> int:
        if slot > slot_seen(self.clock(), "processed"):
            raise NodeError(NOT_CONFIRMED, f"Block not available for slot {slot}")
        if not has_block(slot):
            raise NodeError(SKIPPED, f"Slot {slot} was skipped, or missing due to ledger jump to recent snapshot")
        return block_time(slot)

    def _latest_blockhash(self, options: Json | None = None) -> Json:
        slot = self._slot(options)
        lives = {"blockhash": blockhash(self.chain.seed, slot), "lastValidBlockHeight": height_of(slot) + HASH_LIVES}
        return self._in_context(lives, options)

    def _is_blockhash_valid(self, recent: str, options: Json | None = None) -> Json:
        slot, left = slot_seen(self.clock(), "processed"), HASH_LIVES + 1
        while left and blockhash(self.chain.seed, slot) != recent:
            slot, left = slot - 1, left - has_block(slot)
        return self._in_context(left > 0, options)

    def _balance(self, named: str, options: Json | None = None) -> Json:
        state = self._state(named)
        return self._in_context(state.lamports if state else 0, options)

    def _account_info(self, named: str, options: Json | None = None) -> Json:
        return self._in_context(account_row(self._state(named), options or {}), options)

    def _several_accounts(self, named: Sequence[str], options: Json | None = None) -> Json:
        if len(named) > MOST_ACCOUNTS:
            raise invalid(f"Too many inputs provided; max {MOST_ACCOUNTS}")
        return self._in_context([account_row(self._state(one), options or {}) for one in named], options)

    def _state(self, named: str) -> AccountState | None:
        self.chain.at(self.clock())
        return self.accounts.state(_checked(named))

    def _tokens_by_owner(self, owner: str, which: Json, options: Json | None = None) -> Json:
        self.chain.at(self.clock())
        mint, program = which.get("mint"), which.get("programId")
        held = [
            one for one in self.accounts.held_by(_checked(owner)) if mint in (None, one[1]) and program in (None, token_program(one[1]))
        ]
        rows = [{"pubkey": token_account(*one), "account": account_row(self.accounts.token_state(one), options or {})} for one in held]
        return self._in_context(rows, options)

    def _token_balance(self, named: str, options: Json | None = None) -> Json:
        state = self._state(named)
        if state is None or state.parsed is None or state.parsed[0] != "account":
            raise invalid("could not find account")
        info = state.parsed[1]
        return self._in_context(amount(int(str(info["raw"])), decimals(str(info["mint"]))), options)

    def _largest(self, mint: str, options: Json | None = None) -> Json:
        self._minted(mint)
        held = self.accounts.holders(mint)
        return self._in_context([{"address": one} | amount(raw, decimals(mint)) for one, raw in held], options)

    def _supply(self, mint: str, options: Json | None = None) -> Json:
        self._minted(mint)
        return self._in_context(amount(SUPPLY, decimals(mint)), options)

    def _minted(self, mint: str) -> None:
        state = self._state(mint)
        if state is None or state.parsed is None or state.parsed[0] != "mint":
            raise invalid("not a Token mint")

    def _statuses(self, signatures: Sequence[str], options: Json | None = None) -> Json:
        if len(signatures) > MOST_STATUSES:
            raise invalid(f"Too many inputs provided; max {MOST_STATUSES}")
        self.chain.at(self.clock())
        return self._in_context([self._status(one) for one in signatures], {"commitment": "processed"})

    def _status(self, signature: str) -> Json | None:
        place = self.chain.blocks.place_of(signature)
        seen = slot_seen(self.clock(), "processed")
        if place is None or (placed := self.chain.blocks[place]).slot > seen:
            return None
        error, status = placed.error, status_of(placed.slot, self.clock())
        confirmations = None if status == "finalized" else height_of(seen) - height_of(placed.slot)
        told = {"Ok": None} if error is None else {"Err": error}
        return {"slot": placed.slot, "confirmations": confirmations, "err": error, "status": told, "confirmationStatus": status}

    def _in_context(self, value: object, options: Json | None) -> Json:
        return {"context": {"apiVersion": VERSION, "slot": self._slot(options)}, "value": value}


def _first_block(begins_s: float) -> int:
    slot = slot_at(begins_s)
    return slot + (not has_block(slot))


def _checked(named: str) -> str:
    try:
        key(named)
    except ValueError as error:
        raise invalid("WrongSize" if "size" in str(error) else "Invalid") from error
    return named


def account_row(state: AccountState | None, options: Json) -> Json | None:
    if state is None:
        return None
    row = {
        "lamports": state.lamports,
        "owner": state.owner,
        "executable": state.executable,
        "rentEpoch": 2**64 - 1,
        "space": len(state.data),
    }
    return row | {"data": _data(state, options)}


def _data(state: AccountState, options: Json) -> object:
    encoding = options.get("encoding") or "base58"
    if encoding == "jsonParsed" and state.parsed is not None:
        kind, info = state.parsed
        if kind == "account":
            mint = str(info["mint"])
            info = {name: value for name, value in info.items() if name != "raw"} | {
                "tokenAmount": amount(int(str(info["raw"])), decimals(mint))
            }
        return {"program": "spl-token", "parsed": {"info": info, "type": kind}, "space": len(state.data)}
    cut = options.get("dataSlice")
    data = state.data[cut["offset"] : cut["offset"] + cut["length"]] if cut else state.data
    if encoding == "base58":
        return [base58(data), "base58"]
    if encoding not in ("base64", "jsonParsed"):
        raise invalid(f"the encoding {encoding} is not known here")
    return [b64encode(data).decode(), "base64"]
