"""What our account traded, as the venue tells it: as the taker, or as the maker of what rested. By whose order is asked elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from adapters.venues.polymarket.settled_trades import instant_of, levels_of, usd_of
from data_contracts import HandTrade, Instrument, Side, Venue
from data_contracts.errors import Unsafe
from domain.copying.fees import taker_fee
from domain.ids import row_id

OTHER = {"BUY": "SELL", "SELL": "BUY"}


class Part(NamedTuple):
    """What one order of the account got in a trade: its levels, best first, are price, shares and USD. A maker pays no fee."""

    order_hash: str
    token_id: str
    outcome: str
    side: Side
    levels: list[tuple[Decimal, Decimal, Decimal]]
    pays_fee: bool


def hand_trades_of(trade: Mapping[str, Any], wallet: str, instruments: Mapping[str, Instrument], as_of: datetime) -> list[HandTrade]:
    """One row per order of the account and price. Raises Unsafe for a trade that cannot be read."""
    try:
        return [row for part in _parts(trade, wallet.lower()) for row in _rows(trade, part, instruments, as_of)]
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, OSError) as error:
        raise Unsafe(f"polymarket: trade {trade.get('id')} of the account cannot be read: {error!r}") from error


def _parts(trade: Mapping[str, Any], wallet: str) -> Iterator[Part]:
    makers = trade.get("maker_orders") or ()
    if str(trade.get("trader_side", "TAKER")).upper() == "TAKER":
        token_id, side = str(trade["asset_id"]), Side(str(trade["side"]).upper())
        shares, price = Decimal(trade["size"]), Decimal(trade["price"])
        met = levels_of(makers, token_id) or {price: (shares, usd_of(shares, price))}
        levels = [(one, *met[one]) for one in sorted(met, reverse=side is Side.SELL)]
        yield Part(str(trade["taker_order_id"]), token_id, str(trade.get("outcome", "")), side, levels, True)
        return
    for maker in makers:
        if str(maker["maker_address"]).lower() == wallet:
            shares, price = Decimal(maker["matched_amount"]), Decimal(maker["price"])
            side, levels = _side_of(maker, trade), [(price, shares, usd_of(shares, price))]
            yield Part(str(maker["order_id"]), str(maker["asset_id"]), str(maker.get("outcome", "")), side, levels, False)


def _side_of(maker: Mapping[str, Any], trade: Mapping[str, Any]) -> Side:
    """Its own word, or what follows: who meets a taker of the same token is on the other side, of the other outcome on the same."""
    side = str(trade["side"]).upper()
    said = maker.get("side") or (OTHER[side] if str(maker["asset_id"]) == str(trade["asset_id"]) else side)
    return Side(str(said).upper())


def _rows(trade: Mapping[str, Any], part: Part, instruments: Mapping[str, Instrument], as_of: datetime) -> Iterator[HandTrade]:
    trade_id, instrument = str(trade["id"]).encode().decode(), instruments.get(part.token_id)
    for level, (price, shares, usd) in enumerate(part.levels):
        charged = taker_fee(shares, price, instrument) if instrument and part.pays_fee else Decimal(0)
        yield HandTrade(
            venue=Venue.POLYMARKET,
            trade_id=trade_id,
            order_hash=part.order_hash,
            level=level,
            order_id=row_id("by hand", Venue.POLYMARKET, trade_id, part.order_hash, level),
            market_id=str(trade["market"]),
            token_id=part.token_id,
            outcome=part.outcome,
            side=part.side,
            price=price,
            shares=shares,
            notional=usd,
            fee=charged if instrument else None,
            tx_hash=str(trade.get("transaction_hash") or ""),
            traded_at=instant_of(str(trade["match_time"])),
            seen_at=as_of,
        )
