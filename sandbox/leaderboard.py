"""The Data API's boards of traders. Each row is written as the official client's models read it: `user_id` is the wallet.

Source: polymarket-client 0.14.0, models/data/leaderboard.py."""

from typing import NamedTuple

from sandbox.positions import wallet_positions
from sandbox.wallets import Wallet
from sandbox.wire import Json, Query, seal, unseal
from sandbox.world import Snapshot

DAY_S = 86_400
PERIODS_S = {"day": DAY_S, "week": 7 * DAY_S, "month": 30 * DAY_S, "all": float("inf")}
KEPT_S = 600  # a board is drawn anew every ten minutes


class Standing(NamedTuple):
    """Realized PnL in USD, volume in shares."""

    pnl: float
    volume: float
    wallet: Wallet


_drawn: dict[tuple[int, int, str, str], list[Standing]] = {}


def leaderboard(snapshot: Snapshot, query: Query) -> Json:
    """The board of a period by realized PnL or by volume, a page of it; or one wallet's standing on both."""
    period, category = query.choice("time_period", *PERIODS_S) or "day", (query.text("category") or "overall").lower()
    by_pnl = query.choice("sort_by", "PNL", "VOLUME") != "VOLUME"
    limit = query.limit(100, 1000)
    drawn = _standings(snapshot, period, category)
    if "user" in query:
        return {"data": _standing(drawn, (query.text("user") or "").lower())}
    board = _board(drawn, by_pnl)
    start = int(unseal(query.text("cursor") or "", "leaderboard")[0]) if "cursor" in query else 0
    rows = [_row(rank, one) for rank, one in enumerate(board[start : start + limit], start + 1)]
    cursor = seal("leaderboard", start + limit) if len(board) > start + limit else None
    return {"data": rows, "pagination": {"limit": limit, "offset": 0, "has_more": cursor is not None, "next_cursor": cursor}}


def _standings(snapshot: Snapshot, period: str, category: str) -> list[Standing]:
    key = (id(snapshot.world), int(snapshot.now_s // KEPT_S), period, category)
    if key not in _drawn:
        _drawn.clear()
        _drawn[key] = [one for wallet in snapshot.world.wallets.values() if (one := _of_wallet(snapshot, wallet, period, category))]
    return _drawn[key]


def _of_wallet(snapshot: Snapshot, wallet: Wallet, period: str, category: str) -> Standing | None:
    """What it realized in positions that moved within the period, and the shares it traded in it."""
    since = snapshot.now_s - PERIODS_S[period]
    trades = [trade for trade in snapshot.wallet_trades(wallet) if category in ("overall", trade.market.category.slug)]
    volume = sum(trade.hundredths for trade in trades if trade.at_s > since) / 100
    pnl = sum(position.realized_pnl for position in wallet_positions(trades, snapshot.now_s) if position.last_event_s > since)
    return Standing(round(pnl, 6), volume, wallet) if volume else None


def _row(rank: int, standing: Standing) -> Json:
    return {"rank": rank} | _figures_of(standing)


def _figures_of(standing: Standing) -> Json:
    names = {"user_name": standing.wallet.pseudonym, "profile_image": "", "x_username": "", "verified": False}
    return {"user_id": standing.wallet.address, "pnl": standing.pnl, "volume": standing.volume} | names


def _board(drawn: list[Standing], by_pnl: bool) -> list[Standing]:
    return sorted(drawn, key=lambda one: (-one.pnl if by_pnl else -one.volume, one.wallet.index))


def _standing(drawn: list[Standing], user: str) -> Json | None:
    """Of a wallet that is on no board: nothing."""
    found = next((one for one in drawn if one.wallet.address == user), None)
    if found is None:
        return None
    ranks = {name: _board(drawn, by_pnl).index(found) + 1 for name, by_pnl in (("rank_pnl", True), ("rank_volume", False))}
    return _figures_of(found) | ranks
