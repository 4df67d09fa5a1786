"""What became of a swap of ours, read from what balances did: never from what a router says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from data_contracts import Fill, Instrument, LineKind, Order, Side, SwapReceipt
from domain.copying.amounts import PRICE_UNIT, rounded
from domain.copying.fills import fill_from
from domain.ids import row_id
from domain.solana.deeds import COSTS
from domain.solana.programs import SOL_DECIMALS, WSOL
from domain.solana.swaps import read_swaps
from domain.solana.trades import EXACT, exact
from domain.solana.transactions import ChainTransaction


@dataclass(frozen=True, slots=True)
class OwnSwap:
    """Raw and in lamports, signed as we see them. `sol_change` is all that our SOL did, wrapped or not; costs and rent are parts of it."""

    token_change: int
    sol_change: int
    costs: Mapping[LineKind, int]
    rent: int

    @property
    def traded(self) -> int:
        """What the other side got or gave."""
        return self.sol_change - sum(self.costs.values()) - self.rent

    @property
    def fee(self) -> int:
        """What it cost to get it done. A deposit is no cost: it comes back."""
        return -sum(self.costs.values())


def own_swap(transaction: ChainTransaction, wallet: str, mint: str) -> OwnSwap:
    """Of a transaction of ours, landed or failed: a failed one costs its fees and moves nothing."""
    reading = read_swaps(transaction, wallet)
    costs = {kind: min(reading.raw(WSOL, kind), 0) for kind in COSTS}
    return OwnSwap(transaction.token_change(wallet, mint), transaction.sol_change(wallet), costs, reading.raw(WSOL, LineKind.RENT))


def fill_of(swap: OwnSwap, transaction: ChainTransaction, order: Order, instrument: Instrument) -> Fill | str:
    """The order's only fill: a swap gives all it was to give; or what is wrong with it."""
    side = 1 if order.side is Side.BUY else -1
    if swap.token_change * side <= 0 or swap.traded * side >= 0:
        return f"order {order.order_hash} is a {order.side}, and moved {swap.token_change} of its coin for {swap.traded} lamports"
    shares, notional = exact(abs(swap.token_change), instrument.share_decimals), in_sol(abs(swap.traded))
    return fill_from(
        order,
        transaction.signature,
        price=price_of(notional, shares, order.side),
        shares=shares,
        notional=notional,
        fee=in_sol(swap.fee),
        filled_at=_landed_at(transaction),
    )


def receipt_of(swap: OwnSwap, transaction: ChainTransaction, order: Order, instrument: Instrument, wallet: str) -> SwapReceipt:
    """What each lamport of it was for."""
    return SwapReceipt(
        order_hash=order.order_hash,
        order_id=order.order_id,
        strategy_id=order.strategy_id,
        token_id=order.token_id,
        wallet=wallet,
        slot=transaction.slot or 0,
        landed_at=_landed_at(transaction),
        succeeded=transaction.error is None,
        token_change=exact(swap.token_change, instrument.share_decimals),
        sol_change=in_sol(swap.sol_change),
        traded=in_sol(swap.traded),
        venue_fee=in_sol(-swap.costs[LineKind.VENUE_FEE]),
        network_fee=in_sol(-swap.costs[LineKind.NETWORK_FEE]),
        priority_fee=in_sol(-swap.costs[LineKind.PRIORITY_FEE]),
        tip=in_sol(-swap.costs[LineKind.TIP]),
        rent=in_sol(swap.rent),
    )


def closing_receipt(transaction: ChainTransaction, wallet: str, mint: str, strategy_id: str) -> SwapReceipt:
    """Of a transaction that closed the empty account a token was held in: its deposit came back, and the network took its fee."""
    swap = own_swap(transaction, wallet, mint)
    return SwapReceipt(
        order_hash=transaction.signature,
        order_id=row_id("closing", transaction.signature),
        strategy_id=strategy_id,
        token_id=mint,
        wallet=wallet,
        slot=transaction.slot or 0,
        landed_at=_landed_at(transaction),
        succeeded=transaction.error is None,
        token_change=Decimal(0),
        sol_change=in_sol(swap.sol_change),
        traded=in_sol(0),
        venue_fee=in_sol(0),
        network_fee=in_sol(-swap.costs[LineKind.NETWORK_FEE]),
        priority_fee=in_sol(-swap.costs[LineKind.PRIORITY_FEE]),
        tip=in_sol(0),
        rent=in_sol(swap.sol_change - swap.costs[LineKind.NETWORK_FEE] - swap.costs[LineKind.PRIORITY_FEE]),
    )


def price_of(notional: Decimal, shares: Decimal, side: Side) -> Decimal:
    """Rounded in favour of who asks whether the limit was kept."""
    return rounded(EXACT.divide(notional, shares), PRICE_UNIT, ROUND_FLOOR if side is Side.BUY else ROUND_CEILING)


def in_sol(lamports: int) -> Decimal:
    return exact(lamports, SOL_DECIMALS)


def _landed_at(transaction: ChainTransaction) -> datetime:
    if transaction.block_time is None:
        raise ValueError(f"{transaction.signature}: the time of its block is not known")
    return transaction.block_time
