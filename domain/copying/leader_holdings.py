"""What a leader held just before a sale: one answer of its venue, and what it did between that answer and the sale. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from data_contracts import Activity, LeaderHolding, Side, Trade
from domain.copying.intentions import place_of

NOTHING = Decimal(0)
SIDES = [side.value for side in Side]
Place = tuple[datetime, int, str]


@dataclass(frozen=True, slots=True)
class Move:
    """What a wallet's holding of a token grew by, or fell below zero, and where it stands among the others."""

    place: Place
    shares: Decimal


def moves_of(trades: Iterable[Trade], activities: Iterable[Activity], holding: LeaderHolding) -> list[Move]:
    """Every move of this holding that is known, once: a trade may be told by both. Sets come before the trades of their second.

    SPLIT gives so many of every outcome of a market, MERGE and REDEEM take them; a CONVERSION does not say into what.
    """
    found = {trade.trade_id: Move(place_of(trade), _signed(trade.side, trade.shares)) for trade in trades if _is_about(trade, holding)}
    for one in activities:
        if one.wallet == holding.wallet and one.activity_id not in found and (shares := _shares_moved(one, holding)):
            found[one.activity_id] = Move((one.happened_at, one.ordinal if one.type == "TRADE" else -1, one.activity_id), shares)
    return sorted(found.values(), key=lambda move: move.place)


def held_before(sale: Trade, holding: LeaderHolding, moves: Sequence[Move]) -> Decimal:
    """Back from an answer that knows of the sale already, or on from one that does not know of it yet."""
    place = place_of(sale)
    if sale.traded_at <= holding.known_at:
        since = sum((move.shares for move in moves if move.place >= place and move.place[0] <= holding.known_at), NOTHING)
        return max(NOTHING, holding.shares - since)
    until = sum((move.shares for move in moves if holding.known_at < move.place[0] and move.place < place), NOTHING)
    return max(NOTHING, holding.shares + until)


def _shares_moved(one: Activity, holding: LeaderHolding) -> Decimal:
    if one.type == "TRADE":
        return _signed(Side(one.side), one.shares) if one.token_id == holding.token_id and one.side in SIDES else NOTHING
    if one.market_id != holding.market_id or (one.token_id and one.token_id != holding.token_id):
        return NOTHING
    return {"SPLIT": one.usd, "MERGE": -one.usd, "REDEEM": -one.shares}.get(one.type, NOTHING)


def _is_about(trade: Trade, holding: LeaderHolding) -> bool:
    return (trade.wallet, trade.token_id) == (holding.wallet, holding.token_id)


def _signed(side: Side, shares: Decimal) -> Decimal:
    return shares if side is Side.BUY else -shares
