"""DexScreener: which tokens were boosted or filled in a profile, and how their pools trade. Source: docs.dexscreener.com/api/reference

Boosts are paid and profiles are filled in for what rose already: enrichment, not the universe. Real answers lack fields: a curve has no
`liquidity`, a quiet pool no `priceChange`, numbers come as text, `pairs` may be null.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from adapters.batches import batches
from adapters.feeds.json_api import JsonApi
from adapters.feeds.reading import decimal, number, text
from adapters.feeds.solana.records import amount, count, part
from data_contracts import FoundToken, TokenFinding
from domain.solana.base58 import is_key
from domain.solana.programs import WSOL

CHAIN = "solana"
MOST_MINTS = 30  # of one call
LISTS = {
    "/token-profiles/latest/v1": FoundToken.PROFILE,
    "/token-boosts/latest/v1": FoundToken.BOOST,
    "/token-boosts/top/v1": FoundToken.BOOST,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """How one pool trades a token now. `price` is SOL per token, None where it is traded against something else; None is not stated."""

    token_id: str
    pool: str
    exchange: str
    quote_token_id: str
    name: str
    symbol: str
    price: Decimal | None
    price_usd: float | None
    liquidity_usd: float | None
    market_cap_usd: float | None
    volume_24h_usd: float | None
    buys_24h: int | None
    sells_24h: int | None
    created_at: datetime | None


class DexScreener:
    """Reads; needs no key."""

    def __init__(self, api: JsonApi) -> None:
        self._api = api

    def findings(self, as_of: datetime) -> list[TokenFinding]:
        """One for each token of Solana and kind of list it stands in. What is no mint is left out: the lists are of all chains."""
        found = {
            (mint, place): TokenFinding(token_id=mint, found_in=place, detail=detail, found_at=as_of)
            for path, place in LISTS.items()
            for mint, detail in _listed(self._api.get(path, or_list=True))
        }
        return list(found.values())

    def pairs(self, token_ids: Collection[str]) -> dict[str, Pair]:
        """The pool of each token that says most: the one with the most liquidity, then the most volume. Who has none is left out."""
        pairs: dict[str, list[Pair]] = {}
        for some in batches(sorted(set(token_ids)), MOST_MINTS):
            for pair in _pairs(self._api.get(f"/tokens/v1/{CHAIN}/{','.join(some)}", or_list=True)):
                if pair.token_id in some:
                    pairs.setdefault(pair.token_id, []).append(pair)
        return {token_id: max(found, key=_weight) for token_id, found in pairs.items()}


def _weight(pair: Pair) -> tuple[float, float, str]:
    return pair.liquidity_usd or 0.0, pair.volume_24h_usd or 0.0, pair.pool


def _records(answer: Any) -> Iterator[dict[str, Any]]:
    """Of a bare list, of `pairs`, or of one `pair`; what is none of them holds nothing."""
    listed = answer if isinstance(answer, list) else (answer.get("pairs") or [answer.get("pair")]) if isinstance(answer, dict) else []
    return (record for record in listed if isinstance(record, dict)) if isinstance(listed, list) else iter(())


def _listed(answer: Any) -> Iterator[tuple[str, str]]:
    for record in _records(answer):
        mint = text(record.get("tokenAddress"))
        if record.get("chainId") == CHAIN and mint and is_key(mint):
            paid = number(record.get("totalAmount", record.get("amount")))
            yield mint, f"{paid:g} boosts" if paid is not None else text(record.get("description")) or ""


def _pairs(answer: Any) -> Iterable[Pair]:
    return (pair for pair in map(_pair, _records(answer)) if pair is not None)


def _pair(record: dict[str, Any]) -> Pair | None:
    """None where it is not said which pool of which token it is."""
    base, quote = part(record, "baseToken"), part(record, "quoteToken")
    mint, pool, against = text(base.get("address")), text(record.get("pairAddress")), text(quote.get("address"))
    if record.get("chainId") != CHAIN or not (mint and pool and against) or not is_key(mint):
        return None
    trades, price = part(part(record, "txns"), "h24"), decimal(record.get("priceNative"))
    return Pair(
        token_id=mint,
        pool=pool,
        exchange=text(record.get("dexId")) or "",
        quote_token_id=against,
        name=text(base.get("name")) or "",
        symbol=text(base.get("symbol")) or "",
        price=price if against == WSOL and price is not None and price > 0 else None,
        price_usd=amount(record.get("priceUsd")),
        liquidity_usd=amount(part(record, "liquidity").get("usd")),
        market_cap_usd=amount(record.get("marketCap", record.get("fdv"))),
        volume_24h_usd=amount(part(record, "volume").get("h24")),
        buys_24h=count(trades.get("buys")),
        sells_24h=count(trades.get("sells")),
        created_at=_instant(record.get("pairCreatedAt")),
    )


def _instant(value: Any) -> datetime | None:
    milliseconds = count(value)
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds and milliseconds < 1 << 43 else None
