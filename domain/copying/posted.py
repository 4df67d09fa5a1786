"""What somebody posted that a leader did, as a trade like any other; and whether a trade that a feed shows is the same deed. Pure.

Such a trade is a claim. It is judged, and copied, but no statistic of its leader rests on it.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal, localcontext

from data_contracts import Reason, Side, TakenIntent, Trade, TradeIntent
from domain.copying.intentions import in_order
from domain.ids import row_id

SOURCE = "intents"
NOTHING, MOST, DIGITS = Decimal(0), Decimal(10) ** 20, 76
STAKE_UNIT, SHARE_UNIT = Decimal("1e-9"), Decimal("1e-6")
NEAR = timedelta(seconds=60)  # a sender tells when it saw the trade, a feed when it happened
SEEN_WITHIN = timedelta(minutes=10)  # a feed has shown, or will show, the trade of an intent
ALIKE = Decimal("0.01")  # of the size: fees are counted by one, and not by the other


def trade_id_of(intent: TradeIntent) -> str:
    """The id of the trade that an intent tells of, while no feed shows it."""
    return row_id(SOURCE, intent.intent_id)


def trade_of(taken: TakenIntent) -> Trade | None:
    """What an intent tells of; None where it tells of nothing that could be judged."""
    if taken.reason is not None or taken.price is None or taken.shares is None or taken.notional is None:
        return None
    return Trade(
        trade_id=taken.trade_id,
        source=SOURCE,
        venue=taken.venue,
        wallet=taken.leader,
        market_id=taken.market_id,
        token_id=taken.token_id,
        outcome=taken.outcome,
        side=taken.side,
        price=taken.price,
        shares=taken.shares,
        notional=taken.notional,
        traded_at=taken.traded_at,
        seen_at=taken.seen_at,
        tx_hash=taken.tx_hash,
        ordinal=0,
    )


def trades_of(taken: Iterable[TakenIntent]) -> list[Trade]:
    """Those that can be judged here: what a feed showed before is judged as what the feed showed."""
    return [trade for one in taken if is_own(one) and (trade := trade_of(one))]


def is_own(taken: TakenIntent) -> bool:
    """Whether no feed had shown its trade before."""
    return taken.trade_id == row_id(SOURCE, taken.intent_id)


def sizes(intent: TradeIntent, price: Decimal, usd_per_stake: Decimal) -> tuple[Decimal, Decimal] | Reason:
    """Shares and stake of what the leader did: one is said, the other follows from the price. What is beyond any table is an error."""
    with localcontext() as exact:
        exact.prec = DIGITS
        if intent.side is Side.BUY:
            notional = ((intent.usd or NOTHING) / usd_per_stake).quantize(STAKE_UNIT, ROUND_DOWN)
            shares = (notional / price).quantize(SHARE_UNIT, ROUND_DOWN)
        else:
            shares = intent.shares or NOTHING
            notional = (shares * price).quantize(STAKE_UNIT, ROUND_DOWN)
    if max(shares, notional) >= MOST:
        return Reason.NOTIONAL_EXCEEDS_MAXIMUM
    return (shares, notional) if shares > 0 and notional > 0 else Reason.SIZE_BELOW_MINIMUM


def seen_of(posted: Trade, seen: Iterable[Trade]) -> list[Trade]:
    """What a feed shows of what was posted, the first first: the same deed, or the fills of one order, which are it together."""
    fills = in_order(trade for trade in seen if _deed(trade) == _deed(posted))
    if alike := [trade for trade in fills if is_same_deed(posted, trade)]:
        return alike
    near = [trade for trade in fills if _is_near(posted, trade) and not (posted.tx_hash and trade.tx_hash)]
    return near if near and _is_alike(_size(posted), sum(map(_size, near), NOTHING)) else []


def is_same_deed(posted: Trade, seen: Trade) -> bool:
    """Whether a feed's trade is what was posted: the same wallet, token and side, in the same transaction.

    Where one of them names no transaction: near in time, and of the same size.
    """
    if _deed(posted) != _deed(seen):
        return False
    if posted.tx_hash and seen.tx_hash:
        return posted.tx_hash == seen.tx_hash
    return _is_near(posted, seen) and _is_alike(_size(posted), _size(seen))


def _deed(trade: Trade) -> tuple[str, str, Side]:
    return trade.wallet, trade.token_id, trade.side


def _is_near(posted: Trade, seen: Trade) -> bool:
    return abs(posted.traded_at - seen.traded_at) <= NEAR


def _size(trade: Trade) -> Decimal:
    return trade.notional if trade.side is Side.BUY else trade.shares


def _is_alike(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= ALIKE * max(one, other)
