"""Polymarket's Gamma: what the markets are, what they cost, how they ended.

The category is the fee type without its ending (`crypto_fees` is crypto); without a fee type it is the first tag. Neither: no category.
Source: https://docs.polymarket.com/api-reference/markets/list-markets-keyset-pagination
"""

import json
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from adapters.batches import batches
from adapters.feeds.json_api import JsonApi
from data_contracts import Market
from data_contracts.frames import empty, schema_of

PAGE = 100
FEE_TYPE = re.compile(r"_fees(_v\d+)?$")
Record = dict[str, Any]


class Gamma:
    """Reads; needs no key."""

    def __init__(self, url: str) -> None:
        self._api = JsonApi(url)

    def markets(self, token_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """Every outcome token of the markets these tokens belong to."""
        records = [row for batch in batches(sorted(set(token_ids)), PAGE) for market in self._asked(batch) for row in _rows(market, as_of)]
        schema = schema_of(Market)
        if not records:
            return empty(Market)
        return (
            pl.DataFrame(records, schema_overrides=schema, infer_schema_length=None)
            .select(list(schema))
            .unique("token_id")
            .sort("token_id")
        )

    def _asked(self, token_ids: Collection[str]) -> Iterator[Record]:
        for closed in ("false", "true"):  # one question answers for one of them only
            parameters = {"clob_token_ids": list(token_ids), "closed": closed, "include_tag": "true", "limit": PAGE}
            yield from self._api.get("/markets/keyset", parameters, parts=["markets"])["markets"]


def _rows(market: Record, as_of: datetime) -> list[Record]:
    outcomes, token_ids = json.loads(market["outcomes"]), _token_ids(market)
    payouts = _payouts(market, len(outcomes))
    schedule = market.get("feeSchedule") or {}
    return [
        {
            "token_id": token_id,
            "condition_id": market["conditionId"],
            "outcome": outcome,
            "outcome_index": index,
            "question": market.get("question") or "",
            "category": category_of(market),
            "event": next((event["slug"] for event in market.get("events") or []), ""),
            "tick_size": _number(market.get("orderPriceMinTickSize")),
            "min_shares": _number(market.get("orderMinSize")),
            "fee_rate": Decimal(str(schedule.get("rate", 0))),
            "fee_exponent": int(schedule.get("exponent", 1)),
            "neg_risk": bool(market.get("negRisk")),
            "version": market.get("version") or "v1",  # answers from before the second version do not say
            "ends_at": _instant(market.get("endDate")),
            "resolved_at": _instant(market.get("closedTime")) if payouts[index] is not None else None,
            "payout": payouts[index],
            "updated_at": as_of,
        }
        for index, (outcome, token_id) in enumerate(zip(outcomes, token_ids, strict=True))
    ]


def category_of(market: Record) -> str:
    """Lower case; empty when Gamma gives neither a fee type nor a tag."""
    fee_type = market.get("feeType")
    if fee_type:
        return FEE_TYPE.sub("", fee_type).lower()
    return next((tag["slug"] for tag in market.get("tags") or []), "")


def _token_ids(market: Record) -> list[str]:
    if market.get("version") == "v2":
        return list(market["positionIds"])
    return list(json.loads(market["clobTokenIds"]))


def _payouts(market: Record, count: int) -> list[Decimal | None]:
    """Prices of a closed and resolved market are its payouts; of any other they are prices."""
    if not market.get("closed") or market.get("umaResolutionStatus") != "resolved":
        return [None] * count
    return [Decimal(price) for price in json.loads(market["outcomePrices"])]


def _number(value: float | str | None) -> Decimal | None:
    """Null for a market from before the order book: one of them must not lose the others of its answer."""
    return None if value is None else Decimal(str(value))


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    return datetime.fromisoformat(re.sub(r"\+00$", "+00:00", text.replace("Z", "+00:00")))
