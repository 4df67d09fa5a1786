"""What token accounts held before and after a transaction, from the RPC's two lists: an account that is not in one held nothing there."""

from collections.abc import Iterator, Sequence

from adapters.feeds.solana.values import Json, decimals, digits, items, table, text, text_or_empty, whole
from domain.solana.transactions import TokenBalance

Place = tuple[str, str, str]  # account, mint, owner


def token_balances(keys: Sequence[str], meta: Json) -> Iterator[TokenBalance]:
    """One for each account, mint and owner: an account may be closed and opened again for another coin, or change hands."""
    before, after = (_listed(keys, meta, name) for name in ("preTokenBalances", "postTokenBalances"))
    for place in {**before, **after}:
        row = after.get(place) or before[place]
        was, now = (_raw(rows[place]) if place in rows else 0 for rows in (before, after))
        places = decimals(row["uiTokenAmount"].get("decimals"), "decimals")
        yield TokenBalance(
            place[0], place[2], place[1], places, now - was, was, now, text_or_empty(row.get("programId"), "programId") or None
        )


def _listed(keys: Sequence[str], meta: Json, name: str) -> dict[Place, Json]:
    rows = [table(row, name) for row in items(meta.get(name), name)]
    return {_place(keys, row): row for row in rows}


def _place(keys: Sequence[str], row: Json) -> Place:
    index = whole(row.get("accountIndex"), "accountIndex")
    return keys[index], text(row.get("mint"), "mint"), text(row.get("owner"), "the owner of a token balance")


def _raw(row: Json) -> int:
    return digits(table(row.get("uiTokenAmount"), "uiTokenAmount").get("amount"), "uiTokenAmount.amount")
