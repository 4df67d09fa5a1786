"""Merges complete sets into USD: on the chain first, then in the ledger, which learns of a merge by what both outcomes lack."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import polars as pl

from adapters.connect import open_results
from adapters.live_account import open_wallet
from adapters.settings import Settings
from adapters.stores.results import Results
from adapters.venues.polymarket.wallet_chain import WalletChain
from data_contracts import Fill, Order, Position
from data_contracts.frames import frame_of
from data_contracts.words import OPEN_ORDERS
from domain.copying.marking import MarkedPosition
from domain.polymarket.set_merging import merge_fills, sets_of, unbooked
from tasks.copying.marks import read_marked
from tasks.steps import step

Line = dict[str, str]
Pair = tuple[Sequence[MarkedPosition], Sequence[MarkedPosition]]
EVEN = Decimal("0.5")


@step
def merge_sets(settings: Settings, as_of: datetime, dry_run: bool) -> tuple[list[Line], pl.DataFrame]:
    """One line per market with complete sets, and the Fill rows by which the ledger follows.

    A run that died after its transaction finds both outcomes short by the same number of shares, and books that.
    """
    wallet, results = open_wallet(settings), open_results(settings)
    lines: list[Line] = []
    fills: list[Fill] = []
    for market_id, pair in sorted(_pairs(results).items()):
        ledger = (_shares(pair[0]), _shares(pair[1]))
        chain = (wallet.shares(pair[0][0].token_id), wallet.shares(pair[1][0].token_id))
        sets = sets_of(min(ledger[0], chain[0]), min(ledger[1], chain[1]))
        came_of_it = _merged(wallet, market_id, sets, dry_run)
        booked = unbooked(ledger, chain) + (Decimal(0) if dry_run else sets)
        if not dry_run and booked:
            fills += _merge_fills(pair, booked, f"{market_id} {ledger}", as_of)
        if sets or booked:
            lines.append({"market_id": market_id, "sets": str(sets), "to_book": str(booked), "came_of_it": came_of_it})
    return lines, frame_of(fills, Fill)


def _merged(wallet: WalletChain, market_id: str, sets: Decimal, dry_run: bool) -> str:
    if dry_run or not sets:
        return "would be merged" if sets else "merged before, to be booked"
    return wallet.merge(market_id, sets)


def _merge_fills(pair: Pair, sets: Decimal, name: str, as_of: datetime) -> list[Fill]:
    """A USD a set, shared as the market prices the first outcome."""
    price = pair[0][0].mark_price or EVEN
    return merge_fills([(pair[0], price), (pair[1], 1 - price)], sets, name, as_of)


def _pairs(results: Results) -> dict[str, Pair]:
    """Markets of which we hold both outcomes, and nothing is on its way."""
    awaited = set(results.read(Order, only=["market_id"], status=OPEN_ORDERS)["market_id"])
    held: dict[str, dict[str, list[MarkedPosition]]] = defaultdict(lambda: defaultdict(list))
    for position in read_marked(results, results.rows(Position, closed_at=None)):
        if position.shares > 0 and position.market_id not in awaited:
            held[position.market_id][position.token_id].append(position)
    return {condition: tuple(tokens[token] for token in sorted(tokens)) for condition, tokens in held.items() if len(tokens) == 2}  # type: ignore[misc]


def _shares(positions: Sequence[Position]) -> Decimal:
    return sum((position.shares for position in positions), Decimal(0))
