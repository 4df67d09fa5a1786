"""What every tab is shown with: the clock somebody reads, and where an address leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from html import escape
from urllib.parse import quote, urlsplit

from adapters.settings import MAINNET, Settings
from data_contracts import Venue
from domain import wallet_addresses
from notebooks.pages.html import Row, both, text
from notebooks.pages.words import NONE, short
from notebooks.queries.house import House

PROFILES = {Venue.POLYMARKET: "https://polymarket.com/profile/{}", Venue.SOLANA: "https://solscan.io/account/{}"}
TRANSACTIONS = {Venue.POLYMARKET: "https://polygonscan.com/tx/{}", Venue.SOLANA: "https://solscan.io/tx/{}"}
EVENT, COIN = "https://polymarket.com/event/{}", "https://solscan.io/token/{}"
WHO = {Venue.POLYMARKET: "Polymarket", Venue.SOLANA: "Solscan"}
OWN = "local"


@dataclass(frozen=True, slots=True)
class Clock:
    """Instants as UTC or in a zone somebody chose; the other one stands in the title. None: this machine's, as it is at each instant."""

    zone: tzinfo | None = UTC

    def read(self, at: datetime) -> datetime:
        """The same instant by this clock. A zone's difference from UTC is another one in summer."""
        return at.astimezone(self.zone)

    def text(self, at: datetime | None, form: str = "%d %b %H:%M:%S") -> str:
        return NONE if at is None else f"{self.read(at):{form}}"

    def moment(self, at: datetime | None) -> str:
        if at is None:
            return NONE
        return f"<time datetime='{at.isoformat()}' title='{escape(self.whole(at), quote=True)}'>{self.text(at)}</time>"

    def whole(self, at: datetime) -> str:
        """2026-11-28 16:26:05 UTC · 17:26:05 CET."""
        own = at.astimezone(self.zone if self.zone is not UTC else None)
        said = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return said if own.utcoffset() == at.astimezone(UTC).utcoffset() else f"{said} · {own:%Y-%m-%d %H:%M:%S %Z}"

    @property
    def name(self) -> str:
        return f"{self.read(datetime.now(UTC)):%Z}"


@dataclass(frozen=True, slots=True)
class View:
    """How one looks at a house. `kept` are the parameters of the address that every link of ours carries on."""

    clock: Clock = Clock()
    real: frozenset[Venue] = frozenset()
    kept: Mapping[str, str] = field(default_factory=dict)

    def tab(self, name: str, **parameters: str) -> str:
        """The address of a tab of this page."""
        asked = {**self.kept, "tab": name, **parameters}
        return "?" + "&".join(f"{key}={quote(value)}" for key, value in asked.items())

    def wallet(self, address: str | None) -> str:
        """A leader: our own page of it, and its venue's where it is a real one."""
        if address is None:
            return NONE
        inside = f"<a class='wf-address' href='{escape(self.tab('Wallets', wallet=address), quote=True)}' title='{escape(address, quote=True)}'>{escape(short(address))}</a>"
        return inside + self._outside(PROFILES, venue_of(address), address)

    def market(self, name: str | None, token_id: str, event: str | None, venue: str) -> str:
        """What is traded. A market is found by its event, a coin by its mint."""
        shown = escape(name or f"token {token_id[:8]}…")
        whole = escape(f"{name or ''} {token_id}".strip(), quote=True)
        is_coin = venue == Venue.SOLANA
        address = COIN.format(quote(token_id)) if is_coin else EVENT.format(quote(event)) if event else ""
        out = _link(address, WHO[Venue(venue)]) if address and venue in self.real else ""
        return f"<span class='wf-market' title='{whole}'>{shown}</span>{out}"

    def traded(self, row: Row) -> str:
        """The same of a row, with its side and outcome below it; a coin has no outcome."""
        side = f"{row['side']} " if "side" in row else ""
        outcome = row["outcome"] if row["outcome"] != row["token_id"] else ""
        return both(self.market(row["name"], row["token_id"], row["event"], row["venue"]), text(f"{side}{outcome}".strip() or "coin"))

    def owner(self, cluster: str | None) -> str:
        """Who stands behind a wallet: our own page of all that is theirs."""
        if cluster is None:
            return NONE
        return f"<a href='{self.tab('Clusters', cluster=cluster)}' title='{escape(cluster, quote=True)}'>{escape(short(cluster))}</a>"

    def transaction(self, tx_hash: str | None, venue: str, is_simulated: bool = False) -> str:
        """An order's or a trade's, where there is one on a chain."""
        if not tx_hash or is_simulated:
            return NONE
        shown = f"<span title='{escape(tx_hash, quote=True)}'>{escape(short(tx_hash))}</span>"
        return shown + (self._outside(TRANSACTIONS, Venue(venue), tx_hash) if venue in self.real else "")

    def _outside(self, pages: Mapping[Venue, str], venue: Venue | None, address: str) -> str:
        return _link(pages[venue].format(quote(address)), WHO[venue]) if venue in self.real and venue is not None else ""


def view_of(house: House, zone: str, replay: str) -> View:
    """By the clock somebody chose. A replay's links stay in the replay."""
    return View(Clock(zone_of(zone)), real_venues(house.settings), {"replay": replay.strip()} if replay.strip() else {})


def zones() -> dict[str, str]:
    """What somebody may choose: how it is called today, and its name."""
    return {"UTC": "UTC", f"local ({Clock(None).name})": OWN}


def zone_of(name: str) -> tzinfo | None:
    """UTC, or None for this machine's own: `datetime.now().astimezone().tzinfo` would be today's difference for all the year."""
    return None if name == OWN else UTC


def venue_of(address: str) -> Venue | None:
    """By how it is written; None of a recording's display name."""
    return None if address.startswith("name:") else wallet_addresses.venue_of(address)


def real_venues(settings: Settings) -> frozenset[Venue]:
    """Those whose addresses somebody else knows too: the sandbox's and a recording's lead nowhere."""
    polymarket = (urlsplit(settings.data_api_url or "").hostname or "").endswith("polymarket.com")
    rpc = urlsplit(settings.solana_rpc_url.get_secret_value()).hostname if settings.solana_rpc_url else None
    solana = settings.solana_genesis == MAINNET and rpc not in (None, "127.0.0.1", "localhost", "::1")
    return frozenset(venue for venue, is_real in ((Venue.POLYMARKET, polymarket), (Venue.SOLANA, solana)) if is_real)


def _link(address: str, who: str) -> str:
    return f"<a class='wf-out' href='{escape(address, quote=True)}' target='_blank' rel='noopener noreferrer' title='At {who}'>↗</a>"
