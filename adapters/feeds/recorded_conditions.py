"""What a replay assumes that its recording does not say; and how an address carries that."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from adapters.feeds.reading import number
from data_contracts.errors import Refused
from domain.profiling.spread_texts import spreads_from
from domain.profiling.spreads import FITTED, Spreads

SpreadKind = Literal["fitted", "none"]
SPREADS: Mapping[str, SpreadKind] = {"fitted": "fitted", "none": "none"}


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a replay assumes that the recording does not say; the defaults assume nothing.

    Our orders reach the market `delay_s` after the cycle that decided them: they meet the books, or trades, of that instant, and nothing
    once the market is over. The taker fee is `fee_multiplier` times today's official one. Where trades are the books, `depth_usd` stand
    on either side in place of the shares of the trade; with the spread `fitted` they cost what recorded books cost, and not the trade's
    price. `fit` is what they cost by a fit of our own, as text; empty for the shipped one.
    """

    delay_s: float = 0.0
    fee_multiplier: float = 0.0
    depth_usd: float | None = None
    spread: SpreadKind = "none"
    fit: str = ""

    @property
    def spreads(self) -> Spreads:
        """What books cost, by the fit that is charged."""
        return spreads_from(self.fit) if self.fit else FITTED

    @property
    def address(self) -> str:
        """As the query of an address; empty for the defaults."""
        assumed = {name: value for name, value in asdict(self).items() if value != getattr(AS_RECORDED, name)}
        return f"?{urlencode(assumed)}" if assumed else ""

    @staticmethod
    def of(address: str) -> "tuple[Path, Conditions]":
        """The directory and the conditions of an address."""
        directory, _, query = address.partition("?")
        return Path(directory), AS_RECORDED.changed(dict(parse_qsl(query)))

    def changed(self, assumed: Mapping[str, str]) -> "Conditions":
        """With these assumptions as they are written. Raises Refused for a spread that is none."""
        spread = assumed.get("spread", self.spread)
        if spread not in SPREADS:
            raise Refused(f"{spread!r} is no spread: write {' or '.join(SPREADS)}")
        numbers: dict[str, Any] = {name: _number(name, value) for name, value in assumed.items() if name not in ("spread", "fit")}
        return replace(self, **numbers, spread=SPREADS[spread], fit=assumed.get("fit", self.fit))


def _number(name: str, written: str) -> float:
    found = number(written)
    if found is None:
        raise Refused(f"{name}={written}: it must be a number, such as {name}=30")
    return found


AS_RECORDED = Conditions()
CHARGED = Conditions(spread="fitted")
