"""How the Data API v2 writes a trade, a position, a holder, a split, merge or redemption, and a resolution."""

from sandbox.markets import Market
from sandbox.noise import hex_id
from sandbox.positions import Position, price_at
from sandbox.trading import Trade, transaction_hash
from sandbox.wire import Json, utc

_ICON = "https://sandbox.invalid/icon.png"
_PROFILE = {"name": "", "bio": "", "profile_image": "", "profile_image_optimized": ""}
_UNSET = "69"  # what the venue writes for a price nobody has proposed


def trade_row(trade: Trade) -> Json:
    return {
        "proxy_wallet": trade.wallet.address,
        "side": "BUY" if trade.is_buy else "SELL",
        "token_id": trade.market.token_ids[trade.outcome],
        "condition_id": trade.market.condition_id,
        "size": trade.hundredths / 100,
        "price": trade.price_millis / 1000,
        "timestamp": int(trade.at_s),
        **_market_texts(trade.market),
        "outcome": trade.market.outcomes[trade.outcome],
        "outcome_index": trade.outcome,
        **_PROFILE,
        "pseudonym": trade.wallet.pseudonym,
        "transaction_hash": transaction_hash(trade),
    }


def position_row(position: Position, mergeable: bool, now_s: float) -> Json:
    market, outcome, resolved = position.market, position.outcome, position.market.resolved_at(now_s)
    held, worth = position.hundredths > 0, _worth(position, now_s)
    return {
        "proxy_wallet": position.wallet.address,
        "token_id": market.token_ids[outcome],
        "condition_id": market.condition_id,
        "current_size": position.shares,
        "entry_fees_usdc": round(position.entry_fees, 6),
        "total_cost_usdc": round(round(position.entry_cost, 6) + round(position.entry_fees, 6), 6),
        "total_size": position.bought_hundredths / 100,
        **worth,
        **_percentages(position, worth),
        "status": ("REDEEMABLE" if resolved else "OPEN") if held else "CLOSED",
        "redeemable": held and resolved,  # also of losing tokens: it does not mean won
        "mergeable": mergeable,
        "negative_risk": market.neg_risk,
        "archived": False,
        **_market_texts(market),
        "event_id": str(market.event.number),
        "outcome": market.outcomes[outcome],
        "outcome_index": outcome,
        "opposite_outcome": market.outcomes[1 - outcome],
        "opposite_token_id": market.token_ids[1 - outcome],
        "end_date": utc(market.closes_s)[:10],
        "last_event_at": int(position.last_event_s),
        "first_entry_at": int(position.first_entry_s),
        "name": "",
        "profile_image": "",
        "verified": False,
    }


def resolution_row(market: Market, now_s: float) -> Json:
    resolved, closed = market.resolved_at(now_s), now_s >= market.closes_s
    return {
        "question_id": market.question_id,
        "condition_id": market.condition_id,
        "status": "resolved" if resolved else "proposed" if closed else "initialized",
        "extended_review": False,
        "was_disputed": False,
        "new_version_q": False,
        "proposed_price": str(1 - market.winner) if closed else _UNSET,
        "reproposed_price": _UNSET,
        "price": str(1 - market.winner) if resolved else _UNSET,  # of the first outcome; 69 says unset
        "transaction_hash": None,
        "log_index": None,
        "last_update_timestamp": int(market.resolves_s if resolved else market.closes_s if closed else market.opens_s),
        "payouts": _payouts(market) if resolved else None,
        "resolved_at": utc(market.resolves_s) if resolved else None,
    }


def holder_row(position: Position, include_pnl: bool, now_s: float) -> Json:
    row = {
        "proxy_wallet": position.wallet.address,
        "token_id": position.market.token_ids[position.outcome],
        "pseudonym": position.wallet.pseudonym,
        "amount": position.shares,
        "display_username_public": True,
        "outcome_index": position.outcome,
        **_PROFILE,
        "verified": False,
    }
    return row | _worth(position, now_s) if include_pnl else row


def event_row(position: Position, kind: str, hundredths: int, at_s: float) -> Json:
    """What concerns a whole market names no token: SPLIT, MERGE, REDEEM."""
    shares = hundredths / 100
    return {
        "proxy_wallet": position.wallet.address,
        "timestamp": int(at_s),
        "condition_id": position.market.condition_id,
        "type": kind,
        "size": shares,
        "usdc_size": shares,
        "transaction_hash": hex_id(64, position.market.condition_id, kind.lower(), position.wallet.address),
        "price": 0,
        "token_id": "",
        "side": "",
        "outcome_index": 999,
        **_market_texts(position.market),
        "outcome": "",
        **_PROFILE,
        "pseudonym": position.wallet.pseudonym,
    }


def _payouts(market: Market) -> list[int]:
    """Millionths of a dollar per share."""
    return [1_000_000 * (outcome == market.winner) for outcome in (0, 1)]


def _market_texts(market: Market) -> Json:
    return {"title": market.question, "slug": market.slug, "icon": _ICON, "event_slug": market.event.slug}


def _worth(position: Position, now_s: float) -> Json:
    price, cost = price_at(position.market, position.outcome, now_s), round(position.entry_cost, 6)
    value, realized = round(position.shares * price, 6), round(position.realized_pnl, 6)
    return {
        "avg_price": round(position.avg_price, 6),
        "entry_cost_usdc": cost,
        "current_price": price,
        "current_value": value,
        "realized_pnl": realized,
        "unrealized_pnl": round(value - cost, 6),
        "total_pnl": round(realized + value - cost, 6),
    }


def _percentages(position: Position, worth: Json) -> Json:
    """Unrealized of what is held, realized of all that was ever bought."""
    cost, bought = worth["entry_cost_usdc"], position.bought_cost
    return {
        "percent_pnl": round(100 * worth["unrealized_pnl"] / cost, 4) if cost else 0,
        "percent_realized_pnl": round(100 * worth["realized_pnl"] / bought, 4),
    }
