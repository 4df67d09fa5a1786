"""What a leader held just before a sale: one answer of its venue, and what it did between that answer and the sale. Pure.

A CONVERSION turns NO shares of some markets of an event into money and YES shares of the others, and does not say which. Nobody can
count on across one: the sale waits for an answer that knows of it. Back across one the least is taken that can have been held: an exit
sells too much rather than too little. Shares sent to or from another wallet count where its account tells of them (TRANSFER_OUT,
TRANSFER_IN); Polymarket's does not: there the answer alone knows of them, and one from before does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from data_contracts import Activity, LeaderHolding, Side, Trade
from domain.copying.intentions import place_of

NOTHING = Decimal(0)
SIDES = [side.value for side in Side]
SENT = {"TRANSFER_OUT": -1, "TRANSFER_IN": 1}
AFTER_ALL = 10**18  # the place of what came in, among the trades of its second: Solana's are numbered by slot, some 10^14
Place = tuple[datetime, int, str]


@dataclass(frozen=True, slots=True)
class Move:
    """What a wallet's holding of a token grew by, or fell below zero, and where it stands among the others.

    `perhaps`: so many may have come besides, or gone below zero; nobody says.
    """

    place: Place
    shares: Decimal
    perhaps: Decimal = NOTHING


def moves_of(trades: Iterable[Trade], activities: Iterable[Activity], holding: LeaderHolding) -> list[Move]:
    """Every move of this holding that is known, once: a trade may be told by both. Sets come before the trades of their second.

    SPLIT gives so many of every outcome of a market, MERGE and REDEEM take them. What was sent away counts before the trades of its second,
    what was received after them: where nobody says which was first, the least is taken that was held.
    """
    own = [trade for trade in trades if _is_about(trade, holding)]
    found = {trade.trade_id: Move(place_of(trade), _signed(trade.side, trade.shares)) for trade in own}
    outcome = own[0].outcome.casefold() if own else ""
    for one in activities:
        if one.wallet == holding.wallet and one.type == "CONVERSION":
            found |= {f"{one.activity_id} {gives}": move for gives in _TURNS if (move := _turned(one, outcome, gives))}
        if one.wallet == holding.wallet and one.activity_id not in found and (shares := _shares_moved(one, holding)):
            found[one.activity_id] = Move((one.happened_at, _place_in_second(one), one.activity_id), shares)
    return sorted(found.values(), key=lambda move: move.place)


def held_before(sale: Trade, holding: LeaderHolding, moves: Sequence[Move]) -> Decimal | None:
    """Back from an answer that knows of the sale already, or on from one that does not know of it yet.

    None where something lies between that nobody can count: the next answer will know of both.
    """
    place = place_of(sale)
    if sale.traded_at <= holding.known_at:
        since = sum((move.shares for move in moves if move.place >= place and move.place[0] <= holding.known_at), NOTHING)
        doubts = [move.perhaps for move in moves if sale.traded_at <= move.place[0] <= holding.known_at and move.perhaps]
        least = holding.shares - since - sum((more for more in doubts if more > 0), NOTHING)
        return max(sale.shares if doubts else NOTHING, least)
    between = [move for move in moves if holding.known_at < move.place[0] and (move.place < place or move.place[0] == sale.traded_at)]
    if any(move.perhaps for move in between):
        return None
    return max(NOTHING, holding.shares + sum((move.shares for move in between if move.place < place), NOTHING))


_TURNS = ("no", "yes")  # what a conversion takes, and what it gives


def _turned(one: Activity, outcome: str, turns: str) -> Move | None:
    """What a conversion may have done to an outcome; to one that is neither YES nor NO, either."""
    if outcome in _TURNS and outcome != turns:
        return None
    amount = max(one.shares, one.usd)
    return Move((one.happened_at, -1, one.activity_id), NOTHING, amount if turns == "yes" else -amount) if amount else None


def _place_in_second(one: Activity) -> int:
    return {"TRADE": one.ordinal, "TRANSFER_IN": AFTER_ALL}.get(one.type, -1)


def _shares_moved(one: Activity, holding: LeaderHolding) -> Decimal:
    if one.type == "TRADE":
        return _signed(Side(one.side), one.shares) if one.token_id == holding.token_id and one.side in SIDES else NOTHING
    if one.market_id != holding.market_id or (one.token_id and one.token_id != holding.token_id):
        return NOTHING
    if one.type in SENT:
        return SENT[one.type] * one.shares if one.token_id else NOTHING
    return {"SPLIT": one.usd, "MERGE": -one.usd, "REDEEM": -one.shares}.get(one.type, NOTHING)


def _is_about(trade: Trade, holding: LeaderHolding) -> bool:
    return (trade.wallet, trade.token_id) == (holding.wallet, holding.token_id)


def _signed(side: Side, shares: Decimal) -> Decimal:
    return shares if side is Side.BUY else -shares
