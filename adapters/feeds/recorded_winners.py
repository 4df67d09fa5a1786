"""Who won a recorded market, whatever way its writer says it: an outcome, a token, a void, or nothing yet. All else is refused.

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


def payouts(markets: pl.DataFrame, tokens: pl.DataFrame, file: str) -> pl.DataFrame:
    """`token_id`, `payout` of each traded token of a resolved market. Raises Refused for a winner that is none of its outcomes."""
    by_market: dict[str, dict[str, str]] = {}
    for market_id, token_id, outcome in tokens.select("market_id", "token_id", "outcome").iter_rows():
        by_market.setdefault(market_id, {})[token_id] = outcome or ""
    paid: dict[str, Decimal] = {}
    for row, record in enumerate(markets.to_dicts(), start=1):
        if (traded := by_market.get(record["market_id"])) is not None:
            market, where = Market(traded, listed(record.get("outcomes"))), f"{file}: winner, row {row} (market {record['market_id']})"
            told = _paid(record["winner"], market, where)
            if any(paid.get(token, payout) != payout for token, payout in told.items()):
                raise Refused(f"{where}: {record['winner']!r} is not what an earlier row of this market says: write one of them")
            paid |= told
    return pl.DataFrame(
        {"token_id": list(paid), "payout": list(paid.values())}, schema={"token_id": pl.String(), "payout": pl.Decimal(18, 6)}
    )


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
