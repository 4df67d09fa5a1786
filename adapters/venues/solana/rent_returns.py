"""Closes empty token accounts of ours, so that their deposits come back; and finds on the chain which it closed.

An account that is closed cannot be closed again, so a lost answer needs no record of its own: the next look finds the account gone, and the
transaction in the wallet's list.
"""

from base64 import b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from adapters.feeds.solana.rpc_transactions import read_answer
from adapters.feeds.solana.values import Fault, items, table
from adapters.venues.solana.proposing import read_transaction, simulated
from adapters.venues.solana.rpc_node import CONFIRMED, RpcNode
from adapters.venues.solana.start_checks import StartChecks
from adapters.venues.solana.wallet_key import WalletKey
from data_contracts.errors import Refused, Unavailable, Unsafe
from domain.solana.closing_check import CLOSE, closing_harms
from domain.solana.swap_programs import COMPUTE_BUDGET, TOKEN_PROGRAMS
from domain.solana.transactions import ChainTransaction

UNITS = 10_000  # of compute: closing takes a third of it
MOST_LISTED = 100  # of the wallet's transactions, the newest first


@dataclass(frozen=True, slots=True)
class EmptyAccount:
    """A token account of ours with nothing in it but its deposit."""

    address: str
    mint: str
    program: str


class RentReturns:
    """Of one wallet."""

    def __init__(self, wallet: str, key: WalletKey, node: RpcNode, checks: StartChecks) -> None:
        self._wallet, self._key, self._node, self._checks = wallet, key, node, checks

    def empty_accounts(self) -> list[EmptyAccount]:
        """As far as the cluster agrees. Wrapped SOL is none: that is closed by who wrapped it. Raises Unavailable."""
        return [one for program in sorted(TOKEN_PROGRAMS) for one in self._of_program(program)]

    def close(self, account: EmptyAccount) -> str:
        """The signature of what was sent. Raises Refused where it would fail, Unsafe where it would do more than close it."""
        self._checks.insist()
        read = read_transaction(bytes(self._unsigned(account)), self._node)
        outcome = simulated(read, self._node)
        if outcome.error:
            raise Refused(f"solana: closing {account.address} would fail with {outcome.error}")
        if harms := closing_harms(read.proposal, outcome, self._wallet, account.address):
            raise Unsafe(f"solana: closing {account.address} is not signed: {'; '.join(harms)}")
        return self._node.send(b64encode(bytes(self._key.signed(read.transaction))).decode())

    def closed(self, booked: Collection[str], since: datetime) -> Iterator[tuple[ChainTransaction, str]]:
        """Of the wallet's last transactions those that closed an account and are not booked, each with the mint of the account."""
        rows = self._node.ask("getSignaturesForAddress", self._wallet, {"limit": MOST_LISTED, "commitment": CONFIRMED})
        new = [row for row in rows if row["signature"] not in booked and (row.get("blockTime") or since.timestamp()) >= since.timestamp()]
        for signature in [str(row["signature"]) for row in new]:
            read = read_answer(self._node.transaction(signature), signature)
            if isinstance(read, ChainTransaction) and read.block_time is not None and (address := self._closed_in(read)):
                mints = [token.mint for token in read.tokens if token.account == address]
                yield read, mints[0] if mints else ""

    def _closed_in(self, read: ChainTransaction) -> str:
        """The account, where closing it is all that the transaction was for."""
        asked = [one for one in read.instructions if one.inner is None and one.program != COMPUTE_BUDGET]
        is_closing = len(asked) == 1 and asked[0].program in TOKEN_PROGRAMS and asked[0].data == CLOSE
        return asked[0].accounts[0] if is_closing and read.fee_payer == self._wallet else ""

    def _unsigned(self, account: EmptyAccount) -> VersionedTransaction:
        owner, empty = Pubkey.from_string(self._wallet), Pubkey.from_string(account.address)
        keys = [AccountMeta(empty, False, True), AccountMeta(owner, False, True), AccountMeta(owner, True, False)]
        closing = Instruction(Pubkey.from_string(account.program), CLOSE, keys)
        newest = str(self._node.ask("getLatestBlockhash", {"commitment": CONFIRMED})["value"]["blockhash"])
        message = MessageV0.try_compile(owner, [set_compute_unit_limit(UNITS), closing], [], Hash.from_string(newest))
        return VersionedTransaction.populate(message, [Signature.default()] * message.header.num_required_signatures)

    def _of_program(self, program: str) -> Iterator[EmptyAccount]:
        options = {"encoding": "jsonParsed", "commitment": CONFIRMED}
        answer = self._node.ask("getTokenAccountsByOwner", self._wallet, {"programId": program}, options)
        try:
            for row in items(table(answer, "the accounts").get("value"), "the accounts"):
                info = row["account"]["data"]["parsed"]["info"]
                if self._is_empty(info):
                    yield EmptyAccount(str(row["pubkey"]), str(info["mint"]), program)
        except (Fault, KeyError, TypeError) as error:
            raise Unavailable(f"getTokenAccountsByOwner: {error!r}") from error

    def _is_empty(self, info: dict[str, Any]) -> bool:
        is_ours = info["owner"] == self._wallet and info.get("closeAuthority") in (None, self._wallet)
        return is_ours and info["tokenAmount"]["amount"] == "0" and info["state"] == "initialized" and not info["isNative"]
