"""Who won a recorded market, whatever way its writer says it: an outcome, a token, a void, or nothing yet. Else its market is left out.

A winner that was no outcome of its market once paid every outcome 0, and nobody was told: a copy realized -38.09 USD where the right winner
gives +57.14.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts.errors import Refused
from domain.wallet_addresses import BLANKS

UNRESOLVED = {"", "none", "null", "nan", "nat", "n/a", "unresolved", "open", "pending"}
VOID = {"50-50", "50/50", "0.5", "0.5-0.5", "invalid", "void", "voided", "cancelled", "canceled", "annulled", "refunded"}
PAIR = {"yes": "Yes", "no": "No"}
CENT_OF_A_CENT = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Market:
    """Its traded tokens with their outcomes, and all its outcomes where the recording lists them."""

    tokens: Mapping[str, str]
    outcomes: Sequence[str]

    @property
    def known(self) -> list[str]:
        """Traded or listed; of Yes and No the other one belongs to it as well."""
        named = dict.fromkeys([*self.outcomes, *self.tokens.values()])
        if not self.outcomes and {name.strip().casefold() for name in named} <= PAIR.keys():
            named |= {other: None for word, other in PAIR.items() if word not in {name.strip().casefold() for name in named}}
        return list(named)


@dataclass(frozen=True, slots=True)
class RefusedMarket:
    """A market whose winner cannot be what is written: its row, as it is, and why. It is left out whole; the others stand."""

    market_id: str
    record: Mapping[str, Any]
    why: str


def payouts(markets: pl.DataFrame, tokens: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[RefusedMarket]]:
    """`token_id`, `payout` of each traded token of a resolved market; and the markets that are refused.

    Raises Refused where that is every market: then it is the column that nobody can read.
    """
    by_market: dict[str, dict[str, str]] = {}
    for market_id, token_id, outcome in tokens.select("market_id", "token_id", "outcome").iter_rows():
        by_market.setdefault(market_id, {})[token_id] = outcome or ""
    paid: dict[str, dict[str, Decimal]] = {}
    refused: dict[str, RefusedMarket] = {}
    for row, record in enumerate(markets.to_dicts(), start=1):
        market_id = record["market_id"]
        if market_id not in by_market:
            continue
        try:
            told = _payouts_of_row(record, by_market[market_id], paid.get(market_id, {}), f"{file}: winner, row {row} (market {market_id})")
            paid.setdefault(market_id, {}).update(told)
        except Refused as error:
            refused.setdefault(market_id, RefusedMarket(market_id, record, str(error)))
    if refused and not paid.keys() - refused.keys():
        raise Refused(next(iter(refused.values())).why)
    known = [pair for market_id, told in paid.items() if market_id not in refused for pair in told.items()]
    return pl.DataFrame(known, schema={"token_id": pl.String(), "payout": pl.Decimal(18, 6)}, orient="row"), list(refused.values())


def _payouts_of_row(record: Mapping[str, Any], traded: Mapping[str, str], before: Mapping[str, Decimal], where: str) -> dict[str, Decimal]:
    told = _paid(record["winner"], Market(traded, listed(record.get("outcomes"))), where)
    if any(before.get(token, payout) != payout for token, payout in told.items()):
        raise Refused(f"{where}: {record['winner']!r} is not what an earlier row of this market says: write one of them")
    return told


def _paid(winner: Any, market: Market, where: str) -> dict[str, Decimal]:
    """Token → USD a share; empty while it is not resolved."""
    if winner is not None and winner == winner and not isinstance(winner, str):
        raise Refused(f"{where}: {winner!r} may be an outcome's place or a yes: write the outcome's name, {_choice(market)}")
    word = winner.strip(BLANKS) if isinstance(winner, str) else ""
    if (won := _outcome(word, market)) is not None:
        return {token: Decimal(int(outcome == won)) for token, outcome in market.tokens.items()}
    if word.casefold() in UNRESOLVED:
        return {}
    if word.casefold() in VOID:
        return dict.fromkeys(market.tokens, (Decimal(1) / max(2, len(market.known))).quantize(CENT_OF_A_CENT))
    raise Refused(f"{where}: {winner!r} is none of its outcomes: write {_choice(market)}, void, nothing, or list all in `outcomes`")


def _outcome(word: str, market: Market) -> str | None:
    """As it is written, else the only one that differs in blanks and capitals, else the outcome of that token."""
    if not word or word in market.known:
        return word or None
    alike = [name for name in market.known if name.strip().casefold() == word.casefold()]
    return alike[0] if len(alike) == 1 else market.tokens.get(word)


def _choice(market: Market) -> str:
    return " or ".join(repr(name) for name in sorted(market.known)[:4])


def listed(value: Any) -> list[str]:
    """A list of outcomes, or a text that holds one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
