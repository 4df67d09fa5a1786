"""Brings back the deposits of token accounts that our positions on Solana leave empty: once an hour, where the key is."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from adapters.connect import executes_here, open_results
from adapters.settings import Settings
from adapters.stores.results import Results, Write
from adapters.venues.solana.rent_returns import EmptyAccount, RentReturns
from data_contracts import Order, Position, SwapReceipt, Venue
from data_contracts.errors import Refused, Unavailable
from data_contracts.frames import frame_of
from data_contracts.words import OPEN_ORDERS
from domain.solana.own_fills import closing_receipt
from tasks.copying.order_execution import has_open_orders
from tasks.copying.watermarks import move_watermark, read_watermark
from tasks.steps import step

EVERY, FIRST = timedelta(hours=1), timedelta(days=1)  # an hour is longer than a transaction of the last look may still come into a block
MOST = 5  # accounts closed in one look: orders wait meanwhile
LOOKED = "deposits looked for"
log = logging.getLogger("walletflow.solana")


def return_rents(settings: Settings, as_of: datetime) -> None:
    """Does nothing in simulation, which pays no deposits, nor while an order is under way, nor within an hour of the last look."""
    if not settings.is_live_on(Venue.SOLANA) or not executes_here(settings, Venue.SOLANA) or has_open_orders(settings):
        return
    last = read_watermark(open_results(settings), LOOKED)
    if last is None or as_of - last >= EVERY:
        bring_back_deposits(settings, (last or as_of - FIRST) - EVERY, as_of)


@step
def bring_back_deposits(settings: Settings, since: datetime, as_of: datetime) -> None:
    """First what came back is booked, then what is empty is closed: it is booked by the next look."""
    from adapters.live_account import open_live_swaps  # a simulation needs neither the chain's client nor its key

    results, returns = open_results(settings), open_live_swaps(settings).rent_returns()
    results.write([move_watermark(LOOKED, as_of)])
    try:
        book_closings(returns, settings.required("live_solana_wallet"), since, results)
        for account in list(_to_close(returns, results))[:MOST]:
            _close(returns, account)
    except (Unavailable, Refused) as error:
        log.warning("deposits are looked for again in an hour: %s", error)


def book_closings(returns: RentReturns, wallet: str, since: datetime, results: Results) -> None:
    """A receipt for each transaction that closed an account of a token that a strategy of ours held."""
    booked = {str(one) for one in results.read(SwapReceipt, only=["order_hash"])["order_hash"]}
    for transaction, mint in returns.closed(booked, since):
        if (strategy_id := _who_held(mint, results)) is not None:
            receipt = closing_receipt(transaction, wallet, mint, strategy_id)
            results.write([Write(SwapReceipt, frame_of([receipt], SwapReceipt), "put")])
            log.info("the deposit of %s came back: %s SOL", mint, receipt.sol_change)


def _to_close(returns: RentReturns, results: Results) -> Iterator[EmptyAccount]:
    """Of tokens that strategies of ours held, none of which is held or under way any more. What else is in the wallet is left alone."""
    for account in returns.empty_accounts():
        is_under_way = results.records(Order, token_id=account.mint, status=OPEN_ORDERS)
        is_held = results.records(Position, token_id=account.mint, closed_at=None)
        if not is_under_way and not is_held and _who_held(account.mint, results) is not None:
            yield account


def _close(returns: RentReturns, account: EmptyAccount) -> None:
    """One that cannot be closed holds up no other."""
    try:
        log.info("the empty account of %s is being closed by %s", account.mint, returns.close(account))
    except Refused as error:
        log.warning("%s", error)


def _who_held(mint: str, results: Results) -> str | None:
    """Whoever left it last."""
    held = results.read(Position, only=["strategy_id", "updated_at"], venue=Venue.SOLANA, token_id=mint) if mint else None
    return None if held is None or not held.height else str(held.sort("updated_at")["strategy_id"][-1])
