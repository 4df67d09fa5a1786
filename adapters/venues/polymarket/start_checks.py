"""Whether this account may trade from this place. Asked once, before the first order, and never worked around."""

from typing import Any

import httpx
from polymarket.errors import PolymarketError

from adapters.venues.polymarket.official_client import OfficialClient, as_our_error
from data_contracts.errors import Unavailable, Unsafe

GEOBLOCK_URL = "https://polymarket.com/api/geoblock"
USER_AGENT = "Mozilla/5.0 walletflow"  # a plain library name is answered 403 by the venue's front door


class StartChecks:
    """Remembers a good answer as long as the process lives; a bad one is asked for again."""

    def __init__(self, client: OfficialClient | None, geoblock_url: str = GEOBLOCK_URL) -> None:
        self._client, self._url = client, geoblock_url
        self._passed = False
        self.is_closed_only = False

    def insist(self) -> None:
        """Raises Unsafe where the venue is closed, Unavailable while nobody can say."""
        if self._passed or self._client is None:
            return
        self.refuse_blocked_place()
        try:
            self.is_closed_only = self._client.client.get_closed_only_mode()
        except PolymarketError as error:
            raise as_our_error(error) from error
        self._passed = True

    def refuse_blocked_place(self) -> None:
        place = self._place()
        if place.get("blocked") is not False:
            here = f"{place.get('country', 'unknown')} {place.get('region', '')}".strip()
            raise Unsafe(f"Polymarket is closed to this place ({here}): no order leaves from here. Walletflow does not help around that.")

    def _place(self) -> dict[str, Any]:
        try:
            answer = httpx.get(self._url, headers={"User-Agent": USER_AGENT}, timeout=10, trust_env=False)
            place = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(f"{self._url}: nobody says whether this place may trade, so nothing is posted: {error}") from error
        if not isinstance(place, dict):
            raise Unavailable(f"{self._url}: an answer of another shape")
        return place
