"""Jupiter: what it says of a token, what began lately, and what a swap of so much would give now.

Source: github.com/jup-ag/docs, Tokens v2 and Swap v2 (`/order` without a taker is a quote). A key raises the rate limit, nothing else.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.batches import batches
from adapters.feeds.json_api import JsonApi
from adapters.feeds.reading import decimal, instant, number, text, whole_number
from adapters.feeds.solana.records import amount, count, part
from data_contracts import FoundToken, TokenFinding
from data_contracts.errors import Refused
from domain.solana.base58 import is_key

MOST_MINTS = 100  # of one call
MOST_PRICED = 50
NO_ROUTE = ("NO_ROUTES_FOUND", "COULD_NOT_FIND_ANY_ROUTE", "TOKEN_NOT_TRADABLE", "NOT_SELLABLE", "No routes found")


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """What Jupiter says of a mint; None is not stated. `top10_fraction` is Jupiter's share of the top holders, 0 to 1."""

    token_id: str
    name: str
    symbol: str
    decimals: int | None
    creator: str
    launchpad: str
    token_program: str
    pool: str
    launched_at: datetime | None
    graduated_at: datetime | None
    holders: int | None
    top10_fraction: float | None
    has_mint_authority: bool | None
    has_freeze_authority: bool | None
    price_usd: float | None
    liquidity_usd: float | None
    market_cap_usd: float | None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a swap would give: raw amounts. `price_impact` is a part, 0.01 = 1 % worse than the middle; None is not stated."""

    in_raw: int
    out_raw: int
    least_out_raw: int
    fee_bps: int
    price_impact: float | None


class Jupiter:
    """Reads; works without a key at half a call a second."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    def recent(self) -> list[TokenRecord]:
        """Tokens by their first pool, the newest first."""
        return list(_tokens(self._api.get("/tokens/v2/recent", or_list=True)))

    def tokens(self, token_ids: Collection[str]) -> dict[str, TokenRecord]:
        """What it says of each; whom it does not know is left out."""
        found: dict[str, TokenRecord] = {}
        for some in batches(sorted(set(token_ids)), MOST_MINTS):
            answer = self._api.get("/tokens/v2/search", {"query": ",".join(some)}, or_list=True)
            found |= {one.token_id: one for one in _tokens(answer) if one.token_id in some}
        return found

    def prices(self, token_ids: Collection[str]) -> dict[str, Decimal]:
        """USD for one of each; what has no price is left out. Source: https://dev.jup.ag/docs/price-api (v3)"""
        found: dict[str, Decimal] = {}
        for some in batches(sorted(set(token_ids)), MOST_PRICED):
            answer = self._api.get("/price/v3", {"ids": ",".join(some)}, parts=[])
            told = {name: decimal(part(answer, name).get("usdPrice")) for name in some} if isinstance(answer, dict) else {}
            found |= {name: usd for name, usd in told.items() if usd is not None and usd > 0}
        return found

    def quote(self, given: str, wanted: str, raw: int) -> Quote | None:
        """What `raw` units of `given` would buy of `wanted`; None where no route leads there. Raises Unavailable, Refused."""
        query = {"inputMint": given, "outputMint": wanted, "amount": str(raw), "swapMode": "ExactIn"}
        try:
            answer = self._api.get("/swap/v2/order", query, parts=["outAmount"])
        except Refused as error:
            if any(word in str(error) for word in NO_ROUTE):
                return None
            raise
        got = whole_number(answer.get("outAmount"))
        if not got:
            return None
        impact = number(answer.get("priceImpact"))
        return Quote(
            in_raw=whole_number(answer.get("inAmount")) or raw,
            out_raw=got,
            least_out_raw=whole_number(answer.get("otherAmountThreshold")) or got,
            fee_bps=whole_number(answer.get("feeBps")) or 0,
            price_impact=None if impact is None else impact / 100,
        )


def findings_of(records: Collection[TokenRecord], as_of: datetime) -> list[TokenFinding]:
    """Tokens of the list of new ones."""
    return [
        TokenFinding(token_id=one.token_id, found_in=FoundToken.RECENT, detail=one.launchpad or one.symbol, found_at=as_of)
        for one in records
    ]


def _tokens(answer: Any) -> Iterator[TokenRecord]:
    records = answer if isinstance(answer, list) else []
    return (one for one in (_token(record) for record in records if isinstance(record, dict)) if one is not None)


def _token(record: dict[str, Any]) -> TokenRecord | None:
    mint = text(record.get("id"))
    if not mint or not is_key(mint):
        return None
    audit, pool = part(record, "audit"), part(record, "firstPool")
    top = amount(audit.get("topHoldersPercentage"))
    return TokenRecord(
        token_id=mint,
        name=text(record.get("name")) or "",
        symbol=text(record.get("symbol")) or "",
        decimals=count(record.get("decimals")),
        creator=text(record.get("dev")) or "",
        launchpad=text(record.get("launchpad")) or "",
        token_program=text(record.get("tokenProgram")) or "",
        pool=text(record.get("graduatedPool")) or text(pool.get("id")) or "",
        launched_at=instant(pool.get("createdAt")),
        graduated_at=instant(record.get("graduatedAt")),
        holders=count(record.get("holderCount")),
        top10_fraction=None if top is None else min(top / 100, 1.0),
        has_mint_authority=_held(audit.get("mintAuthorityDisabled")),
        has_freeze_authority=_held(audit.get("freezeAuthorityDisabled")),
        price_usd=amount(record.get("usdPrice")),
        liquidity_usd=amount(record.get("liquidity")),
        market_cap_usd=amount(record.get("mcap")),
    )


def _held(disabled: Any) -> bool | None:
    """Whether somebody still has the authority: not stated is not known."""
    return not disabled if isinstance(disabled, bool) else None
