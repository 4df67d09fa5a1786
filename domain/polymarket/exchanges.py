"""Which contract settles an order. The choice is made by the market's version and its neg-risk flag, never by the id alone.

Source: https://docs.polymarket.com/resources/contract-addresses and https://docs.polymarket.com/protocol-v2-migration
"""

from dataclasses import dataclass

from data_contracts import PolymarketMarket, Reason
from domain.polymarket.position_ids import IdKind, kind_of

CHAIN = 137
RECORDED = "recorded"  # the version of a recording's markets
NATIVE = {IdKind.BINARY, IdKind.NEG_RISK, IdKind.DIRECTIONAL}  # ids of the second version


@dataclass(frozen=True, slots=True)
class Exchange:
    """A contract that orders are signed for, and the version of its signing domain."""

    address: str
    domain_version: str


STANDARD = Exchange("0xE111180000d2663C0091e4f400237545B87B996B", "2")
NEG_RISK = Exchange("0xe2222d279d744050d28e00520010520000310F59", "2")
V3 = Exchange("0xe3333700cA9d93003F00f0F71f8515005F6c00Aa", "3")


def exchange_of(market: PolymarketMarket) -> Exchange | Reason:
    """The market's exchange, or why nothing is ordered there: a version we do not know, or an id that does not belong to its version.

    A V2 id in a v1 market is the mirror of a migrated market: the money there is not the money of this market.
    """
    kind, version = kind_of(market.token_id), market.version.lower()
    if kind is IdKind.COMBO:
        return Reason.MARKET_IS_COMBO
    if version == "v2" and kind in (IdKind.BINARY, IdKind.NEG_RISK):
        return V3
    if version == "v1" and kind is IdKind.CTF:
        return NEG_RISK if market.neg_risk else STANDARD
    return Reason.MARKET_VERSION_UNKNOWN


def entry_denial(token_id: str, version: str | None) -> Reason | None:
    """Why nothing may be bought of it: its version and its id must say the same. A combo is quoted on request: there is no book."""
    kind = kind_of(token_id)
    if kind is IdKind.COMBO:
        return Reason.MARKET_IS_COMBO
    fits = {"v1": kind not in NATIVE, "v2": kind is not IdKind.CTF, RECORDED: True}
    return None if fits.get(version or "", False) else Reason.MARKET_VERSION_UNKNOWN
