"""Polymarket's boards of traders: who realized the most in a period. Source: https://docs.polymarket.com/api-reference (/v2/leaderboard)"""

import polars as pl

from adapters.feeds.json_api import JsonApi
from adapters.feeds.reading import frame_from

PAGE = 1000
COLUMNS = pl.Schema({"rank": pl.Int64(), "wallet": pl.String(), "pnl": pl.Float64(), "volume": pl.Float64()})


class Leaderboard:
    """Reads; needs no key. `pnl` is in USD, `volume` in shares."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    def best(self, period: str, count: int, category: str = "overall") -> pl.DataFrame:
        """The first `count` by realized PnL over a day, week, month or all; COLUMNS. A row without a wallet is left out."""
        rows: list[dict[str, object]] = []
        query: dict[str, object] = {"category": category, "time_period": period, "sort_by": "PNL", "limit": min(count, PAGE)}
        while len(rows) < count:
            answer = self._api.get("/v2/leaderboard", query, parts=["data", "pagination"])
            data, pagination = answer["data"], answer["pagination"]
            told = [_row(record) for record in data if isinstance(record, dict)] if isinstance(data, list) else []
            rows += told
            following = pagination.get("next_cursor") if isinstance(pagination, dict) and pagination.get("has_more") else None
            if not told or not isinstance(following, str) or following == query.get("cursor"):
                break
            query["cursor"] = following
        frame = frame_from(rows, COLUMNS)
        return (
            frame.drop_nulls("wallet").unique("wallet", keep="first", maintain_order=True).head(count)
        )  # boards walk by place and may repeat


def _row(record: dict[str, object]) -> dict[str, object]:
    """The wire calls the wallet user_id; older answers proxyWallet."""
    wallet = record.get("user_id") or record.get("proxy_wallet") or record.get("proxyWallet")
    return {name: record.get(name) for name in ("rank", "pnl", "volume")} | {"wallet": wallet.lower() if isinstance(wallet, str) else None}
