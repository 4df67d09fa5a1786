"""Transactions of an address, the newest first as every node has them, or in Helius' own way; and one by its signature."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sandbox.solana.accounts import Accounts
from sandbox.solana.blocks import Placed
from sandbox.solana.chain import Chain, slot_seen
from sandbox.solana.node_errors import invalid, unsupported
from sandbox.solana.rpc_rows import ENCODINGS, transaction_row, version_of
from sandbox.solana.slots import block_time
from sandbox.solana.writing import written
from sandbox.solana.written import Written
from sandbox.wire import Json

MOST_SIGNATURES, MOST_PAGE, REMEMBERED = 1_000, 1_000, 500
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
}
STATUSES, TOKEN_ACCOUNTS = ("any", "succeeded", "failed"), ("none", "balanceChanged", "all")


class History:
    """`most_full` is how many whole transactions one page of getTransactionsForAddress may have: plans differ."""

    def __init__(self, chain: Chain, accounts: Accounts) -> None:
        self.chain, self.accounts, self.most_full = chain, accounts, MOST_PAGE
        self.written = lru_cache(maxsize=REMEMBERED)(self._written)

    def transaction(self, now_s: float, signature: str, options: Json) -> Json | None:
        """Null where the chain does not have it yet."""
        place = self.chain.at(now_s).blocks.place_of(signature)
        if place is None or self.chain.blocks[place].slot > slot_seen(now_s, _commitment(options)):
            return None
        found = self.written(place)
        check_version(found, options)
        return transaction_row(found, encoding_of(options))

    def signatures(self, now_s: float, address: str, options: Json) -> list[Json]:
        most = limit_of(options, MOST_SIGNATURES)
        end, begin = self._end(now_s, options), 0
        if options.get("before"):
            before = self.chain.blocks.place_of(options["before"])
            end = -1 if before is None else min(end, before)
        if options.get("until"):
            until = self.chain.blocks.place_of(options["until"])
            begin = 0 if until is None else until + 1
        places = self._places(address)
        found = places[bisect_left(places, begin) : bisect_left(places, end)][::-1][:most]
        return [self.signature_row(self.chain.blocks[place], now_s) for place in found]

    def page(self, now_s: float, address: str, options: Json) -> Json:
        """getTransactionsForAddress: either way in time, filtered, whole or by signature alone.

        Source: https://www.helius.dev/docs/rpc/gettransactionsforaddress"""
        whole = _one_of(options, "transactionDetails", ("signatures", "full")) == "full"
        ascending = _one_of(options, "sortOrder", ("desc", "asc")) == "asc"
        most = limit_of(options, self.most_full if whole else MOST_PAGE)
        after = self._after(options.get("paginationToken"))
        kept = (place for place in self.places(now_s, address, options) if _is_after(self._spot(place), after, ascending))
        found = list(islice(kept, most + 1))
        data = [self._page_row(place, whole, options, now_s) for place in found[:most]]
        token = "{}:{}".format(*self._spot(found[most - 1])) if len(found) > most else None
        return {"data": data, "paginationToken": token}

    def places(self, now_s: float, address: str, options: Json) -> Iterator[int]:
        """Of its transactions, filtered, in the order that is asked for."""
        ascending = _one_of(options, "sortOrder", ("desc", "asc")) == "asc"
        end, filters = self._end(now_s, options), options.get("filters") or {}
        _one_of(filters, "tokenAccounts", TOKEN_ACCOUNTS)
        found = self._places(address)
        found = found[: bisect_left(found, end)]
        return (place for place in (found if ascending else reversed(found)) if self._fits(place, filters))

    def signature_row(self, placed: Placed, now_s: float) -> Json:
        return {
            "signature": self.chain.blocks.signature(placed),
            "slot": placed.slot,
            "err": placed.error,
            "memo": None,
            "blockTime": block_time(placed.slot),
            "confirmationStatus": status_of(placed.slot, now_s),
        }

    def _written(self, place: int) -> Written:
        return written(self.chain.blocks, self.chain.balances, self.chain.seed, self.chain.blocks[place])

    def _places(self, address: str) -> Sequence[int]:
        """Of an address as an account; or as a token account, which is derived from its owner and mint."""
        blocks = self.chain.blocks
        found = blocks.places_of(address)
        if not found and (key := self.accounts.token_key(address)):
            found = blocks.places_of(key)
        return found

    def _end(self, now_s: float, options: Json) -> int:
        return self.chain.at(now_s).blocks.until(slot_seen(now_s, _commitment(options)))

    def _spot(self, place: int) -> tuple[int, int]:
        placed = self.chain.blocks[place]
        return placed.slot, placed.index

    def _page_row(self, place: int, whole: bool, options: Json, now_s: float) -> Json:
        placed = self.chain.blocks[place]
        if not whole:
            return self.signature_row(placed, now_s) | {"transactionIndex": placed.index}
        found = self.written(place)
        check_version(found, options)
        return transaction_row(found, encoding_of(options)) | {"transactionIndex": placed.index}

    def _after(self, token: Any) -> tuple[int, int] | None:
        if not token:
            return None
        slot, _, index = str(token).partition(":")
        if not (slot.isdecimal() and index.isdecimal()):
            raise invalid("invalid paginationToken")
        return int(slot), int(index)

    def _fits(self, place: int, filters: Json) -> bool:
        placed = self.chain.blocks[place]
        status = _one_of(filters, "status", STATUSES)
        if status != "any" and (placed.error is None) != (status == "succeeded"):
            return False
        return all(_within(filters.get(name), value) for name, value in (("slot", placed.slot), ("blockTime", block_time(placed.slot))))


def _commitment(options: Json) -> str:
    return str(options.get("commitment") or "finalized")


def check_version(found: Written, options: Json) -> None:
    """Who does not name the version it can read gets legacy ones only."""
    version, most = version_of(found), options.get("maxSupportedTransactionVersion")
    if isinstance(version, int) and (most is None or version > most):
        raise unsupported(version)


def encoding_of(options: Json) -> str:
    encoding = options.get("encoding") or "json"
    if encoding not in ENCODINGS:
        raise invalid(f"unknown variant `{encoding}`, expected one of `base58`, `base64`, `json`, `jsonParsed`")
    return str(encoding)


def limit_of(options: Json, most: int) -> int:
    limit = most if options.get("limit") is None else options["limit"]
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= most:
        raise invalid(f"Invalid limit; max {most}")
    return limit


def status_of(slot: int, now_s: float) -> str:
    return next((name for name in ("finalized", "confirmed") if slot <= slot_seen(now_s, name)), "processed")


def _one_of(options: Json, name: str, choices: Sequence[str]) -> str:
    """The first is the default."""
    value = options.get(name) or choices[0]
    if value not in choices:
        raise invalid(f"{name} must be one of {', '.join(choices)}")
    return str(value)


def _within(bounds: Any, value: int) -> bool:
    if bounds is None:
        return True
    if not isinstance(bounds, dict) or not bounds.keys() <= COMPARED.keys():
        raise invalid("a filter is an object of gt, gte, lt, lte or eq")
    return all(COMPARED[name](value, bound) for name, bound in bounds.items())


def _is_after(spot: tuple[int, int], after: tuple[int, int] | None, ascending: bool) -> bool:
    return after is None or (spot > after if ascending else spot < after)
