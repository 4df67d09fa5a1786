"""What accounts of the chain hold now: mints, and the coins of a wallet. A node answers with the slot that its answer is of."""

from collections.abc import Collection, Iterator
from typing import Any

from adapters.batches import batches
from adapters.feeds.solana.listing import COMMITMENT
from adapters.feeds.solana.rpc import SolanaRpc
from adapters.feeds.solana.values import Fault, Json, decimals, digits, items, table, text
from adapters.feeds.solana.values import slot as read_slot
from data_contracts.errors import Unavailable
from domain.solana.base58 import is_key
from domain.solana.instruments import Mint

MOST_ACCOUNTS = 100  # of one call
PARSED = {"encoding": "jsonParsed", "commitment": COMMITMENT}
# An extension that names nobody, or takes nothing, is not in force.
IN_FORCE = {"transferHook": "programId", "permanentDelegate": "delegate", "pausableConfig": "authority"}


def mints_of(rpc: SolanaRpc, token_ids: Collection[str]) -> dict[str, Mint]:
    """The mint accounts among these; what is none, or no address at all, is left out."""
    found: dict[str, Mint] = {}
    for some in batches(sorted(set(filter(is_key, token_ids))), MOST_ACCOUNTS):
        answer = rpc.ask("getMultipleAccounts", list(some), PARSED)
        try:
            accounts = items(_part(answer, "value"), "the accounts")
        except Fault as error:
            raise Unavailable(f"getMultipleAccounts: {error}") from error
        for token_id, account in zip(some, accounts, strict=False):
            if (mint := _mint(token_id, account)) is not None:
                found[token_id] = mint
    return found


def coins_of(rpc: SolanaRpc, owner: str, mint: str, slot: int | None) -> tuple[int, int, int]:
    """How many raw units it has in all its accounts, of how many decimals, and as of which slot. 0 where it has no account.

    `slot` is how far the node must be. Raises Unavailable for an answer of another shape.
    """
    options = PARSED | ({} if slot is None else {"minContextSlot": slot})
    answer = rpc.ask("getTokenAccountsByOwner", owner, {"mint": mint}, options)
    try:
        amounts = [_amount(table(row, "an account")) for row in items(_part(answer, "value"), "the accounts")]
        at = read_slot(table(_part(answer, "context"), "context").get("slot"))
    except (Fault, KeyError, TypeError) as error:
        raise Unavailable(f"getTokenAccountsByOwner: {error}") from error
    return sum(raw for raw, _ in amounts), next((places for _, places in amounts), 0), at


def _part(answer: Any, name: str) -> Any:
    return answer.get(name) if isinstance(answer, dict) else None


def _amount(row: Json) -> tuple[int, int]:
    amount = table(row["account"]["data"]["parsed"]["info"]["tokenAmount"], "tokenAmount")
    return digits(amount.get("amount"), "amount"), decimals(amount.get("decimals"), "decimals")


def _mint(token_id: str, account: Any) -> Mint | None:
    try:
        parsed = account["data"]["parsed"]
        if parsed["type"] != "mint":
            return None
        info = table(parsed["info"], "info")
        return Mint(
            token_id=token_id,
            decimals=decimals(info.get("decimals"), "decimals"),
            program=text(account["owner"], "owner"),
            has_mint_authority=info.get("mintAuthority") is not None,
            has_freeze_authority=info.get("freezeAuthority") is not None,
            extensions=frozenset(_extensions(info)),
        )
    except (Fault, KeyError, TypeError):
        return None


def _extensions(info: Json) -> Iterator[str]:
    for one in items(info.get("extensions"), "extensions"):
        extension = table(one, "an extension")
        name, state = str(extension.get("extension")), table(extension.get("state") or {}, "its state")
        if name == "defaultAccountState" and state.get("accountState") == "initialized":
            continue
        if name in IN_FORCE and not state.get(IN_FORCE[name]):
            continue
        yield name
