"""Polymarket's Gamma: what the markets are, what they cost, how they ended.

The category is the fee type without its ending (`crypto_fees` is crypto); without a fee type it is the first tag that names one of the fee
page's categories, else the first tag. Neither: no category. Gamma's own `category` is not asked: it is from before the tags.

What Gamma does not say stays null, for the checks to name: a market without a version is not traded, one that charges fees and has no
schedule costs nobody knows what. A market that is resolved and does not say when ended when the oracle's part did, when it should have, or
when we first saw it; that this is assumed stands beside it. Source: https://docs.polymarket.com/api-reference/markets/list-markets-keyset-pagination
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import polars as pl

from adapters.batches import batches
from adapters.feeds.json_api import JsonApi
from adapters.feeds.pace import Pace
from adapters.feeds.polymarket.data_records import condition_of
from adapters.feeds.reading import decimal, exact_number, frame_from, instant, records_in
from data_contracts.frames import has_repeats, with_notes
from domain.polymarket.exchanges import entry_denial
from domain.polymarket.markets import DERIVED, SCHEMA, with_terms
from domain.polymarket.payouts import payouts_of

PAGE = 100
CLOCKS_APART = timedelta(minutes=1)
FEE_TYPE = re.compile(r"_fees(_v\d+)?$")
CATEGORIES = {  # https://docs.polymarket.com/trading/fees
    "crypto", "sports", "finance", "politics", "tech", "mentions", "economics", "culture", "weather", "geopolitics", "other",
}  # fmt: skip
ROW = ["token_id", "market_id", "outcome_index"]
WIDEST_TICK = Decimal("0.5")  # a wider one has no price between 0 and 1
DERIVED_FROM = {  # of what Gamma writes: where it cannot be read, this is what it said
    "price_increment": "orderPriceMinTickSize",
    "min_shares": "orderMinSize",
    "fee_rate": "feeSchedule",
    "fee_exponent": "feeSchedule",
    "ends_at": "endDate",
    "version": "version",
}
TOLD = {name: dtype for name, dtype in SCHEMA.items() if name not in DERIVED}
Record = dict[str, Any]


class Gamma:
    """Reads; needs no key."""

    def __init__(self, url: str, pace: Pace | None = None) -> None:
        self._api = JsonApi(url, "gamma", pace)

    def markets(self, token_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """Every outcome token of the markets these tokens belong to, as `domain.polymarket.markets` describes them."""
        return self._markets("clob_token_ids", _token_ids, token_ids, as_of)

    def tokens_in(self, market_ids: Collection[str], as_of: datetime) -> pl.DataFrame:
        """`market_id`, `token_id` and `outcome` of every outcome token of these markets."""
        found = self._markets("condition_ids", lambda market: [condition_of(market.get("conditionId"))], market_ids, as_of)
        return found.select("market_id", "token_id", "outcome").drop_nulls().unique(maintain_order=True)

    def _markets(self, parameter: str, names: Callable[[Record], list[Any]], wanted: Collection[str], as_of: datetime) -> pl.DataFrame:
        asked = (market for batch in batches(sorted(set(wanted)), PAGE) for market in self._ask(parameter, names, batch, as_of))
        return market_frame([row for market in asked for row in _rows(market, as_of)])

    def _ask(self, parameter: str, names: Callable[[Record], list[Any]], wanted: Collection[str], as_of: datetime) -> Iterator[Record]:
        """A market that should be over by now is looked for among the closed ones as well, in case the list of the open ones is late."""
        missing = set(wanted)
        for closed in ("false", "true"):  # one question answers for one of them only
            if not missing:
                return
            parameters = {parameter: sorted(missing), "closed": closed, "include_tag": "true", "limit": PAGE}
            answer = self._api.get("/markets/keyset", parameters, parts=["markets"])["markets"]
            found = [market for market in records_in(answer) if market]
            missing -= {str(name) for market in found if _ends_after(market, as_of) for name in names(market)}
            yield from found


def market_frame(records: list[Record]) -> pl.DataFrame:
    """Each row once; what has another type than the contract's is null.

    Of a market that one list has as open and another as over, what is over stands. Two that are over and do not pay the same stay two: the
    checks set both aside, and it is asked again.
    """
    came = {name: [record.get("came", {}).get(name) for record in records] for name in DERIVED_FROM}
    frame = with_terms(with_notes(frame_from(records, TOLD), came))
    if not has_repeats(frame, ROW):
        return frame.sort(ROW)
    over = frame.filter(pl.col("payout").is_not_null()).unique([*ROW, "payout"], keep="first", maintain_order=True)
    still_open = frame.filter(pl.col("payout").is_null()).unique(ROW, keep="first", maintain_order=True)
    return pl.concat([over, still_open.join(over, on=ROW, how="anti", nulls_equal=True)]).sort(ROW)


def _rows(market: Record, as_of: datetime) -> list[Record]:
    outcomes, token_ids = _outcomes_and_tokens(market)
    payouts = _payouts(market, len(outcomes))
    ended_at, is_assumed = _ended_at(market, as_of)
    rate, exponent = _fees(market)
    version = _version(market)
    return [
        {
            "token_id": token_id,
            "market_id": condition_of(market.get("conditionId")),
            "outcome": outcome,
            "outcome_index": index,
            "question": market.get("question") or "",
            "category": category_of(market),
            "event": next(iter(_slugs(market.get("events"))), ""),
            "price_increment": _tick(market),
            "min_shares": decimal(market.get("orderMinSize")),
            "fee_rate": rate,
            "fee_exponent": exponent,
            "neg_risk": market.get("negRisk", False),
            "version": version,
            "entry_denial": entry_denial(str(token_id), version),
            "ends_at": instant(market.get("endDate")),
            "ended_at": ended_at if payout is not None else None,
            "payout": payout,
            "ended_at_is_assumed": is_assumed and payout is not None,
            "updated_at": as_of,
            "came": {name: market.get(theirs) for name, theirs in DERIVED_FROM.items()},
        }
        for index, (outcome, token_id, payout) in enumerate(zip_longest(outcomes or [None], token_ids, payouts))
    ]


def _outcomes_and_tokens(market: Record) -> tuple[list[Any], list[Any]]:
    """Side by side. Where one list is longer nobody knows whose token is whose: no outcome has a name, and the checks set them aside."""
    outcomes, token_ids = _as_list(market.get("outcomes")), _token_ids(market)
    is_told = len(outcomes) == len(token_ids) or not token_ids
    return (outcomes if is_told else [None], token_ids)


def category_of(market: Record) -> str:
    """Lower case; empty when Gamma gives neither a fee type nor a tag."""
    fee_type = market.get("feeType")
    if fee_type and isinstance(fee_type, str):
        return FEE_TYPE.sub("", fee_type).lower()
    slugs = _slugs(market.get("tags"))
    return next((slug for slug in slugs if slug in CATEGORIES), next(iter(slugs), ""))


def _slugs(entries: Any) -> list[str]:
    return [str(entry["slug"]) for entry in _as_list(entries) if isinstance(entry, dict) and entry.get("slug")]


def _version(market: Record) -> str | None:
    """v1 or v2, or whatever comes after them; None where Gamma does not say."""
    version = market.get("version")
    return version.lower() if isinstance(version, str) and version else None


def _token_ids(market: Record) -> list[Any]:
    """CTF ids, a list in a text, of version one; position ids, a real list, of version two."""
    return _as_list(market.get("positionIds" if _version(market) == "v2" else "clobTokenIds"))


def _payouts(market: Record, outcomes: int) -> list[Decimal]:
    """Prices of a closed and resolved market are its payouts once they are pinned; until then, and of any other, they are prices."""
    if market.get("closed") is not True or str(market.get("umaResolutionStatus")).lower() != "resolved":
        return []
    prices = [decimal(price) for price in _as_list(market.get("outcomePrices"))]
    return payouts_of(prices) if len(prices) == outcomes else []


def _ended_at(market: Record, as_of: datetime) -> tuple[datetime, bool]:
    """When a resolved market ended, and whether that is assumed: an end that cannot be read must not keep its money locked."""
    closed_at = instant(market.get("closedTime"))
    if closed_at is not None and closed_at <= as_of + CLOCKS_APART:  # what is over did not end in the year 2999
        return closed_at, False
    likely = [instant(market.get("umaEndDate")), instant(market.get("endDate"))]
    return next((end for end in likely if end is not None and end <= as_of), as_of), True


def _tick(market: Record) -> Decimal | None:
    """None for what is no step between two prices: a tick of 0 once divided a cycle by zero."""
    tick = exact_number(market.get("orderPriceMinTickSize"), precision=38, scale=18)
    return tick if tick is not None and 0 < tick <= WIDEST_TICK else None


def _fees(market: Record) -> tuple[Decimal | None, Decimal | None]:
    """Rate and exponent. `takerBaseFee` is 1000 wherever there are fees, and means nothing."""
    schedule = market.get("feeSchedule")
    if not isinstance(schedule, dict):
        return (None if market.get("feesEnabled") else Decimal(0)), Decimal(1)
    unsaid = None if market.get("feesEnabled") else 0
    return decimal(schedule.get("rate", unsaid)), decimal(schedule.get("exponent", 1))


def _as_list(value: Any) -> list[Any]:
    """A list, or a text that holds one; anything else is empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return value if isinstance(value, list) else []


def _ends_after(market: Record, as_of: datetime) -> bool:
    """False as well where it tells no end, or one without a time zone."""
    ends_at = instant(market.get("endDate"))
    return ends_at is not None and ends_at > as_of
